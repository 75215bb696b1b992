//! Rules of a cluster: as they stand, as they shall be, what they did.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use model::{
    AppError, Locale,
    endpoint::{EndpointTest, EndpointsView},
    ids::ClusterId,
    names::NodeName,
    rule::{
        DryRun, ExecutionPage, ExecutionQuery, ExecutionState, LinksView, RuleDeed, RulesRow, RulesView,
        RulesWish, TaskPage,
    },
    say,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, answer, id, problem::Problem, types::RunStarted};
use crate::{
    http::identity::{Operator, Viewer},
    router::AppState,
};

/// What the rules shall be, and which state of the cluster that was decided on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesBody {
    pub(crate) version: i64,
    pub(crate) wish: RulesWish,
}

/// Whether the watchdog mends by itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MendingBody {
    pub(crate) mends: bool,
}

/// Which executions are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    state: Option<ExecutionState>,
    node: Option<NodeName>,
}

/// The node on which an execution ran, or an endpoint stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct At {
    node: Option<NodeName>,
    page: u32,
}

impl At {
    /// The node, which must be named: each Harbor numbers its own things.
    fn node(&self, locale: Locale) -> Result<&NodeName, Problem> {
        self.node.as_ref().ok_or_else(|| {
            let error = AppError::new(
                "request.node",
                422,
                say!("It is not said on which node.", "没有指明节点。"),
                say!("Add ?node= with the node's name.", "请添加 ?node= 及节点名称。"),
            );
            Problem::new(error, locale)
        })
    }
}

/// The clusters whose nodes copy.
#[utoipa::path(get, path = "/rules", operation_id = "list_rules", responses((status = 200, body = Vec<RulesRow>)))]
pub(crate) async fn list(Viewer(locale): Viewer, State(state): State<AppState>) -> Answer<Vec<RulesRow>> {
    answer(state.services.clusters.rules_list().await, locale)
}

/// The rules of a cluster as they stand on its Harbors now, and what is to be looked at.
#[utoipa::path(get, path = "/clusters/{id}/rules", operation_id = "get_rules", params(("id" = String, Path)),
    responses((status = 200, body = RulesView), (status = 404, body = Problem)))]
pub(crate) async fn get(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<RulesView> {
    let id = id(&text, ClusterId::parse, locale)?;
    answer(state.services.clusters.rules(&id).await, locale)
}

/// Edits the rules of all links of a cluster as one; a node that is away gets its part once it is back.
#[utoipa::path(put, path = "/clusters/{id}/rules", operation_id = "save_rules", params(("id" = String, Path)),
    request_body = RulesBody, responses((status = 200, body = RunStarted), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn save(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(body): Json<RulesBody>,
) -> Answer<RunStarted> {
    let id = id(&text, ClusterId::parse, locale)?;
    let run = state.services.clusters.save_rules(&id, body.version, &body.wish, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

/// Does one thing to the rules of a cluster: makes them as planned, starts, stops, switches off, schedules anew.
#[utoipa::path(post, path = "/clusters/{id}/rules", operation_id = "do_rule", params(("id" = String, Path)),
    request_body = RuleDeed, responses((status = 200, body = RunStarted), (status = 404, body = Problem)))]
pub(crate) async fn act(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(deed): Json<RuleDeed>,
) -> Answer<RunStarted> {
    let id = id(&text, ClusterId::parse, locale)?;
    let run = state.services.clusters.do_rule(&id, &deed, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

/// Chooses whether the watchdog lets paused queues go on and schedules rules anew by itself.
#[utoipa::path(put, path = "/clusters/{id}/rules/mending", operation_id = "set_mending", params(("id" = String, Path)),
    request_body = MendingBody, responses((status = 200, body = MendingBody), (status = 404, body = Problem)))]
pub(crate) async fn set_mending(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(body): Json<MendingBody>,
) -> Answer<MendingBody> {
    let id = id(&text, ClusterId::parse, locale)?;
    let set = state.services.clusters.set_mending(&id, body.mends, &actor.shown_name()).await;
    answer(set.map(|()| body), locale)
}

/// What the next run of each link's rule would do, as the last comparison found it.
#[utoipa::path(get, path = "/clusters/{id}/rules/dry-run", operation_id = "dry_run", params(("id" = String, Path)),
    responses((status = 200, body = Vec<DryRun>), (status = 404, body = Problem)))]
pub(crate) async fn dry_run(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<Vec<DryRun>> {
    let id = id(&text, ClusterId::parse, locale)?;
    answer(state.services.clusters.dry_run(&id).await, locale)
}

/// The links of a cluster: how far each is, and what ran over it last; nothing is asked of a Harbor.
#[utoipa::path(get, path = "/clusters/{id}/links", operation_id = "list_links", params(("id" = String, Path)),
    responses((status = 200, body = LinksView), (status = 404, body = Problem)))]
pub(crate) async fn links(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<LinksView> {
    let id = id(&text, ClusterId::parse, locale)?;
    answer(state.services.clusters.links(&id).await, locale)
}

/// The endpoints on a cluster's nodes as they stand there now. One is renamed by `POST /clusters/{id}/rules`.
#[utoipa::path(get, path = "/clusters/{id}/endpoints", operation_id = "list_endpoints", params(("id" = String, Path)),
    responses((status = 200, body = EndpointsView), (status = 404, body = Problem)))]
pub(crate) async fn endpoints(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<EndpointsView> {
    let id = id(&text, ClusterId::parse, locale)?;
    answer(state.services.clusters.endpoints(&id).await, locale)
}

/// Has a node try one of its endpoints now, with the secret it keeps; nothing is changed anywhere.
#[utoipa::path(post, path = "/clusters/{id}/endpoints/{endpoint}/test", operation_id = "test_endpoint",
    params(("id" = String, Path), ("endpoint" = i64, Path), ("node" = String, Query)),
    responses((status = 200, body = EndpointTest), (status = 404, body = Problem)))]
pub(crate) async fn test_endpoint(
    Operator(_, locale): Operator,
    State(state): State<AppState>,
    Path((text, endpoint)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Answer<EndpointTest> {
    let id = id(&text, ClusterId::parse, locale)?;
    let endpoint = number(&endpoint, locale)?;
    let node = at.node(locale)?;
    answer(state.services.clusters.test_endpoint(&id, node, endpoint).await, locale)
}

/// The newest executions of a cluster's rules.
#[utoipa::path(get, path = "/clusters/{id}/executions", operation_id = "list_executions",
    params(("id" = String, Path), ("state" = Option<ExecutionState>, Query), ("node" = Option<String>, Query)),
    responses((status = 200, body = ExecutionPage), (status = 404, body = Problem)))]
pub(crate) async fn executions(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer<ExecutionPage> {
    let id = id(&text, ClusterId::parse, locale)?;
    let query = ExecutionQuery { state: wanted.state, node: wanted.node, after: None };
    answer(state.services.clusters.executions(&id, &query).await, locale)
}

/// The tasks of an execution, a hundred at a time from page 1 on.
#[utoipa::path(get, path = "/clusters/{id}/executions/{execution}/tasks", operation_id = "list_tasks",
    params(("id" = String, Path), ("execution" = i64, Path), ("node" = String, Query), ("page" = Option<u32>, Query)),
    responses((status = 200, body = TaskPage), (status = 404, body = Problem)))]
pub(crate) async fn tasks(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path((text, execution)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Answer<TaskPage> {
    let id = id(&text, ClusterId::parse, locale)?;
    let execution = number(&execution, locale)?;
    let node = at.node(locale)?;
    answer(state.services.clusters.tasks(&id, node, execution, at.page).await, locale)
}

/// The log of a task as a file.
#[utoipa::path(get, path = "/clusters/{id}/executions/{execution}/tasks/{task}/log", operation_id = "get_task_log",
    params(("id" = String, Path), ("execution" = i64, Path), ("task" = i64, Path), ("node" = String, Query)),
    responses((status = 200, content_type = "text/plain"), (status = 404, body = Problem)))]
pub(crate) async fn log(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path((text, execution, task)): Path<(String, String, String)>,
    Query(at): Query<At>,
) -> Result<Response, Problem> {
    let id = id(&text, ClusterId::parse, locale)?;
    let (execution, task) = (number(&execution, locale)?, number(&task, locale)?);
    let node = at.node(locale)?;
    let Json(log) = answer(state.services.clusters.task_log(&id, node, execution, task).await, locale)?;
    let mut response = log.into_response();
    let name = format!("attachment; filename=\"execution-{execution}-task-{task}.log\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// One of Harbor's ids from a path.
fn number(text: &str, locale: Locale) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        let error = AppError::new(
            "request.number",
            404,
            say!("That is not a number.", "这不是数字。"),
            say!("Take it from a list.", "请从列表中获取。"),
        );
        Problem::new(error, locale)
    })
}
