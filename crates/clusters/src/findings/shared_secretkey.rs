//! `secretkey` is the same: a secret stored through the first can be used by the others.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::{PeerPing, Survey};

pub(super) struct SharedSecretkey;

#[async_trait]
impl Check for SharedSecretkey {
    fn id(&self) -> &'static str {
        "shared-secretkey"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("secretkey is the same", "secretkey 一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((bench, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        for node in std::iter::once(first).chain(others) {
            // Control: the same credential, given in the body, must be good; else the address or the robot is at
            // fault and nothing is said about the key.
            match node.ping_bench_by_body(first, bench).await {
                PeerPing::Reached(_) => {}
                PeerPing::NotAsked(trouble) => return Answer::unread(node.name(), &trouble),
                _ => return Survey::control_failed(node.name()),
            }
            match node.ping_bench_by_id(bench).await {
                PeerPing::Reached(_) => {}
                PeerPing::Unhealthy if node.name() != first.name() => {
                    let (a, b) = (first.name(), node.name());
                    return Answer::failed(
                        say!("{b} cannot use a secret that was stored through {a}", "{b} 无法使用通过 {a} 保存的密钥"),
                        say!(
                            "Stored passwords of endpoints, LDAP and scanners are garbage on one of the nodes.",
                            "已保存的端点、LDAP、扫描器密码在其中一个节点上会成为乱码。"
                        ),
                    )
                    .cured_at(
                        say!(
                            "Copy secret/keys/secretkey in the data volume from {a} to {b} and restart its core and job service.",
                            "请把 {a} 数据目录中的 secret/keys/secretkey 复制到 {b}，并重启其 core 和 jobservice。"
                        ),
                        b,
                    );
                }
                PeerPing::NotAsked(trouble) => return Answer::unread(node.name(), &trouble),
                _ => return Survey::control_failed(node.name()),
            }
        }
        Answer::ok(say!(
            "a secret stored through one is used by every node",
            "通过一个节点保存的密钥，每个节点都能使用"
        ))
    }
}
