//! Single deeds on the rules of a node: switch off, schedule anew, stop an execution, let a queue go on.

use std::time::Duration;

use async_trait::async_trait;
use harbor::{
    HarborError,
    api::{jobs::QueueAction, policies::NewPolicy},
};
use model::{names::NodeName, say};

use super::{AtNode, Cx, Done, Made, StepError, Work, rule::find, until};

/// A rule is switched off; taking it back switches it on.
pub(super) struct SwitchOff {
    pub(super) node: NodeName,
    pub(super) name: String,
}

/// A rule is switched off and on.
pub(super) struct Reschedule {
    pub(super) node: NodeName,
    pub(super) name: String,
}

/// An execution is stopped.
pub(super) struct StopExecution {
    pub(super) node: NodeName,
    pub(super) execution: i64,
}

/// A paused queue goes on; taking it back pauses it.
pub(super) struct ResumeQueue {
    pub(super) node: NodeName,
    pub(super) queue: String,
}

/// Switches a rule on or off; false where it is gone.
async fn switch(cx: &Cx, node: &NodeName, name: &str, enabled: bool) -> Done<bool> {
    let Some(there) = find(cx, node, name).await? else { return Ok(false) };
    if there.enabled != enabled {
        let other = NewPolicy { enabled, ..NewPolicy::from(&there) };
        cx.at(node)?.system.put_policy(there.id, &other).await.at(node)?;
    }
    Ok(true)
}

fn off() -> Made {
    Made { id: None, outcome: say!("off", "已停用") }
}

#[async_trait]
impl Work for SwitchOff {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let there = find(cx, &self.node, &self.name).await?;
        Ok(there.is_none_or(|r| !r.enabled).then(off))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        switch(cx, &self.node, &self.name, false).await?;
        Ok(off())
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        match find(cx, &self.node, &self.name).await? {
            Some(there) if there.enabled => {
                Err(StepError::not_kept(&self.node, &say!("that the rule is off", "规则的停用状态")))
            }
            _ => Ok(()),
        }
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        switch(cx, &self.node, &self.name, true).await.map(drop)
    }
}

#[async_trait]
impl Work for Reschedule {
    /// Whether a schedule is a new one cannot be seen: it is always made anew.
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        for enabled in [false, true] {
            if !switch(cx, &self.node, &self.name, enabled).await? {
                return Err(StepError::not_kept(&self.node, &say!("the rule", "规则")));
            }
        }
        Ok(Made { id: None, outcome: say!("scheduled anew", "已重新安排") })
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        const LIMIT: Duration = Duration::from_secs(15);
        let node = &self.node;
        let there = find(cx, node, &self.name).await?;
        let Some(there) = there.filter(|r| r.enabled) else {
            return Err(StepError::not_kept(node, &say!("that the rule is on", "规则的启用状态")));
        };
        let harbor = &cx.at(node)?.system;
        let row = until(LIMIT, || async {
            let rows = harbor.schedules().await.at(node)?;
            Ok(rows.iter().any(|s| s.vendor_type == "REPLICATION" && s.vendor_id == there.id).then_some(()))
        });
        row.await?
            .ok_or_else(|| StepError::not_kept(node, &say!("the schedule of the rule", "规则的定时计划")))
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // A rule that was on is on.
        Ok(())
    }
}

#[async_trait]
impl Work for StopExecution {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let there = cx.at(&self.node)?.system.execution(self.execution).await;
        match there {
            Ok(execution) => Ok(execution.is_done().then(stopped)),
            Err(HarborError::NotFound(_)) => Ok(Some(stopped())),
            Err(other) => Err(other).at(&self.node),
        }
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        cx.at(&self.node)?.system.stop_execution(self.execution).await.at(&self.node)?;
        Ok(stopped())
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        // Its tasks end when they see it, each in its time.
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // The next run copies what this one did not.
        Ok(())
    }
}

fn stopped() -> Made {
    Made { id: None, outcome: say!("stopped", "已停止") }
}

impl ResumeQueue {
    async fn is_paused(&self, cx: &Cx) -> Done<bool> {
        let queues = cx.at(&self.node)?.system.queues().await.at(&self.node)?;
        Ok(queues.iter().any(|q| q.job_type == self.queue && q.paused))
    }
}

#[async_trait]
impl Work for ResumeQueue {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        Ok((!self.is_paused(cx).await?).then(resumed))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let harbor = &cx.at(&self.node)?.system;
        harbor.act_on_queue(&self.queue, QueueAction::Resume).await.at(&self.node)?;
        Ok(resumed())
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        if self.is_paused(cx).await? {
            return Err(StepError::not_kept(&self.node, &say!("that the queue goes on", "队列的恢复状态")));
        }
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let harbor = &cx.at(&self.node)?.system;
        harbor.act_on_queue(&self.queue, QueueAction::Pause).await.at(&self.node)
    }
}

fn resumed() -> Made {
    Made { id: None, outcome: say!("goes on", "已恢复") }
}
