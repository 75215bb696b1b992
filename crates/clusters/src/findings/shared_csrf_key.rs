//! `CSRF_KEY` is the same: a token of the first is taken by the others.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedCsrfKey;

#[async_trait]
impl Check for SharedCsrfKey {
    fn id(&self) -> &'static str {
        "shared-csrf-key"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("CSRF_KEY is the same", "CSRF_KEY 一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((_, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        let pair = match first.csrf_pair().await {
            Ok(pair) => pair,
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        };
        match first.csrf_taken(&pair).await {
            Ok(true) => {}
            Ok(false) => return Survey::control_failed(first.name()),
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        }
        for other in others {
            match other.csrf_taken(&pair).await {
                Ok(true) => {}
                Ok(false) => {
                    let (a, b) = (first.name(), other.name());
                    return Answer::failed(
                        say!("{b} refuses a CSRF token of {a}", "{b} 拒绝 {a} 的 CSRF 令牌"),
                        say!(
                            "Saving in the portal fails at random when the entry changes nodes.",
                            "入口切换节点时，在页面上保存会随机失败。"
                        ),
                    )
                    .cured_at(
                        say!(
                            "Copy CSRF_KEY from {a} (common/config/core/env) to {b} and restart its core.",
                            "请把 {a} 的 CSRF_KEY（common/config/core/env）复制到 {b}，并重启其 core。"
                        ),
                        b,
                    );
                }
                Err(trouble) => return Answer::unread(other.name(), &trouble),
            }
        }
        Answer::ok(say!("a token of one is taken by every node", "一个节点的令牌被每个节点接受"))
    }
}
