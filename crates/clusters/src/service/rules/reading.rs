//! What stands on the Harbors of a cluster, and what is to be looked at there.

use std::collections::BTreeMap;

use futures::future::join_all;
use ledger::PairState;
use model::{
    AppError,
    drift::{Kind, Side},
    finding::Finding,
    ids::ClusterId,
    names::NodeName,
    plan::PlannedRule,
    rule::NodeRules,
    say,
    spec::ClusterSpec,
};
use store::clusters::ClusterRow;

use super::super::{Answered, Clusters};
use crate::{
    lint,
    pairs::{self, Known},
    reach::Reach,
    records::{self, ClusterRecord},
    rules::{self, NodeRead},
    trouble::Trouble,
};

/// A tag that differs for so long is no tag on its way, milliseconds.
const LASTING_MS: i64 = 60_000;

/// What each node answered about its rules, in the cluster's order.
pub(super) type NodesRead = [(NodeName, Result<NodeRead, Trouble>)];

/// A cluster whose nodes copy, as it is kept.
pub(super) struct Kept {
    pub(super) row: ClusterRow,
    pub(super) spec: ClusterSpec,
    pub(super) record: ClusterRecord,
}

/// What was read of it.
pub(super) struct Reading {
    /// Each node's answer.
    pub(super) nodes: Vec<(NodeName, Result<NodeRead, Trouble>)>,
    /// Its pairs.
    pub(super) pairs: Vec<Known>,
    /// Artifacts that a run looks at; 0 where nobody counted.
    pub(super) artifacts: u64,
    /// What is to be looked at, worst first.
    pub(super) findings: Vec<Finding>,
    /// When, UTC milliseconds.
    pub(super) read_ms: i64,
}

impl Clusters {
    /// The cluster, where its nodes copy.
    pub(super) async fn kept(&self, id: &ClusterId) -> Answered<Kept> {
        let row = self.store.clusters().get(id).await?;
        let spec: ClusterSpec = row.spec_as()?;
        if !spec.topology.copies() {
            return Err(none());
        }
        let record = records::cluster_record(&self.store, id).await?;
        Ok(Kept { row, spec, record })
    }

    /// Asks every node about its rules, and itself what is wrong with them.
    pub(super) async fn read_rules(&self, kept: &Kept) -> Answered<Reading> {
        let Kept { row, spec, record } = kept;
        let reach = self.reach(spec, self.cluster_accounts(&row.id).await?)?;
        let now_ms = self.now_ms();
        let nodes = read_all(spec, &record.rules, &reach, now_ms).await;
        let known = pairs::of_cluster(&self.store, &row.id).await?;
        let artifacts = pairs::artifacts(&known)?;
        let mut facts = Vec::new();
        // Rules that wait for the time of their first copy, or are held by a heal, are off on purpose.
        let mut held = record.first_copy_at_ms.is_some();
        for pair in &known {
            let state: PairState = pair.row.state_as()?;
            let totals = self.store.ledger().drift_totals(&pair.row.id).await?;
            let lasting = totals.iter().filter(|t| {
                matches!(t.kind, Kind::Moved | Kind::Conflict) && now_ms - t.oldest_ms >= LASTING_MS
            });
            facts.push(lint::PairFacts {
                pair: pair.row.id.clone(),
                nodes: pair.names.clone(),
                differing: lasting.map(|t| u64::try_from(t.count).unwrap_or(0)).sum(),
                // What another scope took says nothing of this one.
                carried: state
                    .read_ms
                    .filter(|_| state.scope == pair.scope)
                    .map(|_| state.held[Side::A.at()]),
                landing: state.landing.filter(|_| state.scope == pair.scope),
            });
            held |= self.healing(&pair.row.id).await?.is_some();
        }
        let limits = records::limits(&self.store, &row.id).await?;
        let other_links = self.links_of_others(&row.id).await?;
        let findings = lint::look(&lint::Facts {
            spec,
            planned: if held { &[] } else { &record.rules },
            nodes: &node_facts(spec, &nodes),
            pairs: &facts,
            limits: &limits,
            other_links: &other_links,
            artifacts,
            now_ms,
        });
        Ok(Reading { nodes, pairs: known, artifacts, findings, read_ms: now_ms })
    }

    /// What the other clusters copy, from host to host.
    async fn links_of_others(&self, id: &ClusterId) -> Answered<Vec<(String, String)>> {
        let mut out = Vec::new();
        for row in self.store.clusters().list().await?.into_iter().filter(|row| row.id != *id) {
            let spec: ClusterSpec = row.spec_as()?;
            let host = |node: &NodeName| Some(spec.node(node)?.address.authority());
            out.extend(
                spec.links().iter().filter_map(|link| Some((host(&link.source)?, host(&link.destination)?))),
            );
        }
        Ok(out)
    }
}

/// Asks the nodes about their rules, all at once; each has ten seconds.
pub(super) async fn read_all(
    spec: &ClusterSpec,
    planned: &[PlannedRule],
    reach: &BTreeMap<NodeName, Reach>,
    now_ms: i64,
) -> Vec<(NodeName, Result<NodeRead, Trouble>)> {
    let asked = spec.nodes.iter().filter_map(|node| {
        let reach = reach.get(&node.name)?;
        Some(async move { (node.name.clone(), rules::read(reach, spec, node, planned, now_ms).await) })
    });
    join_all(asked).await
}

fn node_facts(spec: &ClusterSpec, read: &NodesRead) -> Vec<lint::NodeFacts> {
    read.iter()
        .filter_map(|(node, read)| {
            let read = read.as_ref().ok()?;
            Some(lint::NodeFacts {
                node: node.clone(),
                version: read.version.clone(),
                portal: spec.node(node).map(|n| n.address.origin()).unwrap_or_default(),
                rules: read.rules.clone(),
                jobs: read.jobs.clone(),
                jobs_away: read.jobs_away.clone(),
                executions: read.executions.clone(),
            })
        })
        .collect()
}

/// A node's answer as it is shown.
pub(super) fn node_view(node: NodeName, read: Result<NodeRead, Trouble>) -> NodeRules {
    match read {
        Ok(read) => NodeRules { node, version: Some(read.version), error: None, rules: read.rules },
        Err(trouble) => {
            let error = Some(trouble.app_of(&node));
            NodeRules { node, version: None, error, rules: Vec::new() }
        }
    }
}

fn none() -> AppError {
    AppError::new(
        "rules.none",
        404,
        say!(
            "The nodes of this cluster share their storage: nothing is copied.",
            "此集群的节点共享存储，无需复制。"
        ),
        say!("Rules belong to clusters whose nodes copy.", "只有互相复制的集群才有复制规则。"),
    )
}
