//! A spec from a file: asked, planned, applied.

use axum::{Json, extract::State};
use clusters::{SpecAccount, SpecOptions};
use model::spec::ClusterSpec;

use super::{
    Answer, answer,
    problem::Problem,
    types::{PlanAnswer, PlanRequest, RunStarted},
};
use crate::{http::identity::Operator, router::AppState};

/// Asks every finding and makes the plan; changes no Harbor, unless `probes` lets the writing probes run. For the name
/// of a kept cluster it is the plan of the difference, without steps where there is none.
#[utoipa::path(post, path = "/plans", operation_id = "make_plan", request_body = PlanRequest,
    responses((status = 200, body = PlanAnswer), (status = 422, body = Problem)))]
pub(crate) async fn plan(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Json(request): Json<PlanRequest>,
) -> Answer<PlanAnswer> {
    let (spec, accounts, options) = taken_apart(request);
    let planned = state.services.clusters.plan_spec(&spec, &accounts, &options, &actor.shown_name()).await;
    answer(planned.map(|d| PlanAnswer { findings: d.findings, plan: d.plan }), locale)
}

/// Asks every finding, makes the plan, and carries it out unless a finding is in the way. For the name of a kept
/// cluster only the difference is applied; `change.nothing` where there is none.
#[utoipa::path(post, path = "/runs", operation_id = "apply_plan", request_body = PlanRequest,
    responses((status = 200, body = RunStarted), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn apply(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Json(request): Json<PlanRequest>,
) -> Answer<RunStarted> {
    let (spec, accounts, options) = taken_apart(request);
    let run = state.services.clusters.apply_spec(&spec, &accounts, &options, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

fn taken_apart(request: PlanRequest) -> (ClusterSpec, Vec<SpecAccount>, SpecOptions) {
    let accounts = request.credentials.into_iter().map(|(node, c)| SpecAccount {
        node,
        kind: c.kind,
        username: c.username,
        secret: c.secret.into(),
        make_robot: c.make_robot,
    });
    let options = SpecOptions { probes: request.probes, accept_warnings: request.accept_warnings };
    (request.cluster, accounts.collect(), options)
}
