//! One deed on the rules of a cluster, as steps with their calls.

use std::collections::BTreeMap;

use model::{
    Link,
    names::NodeName,
    plan::{PlannedRule, PlannedStep, StepWhat},
    say,
    spec::ClusterSpec,
};
use serde_json::json;

use super::{PlanFacts, calls::Calls, enable_step, rule_step};
use crate::names::Names;

/// Every planned rule says again what it shall, and runs.
pub(crate) fn mend(spec: &ClusterSpec, rules: &[PlannedRule]) -> Vec<PlannedStep> {
    let nodes = BTreeMap::new();
    let facts = PlanFacts { spec, nodes: &nodes, first_copy: &[], tag: "", now_ms: 0 };
    // Whether it is there the step finds out for itself; what is listed is the more likely call.
    let made = rules.iter().map(|rule| rule_step(spec, rule, true));
    let on = rules.iter().map(|rule| enable_step(&facts, rule));
    made.chain(on).collect()
}

/// A rule is switched off.
pub(crate) fn switch_off(node: &NodeName, name: &str) -> PlannedStep {
    step(
        &format!("off:{node}:{name}"),
        node,
        say!("Switch off the rule {name}", "停用规则 {name}"),
        switched(&[false]),
        StepWhat::SwitchOff { name: name.to_owned() },
    )
}

/// A rule is switched off and on.
pub(crate) fn reschedule(node: &NodeName, name: &str) -> PlannedStep {
    step(
        &format!("reschedule:{node}:{name}"),
        node,
        say!("Switch the rule {name} off and on", "将规则 {name} 停用后再启用"),
        switched(&[false, true]),
        StepWhat::Reschedule { name: name.to_owned() },
    )
}

/// An execution is stopped.
pub(crate) fn stop(node: &NodeName, execution: i64) -> PlannedStep {
    step(
        &format!("stop:{node}:{execution}"),
        node,
        say!("Stop the execution {execution}", "停止执行 {execution}"),
        Calls::default().stop_execution(),
        StepWhat::StopExecution { execution },
    )
}

/// The robot of a link gets a new secret, and its endpoint is told.
pub(crate) fn rotate(spec: &ClusterSpec, link: &Link) -> [PlannedStep; 2] {
    let (from, to) = (&link.source, &link.destination);
    let secret = json!({ "secret": "" });
    [
        step(
            &format!("secret:{from}:{to}"),
            to,
            say!(
                "New secret for the robot that {from} signs in with",
                "为 {from} 使用的机器人账号生成新密钥"
            ),
            Calls::default().patch("/api/v2.0/robots/…", &secret),
            StepWhat::NewSecret { link: link.clone() },
        ),
        step(
            &format!("endpoint:{from}:{to}"),
            from,
            say!("Tell it to the endpoint that points at {to}", "将新密钥写入指向 {to} 的仓库端点"),
            Calls::default().put("/api/v2.0/registries/…", &json!({ "access_secret": "" })),
            StepWhat::Endpoint { link: link.clone(), name: Names::of(&spec.name).endpoint(link) },
        ),
    ]
}

/// An endpoint gets another name. Harbor asks the peer before it keeps that.
pub(crate) fn rename_endpoint(node: &NodeName, endpoint: i64, from: &str, to: &str) -> PlannedStep {
    step(
        &format!("rename:{node}:{endpoint}"),
        node,
        say!("Rename the endpoint {from} to {to}", "将仓库端点 {from} 重命名为 {to}"),
        Calls::default().put(&format!("/api/v2.0/registries/{endpoint}"), &json!({ "name": to })),
        StepWhat::RenameEndpoint { endpoint, from: from.to_owned(), to: to.to_owned() },
    )
}

/// A paused queue goes on.
pub(crate) fn resume(node: &NodeName, queue: &str) -> PlannedStep {
    step(
        &format!("resume:{node}:{queue}"),
        node,
        say!("Let the queue {queue} go on", "恢复队列 {queue}"),
        Calls::default().put(&format!("/api/v2.0/jobservice/queues/{queue}"), &json!({ "action": "resume" })),
        StepWhat::ResumeQueue { queue: queue.to_owned() },
    )
}

/// A link's rule is started once.
pub(crate) fn start(link: &Link, rule: &str) -> PlannedStep {
    let to = &link.destination;
    step(
        &format!("start:{}:{to}", link.source),
        &link.source,
        say!("Start the rule {rule} once", "执行一次规则 {rule}"),
        Calls::default().post("/api/v2.0/replication/executions", &json!({ "policy_id": "…" })),
        StepWhat::Start { link: link.clone(), name: rule.to_owned() },
    )
}

fn switched(to: &[bool]) -> Calls {
    let put =
        |calls: Calls, on: &bool| calls.put("/api/v2.0/replication/policies/…", &json!({ "enabled": on }));
    to.iter().fold(Calls::default(), put)
}

fn step(key: &str, node: &NodeName, title: model::Say, calls: Calls, what: StepWhat) -> PlannedStep {
    PlannedStep { key: key.to_owned(), node: node.clone(), title, calls: calls.done(), adopts: None, what }
}
