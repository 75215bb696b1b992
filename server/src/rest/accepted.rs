//! Differences that a person accepts.

use axum::{
    Json,
    extract::{Path, State},
};
use model::{
    drift::{Accepting, PairView},
    heal::Picked,
    ids::PairId,
};

use super::{Answer, answer, id, problem::Problem};
use crate::{http::identity::Operator, router::AppState};

/// Accepts differences as they were seen: they do not count, and no heal touches them, until either side changes or their
/// time is over.
#[utoipa::path(post, path = "/pairs/{id}/accept", operation_id = "accept_drift", params(("id" = String, Path)),
    request_body = Accepting,
    responses((status = 200, body = PairView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn accept(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(accepting): Json<Accepting>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.accept(&id, accepting, &actor.shown_name()).await, locale)
}

/// Lets accepted differences count again.
#[utoipa::path(post, path = "/pairs/{id}/count-again", operation_id = "count_again", params(("id" = String, Path)),
    request_body = Vec<Picked>,
    responses((status = 200, body = PairView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn count_again(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(rows): Json<Vec<Picked>>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.count_again(&id, &rows, &actor.shown_name()).await, locale)
}
