//! Runs of rules and their tasks.

use serde::{Deserialize, Serialize};

use crate::{Harbor, HarborError, List, Page, inventory::calls, send::Ask, serial};

/// One run of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Execution {
    /// Its id.
    pub id: i64,
    /// Its rule.
    pub policy_id: i64,
    /// `InProgress`, `Succeed`, `Failed` or `Stopped`; trails the counts by up to 30 s.
    pub status: String,
    /// Why it failed, or that there was nothing to do.
    pub status_text: String,
    /// `manual`, `scheduled` or `event_based`.
    pub trigger: String,
    /// Tasks in all; 0 while they are being made.
    pub total: u64,
    /// Tasks that succeeded.
    pub succeed: u64,
    /// Tasks that failed, perhaps to be tried again.
    pub failed: u64,
    /// Tasks still to do.
    pub in_progress: u64,
    /// Tasks stopped.
    pub stopped: u64,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub start_time: Option<i64>,
    /// ms since 1970; none while it runs.
    #[serde(deserialize_with = "serial::time")]
    pub end_time: Option<i64>,
}

impl Execution {
    /// Its status will not change any more (a failed one with tasks may, for some minutes).
    pub fn is_final(&self) -> bool {
        matches!(self.status.as_str(), "Succeed" | "Failed" | "Stopped")
    }

    /// Nothing is left to do, whatever the status still says.
    pub fn is_done(&self) -> bool {
        self.is_final() || self.total > 0 && self.in_progress == 0
    }

    /// A skip because another run was on, which Harbor marks as failed.
    pub fn was_skipped(&self) -> bool {
        self.status == "Failed" && self.status_text.starts_with("Execution skipped")
    }
}

/// One task: one repository of a run, or one artifact of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Task {
    /// Its id.
    pub id: i64,
    /// Its run.
    pub execution_id: i64,
    /// The job service's id.
    pub job_id: String,
    /// `Pending`, `InProgress`, `Succeed`, `Failed` or `Stopped`.
    pub status: String,
    /// `copy`, `deletion` or `tag deletion`.
    pub operation: String,
    /// `artifact` for images.
    pub resource_type: String,
    /// `p/r [3 item(s) in total]`: a label, no reference.
    pub src_resource: String,
    /// The same at the destination.
    pub dst_resource: String,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub start_time: Option<i64>,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub end_time: Option<i64>,
}

/// Which executions; Harbor takes no `q` here. An unknown word gives an empty list.
#[derive(Clone, Debug, Default)]
pub struct ExecutionFilter {
    /// Of one rule.
    pub policy_id: Option<i64>,
    /// With this status.
    pub status: Option<&'static str>,
    /// With this trigger.
    pub trigger: Option<&'static str>,
}

#[derive(Serialize)]
struct Start {
    policy_id: i64,
}

impl Harbor {
    /// One page of the executions, newest first.
    ///
    /// # Errors
    /// As any call.
    pub async fn executions(
        &self,
        filter: &ExecutionFilter,
        list: &List,
    ) -> Result<Page<Execution>, HarborError> {
        let mut ask = Ask::new(&calls::EXECUTION_LIST);
        if let Some(id) = filter.policy_id {
            ask = ask.with("policy_id", id);
        }
        if let Some(status) = filter.status {
            ask = ask.with("status", status);
        }
        if let Some(trigger) = filter.trigger {
            ask = ask.with("trigger", trigger);
        }
        self.page(ask, list).await
    }

    /// One execution.
    ///
    /// # Errors
    /// [`HarborError::NotFound`], also once its rule was deleted.
    pub async fn execution(&self, id: i64) -> Result<Execution, HarborError> {
        self.send(Ask::new(&calls::EXECUTION_GET).at("id", id)).await?.json()
    }

    /// Starts a rule by hand and gives the id of the run.
    ///
    /// # Errors
    /// [`HarborError::Precondition`] where the rule is disabled.
    pub async fn start_execution(&self, policy_id: i64) -> Result<i64, HarborError> {
        self.send(Ask::new(&calls::EXECUTION_START).json(&Start { policy_id })).await?.created()
    }

    /// Asks a run to stop. A race with its tasks: compare after it.
    ///
    /// # Errors
    /// As any call; a run that is over is no error.
    pub async fn stop_execution(&self, id: i64) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::EXECUTION_STOP).at("id", id)).await.map(drop)
    }

    /// One page of the tasks of a run.
    ///
    /// # Errors
    /// As any call.
    pub async fn tasks(&self, execution: i64, list: &List) -> Result<Page<Task>, HarborError> {
        self.page(Ask::new(&calls::TASK_LIST).at("id", execution), list).await
    }

    /// The log of a task; Harbor keeps it for a day and gives 10 MB at most.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] where there is none (any more).
    pub async fn task_log(&self, execution: i64, task: i64) -> Result<String, HarborError> {
        self.send(Ask::new(&calls::TASK_LOG).at("id", execution).at("task", task)).await?.text()
    }
}
