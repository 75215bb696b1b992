//! The temporary rule of a heal: one on each source, changed from run to run, and gone with the fence.

use std::time::Duration;

use harbor::{
    List,
    api::{
        executions::Execution,
        policies::{NewPolicy, Trigger},
    },
};
use model::names::NodeName;

use super::super::{AtNode, Cx, Done, clean, rule as rules, until};
use crate::bodies;

/// Longest time for what one start copies. Large images over a slow line take hours, and the run can be stopped.
const COPYING: Duration = Duration::from_secs(6 * 3600);
/// How much of a failed task's log is told.
const TOLD: usize = 300;

/// A rule of that name which copies nothing over what is there; no faster than the team lets the cluster's own rules be.
pub(super) fn rule(cx: &Cx, name: &str, endpoint: i64) -> NewPolicy {
    let replication = &cx.body.spec.replication;
    NewPolicy {
        description: "Temporary: carries what differs, then goes".to_owned(),
        enabled: true,
        speed: bodies::speed(replication.speed_kbps),
        copy_by_chunk: replication.copy_by_chunk,
        ..NewPolicy::push(name, endpoint, Trigger::manual())
    }
}

/// Makes the rule like this, starts it, and waits until that is over; `None` where it does not come to an end.
pub(super) async fn run(cx: &Cx, source: &NodeName, wanted: &NewPolicy) -> Done<Option<Execution>> {
    let harbor = &cx.at(source)?.system;
    let id = match rules::find(cx, source, &wanted.name).await? {
        Some(there) => {
            harbor.put_policy(there.id, wanted).await.at(source)?;
            there.id
        }
        None => {
            cx.leaves(source, clean::RULE, &wanted.name).await?;
            harbor.create_policy(wanted).await.at(source)?
        }
    };
    let execution = harbor.start_execution(id).await.at(source)?;
    until(COPYING, || async {
        let run = harbor.execution(execution).await.at(source)?;
        Ok(run.is_done().then_some(run))
    })
    .await
}

/// Why nothing was copied: the execution's own words, else the end of a task's log.
pub(super) async fn reason(cx: &Cx, source: &NodeName, run: &Execution) -> String {
    let told = |text: &str| text.trim().chars().take(TOLD).collect::<String>();
    if !run.status_text.trim().is_empty() {
        return told(&run.status_text);
    }
    let log = async {
        let harbor = &cx.at(source).ok()?.system;
        let tasks = harbor.tasks(run.id, &List::new().page(1, 10)).await.ok()?;
        let failed = tasks.rows.iter().find(|t| t.status == "Failed")?;
        harbor.task_log(run.id, failed.id).await.ok()
    };
    let log = log.await.unwrap_or_default();
    let error = log.lines().rev().find(|l| l.contains("[ERROR]")).or(log.lines().last());
    told(error.unwrap_or_default())
}
