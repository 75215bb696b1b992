//! Nodes that copy to each other are not one and the same Harbor under two names.

use async_trait::async_trait;
use model::{Say, finding::Subject, names::NodeName, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct NotOneInstance;

#[async_trait]
impl Check for NotOneInstance {
    fn id(&self) -> &'static str {
        "not-one-instance"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The nodes are different Harbors", "各节点是不同的 Harbor")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology.copies())
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let mut pools = Vec::new();
        for node in survey.nodes() {
            match node.pools().await {
                Ok(found) => {
                    pools.push((node.name().clone(), found.iter().map(|p| p.id.clone()).collect::<Vec<_>>()));
                }
                Err(trouble) => return Answer::unread(node.name(), &trouble),
            }
        }
        judge(&pools)
    }
}

/// Worker pools have random ids in the job service's Redis: one id seen through two nodes is one Harbor, or two
/// that share a Redis, which is as bad.
fn judge(pools: &[(NodeName, Vec<String>)]) -> Answer {
    for (i, (one, mine)) in pools.iter().enumerate() {
        for (other, theirs) in &pools[i + 1..] {
            if mine.iter().any(|id| theirs.contains(id)) {
                return Answer::failed(
                    say!("{one} and {other} show the same worker pool", "{one} 与 {other} 显示同一个工作池"),
                    say!(
                        "They are one Harbor under two names, or two on one Redis: copying between them copies nothing.",
                        "它们是同一个 Harbor 的两个名称，或共用一个 Redis：互相复制没有任何意义。"
                    ),
                )
                .cured_at(
                    say!(
                        "Give the other Harbor's own address, or choose shared storage.",
                        "请填写另一个 Harbor 自己的地址，或选择共享存储拓扑。"
                    ),
                    other,
                );
            }
        }
    }
    match pools.iter().find(|(_, ids)| ids.is_empty()) {
        Some((node, _)) => Answer::not_proven(
            say!("{node} shows no worker pool", "{node} 没有显示工作池"),
            say!("Without a running job service this cannot be told.", "任务服务未运行时无法判断。"),
        ),
        None => {
            let n = pools.len();
            Answer::ok(say!("{n} Harbors, no worker pool in common", "{n} 个 Harbor，没有共同的工作池"))
        }
    }
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(pools: &[&[&str]]) -> FindingState {
        let pools: Vec<_> = ["a", "b", "c"]
            .iter()
            .zip(pools)
            .map(|(n, ids)| {
                (NodeName::parse(n).unwrap(), ids.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>())
            })
            .collect();
        judge(&pools).state()
    }

    #[test]
    fn judge_finds_a_pool_seen_twice() {
        assert_eq!(state(&[&["1"], &["2"]]), FindingState::Ok);
        assert_eq!(state(&[&["1", "2"], &["2"]]), FindingState::Failed);
        assert_eq!(state(&[&["1"], &["2"], &["1"]]), FindingState::Failed);
        assert_eq!(state(&[&["1"], &[]]), FindingState::NotProven);
    }
}
