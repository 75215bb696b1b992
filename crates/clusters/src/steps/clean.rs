//! Removing what was made for a while, by its name: the id may never have been heard of.

use harbor::HarborError;
use model::names::NodeName;
use store::leftovers::LeftoverRow;

use super::{AtNode, Cx, Done, StepError, gone, heal, proof, robot};

/// A project with its repositories.
pub(super) const PROJECT: &str = "project";
/// A rule.
pub(super) const RULE: &str = "rule";
/// An endpoint.
pub(super) const ENDPOINT: &str = "endpoint";
/// A robot.
pub(super) const ROBOT: &str = "robot";
/// A rule that is held while a heal is at work: "removing" it lets the rule run again.
pub(crate) const FENCE: &str = "fence";

/// A robot that is disabled while its node is away: "removing" it enables the robot.
pub(crate) const ROBOT_FENCE: &str = "robot-fence";
/// A node that is in read-only mode: "removing" it lets the node take pushes again.
pub(crate) const READ_ONLY: &str = "read-only";
/// A tag of ours under which something crosses that has none.
pub(super) const TAG: &str = "tag";
/// A tag that keeps what a heal replaced or deleted, for a time.
pub(crate) const KEPT: &str = "kept";

/// Removes one leftover; that it is not there is as good.
///
/// # Errors
/// Where its Harbor does not let it go, or does not answer.
pub(crate) async fn remove_leftover(cx: &Cx, row: &LeftoverRow) -> Done<()> {
    let node = NodeName::parse(&row.node).map_err(|e| StepError::Refused(Box::new(e)))?;
    match row.kind.as_str() {
        PROJECT => project(cx, &node, &row.name).await,
        RULE => proof::remove_rule(cx, &node, &row.name).await,
        KEPT => heal::let_go(cx, row).await,
        TAG => heal::take_tag_away(cx, &node, &row.name).await,
        FENCE => heal::let_run(cx, &node, &row.name).await,
        ROBOT_FENCE => heal::enable(cx, &node, &row.name).await,
        READ_ONLY => heal::take_pushes(cx, &node).await,
        ENDPOINT => endpoint(cx, &node, &row.name).await,
        ROBOT => {
            let reach = cx.at(&node)?;
            match robot::find(reach, &node, &row.name).await? {
                Some(found) => gone(reach.system.delete_robot(found.id).await).at(&node),
                None => Ok(()),
            }
        }
        other => {
            tracing::warn!(kind = other, "a leftover of an unknown kind is left");
            Ok(())
        }
    }
}

async fn project(cx: &Cx, node: &NodeName, name: &str) -> Done<()> {
    let harbor = &cx.at(node)?.projects;
    if !harbor.project_exists(name).await.at(node)? {
        return Ok(());
    }
    for repository in harbor.repositories(name).await.at(node)? {
        // Harbor names it with its project.
        let Some((_, inner)) = repository.name.split_once('/') else { continue };
        gone(harbor.delete_repository(name, inner).await).at(node)?;
    }
    match gone(harbor.delete_project(name).await) {
        // Somebody else was quicker: an unknown project is forbidden to all but administrators.
        Err(HarborError::Forbidden(_)) if !harbor.project_exists(name).await.at(node)? => Ok(()),
        other => other.at(node),
    }
}

async fn endpoint(cx: &Cx, node: &NodeName, name: &str) -> Done<()> {
    let harbor = &cx.at(node)?.system;
    let all = harbor.all_registries().await.at(node)?;
    match all.iter().find(|r| r.name == name) {
        Some(found) => gone(harbor.delete_registry(found.id).await).at(node),
        None => Ok(()),
    }
}
