//! Tells viewers: changed clusters at once but not too often, and a beat every few seconds.

use std::collections::HashMap;

use model::{ids::ClusterId, live::LiveEvent};
use tokio::time::Instant;

use crate::inner::Inner;

/// Sends clusters that changed.
pub(crate) async fn changes(inner: &Inner) {
    let gap = inner.config.cluster_gap;
    let mut sent: HashMap<ClusterId, Instant> = HashMap::new();
    loop {
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        sent.retain(|_, at| now < *at + gap);
        for id in inner.changed_clusters() {
            match sent.get(&id).map(|at| *at + gap) {
                Some(due) => next = Some(next.map_or(due, |n| n.min(due))),
                None => {
                    // Forgotten first: a change while the event is made sends another one.
                    inner.forget_change(&id);
                    if inner.is_leading() && tell(inner, &id) {
                        sent.insert(id, now);
                    }
                }
            }
        }
        let later = async {
            match next {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = inner.stop.cancelled() => return,
            () = inner.wake_teller.notified() => {}
            () = later => {}
        }
    }
}

fn tell(inner: &Inner, id: &ClusterId) -> bool {
    let cut_off = inner.state().cut_off;
    let Some(cluster) = inner.cluster(id) else { return false };
    inner.tell(&LiveEvent::Cluster { cluster: Box::new(cluster), cut_off });
    true
}

/// Sends the beat: who was asked since the last one, in few bytes.
pub(crate) async fn beats(inner: &Inner) {
    let mut last_ms = 0;
    let mut beat = tokio::time::interval(inner.config.beat_every);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = inner.stop.cancelled() => return,
            _ = beat.tick() => {}
        }
        let now_ms = inner.now_ms();
        if !inner.is_leading() {
            // The leader tells what was seen; this only shows that the page is live.
            inner.hub.publish(&LiveEvent::Seen { at_ms: now_ms, clusters: Vec::new() });
            continue;
        }
        let clusters = {
            let state = inner.state();
            let asked = state.clusters.iter().filter(|(_, c)| c.seen_ms() >= last_ms);
            asked.map(|(id, cluster)| cluster.seen(id, now_ms)).collect()
        };
        last_ms = now_ms;
        inner.tell(&LiveEvent::Seen { at_ms: now_ms, clusters });
    }
}
