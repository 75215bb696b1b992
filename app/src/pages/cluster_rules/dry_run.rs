//! The dry run: what the next run of each link would do, told from the ledger.

use leptos::prelude::*;
use model::{
    ids::ClusterId,
    rule::DryRun,
    say::{bytes, count},
};

use crate::{
    api::rules::dry_run,
    pages::deed::Deed,
    text::rules::RulesText,
    ui::{ActionButton, Ago, Dialog},
};

/// The id of the dialog.
const DIALOG: &str = "dry-run";

/// The button that asks, and the dialog that answers.
pub(super) fn button(cluster: ClusterId) -> AnyView {
    let (text, deed) = (RulesText::current(), Deed::new());
    let found = RwSignal::new(None::<Vec<DryRun>>);
    let ask = move || {
        deed.run(dry_run(cluster.clone()), move |answer| {
            found.set(Some(answer));
            crate::ui::open_dialog(DIALOG);
        });
    };
    view! {
        <ActionButton label=text.dry_run() busy=deed.busy() on_press=ask />
        {deed.trouble(&[])}
        <Dialog id=DIALOG title=text.dry_title()>
            <p class="quiet">{text.dry_lede()}</p>
            <div class="grid gap-4">
                {move || found.get().unwrap_or_default().iter().map(one).collect_view()}
            </div>
        </Dialog>
    }
    .into_any()
}

fn one(dry: &DryRun) -> AnyView {
    let text = RulesText::current();
    let mut lines = Vec::new();
    if dry.copies > 0 {
        lines.push(text.dry_copies(&count(dry.copies), &bytes(dry.bytes)));
    } else {
        lines.push(text.dry_nothing().to_owned());
    }
    if dry.brings_back > 0 {
        lines.push(text.dry_brings_back(&count(dry.brings_back)));
    }
    if dry.overwrites > 0 {
        lines.push(text.dry_overwrites(&count(dry.overwrites)));
    }
    if dry.skips > 0 {
        lines.push(text.dry_skips(&count(dry.skips)));
    }
    lines.push(text.dry_same(&count(dry.same)));
    let examples = (!dry.examples.is_empty()).then(|| {
        let rows = dry.examples.iter().map(|e| view! { <li class="break-all">{e.clone()}</li> }).collect_view();
        view! {
            <p class="quiet small">{text.dry_examples()}</p>
            <ul class="code small">{rows}</ul>
        }
    });
    let body = match dry.read_ms {
        Some(at_ms) => view! {
            <ul class="list-disc ps-5">
                {lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
            {examples}
            <p class="quiet small">{text.compared()} " " <Ago at_ms /></p>
        }
        .into_any(),
        None => view! { <p>{text.dry_unread()}</p> }.into_any(),
    };
    view! {
        <section class="grid gap-1">
            <h3 class="font-medium">{text.pushes(dry.link.source.as_str(), dry.link.destination.as_str())}</h3>
            {body}
        </section>
    }
    .into_any()
}
