//! Executions of rules: harvested, kept, and looked at; their tasks and logs are asked of the Harbor.

use std::time::Duration;

use futures::future::join_all;
use harbor::{HarborError, List};
use model::{
    AppError,
    ids::{ClusterId, NodeId},
    names::NodeName,
    rule::{ExecutionPage, ExecutionQuery, ExecutionView, TaskPage},
    say,
    spec::ClusterSpec,
};
use store::{StoreError, executions::ExecutionFilter};

use super::{Answered, Clusters};
use crate::{error, reach::Reach, rules, trouble::Trouble};

/// Rows of a page.
const PAGE: u32 = 50;
/// How often a cluster is harvested while nobody looks.
const EVERY: Duration = Duration::from_secs(20);
/// And while somebody does.
const LOOKING: Duration = Duration::from_secs(2);
/// Longest time that a page waits for a harvest; what comes later is in the next answer.
const PATIENCE: Duration = Duration::from_secs(4);

impl Clusters {
    /// A page of the executions of a cluster's rules, newest first; the newest are read from the Harbors first.
    ///
    /// # Errors
    /// `store.not_found`, `node.unknown`. A node that does not answer is left out.
    pub async fn executions(&self, id: &ClusterId, query: &ExecutionQuery) -> Answered<ExecutionPage> {
        if query.after.is_none() {
            self.look_again(id).await;
        }
        let nodes = self.store.nodes().of_cluster(id).await?;
        let id_of = |name: &NodeName| {
            nodes.iter().find(|n| n.name == *name).map(|n| n.id.clone()).ok_or_else(error::no_node)
        };
        let filter = ExecutionFilter {
            state: query.state,
            node: query.node.as_ref().map(id_of).transpose()?,
            after: match &query.after {
                Some((ms, node, execution)) => Some((*ms, id_of(node)?, *execution)),
                None => None,
            },
        };
        let mut rows = self.store.executions().page(id, &filter, PAGE + 1).await?;
        let more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let rows = rows.iter().map(|row| row.body_as()).collect::<Result<Vec<ExecutionView>, _>>()?;
        Ok(ExecutionPage { rows, more })
    }

    /// One execution, read again where it is not over.
    ///
    /// # Errors
    /// `store.not_found`, `node.unknown`.
    pub async fn execution(
        &self,
        id: &ClusterId,
        node: &NodeName,
        execution: i64,
    ) -> Answered<ExecutionView> {
        self.look_again(id).await;
        let nodes = self.store.nodes().of_cluster(id).await?;
        let node = nodes.iter().find(|n| n.name == *node).ok_or_else(error::no_node)?;
        let row = self.store.executions().find(&node.id, execution).await?;
        Ok(row.ok_or(StoreError::NotFound { what: "execution" })?.body_as()?)
    }

    /// The tasks of an execution, a hundred at a time from page 1 on.
    ///
    /// # Errors
    /// `node.unknown`; what the node says.
    pub async fn tasks(
        &self,
        id: &ClusterId,
        node: &NodeName,
        execution: i64,
        page: u32,
    ) -> Answered<TaskPage> {
        let harbor = self.node_reach(id, node).await?.system;
        let list = List::new().page(page.max(1), harbor::query::PAGE);
        match harbor.tasks(execution, &list).await {
            Ok(found) => Ok(TaskPage {
                total: found.total,
                rows: found.rows.into_iter().map(rules::task_of).collect(),
                gone: false,
            }),
            Err(HarborError::NotFound(_)) => Ok(TaskPage { gone: true, ..TaskPage::default() }),
            Err(error) => Err(Trouble::from(error).app_of(node)),
        }
    }

    /// The log of a task; Harbor keeps it for a day and gives ten megabytes at most.
    ///
    /// # Errors
    /// `rules.no_log` where there is none any more; what the node says.
    pub async fn task_log(
        &self,
        id: &ClusterId,
        node: &NodeName,
        execution: i64,
        task: i64,
    ) -> Answered<String> {
        let harbor = self.node_reach(id, node).await?.system;
        match harbor.task_log(execution, task).await {
            Ok(text) => Ok(text),
            Err(HarborError::NotFound(_)) => Err(no_log(node)),
            Err(error) => Err(Trouble::from(error).app_of(node)),
        }
    }
}

impl Clusters {
    /// Reads the newest executions, unless that was done a moment ago; a page does not wait for long.
    async fn look_again(&self, id: &ClusterId) {
        if self.harvests.is_due(id, LOOKING) {
            let (clusters, id) = (self.clone(), id.clone());
            let harvest = tokio::spawn(async move { clusters.harvest_cluster(&id).await });
            let _ = tokio::time::timeout(PATIENCE, harvest).await;
        }
    }

    async fn node_reach(&self, id: &ClusterId, node: &NodeName) -> Answered<Reach> {
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let mut reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        reach.remove(node).ok_or_else(error::no_node)
    }

    /// The newest execution that is kept of a cluster.
    pub(super) async fn newest_execution(&self, id: &ClusterId) -> Answered<Option<ExecutionView>> {
        let rows = self.store.executions().page(id, &ExecutionFilter::default(), 1).await?;
        Ok(rows.first().map(|row| row.body_as()).transpose()?)
    }

    /// Harvests the clusters whose time has come.
    pub(super) async fn harvest_due(&self) -> Answered<()> {
        let mut due = Vec::new();
        for row in self.store.clusters().list().await? {
            let spec: ClusterSpec = row.spec_as()?;
            if spec.topology.copies() && self.harvests.is_due(&row.id, EVERY) {
                due.push(row.id);
            }
        }
        // A node that hangs does not keep the other clusters waiting.
        let done = join_all(due.iter().map(|id| self.harvest_cluster(id))).await;
        done.into_iter().collect()
    }

    /// Reads what the rules of a cluster's nodes did since the last time; a node that is away keeps it until later.
    async fn harvest_cluster(&self, id: &ClusterId) -> Answered<()> {
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let nodes: Vec<(NodeId, NodeName)> =
            self.store.nodes().of_cluster(id).await?.into_iter().map(|n| (n.id, n.name)).collect();
        let asked = nodes.iter().filter_map(|(node, name)| {
            let harbor = &reach.get(name)?.system;
            Some(rules::harvest(&self.store, id, &spec, (node, name), harbor))
        });
        for outcome in join_all(asked).await {
            if let Err(trouble) = outcome {
                tracing::debug!(cluster = %id, %trouble, "executions of a node could not be read");
            }
        }
        Ok(())
    }
}

fn no_log(node: &NodeName) -> AppError {
    AppError::new(
        "rules.no_log",
        404,
        say!("{node} has no log of this task.", "{node} 上没有此任务的日志。"),
        say!(
            "Harbor keeps logs for a day, and behind a load balancer only on the machine that did the work.",
            "Harbor 只保留一天的日志；在负载均衡之后，日志只在执行任务的那台机器上。"
        ),
    )
}
