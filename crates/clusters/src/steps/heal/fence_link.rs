//! Keeping a node that was away from writing to the other side, until the two were compared.

use async_trait::async_trait;
use harbor::api::robots::Robot;
use model::{
    Link,
    ids::{ClusterId, LeftoverId, PairId},
    names::NodeName,
    say,
};
use serde::{Deserialize, Serialize};
use store::leftovers::LeftoverRow;

use super::super::{AtNode, Cx, Done, Made, StepError, Work, clean, robot};
use crate::names::Names;

/// What a fence refers to, beside the node and the name of what is held.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Held {
    /// The cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// The pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<PairId>,
    /// The link that may copy nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Who wants it left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_by: Option<String>,
}

impl Held {
    /// What a leftover holds.
    pub(crate) fn of(row: &LeftoverRow) -> Self {
        serde_json::from_value(row.reference.clone()).unwrap_or_default()
    }
}

/// Disables the robot with which a node writes to the other side.
pub(in super::super) struct FenceLink {
    pub(in super::super) pair: PairId,
    pub(in super::super) link: Link,
}

#[async_trait]
impl Work for FenceLink {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let node = &self.link.destination;
        let name = Names::of(&cx.body.spec.name).link_robot(&self.link);
        let Some(there) = self.robot(cx, &name).await? else {
            return Ok(Made {
                id: None,
                outcome: say!("there is no robot to hold", "没有可停用的机器人账号"),
            });
        };
        if !there.disable {
            let held = Held {
                cluster: cx.body.cluster.clone(),
                pair: Some(self.pair.clone()),
                link: Some(self.link.clone()),
                kept_by: None,
            };
            // Noted before it is done: nobody is locked out for good.
            cx.holds(node, clean::ROBOT_FENCE, &name, &held).await?;
            let off = Robot { disable: true, ..there.clone() };
            cx.at(node)?.system.put_robot(&off).await.at(node)?;
        }
        let name = there.name;
        Ok(Made { id: Some(there.id), outcome: say!("{name} is disabled", "{name} 已停用") })
    }

    async fn verify(&self, cx: &Cx, made: &Made) -> Done<()> {
        let Some(id) = made.id else { return Ok(()) };
        let node = &self.link.destination;
        if cx.at(node)?.system.robot(id).await.at(node)?.disable {
            return Ok(());
        }
        Err(StepError::not_kept(node, &say!("that a robot is disabled", "机器人账号的停用状态")))
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        Ok(())
    }
}

impl FenceLink {
    async fn robot(&self, cx: &Cx, name: &str) -> Done<Option<Robot>> {
        let node = &self.link.destination;
        robot::find(cx.at(node)?, node, name).await
    }
}

/// Lets go what a person wants let go.
pub(in super::super) struct Release {
    pub(in super::super) fences: Vec<LeftoverId>,
}

#[async_trait]
impl Work for Release {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        for id in &self.fences {
            let row = cx.store.leftovers().get(id).await?;
            if row.removed_ms.is_none() {
                clean::remove_leftover(cx, &row).await?;
                cx.store.leftovers().removed(&row.id).await?;
            }
        }
        Ok(Made { id: None, outcome: say!("running again", "已恢复") })
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        Ok(())
    }
}

/// Enables the robot of a link, where it was disabled because the link's source was away.
pub(super) async fn let_write(cx: &Cx, link: &Link) -> Done<()> {
    let name = Names::of(&cx.body.spec.name).link_robot(link);
    for row in cx.store.leftovers().standing(clean::ROBOT_FENCE, &name).await? {
        if row.node == link.destination.as_str() && Held::of(&row).cluster == cx.body.cluster {
            clean::remove_leftover(cx, &row).await?;
            cx.store.leftovers().removed(&row.id).await?;
        }
    }
    Ok(())
}

/// Enables a robot again. One that somebody deleted meanwhile stays deleted.
pub(in super::super) async fn enable(cx: &Cx, node: &NodeName, name: &str) -> Done<()> {
    let reach = cx.at(node)?;
    let Some(there) = robot::find(reach, node, name).await?.filter(|r| r.disable) else { return Ok(()) };
    let on = Robot { disable: false, ..there };
    reach.system.put_robot(&on).await.at(node)
}
