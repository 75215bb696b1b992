//! Starting and stopping a simulation.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{NodeConfig, SimConfig, Timing};
use crate::fault::Faults;
use crate::handle::NodeHandle;
use crate::node::{Node, lock};
use crate::replicate::Peers;
use crate::state::{Database, JobStore, Pool, Sessions, Storage};
use crate::tls::{Certificates, TlsError};
use crate::version::{BadVersion, Version};

/// Why a simulation did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A port could not be had.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
    /// A version is no version.
    #[error(transparent)]
    Version(#[from] BadVersion),
    /// `shares` names a node that does not come before.
    #[error("node {0} shares the backend of node {1}, which does not come before it")]
    Shares(usize, usize),
    /// A certificate could not be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client for peers could not be made.
    #[error("client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Running nodes. Dropping it stops them; [`Sim::shutdown`] also waits until they have.
pub struct Sim {
    nodes: Vec<Arc<Node>>,
    clock: Clock,
    stop: CancellationToken,
    tasks: Mutex<JoinSet<()>>,
}

impl Sim {
    /// Starts all nodes; when it returns they answer.
    ///
    /// # Errors
    /// A taken port, a wrong version or a wrong `shares`.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        let clock = Clock::default();
        let stop = CancellationToken::new();
        let peers = Arc::new(Peers::new(&config.timing)?);
        let common = Common { timing: config.timing, clock: clock.clone(), stop: stop.clone(), peers };
        let mut nodes: Vec<Arc<Node>> = Vec::new();
        let mut tasks = JoinSet::new();
        for (index, wanted) in config.nodes.into_iter().enumerate() {
            let listener = crate::server::bind(wanted.port.unwrap_or(0))?;
            let node = make(index, wanted, &nodes, &listener, &common)?;
            tasks.spawn(crate::server::listen(Arc::clone(&node), listener));
            tasks.spawn(crate::jobs::run(Arc::clone(&node)));
            tasks.spawn(crate::jobs::tick(Arc::clone(&node)));
            tasks.spawn(crate::jobs::check_endpoints(Arc::clone(&node)));
            nodes.push(node);
        }
        Ok(Self { nodes, clock, stop, tasks: Mutex::new(tasks) })
    }

    /// Node number `index`.
    ///
    /// # Panics
    /// When there is no such node.
    #[must_use]
    pub fn node(&self, index: usize) -> NodeHandle {
        NodeHandle::new(Arc::clone(&self.nodes[index]))
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeHandle> {
        self.nodes.iter().map(|n| NodeHandle::new(Arc::clone(n))).collect()
    }

    /// The time of all nodes.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Stops all nodes and waits for them.
    pub async fn shutdown(self) {
        self.stop.cancel();
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        while tasks.join_next().await.is_some() {}
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What all nodes have in common.
struct Common {
    timing: Timing,
    clock: Clock,
    stop: CancellationToken,
    peers: Arc<Peers>,
}

fn make(
    index: usize,
    config: NodeConfig,
    others: &[Arc<Node>],
    listener: &TcpListener,
    common: &Common,
) -> Result<Arc<Node>, SimError> {
    let version: Version = config.version.parse()?;
    let address = listener.local_addr()?;
    let now = common.clock.now();
    let owner = match config.shares {
        Some(at) => Some(others.get(at).ok_or(SimError::Shares(index, at))?),
        None => None,
    };
    let secrets = config.secrets;
    let database = || Arc::new(Mutex::new(Database::installed(&config.admin_password, version, now)));
    let jobs = || Arc::new(JobStore { secret: secrets.jobservice_secret.clone(), ..JobStore::default() });
    let db = owner.filter(|_| !secrets.own_database).map_or_else(database, |o| Arc::clone(&o.db));
    let storage = owner
        .filter(|_| !secrets.own_storage)
        .map_or_else(|| Arc::new(Mutex::new(Storage::default())), |o| Arc::clone(&o.storage));
    let sessions = owner
        .filter(|_| !secrets.own_sessions)
        .map_or_else(|| Arc::new(Sessions::default()), |o| Arc::clone(&o.sessions));
    let jobs = owner.filter(|_| !secrets.own_jobs).map_or_else(jobs, |o| Arc::clone(&o.jobs));
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let external = config.external_url.unwrap_or_else(|| format!("{scheme}://{address}"));
    let certificates = if config.tls.is_some() { Some(Certificates::new()?) } else { None };
    let worker_ids: BTreeSet<String> = (0..10).map(|_| crate::random::hex(12)).collect();
    lock(&jobs.queue).pools.push(Pool {
        id: crate::random::hex(12),
        node: index,
        pid: 1000 + u32::try_from(index).unwrap_or(0) * 17 + u32::from(address.port()) % 1000,
        started: now,
        worker_ids: worker_ids.into_iter().collect(),
        alive: true,
    });
    Ok(Arc::new(Node {
        index,
        name: config.name,
        version,
        secrets,
        timing: common.timing.clone(),
        clock: common.clock.clone(),
        address,
        external_url: external.trim_end_matches('/').to_owned(),
        tls: config.tls,
        certificates,
        db,
        storage,
        sessions,
        jobs,
        faults: Mutex::new(Faults::default()),
        faults_changed: watch::Sender::new(0),
        listener_closed: watch::Sender::new(false),
        locks: Mutex::default(),
        flows: Semaphore::new(10),
        peers: Arc::clone(&common.peers),
        stop: common.stop.clone(),
        served: AtomicU64::new(0),
    }))
}
