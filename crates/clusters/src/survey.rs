//! What the Harbors of a cluster say of themselves, each thing asked once.
//!
//! Findings read through a [`Survey`]; so does the plan. At most four requests run on a node at once, and no
//! question waits longer than its deadline.

mod bench;
mod facts;
mod node;
mod place;

use std::{collections::BTreeMap, sync::Arc};

use harbor::{HarborError, Outside};
use model::{
    HarborVersion, Link, Say, finding::Subject, names::NodeName, plan::FirstCopySize, say, spec::ClusterSpec,
};
use store::Clock;
use tokio::sync::OnceCell;

pub(crate) use bench::{Bench, JobsSeen};
pub(crate) use facts::{Basics, Endpoint, PeerPing, Project, ProjectQuota, Rule};
pub(crate) use node::{NodeSurvey, ROBOTS};
pub(crate) use place::{EntrySurvey, Place};

use crate::{change::Change, findings::Answer, reach::Reach, trouble::Trouble};

/// An answer of a Harbor, or why there is none.
pub(crate) type Seen<T> = Result<T, Trouble>;

/// An answer that concerns several nodes, or which of them gave none.
pub(crate) type SeenOf<T> = Result<T, (NodeName, Trouble)>;

type Compared = OnceCell<SeenOf<Arc<ledger::Comparison>>>;

/// A cluster being looked at.
pub(crate) struct Survey {
    spec: ClusterSpec,
    nodes: Vec<NodeSurvey>,
    entry: Option<EntrySurvey>,
    comparisons: BTreeMap<Link, Compared>,
    clock: Clock,
    bench: Option<Bench>,
    change: Option<Change>,
}

impl Survey {
    /// A survey of the cluster; `reach` gives the handles of each node. Nothing is asked yet.
    ///
    /// # Errors
    /// Where a handle cannot be built from what was typed.
    pub(crate) fn new(
        outside: &Outside,
        spec: ClusterSpec,
        reach: &BTreeMap<NodeName, Reach>,
        clock: Clock,
    ) -> Result<Self, HarborError> {
        let nodes: Vec<NodeSurvey> = spec
            .nodes
            .iter()
            .filter_map(|n| reach.get(&n.name).map(|r| NodeSurvey::new(n.clone(), r.clone())))
            .collect();
        let entry = match &spec.entry {
            None => None,
            Some(entry) => {
                let handle = harbor::Harbor::new(
                    outside,
                    entry.address.clone(),
                    &entry.tls,
                    harbor::Credential::Anonymous,
                )?;
                let accounts = reach.values().filter_map(|r| r.account.clone()).collect();
                Some(EntrySurvey::new(handle, entry.tls.clone(), accounts))
            }
        };
        let comparisons = spec.links().into_iter().map(|l| (l, OnceCell::new())).collect();
        Ok(Self { spec, nodes, entry, comparisons, clock, bench: None, change: None })
    }

    /// The same with what a probe run has made.
    #[must_use]
    pub(crate) fn with_bench(mut self, bench: Bench) -> Self {
        self.bench = Some(bench);
        self
    }

    /// The same for a cluster that is kept and shall be changed.
    #[must_use]
    pub(crate) fn with_change(mut self, change: Option<Change>) -> Self {
        self.change = change;
        self
    }

    /// What is changed, where the cluster is kept already.
    pub(crate) fn change(&self) -> Option<&Change> {
        self.change.as_ref()
    }

    /// The cluster as wished.
    pub(crate) fn spec(&self) -> &ClusterSpec {
        &self.spec
    }

    /// The nodes in their order.
    pub(crate) fn nodes(&self) -> &[NodeSurvey] {
        &self.nodes
    }

    /// The node of that name.
    pub(crate) fn node(&self, name: &NodeName) -> Option<&NodeSurvey> {
        self.nodes.iter().find(|n| n.name() == name)
    }

    /// The entry, where there is one.
    pub(crate) fn entry(&self) -> Option<&EntrySurvey> {
        self.entry.as_ref()
    }

    /// UTC milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The node a subject names.
    pub(crate) fn node_of(&self, subject: &Subject) -> Option<&NodeSurvey> {
        match subject {
            Subject::Node { node } => self.node(node),
            _ => None,
        }
    }

    /// The address a subject names: a node's or the entry's.
    pub(crate) fn place_of(&self, subject: &Subject) -> Option<&Place> {
        match subject {
            Subject::Node { node } => self.node(node).map(NodeSurvey::place),
            Subject::Entry => self.entry().map(EntrySurvey::place),
            Subject::Cluster | Subject::Link { .. } => None,
        }
    }

    /// Source and destination of a link.
    pub(crate) fn link_of(&self, subject: &Subject) -> Option<(&NodeSurvey, &NodeSurvey)> {
        match subject {
            Subject::Link { source, destination } => self.node(source).zip(self.node(destination)),
            _ => None,
        }
    }

    /// Every node's basics, or the first that gave none.
    ///
    /// # Errors
    /// Names the node.
    pub(crate) async fn all_basics(&self) -> SeenOf<Vec<(NodeName, Arc<Basics>)>> {
        let asked = self.nodes.iter().map(|node| async move {
            node.basics().await.map(|b| (node.name().clone(), b)).map_err(|t| (node.name().clone(), t))
        });
        futures::future::join_all(asked).await.into_iter().collect()
    }

    /// The versions of those nodes that told theirs.
    pub(crate) async fn known_versions(&self) -> Vec<HarborVersion> {
        let asked = self.nodes.iter().map(|node| async move { node.basics().await.ok() });
        futures::future::join_all(asked).await.into_iter().flatten().map(|b| b.version.clone()).collect()
    }

    /// Everything that the two ends of a link hold, compared.
    ///
    /// # Errors
    /// Names the node that could not be read.
    pub(crate) async fn comparison(&self, link: &Link) -> SeenOf<Arc<ledger::Comparison>> {
        let (Some(cell), Some(source), Some(destination)) =
            (self.comparisons.get(link), self.node(&link.source), self.node(&link.destination))
        else {
            return Err((link.source.clone(), Trouble::from(HarborError::Cancelled)));
        };
        cell.get_or_init(|| async {
            let (here, there) = tokio::join!(source.inventory(), destination.inventory());
            let here = here.map_err(|t| (link.source.clone(), t))?;
            let there = there.map_err(|t| (link.destination.clone(), t))?;
            Ok(Arc::new(ledger::compare(&here, &there)))
        })
        .await
        .clone()
    }

    /// The first copy over a link, as the comparison has it.
    ///
    /// # Errors
    /// As [`Survey::comparison`].
    pub(crate) async fn first_copy(&self, link: &Link) -> SeenOf<FirstCopySize> {
        let found = self.comparison(link).await?;
        Ok(FirstCopySize {
            link: link.clone(),
            artifacts: found.artifacts,
            missing: found.missing,
            bytes: found.missing_bytes,
            differing: found.differing,
        })
    }

    /// What a probe run has made, the node it was made through, and the others.
    pub(crate) fn bench_nodes(&self) -> Option<(&Bench, &NodeSurvey, &[NodeSurvey])> {
        let bench = self.bench.as_ref()?;
        let (first, others) = self.nodes.split_first()?;
        Some((bench, first, others))
    }

    /// The answer where the cluster changed while it was asked.
    pub(crate) fn gone() -> Answer {
        Answer::not_applicable(say!("What was asked about is no longer there.", "所检查的对象已不存在。"))
    }

    /// The answer where a probe is asked without what it needs.
    pub(crate) fn no_bench() -> Answer {
        Answer::not_proven(
            say!("not asked", "未检查"),
            say!(
                "The probes make something on the nodes; they start when their calls are confirmed.",
                "探测会在节点上创建临时对象；确认其调用后才会开始。"
            ),
        )
    }

    /// The answer where the control of a probe failed: nothing is said about what it would have shown.
    pub(crate) fn control_failed(node: &NodeName) -> Answer {
        let measured: Say = say!("the control on {node} failed", "在 {node} 上的对照失败");
        Answer::not_proven(
            measured,
            say!(
                "The same already fails where it must succeed, so this proves nothing about the nodes' difference.",
                "在本应成功的情况下就已失败，因此不能说明节点之间的差异。"
            ),
        )
    }
}
