//! The node answers, is a Harbor, and is of a version that can be worked with.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec, version::Support};

use super::{Answer, Check, each_node};
use crate::survey::Survey;

pub(super) struct NodeReachable;

#[async_trait]
impl Check for NodeReachable {
    fn id(&self) -> &'static str {
        "node-reachable"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("Answers as a Harbor of a supported version", "可以访问，且是受支持版本的 Harbor")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_node(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(node) = survey.node_of(subject) else { return Survey::gone() };
        let limit = say!("Harbor 2.8 to 2.16", "Harbor 2.8 到 2.16");
        match node.basics().await {
            Err(trouble) => Answer::failed(trouble.cause(), trouble.next())
                .cured_at(trouble.next(), node.name())
                .limit(limit),
            Ok(basics) => {
                let (version, ms) = (basics.version.numbers(), basics.latency_ms);
                let measured = say!("Harbor {version}, {ms} ms", "Harbor {version}，{ms} 毫秒");
                let support = basics.version.support();
                match (support, support.advice()) {
                    (Support::Supported, _) | (_, None) => Answer::ok(measured),
                    (Support::Newer, Some(advice)) => Answer::warning(measured, advice.clone()).cure(advice),
                    (_, Some(advice)) => Answer::failed(measured, advice.clone()).cure(advice),
                }
                .limit(limit)
            }
        }
    }
}
