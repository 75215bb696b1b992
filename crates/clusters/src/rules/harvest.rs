//! Executions are read from the Harbors and kept: Harbor keeps the newest fifty of a rule, and loses them with it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use harbor::{
    Harbor, HarborError, List,
    api::{
        executions::{Execution, ExecutionFilter, Task},
        policies::Policy,
    },
};
use model::{
    ids::{ClusterId, NodeId, RunId},
    names::NodeName,
    rule::{ExecutionState, ExecutionTrigger, ExecutionView, RuleDeed, TaskState, TaskView},
    spec::ClusterSpec,
};
use store::{
    Store,
    executions::{ExecutionFilter as Kept, ExecutionRow},
};

use super::link_of;
use crate::trouble::Trouble;

/// Rows of a page.
const PAGE: u32 = 50;
/// Most pages of one harvest: what an event rule does in a quarter of a minute is less.
const PAGES: u32 = 10;
/// Most executions that are asked for one by one, because they are older than the page and not over.
const OPEN: u32 = 20;
/// Longest text of Harbor's that is kept: a masked proxy answers with a whole page.
const WHY_MAX: usize = 500;

/// When each cluster was harvested and watched last, and what was tried by itself. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Harvests(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    harvested: HashMap<ClusterId, Instant>,
    watched: HashMap<ClusterId, Instant>,
    limits: HashMap<ClusterId, Instant>,
    again: HashMap<RunId, Instant>,
    mended: HashMap<(ClusterId, RuleDeed), Instant>,
}

/// A change that waits for a node is tried again at most so often, once that node answers.
const AGAIN: Duration = Duration::from_secs(120);
/// What was mended by itself and is not whole is tried again at most so often: a rule that was scheduled anew is whole
/// only when it has run.
const MEND_AGAIN: Duration = Duration::from_secs(6 * 3600);

impl Harvests {
    /// Whether it is time again; then it counts as done now.
    pub(crate) fn is_due(&self, cluster: &ClusterId, every: Duration) -> bool {
        due(&mut self.known().harvested, cluster, every)
    }

    /// Whether a change that waits may be tried again now.
    pub(crate) fn try_again(&self, run: &RunId) -> bool {
        due(&mut self.known().again, run, AGAIN)
    }

    /// Whether the rules of a cluster are to be looked at again; then that counts as done now.
    pub(crate) fn watch_due(&self, cluster: &ClusterId, every: Duration) -> bool {
        due(&mut self.known().watched, cluster, every)
    }

    /// They are to be looked at as soon as possible: something was done to them.
    pub(crate) fn watch_soon(&self, cluster: &ClusterId) {
        self.known().watched.remove(cluster);
    }

    /// Whether it is to be read again what the projects of a cluster refuse; then that counts as done now.
    pub(crate) fn limits_due(&self, cluster: &ClusterId, every: Duration) -> bool {
        due(&mut self.known().limits, cluster, every)
    }

    /// What else was mended by itself is whole: should it break again, it is mended again at once.
    pub(crate) fn mended_but(&self, cluster: &ClusterId, open: &[RuleDeed]) {
        self.known().mended.retain(|(of, deed), _| of != cluster || open.contains(deed));
    }

    /// Whether something may be mended by itself now.
    pub(crate) fn mend_again(&self, cluster: &ClusterId, deed: &RuleDeed) -> bool {
        due(&mut self.known().mended, &(cluster.clone(), deed.clone()), MEND_AGAIN)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the last time is so long past; then it is now.
fn due<K: Eq + Hash + Clone>(times: &mut HashMap<K, Instant>, key: &K, every: Duration) -> bool {
    let due = times.get(key).is_none_or(|at| at.elapsed() >= every);
    if due {
        times.insert(key.clone(), Instant::now());
    }
    due
}

/// Reads what a node's rules did since the last time, and keeps it; tells whether anything is new.
///
/// # Errors
/// What the node says; those of the database are logged and left for the next time.
pub(crate) async fn harvest(
    store: &Store,
    cluster: &ClusterId,
    spec: &ClusterSpec,
    (node, name): (&NodeId, &NodeName),
    harbor: &Harbor,
) -> Result<bool, Trouble> {
    let policies = harbor.all_policies().await?;
    let now_ms = store.clock().now_ms();
    let kept = newest(store, cluster, node).await;
    let mut found: Vec<ExecutionView> = Vec::new();
    for page in 1..=PAGES {
        let answer =
            harbor.executions(&ExecutionFilter::default(), &List::new().page(page, PAGE)).await?.rows;
        let (full, last) = (answer.len() >= PAGE as usize, answer.last().map(|e| e.id));
        found.extend(views(answer, &policies, name, spec, now_ms));
        if !full || last.is_none_or(|id| kept.contains_key(&id)) {
            break;
        }
    }
    let oldest = found.iter().map(|e| e.id).min().unwrap_or(0);
    for row in open(store, cluster, node).await.into_iter().filter(|row| row.id < oldest || oldest == 0) {
        match harbor.execution(row.id).await {
            Ok(execution) => found.extend(views(vec![execution], &policies, name, spec, now_ms)),
            // Deleted with its rule: what came of it nobody can say any more.
            Err(HarborError::NotFound(_)) => {
                if let Ok(mut view) = row.body_as::<ExecutionView>() {
                    view.state = ExecutionState::Stopped;
                    found.push(view);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut changed = Vec::new();
    for view in found {
        let row = ExecutionRow {
            node_id: node.clone(),
            id: view.id,
            started_ms: view.started_ms,
            state: view.state,
            body: serde_json::to_value(&view).unwrap_or_default(),
        };
        if kept.get(&view.id) != Some(&row) {
            changed.push(row);
        }
    }
    if let Err(fault) = store.executions().put(cluster, &changed).await {
        tracing::warn!(%fault, "executions could not be kept");
    }
    Ok(!changed.is_empty())
}

/// What is kept of a node's newest, by Harbor's id.
async fn newest(store: &Store, cluster: &ClusterId, node: &NodeId) -> HashMap<i64, ExecutionRow> {
    let filter = Kept { node: Some(node.clone()), ..Kept::default() };
    let rows = store.executions().page(cluster, &filter, 2 * PAGE).await.unwrap_or_default();
    rows.into_iter().map(|row| (row.id, row)).collect()
}

/// What is kept of a node and was not over.
async fn open(store: &Store, cluster: &ClusterId, node: &NodeId) -> Vec<ExecutionRow> {
    let mut out = Vec::new();
    for state in ExecutionState::ALL.into_iter().filter(|s| s.is_open()) {
        let filter = Kept { state: Some(state), node: Some(node.clone()), after: None };
        out.extend(store.executions().page(cluster, &filter, OPEN).await.unwrap_or_default());
    }
    out
}

/// Executions of rules between nodes of the cluster, as they are shown.
pub(super) fn views(
    executions: Vec<Execution>,
    policies: &[Policy],
    node: &NodeName,
    spec: &ClusterSpec,
    now_ms: i64,
) -> Vec<ExecutionView> {
    let view = |execution: Execution| {
        let policy = policies.iter().find(|p| p.id == execution.policy_id)?;
        let (link, _) = link_of(policy, node, spec)?;
        let mut view = ExecutionView {
            node: node.clone(),
            id: execution.id,
            rule: policy.name.clone(),
            link: Some(link),
            trigger: match execution.trigger.as_str() {
                "scheduled" => ExecutionTrigger::Scheduled,
                "event_based" => ExecutionTrigger::EventBased,
                _ => ExecutionTrigger::Manual,
            },
            state: ExecutionState::Preparing,
            why: execution.status_text.chars().take(WHY_MAX).collect(),
            total: execution.total,
            succeeded: execution.succeed,
            failed: execution.failed,
            in_progress: execution.in_progress,
            stopped: execution.stopped,
            started_ms: execution.start_time.unwrap_or_default(),
            ended_ms: execution.end_time,
        };
        view.judge(&execution.status, now_ms);
        Some(view)
    };
    executions.into_iter().filter_map(view).collect()
}

/// A task as it is shown.
pub(crate) fn task_of(task: Task) -> TaskView {
    TaskView {
        id: task.id,
        state: match task.status.as_str() {
            "Succeed" => TaskState::Succeeded,
            "Failed" => TaskState::Failed,
            "Stopped" => TaskState::Stopped,
            "InProgress" => TaskState::Running,
            _ => TaskState::Pending,
        },
        operation: task.operation,
        what: task.src_resource,
        started_ms: task.start_time,
        ended_ms: task.end_time,
    }
}
