//! The nodes share sessions: who signed in through one is signed in on the others.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedSession;

#[async_trait]
impl Check for SharedSession {
    fn id(&self) -> &'static str {
        "shared-session"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The nodes share sessions", "各节点共享会话")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((_, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        if first.is_robot() {
            return Answer::not_proven(
                say!("needs a person's account", "需要个人账号"),
                say!(
                    "Robots have no sessions; with an administrator's account this can be asked.",
                    "机器人账号没有会话；使用管理员账号才能检查。"
                ),
            )
            .cured_at(say!("Give an administrator once.", "请填写一次管理员账号。"), first.name());
        }
        let session = match first.sign_in().await {
            Ok(session) => session,
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        };
        let answer = compare(first, others, &session).await;
        // Signing out leaves nothing behind; if it fails the session ends by itself.
        if let Err(trouble) = first.sign_out(&session).await {
            tracing::debug!(node = %first.name(), %trouble, "signing out failed");
        }
        answer
    }
}

async fn compare(
    first: &crate::survey::NodeSurvey,
    others: &[crate::survey::NodeSurvey],
    session: &harbor::api::session::Session,
) -> Answer {
    match first.session_known(session).await {
        Ok(true) => {}
        Ok(false) => return Survey::control_failed(first.name()),
        Err(trouble) => return Answer::unread(first.name(), &trouble),
    }
    for other in others {
        match other.session_known(session).await {
            Ok(true) => {}
            Ok(false) => {
                let (a, b) = (first.name(), other.name());
                return Answer::failed(
                    say!("{b} does not know a session of {a}", "{b} 不认识 {a} 的会话"),
                    say!(
                        "People are signed out whenever the entry takes them to the other node.",
                        "入口把人带到另一节点时，就会被登出。"
                    ),
                )
                .cured_at(
                    say!(
                        "Give both the same external_redis in harbor.yml, with the same index for the core.",
                        "请在 harbor.yml 中为两者设置相同的 external_redis，core 的库编号也要相同。"
                    ),
                    b,
                );
            }
            Err(trouble) => return Answer::unread(other.name(), &trouble),
        }
    }
    Answer::ok(say!("signed in through one, known on every node", "在一个节点登录，每个节点都认可"))
}
