//! All nodes sign people in the same way.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct AuthModeEqual;

#[async_trait]
impl Check for AuthModeEqual {
    fn id(&self) -> &'static str {
        "auth-mode-equal"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("People sign in the same way everywhere", "各节点的认证方式一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.nodes.len() > 1)
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        match survey.all_basics().await {
            Err((node, trouble)) => Answer::unread(&node, &trouble),
            Ok(basics) => {
                let modes: Vec<&str> = basics.iter().map(|(_, b)| b.auth_mode.as_str()).collect();
                judge(survey.spec().topology, &modes)
            }
        }
    }
}

fn judge(topology: Topology, modes: &[&str]) -> Answer {
    let shown = Say::same(modes.join(" · "));
    if modes.iter().all(|m| *m == modes[0]) {
        return match modes[0] {
            "db_auth" if topology.copies() => Answer::ok(shown)
                .limit(say!("accounts are local and are not copied", "账号为本地账号，不会被复制")),
            _ => Answer::ok(shown),
        };
    }
    Answer::warning(
        shown,
        say!(
            "Users, groups and robots are not replicated: people will be able to sign in on one side and not on the other.",
            "用户、用户组和机器人账号不会被复制：有人能登录一端，却登录不了另一端。"
        ),
    )
    .cure(say!(
        "Set the same authentication mode on every node (Administration, Configuration, Authentication).",
        "请在每个节点设置相同的认证模式（系统管理 → 配置管理 → 认证模式）。"
    ))
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    #[test]
    fn judge_warns_of_different_modes() {
        assert_eq!(judge(Topology::DualMaster, &["db_auth", "db_auth"]).state(), FindingState::Ok);
        assert_eq!(judge(Topology::DualMaster, &["db_auth", "oidc_auth"]).state(), FindingState::Warning);
    }
}
