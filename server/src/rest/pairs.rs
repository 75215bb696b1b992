//! Pairs of Harbors: how equal they are, what differs, and healing them.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use model::{
    drift::{DriftPage, DriftQuery, Kind, PairView},
    heal::{HealChoice, HealPlan, HealPolicy},
    ids::{PairId, PlanId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, answer, id, problem::Problem, types::RunStarted};
use crate::{
    http::identity::{Operator, Viewer},
    router::AppState,
};

/// Which differences are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    kind: Option<Kind>,
    text: String,
    after_repository: String,
    after_thing: String,
}

/// What is healed by itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyBody {
    policy: HealPolicy,
}

/// All pairs whose nodes should hold the same.
#[utoipa::path(get, path = "/pairs", operation_id = "list_pairs",
    responses((status = 200, body = Vec<PairView>)))]
pub(crate) async fn list(Viewer(locale): Viewer, State(state): State<AppState>) -> Answer<Vec<PairView>> {
    answer(state.services.clusters.pairs().await, locale)
}

/// One pair: when it was compared, what was alike, and how many differences there are of each kind.
#[utoipa::path(get, path = "/pairs/{id}", operation_id = "get_pair", params(("id" = String, Path)),
    responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn get(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.pair(&id).await, locale)
}

/// A page of what differs, by repository and thing; the next one begins behind the last row of this one.
#[utoipa::path(get, path = "/pairs/{id}/drift", operation_id = "list_drift",
    params(("id" = String, Path), ("kind" = Option<Kind>, Query), ("text" = Option<String>, Query),
        ("after_repository" = Option<String>, Query), ("after_thing" = Option<String>, Query)),
    responses((status = 200, body = DriftPage), (status = 404, body = Problem)))]
pub(crate) async fn drift(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer<DriftPage> {
    let id = id(&text, PairId::parse, locale)?;
    let after =
        (!wanted.after_repository.is_empty()).then_some((wanted.after_repository, wanted.after_thing));
    let query = DriftQuery { kind: wanted.kind, text: wanted.text, after };
    answer(state.services.clusters.drifts(&id, &query).await, locale)
}

/// Begins to compare a pair now.
#[utoipa::path(post, path = "/pairs/{id}/compare", operation_id = "compare_pair", params(("id" = String, Path)),
    responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn compare(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.compare_now(&id, &actor.shown_name()).await, locale)
}

/// Chooses what the pair's cluster heals by itself.
#[utoipa::path(put, path = "/pairs/{id}/policy", operation_id = "set_heal_policy", params(("id" = String, Path)),
    request_body = PolicyBody, responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn set_policy(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(body): Json<PolicyBody>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.set_heal_policy(&id, body.policy, &actor.shown_name()).await, locale)
}

/// Plans a heal; nothing is done yet.
#[utoipa::path(post, path = "/pairs/{id}/heal-plans", operation_id = "plan_heal", params(("id" = String, Path)),
    request_body = HealChoice, responses((status = 200, body = HealPlan), (status = 409, body = Problem)))]
pub(crate) async fn plan(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(choice): Json<HealChoice>,
) -> Answer<HealPlan> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.heal_plan(&id, &choice, &actor.shown_name()).await, locale)
}

/// Carries a plan out; `heal.stale` where other differences were found since it was made.
#[utoipa::path(post, path = "/heal-plans/{id}/run", operation_id = "run_heal", params(("id" = String, Path)),
    responses((status = 200, body = RunStarted), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn heal(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<RunStarted> {
    let id = id(&text, PlanId::parse, locale)?;
    let run = state.services.clusters.heal(&id, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}
