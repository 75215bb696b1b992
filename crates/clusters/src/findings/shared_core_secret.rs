//! Whether `CORE_SECRET` is the same cannot be seen from outside: no probe on real Harbors showed it.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct SharedCoreSecret;

#[async_trait]
impl Check for SharedCoreSecret {
    fn id(&self) -> &'static str {
        "shared-core-secret"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("CORE_SECRET is the same", "CORE_SECRET 一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.topology == Topology::SharedStorage)
    }

    async fn ask(&self, _: &Survey, _: &Subject) -> Answer {
        Answer::not_proven(
            say!("cannot be seen from outside", "无法从外部看出"),
            say!(
                "No call of Harbor's shows it; job services use it to speak to the core.",
                "Harbor 没有任何接口能显示它；任务服务用它与 core 通信。"
            ),
        )
        .cure(say!(
            "Compare CORE_SECRET in common/config/core/env of the nodes by hand.",
            "请手工比较各节点 common/config/core/env 中的 CORE_SECRET。"
        ))
    }
}
