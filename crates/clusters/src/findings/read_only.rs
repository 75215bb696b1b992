//! The node takes pushes.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_node};
use crate::survey::Survey;

pub(super) struct ReadOnly;

#[async_trait]
impl Check for ReadOnly {
    fn id(&self) -> &'static str {
        "read-only"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("Is not in read-only mode", "未处于只读模式")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_node(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(node) = survey.node_of(subject) else { return Survey::gone() };
        match node.basics().await {
            Err(trouble) => Answer::unread(node.name(), &trouble),
            Ok(basics) => match basics.read_only {
                Some(false) => Answer::ok(say!("takes pushes", "接受推送")),
                Some(true) => Answer::failed(
                    say!("read-only", "只读"),
                    say!(
                        "Nothing can be pushed to it, by people or by replication.",
                        "任何人和任何复制都无法向它推送。"
                    ),
                )
                .cure_with(
                    say!(
                        "Switch read-only off (Administration, Configuration, System Settings).",
                        "请关闭只读模式（系统管理 → 配置管理 → 系统设置）。"
                    ),
                    node.portal("/harbor/configs/setting"),
                ),
                None => Answer::not_proven(
                    say!("not told", "未告知"),
                    say!(
                        "A Harbor tells its mode only to an account that may sign in.",
                        "Harbor 只向能够登录的账号告知其模式。"
                    ),
                ),
            },
        }
    }
}
