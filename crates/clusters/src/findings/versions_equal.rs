//! All nodes run the same version.

use async_trait::async_trait;
use model::{HarborVersion, Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

pub(super) struct VersionsEqual;

#[async_trait]
impl Check for VersionsEqual {
    fn id(&self) -> &'static str {
        "versions-equal"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("Versions are the same", "版本一致")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        cluster_if(spec.nodes.len() > 1)
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let basics = match survey.all_basics().await {
            Ok(basics) => basics,
            Err((node, trouble)) => return Answer::unread(&node, &trouble),
        };
        let versions: Vec<HarborVersion> = basics.iter().map(|(_, b)| b.version.clone()).collect();
        judge(survey.spec().topology, &versions)
    }
}

fn judge(topology: Topology, versions: &[HarborVersion]) -> Answer {
    let shown = Say::same(versions.iter().map(HarborVersion::numbers).collect::<Vec<_>>().join(" · "));
    let first = &versions[0];
    let same = |f: fn(&HarborVersion) -> (u16, u16, u16)| versions.iter().all(|v| f(v) == f(first));
    let upgrade = say!("Upgrade the older node first.", "请先升级较旧的节点。");
    if same(|v| (v.major(), v.minor(), v.patch())) {
        return Answer::ok(shown);
    }
    if topology == Topology::SharedStorage {
        return Answer::failed(
            shown,
            say!(
                "Nodes on one database must run the same version: the newer one has changed the tables under the older one.",
                "共用一个数据库的节点必须版本相同：较新的节点已修改了较旧节点所用的表。"
            ),
        )
        .limit(say!("exactly equal", "完全一致"))
        .cure(upgrade);
    }
    if same(|v| (v.major(), v.minor(), 0)) {
        return Answer::ok(shown).limit(say!("same minor version", "次版本号一致"));
    }
    Answer::warning(
        shown,
        say!(
            "Replication between different versions works but is not supported by Harbor; rules differ in what they accept.",
            "不同版本之间可以复制，但 Harbor 官方不支持；各版本接受的规则也不同。"
        ),
    )
    .limit(say!("same minor version", "次版本号一致"))
    .cure(upgrade)
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(topology: Topology, versions: &[&str]) -> FindingState {
        let versions: Vec<_> = versions.iter().map(|v| v.parse().unwrap()).collect();
        judge(topology, &versions).state()
    }

    #[test]
    fn judge_is_strict_only_where_the_database_is_shared() {
        assert_eq!(state(Topology::DualMaster, &["2.15.2", "2.15.2"]), FindingState::Ok);
        assert_eq!(state(Topology::DualMaster, &["2.15.1", "2.15.2"]), FindingState::Ok);
        assert_eq!(state(Topology::DualMaster, &["2.12.4", "2.15.2"]), FindingState::Warning);
        assert_eq!(state(Topology::SharedStorage, &["2.15.1", "2.15.2"]), FindingState::Failed);
    }
}
