//! Rules: what the nodes of a cluster copy to each other, and what came of it.

use leptos::prelude::*;
use model::{
    endpoint::{EndpointTest, EndpointsView},
    ids::{ClusterId, RunId},
    names::NodeName,
    rule::{
        DryRun, ExecutionPage, ExecutionQuery, ExecutionView, LinksView, RuleDeed, RulesRow, RulesView,
        RulesWish, TaskPage,
    },
    scope::SourceRepositories,
};
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    model::people::Role,
};

use super::{Answer, body::Body};

/// The clusters whose nodes copy.
#[server(prefix = "/fn", endpoint = "rules", input = Body, output = Body)]
pub async fn read_rules_list() -> Answer<Vec<RulesRow>> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.rules_list().await)
}

/// The rules of a cluster as they stand on its Harbors.
#[server(prefix = "/fn", endpoint = "rules-of", input = Body, output = Body)]
pub async fn read_rules(id: Option<ClusterId>) -> Answer<RulesView> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.rules(&id).await)
}

/// Edits the rules of all links of a cluster as one.
#[server(prefix = "/fn", endpoint = "save-rules", input = Body, output = Body)]
pub async fn save_rules(id: ClusterId, version: i64, wish: RulesWish) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.save_rules(&id, version, &wish, &actor.shown_name()).await)
}

/// Does one thing to the rules of a cluster.
#[server(prefix = "/fn", endpoint = "do-rule", input = Body, output = Body)]
pub async fn do_rule(id: ClusterId, deed: RuleDeed) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.do_rule(&id, &deed, &actor.shown_name()).await)
}

/// Chooses whether the watchdog mends by itself what one safe press mends; tells what is so now.
#[server(prefix = "/fn", endpoint = "set-mending", input = Body, output = Body)]
pub async fn set_mending(id: ClusterId, mends: bool) -> Answer<bool> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.set_mending(&id, mends, &actor.shown_name()).await.map(|()| mends))
}

/// What the next run of each link's rule would do.
#[server(prefix = "/fn", endpoint = "dry-run", input = Body, output = Body)]
pub async fn read_dry_run(id: ClusterId) -> Answer<Vec<DryRun>> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.dry_run(&id).await)
}

/// The repositories that a filter may match, as the sources list them.
#[server(prefix = "/fn", endpoint = "source-repositories", input = Body, output = Body)]
pub async fn read_source_repositories(id: ClusterId) -> Answer<SourceRepositories> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.source_repositories(&id).await)
}

/// The endpoints on a cluster's nodes.
#[server(prefix = "/fn", endpoint = "endpoints", input = Body, output = Body)]
pub async fn read_endpoints(id: Option<ClusterId>) -> Answer<EndpointsView> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.endpoints(&id).await)
}

/// The links of a cluster: how far each is, and what ran over it last.
#[server(prefix = "/fn", endpoint = "links", input = Body, output = Body)]
pub async fn read_links(id: Option<ClusterId>) -> Answer<LinksView> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.links(&id).await)
}

/// Has a node try one of its endpoints now.
#[server(prefix = "/fn", endpoint = "test-endpoint", input = Body, output = Body)]
pub async fn test_endpoint(id: ClusterId, node: NodeName, endpoint: i64) -> Answer<EndpointTest> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.test_endpoint(&id, &node, endpoint).await)
}

/// A page of the executions of a cluster's rules, newest first.
#[server(prefix = "/fn", endpoint = "executions", input = Body, output = Body)]
pub async fn read_executions(id: Option<ClusterId>, query: ExecutionQuery) -> Answer<ExecutionPage> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.executions(&id, &query).await)
}

/// One execution of a cluster's rules.
#[server(prefix = "/fn", endpoint = "execution", input = Body, output = Body)]
pub async fn read_execution(id: ClusterId, node: NodeName, execution: i64) -> Answer<ExecutionView> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.execution(&id, &node, execution).await)
}

/// The tasks of an execution, a hundred at a time.
#[server(prefix = "/fn", endpoint = "tasks", input = Body, output = Body)]
pub async fn read_tasks(id: ClusterId, node: NodeName, execution: i64, page: u32) -> Answer<TaskPage> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.tasks(&id, &node, execution, page).await)
}

/// The log of a task.
#[server(prefix = "/fn", endpoint = "task-log", input = Body, output = Body)]
pub async fn read_task_log(id: ClusterId, node: NodeName, execution: i64, task: i64) -> Answer<String> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.task_log(&id, &node, execution, task).await)
}
