//! The calls of the writing probes, listed before they are confirmed.

use model::{
    HarborVersion, Topology,
    plan::{BenchPart, PlannedStep, StepWhat},
    say,
    spec::ClusterSpec,
};
use serde_json::json;

use super::calls::{self, Calls};
use crate::{bodies, findings, names};

/// The steps of a probe run; none where the topology has no probe. `version` is the first node's.
pub(crate) fn probe_steps(spec: &ClusterSpec, version: &HarborVersion, tag: &str) -> Vec<PlannedStep> {
    if spec.topology != Topology::SharedStorage {
        return Vec::new();
    }
    let Some(first) = spec.nodes.first() else { return Vec::new() };
    let node = &first.name;
    let project = names::temporary("probe", tag);
    let bench = |part: BenchPart, key: &str, title, calls: Calls| PlannedStep {
        key: format!("bench:{key}"),
        node: node.clone(),
        title,
        calls: calls.done(),
        adopts: None,
        what: StepWhat::Bench { part, tag: tag.to_owned() },
    };
    let robot = format!("robot${project}");
    let endpoint = bodies::bench_endpoint(&project, first, version, &robot, "-".into());
    let mut steps = vec![
        bench(
            BenchPart::Project,
            "project",
            say!("A private project, {project}", "私有项目 {project}"),
            Calls::default().project(&project, false),
        ),
        bench(
            BenchPart::Robot,
            "robot",
            say!("A robot that may pull and push in it", "可在其中拉取和推送的机器人账号"),
            Calls::default().post("/api/v2.0/robots", &bodies::bench_robot(&project)),
        ),
        bench(
            BenchPart::Image,
            "image",
            say!("A tiny image in it", "其中的一个极小镜像"),
            Calls::default().image(&project),
        ),
        bench(
            BenchPart::Endpoint,
            "endpoint",
            say!("An endpoint that points at {node} with that robot", "以该机器人账号指向 {node} 的仓库端点"),
            Calls::default().post("/api/v2.0/registries", &endpoint),
        ),
        bench(
            BenchPart::Rule,
            "rule",
            say!("A rule that copies the project onto itself", "把该项目复制到自身的规则"),
            Calls::default().post(
                "/api/v2.0/replication/policies",
                &calls::without_ids(&bodies::proof_rule(&project, 0)),
            ),
        ),
    ];
    for check in findings::all().iter().filter(|c| c.writes()) {
        for subject in check.subjects(spec) {
            steps.push(PlannedStep {
                key: format!("ask:{}", check.id()),
                node: node.clone(),
                title: check.title(&subject),
                calls: asked(spec, check.id()),
                adopts: None,
                what: StepWhat::Ask { finding: check.id().to_owned(), tag: tag.to_owned() },
            });
        }
    }
    steps.push(PlannedStep {
        key: "clean".to_owned(),
        node: node.clone(),
        title: say!(
            "Everything is removed again; unreferenced blobs wait for garbage collection and audit rows stay",
            "全部移除；未被引用的 blob 等待垃圾清理，审计记录会保留"
        ),
        calls: Calls::default()
            .delete("/api/v2.0/replication/policies/…")
            .delete("/api/v2.0/registries/…")
            .delete("/api/v2.0/robots/…")
            .remove_project(&project)
            .done(),
        adopts: None,
        what: StepWhat::Clean { tag: tag.to_owned() },
    });
    steps
}

/// What a probe sends beside its reads.
fn asked(spec: &ClusterSpec, finding: &str) -> Vec<model::plan::PlannedCall> {
    let mut calls = Calls::default();
    for node in &spec.nodes {
        calls = calls.at(&node.name);
        calls = match finding {
            "shared-csrf-key" => calls.post(
                "/c/login",
                &json!({"principal": "breakwater-probe-…", "password": "no-such-password"}),
            ),
            "shared-secretkey" => calls
                .post("/api/v2.0/registries/ping", &json!({"url": "…", "access_secret": "…"}))
                .post("/api/v2.0/registries/ping", &json!({"id": "…"})),
            "shared-jobservice-secret" => {
                calls.post("/api/v2.0/replication/executions", &json!({"policy_id": "…"}))
            }
            "shared-session" if node.name == spec.nodes[0].name => {
                calls.post("/c/login", &json!({"principal": "…", "password": "…"}))
            }
            _ => calls,
        };
    }
    calls.done()
}
