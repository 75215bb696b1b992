//! The tasks that ask: one for each node's polls, one for its slower looks, one for each entry.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use harbor::Harbor;
use model::{
    address::Scheme,
    health::HealthState,
    ids::{ClusterId, NodeId},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    canary::Canary,
    inner::Inner,
    poll::{self, Poll},
    slow,
    subject::Subject,
};

/// Longest time for one slower look.
const LOOK_LIMIT: Duration = Duration::from_secs(60);
/// Nodes are asked at different moments, first within this time after they were set.
const SPREAD: Duration = Duration::from_secs(5);
/// An entry's certificate is read every so many slower looks.
const ENTRY_CERTIFICATE_EVERY: u32 = 10;

/// What a poller of a node works with.
pub(crate) struct NodeTask {
    pub(crate) inner: Arc<Inner>,
    pub(crate) cluster: ClusterId,
    pub(crate) node: NodeId,
    /// The error that kept the handle from being made is what each poll says.
    pub(crate) harbor: Result<Harbor, harbor::HarborError>,
    pub(crate) stop: CancellationToken,
}

/// Starts both tasks of a node.
pub(crate) fn spawn_node(task: NodeTask) {
    let tasks = task.inner.tasks.clone();
    let task = Arc::new(task);
    let serves = Arc::new(Notify::new());
    let (polls, told) = (Arc::clone(&task), Arc::clone(&serves));
    tasks.spawn(async move {
        let stop = polls.stop.clone();
        stop.run_until_cancelled(polls.polls(&told)).await;
    });
    if let Ok(harbor) = task.harbor.clone() {
        tasks.spawn(async move {
            let stop = task.stop.clone();
            stop.run_until_cancelled(task.looks(&harbor, &serves)).await;
        });
    }
}

impl NodeTask {
    async fn polls(&self, serves: &Notify) {
        let inner = &self.inner;
        if let Some((state, since_ms)) = past(inner, &Subject::Node(self.node.clone())).await
            && let Some(node) = inner.state().node_mut(&self.cluster, &self.node)
        {
            node.watched.remember(state, since_ms);
        }
        sleep(jitter(&self.node, inner.config.poll_every.min(SPREAD))).await;
        loop {
            lead(inner).await;
            let started = Instant::now();
            let poll = match &self.harbor {
                Ok(harbor) => poll::node(harbor, inner.config.deadline).await,
                Err(error) => Poll::nothing(error),
            };
            let window = window_ms(inner);
            let effects =
                inner.state().observe_node(&self.cluster, &self.node, &poll, inner.now_ms(), window);
            let (checking, back) = (effects.checking, effects.back);
            inner.apply(&self.cluster, effects);
            if back {
                serves.notify_one();
            }
            sleep_until(started + pause(inner, checking)).await;
        }
    }

    async fn looks(&self, harbor: &Harbor, serves: &Notify) {
        let inner = &self.inner;
        let mut canary = Canary::default();
        let mut round = 0;
        // The first good poll ends this wait.
        let _ = timeout(inner.config.slow_every, serves.notified()).await;
        sleep(jitter(&self.node, inner.config.slow_every.min(SPREAD) / 4)).await;
        loop {
            lead(inner).await;
            let started = Instant::now();
            let before = inner
                .state()
                .node(&self.cluster, &self.node)
                .map(|n| (n.watched.tracker.last(), n.slow.clone()));
            let Some((last, before)) = before else { return };
            // Of a node that serves nobody only the certificate can be told, and that may be why.
            if last.is_serving() {
                let look = slow::look(harbor, &mut canary, &before, round, || inner.now_ms());
                if let Ok(found) = timeout(LOOK_LIMIT, look).await {
                    let effects = inner.state().observe_slow(&self.cluster, &self.node, found);
                    inner.apply(&self.cluster, effects);
                    round += 1;
                }
            } else if last == HealthState::Unreachable && harbor.address().scheme() == Scheme::Https {
                let end = slow::certificate_end(harbor).await;
                let found = slow::Slow { cert_not_after_ms: end.or(before.cert_not_after_ms), ..before };
                let effects = inner.state().observe_slow(&self.cluster, &self.node, found);
                inner.apply(&self.cluster, effects);
            }
            // Whoever comes back is looked at soon, and not only when its turn comes.
            let _ =
                timeout(inner.config.slow_every.saturating_sub(started.elapsed()), serves.notified()).await;
        }
    }
}

/// Starts both tasks of an entry.
pub(crate) fn spawn_entry(
    inner: &Arc<Inner>,
    cluster: &ClusterId,
    harbor: Result<Harbor, harbor::HarborError>,
    stop: &CancellationToken,
) {
    let (owner, id, token) = (Arc::clone(inner), cluster.clone(), stop.clone());
    let handle = harbor.clone();
    inner.tasks.spawn(async move {
        token.run_until_cancelled(entry_polls(&owner, &id, &handle)).await;
    });
    let (owner, id, token) = (Arc::clone(inner), cluster.clone(), stop.clone());
    if let Some(harbor) = harbor.ok().filter(|h| h.address().scheme() == Scheme::Https) {
        inner.tasks.spawn(async move {
            token.run_until_cancelled(entry_certificate(&owner, &id, &harbor)).await;
        });
    }
}

async fn entry_polls(inner: &Inner, cluster: &ClusterId, harbor: &Result<Harbor, harbor::HarborError>) {
    if let Some((state, since_ms)) = past(inner, &Subject::Entry(cluster.clone())).await
        && let Some(entry) = inner.state().entry_mut(cluster)
    {
        entry.watched.remember(state, since_ms);
    }
    sleep(jitter(cluster, inner.config.poll_every.min(SPREAD))).await;
    loop {
        lead(inner).await;
        let started = Instant::now();
        let poll = match harbor {
            Ok(harbor) => poll::entry(harbor, inner.config.deadline).await,
            Err(error) => Poll::nothing(error),
        };
        let effects = inner.state().observe_entry(cluster, &poll, inner.now_ms());
        let checking = effects.checking;
        inner.apply(cluster, effects);
        sleep_until(started + pause(inner, checking)).await;
    }
}

async fn entry_certificate(inner: &Inner, cluster: &ClusterId, harbor: &Harbor) {
    loop {
        lead(inner).await;
        let end = slow::certificate_end(harbor).await;
        let changed = match inner.state().entry_mut(cluster) {
            Some(entry) if end.is_some() && entry.cert_not_after_ms != end => {
                entry.cert_not_after_ms = end;
                true
            }
            _ => false,
        };
        if changed {
            inner.changed(cluster);
        }
        sleep(inner.config.slow_every * ENTRY_CERTIFICATE_EVERY).await;
    }
}

/// Waits until this replica is the one that polls.
async fn lead(inner: &Inner) {
    // The sender lives as long as `inner`.
    let _ = inner.leading.subscribe().wait_for(|leads| *leads).await;
}

/// The last state that is in the history. Without the database there is none to tell, and the polls go on.
async fn past(inner: &Inner, subject: &Subject) -> Option<(HealthState, i64)> {
    let row = inner.store.intervals().latest(&subject.to_string()).await.ok().flatten()?;
    Some((HealthState::parse(&row.state), row.from_ms))
}

/// All nodes are polled once within this time; what goes within it goes at once.
fn window_ms(inner: &Inner) -> i64 {
    crate::millis(inner.config.poll_every + inner.config.deadline * 2)
}

fn pause(inner: &Inner, checking: bool) -> Duration {
    if checking { inner.config.recheck_after.min(inner.config.poll_every) } else { inner.config.poll_every }
}

/// A moment within `spread` that is always the same for one id, and different for most.
fn jitter(id: &impl Hash, spread: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    spread.mul_f64(f64::from(u16::try_from(hasher.finish() % 1000).unwrap_or(0)) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_spreads_nodes_over_the_time() {
        let spread = Duration::from_secs(5);
        let moments: Vec<Duration> = (0..1000).map(|i| jitter(&i, spread)).collect();
        for tenth in 0..10 {
            let from = spread / 10 * tenth;
            let hits = moments.iter().filter(|m| **m >= from && **m < from + spread / 10).count();
            assert!((50..200).contains(&hits), "{tenth}: {hits}");
        }
    }
}
