//! The handle that the rest of the console holds.

use std::sync::Arc;

use harbor::{Credential, Harbor};
use model::{
    Link,
    health::{Board, Bucket, ClusterHealth, Interval},
    ids::{ClusterId, NodeId},
    live::{Happening, LiveEvent},
};
use secrecy::ExposeSecret;
use store::{Store, StoreError};

use crate::{
    config::{WatchConfig, WatchedCluster, WatchedEntry, WatchedNode},
    happenings::{self, HappeningFilter},
    history,
    inner::Inner,
    live::LiveStream,
    looking, poller,
    poller::NodeTask,
    recorder,
    replicas::{self, Relay},
    slow::Slow,
    state::{Cluster, Entry, LinkNote, News, Node, Watched},
    subject::Subject,
    teller,
};

/// Watches nodes and tells what it sees. Clones are the same watch.
#[derive(Clone)]
pub struct Watch {
    inner: Arc<Inner>,
}

impl Watch {
    /// Starts watching; there is nothing to watch before [`Watch::set_cluster`]. Must be called within a tokio
    /// runtime. Times are those of the store's clock.
    pub fn start(config: WatchConfig, store: Store) -> Self {
        let shared = config.shared.unwrap_or_else(|| store.is_shared());
        let (relay, rows) = if shared { Some(Relay::new()) } else { None }.unzip();
        let watch = Self { inner: Inner::new(config, store, relay) };
        watch.spawn(|inner| async move { recorder::run(&inner).await });
        watch.spawn(|inner| async move { teller::changes(&inner).await });
        watch.spawn(|inner| async move { teller::beats(&inner).await });
        watch.spawn(|inner| async move { looking::heartbeat(&inner).await });
        watch.spawn(|inner| async move { looking::prune(&inner).await });
        if let Some(rows) = rows {
            watch.spawn(|inner| async move { replicas::lead(&inner).await });
            watch.spawn(|inner| async move { replicas::pass_on(&inner, rows).await });
            let follower = watch.clone();
            watch.inner.tasks.spawn(async move { replicas::follow(&follower).await });
        }
        watch
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Arc<Inner>) -> F) {
        self.inner.tasks.spawn(task(Arc::clone(&self.inner)));
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Watches a cluster, or watches it as it is now. What is known of a node stays while its address and TLS
    /// choice do; a refused credential is tried again once it differs. Setting what is set already does nothing.
    pub fn set_cluster(&self, cluster: WatchedCluster) {
        let id = cluster.id.clone();
        if self.place(cluster)
            && let Some(relay) = &self.inner.relay
        {
            relay.reload(&id);
        }
    }

    /// Stops watching a cluster. Its history is kept until it is too old.
    pub fn remove_cluster(&self, id: &ClusterId) {
        if self.displace(id)
            && let Some(relay) = &self.inner.relay
        {
            relay.reload(id);
        }
    }

    /// Sets a cluster here; false where nothing changed.
    pub(crate) fn place(&self, wanted: WatchedCluster) -> bool {
        let inner = &self.inner;
        let id = wanted.id.clone();
        let (gone, nodes, entry) = {
            let mut state = inner.state();
            if state.clusters.get(&id).is_some_and(|c| c.is_like(&wanted)) {
                return false;
            }
            let mut before = state.clusters.remove(&id);
            let had = before.as_ref().map(|c| c.subjects(&id)).unwrap_or_default();
            let mut nodes = Vec::with_capacity(wanted.nodes.len());
            for spec in wanted.nodes {
                let old = before.as_mut().and_then(|c| c.take_node(&spec));
                nodes.push(self.make_node(spec, old));
            }
            let entry = wanted.entry.map(|spec| {
                let old = before.as_mut().and_then(|c| c.entry.take()).filter(|old| old.spec == spec);
                old.unwrap_or_else(|| self.make_entry(spec))
            });
            let cluster = Cluster::new(wanted.name, wanted.topology, nodes, entry, before);
            let has = cluster.subjects(&id);
            let gone: Vec<Subject> = had.into_iter().filter(|s| !has.contains(s)).collect();
            let nodes: Vec<_> = cluster.nodes.iter().map(|n| (n.spec.id.clone(), n.harbor.clone())).collect();
            let entry = cluster.entry.as_ref().map(|e| e.harbor.clone());
            state.clusters.insert(id.clone(), cluster);
            (gone, nodes, entry)
        };
        for subject in gone {
            inner.recorder.stop(subject);
        }
        let stop = inner.renew_pollers(&id);
        for (node, harbor) in nodes {
            let (inner, cluster, stop) = (Arc::clone(inner), id.clone(), stop.clone());
            poller::spawn_node(NodeTask { inner, cluster, node, harbor, stop });
        }
        if let Some(harbor) = entry {
            poller::spawn_entry(inner, &id, harbor, &stop);
        }
        inner.changed(&id);
        true
    }

    fn make_node(&self, spec: WatchedNode, old: Option<Node>) -> Node {
        let Some(mut node) = old else {
            let outside = &self.inner.config.outside;
            let harbor = Harbor::new(outside, spec.address.clone(), &spec.tls, spec.credential.clone());
            return Node { spec, harbor, watched: Watched::default(), slow: Slow::default() };
        };
        if !same_credential(&node.spec.credential, &spec.credential) {
            if let Ok(harbor) = &node.harbor {
                harbor.set_credential(spec.credential.clone());
            }
            node.slow.credential_refused = false;
        }
        node.spec = spec;
        node
    }

    fn make_entry(&self, spec: WatchedEntry) -> Entry {
        let outside = &self.inner.config.outside;
        let harbor = Harbor::new(outside, spec.address.clone(), &spec.tls, Credential::Anonymous);
        Entry { spec, harbor, watched: Watched::default(), cert_not_after_ms: None }
    }

    /// Removes a cluster here; false where it was not watched.
    pub(crate) fn displace(&self, id: &ClusterId) -> bool {
        let inner = &self.inner;
        let Some(cluster) = inner.state().clusters.remove(id) else { return false };
        inner.end_pollers(id);
        for subject in cluster.subjects(id) {
            inner.recorder.stop(subject);
        }
        inner.forget_change(id);
        inner.tell(&LiveEvent::ClusterGone { id: id.clone() });
        true
    }

    /// What is known of a link's rule, for the drawing; `None` when nothing is.
    pub fn set_link(&self, cluster: &ClusterId, link: &Link, note: Option<LinkNote>) {
        let changed = match self.inner.state().clusters.get_mut(cluster) {
            None => false,
            Some(known) => match note {
                Some(note) => known.notes.insert(link.clone(), note.clone()).as_ref() != Some(&note),
                None => known.notes.remove(link).is_some(),
            },
        };
        if changed {
            self.inner.changed(cluster);
        }
    }

    /// Everything the board shows, now.
    pub fn board(&self) -> Board {
        self.inner.board()
    }

    /// One cluster as the board shows it.
    pub fn cluster(&self, id: &ClusterId) -> Option<ClusterHealth> {
        self.inner.cluster(id)
    }

    /// The history of a subject from `from_ms` to `to_ms` (UTC milliseconds) as `bars` bars of equal length; at most
    /// 1000.
    ///
    /// # Errors
    /// Those of any read of the store.
    pub async fn history(
        &self,
        subject: &Subject,
        from_ms: i64,
        to_ms: i64,
        bars: usize,
    ) -> Result<Vec<Bucket>, StoreError> {
        history::bars(&self.inner.store, subject, from_ms, to_ms, bars).await
    }

    /// The same as intervals; time that none covers is time in which nobody looked.
    ///
    /// # Errors
    /// Those of any read of the store.
    pub async fn intervals(
        &self,
        subject: &Subject,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<Interval>, StoreError> {
        history::intervals(&self.inner.store, subject, from_ms, to_ms).await
    }

    /// Answer times of a node in the last hour, oldest first: UTC milliseconds and milliseconds.
    pub fn latency(&self, node: &NodeId) -> Vec<(i64, u32)> {
        if !self.inner.is_leading() {
            return self.inner.remote().latency(node);
        }
        let state = self.inner.state();
        let found = state.clusters.values().find_map(|c| c.node(node));
        found.map(|n| n.watched.latency.line()).unwrap_or_default()
    }

    /// What happened, newest first: changes of state and acts of people.
    ///
    /// # Errors
    /// Those of any read of the store.
    pub async fn happenings(
        &self,
        filter: &HappeningFilter,
        limit: usize,
    ) -> Result<Vec<Happening>, StoreError> {
        happenings::list(&self.inner.store, self.inner.config.words.as_ref(), filter, limit).await
    }

    /// Writes something into the activity list and shows it on every open page. Does not wait: while the database
    /// is away it is kept in memory.
    pub fn record(&self, news: News) {
        self.inner.recorder.news(news);
    }

    /// Sends an event to every open page, on every replica; nothing is kept beyond what is replayed.
    pub fn publish(&self, event: &LiveEvent) {
        self.inner.tell(event);
    }

    /// The id of the newest live event: a page that is made now is up to date with it, and subscribes from it.
    pub fn live_id(&self) -> u64 {
        self.inner.hub.newest()
    }

    /// Live events after `last_event_id`, or from now on.
    pub fn subscribe(&self, last_event_id: Option<u64>) -> LiveStream {
        self.inner.hub.subscribe(last_event_id)
    }

    /// Wakes with every live event: something may look different than before.
    pub fn news(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.hub.wake()
    }

    /// Ends every poll, writes what is still to be written, and ends the streams of all viewers.
    pub async fn shutdown(&self) {
        let inner = &self.inner;
        inner.stop.cancel();
        inner.hub.close();
        inner.tasks.close();
        inner.tasks.wait().await;
        if let Err(error) = inner.store.intervals().stop(&inner.looker(), None).await {
            tracing::warn!(code = error.code(), "the end of watching was not written down");
        }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("replica", &self.inner.replica).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Whether what is wanted is what is watched.
    fn is_like(&self, wanted: &WatchedCluster) -> bool {
        let same = |a: &WatchedNode, b: &WatchedNode| {
            same_place(a, b)
                && (&a.id, &a.name, &a.upstream) == (&b.id, &b.name, &b.upstream)
                && same_credential(&a.credential, &b.credential)
        };
        self.name == wanted.name
            && self.topology == wanted.topology
            && self.entry.as_ref().map(|e| &e.spec) == wanted.entry.as_ref()
            && self.nodes.len() == wanted.nodes.len()
            && self.nodes.iter().zip(&wanted.nodes).all(|(a, b)| same(&a.spec, b))
    }

    /// Gives away what is known of a node, if it is still in the same place.
    fn take_node(&mut self, spec: &WatchedNode) -> Option<Node> {
        let at = self.nodes.iter().position(|n| n.spec.id == spec.id && same_place(&n.spec, spec))?;
        Some(self.nodes.swap_remove(at))
    }
}

fn same_place(a: &WatchedNode, b: &WatchedNode) -> bool {
    a.address == b.address && a.tls == b.tls
}

fn same_credential(a: &Credential, b: &Credential) -> bool {
    match (a, b) {
        (Credential::Anonymous, Credential::Anonymous) => true,
        (Credential::Basic { username, secret }, Credential::Basic { username: other, secret: others }) => {
            username == other && secret.expose_secret() == others.expose_secret()
        }
        _ => false,
    }
}
