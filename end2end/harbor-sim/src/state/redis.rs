//! Redis: sessions of the API server, queue and pools of the job service.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;

use tokio::sync::watch;

use crate::clock::Millis;
use crate::replicate::Work;

/// Sessions: id → signed-in user, or nobody.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pub(crate) by_id: Mutex<HashMap<String, Option<i64>>>,
}

/// A queued replication task.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) task: i64,
    pub(crate) execution: i64,
    pub(crate) runs: u32,
    pub(crate) queued: Millis,
    /// The node whose job service is to take it; any other takes it when that one is gone.
    pub(crate) pool: usize,
    pub(crate) work: Work,
}

/// One running job, for the list of workers.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) job: String,
    pub(crate) node: usize,
    pub(crate) started: Millis,
    pub(crate) slot: usize,
}

/// One pool of workers: the job service of one node.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) id: String,
    pub(crate) node: usize,
    pub(crate) pid: u32,
    pub(crate) started: Millis,
    pub(crate) worker_ids: Vec<String>,
    pub(crate) alive: bool,
}

/// What the job service keeps.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) waiting: VecDeque<Job>,
    pub(crate) paused: BTreeSet<String>,
    pub(crate) running: Vec<Running>,
    /// Failed jobs that wait for their next run.
    pub(crate) retrying: usize,
    /// The scheduler spins on a cron that never comes true.
    pub(crate) wedged: bool,
    pub(crate) pools: Vec<Pool>,
    turn: usize,
}

impl Queue {
    /// The pools take jobs in turn.
    pub(crate) fn next_pool(&mut self) -> Option<usize> {
        let alive: Vec<usize> = self.pools.iter().filter(|p| p.alive).map(|p| p.node).collect();
        self.turn += 1;
        alive.get((self.turn - 1) % alive.len().max(1)).copied()
    }

    pub(crate) fn is_alive(&self, node: usize) -> bool {
        self.pools.iter().any(|p| p.node == node && p.alive)
    }
}

/// The job service's Redis; several nodes may share one.
#[derive(Debug, Default)]
pub(crate) struct JobStore {
    pub(crate) queue: Mutex<Queue>,
    /// Rises when there may be something to do.
    pub(crate) wake: watch::Sender<u64>,
    /// `JOBSERVICE_SECRET` of the node that owns this store: another one's jobs cannot read the source.
    pub(crate) secret: String,
}
