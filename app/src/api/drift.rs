//! Drift: how equal the pairs are, and what differs.

use leptos::prelude::*;
use model::{
    HistorySpan,
    drift::{Accepting, DriftHistory, DriftPage, DriftQuery, PairView, ProjectsView},
    heal::{HealChoice, HealPlan, HealPolicy, HealSettings, Picked},
    ids::{LeftoverId, PairId, PlanId, RunId},
    names::NodeName,
    settings::SettingsView,
};
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    model::people::Role,
};

use super::{Answer, body::Body};

/// All pairs.
#[server(prefix = "/fn", endpoint = "pairs", input = Body, output = Body)]
pub async fn read_pairs() -> Answer<Vec<PairView>> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.pairs().await)
}

/// One pair.
#[server(prefix = "/fn", endpoint = "pair", input = Body, output = Body)]
pub async fn read_pair(id: Option<PairId>) -> Answer<PairView> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.pair(&id).await)
}

/// What Harbor does not replicate between a pair's nodes, read now.
#[server(prefix = "/fn", endpoint = "unreplicated", input = Body, output = Body)]
pub async fn read_unreplicated(id: Option<PairId>) -> Answer<SettingsView> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.pair_settings(&id).await)
}

/// A page of what differs.
#[server(prefix = "/fn", endpoint = "drifts", input = Body, output = Body)]
pub async fn read_drifts(id: Option<PairId>, query: DriftQuery) -> Answer<DriftPage> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.drifts(&id, &query).await)
}

/// How far the projects of a pair are.
#[server(prefix = "/fn", endpoint = "projects", input = Body, output = Body)]
pub async fn read_projects(id: Option<PairId>) -> Answer<ProjectsView> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.projects(&id).await)
}

/// How many differences a pair had over time.
#[server(prefix = "/fn", endpoint = "drift-history", input = Body, output = Body)]
pub async fn read_history(id: Option<PairId>, span: HistorySpan) -> Answer<DriftHistory> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.pair_history(&id, span).await)
}

/// Compares a pair now: what has changed, or everything.
#[server(prefix = "/fn", endpoint = "compare-pair", input = Body, output = Body)]
pub async fn compare_pair(id: PairId, whole: bool) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.compare_now(&id, whole, &actor.shown_name()).await)
}

/// Stops the comparison of a pair.
#[server(prefix = "/fn", endpoint = "stop-comparing", input = Body, output = Body)]
pub async fn stop_comparing(id: PairId) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.stop_comparing(&id, &actor.shown_name()).await)
}

/// Accepts differences as they were seen: they do not count, and no heal touches them.
#[server(prefix = "/fn", endpoint = "accept-drift", input = Body, output = Body)]
pub async fn accept_drift(id: PairId, accepting: Accepting) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.accept(&id, accepting, &actor.shown_name()).await)
}

/// Lets accepted differences count again.
#[server(prefix = "/fn", endpoint = "count-again", input = Body, output = Body)]
pub async fn count_again(id: PairId, rows: Vec<Picked>) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.count_again(&id, &rows, &actor.shown_name()).await)
}

/// What healing the chosen differences would do; frozen, and nothing is done yet.
#[server(prefix = "/fn", endpoint = "plan-heal", input = Body, output = Body)]
pub async fn plan_heal(id: PairId, choice: HealChoice) -> Answer<HealPlan> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.heal_plan(&id, &choice, &actor.shown_name()).await)
}

/// Carries a plan out; `deletes` says how many deletions were seen in it.
#[server(prefix = "/fn", endpoint = "heal", input = Body, output = Body)]
pub async fn carry_out(plan: PlanId, deletes: Option<u64>) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.heal(&plan, deletes, &actor.shown_name()).await)
}

/// What is healed by itself in the pair's cluster from now on.
#[server(prefix = "/fn", endpoint = "set-heal-policy", input = Body, output = Body)]
pub async fn set_heal_policy(id: PairId, policy: HealPolicy) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.set_heal_policy(&id, policy, &actor.shown_name()).await)
}

/// How the heals of the pair's cluster work from now on.
#[server(prefix = "/fn", endpoint = "set-heal-settings", input = Body, output = Body)]
pub async fn set_heal_settings(id: PairId, settings: HealSettings) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.set_heal_settings(&id, settings, &actor.shown_name()).await)
}

/// Lets go what a failed heal or an absence holds.
#[server(prefix = "/fn", endpoint = "lift-fence", input = Body, output = Body)]
pub async fn lift_fence(fence: LeftoverId) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.lift_fence(&fence, None, &actor.shown_name()).await)
}

/// Puts a node of a pair into read-only mode, for a switch-over to the other; the account is an administrator's.
#[server(prefix = "/fn", endpoint = "set-read-only", input = Body, output = Body)]
pub async fn set_read_only(id: PairId, node: NodeName, username: String, secret: String) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    let account = super::runs::administrator(username, secret);
    answer(services.clusters.set_read_only(&id, &node, account, &actor.shown_name()).await)
}

/// Lets a node take pushes again; the account is an administrator's.
#[server(prefix = "/fn", endpoint = "take-pushes", input = Body, output = Body)]
pub async fn take_pushes(fence: LeftoverId, username: String, secret: String) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    let account = super::runs::administrator(username, secret);
    answer(services.clusters.lift_fence(&fence, Some(account), &actor.shown_name()).await)
}

/// Leaves it held.
#[server(prefix = "/fn", endpoint = "keep-fence", input = Body, output = Body)]
pub async fn keep_fence(fence: LeftoverId) -> Answer<PairView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.keep_fence(&fence, &actor.shown_name()).await)
}
