//! What Apply will do: robots, endpoints, rules, proofs, in the order they are carried out.
//!
//! The plan is frozen when it is made; the same value is shown, stored and carried out. Looking at a Harbor is not
//! listed, every call that may change something is.

mod calls;
mod change;
mod deed;
mod heal;
mod notes;
mod probes;
mod removals;
mod rules;
pub(crate) mod scope;

use std::collections::{BTreeMap, BTreeSet};

use harbor::api::registries::RegistryChange;
use model::{
    AppError, HarborVersion, Link, Say, Topology,
    names::NodeName,
    plan::{FirstCopySize, Plan, PlannedRule, PlannedStep, StepWhat},
    say,
    spec::{ClusterSpec, FirstCopy},
};

pub(crate) use change::{GoneFacts, GoneNodes, make_change};
pub(crate) use deed::{mend, rename_endpoint, reschedule, resume, rotate, start, stop, switch_off};
pub(crate) use heal::{
    COMPARE_STEP, Cargo, HealFacts, fence_link_step, let_write_steps, notes as heal_notes, put_back_step,
    read_only_step, release_step,
};
pub(crate) use probes::probe_steps;
pub(crate) use removals::remove_all;

use crate::{
    bodies,
    names::{self, Names},
    survey::{Endpoint, Rule},
};
use calls::Calls;
use rules::RuleFacts;

/// What stands for an id that is not known before the run.
const LATER: &str = "…";

/// What a node has already, as far as the plan needs it.
#[derive(Clone, Debug)]
pub(crate) struct NodeFacts {
    /// Its version.
    pub version: HarborVersion,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// Its robots' full names; `None` where they may not be read.
    pub robots: Option<Vec<String>>,
    /// Make a robot of the console's own there.
    pub make_robot: bool,
}

/// What a plan is made from.
#[derive(Clone, Debug)]
pub(crate) struct PlanFacts<'a> {
    /// The cluster as wished.
    pub spec: &'a ClusterSpec,
    /// Each node.
    pub nodes: &'a BTreeMap<NodeName, NodeFacts>,
    /// What each link must copy at first.
    pub first_copy: &'a [FirstCopySize],
    /// Part of the temporary objects' names: random, so that two runs never meet.
    pub tag: &'a str,
    /// UTC milliseconds.
    pub now_ms: i64,
}

/// Makes the plan.
///
/// # Errors
/// A typed cron that a node's version refuses and for which there is no near form.
pub(crate) fn make(facts: &PlanFacts<'_>) -> Result<Plan, AppError> {
    let spec = facts.spec;
    let mut steps = Vec::new();
    let mut rules = Vec::new();
    for node in console_nodes(facts) {
        steps.push(facts.console_robot(&node));
    }
    let links = spec.links();
    for link in &links {
        steps.extend(facts.link_robot(link));
    }
    for link in &links {
        steps.extend(facts.endpoint(link));
    }
    for (place, link) in links.iter().enumerate() {
        let Some(source) = facts.nodes.get(&link.source) else { continue };
        let of_link = RuleFacts {
            spec,
            link,
            place,
            links: links.len(),
            version: &source.version,
            artifacts: facts.artifacts(link),
        };
        rules.push(rules::scheduled(&of_link)?);
        if spec.replication.at_once {
            rules.push(rules::at_once(&of_link));
        }
    }
    steps.extend(rules.iter().filter_map(|rule| facts.rule(rule)));
    let proofs = links.iter().enumerate();
    steps.extend(proofs.filter_map(|(n, link)| facts.proof(link, &format!("{}-{n}", facts.tag))));
    if spec.topology == Topology::SharedStorage
        && let Some(first) = spec.nodes.first()
    {
        steps.push(facts.shared_proof(&first.name));
    }
    if spec.entry.is_some()
        && let Some(first) = spec.nodes.first()
    {
        steps.push(facts.entry_proof(&first.name));
    }
    // A first copy at a set time would be begun earlier by the schedule: its rules wait for that time too.
    if !matches!(spec.replication.first_copy, FirstCopy::At { .. }) {
        steps.extend(rules.iter().filter_map(|rule| facts.enable(rule)));
    }
    if let Some(first) = spec.nodes.first() {
        steps.push(keep(&first.name));
    }
    Ok(Plan {
        notes: notes::of(facts, &rules),
        steps,
        rules,
        first_copy: facts.first_copy.to_vec(),
        made_ms: facts.now_ms,
    })
}

/// The steps that switch a link's rules on, and start them where asked.
pub(crate) fn start_steps(spec: &ClusterSpec, rules: &[PlannedRule], start: bool) -> Vec<PlannedStep> {
    let nodes = BTreeMap::new();
    let facts = PlanFacts { spec, nodes: &nodes, first_copy: &[], tag: "", now_ms: 0 };
    let mut steps: Vec<PlannedStep> = rules.iter().map(|rule| enable_step(&facts, rule)).collect();
    for rule in rules.iter().filter(|r| start && r.cron.is_some()) {
        let (link, name) = (rule.link.clone(), rule.name.clone());
        let (from, to) = (&link.source, &link.destination);
        let title = say!("First copy from {from} to {to}", "从 {from} 到 {to} 的首次复制");
        steps.push(PlannedStep { title, ..deed::start(&link, &name) });
    }
    steps
}

/// Nodes on which a console robot is made: on a shared database one is enough.
fn console_nodes(facts: &PlanFacts<'_>) -> Vec<NodeName> {
    let wanted: BTreeSet<&NodeName> =
        facts.nodes.iter().filter(|(_, f)| f.make_robot).map(|(n, _)| n).collect();
    let names = facts.spec.nodes.iter().map(|n| n.name.clone());
    if facts.spec.topology == Topology::SharedStorage {
        return if wanted.is_empty() { Vec::new() } else { names.take(1).collect() };
    }
    names.filter(|n| wanted.contains(n)).collect()
}

fn keep(first: &NodeName) -> PlannedStep {
    PlannedStep {
        key: "keep".to_owned(),
        node: first.clone(),
        title: say!("The console keeps the cluster and watches it", "控制台保存集群并开始监视"),
        calls: Vec::new(),
        adopts: None,
        what: StepWhat::Keep,
    }
}

fn enable_step(facts: &PlanFacts<'_>, rule: &PlannedRule) -> PlannedStep {
    let name = &rule.name;
    let mut body = bodies::rule(facts.spec, rule, 0, LATER);
    body.enabled = true;
    PlannedStep {
        key: format!("enable:{name}:{}", rule.link.source),
        node: rule.link.source.clone(),
        title: say!("Switch on the rule {name}", "启用规则 {name}"),
        calls: Calls::default().put("/api/v2.0/replication/policies/…", &calls::without_ids(&body)).done(),
        adopts: None,
        what: StepWhat::Enable { link: rule.link.clone(), name: name.clone() },
    }
}

/// The step that makes a rule, or makes one that is there say what it shall.
fn rule_step(spec: &ClusterSpec, rule: &PlannedRule, there: bool) -> PlannedStep {
    let body = calls::without_ids(&bodies::rule(spec, rule, 0, LATER));
    let name = &rule.name;
    let (calls, title) = if there {
        (
            Calls::default().put("/api/v2.0/replication/policies/…", &body),
            say!("Rule {name}, as planned", "规则 {name}，按计划设置"),
        )
    } else {
        (
            Calls::default().post("/api/v2.0/replication/policies", &body),
            say!("Rule {name}, made disabled", "规则 {name}，先以停用状态创建"),
        )
    };
    PlannedStep {
        key: format!("rule:{name}:{}", rule.link.source),
        node: rule.link.source.clone(),
        title,
        calls: calls.done(),
        adopts: there.then(|| {
            say!(
                "exists; it is left if it says the same, else made to",
                "已存在；内容相同则保留，否则改为一致"
            )
        }),
        what: StepWhat::Rule { link: rule.link.clone(), rule: Box::new(rule.clone()) },
    }
}

impl PlanFacts<'_> {
    /// Artifacts that a run over the link will look at once both sides hold everything.
    fn artifacts(&self, link: &Link) -> u64 {
        let of = |l: &Link| self.first_copy.iter().find(|c| c.link == *l);
        let back = Link::new(link.destination.clone(), link.source.clone());
        of(link).map_or(0, |c| c.artifacts) + of(&back).map_or(0, |c| c.missing)
    }

    fn has_robot(&self, node: &NodeName, name: &str) -> bool {
        // The prefix before our name is each Harbor's own choice.
        self.nodes
            .get(node)
            .is_some_and(|f| f.robots.iter().flatten().any(|r| r.ends_with(&format!("${name}")) || r == name))
    }

    fn console_robot(&self, node: &NodeName) -> PlannedStep {
        let version =
            self.nodes.get(node).map_or_else(|| HarborVersion::new(2, 10, 0), |f| f.version.clone());
        let mut calls = Calls::default();
        let robots = bodies::console_robots(self.spec, &version, LATER);
        let there = robots.iter().any(|r| self.has_robot(node, &r.name));
        for robot in &robots {
            calls = calls.post("/api/v2.0/robots", robot);
        }
        PlannedStep {
            key: format!("console:{node}"),
            node: node.clone(),
            title: say!("Robot for the console's daily work", "控制台日常使用的机器人账号"),
            calls: calls.done(),
            adopts: there.then(|| say!("exists; it gets a new secret", "已存在；将为它生成新密钥")),
            what: StepWhat::ConsoleRobot,
        }
    }

    fn link_robot(&self, link: &Link) -> Option<PlannedStep> {
        let there = self.nodes.get(&link.destination)?;
        let body = bodies::link_robot(self.spec, link, &there.version, LATER);
        let (from, node) = (&link.source, &link.destination);
        Some(PlannedStep {
            key: format!("robot:{from}:{node}"),
            node: node.clone(),
            title: say!("Robot for what {from} sends", "供 {from} 推送使用的机器人账号"),
            calls: Calls::default().post("/api/v2.0/robots", &body).done(),
            adopts: self
                .has_robot(node, &body.name)
                .then(|| say!("exists; it gets a new secret", "已存在；将为它生成新密钥")),
            what: StepWhat::LinkRobot { link: link.clone() },
        })
    }

    /// The step that makes a link's endpoint, or points an existing one at the destination's address.
    fn endpoint(&self, link: &Link) -> Option<PlannedStep> {
        let here = self.nodes.get(&link.source)?;
        let destination = self.spec.node(&link.destination)?;
        let robot = format!("robot${}", Names::of(&self.spec.name).link_robot(link));
        let body = bodies::endpoint(self.spec, link, destination, &here.version, &robot, "-".into(), LATER);
        let (from, to) = (&link.source, &link.destination);
        let there = self.endpoint_there(here, link);
        let calls = if let Some(there) = there {
            let kept = RegistryChange { name: Some(there.name.clone()), ..body.as_change() };
            Calls::default().put("/api/v2.0/registries/…", &kept)
        } else {
            Calls::default().post("/api/v2.0/registries", &body)
        };
        Some(PlannedStep {
            key: format!("endpoint:{from}:{to}"),
            node: from.clone(),
            title: say!("Endpoint that points at {to}", "指向 {to} 的仓库端点"),
            calls: calls.done(),
            adopts: there
                .map(|_| say!("exists; it gets the robot's secret", "已存在；将写入机器人账号的密钥")),
            what: StepWhat::Endpoint {
                link: link.clone(),
                name: there.map_or(body.name, |there| there.name.clone()),
            },
        })
    }

    /// The endpoint that a link has already, whatever it is called.
    fn endpoint_there<'a>(&self, source: &'a NodeFacts, link: &Link) -> Option<&'a Endpoint> {
        bodies::endpoint_of(&source.endpoints, self.spec, link, |e| (&e.name, &e.description))
    }

    fn rule(&self, rule: &PlannedRule) -> Option<PlannedStep> {
        let here = self.nodes.get(&rule.link.source)?;
        Some(rule_step(self.spec, rule, here.rules.iter().any(|r| r.name == rule.name)))
    }

    fn proof(&self, link: &Link, tag: &str) -> Option<PlannedStep> {
        self.nodes.get(&link.source)?;
        let project = names::temporary("proof", tag);
        let (from, to) = (&link.source, &link.destination);
        let calls = Calls::default()
            .project(&project, false)
            .image(&project)
            .post("/api/v2.0/replication/policies", &calls::without_ids(&bodies::proof_rule(&project, 0)))
            .post("/api/v2.0/replication/executions", &serde_json::json!({"policy_id": "…"}))
            .delete("/api/v2.0/replication/policies/…")
            .remove_project(&project)
            .at(to)
            .remove_project(&project);
        Some(PlannedStep {
            key: format!("proof:{from}:{to}"),
            node: from.clone(),
            title: say!("An image crosses from {from} to {to}", "镜像从 {from} 到达 {to}"),
            calls: calls.done(),
            adopts: None,
            what: StepWhat::Proof { link: link.clone(), tag: tag.to_owned() },
        })
    }

    fn shared_proof(&self, first: &NodeName) -> PlannedStep {
        let tag = format!("{}-shared", self.tag);
        let project = names::temporary("proof", &tag);
        PlannedStep {
            key: "proof:shared".to_owned(),
            node: first.clone(),
            title: say!(
                "An image pushed through {first} is pulled through every node",
                "通过 {first} 推送的镜像可从每个节点拉取"
            ),
            calls: Calls::default().project(&project, false).image(&project).remove_project(&project).done(),
            adopts: None,
            what: StepWhat::SharedProof { node: first.clone(), tag },
        }
    }

    fn entry_proof(&self, first: &NodeName) -> PlannedStep {
        let tag = format!("{}-entry", self.tag);
        let project = names::temporary("proof", &tag);
        let holders: Vec<&NodeName> = self.spec.nodes.iter().map(|n| &n.name).collect();
        let holders = if self.spec.topology.copies() { &holders[..] } else { &holders[..1] };
        let mut calls = Calls::default();
        for node in holders {
            calls = calls.at(node).project(&project, true).image(&project);
        }
        for node in holders {
            calls = calls.at(node).remove_project(&project);
        }
        PlannedStep {
            key: "proof:entry".to_owned(),
            node: first.clone(),
            title: say!("An image is pulled through the entry", "通过入口拉取镜像"),
            calls: calls.done(),
            adopts: None,
            what: StepWhat::EntryProof { tag },
        }
    }

    fn enable(&self, rule: &PlannedRule) -> Option<PlannedStep> {
        self.nodes.get(&rule.link.source)?;
        Some(enable_step(self, rule))
    }
}

/// The first words of a list of links, for notes.
fn shown(links: impl Iterator<Item = Say>) -> Say {
    let all: Vec<Say> = links.collect();
    Say {
        en: all.iter().map(|s| s.en.as_str()).collect::<Vec<_>>().join(", "),
        zh: all.iter().map(|s| s.zh.as_str()).collect::<Vec<_>>().join("、"),
    }
}

#[cfg(test)]
mod tests;
