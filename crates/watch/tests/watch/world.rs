//! A simulation, a database and a watch that polls much faster than in life.

use std::time::Duration;

use harbor::{Credential, Outside, TlsChoice};
use harbor_sim::{NodeHandle, Sim, SimConfig};
use model::{
    NodeAddress, Topology,
    health::{ClusterHealth, HealthState, NodeHealth},
    ids::{ClusterId, NodeId},
    live::Happening,
    names::{ClusterName, NodeName},
};
use store::{DatabaseUrl, KeyRing, Store};
use tokio::time::{Instant, sleep};
use watch::{HappeningFilter, Watch, WatchConfig, WatchedCluster, WatchedEntry, WatchedNode};

/// Longest wait for anything; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const PASSWORD: &str = "Harbor12345";

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) store: Store,
    pub(crate) watch: Watch,
    /// Removed at the end.
    _dir: Option<tempfile::TempDir>,
}

pub(crate) fn quick() -> WatchConfig {
    WatchConfig {
        poll_every: Duration::from_millis(100),
        slow_every: Duration::from_millis(300),
        deadline: Duration::from_millis(1000),
        recheck_after: Duration::from_millis(50),
        beat_every: Duration::from_millis(100),
        cluster_gap: Duration::from_millis(20),
        ..WatchConfig::new(Outside::new(None, &[]).unwrap())
    }
}

pub(crate) async fn open(dir: &std::path::Path) -> Store {
    Store::open(&DatabaseUrl::Embedded, dir, KeyRing::open(dir).unwrap()).await.unwrap()
}

impl World {
    /// `count` independent nodes, not watched yet.
    pub(crate) async fn new(count: usize) -> Self {
        Self::of(SimConfig::independent(count, "2.15.2"), quick()).await
    }

    pub(crate) async fn of(config: SimConfig, watch: WatchConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).await;
        Self { _dir: Some(dir), ..Self::on(store, config, watch).await }
    }

    /// The same on a database that is somebody else's to remove.
    pub(crate) async fn on(store: Store, config: SimConfig, watch: WatchConfig) -> Self {
        let sim = Sim::start(config).await.unwrap();
        Self { sim, watch: Watch::start(watch, store.clone()), store, _dir: None }
    }

    /// A dual-master of the first two nodes, watched, and both up.
    pub(crate) async fn pair() -> Self {
        let world = Self::new(2).await;
        world.watch.set_cluster(cluster(1, Topology::DualMaster, &world.sim.nodes(), &Credential::Anonymous));
        world.until("both are up", |c| c.nodes.iter().all(|n| n.state == HealthState::Up)).await;
        world
    }

    pub(crate) fn cluster(&self) -> ClusterHealth {
        self.watch.cluster(&cluster_id(1)).unwrap()
    }

    pub(crate) fn node(&self, index: usize) -> NodeHealth {
        self.cluster().nodes.swap_remove(index)
    }

    /// Waits until cluster 1 is as wanted, and gives it.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&ClusterHealth) -> bool) -> ClusterHealth {
        eventually(what, || async { Some(self.cluster()).filter(|c| wanted(c)) }).await
    }

    /// Waits until a node is in a state, and gives it.
    pub(crate) async fn until_node(&self, index: usize, state: HealthState) -> NodeHealth {
        let mut cluster =
            self.until(&format!("node {index} is {state:?}"), |c| c.nodes[index].state == state).await;
        cluster.nodes.swap_remove(index)
    }

    /// Waits until the activity list has an entry with this code, and gives the newest.
    pub(crate) async fn until_told(&self, code: &str) -> Happening {
        let filter = HappeningFilter { code_prefix: Some(code.to_owned()), ..HappeningFilter::default() };
        eventually(code, || async { self.watch.happenings(&filter, 1).await.unwrap().pop() }).await
    }

    pub(crate) async fn codes(&self) -> Vec<String> {
        let all = self.watch.happenings(&HappeningFilter::default(), 100).await.unwrap();
        all.into_iter().rev().map(|h| h.code).collect()
    }

    pub(crate) async fn end(self) {
        self.watch.shutdown().await;
        self.sim.shutdown().await;
        self.store.close().await;
    }
}

/// Asks again and again until there is an answer.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < until, "never: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn cluster_id(n: usize) -> ClusterId {
    ClusterId::parse(&format!("00000000-0000-7000-8000-0000000001{n:02x}")).unwrap()
}

pub(crate) fn node_id(cluster: usize, n: usize) -> NodeId {
    NodeId::parse(&format!("00000000-0000-7000-8000-00000002{cluster:02x}{n:02x}")).unwrap()
}

pub(crate) fn node_at(
    cluster: usize,
    index: usize,
    url: &str,
    tls: TlsChoice,
    credential: &Credential,
) -> WatchedNode {
    WatchedNode {
        id: node_id(cluster, index),
        name: NodeName::parse(&format!("node-{}", index + 1)).unwrap(),
        address: NodeAddress::parse(url).unwrap(),
        tls,
        credential: credential.clone(),
        upstream: None,
    }
}

pub(crate) fn cluster(
    n: usize,
    topology: Topology,
    nodes: &[NodeHandle],
    credential: &Credential,
) -> WatchedCluster {
    let nodes = nodes.iter().enumerate();
    WatchedCluster {
        id: cluster_id(n),
        name: ClusterName::parse(&format!("Cluster {n}")).unwrap(),
        topology,
        nodes: nodes.map(|(i, node)| node_at(n, i, &node.url(), TlsChoice::System, credential)).collect(),
        entry: None,
    }
}

pub(crate) fn entry_at(url: &str) -> WatchedEntry {
    WatchedEntry { address: NodeAddress::parse(url).unwrap(), tls: TlsChoice::System }
}

pub(crate) fn admin() -> Credential {
    Credential::basic("admin", PASSWORD)
}
