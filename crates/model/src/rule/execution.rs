//! Executions and tasks: what a rule did, read from the counts rather than from the status, which trails them.

use serde::{Deserialize, Serialize};

use crate::{Link, names::NodeName};

/// What started an execution; Harbor's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionTrigger {
    /// A person, or Breakwater.
    #[default]
    Manual,
    /// A schedule.
    Scheduled,
    /// A push or a deletion.
    EventBased,
}

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionState {
    /// Harbor lists what is to be copied.
    Preparing,
    /// Tasks are at work.
    Running,
    /// A task failed a short while ago; Harbor may still try it again by itself.
    Retrying,
    /// Every task succeeded.
    Succeeded,
    /// There was nothing to do.
    Nothing,
    /// Harbor skipped it because another execution of the rule was on.
    Skipped,
    /// A task failed, or it failed while preparing.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

impl ExecutionState {
    /// All, in the order of the filter.
    pub const ALL: [Self; 8] = [
        Self::Preparing,
        Self::Running,
        Self::Retrying,
        Self::Failed,
        Self::Succeeded,
        Self::Nothing,
        Self::Skipped,
        Self::Stopped,
    ];

    /// Its stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Succeeded => "succeeded",
            Self::Nothing => "nothing",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// The state of that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether it may still change by itself.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Preparing | Self::Running | Self::Retrying)
    }
}

/// One execution of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExecutionView {
    /// The node on which it runs.
    pub node: NodeName,
    /// Harbor's id of it, unique on that node.
    pub id: i64,
    /// Harbor's name of its rule.
    pub rule: String,
    /// Which way it copies, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// What started it.
    pub trigger: ExecutionTrigger,
    /// Where it stands.
    pub state: ExecutionState,
    /// What Harbor says of it: why it failed. At most 500 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Tasks in all; 0 while they are being made.
    pub total: u64,
    /// Tasks that succeeded.
    pub succeeded: u64,
    /// Tasks that failed.
    pub failed: u64,
    /// Tasks still to do.
    pub in_progress: u64,
    /// Tasks stopped.
    pub stopped: u64,
    /// UTC milliseconds by the node's clock.
    pub started_ms: i64,
    /// UTC milliseconds; `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_ms: Option<i64>,
}

/// Harbor tries a failed task again within this time, milliseconds (harbor-facts A.7: seen after 85 s, done after 163).
const RETRY_MS: i64 = 4 * 60_000;

impl ExecutionView {
    /// Tasks that are over, however they ended.
    pub fn over(&self) -> u64 {
        self.total.saturating_sub(self.in_progress)
    }

    /// Reads the state from what Harbor answered. The counts are right at once, the status up to 30 s later; a
    /// failed task may be at work again while the status still says failed.
    pub fn judge(&mut self, status: &str, now_ms: i64) {
        let over = self.total > 0 && self.in_progress == 0;
        self.state = match status {
            "Failed" if self.total == 0 && self.why.starts_with("Execution skipped") => {
                ExecutionState::Skipped
            }
            "Failed" if self.total == 0 => ExecutionState::Failed,
            "Succeed" if self.total == 0 => ExecutionState::Nothing,
            "Stopped" => ExecutionState::Stopped,
            _ if !over && self.failed > 0 => ExecutionState::Retrying,
            _ if self.total == 0 => ExecutionState::Preparing,
            _ if !over => ExecutionState::Running,
            _ if self.failed > 0 => {
                let since = self.ended_ms.unwrap_or(now_ms);
                if now_ms - since < RETRY_MS { ExecutionState::Retrying } else { ExecutionState::Failed }
            }
            _ if self.stopped > 0 => ExecutionState::Stopped,
            _ => ExecutionState::Succeeded,
        };
    }
}

/// Which executions are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExecutionQuery {
    /// Only in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ExecutionState>,
    /// Only on this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// Behind the last row of the page before: when it started, its node and its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<(i64, NodeName, i64)>,
}

/// A page of executions, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExecutionPage {
    /// The rows.
    pub rows: Vec<ExecutionView>,
    /// There are older ones.
    pub more: bool,
}

/// Where a task stands; Harbor's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// In the queue.
    #[default]
    Pending,
    /// At work.
    Running,
    /// Done.
    Succeeded,
    /// Failed; Harbor may try it again.
    Failed,
    /// Stopped.
    Stopped,
}

/// One task: one repository of an execution, or one artifact of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskView {
    /// Harbor's id of it.
    pub id: i64,
    /// Where it stands.
    pub state: TaskState,
    /// Harbor's word: `copy`, `deletion`, `tag deletion`.
    pub operation: String,
    /// Harbor's label of what it copies: `shop/cart [3 item(s) in total]`.
    pub what: String,
    /// UTC milliseconds; `None` while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_ms: Option<i64>,
    /// UTC milliseconds; `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_ms: Option<i64>,
}

/// The tasks of an execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskPage {
    /// Those of this page.
    pub rows: Vec<TaskView>,
    /// How many there are in all.
    pub total: u64,
    /// Harbor no longer has them: it keeps few executions, and loses them with their rule.
    pub gone: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: &str, why: &str, counts: [u64; 4], ended_ms: Option<i64>) -> ExecutionState {
        let [succeeded, failed, in_progress, stopped] = counts;
        let mut one = ExecutionView {
            node: NodeName::parse("a").unwrap(),
            id: 1,
            rule: "r".into(),
            link: None,
            trigger: ExecutionTrigger::Manual,
            state: ExecutionState::Preparing,
            why: why.into(),
            total: counts.iter().sum(),
            succeeded,
            failed,
            in_progress,
            stopped,
            started_ms: 0,
            ended_ms,
        };
        one.judge(status, 1_000_000);
        one.state
    }

    #[test]
    fn judge_believes_the_counts_before_the_status() {
        assert_eq!(judged("InProgress", "", [0, 0, 0, 0], None), ExecutionState::Preparing);
        assert_eq!(judged("InProgress", "", [1, 0, 2, 0], None), ExecutionState::Running);
        assert_eq!(judged("InProgress", "", [3, 0, 0, 0], None), ExecutionState::Succeeded);
        assert_eq!(judged("Failed", "", [1, 0, 1, 0], None), ExecutionState::Running);
    }

    #[test]
    fn judge_calls_a_fresh_failure_retrying() {
        assert_eq!(judged("InProgress", "", [1, 1, 1, 0], None), ExecutionState::Retrying);
        assert_eq!(judged("Failed", "", [1, 1, 0, 0], Some(999_000)), ExecutionState::Retrying);
        assert_eq!(judged("Failed", "", [1, 1, 0, 0], Some(1000)), ExecutionState::Failed);
    }

    #[test]
    fn judge_tells_a_skip_and_nothing_to_do_from_failing() {
        let skip = "Execution skipped: active replication still in progress.";
        assert_eq!(judged("Failed", skip, [0; 4], Some(1)), ExecutionState::Skipped);
        assert_eq!(judged("Failed", "401", [0; 4], Some(999_999)), ExecutionState::Failed);
        assert_eq!(judged("Succeed", "no resources", [0; 4], Some(1)), ExecutionState::Nothing);
        assert_eq!(judged("Stopped", "", [1, 0, 0, 2], Some(1)), ExecutionState::Stopped);
    }

    #[test]
    fn states_are_read_back_from_their_words() {
        for state in ExecutionState::ALL {
            assert_eq!(ExecutionState::parse(state.as_str()), Some(state));
        }
    }
}
