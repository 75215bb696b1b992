//! The dry run: what the next run of each link would do, told from the ledger.

use leptos::prelude::*;
use model::{
    ids::ClusterId,
    rule::DryRun,
    say::{bytes, count},
};

use crate::{
    api::rules::read_dry_run,
    pages::deed::Deed,
    text::rules::RulesText,
    ui::{ActionButton, Ago},
};

/// A dry run that may have been asked for.
#[derive(Clone, Copy)]
pub(super) struct Dry {
    found: RwSignal<Option<Vec<DryRun>>>,
    deed: Deed,
}

impl Dry {
    pub(super) fn new() -> Self {
        Self { found: RwSignal::new(None), deed: Deed::new() }
    }

    /// The button that asks.
    pub(super) fn button(self, cluster: ClusterId) -> AnyView {
        let ask = move || {
            self.deed.run(read_dry_run(cluster.clone()), move |answer| self.found.set(Some(answer)));
        };
        view! { <ActionButton label=RulesText::current().dry_run() busy=self.deed.busy() on_press=ask /> }
            .into_any()
    }

    /// The answer, below the buttons.
    pub(super) fn answer(self) -> AnyView {
        let text = RulesText::current();
        view! {
            {self.deed.trouble(&[])}
            <div aria-live="polite">
                {move || {
                    self.found
                        .get()
                        .map(|all| view! {
                            <section class="panel panel-body grid gap-3" aria-labelledby="dry-run-title">
                                <div>
                                    <h2 id="dry-run-title" class="section-title">{text.dry_title()}</h2>
                                    <p class="quiet">{text.dry_lede()}</p>
                                </div>
                                <div class="grid gap-4 md:grid-cols-2">{all.iter().map(one).collect_view()}</div>
                            </section>
                        })
                }}
            </div>
        }
        .into_any()
    }
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
        let rows =
            dry.examples.iter().map(|e| view! { <li class="break-all">{e.clone()}</li> }).collect_view();
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
        <section class="grid gap-1 content-start min-w-0">
            <h3 class="font-medium">{text.pushes(dry.link.source.as_str(), dry.link.destination.as_str())}</h3>
            {body}
        </section>
    }
    .into_any()
}
