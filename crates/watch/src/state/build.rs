//! From what is known to what is shown.

use model::{
    Link, Say,
    health::{ClusterHealth, EntryHealth, HealthState, LinkHealth, NodeHealth, judge_cluster},
    ids::ClusterId,
    live::Seen,
    names::NodeName,
    say,
};

use super::{Cluster, Entry, Node, Watched};
use crate::warning::warnings;

impl Cluster {
    /// How the cluster is, given how to read the state of each thing.
    pub(super) fn judge(&self, state: impl Fn(&Watched) -> HealthState) -> (HealthState, Say) {
        let nodes: Vec<(NodeName, HealthState)> =
            self.nodes.iter().map(|n| (n.spec.name.clone(), state(&n.watched))).collect();
        judge_cluster(self.topology, &nodes, self.entry.as_ref().map(|e| state(&e.watched)))
    }

    /// As the board shows it. What was not asked for `stale_ms` is unknown.
    pub(crate) fn health(&self, id: &ClusterId, now_ms: i64, stale_ms: i64) -> ClusterHealth {
        let (state, sentence) = self.judge(|watched| watched.tracker.shown(now_ms, stale_ms));
        ClusterHealth {
            id: id.clone(),
            name: self.name.clone(),
            topology: self.topology,
            state,
            sentence,
            nodes: self.nodes.iter().map(|n| n.health(now_ms, stale_ms)).collect(),
            links: self.links(now_ms, stale_ms),
            entry: self.entry.as_ref().map(|e| e.health(now_ms, stale_ms)),
        }
    }

    /// Its part of a beat.
    pub(crate) fn seen(&self, id: &ClusterId, now_ms: i64) -> Seen {
        let pair = |watched: &Watched| {
            let seen_ms = watched.tracker.seen_ms();
            let ago = if seen_ms == 0 { -1 } else { (now_ms - seen_ms).max(0) };
            (ago, watched.latency_ms.map_or(-1, i64::from))
        };
        Seen {
            id: id.clone(),
            nodes: self.nodes.iter().map(|n| pair(&n.watched)).collect(),
            entry: self.entry.as_ref().map(|e| pair(&e.watched)),
        }
    }

    fn links(&self, now_ms: i64, stale_ms: i64) -> Vec<LinkHealth> {
        let nodes: Vec<_> =
            self.nodes.iter().map(|n| (n.spec.name.clone(), n.spec.upstream.clone())).collect();
        let state = |name: &NodeName| {
            let node = self.nodes.iter().find(|n| n.spec.name == *name);
            node.map_or(HealthState::Unknown, |n| n.watched.tracker.shown(now_ms, stale_ms))
        };
        let links = self.topology.links(&nodes);
        links.into_iter().map(|link| self.link(state, link)).collect()
    }

    fn link(&self, state: impl Fn(&NodeName) -> HealthState, link: Link) -> LinkHealth {
        let (source, destination) = (state(&link.source), state(&link.destination));
        let (state, label) = if source == HealthState::Unknown || destination == HealthState::Unknown {
            (HealthState::Unknown, None)
        } else if !destination.is_serving() {
            let name = &link.destination;
            (HealthState::Down, Some(say!("waiting for {name}", "等待 {name}")))
        } else if !source.is_serving() {
            let name = &link.source;
            (HealthState::Down, Some(say!("{name} is away", "{name} 不可用")))
        } else {
            match self.notes.get(&link) {
                Some(note) => (note.state, note.label.clone()),
                None => (HealthState::Up, None),
            }
        };
        LinkHealth { link, state, label }
    }
}

impl Node {
    fn health(&self, now_ms: i64, stale_ms: i64) -> NodeHealth {
        let watched = &self.watched;
        let state = watched.tracker.shown(now_ms, stale_ms);
        let reason = watched.reason.as_ref().filter(|_| state != HealthState::Unknown);
        let slow = &self.slow;
        NodeHealth {
            id: self.spec.id.clone(),
            name: self.spec.name.clone(),
            address: self.spec.address.shown(),
            state,
            since_ms: watched.tracker.since_ms(),
            seen_ms: watched.tracker.seen_ms(),
            checking: watched.tracker.checking(),
            reason: reason.map(|r| r.cause.clone()),
            reason_code: reason.map(|r| r.code.to_owned()),
            next: reason.map(|r| r.next.clone()),
            warnings: warnings(slow, &self.spec.tls, self.has_credential(), now_ms),
            components: watched.components.clone(),
            latency_ms: watched.latency_ms,
            usual_ms: watched.latency.usual_ms(),
            version: slow.version.as_ref().map(harbor_version),
            cert_not_after_ms: slow.cert_not_after_ms,
            clock_offset_ms: slow.clock_offset_ms,
            replication_queue: slow.queue,
            schedules: slow.schedules,
            canary_ms: slow.pulled.as_ref().and_then(|p| p.ms),
            canary: slow.pulled.as_ref().map(|p| p.artifact.clone()),
            unverified: matches!(self.spec.tls, model::spec::TlsChoice::Off),
            credential_refused: slow.credential_refused,
        }
    }
}

impl Entry {
    fn health(&self, now_ms: i64, stale_ms: i64) -> EntryHealth {
        let watched = &self.watched;
        let state = watched.tracker.shown(now_ms, stale_ms);
        let reason = watched.reason.as_ref().filter(|_| state != HealthState::Unknown);
        EntryHealth {
            address: self.spec.address.shown(),
            state,
            since_ms: watched.tracker.since_ms(),
            seen_ms: watched.tracker.seen_ms(),
            latency_ms: watched.latency_ms,
            reason: reason.map(|r| r.cause.clone()),
            reason_code: reason.map(|r| r.code.to_owned()),
            next: reason.map(|r| r.next.clone()),
            checking: watched.tracker.checking(),
            cert_not_after_ms: self.cert_not_after_ms,
        }
    }
}

/// Without the commit.
fn harbor_version(version: &model::HarborVersion) -> String {
    version.numbers()
}
