//! Keeping what a heal replaces or deletes: a tag of ours holds it for a time, so that it can be put back.

use std::collections::BTreeMap;

use harbor::{Harbor, HarborError};
use model::{
    Digest, Say,
    heal::HealItem,
    ids::ClusterId,
    names::{NodeName, kept_tag},
    say,
};
use serde::{Deserialize, Serialize};
use store::leftovers::LeftoverRow;

use super::super::{AtNode, Cx, Done, StepError, clean};
use crate::{
    immutable::{TagRule, protected},
    trouble::Trouble,
};

/// A day in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// What finds something that is kept: the reference of its leftover.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its cluster: a rule may carry our tag to every node of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// `project/repository`.
    pub repository: String,
    /// What that is called at the source, where it lands under another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The tag that stood for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What it stood for.
    pub digest: Digest,
    /// Our tag.
    pub kept_as: String,
    /// The artifact goes too once our tag does, where no other tag stands for it: it was to be deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl Kept {
    /// What a leftover keeps; `None` for any other.
    pub(crate) fn of(row: &LeftoverRow) -> Option<Self> {
        (row.kind == clean::KEPT).then(|| serde_json::from_value(row.reference.clone()).ok()).flatten()
    }

    fn place(&self) -> (&str, &str) {
        self.repository.split_once('/').unwrap_or((&self.repository, ""))
    }
}

/// What became of keeping one thing.
#[derive(Debug)]
pub(super) enum Keeping {
    /// It can be restored.
    Kept,
    /// Nothing is kept in this cluster, or there is nothing to keep.
    Off,
    /// Why it cannot be kept there.
    Not(Say),
}

/// Keeps things on one node.
pub(super) struct Keeper<'a> {
    cx: &'a Cx,
    node: &'a NodeName,
    days: u16,
    immutable: BTreeMap<String, Vec<TagRule>>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(cx: &'a Cx, node: &'a NodeName, days: u16) -> Self {
        Self { cx, node, days, immutable: BTreeMap::new() }
    }

    /// Gives what is there our tag before it is lost.
    pub(super) async fn keep(&mut self, item: &HealItem) -> Done<Keeping> {
        let Some(digest) = item.there.filter(|_| self.days > 0) else { return Ok(Keeping::Off) };
        let kept_as = kept_tag(item.tag.as_deref(), &digest);
        let (project, repository) = item.place();
        if self.is_immutable(project, repository, &kept_as).await? {
            let node = self.node;
            return Ok(Keeping::Not(say!(
                "a tag of {project} could not be taken away again on {node}: it would be immutable.",
                "{node} 上 {project} 的标签会变为不可变，之后无法移除。"
            )));
        }
        let kept = Kept {
            cluster: self.cx.body.cluster.clone(),
            repository: item.written_to().to_owned(),
            source: item.lands_on.is_some().then(|| item.repository.clone()),
            tag: item.tag.clone(),
            digest,
            kept_as,
            whole: item.whole,
        };
        let row = self.note(&kept).await?;
        let harbor = &self.cx.at(self.node)?.projects;
        let reference = digest.to_string();
        let refused = match harbor.create_tag(project, repository, &reference, &kept.kept_as).await {
            Ok(()) => return Ok(Keeping::Kept),
            Err(error) => error,
        };
        match refused {
            // An interrupted run has given it, or a heal before.
            HarborError::Conflict(_) if self.stands(&kept).await? => return Ok(Keeping::Kept),
            HarborError::Conflict(_)
            | HarborError::NotFound(_)
            | HarborError::Forbidden(_)
            | HarborError::Precondition(_)
            | HarborError::Validation(_) => {}
            other => return Err(other).at(self.node),
        }
        self.cx.store.leftovers().removed(&row).await?;
        Ok(Keeping::Not(Trouble::from(refused).app_of(self.node).cause))
    }

    /// Noted before it is made: what a crash leaves goes when its time is over.
    async fn note(&self, kept: &Kept) -> Done<model::ids::LeftoverId> {
        let store = &self.cx.store;
        let due_ms = store.clock().now_ms() + i64::from(self.days) * DAY_MS;
        let name = format!("{}:{}", kept.repository, kept.kept_as);
        let reference = serde_json::to_value(kept).unwrap_or_default();
        let (node, run) = (self.node.as_str(), Some(&self.cx.run));
        Ok(store.leftovers().register(node, clean::KEPT, &name, &reference, run, Some(due_ms)).await?)
    }

    async fn stands(&self, kept: &Kept) -> Done<bool> {
        let (project, repository) = kept.place();
        let there = self.cx.at(self.node)?.projects.artifact(project, repository, &kept.kept_as).await;
        match there {
            Ok(artifact) => Ok(Digest::parse(&artifact.digest) == Some(kept.digest)),
            Err(HarborError::NotFound(_)) => Ok(false),
            Err(other) => Err(other).at(self.node),
        }
    }

    /// Whether a tag of that name might never be taken away again.
    pub(super) async fn is_immutable(&mut self, project: &str, repository: &str, tag: &str) -> Done<bool> {
        if !self.immutable.contains_key(project) {
            let rules = match self.cx.at(self.node)?.projects.immutable_rules(project).await {
                Ok(rules) => TagRule::of(&rules),
                Err(HarborError::NotFound(_)) => Vec::new(),
                // Where the rules may not be seen, none is known to spare our tag.
                Err(HarborError::Forbidden(_)) => return Ok(true),
                Err(other) => return Err(other).at(self.node),
            };
            self.immutable.insert(project.to_owned(), rules);
        }
        let rules = self.immutable.get(project).map_or(&[][..], Vec::as_slice);
        // Where nobody can say, it is not risked.
        Ok(protected(rules, repository, tag) != Some(false))
    }
}

/// Takes our tag away on every node of the cluster, where it still stands for what it kept.
///
/// # Errors
/// Where a Harbor does not let it go or does not answer, and where a rule has carried it back meanwhile.
pub(in super::super) async fn let_go(cx: &Cx, row: &LeftoverRow) -> Done<()> {
    let Some(kept) = Kept::of(row) else { return Ok(()) };
    let now_ms = cx.store.clock().now_ms();
    for other in cx.store.leftovers().standing(clean::KEPT, &row.name).await? {
        let longer = other.due_ms.is_some_and(|due| due > now_ms);
        // A later heal keeps the same.
        if longer && Kept::of(&other).is_some_and(|other| other.cluster == kept.cluster) {
            return Ok(());
        }
    }
    for node in &cx.body.spec.nodes {
        remove(cx, &node.name, &kept, row).await?;
    }
    for node in &cx.body.spec.nodes {
        if remove(cx, &node.name, &kept, row).await? {
            return Err(StepError::refused(
                "heal.kept_again",
                say!("A rule has copied the tag meanwhile.", "期间有规则又复制了该标签。"),
                say!("It is taken away again.", "稍后会再次移除。"),
            ));
        }
    }
    Ok(())
}

/// Takes a tag of ours from what `reference` names; tells whether it was there.
pub(super) async fn untag(
    harbor: &Harbor,
    node: &NodeName,
    (project, repository): (&str, &str),
    reference: &str,
    tag: &str,
) -> Done<bool> {
    match harbor.delete_tag_at(project, repository, reference, tag).await {
        Ok(()) => Ok(true),
        // A project that is not there is forbidden to all but administrators.
        Err(HarborError::NotFound(_) | HarborError::Forbidden(_)) => Ok(false),
        Err(other) => Err(other).at(node),
    }
}

/// Takes our tag away on one node; tells whether it was there.
async fn remove(cx: &Cx, node: &NodeName, kept: &Kept, row: &LeftoverRow) -> Done<bool> {
    let reach = cx.at(node)?;
    if reach.account.is_none() {
        // The node has left the cluster.
        return Ok(false);
    }
    let harbor = &reach.projects;
    let ((project, repository), digest) = (kept.place(), kept.digest.to_string());
    if !untag(harbor, node, (project, repository), &digest, &kept.kept_as).await? {
        return Ok(false);
    }
    if kept.whole && row.node == node.as_str() {
        let artifact = harbor.artifact(project, repository, &digest).await;
        if artifact.is_ok_and(|artifact| artifact.tags.is_empty()) {
            super::super::gone(harbor.delete_artifact(project, repository, &digest).await).at(node)?;
        }
    }
    Ok(true)
}
