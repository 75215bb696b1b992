//! Clusters that were begun in the wizard and are not applied yet.

use leptos::prelude::*;
use model::{ids::DraftId, people::Role};

use crate::{
    api::{drafts::discard_draft, types::DraftRow},
    pages::deed::Deed,
    routes,
    text::{clusters::ClustersText, common::CommonText},
    ui::{Ago, Dialog, Kind, Toasts},
    visit::Visit,
};

/// Id of the dialog that asks before a draft is forgotten.
const DISCARD: &str = "discard";

/// The drafts; nothing where there are none.
#[component]
pub(super) fn Drafts(
    /// Last saved first.
    rows: Vec<DraftRow>,
) -> impl IntoView {
    let (text, common, toasts) = (ClustersText::current(), CommonText::current(), Toasts::current());
    let may_change = Visit::current().may(Role::Operator);
    let rows = RwSignal::new(rows);
    let chosen = RwSignal::new(None::<DraftId>);
    let deed = Deed::new();
    let discard = move |_| {
        let Some(id) = chosen.get_untracked() else { return };
        deed.run(discard_draft(id.clone()), move |()| {
            rows.update(|all| all.retain(|row| row.id != id));
            toasts.say(text.discarded());
        });
    };
    view! {
        <Show when=move || rows.with(|all| !all.is_empty())>
            <section class="panel" aria-labelledby="drafts">
                <div class="panel-head">
                    <h2 id="drafts">{text.drafts()}</h2>
                    <p class="quiet small font-normal">{text.drafts_hint()}</p>
                </div>
                <ul>
                    <For each=move || rows.get() key=|row| row.id.clone() let(row)>
                        {one(row, chosen, may_change)}
                    </For>
                </ul>
            </section>
        </Show>
        {deed.trouble(&[])}
        <Dialog id=DISCARD title=text.discard_title()>
            <div class="grid gap-3">
                <p>{text.discard_text()}</p>
                <div class="flex flex-wrap justify-end gap-2">
                    <button type="button" class=Kind::Secondary.class(false) commandfor=DISCARD command="close">
                        {common.cancel()}
                    </button>
                    <button
                        type="button"
                        class=Kind::Danger.class(false)
                        commandfor=DISCARD
                        command="close"
                        on:click=discard
                    >
                        {text.discard()}
                    </button>
                </div>
            </div>
        </Dialog>
    }
}

fn one(row: DraftRow, chosen: RwSignal<Option<DraftId>>, may_change: bool) -> AnyView {
    let (text, common) = (ClustersText::current(), CommonText::current());
    let name = if row.name.is_empty() { text.unnamed().to_owned() } else { row.name };
    let topology = row.topology.map_or_else(|| text.no_topology(), |t| common.topology(t));
    let (id, href) = (row.id.clone(), routes::wizard(&row.id, row.step));
    let buttons = may_change.then(|| {
        view! {
            <span class="flex gap-2">
                <a class=Kind::Secondary.class(true) href=href aria-label=text.go_on_with(&name)>
                    {text.go_on()}
                </a>
                <button
                    type="button"
                    class=Kind::Quiet.class(true)
                    commandfor=DISCARD
                    command="show-modal"
                    aria-label=text.discard_named(&name)
                    on:click=move |_| chosen.set(Some(id.clone()))
                >
                    {text.discard()}
                </button>
            </span>
        }
    });
    view! {
        <li class="panel-row border-t border-base-300">
            <span class="min-w-0 grow">
                <span class="font-medium">{name.clone()}</span>
                {row.changes.then(|| view! { " " <span class="tag">{text.a_change()}</span> })}
                <span class="block quiet small">
                    {topology}
                    " · "
                    {text.draft_nodes(row.nodes)}
                    " · "
                    {text.saved()}
                    " "
                    <Ago at_ms=row.saved_ms />
                </span>
            </span>
            {buttons}
        </li>
    }
    .into_any()
}
