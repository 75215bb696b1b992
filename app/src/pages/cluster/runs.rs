//! The second tab: every change that was made to the Harbors of this cluster.

use leptos::prelude::*;
use model::{health::ClusterHealth, live::LiveEvent, run::RunView};

use crate::{
    api::{runs::cluster_runs, types::RunRow},
    live::Live,
    pages::{parts::part, runs},
    text::cluster::ClusterText,
    ui::EmptyState,
};

/// The runs, newest first, moving while one looks.
#[component]
pub(super) fn RunsTab(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
) -> impl IntoView {
    let id = now.with_untracked(|c| c.id.clone());
    let rows = Resource::new(|| (), move |()| cluster_runs(Some(id.clone())));
    part(rows, move |first| list(first, rows, now))
}

fn list(
    first: Vec<RunView>,
    data: Resource<crate::api::Answer<Vec<RunView>>>,
    now: RwSignal<ClusterHealth>,
) -> AnyView {
    let text = ClusterText::current();
    let rows = RwSignal::new(first);
    Live::current().on(move |event| match event {
        LiveEvent::Run { run } if now.with_untracked(|c| c.name == run.cluster) => {
            rows.update(|all| match all.iter_mut().find(|r| r.id == run.id) {
                Some(known) => known.follow(*run),
                None => all.insert(0, *run),
            })
        }
        LiveEvent::Reset => data.refetch(),
        _ => {}
    });
    let ids = Memo::new(move |_| rows.with(|all| all.iter().map(|r| r.id.clone()).collect::<Vec<_>>()));
    view! {
        <Show
            when=move || ids.with(|ids| !ids.is_empty())
            fallback=move || view! { <EmptyState title=text.no_runs_title() text=text.no_runs_text() /> }
        >
            <ul class="panel" aria-label=text.runs()>
                <For each=move || ids.get() key=|id| id.clone() let(id)>
                    {
                        let run = Memo::new(move |_| rows.with(|all| all.iter().find(|r| r.id == id).cloned()));
                        move || run.get().map(|run| runs::one(&RunRow { run, cluster: None }))
                    }
                </For>
            </ul>
        </Show>
    }
    .into_any()
}
