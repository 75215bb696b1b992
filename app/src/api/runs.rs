//! Runs of the journal.

use leptos::prelude::*;
use model::{
    heal::{KeptView, LeftByHeal},
    ids::{ClusterId, LeftoverId, RunId},
    names::NodeName,
    run::RunView,
};
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    clusters::{Account, RunFilter},
    model::{people::Role, spec::CredentialKind},
    secrecy::SecretString,
};

use super::{Answer, body::Body, types::RunRow};

/// How many runs a list shows.
#[cfg(feature = "ssr")]
const NEWEST: u32 = 100;

/// Runs of all clusters, newest first.
#[server(prefix = "/fn", endpoint = "runs", input = Body, output = Body)]
pub async fn read_runs() -> Answer<Vec<RunRow>> {
    let (services, _) = visitor(Role::Viewer)?;
    let runs = answer(services.clusters.runs(&RunFilter::Newest(NEWEST)).await)?;
    let board = services.watch.board();
    Ok(runs.into_iter().map(|run| row(run, &board)).collect())
}

/// The runs of one cluster, newest first.
#[server(prefix = "/fn", endpoint = "cluster-runs", input = Body, output = Body)]
pub async fn cluster_runs(id: Option<ClusterId>) -> Answer<Vec<RunView>> {
    let (services, _) = visitor(Role::Viewer)?;
    let id = id.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.runs(&RunFilter::Cluster(id)).await)
}

/// One run.
#[server(prefix = "/fn", endpoint = "run", input = Body, output = Body)]
pub async fn read_run(id: RunId) -> Answer<RunRow> {
    let (services, _) = visitor(Role::Viewer)?;
    let run = answer(services.clusters.run(&id).await)?;
    Ok(row(run, &services.watch.board()))
}

#[cfg(feature = "ssr")]
fn row(run: RunView, board: &model::health::Board) -> RunRow {
    let cluster = board.clusters.iter().find(|c| c.name == run.cluster).map(|c| c.id.clone());
    RunRow { run, cluster }
}

/// The receipt of a run, in the language of the page.
#[server(prefix = "/fn", endpoint = "receipt", input = Body, output = Body)]
pub async fn receipt(id: RunId) -> Answer<String> {
    let (services, _) = visitor(Role::Viewer)?;
    let locale = crate::visit::Visit::of_request().locale;
    answer(services.clusters.receipt_text(&id, locale).await)
}

/// Stops a run after what it is doing now.
#[server(prefix = "/fn", endpoint = "cancel-run", input = Body, output = Body)]
pub async fn cancel_run(id: RunId) -> Answer<RunView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.cancel_run(&id, &actor.shown_name()).await)?;
    answer(services.clusters.run(&id).await)
}

/// Goes on with a run that failed or was stopped.
#[server(prefix = "/fn", endpoint = "retry-run", input = Body, output = Body)]
pub async fn retry_run(id: RunId) -> Answer<RunView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.retry_run(&id, &actor.shown_name()).await)?;
    answer(services.clusters.run(&id).await)
}

/// Takes back what a run made.
#[server(prefix = "/fn", endpoint = "undo-run", input = Body, output = Body)]
pub async fn undo_run(id: RunId) -> Answer<RunView> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.undo_run(&id, &actor.shown_name()).await)?;
    answer(services.clusters.run(&id).await)
}

/// The account of an administrator, as it was typed.
#[cfg(feature = "ssr")]
pub(super) fn administrator(username: String, secret: String) -> Account {
    Account { kind: CredentialKind::Admin, username, secret: SecretString::from(secret) }
}

/// Gives a run the account of a node again, where it needs an administrator whose password was forgotten.
#[server(prefix = "/fn", endpoint = "give-run-account", input = Body, output = Body)]
pub async fn give_run_account(id: RunId, node: NodeName, username: String, secret: String) -> Answer<()> {
    let (services, _) = visitor(Role::Operator)?;
    let account = administrator(username, secret);
    answer(services.clusters.give_run_account(&id, &node, &account).await)
}

/// What a heal replaced or deleted and keeps for a time.
#[server(prefix = "/fn", endpoint = "kept", input = Body, output = Body)]
pub async fn read_kept(run: Option<RunId>) -> Answer<Vec<KeptView>> {
    let (services, _) = visitor(Role::Viewer)?;
    let run = run.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.kept_by_heal(&run).await)
}

/// What a heal was to carry and did not.
#[server(prefix = "/fn", endpoint = "left-by-heal", input = Body, output = Body)]
pub async fn read_left(run: Option<RunId>) -> Answer<Option<LeftByHeal>> {
    let (services, _) = visitor(Role::Viewer)?;
    let run = run.ok_or_else(super::ApiError::not_found)?;
    answer(services.clusters.left_by_heal(&run).await)
}

/// Puts back what is kept.
#[server(prefix = "/fn", endpoint = "restore", input = Body, output = Body)]
pub async fn restore_kept(kept: LeftoverId) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.clusters.restore(&kept, &actor.shown_name()).await)
}
