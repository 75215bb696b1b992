//! Nodes of a shared storage show the same worker pools, one per node: one Redis, and really several machines.

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, names::NodeName, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedPools;

#[async_trait]
impl Check for SharedPools {
    fn id(&self) -> &'static str {
        "shared-pools"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The nodes share one job queue and each works on it", "各节点共用一个任务队列，并各自参与处理")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let mut pools = Vec::new();
        for node in survey.nodes() {
            match node.pools().await {
                Ok(found) => {
                    pools.push((node.name().clone(), found.iter().map(|p| p.id.clone()).collect()));
                }
                Err(trouble) => return Answer::unread(node.name(), &trouble),
            }
        }
        judge(&pools)
    }
}

fn judge(pools: &[(NodeName, BTreeSet<String>)]) -> Answer {
    let Some((first, ids)) = pools.first() else { return Survey::gone() };
    if let Some((other, _)) = pools.iter().find(|(_, theirs)| theirs != ids) {
        return Answer::failed(
            say!("{first} and {other} show different worker pools", "{first} 与 {other} 显示的工作池不同"),
            say!(
                "They do not share one Redis: jobs and sessions of one are unknown to the other.",
                "它们没有共用一个 Redis：一方的任务和会话，另一方并不知道。"
            ),
        )
        .cured_at(
            say!(
                "Give both the same external_redis in harbor.yml, with the same index numbers.",
                "请在 harbor.yml 中为两者设置相同的 external_redis 和相同的库编号。"
            ),
            other,
        );
    }
    let (have, want) = (ids.len(), pools.len());
    let measured = say!("{have} pools seen through {want} nodes", "通过 {want} 个节点看到 {have} 个工作池");
    if have < want {
        return Answer::warning(
            measured,
            say!(
                "Fewer job services than nodes: one of them is stopped, or two of the addresses lead to one machine.",
                "任务服务少于节点数：其中一个已停止，或两个地址通向同一台机器。"
            ),
        )
        .cure(say!(
            "Start the job service on every node, and give each node's own address.",
            "请启动每个节点的任务服务，并填写每个节点自己的地址。"
        ));
    }
    Answer::ok(measured)
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(pools: &[&[&str]]) -> FindingState {
        let pools: Vec<_> = ["a", "b"]
            .iter()
            .zip(pools)
            .map(|(n, ids)| (NodeName::parse(n).unwrap(), ids.iter().map(|i| (*i).to_owned()).collect()))
            .collect();
        judge(&pools).state()
    }

    #[test]
    fn judge_wants_the_same_pools_and_one_per_node() {
        assert_eq!(state(&[&["1", "2"], &["2", "1"]]), FindingState::Ok);
        assert_eq!(state(&[&["1"], &["1"]]), FindingState::Warning);
        assert_eq!(state(&[&["1"], &["2"]]), FindingState::Failed);
    }
}
