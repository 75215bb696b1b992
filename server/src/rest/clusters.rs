//! Clusters that were adopted.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use model::{
    finding::Finding,
    ids::{ClusterId, NodeId},
    spec::ClusterView,
};
use serde::Deserialize;

use super::{
    Answer, answer, id,
    problem::Problem,
    types::{AccountBody, MaybeRun},
};
use crate::{
    http::identity::{Operator, Viewer},
    router::AppState,
};

/// All clusters, by name.
#[utoipa::path(get, path = "/clusters", operation_id = "list_clusters", responses((status = 200, body = [ClusterView]), (status = 401, body = Problem)))]
pub(crate) async fn list(Viewer(locale): Viewer, State(state): State<AppState>) -> Answer<Vec<ClusterView>> {
    answer(state.services.clusters.clusters().await, locale)
}

/// One cluster.
#[utoipa::path(get, path = "/clusters/{id}", operation_id = "get_cluster", params(("id" = String, Path)),
    responses((status = 200, body = ClusterView), (status = 404, body = Problem)))]
pub(crate) async fn get(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<ClusterView> {
    let id = id(&text, ClusterId::parse, locale)?;
    answer(state.services.clusters.cluster(&id).await, locale)
}

/// Warnings of a cluster that somebody accepted, with the reasons.
#[utoipa::path(get, path = "/clusters/{id}/findings", operation_id = "list_findings", params(("id" = String, Path)),
    responses((status = 200, body = [Finding]), (status = 404, body = Problem)))]
pub(crate) async fn findings(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<Vec<Finding>> {
    let id = id(&text, ClusterId::parse, locale)?;
    answer(state.services.clusters.cluster(&id).await.map(|c| c.waived), locale)
}

/// How a cluster leaves the console.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    /// Also take back what its adoption made on the Harbors.
    #[serde(default)]
    take_back: bool,
}

/// Removes a cluster from the console; the Harbors stay as they are unless `take_back`.
#[utoipa::path(delete, path = "/clusters/{id}", operation_id = "remove_cluster", params(("id" = String, Path), ("take_back" = Option<bool>, Query)),
    responses((status = 200, body = MaybeRun), (status = 404, body = Problem)))]
pub(crate) async fn remove(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(removal): Query<Removal>,
) -> Answer<MaybeRun> {
    let id = id(&text, ClusterId::parse, locale)?;
    let run = state.services.clusters.remove_cluster(&id, removal.take_back, &actor.shown_name()).await;
    answer(run.map(|run| MaybeRun { run }), locale)
}

/// Replaces the account of a node once the new one was tried there; the old one stays where it does not work.
#[utoipa::path(put, path = "/clusters/{id}/nodes/{node}/credential", operation_id = "replace_credential",
    params(("id" = String, Path), ("node" = String, Path)), request_body = AccountBody,
    responses((status = 200), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn replace_credential(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path((cluster, node)): Path<(String, String)>,
    Json(AccountBody { kind, username, secret }): Json<AccountBody>,
) -> Answer<()> {
    let cluster = id(&cluster, ClusterId::parse, locale)?;
    let node = id(&node, NodeId::parse, locale)?;
    let (secret, by) = (secret.into(), actor.shown_name());
    let kept =
        state.services.clusters.replace_credential(&cluster, &node, kind, &username, secret, &by).await;
    answer(kept, locale)
}

/// Switches the rules on and starts each once.
#[utoipa::path(post, path = "/clusters/{id}/first-copy", operation_id = "start_first_copy", params(("id" = String, Path)),
    responses((status = 200, body = MaybeRun), (status = 404, body = Problem)))]
pub(crate) async fn start_first_copy(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Result<Json<MaybeRun>, Problem> {
    let id = id(&text, ClusterId::parse, locale)?;
    let run = state.services.clusters.start_first_copy(&id, None, &actor.shown_name()).await;
    answer(run.map(|run| MaybeRun { run: Some(run) }), locale)
}
