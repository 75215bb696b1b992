//! Several replicas of the console on one PostgreSQL.
//!
//! One lease decides which of them watches: it polls every node and writes history; when it falls silent for
//! [`LEASE`] another one takes over. All live events go through the store's table of events, where the others read
//! them for their own viewers. Ids of live events are each replica's own, so a viewer who comes back to another
//! replica is told to read its page anew. With SQLite there is one process, no lease and no such table.

use std::{collections::BTreeMap, time::Duration};

use model::{
    health::{ClusterHealth, HealthState, judge_cluster},
    ids::{ClusterId, NodeId},
    live::LiveEvent,
    names::NodeName,
};
use serde_json::json;
use store::{Store, events::Missed};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{Watch, inner::Inner, latency::Latency};

/// The lease of whoever watches.
const NAME: &str = "watch";
/// How long it lasts, and how often it is renewed.
const LEASE: Duration = Duration::from_secs(20);
const RENEW: Duration = Duration::from_secs(5);
/// The leader repeats everything so often, for replicas that began meanwhile.
const REPEAT: Duration = Duration::from_secs(60);
/// Events are kept this long for replicas that were busy.
const KEPT_MS: i64 = 600_000;
/// Events that wait for the database; more are given up, and the repetition makes up for them.
const WAITING: usize = 1024;

/// Where events for the other replicas go.
pub(crate) struct Relay {
    sender: mpsc::Sender<Row>,
}

/// One row for the table of events.
pub(crate) struct Row {
    kind: &'static str,
    body: serde_json::Value,
}

const LIVE: &str = "live";
const RELOAD: &str = "reload";
const HELLO: &str = "hello";

impl Relay {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Row>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self { sender }, receiver)
    }

    pub(crate) fn send(&self, event: &LiveEvent) {
        match serde_json::to_value(event) {
            Ok(body) => self.put(Row { kind: LIVE, body }),
            Err(error) => tracing::error!(%error, "a live event cannot be written as JSON"),
        }
    }

    /// A cluster was set or removed here: the others read it anew.
    pub(crate) fn reload(&self, id: &ClusterId) {
        self.put(Row { kind: RELOAD, body: json!(id) });
    }

    fn put(&self, row: Row) {
        if self.sender.try_send(row).is_err() {
            tracing::warn!("an event was not passed on to other replicas");
        }
    }
}

/// What other replicas told.
#[derive(Default)]
pub(crate) struct Remote {
    clusters: BTreeMap<ClusterId, ClusterHealth>,
    latencies: BTreeMap<NodeId, Latency>,
    pub(crate) cut_off: bool,
}

impl Remote {
    /// As it was told, with what is too old made unknown.
    pub(crate) fn cluster(&self, id: &ClusterId, now_ms: i64, stale_ms: i64) -> Option<ClusterHealth> {
        let mut cluster = self.clusters.get(id)?.clone();
        let is_stale = |seen_ms: i64| now_ms - seen_ms > stale_ms;
        for node in cluster.nodes.iter_mut().filter(|n| is_stale(n.seen_ms)) {
            node.state = HealthState::Unknown;
        }
        for entry in cluster.entry.iter_mut().filter(|e| is_stale(e.seen_ms)) {
            entry.state = HealthState::Unknown;
        }
        let nodes: Vec<(NodeName, HealthState)> =
            cluster.nodes.iter().map(|n| (n.name.clone(), n.state)).collect();
        let entry = cluster.entry.as_ref().map(|e| e.state);
        (cluster.state, cluster.sentence) = judge_cluster(cluster.topology, &nodes, entry);
        Some(cluster)
    }

    pub(crate) fn latency(&self, node: &NodeId) -> Vec<(i64, u32)> {
        self.latencies.get(node).map(Latency::line).unwrap_or_default()
    }

    /// Takes an event; false when it tells nothing new.
    fn take(&mut self, event: &LiveEvent) -> bool {
        match event {
            LiveEvent::Cluster { cluster, cut_off } => {
                self.cut_off = *cut_off;
                self.clusters.insert(cluster.id.clone(), (**cluster).clone()).as_ref() != Some(&**cluster)
            }
            LiveEvent::ClusterGone { id } => self.clusters.remove(id).is_some(),
            LiveEvent::Seen { at_ms, clusters } => {
                for seen in clusters {
                    let Some(cluster) = self.clusters.get_mut(&seen.id) else { continue };
                    seen.apply(*at_ms, cluster);
                    for (node, ms) in cluster.nodes.iter().filter_map(|n| Some((n, n.latency_ms?))) {
                        self.latencies.entry(node.id.clone()).or_default().add(node.seen_ms, ms);
                    }
                }
                true
            }
            _ => true,
        }
    }
}

/// Takes and renews the lease; leads while it has it. A database that is away changes nothing: nobody else can take
/// the lease meanwhile.
pub(crate) async fn lead(inner: &Inner) {
    let mut renew = interval(RENEW);
    renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = inner.stop.cancelled() => break,
            _ = renew.tick() => {}
        }
        match inner.store.leases().take(NAME, &inner.replica, LEASE).await {
            Ok(leads) => {
                let changed = inner.leading.send_if_modified(|now| std::mem::replace(now, leads) != leads);
                if changed {
                    tracing::info!(leads, "which replica watches has changed");
                    // Written anew under this replica's name, at each thing's next poll.
                    inner.state().forget_records();
                    inner.all_changed();
                }
            }
            Err(error) => tracing::warn!(code = error.code(), "the lease to watch cannot be renewed now"),
        }
    }
    if let Err(error) = inner.store.leases().release(NAME, &inner.replica).await {
        tracing::warn!(code = error.code(), "the lease to watch was not given back; it ends by itself");
    }
}

/// Writes what this replica has to tell the others; repeats everything from time to time while it leads.
pub(crate) async fn pass_on(inner: &Inner, mut rows: mpsc::Receiver<Row>) {
    let mut repeat = interval(REPEAT);
    repeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    append(inner, Row { kind: HELLO, body: json!(null) }).await;
    loop {
        tokio::select! {
            () = inner.stop.cancelled() => break,
            row = rows.recv() => match row {
                Some(row) => append(inner, row).await,
                None => break,
            },
            _ = repeat.tick() => if inner.is_leading() {
                repeat_all(inner).await;
                let pruned = inner.store.events().prune(inner.now_ms().saturating_sub(KEPT_MS)).await;
                if let Err(error) = pruned {
                    tracing::warn!(code = error.code(), "old events cannot be removed now");
                }
            },
        }
    }
    while let Ok(row) = rows.try_recv() {
        append(inner, row).await;
    }
}

async fn repeat_all(inner: &Inner) {
    let board = inner.board();
    for cluster in board.clusters {
        let event = LiveEvent::Cluster { cluster: Box::new(cluster), cut_off: board.cut_off };
        match serde_json::to_value(&event) {
            Ok(body) => append(inner, Row { kind: LIVE, body }).await,
            Err(error) => tracing::error!(%error, "a live event cannot be written as JSON"),
        }
    }
}

async fn append(inner: &Inner, row: Row) {
    let kind = format!("{}/{}", row.kind, inner.replica);
    if let Err(error) = inner.store.events().append(None, &kind, &row.body).await {
        tracing::warn!(code = error.code(), "an event was not passed on to other replicas");
    }
}

/// Reads what other replicas tell.
pub(crate) async fn follow(watch: &Watch) {
    let inner = watch.inner();
    let mut newest = inner.store.events().newest();
    let mut seen = start(&inner.store, &inner.stop).await;
    loop {
        tokio::select! {
            () = inner.stop.cancelled() => return,
            changed = newest.changed() => if changed.is_err() { return },
        }
        loop {
            match inner.store.events().after(seen, 256).await {
                Ok(Missed::Events(rows)) if rows.is_empty() => break,
                Ok(Missed::Events(rows)) => {
                    for row in rows {
                        seen = row.id;
                        take(watch, &row).await;
                    }
                }
                Ok(Missed::Gone) => {
                    seen = start(&inner.store, &inner.stop).await;
                    append(inner, Row { kind: HELLO, body: json!(null) }).await;
                    inner.hub.publish(&LiveEvent::Reset);
                }
                Err(error) => {
                    tracing::warn!(code = error.code(), "other replicas cannot be heard now");
                    tokio::select! {
                        () = inner.stop.cancelled() => return,
                        () = sleep(RENEW) => {}
                    }
                }
            }
        }
    }
}

/// The newest id, as soon as the database tells it.
async fn start(store: &Store, stop: &tokio_util::sync::CancellationToken) -> i64 {
    loop {
        match store.events().newest_id().await {
            Ok(id) => return id,
            Err(_) if stop.is_cancelled() => return 0,
            Err(_) => {
                tokio::select! {
                    () = stop.cancelled() => return 0,
                    () = sleep(RENEW) => {}
                }
            }
        }
    }
}

async fn take(watch: &Watch, row: &store::events::EventRow) {
    let inner = watch.inner();
    let Some((kind, replica)) = row.kind.split_once('/') else { return };
    if replica == inner.replica {
        return;
    }
    match kind {
        LIVE => match row.body_as::<LiveEvent>() {
            Ok(event) => {
                let new = inner.remote().take(&event);
                // Whoever leads knows better than what it told before it led.
                let stale =
                    inner.is_leading() && matches!(event, LiveEvent::Cluster { .. } | LiveEvent::Seen { .. });
                if new && !stale {
                    inner.hub.publish(&event);
                }
            }
            Err(error) => tracing::warn!(code = error.code(), "an event of another replica cannot be read"),
        },
        RELOAD => {
            let (Some(loader), Ok(id)) = (&inner.config.loader, row.body_as::<ClusterId>()) else { return };
            match loader(id.clone()).await {
                Some(cluster) => watch.place(cluster),
                None => watch.displace(&id),
            };
        }
        HELLO if inner.is_leading() => repeat_all(inner).await,
        _ => {}
    }
}
