//! The first tab: what deserves a look, each node side by side, answer times, what happened, and history.

use leptos::prelude::*;
use model::{HistorySpan, health::ClusterHealth, rule::LinksView};

use super::{
    links::Links,
    look::Looks,
    table::NodeTable,
    times::{AnswerTimes, Histories},
};
use crate::{
    api::types::ActivityFilter,
    pages::{node::times::Happened, parts::anew},
};

/// How the cluster is.
#[component]
pub(super) fn HealthTab(
    /// As it is now.
    now: RwSignal<ClusterHealth>,
    /// The time span of the histories.
    range: Memo<HistorySpan>,
    /// Its links, once they were read.
    links: RwSignal<Option<LinksView>>,
) -> impl IntoView {
    let of =
        ActivityFilter { cluster: Some(now.with_untracked(|c| c.id.clone())), ..ActivityFilter::default() };
    let copies = now.with_untracked(|c| c.topology.copies());
    view! {
        <Looks now />
        // No `Transition` of its own: around parts that wait themselves, the browser could not take it over.
        {copies.then(|| anew(move || Suspend::new(links_panel(now, links))))}
        <div class="beside">
            <NodeTable now />
            <div class="grid gap-4 min-w-0">
                <AnswerTimes now />
                <Happened of />
            </div>
        </div>
        <Histories now range />
    }
}

/// By itself: the page would be too large a file.
#[lazy]
fn links_panel(now: RwSignal<ClusterHealth>, known: RwSignal<Option<LinksView>>) -> AnyView {
    view! { <Links now known /> }.into_any()
}

/// Fetches its code.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(super) async fn fetch_links() {
    __preload_links_panel().await;
}
