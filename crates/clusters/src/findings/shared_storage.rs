//! The nodes share one storage: an image pushed through the first is read through the others, byte for byte.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedStorage;

#[async_trait]
impl Check for SharedStorage {
    fn id(&self) -> &'static str {
        "shared-storage"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The nodes share one storage", "各节点共用一个存储")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((bench, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        match first.pull_hashed(bench).await {
            Ok(true) => {}
            Ok(false) => return Survey::control_failed(first.name()),
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        }
        for other in others {
            let (a, b) = (first.name(), other.name());
            let failed = |measured: Say| {
                Answer::failed(
                    measured,
                    say!("They do not share one storage.", "它们没有共用一个存储。"),
                )
                .cured_at(
                    say!(
                        "Give both the same storage_service in harbor.yml (the same bucket, or the same mounted folder).",
                        "请在 harbor.yml 中为两者设置相同的 storage_service（同一个桶，或同一个挂载目录）。"
                    ),
                    b,
                )
            };
            match other.pull_hashed(bench).await {
                Ok(true) => {}
                Ok(false) => {
                    return failed(say!(
                        "what was pushed through {a} reads differently through {b}",
                        "通过 {a} 推送的内容，从 {b} 读出时不同"
                    ));
                }
                Err(trouble) if trouble.is_absent() => {
                    return failed(say!(
                        "what was pushed through {a} is not there through {b}",
                        "通过 {a} 推送的内容，在 {b} 上不存在"
                    ));
                }
                // A storage that has the row but not the blob answers with a masked server error.
                Err(trouble) if matches!(trouble.error(), harbor::HarborError::Server { .. }) => {
                    return failed(trouble.of_node(b));
                }
                Err(trouble) => return Answer::unread(b, &trouble),
            }
        }
        Answer::ok(say!(
            "manifest and layer read through every node, hashes equal",
            "从每个节点读取清单和层，哈希一致"
        ))
    }
}
