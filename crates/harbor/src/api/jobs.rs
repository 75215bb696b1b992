//! The job service: queues, pools, workers, schedules; and quotas.

use serde::{Deserialize, Serialize};

use crate::{Harbor, HarborError, List, inventory::calls, send::Ask, serial};

/// A queue of jobs; shared by all nodes on one Redis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// `REPLICATION`, `SCHEDULER`, …; which ones there are differs by version.
    pub job_type: String,
    /// Waiting jobs.
    pub count: u64,
    /// Age of the oldest, seconds.
    pub latency: u64,
    /// A paused queue leaves tasks pending for ever, without an error.
    pub paused: bool,
}

/// What can be done to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueAction {
    /// Take no more jobs from it.
    Pause,
    /// Go on.
    Resume,
    /// Throw away what waits in it.
    Stop,
}

/// One job service. Two nodes that show the same pools share one Redis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Pool {
    /// Its id.
    pub worker_pool_id: String,
    /// Its process; `host` is never filled.
    pub pid: i64,
    /// How many jobs it does at once.
    pub concurrency: u32,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub start_at: Option<i64>,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub heartbeat_at: Option<i64>,
}

/// One worker of a pool; idle without a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its id.
    pub id: String,
    /// Its pool.
    pub pool_id: String,
    /// What it does.
    pub job_name: String,
    /// Empty while idle.
    pub job_id: String,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub start_at: Option<i64>,
}

/// One row of the schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// Its id.
    pub id: i64,
    /// `REPLICATION`, …
    pub vendor_type: String,
    /// The rule, for replication. An enabled scheduled rule without a row never runs.
    pub vendor_id: i64,
    /// Its cron.
    pub cron: String,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub update_time: Option<i64>,
}

/// The quota of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// Its id.
    pub id: i64,
    /// Its project.
    #[serde(rename = "ref")]
    pub project: QuotaProject,
    /// The limit.
    pub hard: Storage,
    /// What is used.
    pub used: Storage,
}

/// The project of a quota.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct QuotaProject {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// Bytes; -1 is unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Storage {
    /// Bytes.
    pub storage: i64,
}

impl Quota {
    /// Bytes left; none where it is unlimited.
    pub fn left(&self) -> Option<i64> {
        (self.hard.storage >= 0).then(|| (self.hard.storage - self.used.storage).max(0))
    }
}

#[derive(Deserialize)]
struct Paused {
    #[serde(default)]
    paused: bool,
}

#[derive(Serialize)]
struct Act {
    action: QueueAction,
}

impl Harbor {
    /// The queues; needs `jobservice-monitor:list`.
    ///
    /// # Errors
    /// A 500 while the job service is away.
    pub async fn queues(&self) -> Result<Vec<Queue>, HarborError> {
        self.page(Ask::new(&calls::QUEUE_LIST), &List::new()).await.map(|p| p.rows)
    }

    /// Pauses, resumes or empties a queue, or `all`. An unknown queue is no error to Harbor.
    ///
    /// # Errors
    /// As any call.
    pub async fn act_on_queue(&self, queue: &str, action: QueueAction) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::QUEUE_ACT).at("queue", queue).json(&Act { action })).await.map(drop)
    }

    /// The job services.
    ///
    /// # Errors
    /// A 500 while the job service is away.
    pub async fn pools(&self) -> Result<Vec<Pool>, HarborError> {
        self.page(Ask::new(&calls::POOL_LIST), &List::new()).await.map(|p| p.rows)
    }

    /// The workers of one pool, or of `all`. An unknown pool has none.
    ///
    /// # Errors
    /// As [`Harbor::pools`].
    pub async fn workers(&self, pool: &str) -> Result<Vec<Worker>, HarborError> {
        self.page(Ask::new(&calls::WORKER_LIST).at("pool", pool), &List::new()).await.map(|p| p.rows)
    }

    /// All schedules.
    ///
    /// # Errors
    /// As any call.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, HarborError> {
        self.all(&List::new(), || Ask::new(&calls::SCHEDULE_LIST)).await
    }

    /// Whether all schedules are paused.
    ///
    /// # Errors
    /// As any call.
    pub async fn schedules_paused(&self) -> Result<bool, HarborError> {
        let Paused { paused } = self.send(Ask::new(&calls::SCHEDULE_PAUSED)).await?.json()?;
        Ok(paused)
    }

    /// The quotas of all projects; needs `quota:list`.
    ///
    /// # Errors
    /// As any call.
    pub async fn quotas(&self) -> Result<Vec<Quota>, HarborError> {
        self.all(&List::new(), || Ask::new(&calls::QUOTA_LIST).with("reference", "project")).await
    }

    /// The quota of one project.
    ///
    /// # Errors
    /// As any call.
    pub async fn quota_of(&self, project_id: i64) -> Result<Option<Quota>, HarborError> {
        let ask = Ask::new(&calls::QUOTA_LIST).with("reference", "project").with("reference_id", project_id);
        self.page(ask, &List::new()).await.map(|p| p.rows.into_iter().next())
    }
}
