//! A cluster as it should be, for the questions' own tests to break, and what holds of all of them.

use std::collections::BTreeSet;

use model::{
    Link, NodeAddress, Topology,
    names::ClusterName,
    rule::{ExecutionState, ExecutionTrigger, Trigger},
    spec::{NodeSpec, ReplicationSpec, TlsChoice},
};

use super::*;
use crate::rules::ProjectLimits;

pub(super) const NOW: i64 = 1_800_000_000_000;

/// A cluster and what was read of it.
pub(super) struct Rig {
    pub(super) spec: ClusterSpec,
    pub(super) planned: Vec<PlannedRule>,
    pub(super) nodes: Vec<NodeFacts>,
    pub(super) pairs: Vec<PairFacts>,
    pub(super) limits: BTreeMap<NodeName, Limits>,
    pub(super) other_links: Vec<(String, String)>,
    pub(super) artifacts: u64,
}

impl Rig {
    /// Two masters with one scheduled rule each, as planned and running.
    pub(super) fn masters() -> Self {
        let name = |n: &str| NodeName::parse(n).unwrap();
        let links = [Link::new(name("a"), name("b")), Link::new(name("b"), name("a"))];
        let crons = ["0 */10 * * * *", "0 5/10 * * * *"];
        let planned = links.iter().zip(crons).map(|(link, cron)| planned(link, cron)).collect();
        let nodes: Vec<_> = links.iter().zip(crons).map(|(link, cron)| node(link, cron)).collect();
        let pairs = vec![PairFacts {
            pair: store::new_id(),
            nodes: [name("a"), name("b")],
            differing: 0,
            landing: None,
            carried: None,
        }];
        let spec = ClusterSpec {
            name: ClusterName::parse("P").unwrap(),
            topology: Topology::DualMaster,
            nodes: ["a", "b"].map(spec_of).to_vec(),
            entry: None,
            replication: ReplicationSpec::default(),
        };
        let limits = nodes.iter().map(|n| (n.node.clone(), Limits::new())).collect();
        Self { spec, planned, nodes, pairs, limits, other_links: Vec::new(), artifacts: 1000 }
    }

    /// The rule of a link, to be broken.
    pub(super) fn rule(&mut self, from: &str, to: &str) -> &mut StoredRule {
        let rules = self.nodes.iter_mut().flat_map(|n| n.rules.iter_mut());
        let is = |r: &&mut StoredRule| r.link.source.as_str() == from && r.link.destination.as_str() == to;
        rules.into_iter().find(is).unwrap()
    }

    /// One more scheduled rule of the link, made by somebody else, to be broken.
    pub(super) fn other(&mut self, from: &str, to: &str, name: &str) -> &mut StoredRule {
        let rule = StoredRule { name: name.to_owned(), ours: false, ..self.rule(from, to).clone() };
        let node = self.nodes.iter_mut().find(|n| n.node.as_str() == from).unwrap();
        let id = 1 + node.rules.iter().map(|r| r.id).max().unwrap_or(0);
        node.jobs.iter_mut().for_each(|jobs| jobs.scheduled.push(id));
        node.rules.push(StoredRule { id, ..rule });
        node.rules.last_mut().unwrap()
    }

    /// A project of a node, made where it is not there, to be limited.
    pub(super) fn limits(&mut self, node: &str, project: &str) -> &mut ProjectLimits {
        let limits = self.limits.get_mut(&NodeName::parse(node).unwrap()).unwrap();
        limits.entry(project.to_owned()).or_default()
    }

    /// The rule of the link did something; one of its three tasks failed where any did.
    pub(super) fn ran(
        &mut self,
        from: &str,
        to: &str,
        trigger: ExecutionTrigger,
        state: ExecutionState,
        started_ms: i64,
    ) {
        let (rule, link) = (self.rule(from, to).name.clone(), self.rule(from, to).link.clone());
        let node = self.nodes.iter_mut().find(|n| n.node.as_str() == from).unwrap();
        node.executions.push(ExecutionView {
            node: node.node.clone(),
            id: 1 + i64::try_from(node.executions.len()).unwrap(),
            rule,
            link: Some(link),
            trigger,
            state,
            why: String::new(),
            total: 3,
            succeeded: 2,
            failed: u64::from(state == ExecutionState::Failed),
            in_progress: u64::from(state == ExecutionState::Running),
            stopped: 0,
            started_ms,
            ended_ms: None,
        });
    }

    /// What the questions are asked about.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            spec: &self.spec,
            planned: &self.planned,
            nodes: &self.nodes,
            pairs: &self.pairs,
            limits: &self.limits,
            other_links: &self.other_links,
            artifacts: self.artifacts,
            now_ms: NOW,
        }
    }
}

fn spec_of(name: &str) -> NodeSpec {
    NodeSpec {
        name: NodeName::parse(name).unwrap(),
        address: NodeAddress::parse(&format!("http://{name}.test")).unwrap(),
        tls: TlsChoice::System,
        upstream: None,
    }
}

fn planned(link: &Link, cron: &str) -> PlannedRule {
    PlannedRule {
        name: format!("breakwater-p-to-{}", link.destination),
        link: link.clone(),
        cron: Some(cron.to_owned()),
        schedule: Say::same("every 10 min"),
        r#override: false,
        deletion: false,
        speed: -1,
        copy_by_chunk: false,
        single_active_replication: true,
        scope: model::scope::Scope::default(),
        reasons: Vec::new(),
    }
}

fn node(link: &Link, cron: &str) -> NodeFacts {
    let rule = StoredRule {
        id: 1,
        name: format!("breakwater-p-to-{}", link.destination),
        ours: true,
        link: link.clone(),
        pulls: false,
        enabled: true,
        trigger: Trigger::Scheduled { cron: cron.to_owned() },
        schedule: Say::same("every 10 min"),
        filters: Vec::new(),
        namespace: String::new(),
        flattening: 1,
        r#override: false,
        deletion: false,
        speed: -1,
        copy_by_chunk: false,
        single_active_replication: true,
        endpoint: format!("breakwater-p-to-{}", link.destination),
        account: format!("robot$breakwater-p-from-{}", link.source),
        endpoint_status: "healthy".to_owned(),
        differs: Vec::new(),
    };
    NodeFacts {
        node: link.source.clone(),
        version: HarborVersion::new(2, 15, 2),
        portal: format!("http://{}.test", link.source),
        rules: vec![rule],
        jobs: Some(JobFacts { scheduled: vec![1], paused: Vec::new() }),
        jobs_away: None,
        executions: Vec::new(),
    }
}

#[test]
fn a_cluster_as_planned_has_no_finding() {
    assert_eq!(look(&Rig::masters().facts()), []);
}

#[test]
fn ids_are_unique_and_name_their_file() {
    let ids: BTreeSet<_> = ALL.iter().map(|l| l.id()).collect();
    assert_eq!(ids.len(), ALL.len());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint");
    for id in ids {
        assert!(folder.join(format!("{}.rs", id.replace('-', "_"))).exists(), "{id}");
    }
    assert!(STOPS.iter().chain(&OF_JOBS).all(|id| super::ids().any(|known| known == *id)));
}
