//! The account given for the node may do all that is needed there.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_node};
use crate::survey::{ROBOTS, Survey};

pub(super) struct CredentialRights;

#[async_trait]
impl Check for CredentialRights {
    fn id(&self) -> &'static str {
        "credential-rights"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The account has the rights that are needed", "账号具备所需权限")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_node(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(node) = survey.node_of(subject) else { return Survey::gone() };
        let account = match node.account().await {
            Ok(account) => account,
            Err(trouble) if trouble.is_refused() => {
                return Answer::failed(trouble.cause(), trouble.next()).cured_at(trouble.next(), node.name());
            }
            Err(trouble) => return Answer::unread(node.name(), &trouble),
        };
        // A node that stays, and on which no robot is made or removed, can do without that right.
        let spared = survey.change().is_some_and(|c| !c.needs_robots(node.name()));
        let mut missing = account.missing.clone();
        missing.retain(|right| !(spared && right == ROBOTS));
        if missing.is_empty() {
            return Answer::ok(account.who.clone());
        }
        let Say { en, zh } = &account.who;
        let rights = missing.join(", ");
        Answer::failed(
            say!("{en}, without {rights}", "{zh}，缺少 {rights}"),
            say!(
                "Without these rights the rules cannot be made or looked after.",
                "缺少这些权限，就无法创建和管理复制规则。"
            ),
        )
        .cured_at(
            say!(
                "Give an administrator once (a robot with the least rights can be made from it), or add the rights to the robot.",
                "请填写一次管理员账号（可由它创建最小权限的机器人账号），或为机器人账号补上这些权限。"
            ),
            node.name(),
        )
    }
}
