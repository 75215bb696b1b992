//! What all tasks of the watch share.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use model::{
    health::{Board, ClusterHealth},
    ids::ClusterId,
    live::LiveEvent,
};
use store::{Store, intervals::SILENCE_MS};
use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::WatchConfig,
    live::Hub,
    recorder::Recorder,
    replicas::{Relay, Remote},
    state::{Effects, State},
};

pub(crate) struct Inner {
    pub(crate) config: WatchConfig,
    pub(crate) store: Store,
    pub(crate) hub: Hub,
    pub(crate) recorder: Recorder,
    /// Names this process among replicas.
    pub(crate) replica: String,
    /// Whether this replica polls and writes history.
    pub(crate) leading: watch::Sender<bool>,
    pub(crate) relay: Option<Relay>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Wakes the task that sends changed clusters.
    pub(crate) wake_teller: Notify,
    state: Mutex<State>,
    changed: Mutex<BTreeSet<ClusterId>>,
    remote: Mutex<Remote>,
    pollers: Mutex<HashMap<ClusterId, CancellationToken>>,
    looker: RwLock<String>,
    lookers: AtomicU64,
    /// When history was last written to, or nothing had to be.
    heard_ms: AtomicI64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(crate) fn new(config: WatchConfig, store: Store, relay: Option<Relay>) -> Arc<Self> {
        let replica = uuid::Uuid::now_v7().simple().to_string();
        let hub = Hub::new(store.now_ms(), config.replay_events, config.replay_bytes);
        Arc::new(Self {
            hub,
            recorder: Recorder::default(),
            // Alone, it leads from the start; among replicas, once it has the lease.
            leading: watch::Sender::new(relay.is_none()),
            relay,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            wake_teller: Notify::new(),
            state: Mutex::default(),
            changed: Mutex::default(),
            remote: Mutex::default(),
            pollers: Mutex::default(),
            looker: RwLock::new(format!("{replica}/0")),
            lookers: AtomicU64::new(1),
            heard_ms: AtomicI64::new(store.now_ms()),
            replica,
            store,
            config,
        })
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.store.now_ms()
    }

    /// Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// What other replicas told; never held across an await, nor together with [`Inner::state`].
    pub(crate) fn remote(&self) -> MutexGuard<'_, Remote> {
        lock(&self.remote)
    }

    pub(crate) fn is_leading(&self) -> bool {
        *self.leading.borrow()
    }

    /// The name under which history is written now.
    pub(crate) fn looker(&self) -> String {
        self.looker.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// History was written to just now.
    pub(crate) fn heard(&self) {
        self.heard_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    /// To be called before history is written to. After a long silence (the machine slept, the database was away)
    /// all that was seen before has ended when it was last heard of: it is written anew, under a new name, at each
    /// thing's next poll.
    pub(crate) fn break_silence(&self) {
        if self.now_ms().saturating_sub(self.heard_ms.load(Ordering::Relaxed)) > SILENCE_MS {
            let name = format!("{}/{}", self.replica, self.lookers.fetch_add(1, Ordering::Relaxed));
            *self.looker.write().unwrap_or_else(PoisonError::into_inner) = name;
            self.state().forget_records();
            self.heard();
        }
    }

    /// A token for the pollers of a cluster; those of before end.
    pub(crate) fn renew_pollers(&self, id: &ClusterId) -> CancellationToken {
        let token = self.stop.child_token();
        if let Some(old) = lock(&self.pollers).insert(id.clone(), token.clone()) {
            old.cancel();
        }
        token
    }

    pub(crate) fn end_pollers(&self, id: &ClusterId) {
        if let Some(old) = lock(&self.pollers).remove(id) {
            old.cancel();
        }
    }

    /// Does what follows from an observation.
    pub(crate) fn apply(&self, cluster: &ClusterId, effects: Effects) {
        for (subject, state, code) in effects.records {
            self.recorder.state(subject, state, code);
        }
        for news in effects.news {
            self.recorder.news(news);
        }
        if effects.all_changed {
            self.all_changed();
        } else if effects.changed {
            self.changed(cluster);
        }
    }

    /// A cluster looks different: viewers are told at once, or soon if they were told just now.
    pub(crate) fn changed(&self, cluster: &ClusterId) {
        lock(&self.changed).insert(cluster.clone());
        self.wake_teller.notify_one();
    }

    pub(crate) fn all_changed(&self) {
        let all: Vec<ClusterId> = self.state().clusters.keys().cloned().collect();
        lock(&self.changed).extend(all);
        self.wake_teller.notify_one();
    }

    pub(crate) fn changed_clusters(&self) -> BTreeSet<ClusterId> {
        lock(&self.changed).clone()
    }

    pub(crate) fn forget_change(&self, id: &ClusterId) {
        lock(&self.changed).remove(id);
    }

    /// Sends an event to the viewers of this replica and of the others.
    pub(crate) fn tell(&self, event: &LiveEvent) {
        self.hub.publish(event);
        if let Some(relay) = &self.relay {
            relay.send(event);
        }
    }

    pub(crate) fn cluster(&self, id: &ClusterId) -> Option<ClusterHealth> {
        let (now, stale) = (self.now_ms(), self.config.stale_after_ms());
        let own = self.state().clusters.get(id).map(|c| c.health(id, now, stale));
        if self.is_leading() {
            return own;
        }
        // What another replica removed is gone here too, once this one has heard of it.
        self.remote().cluster(id, now, stale).filter(|_| own.is_some()).or(own)
    }

    pub(crate) fn board(&self) -> Board {
        let (ids, mut cut_off) = {
            let state = self.state();
            (state.clusters.keys().cloned().collect::<Vec<_>>(), state.cut_off)
        };
        if !self.is_leading() {
            cut_off = self.remote().cut_off;
        }
        let mut clusters: Vec<ClusterHealth> = ids.iter().filter_map(|id| self.cluster(id)).collect();
        clusters.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        Board { clusters, cut_off, at_ms: self.now_ms() }
    }
}
