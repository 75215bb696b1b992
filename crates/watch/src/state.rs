//! What is known of everything that is watched, in memory. No input or output: polls go in, what has to be written
//! and told comes out.

mod build;
mod cut_off;
mod news;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use harbor::{Credential, Harbor, HarborError};
use model::{
    Link, Say, Topology,
    health::{Component, HealthState, PollAnswer, judge_poll},
    ids::{ClusterId, NodeId},
    names::ClusterName,
};

pub use news::News;

use crate::{
    config::{WatchedEntry, WatchedNode},
    latency::Latency,
    poll::Poll,
    reason::Reason,
    slow::Slow,
    subject::Subject,
    tracker::{Change, Tracker},
};

/// A pull must fail in so many looks in a row to make a node degraded.
const PULL_FAILURES: u32 = 2;

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) clusters: BTreeMap<ClusterId, Cluster>,
    pub(crate) cut_off: bool,
    /// News of unreachable nodes that wait until it is clear whether the console itself is cut off.
    held: Vec<News>,
}

/// One cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) name: ClusterName,
    pub(crate) topology: Topology,
    pub(crate) nodes: Vec<Node>,
    pub(crate) entry: Option<Entry>,
    pub(crate) notes: HashMap<Link, LinkNote>,
    recorded: Option<HealthState>,
}

/// What somebody who knows the rules of a link says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkNote {
    /// How it is while both ends serve.
    pub state: HealthState,
    /// A few words for the drawing.
    pub label: Option<Say>,
}

/// What polls tell of a node or an entry.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) tracker: Tracker,
    pub(crate) components: Vec<Component>,
    pub(crate) reason: Option<Reason>,
    pub(crate) latency: Latency,
    pub(crate) latency_ms: Option<u32>,
    /// Last time that anything at all answered.
    answered_ms: i64,
    /// The last state that an earlier process stored, and since when.
    past: Option<(HealthState, i64)>,
    /// Whether the present state stands in the history.
    recorded: bool,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) spec: WatchedNode,
    /// The handle, or why none could be made.
    pub(crate) harbor: Result<Harbor, HarborError>,
    pub(crate) watched: Watched,
    pub(crate) slow: Slow,
}

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) spec: WatchedEntry,
    /// The handle, or why none could be made.
    pub(crate) harbor: Result<Harbor, HarborError>,
    pub(crate) watched: Watched,
    pub(crate) cert_not_after_ms: Option<i64>,
}

/// What follows from an observation.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// States to be written into the history, each with the code of its reason.
    pub(crate) records: Vec<(Subject, HealthState, Option<&'static str>)>,
    /// To be written into the activity list.
    pub(crate) news: Vec<News>,
    /// The cluster looks different to a viewer.
    pub(crate) changed: bool,
    /// Every cluster does: the console was found cut off, or not any more.
    pub(crate) all_changed: bool,
    /// The next poll decides: ask soon.
    pub(crate) checking: bool,
    /// It serves again: what the slower looks know is old.
    pub(crate) back: bool,
}

impl Node {
    pub(crate) fn has_credential(&self) -> bool {
        matches!(self.spec.credential, Credential::Basic { .. })
    }
}

impl Cluster {
    /// A cluster that takes over what was noted of the one it replaces.
    pub(crate) fn new(
        name: ClusterName,
        topology: Topology,
        nodes: Vec<Node>,
        entry: Option<Entry>,
        before: Option<Self>,
    ) -> Self {
        let (notes, recorded) = before.map(|c| (c.notes, c.recorded)).unwrap_or_default();
        Self { name, topology, nodes, entry, notes, recorded }
    }

    /// The newest poll of any of its nodes or its entry.
    pub(crate) fn seen_ms(&self) -> i64 {
        let entry = self.entry.iter().map(|e| &e.watched);
        let all = self.nodes.iter().map(|n| &n.watched).chain(entry);
        all.map(|w| w.tracker.seen_ms()).max().unwrap_or_default()
    }

    pub(crate) fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes.iter().find(|n| n.spec.id == *id)
    }

    /// Everything of it that has a history.
    pub(crate) fn subjects(&self, id: &ClusterId) -> Vec<Subject> {
        let nodes = self.nodes.iter().map(|n| Subject::Node(n.spec.id.clone()));
        let entry = self.entry.iter().map(|_| Subject::Entry(id.clone()));
        nodes.chain(entry).chain([Subject::Cluster(id.clone())]).collect()
    }
}

impl Watched {
    /// What an earlier process knew; only until the first poll settles something.
    pub(crate) fn remember(&mut self, state: HealthState, since_ms: i64) {
        if state != HealthState::Unknown {
            self.past = Some((state, since_ms));
        }
    }

    /// Takes a poll; the change it made, and whether a viewer sees anything new beside ages and answer times.
    fn observe(&mut self, poll: &Poll, pull: Option<&Reason>, at_ms: i64) -> (Option<Change>, bool) {
        let mut verdict = judge_poll(&poll.answer);
        let mut reason = poll.reason.as_ref();
        if let (HealthState::Up, Some(pull)) = (verdict, pull) {
            (verdict, reason) = (HealthState::Degraded, Some(pull));
        }
        if !matches!(poll.answer, PollAnswer::Nothing { .. }) {
            self.answered_ms = at_ms;
        }
        let checking = self.tracker.checking();
        let change = self.tracker.observe(verdict, at_ms);
        let mut changed = change.is_some() || checking != self.tracker.checking();
        self.latency_ms = poll.latency_ms.or(self.latency_ms.filter(|_| self.tracker.checking()));
        if let Some(ms) = poll.latency_ms {
            self.latency.add(at_ms, ms);
        }
        // While one poll disagrees, what is shown stays what it was.
        if verdict == self.tracker.state() {
            changed |= self.reason.as_ref() != reason || self.components != poll.answer.components();
            self.reason = reason.cloned();
            self.components = poll.answer.components().to_vec();
        }
        if change.is_some() {
            self.recorded = false;
        }
        (change, changed)
    }

    /// The state to be written, if it is not written yet.
    fn take_record(&mut self) -> Option<(HealthState, Option<&'static str>)> {
        let state = self.tracker.state();
        if self.recorded || state == HealthState::Unknown {
            return None;
        }
        self.recorded = true;
        Some((state, self.reason.as_ref().map(|r| r.code)))
    }

    /// The change as an earlier process would have seen it, if this is its first.
    fn since_past(&mut self, change: Change) -> Change {
        match (change.from, self.past.take()) {
            (HealthState::Unknown, Some((state, since_ms))) => {
                Change { from: state, to: change.to, after_ms: (self.tracker.since_ms() - since_ms).max(0) }
            }
            _ => change,
        }
    }
}

impl State {
    pub(crate) fn node(&self, cluster: &ClusterId, node: &NodeId) -> Option<&Node> {
        self.clusters.get(cluster)?.node(node)
    }

    pub(crate) fn node_mut(&mut self, cluster: &ClusterId, node: &NodeId) -> Option<&mut Node> {
        self.clusters.get_mut(cluster)?.nodes.iter_mut().find(|n| n.spec.id == *node)
    }

    pub(crate) fn entry_mut(&mut self, cluster: &ClusterId) -> Option<&mut Entry> {
        self.clusters.get_mut(cluster)?.entry.as_mut()
    }

    /// Takes a poll of a node. Nothing happens if it is not watched any more.
    pub(crate) fn observe_node(
        &mut self,
        cluster_id: &ClusterId,
        node_id: &NodeId,
        poll: &Poll,
        at_ms: i64,
        window_ms: i64,
    ) -> Effects {
        let mut effects = Effects::default();
        let Some(node) = self.node_mut(cluster_id, node_id) else { return effects };
        let pull = node.slow.pulled.as_ref().and_then(|p| p.reason.as_ref());
        let pull = pull.filter(|_| node.slow.pull_failures >= PULL_FAILURES);
        let (change, changed) = node.watched.observe(poll, pull, at_ms);
        effects.changed = changed;
        effects.checking = node.watched.tracker.checking();
        if let Some((state, code)) = node.watched.take_record() {
            effects.records.push((Subject::Node(node_id.clone()), state, code));
        }
        let mut told = None;
        if let Some(change) = change {
            effects.back = change.to.is_serving() && !change.from.is_serving();
            let change = node.watched.since_past(change);
            told = news::of_node(cluster_id, node, change);
        }
        self.record_cluster(cluster_id, &mut effects);
        self.weigh(told, poll, at_ms, window_ms, &mut effects);
        effects
    }

    /// Takes a poll of an entry.
    pub(crate) fn observe_entry(&mut self, cluster_id: &ClusterId, poll: &Poll, at_ms: i64) -> Effects {
        let mut effects = Effects::default();
        let Some(entry) = self.entry_mut(cluster_id) else { return effects };
        let (change, changed) = entry.watched.observe(poll, None, at_ms);
        effects.changed = changed;
        effects.checking = entry.watched.tracker.checking();
        if let Some((state, code)) = entry.watched.take_record() {
            effects.records.push((Subject::Entry(cluster_id.clone()), state, code));
        }
        if let Some(change) = change {
            let change = entry.watched.since_past(change);
            effects.news.extend(news::of_entry(cluster_id, entry, change));
        }
        self.record_cluster(cluster_id, &mut effects);
        effects
    }

    /// Takes what a slower look found.
    pub(crate) fn observe_slow(&mut self, cluster_id: &ClusterId, node_id: &NodeId, slow: Slow) -> Effects {
        let mut effects = Effects::default();
        let Some(node) = self.node_mut(cluster_id, node_id) else { return effects };
        effects.changed = node.slow != slow;
        if slow.credential_refused && !node.slow.credential_refused {
            effects.news.push(news::credential_refused(cluster_id, node));
        }
        node.slow = slow;
        effects
    }

    /// Writes everything anew at its next poll: whoever wrote so far was silent for too long.
    pub(crate) fn forget_records(&mut self) {
        for cluster in self.clusters.values_mut() {
            cluster.recorded = None;
            let entry = cluster.entry.iter_mut().map(|e| &mut e.watched);
            for watched in cluster.nodes.iter_mut().map(|n| &mut n.watched).chain(entry) {
                watched.recorded = false;
            }
        }
    }

    fn record_cluster(&mut self, id: &ClusterId, effects: &mut Effects) {
        let Some(cluster) = self.clusters.get_mut(id) else { return };
        let (state, _) = cluster.judge(|watched| watched.tracker.state());
        if state != HealthState::Unknown && cluster.recorded != Some(state) {
            cluster.recorded = Some(state);
            effects.records.push((Subject::Cluster(id.clone()), state, None));
        }
    }
}
