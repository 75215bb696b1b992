//! The nodes share one database: a robot made through the first signs in through the others.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedDatabase;

#[async_trait]
impl Check for SharedDatabase {
    fn id(&self) -> &'static str {
        "shared-database"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The nodes share one database", "各节点共用一个数据库")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    fn writes(&self) -> bool {
        true
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some((bench, first, others)) = survey.bench_nodes() else { return Survey::no_bench() };
        match first.knows_robot(bench).await {
            Ok(true) => {}
            Ok(false) => return Survey::control_failed(first.name()),
            Err(trouble) => return Answer::unread(first.name(), &trouble),
        }
        for other in others {
            match other.knows_robot(bench).await {
                Ok(true) => {}
                Ok(false) => {
                    let (a, b) = (first.name(), other.name());
                    return Answer::failed(
                        say!(
                            "{b} does not know a robot made through {a}",
                            "{b} 不认识通过 {a} 创建的机器人账号"
                        ),
                        say!("They do not share one database.", "它们没有共用一个数据库。"),
                    )
                    .cured_at(
                        say!(
                            "Give both the same external_database in harbor.yml.",
                            "请在 harbor.yml 中为两者设置相同的 external_database。"
                        ),
                        b,
                    );
                }
                Err(trouble) => return Answer::unread(other.name(), &trouble),
            }
        }
        Answer::ok(say!(
            "a robot made through one signs in through every node",
            "通过一个节点创建的机器人账号可在每个节点登录"
        ))
    }
}
