//! What is watched, and how often.

use std::{fmt, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use harbor::{Credential, Outside};
use model::{
    NodeAddress, Say, Topology,
    health::HealthState,
    ids::{ClusterId, NodeId},
    names::{ClusterName, NodeName},
    people::ActivityEntry,
    spec::TlsChoice,
};

/// Shortest and longest time between two polls of a node.
pub const POLL_LIMITS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

/// Reads a cluster from the store with its credentials unsealed; `None` where it is gone. Called on a replica that
/// hears of a change made on another one.
pub type Loader = Arc<dyn Fn(ClusterId) -> BoxFuture<'static, Option<WatchedCluster>> + Send + Sync>;

/// Words for an entry of the activity list that was written by another service than this one.
pub type Words = Arc<dyn Fn(&ActivityEntry) -> Option<(HealthState, Say)> + Send + Sync>;

/// How to watch.
#[derive(Clone)]
pub struct WatchConfig {
    /// Time between two polls of a node or an entry; [`POLL_LIMITS`] hold in the console's configuration.
    pub poll_every: Duration,
    /// Time between two looks with the credential.
    pub slow_every: Duration,
    /// Longest wait for one answer of a poll. A frozen PostgreSQL or Redis never answers (`frozen-parts`).
    pub deadline: Duration,
    /// Time to the second poll while the first one says otherwise; never longer than `poll_every`.
    pub recheck_after: Duration,
    /// Time between two beats ([`model::live::LiveEvent::Seen`]).
    pub beat_every: Duration,
    /// Shortest time between two events of one cluster; the first goes out at once.
    pub cluster_gap: Duration,
    /// Live events kept for viewers who were away: at most so many …
    pub replay_events: usize,
    /// … and at most so many bytes.
    pub replay_bytes: usize,
    /// The way out to the nodes.
    pub outside: Outside,
    /// Whether other replicas use the same store; `None` asks the store.
    pub shared: Option<bool>,
    /// Reads a cluster that another replica changed; needed where the store is shared.
    pub loader: Option<Loader>,
    /// Words for entries of other services.
    pub words: Option<Words>,
}

impl WatchConfig {
    /// The defaults: every 5 s, with a credential every 60 s.
    pub fn new(outside: Outside) -> Self {
        Self {
            poll_every: Duration::from_secs(5),
            slow_every: Duration::from_secs(60),
            deadline: Duration::from_secs(4),
            recheck_after: Duration::from_secs(2),
            beat_every: Duration::from_secs(5),
            cluster_gap: Duration::from_millis(250),
            replay_events: 1024,
            replay_bytes: 4 << 20,
            outside,
            shared: None,
            loader: None,
            words: None,
        }
    }

    /// Age at which an answer says nothing any more: three polls, and never less than half a minute.
    pub(crate) fn stale_after_ms(&self) -> i64 {
        let polls = self.poll_every * 3 + self.deadline;
        crate::millis(polls.max(Duration::from_secs(30)))
    }
}

impl fmt::Debug for WatchConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchConfig")
            .field("poll_every", &self.poll_every)
            .field("slow_every", &self.slow_every)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// A cluster to watch.
#[derive(Clone, Debug)]
pub struct WatchedCluster {
    /// Its id.
    pub id: ClusterId,
    /// Its name.
    pub name: ClusterName,
    /// Its topology.
    pub topology: Topology,
    /// Its nodes, in the cluster's order.
    pub nodes: Vec<WatchedNode>,
    /// The address users pull from.
    pub entry: Option<WatchedEntry>,
}

/// A node to watch.
#[derive(Clone, Debug)]
pub struct WatchedNode {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: NodeName,
    /// Where it is.
    pub address: NodeAddress,
    /// How its certificate is judged.
    pub tls: TlsChoice,
    /// For the slower looks; [`Credential::Anonymous`] does without. The polls themselves never carry it.
    pub credential: Credential,
    /// The node that feeds it, where it is not the first.
    pub upstream: Option<NodeName>,
}

/// An entry to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedEntry {
    /// Where it is.
    pub address: NodeAddress,
    /// How its certificate is judged.
    pub tls: TlsChoice,
}
