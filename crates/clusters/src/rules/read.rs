//! What one node answers about its rules.

use std::time::Duration;

use harbor::{List, api::executions::ExecutionFilter};
use model::{
    HarborVersion, Say,
    plan::PlannedRule,
    rule::{ExecutionView, StoredRule},
    spec::{ClusterSpec, NodeSpec},
};

use super::{harvest::views, link_of, stored};
use crate::{
    lint::JobFacts,
    names::is_temporary,
    reach::Reach,
    survey::NodeSurvey,
    trouble::{Trouble, within},
};

/// Longest time that a page waits for one node.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// Executions looked at.
const NEWEST: u32 = 50;

/// What was read of a node.
#[derive(Clone, Debug)]
pub(crate) struct NodeRead {
    /// Its version.
    pub version: HarborVersion,
    /// Its rules that copy to or from another node of the cluster.
    pub rules: Vec<StoredRule>,
    /// Its job service; `None` where that may not be read, or is away.
    pub jobs: Option<JobFacts>,
    /// What it said instead, where that was not that it may not be read.
    pub jobs_away: Option<Say>,
    /// The newest executions of those rules.
    pub executions: Vec<ExecutionView>,
}

/// Reads the rules of a node.
///
/// # Errors
/// What it says, or that it says nothing within ten seconds.
pub(crate) async fn read(
    reach: &Reach,
    spec: &ClusterSpec,
    node: &NodeSpec,
    planned: &[PlannedRule],
    now_ms: i64,
) -> Result<NodeRead, Trouble> {
    within(LIMIT, async {
        let survey = NodeSurvey::new(node.clone(), reach.clone());
        let harbor = &reach.system;
        let newest = (ExecutionFilter::default(), List::new().page(1, NEWEST));
        let (basics, policies, executions, schedules, queues) = tokio::join!(
            survey.basics(),
            harbor.all_policies(),
            harbor.executions(&newest.0, &newest.1),
            harbor.schedules(),
            harbor.queues(),
        );
        let version = basics?.version.clone();
        let policies = policies?;
        let executions = views(executions?.rows, &policies, &node.name, spec, now_ms);
        let rules = policies
            .into_iter()
            .filter(|policy| !is_temporary(&policy.name))
            .filter_map(|policy| {
                let link = link_of(&policy, &node.name, spec)?;
                Some(stored(policy, link, &version, planned))
            })
            .collect();
        let (jobs, fault) = match (schedules, queues) {
            (Ok(schedules), Ok(queues)) => {
                let jobs = JobFacts {
                    scheduled: schedules
                        .into_iter()
                        .filter(|s| s.vendor_type == "REPLICATION")
                        .map(|s| s.vendor_id)
                        .collect(),
                    paused: queues.into_iter().filter(|q| q.paused).map(|q| q.job_type).collect(),
                };
                (Some(jobs), None)
            }
            (Err(fault), _) | (_, Err(fault)) => (None, Some(Trouble::from(fault))),
        };
        let jobs_away = fault.filter(|t| !t.is_forbidden() && !t.is_absent()).map(|t| t.of_node(&node.name));
        Ok::<_, Trouble>(NodeRead { version, rules, jobs, jobs_away, executions })
    })
    .await
}
