//! What only the pages ask for: filters, and rows of lists.

use model::{
    HistorySpan, Topology,
    draft::WizardStep,
    finding::Finding,
    health::Bucket,
    ids::{ClusterId, DraftId, NodeId},
    live::Happening,
    names::ClusterName,
    page::{ShareLink, ShownNode, StatusPage},
    run::RunView,
    spec::{ClusterNode, ClusterSpec},
};
use serde::{Deserialize, Serialize};

/// The time span that a page was asked for by the query parameter `range`; 30 days for none and for another word.
pub(crate) fn span_asked(word: Option<&str>) -> HistorySpan {
    word.and_then(HistorySpan::parse).unwrap_or(HistorySpan::Month)
}

/// How many bars show a span: half an hour, three hours, half a day, a day and a half each.
#[cfg(feature = "ssr")]
pub(crate) fn bars(span: HistorySpan) -> usize {
    match span {
        HistorySpan::Day => 48,
        HistorySpan::Week => 56,
        HistorySpan::Month | HistorySpan::Quarter => 60,
    }
}

/// The history of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// The node it is of; `None` for the entry, or the whole cluster on the board.
    pub node: Option<NodeId>,
    /// From old to new.
    pub buckets: Vec<Bucket>,
}

/// The history of a cluster on the board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterHistory {
    /// Which cluster.
    pub id: ClusterId,
    /// From old to new.
    pub buckets: Vec<Bucket>,
}

/// The answer times of a node over the last hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyRow {
    /// Which node.
    pub node: NodeId,
    /// From old to new; `None` where it did not answer or nobody asked.
    pub points: Vec<Option<u32>>,
}

/// A draft in the list of unfinished ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRow {
    /// Its id.
    pub id: DraftId,
    /// The name typed so far.
    pub name: String,
    /// It changes a cluster that is kept already.
    pub changes: bool,
    /// The topology chosen so far.
    pub topology: Option<Topology>,
    /// How many nodes have an address.
    pub nodes: usize,
    /// When it was saved last, UTC milliseconds.
    pub saved_ms: i64,
    /// The step to go on with.
    pub step: WizardStep,
}

/// What the settings of a cluster show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterSettings {
    /// What it shall be.
    pub spec: ClusterSpec,
    /// Its nodes with the accounts they are signed in with (never a secret), in the order of the spec.
    pub nodes: Vec<ClusterNode>,
    /// Warnings that somebody accepted, with the reasons.
    pub waived: Vec<Finding>,
    /// Whether what differed at first was copied.
    pub first_copy: FirstCopyState,
}

/// Where the first copy of a cluster stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstCopyState {
    /// Nothing is copied in this topology.
    Needless,
    /// Nobody started it: the rules' schedule begins it with its next run.
    BySchedule,
    /// It begins at that time, UTC milliseconds.
    At(i64),
    /// It was started.
    Begun,
}

/// Which part of the activity is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityFilter {
    /// Of one cluster.
    pub cluster: Option<ClusterId>,
    /// Of one node.
    pub node: Option<NodeId>,
    /// The first word of the code: `node`, `run`, `session` …; empty for all.
    pub kind: String,
    /// Who did it; empty for all.
    pub person: String,
    /// Part of the sentence, in either language; empty for all.
    pub text: String,
}

/// A page of the activity, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPageData {
    /// What happened.
    pub rows: Vec<Happening>,
    /// There is more before the last row.
    pub more: bool,
    /// The clusters there are, by name: for the filter and for links.
    pub clusters: Vec<(ClusterId, ClusterName)>,
}

/// A run in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// How it stands.
    pub run: RunView,
    /// Its cluster, where that is watched.
    pub cluster: Option<ClusterId>,
}

/// What the doors of the console look like to somebody who is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entrance {
    /// Somebody has claimed the console.
    pub claimed: bool,
    /// The asking browser is signed in.
    pub signed_in: bool,
}

/// A secret that is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownOnce {
    /// A reset code or a token.
    pub secret: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_asked_falls_to_a_month() {
        assert_eq!(span_asked(Some("24h")), HistorySpan::Day);
        assert_eq!(span_asked(Some("1y")), HistorySpan::Month);
        assert_eq!(span_asked(None), HistorySpan::Month);
    }
}

/// What the form of a status page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageToEdit {
    /// The page; `None` for a new one.
    pub page: Option<StatusPage>,
    /// What it may show.
    pub clusters: Vec<OfferedCluster>,
    /// What stands before its part of the address.
    pub address: String,
}

/// A cluster that a status page may show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedCluster {
    /// Its id.
    pub id: ClusterId,
    /// Its name.
    pub name: ClusterName,
    /// Its nodes under their names.
    pub nodes: Vec<ShownNode>,
}

/// A share link that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeLink {
    /// As it is listed.
    pub link: ShareLink,
    /// Its address, shown once.
    pub address: String,
    /// The address of a picture that shows it as a QR code.
    pub qr: Option<String>,
}
