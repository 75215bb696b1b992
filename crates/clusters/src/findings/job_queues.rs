//! The job service runs and nothing it needs is paused: a paused queue leaves replication waiting for ever without
//! an error (harbor-facts A.9).

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_node};
use crate::survey::Survey;

/// A pool that has not been heard of for this long is dead; it reports every few seconds.
const SILENT_MS: i64 = 120_000;

pub(super) struct JobQueues;

#[async_trait]
impl Check for JobQueues {
    fn id(&self) -> &'static str {
        "job-queues"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The job service runs and nothing is paused", "任务服务在运行，且没有暂停的队列")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_node(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(node) = survey.node_of(subject) else { return Survey::gone() };
        let (pools, paused, schedules) =
            match tokio::join!(node.pools(), node.paused_queues(), node.schedules_paused()) {
                (Ok(pools), Ok(paused), Ok(schedules)) => (pools, paused, schedules),
                (Err(t), ..) | (_, Err(t), _) | (.., Err(t)) => return Answer::unread(node.name(), &t),
            };
        let node_now =
            survey.now_ms() + node.basics().await.ok().and_then(|b| b.clock_offset_ms).unwrap_or(0);
        let alive = pools.iter().filter(|p| node_now - p.heartbeat_ms < SILENT_MS).count();
        match judge(alive, &paused, schedules) {
            Ok(answer) => answer,
            Err(answer) => answer.cure_with(
                say!(
                    "Resume it (Administration, Job Service Dashboard).",
                    "请恢复它（系统管理 → 任务中心）。"
                ),
                node.portal("/harbor/job-service-dashboard/pending-jobs"),
            ),
        }
    }
}

/// `Err` where something has to be resumed or started.
fn judge(alive: usize, paused: &[String], schedules_paused: bool) -> Result<Answer, Answer> {
    if alive == 0 {
        return Err(Answer::failed(
            say!("no worker pool is alive", "没有存活的工作池"),
            say!("No rule can run: the job service is stopped.", "任务服务已停止，任何规则都无法执行。"),
        ));
    }
    let needed: Vec<&str> =
        paused.iter().map(String::as_str).filter(|q| matches!(*q, "REPLICATION" | "SCHEDULER")).collect();
    if !needed.is_empty() || schedules_paused {
        let names = if needed.is_empty() { "SCHEDULER".to_owned() } else { needed.join(", ") };
        return Err(Answer::failed(
            say!("paused: {names}", "已暂停：{names}"),
            say!("Rules would wait for ever, without an error.", "规则会一直等待，而且不报错。"),
        ));
    }
    if !paused.is_empty() {
        let names = paused.join(", ");
        return Err(Answer::warning(
            say!("paused: {names}", "已暂停：{names}"),
            say!("Not needed for replication.", "复制不需要这些队列。"),
        ));
    }
    Ok(Answer::ok(say!("worker pools alive: {alive}, nothing paused", "存活的工作池：{alive} 个，无暂停")))
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(alive: usize, paused: &[&str], schedules: bool) -> FindingState {
        let paused: Vec<String> = paused.iter().map(|p| (*p).to_owned()).collect();
        judge(alive, &paused, schedules).unwrap_or_else(|e| e).state()
    }

    #[test]
    fn judge_fails_on_what_replication_needs() {
        assert_eq!(state(1, &[], false), FindingState::Ok);
        assert_eq!(state(0, &[], false), FindingState::Failed);
        assert_eq!(state(1, &["REPLICATION"], false), FindingState::Failed);
        assert_eq!(state(1, &[], true), FindingState::Failed);
        assert_eq!(state(1, &["IMAGE_SCAN"], false), FindingState::Warning);
    }
}
