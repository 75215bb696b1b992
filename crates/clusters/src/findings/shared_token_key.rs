//! The token key (`private_key.pem`) is the same: a token of the first opens `/v2/` of the others.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedTokenKey;

#[async_trait]
impl Check for SharedTokenKey {
    fn id(&self) -> &'static str {
        "shared-token-key"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The key that signs tokens is the same", "签发令牌的密钥一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((bench, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        let token = match first.token(bench).await {
            Ok(token) => token,
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        };
        match first.token_taken(&token).await {
            Ok(true) => {}
            Ok(false) => return Survey::control_failed(first.name()),
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        }
        for other in others {
            match other.token_taken(&token).await {
                Ok(true) => {}
                Ok(false) => {
                    let (a, b) = (first.name(), other.name());
                    return Answer::failed(
                        say!("{b} refuses a token of {a}", "{b} 拒绝 {a} 的令牌"),
                        say!(
                            "Pushes and pulls fail at random with 401 when the entry changes nodes.",
                            "入口切换节点时，推送和拉取会随机返回 401。"
                        ),
                    )
                    .cured_at(
                        say!(
                            "Copy secret/core/private_key.pem and the registry's root.crt from {a} to {b} and restart it.",
                            "请把 {a} 的 secret/core/private_key.pem 和 registry 的 root.crt 复制到 {b} 并重启。"
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
