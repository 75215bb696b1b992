//! Clusters: how one is, what it shall be, and leaving the console; and the drafts of those to come.

use leptos::prelude::*;
use model::{
    HistorySpan,
    health::ClusterHealth,
    ids::{ClusterId, NodeId, RunId},
    spec::CredentialKind,
};
#[cfg(feature = "ssr")]
use {
    super::{ApiError, answer, node::line, types::FirstCopyState, visitor},
    clusters::RunFilter,
    model::{
        AppError,
        draft::{DraftView, WizardStep},
        finding::FindingState,
        people::Role,
        run::{RunState, RunView},
        say,
        spec::ClusterView,
    },
    secrecy::SecretString,
    watch::Subject,
};

use super::{
    Answer,
    body::Body,
    types::{ClusterSettings, DraftRow, HistoryRow, LatencyRow},
};

/// The drafts that are not applied yet, last saved first.
#[server(prefix = "/fn", endpoint = "open-drafts", input = Body, output = Body)]
pub async fn open_drafts() -> Answer<Vec<DraftRow>> {
    let (services, _) = visitor(Role::Viewer)?;
    let drafts = answer(services.clusters.drafts().await)?;
    Ok(drafts.into_iter().map(draft_row).collect())
}

#[cfg(feature = "ssr")]
fn draft_row(view: DraftView) -> DraftRow {
    DraftRow {
        step: next_step(&view),
        name: view.draft.name.trim().to_owned(),
        changes: view.draft.cluster.is_some(),
        topology: view.draft.topology,
        nodes: view.draft.nodes.iter().filter(|n| !n.address.trim().is_empty()).count(),
        saved_ms: view.saved_ms,
        id: view.id,
    }
}

/// The step to go on with: the first that is not done.
#[cfg(feature = "ssr")]
fn next_step(view: &DraftView) -> WizardStep {
    if view.run.is_some() {
        WizardStep::Apply
    } else if view.draft.topology.is_none() {
        WizardStep::Topology
    } else if view.plan.is_some() {
        WizardStep::Review
    } else if view.findings.iter().any(|f| f.state != FindingState::Waiting) {
        WizardStep::Checks
    } else {
        WizardStep::Nodes
    }
}

/// One cluster as it is now.
#[server(prefix = "/fn", endpoint = "cluster", input = Body, output = Body)]
pub async fn read_cluster(id: ClusterId) -> Answer<ClusterHealth> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.watch.cluster(&id).ok_or_else(|| ApiError::not_found().0))
}

/// The histories of a cluster's entry, where there is one, and of its nodes.
#[server(prefix = "/fn", endpoint = "cluster-history", input = Body, output = Body)]
pub async fn cluster_history(id: ClusterId, range: HistorySpan) -> Answer<Vec<HistoryRow>> {
    let (services, _) = visitor(Role::Viewer)?;
    let cluster = answer(services.watch.cluster(&id).ok_or_else(|| ApiError::not_found().0))?;
    let now = crate::clock::system_ms();
    let entry = cluster.entry.map(|_| (None, Subject::Entry(id)));
    let nodes = cluster.nodes.into_iter().map(|n| (Some(n.id.clone()), Subject::Node(n.id)));
    let mut rows = Vec::new();
    for (node, subject) in entry.into_iter().chain(nodes) {
        let bars = services.watch.history(&subject, now - range.ms(), now, super::types::bars(range)).await;
        rows.push(HistoryRow { node, buckets: answer(bars)? });
    }
    Ok(rows)
}

/// The answer times of each node of a cluster over the last hour.
#[server(prefix = "/fn", endpoint = "cluster-latency", input = Body, output = Body)]
pub async fn cluster_latency(id: ClusterId) -> Answer<Vec<LatencyRow>> {
    let (services, _) = visitor(Role::Viewer)?;
    let cluster = answer(services.watch.cluster(&id).ok_or_else(|| ApiError::not_found().0))?;
    let now = crate::clock::system_ms();
    let row = |node: NodeId| LatencyRow { points: line(&services.watch.latency(&node), now), node };
    Ok(cluster.nodes.into_iter().map(|n| row(n.id)).collect())
}

/// What a cluster shall be, with everything that can be changed about it.
#[server(prefix = "/fn", endpoint = "cluster-settings", input = Body, output = Body)]
pub async fn read_cluster_settings(id: ClusterId) -> Answer<ClusterSettings> {
    let (services, _) = visitor(Role::Viewer)?;
    let view = answer(services.clusters.cluster(&id).await)?;
    let runs = answer(services.clusters.runs(&RunFilter::Cluster(id)).await)?;
    let first_copy = first_copy(&view, &runs);
    Ok(ClusterSettings { spec: view.spec, nodes: view.nodes, waived: view.waived, first_copy })
}

#[cfg(feature = "ssr")]
fn first_copy(view: &ClusterView, runs: &[RunView]) -> FirstCopyState {
    let starts = |run: &&RunView| {
        matches!(run.state, RunState::Running | RunState::Succeeded)
            && run.steps.iter().any(|step| step.key.starts_with("start:"))
    };
    if !view.spec.topology.copies() {
        FirstCopyState::Needless
    } else if runs.iter().any(|run| starts(&run)) {
        FirstCopyState::Begun
    } else {
        view.first_copy_at_ms.map_or(FirstCopyState::BySchedule, FirstCopyState::At)
    }
}

/// Switches the rules on and starts each once; the run that does it.
#[server(prefix = "/fn", endpoint = "start-first-copy", input = Body, output = Body)]
pub async fn start_first_copy(id: ClusterId) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.start_first_copy(&id, None, &actor.shown_name()).await)
}

/// The same for the links that a change has made new.
#[server(prefix = "/fn", endpoint = "start-copy-after", input = Body, output = Body)]
pub async fn start_copy_after(run: RunId) -> Answer<RunId> {
    let (services, actor) = visitor(Role::Operator)?;
    answer(services.clusters.start_copy_after(&run, &actor.shown_name()).await)
}

/// Replaces the account of a node once the new one was tried there.
#[server(prefix = "/fn", endpoint = "replace-credential", input = Body, output = Body)]
pub async fn replace_credential(
    cluster: ClusterId,
    node: NodeId,
    kind: CredentialKind,
    username: String,
    secret: String,
) -> Answer<()> {
    let (services, actor) = visitor(Role::Operator)?;
    let (secret, by) = (SecretString::from(secret), actor.shown_name());
    answer(services.clusters.replace_credential(&cluster, &node, kind, &username, secret, &by).await)
}

/// Removes a cluster from the console; with `take_back` also what its adoption made, by a run. `name` is what the
/// person typed to confirm it.
#[server(prefix = "/fn", endpoint = "remove-cluster", input = Body, output = Body)]
pub async fn remove_cluster(id: ClusterId, take_back: bool, name: String) -> Answer<Option<RunId>> {
    let (services, actor) = visitor(Role::Operator)?;
    let view = answer(services.clusters.cluster(&id).await)?;
    if name.trim() != view.spec.name.as_str() {
        return answer(Err(not_confirmed()));
    }
    answer(services.clusters.remove_cluster(&id, take_back, &actor.shown_name()).await)
}

#[cfg(feature = "ssr")]
fn not_confirmed() -> AppError {
    AppError::new(
        "cluster.not_confirmed",
        422,
        say!("This is not the cluster's name.", "这不是该集群的名称。"),
        say!("Type the name as it stands at the top of the page.", "请按页面顶部显示的名称填写。"),
    )
    .at("name")
}
