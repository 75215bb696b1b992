//! What a heal replaced or deleted, until when it is kept, and the press that puts it back.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::{Digest, heal::KeptView, people::Role};

use crate::{
    api::{Answer, runs::restore_kept},
    pages::{
        deed::Deed,
        parts::{anew, refusal},
    },
    routes,
    text::{common::CommonText, run::RunText},
    ui::{Dialog, Kind, Moment, close_dialog},
    visit::Visit,
};

/// Id of the dialog that asks before a tag is put back.
const RESTORE: &str = "restore";

/// The list; nothing for a run that keeps nothing.
pub(super) fn kept_list(kept: Resource<Answer<Vec<KeptView>>>) -> AnyView {
    let chosen = RwSignal::new(None::<KeptView>);
    let restoring = Deed::new();
    view! {
        <Transition>
            {anew(move || Suspend::new(async move {
                match kept.await {
                    Ok(rows) if rows.is_empty() => ().into_any(),
                    Ok(rows) => list(rows, chosen),
                    Err(error) => refusal(&error),
                }
            }))}
        </Transition>
        {restoring.trouble(&[])}
        {dialog(chosen, restoring)}
    }
    .into_any()
}

fn list(rows: Vec<KeptView>, chosen: RwSignal<Option<KeptView>>) -> AnyView {
    let text = RunText::current();
    let may = Visit::current().may(Role::Administrator);
    let rows = rows.into_iter().map(|row| one(row, may, chosen)).collect_view();
    view! {
        <section class="panel" aria-labelledby="kept">
            <h2 id="kept" class="panel-head">{text.kept()}</h2>
            <p class="quiet small panel-body">{text.kept_text()}</p>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

fn one(row: KeptView, may: bool, chosen: RwSignal<Option<KeptView>>) -> AnyView {
    let text = RunText::current();
    let name = name_of(&row);
    let until = match row.gone {
        true => text.kept_gone().into_any(),
        false => view! { {text.kept_until()} " " <Moment at_ms=row.until_ms /> }.into_any(),
    };
    let label = text.restore_this(&name);
    let (node, kept_as, short) = (row.node.to_string(), row.kept_as.clone(), row.digest.short());
    let button = (may && !row.gone).then(|| {
        view! {
            <button
                type="button"
                class="btn btn-outline btn-sm"
                aria-label=label
                commandfor=RESTORE
                command="show-modal"
                on:click=move |_| chosen.set(Some(row.clone()))
            >
                {text.restore()}
            </button>
        }
    });
    view! {
        <li class="check">
            <span></span>
            <div class="min-w-0">
                <p class="break-all">
                    <span class="code">{name}</span>
                    " "
                    <span class="quiet num">{short}</span>
                    " "
                    <span class="quiet">{text.on_node(&node)}</span>
                </p>
                <p class="quiet small break-all">{kept_as} " · " {until}</p>
            </div>
            {button}
        </li>
    }
    .into_any()
}

fn dialog(chosen: RwSignal<Option<KeptView>>, restoring: Deed) -> AnyView {
    let (text, common) = (RunText::current(), CommonText::current());
    let navigate = StoredValue::new(use_navigate());
    let what = move || {
        chosen.with(|c| {
            c.as_ref().map(|row| match row.tag {
                Some(_) => text.restore_what(&name_of(row), &short(&row.digest)),
                None => text.restore_stands(&name_of(row)),
            })
        })
    };
    let keeps =
        move || chosen.with(|c| c.as_ref().filter(|row| row.tag.is_some()).map(|_| text.restore_keeps()));
    let press = move |_| {
        close_dialog(RESTORE);
        let Some(row) = chosen.get_untracked() else { return };
        restoring.run(restore_kept(row.id), move |run| {
            navigate.with_value(|navigate| navigate(&routes::run(&run), Default::default()));
        });
    };
    view! {
        <Dialog id=RESTORE title=text.restore_title()>
            <div class="grid gap-3">
                <p class="break-all">{what}</p>
                <p class="quiet">{keeps} " " {text.restore_then()}</p>
                <div class="flex flex-wrap justify-end gap-2">
                    <button type="button" class=Kind::Secondary.class(false) commandfor=RESTORE command="close">
                        {common.cancel()}
                    </button>
                    <button type="button" class=Kind::Primary.class(false) on:click=press>
                        {text.restore()}
                    </button>
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}

fn name_of(row: &KeptView) -> String {
    match &row.tag {
        Some(tag) => format!("{}:{tag}", row.repository),
        None => format!("{}@{}", row.repository, short(&row.digest)),
    }
}

fn short(digest: &Digest) -> String {
    format!("sha256:{}…", digest.short())
}
