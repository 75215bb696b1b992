//! The wizard: drafts, tests, checks, plan, apply.

use leptos::prelude::*;
use model::{
    draft::{ChangeStart, Draft, DraftView, NodeTest},
    finding::Subject,
    ids::{ClusterId, DraftId, RunId},
    plan::{Plan, PlannedStep},
};
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    model::people::Role,
    secrecy::SecretString,
};

use super::{Answer, body::Body};

/// Begins an empty draft.
#[server(prefix = "/fn", endpoint = "create-draft", input = Body, output = Body)]
pub async fn create_draft() -> Answer<DraftView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.create_draft(&actor.shown_name()).await)
}

/// Begins a draft that changes a kept cluster.
#[server(prefix = "/fn", endpoint = "begin-change", input = Body, output = Body)]
pub async fn begin_change(cluster: ClusterId, start: ChangeStart) -> Answer<DraftId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.begin_change(&cluster, &start, &actor.shown_name()).await.map(|view| view.id))
}

/// The drafts that are not applied yet.
#[server(prefix = "/fn", endpoint = "drafts", input = Body, output = Body)]
pub async fn drafts() -> Answer<Vec<DraftView>> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.drafts().await)
}

/// One draft with everything known about it.
#[server(prefix = "/fn", endpoint = "draft", input = Body, output = Body)]
pub async fn read_draft(id: DraftId) -> Answer<DraftView> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.draft(&id).await)
}

/// Keeps what was typed, over the version that the page has seen.
#[server(prefix = "/fn", endpoint = "save-draft", input = Body, output = Body)]
pub async fn save_draft(id: DraftId, version: i64, draft: Draft) -> Answer<DraftView> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.save_draft(&id, version, draft).await)
}

/// Forgets a draft.
#[server(prefix = "/fn", endpoint = "discard-draft", input = Body, output = Body)]
pub async fn discard_draft(id: DraftId) -> Answer<()> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.discard_draft(&id).await)
}

/// Seals the secret of a node's account.
#[server(prefix = "/fn", endpoint = "set-secret", input = Body, output = Body)]
pub async fn set_secret(id: DraftId, node_key: String, secret: String) -> Answer<()> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.set_secret(&id, &node_key, SecretString::from(secret)).await)
}

/// Asks one node who it is.
#[server(prefix = "/fn", endpoint = "test-node", input = Body, output = Body)]
pub async fn test_node(id: DraftId, node_key: String) -> Answer<NodeTest> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.test_node(&id, &node_key).await)
}

/// Asks the entry where it leads.
#[server(prefix = "/fn", endpoint = "test-entry", input = Body, output = Body)]
pub async fn test_entry(id: DraftId) -> Answer<NodeTest> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.test_entry(&id).await)
}

/// Asks all reading checks, or one; the answers come as live events.
#[server(prefix = "/fn", endpoint = "run-checks", input = Body, output = Body)]
pub async fn run_checks(id: DraftId, only: Option<(String, Subject)>) -> Answer<()> {
    let (services, _) = visitor(Role::Operator)?;
    answer(services.clusters.run_checks(&id, only).await)
}

/// The calls of the writing probes.
#[server(prefix = "/fn", endpoint = "probe-steps", input = Body, output = Body)]
pub async fn probe_steps(id: DraftId) -> Answer<Vec<PlannedStep>> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.clusters.probe_steps(&id).await)
}

/// Starts the writing probes.
#[server(prefix = "/fn", endpoint = "run-probes", input = Body, output = Body)]
pub async fn run_probes(id: DraftId) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.run_probes(&id, &actor.shown_name()).await)
}

/// Accepts a warning with a reason.
#[server(prefix = "/fn", endpoint = "waive", input = Body, output = Body)]
pub async fn waive(id: DraftId, finding: String, subject: Subject, reason: String) -> Answer<DraftView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.waive(&id, &finding, &subject, &reason, &actor.shown_name()).await)
}

/// Makes the plan and freezes it.
#[server(prefix = "/fn", endpoint = "plan", input = Body, output = Body)]
pub async fn make_plan(id: DraftId) -> Answer<Plan> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.plan(&id, &actor.shown_name()).await)
}

/// Carries the frozen plan out.
#[server(prefix = "/fn", endpoint = "apply", input = Body, output = Body)]
pub async fn apply(id: DraftId) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.apply(&id, &actor.shown_name()).await)
}
