//! Runs and their receipts.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use model::{ids::RunId, run::RunView};

use super::{Answer, answer, id, problem::Problem};
use crate::{
    http::identity::{Operator, Viewer},
    router::AppState,
};

/// A run and where each of its steps stands.
#[utoipa::path(get, path = "/runs/{id}", operation_id = "get_run", params(("id" = String, Path)),
    responses((status = 200, body = RunView), (status = 404, body = Problem)))]
pub(crate) async fn get(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<RunView> {
    let id = id(&text, RunId::parse, locale)?;
    answer(state.services.clusters.run(&id).await, locale)
}

/// Stops a run after what it is doing now; tells whether it was running.
#[utoipa::path(post, path = "/runs/{id}/cancel", operation_id = "cancel_run", params(("id" = String, Path)),
    responses((status = 200, body = bool), (status = 404, body = Problem)))]
pub(crate) async fn cancel(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<bool> {
    let id = id(&text, RunId::parse, locale)?;
    // Else a run that never was would count as one that is over.
    let _ = answer(state.services.clusters.run(&id).await, locale)?;
    answer(state.services.clusters.cancel_run(&id, &actor.shown_name()).await, locale)
}

/// Goes on with a run that failed or was stopped.
#[utoipa::path(post, path = "/runs/{id}/retry", operation_id = "retry_run", params(("id" = String, Path)),
    responses((status = 200), (status = 409, body = Problem)))]
pub(crate) async fn retry(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<()> {
    let id = id(&text, RunId::parse, locale)?;
    answer(state.services.clusters.retry_run(&id, &actor.shown_name()).await, locale)
}

/// Takes back what a run made, and nothing else.
#[utoipa::path(post, path = "/runs/{id}/undo", operation_id = "undo_run", params(("id" = String, Path)),
    responses((status = 200), (status = 409, body = Problem)))]
pub(crate) async fn undo(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<()> {
    let id = id(&text, RunId::parse, locale)?;
    answer(state.services.clusters.undo_run(&id, &actor.shown_name()).await, locale)
}

/// The receipt of a run as a file: what was planned, what was made, what was found.
#[utoipa::path(get, path = "/runs/{id}/receipt", operation_id = "get_receipt", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/json"), (status = 404, body = Problem)))]
pub(crate) async fn receipt(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let id = id(&text, RunId::parse, locale)?;
    let Json(receipt) = answer(state.services.clusters.receipt(&id).await, locale)?;
    let mut response = Json(receipt).into_response();
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"breakwater-run-{id}.json\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
