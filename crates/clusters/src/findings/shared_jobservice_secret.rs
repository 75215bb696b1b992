//! `JOBSERVICE_SECRET` is the same: jobs succeed whichever node's job service takes them.
//!
//! Which one takes a job is chance, so a single success proves nothing: jobs are started until every worker pool
//! was seen at work, or the tries are used up and the answer is "not proven".

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::{JobsSeen, Survey};

pub(super) struct SharedJobserviceSecret;

#[async_trait]
impl Check for SharedJobserviceSecret {
    fn id(&self) -> &'static str {
        "shared-jobservice-secret"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("JOBSERVICE_SECRET is the same", "JOBSERVICE_SECRET 一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((bench, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        // Control: a node that cannot read the image fails its jobs for that reason already.
        for node in std::iter::once(first).chain(others) {
            if !matches!(node.pull_hashed(bench).await, Ok(true)) {
                return Survey::control_failed(node.name());
            }
        }
        match survey.run_jobs(bench).await {
            Ok(seen) => judge(&seen),
            Err((node, trouble)) => Answer::unread(&node, &trouble),
        }
    }
}

fn judge(seen: &JobsSeen) -> Answer {
    let JobsSeen { pools, pools_at_work, succeeded, failed, unprepared, unfinished } = *seen;
    let run = succeeded + failed;
    if failed > 0 {
        return Answer::failed(
            say!("{failed} of {run} jobs failed", "{run} 个任务中有 {failed} 个失败"),
            say!(
                "One of the job services is refused by the core: replication, scans and clean-ups fail at random.",
                "其中一个任务服务被 core 拒绝：复制、扫描和清理会随机失败。"
            ),
        )
        .cure(say!(
            "Copy JOBSERVICE_SECRET from one node (common/config/core/env and jobservice/env) to the others and restart both services.",
            "请把一个节点的 JOBSERVICE_SECRET（common/config/core/env 与 jobservice/env）复制到其他节点，并重启这两个服务。"
        ));
    }
    if unfinished > 0 || run == 0 {
        return Answer::not_proven(
            say!(
                "{succeeded} succeeded, {unfinished} unfinished, {unprepared} not begun",
                "{succeeded} 个成功，{unfinished} 个未完成，{unprepared} 个未开始"
            ),
            say!("The jobs did not come to an end in time.", "任务没有按时结束。"),
        );
    }
    if pools < 2 || pools_at_work < pools {
        return Answer::not_proven(
            say!(
                "{succeeded} jobs succeeded; {pools_at_work} of {pools} pools seen at work",
                "{succeeded} 个任务成功；{pools} 个工作池中有 {pools_at_work} 个在工作"
            ),
            say!(
                "Not every job service was seen to take one: the others may still be refused.",
                "没有看到每个任务服务都接到任务：其余的仍可能被拒绝。"
            ),
        );
    }
    Answer::ok(say!(
        "{succeeded} jobs succeeded in {pools} pools",
        "{pools} 个工作池中 {succeeded} 个任务成功"
    ))
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(pools: usize, at_work: usize, succeeded: u32, failed: u32) -> FindingState {
        let (unprepared, unfinished) = (0, 0);
        judge(&JobsSeen { pools, pools_at_work: at_work, succeeded, failed, unprepared, unfinished }).state()
    }

    #[test]
    fn judge_believes_success_only_where_every_pool_worked() {
        assert_eq!(state(2, 2, 12, 0), FindingState::Ok);
        assert_eq!(state(2, 1, 12, 0), FindingState::NotProven);
        assert_eq!(state(2, 2, 6, 6), FindingState::Failed);
        assert_eq!(state(2, 0, 0, 0), FindingState::NotProven);
    }
}
