//! What changes a kept cluster: only the difference, and what leaves goes last.
//!
//! What is new is made and proven before anything is removed, so that a change that fails leaves the cluster as it
//! was. The one exception are objects whose names the new ones need: they go first.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AppError, HarborVersion, Link, Say, Topology,
    names::NodeName,
    plan::{Plan, PlannedRule, PlannedStep, RemovedPart, StepWhat},
    say,
    spec::FirstCopy,
};

use super::{NodeFacts, PlanFacts, console_nodes, notes, removals, rules, rules::RuleFacts};
use crate::{bodies, change::Change, error, names::Names};

/// What is known of a node that leaves.
#[derive(Clone, Debug)]
pub(crate) enum GoneFacts {
    /// It answers.
    Answers {
        /// Its version.
        version: HarborVersion,
        /// Its account may remove robots.
        robots: bool,
    },
    /// It does not, for this reason.
    Away(Say),
}

/// The nodes that leave, by what they are called in the run.
pub(crate) type GoneNodes = BTreeMap<NodeName, GoneFacts>;

/// Makes the plan of a change; without steps where there is nothing to do.
///
/// # Errors
/// A typed cron that a node's version refuses and for which there is no near form.
pub(crate) fn make_change(
    facts: &PlanFacts<'_>,
    change: &Change,
    gone: &GoneNodes,
) -> Result<Plan, AppError> {
    if change.is_empty() {
        return Ok(Plan {
            steps: Vec::new(),
            rules: Vec::new(),
            first_copy: Vec::new(),
            notes: vec![error::nothing_to_do_words()],
            made_ms: facts.now_ms,
        });
    }
    let spec = facts.spec;
    let (new, touched) = (change.new_links(), change.touched_links());
    let planned = planned_rules(facts, change)?;
    let removed = removals::of(change, gone, &planned);
    let (first, last): (Vec<_>, Vec<_>) = removed.into_iter().partition(|step| makes_way(step, change));
    let nodes = without(facts.nodes, &first);
    let facts = &PlanFacts { nodes: &nodes, ..facts.clone() };
    let fresh = fresh_rules(facts, change, &planned);
    let mut steps = first;
    steps.extend(console_nodes(facts).iter().map(|node| facts.console_robot(node)));
    for link in &new {
        steps.extend(facts.link_robot(link));
    }
    steps.extend(touched.iter().filter(|l| facts.lacks_robot(l, change)).filter_map(|l| facts.link_robot(l)));
    for link in &new {
        steps.extend(facts.endpoint(link));
    }
    steps
        .extend(touched.iter().filter(|l| facts.endpoint_moves(l, change)).filter_map(|l| facts.endpoint(l)));
    let lost = fresh.iter().filter(|rule| !planned.contains(rule));
    steps.extend(planned.iter().chain(lost).filter_map(|rule| facts.rule(rule)));
    let proven = new.iter().chain(&touched).enumerate();
    steps.extend(proven.filter_map(|(n, link)| facts.proof(link, &format!("{}-{n}", facts.tag))));
    if let Some(node) = spec.nodes.first() {
        if spec.topology == Topology::SharedStorage && change.nodes_differ() {
            steps.push(facts.shared_proof(&node.name));
        }
        if change.entry_to_prove() {
            steps.push(facts.entry_proof(&node.name));
        }
    }
    if !matches!(spec.replication.first_copy, FirstCopy::At { .. }) {
        steps.extend(fresh.iter().filter_map(|rule| facts.enable(rule)));
    }
    steps.extend(keep(facts, change));
    steps.extend(last);
    steps.extend(change.gone().iter().map(|node| forget(&node.called)));
    let mut notes: Vec<Say> = gone_notes(change, gone);
    if !planned.is_empty() || !new.is_empty() {
        notes.extend(notes::of(facts, &planned));
    }
    Ok(Plan { notes, steps, rules: planned, first_copy: facts.first_copy.to_vec(), made_ms: facts.now_ms })
}

/// The rules of new links, and those that shall be otherwise than they are.
fn planned_rules(facts: &PlanFacts<'_>, change: &Change) -> Result<Vec<PlannedRule>, AppError> {
    let links = facts.spec.links();
    let new = change.new_links();
    let mut planned = Vec::new();
    for (place, link) in links.iter().enumerate() {
        let Some(source) = facts.nodes.get(&link.source) else { continue };
        if !new.contains(link) && !change.rules_changed() {
            continue;
        }
        let of_link = RuleFacts {
            spec: facts.spec,
            link,
            place,
            links: links.len(),
            version: &source.version,
            artifacts: facts.artifacts(link),
        };
        planned.push(rules::scheduled(&of_link)?);
        if facts.spec.replication.at_once {
            planned.push(rules::at_once(&of_link));
        }
    }
    // A rule of a new link may bear the name of one that goes, and is still to be made.
    planned.retain(|rule| new.contains(&rule.link) || !change.before.rules.iter().any(|r| alike(r, rule)));
    Ok(planned)
}

/// Whether Harbor would be told the same.
fn alike(one: &PlannedRule, other: &PlannedRule) -> bool {
    let told = |r: &PlannedRule| {
        (
            (r.name.clone(), r.link.clone(), r.cron.clone(), r.speed),
            (r.r#override, r.deletion, r.single_active_replication, r.copy_by_chunk),
            r.scope.clone(),
        )
    };
    told(one) == told(other)
}

/// Rules that are not there yet, and are switched on once proven: those of new links, new ones of links that go on,
/// and those that a node which is reached otherwise does not have (a new machine under the old name).
fn fresh_rules(facts: &PlanFacts<'_>, change: &Change, planned: &[PlannedRule]) -> Vec<PlannedRule> {
    let new = change.new_links();
    let was =
        |rule: &PlannedRule| change.before.rules.iter().any(|r| r.name == rule.name && r.link == rule.link);
    let mut fresh: Vec<PlannedRule> =
        planned.iter().filter(|r| new.contains(&r.link) || !was(r)).cloned().collect();
    let kept = change.kept_links();
    for rule in change.rules_after(planned) {
        let moved = kept.contains(&rule.link) && change.is_touched(&rule.link.source);
        let there = facts.nodes.get(&rule.link.source).map(|f| f.rules.iter().any(|r| r.name == rule.name));
        if moved && there == Some(false) && !fresh.contains(&rule) {
            fresh.push(rule);
        }
    }
    fresh
}

/// Whether a removal must come first, because what is made bears the same name on the same node.
fn makes_way(step: &PlannedStep, change: &Change) -> bool {
    let StepWhat::Remove { link: Some(link), .. } = &step.what else { return false };
    change.stays(&step.node) && change.new_links().contains(link)
}

/// What the nodes have once the first removals are done.
fn without(nodes: &BTreeMap<NodeName, NodeFacts>, removals: &[PlannedStep]) -> BTreeMap<NodeName, NodeFacts> {
    let mut nodes = nodes.clone();
    for step in removals {
        let (Some(facts), StepWhat::Remove { part, name, .. }) = (nodes.get_mut(&step.node), &step.what)
        else {
            continue;
        };
        match part {
            RemovedPart::Rule => facts.rules.retain(|r| r.name != *name),
            // One that is called otherwise now is looked for by the step itself.
            RemovedPart::Endpoint => facts.endpoints.retain(|e| e.name != *name),
            RemovedPart::LinkRobot | RemovedPart::ConsoleRobot => {
                facts.robots.iter_mut().for_each(|all| all.retain(|r| !r.ends_with(&format!("${name}"))));
            }
        }
    }
    nodes
}

fn keep(facts: &PlanFacts<'_>, change: &Change) -> Option<PlannedStep> {
    let first = facts.spec.nodes.iter().find(|n| change.stays(&n.name))?;
    Some(PlannedStep {
        key: "keep-change".to_owned(),
        node: first.name.clone(),
        title: say!(
            "The console keeps the changed cluster and watches it",
            "控制台保存更改后的集群并开始监视"
        ),
        calls: Vec::new(),
        adopts: None,
        what: StepWhat::KeepChange,
    })
}

fn forget(node: &NodeName) -> PlannedStep {
    PlannedStep {
        key: format!("forget:{node}"),
        node: node.clone(),
        title: say!("The console forgets the account of {node}", "控制台忘记 {node} 的账号"),
        calls: Vec::new(),
        adopts: None,
        what: StepWhat::Forget,
    }
}

impl PlanFacts<'_> {
    /// Whether a node that is reached otherwise has not got the robot of a link that goes on.
    fn lacks_robot(&self, link: &Link, change: &Change) -> bool {
        let name = Names::of(&self.spec.name).link_robot(link);
        let readable = self.nodes.get(&link.destination).is_some_and(|f| f.robots.is_some());
        change.is_touched(&link.destination) && readable && !self.has_robot(&link.destination, &name)
    }

    /// Whether the endpoint of a link that goes on must be pointed elsewhere, or is missing.
    fn endpoint_moves(&self, link: &Link, change: &Change) -> bool {
        let here = self.nodes.get(&link.source);
        change.is_touched(&link.destination)
            || here.is_some_and(|facts| self.endpoint_there(facts, link).is_none())
    }
}

/// What is said of the nodes that leave.
fn gone_notes(change: &Change, gone: &GoneNodes) -> Vec<Say> {
    let mut notes = Vec::new();
    for node in change.gone() {
        let name = &node.called;
        notes.push(if change.spec.topology.copies() {
            say!(
                "Every image on {name} stays there; only the cluster no longer copies to it or from it.",
                "{name} 上的镜像全部保留；只是集群不再与它互相复制。"
            )
        } else {
            say!(
                "{name} still serves the shared storage: stop it once it has left.",
                "{name} 仍在使用共享存储：移出之后请将其停止。"
            )
        });
        if change.spec.entry.is_some() {
            notes.push(say!(
                "Take {name} out of the load balancer behind the entry.",
                "请将 {name} 从入口的负载均衡器中移除。"
            ));
        }
        let left = left_behind(change, &node.spec.name, gone.get(name));
        let Say { en: what_en, zh: what_zh } = super::shown(left.iter().map(Say::same));
        if left.is_empty() {
            continue;
        }
        match gone.get(name) {
            Some(GoneFacts::Answers { .. }) => notes.push(say!(
                "The console's account on {name} may not remove robots, so these stay there: {what_en}. Remove them in its portal.",
                "控制台在 {name} 上的账号无权删除机器人账号，以下机器人账号会留下：{what_zh}。请在其门户中删除。"
            )),
            away => {
                let Say { en: why_en, zh: why_zh } = match away {
                    Some(GoneFacts::Away(why)) => why.clone(),
                    _ => Say::default(),
                };
                notes.push(say!(
                    "{name} cannot be cleaned. {why_en} These stay there: {what_en}. If it ever comes back, remove them in its portal; its robots on the other nodes are removed, so that it can push nothing.",
                    "无法清理 {name}。{why_zh} 以下对象会留在那里：{what_zh}。如果它以后恢复，请在其门户中删除；它在其他节点上的机器人账号会被删除，因此它无法再推送任何内容。"
                ));
            }
        }
    }
    notes
}

/// What Breakwater made on a node that leaves and cannot remove.
fn left_behind(change: &Change, node: &NodeName, facts: Option<&GoneFacts>) -> BTreeSet<String> {
    let spec = &change.before.spec;
    let names = Names::of(&spec.name);
    if !spec.topology.copies() {
        return BTreeSet::new();
    }
    let (away, robots_stay) = match facts {
        Some(GoneFacts::Answers { robots, .. }) => (false, !robots),
        _ => (true, true),
    };
    let mut left = BTreeSet::new();
    for link in spec.links() {
        if away && link.source == *node {
            left.insert(names.endpoint(&link));
            left.extend(change.before.rules.iter().filter(|r| r.link == link).map(|r| r.name.clone()));
        }
        if robots_stay && link.destination == *node {
            left.insert(names.link_robot(&link));
        }
    }
    if robots_stay {
        let version = HarborVersion::new(2, 10, 0);
        left.extend(bodies::console_robots(spec, &version, "").into_iter().map(|r| r.name));
    }
    left
}
