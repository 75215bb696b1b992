//! Removing what Breakwater made for links that are no more.

use model::{
    Link, Say,
    names::NodeName,
    plan::{PlannedRule, PlannedStep, RemovedPart, StepWhat},
    say,
    spec::ClusterSpec,
};

use super::{
    calls::Calls,
    change::{GoneFacts, GoneNodes},
};
use crate::{bodies, change::Change, names::Names};

/// The removals of a change, in the order in which Harbor lets things go: rules before their endpoints, robots last.
pub(super) fn of(change: &Change, gone: &GoneNodes, planned: &[PlannedRule]) -> Vec<PlannedStep> {
    let mut steps = Vec::new();
    let names = Names::of(&change.before.spec.name);
    let links = change.gone_links();
    // Where something stands and can be reached: `None` for a node that is away.
    let place = |node: &NodeName| {
        let at = change.place_of(node);
        let there = change.stays(&at) || matches!(gone.get(&at), Some(GoneFacts::Answers { .. }));
        there.then_some(at)
    };
    let after = change.rules_after(planned);
    for rule in &change.before.rules {
        let leaves = links.contains(&rule.link)
            || !after.iter().any(|r| r.name == rule.name && r.link.source == rule.link.source);
        if let Some(at) = place(&rule.link.source).filter(|_| leaves) {
            steps.push(step(RemovedPart::Rule, &at, rule.name.clone(), Some(&rule.link)));
        }
    }
    for link in &links {
        if let Some(at) = place(&link.source) {
            steps.push(step(RemovedPart::Endpoint, &at, names.endpoint(link), Some(link)));
        }
    }
    for link in &links {
        if let Some(at) = place(&link.destination).filter(|at| may_remove_robots(gone, at)) {
            steps.push(step(RemovedPart::LinkRobot, &at, names.link_robot(link), Some(link)));
        }
    }
    // On a shared database the console's robot is every node's.
    if change.before.spec.topology.copies() {
        for (node, facts) in gone {
            if let GoneFacts::Answers { version, robots: true } = facts {
                steps.extend(console(&change.before.spec, node, version));
            }
        }
    }
    steps
}

fn may_remove_robots(gone: &GoneNodes, node: &NodeName) -> bool {
    !matches!(gone.get(node), Some(GoneFacts::Answers { robots: false, .. }))
}

/// Everything that the runs of a cluster made, and the cluster itself.
pub(crate) fn remove_all(
    spec: &ClusterSpec,
    rules: &[PlannedRule],
    version_of: impl Fn(&NodeName) -> model::HarborVersion,
) -> Vec<PlannedStep> {
    let names = Names::of(&spec.name);
    let links = spec.links();
    let mut steps: Vec<PlannedStep> = rules
        .iter()
        .map(|r| step(RemovedPart::Rule, &r.link.source, r.name.clone(), Some(&r.link)))
        .collect();
    for link in &links {
        steps.push(step(RemovedPart::Endpoint, &link.source, names.endpoint(link), Some(link)));
    }
    for link in &links {
        steps.push(step(RemovedPart::LinkRobot, &link.destination, names.link_robot(link), Some(link)));
    }
    let holders = if spec.topology.copies() { spec.nodes.len() } else { 1 };
    for node in spec.nodes.iter().take(holders) {
        steps.extend(console(spec, &node.name, &version_of(&node.name)));
    }
    if let Some(first) = spec.nodes.first() {
        steps.push(PlannedStep {
            key: "forget-cluster".to_owned(),
            node: first.name.clone(),
            title: say!("The console forgets the cluster", "控制台忘记该集群"),
            calls: Vec::new(),
            adopts: None,
            what: StepWhat::ForgetCluster,
        });
    }
    steps
}

/// The console's robots on a node; the one that signs in to remove the others goes last.
fn console(spec: &ClusterSpec, node: &NodeName, version: &model::HarborVersion) -> Vec<PlannedStep> {
    let robots = bodies::console_robots(spec, version, "");
    robots.into_iter().rev().map(|r| step(RemovedPart::ConsoleRobot, node, r.name, None)).collect()
}

fn step(part: RemovedPart, node: &NodeName, name: String, link: Option<&Link>) -> PlannedStep {
    let (word, title, path): (&str, Say, &str) = match part {
        RemovedPart::Rule => {
            ("rule", say!("Remove the rule {name}", "删除规则 {name}"), "/api/v2.0/replication/policies/…")
        }
        RemovedPart::Endpoint => {
            ("endpoint", say!("Remove the endpoint {name}", "删除仓库端点 {name}"), "/api/v2.0/registries/…")
        }
        RemovedPart::LinkRobot | RemovedPart::ConsoleRobot => {
            ("robot", say!("Remove the robot {name}", "删除机器人账号 {name}"), "/api/v2.0/robots/…")
        }
    };
    PlannedStep {
        key: format!("remove:{word}:{name}:{node}"),
        node: node.clone(),
        title,
        calls: Calls::default().delete(path).done(),
        adopts: None,
        what: StepWhat::Remove { part, name, link: link.cloned() },
    }
}
