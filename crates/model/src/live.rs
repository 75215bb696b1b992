//! What the server pushes to every open page through one `EventSource`.

use serde::{Deserialize, Serialize};

use crate::{
    Say,
    drift::PairView,
    finding::Finding,
    health::{ClusterHealth, HealthState},
    ids::{ClusterId, DraftId, NodeId},
    run::RunView,
};

/// One live event. The SSE id beside it grows by one; a gap means: read the page's data again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LiveEvent {
    /// A cluster looks different: a node changed, was asked again, or is being checked.
    Cluster {
        /// As it is now.
        cluster: Box<ClusterHealth>,
        /// Whether every node of every cluster is gone.
        cut_off: bool,
    },
    /// Nodes were asked again and nothing changed; also the beat that shows the page is live. Every few seconds,
    /// also without any cluster.
    Seen {
        /// When this was put together, UTC milliseconds.
        at_ms: i64,
        /// Clusters with at least one answer since the last beat.
        clusters: Vec<Seen>,
    },
    /// A cluster was removed from the console.
    ClusterGone {
        /// Which.
        id: ClusterId,
    },
    /// A finding of a draft got its answer.
    Finding {
        /// Whose.
        draft: DraftId,
        /// The answer.
        finding: Box<Finding>,
    },
    /// A step of a run moved on.
    Run {
        /// As it is now.
        run: Box<RunView>,
    },
    /// A pair was compared, or is being compared.
    Pair {
        /// As it is now.
        pair: Box<PairView>,
    },
    /// Something else is to be looked at among the rules of a cluster than before.
    Rules {
        /// Which cluster.
        cluster: ClusterId,
        /// How much that is.
        findings: u32,
    },
    /// Something happened that the activity list shows.
    Happened {
        /// As listed.
        event: Happening,
    },
    /// A status page or one of its links was made, changed or taken away.
    Pages,
    /// The server could not replay what was missed; the page reads its data again.
    Reset,
}

/// When the nodes of a cluster were last asked, in few bytes: one such event serves every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Seen {
    /// Which cluster.
    pub id: ClusterId,
    /// For each node in the cluster's order: milliseconds before `at_ms` at which it was last asked, and its last
    /// answer time in milliseconds; −1 for never and for none.
    pub nodes: Vec<(i64, i64)>,
    /// The same for the entry, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<(i64, i64)>,
}

impl Seen {
    /// Brings the ages and answer times of `cluster` up to date.
    pub fn apply(&self, at_ms: i64, cluster: &mut ClusterHealth) {
        let seen = |(ago, _): (i64, i64)| if ago < 0 { 0 } else { at_ms - ago };
        let latency = |(_, ms): (i64, i64)| u32::try_from(ms).ok();
        for (node, pair) in cluster.nodes.iter_mut().zip(&self.nodes) {
            node.seen_ms = seen(*pair);
            node.latency_ms = latency(*pair);
        }
        if let (Some(entry), Some(pair)) = (cluster.entry.as_mut(), self.entry) {
            entry.seen_ms = seen(pair);
            entry.latency_ms = latency(pair);
        }
    }
}

/// A change of state or an act of a person, as the activity list and "What happened" show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Happening {
    /// Grows; newest has the largest.
    pub id: i64,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// How serious: up for good news, degraded and down for bad, unknown for neutral.
    pub state: HealthState,
    /// In words.
    pub text: Say,
    /// Who did it; empty for what happened by itself.
    pub by: String,
    /// The stable code: `node.down`, `session.created`.
    pub code: String,
    /// The cluster it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// The node it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
}
