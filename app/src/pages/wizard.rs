//! The wizard: five steps around one draft that the server keeps.

mod apply;
mod calls;
mod checks;
mod finding_row;
mod node_row;
mod nodes;
mod probes;
mod rail;
mod review;
mod state;
mod summary;
mod test_result;
mod tls;
mod topology;

use leptos::prelude::*;
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_params_map},
    lazy_route,
};
use model::{
    draft::{DraftView, WizardStep},
    ids::DraftId,
};

pub(crate) use tls::TlsFields;

use self::state::{Kept, Wizard};
use super::{
    deed::Deed,
    frame::Page,
    parts::{anew, loaded, problem},
};
use crate::{
    api::{
        Answer, ApiError,
        drafts::{discard_draft, read_draft},
        runs::read_run,
        types::RunRow,
    },
    routes,
    text::{common::CommonText, wizard::WizardText},
    ui::{ActionButton, Ago, Dialog, Kind, Mark, Note},
};

/// What the wizard reads.
struct Read {
    draft: Resource<Answer<(DraftView, Option<RunRow>)>>,
    step: Memo<Option<WizardStep>>,
}

fn read() -> Read {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get_str("draft").and_then(DraftId::parse)));
    let step = Memo::new(move |_| params.with(|p| p.get_str("step").and_then(WizardStep::parse)));
    Read { draft: Resource::new(move || id.get(), fetch), step }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct WizardPage;

#[lazy_route]
impl LazyRoute for WizardPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let WizardPage = this;
        let Read { draft, step } = read();
        loaded(draft, move |(view, run)| {
            let wizard = Wizard::begin(view, run);
            page(wizard, step)
        })
    }
}

async fn fetch(id: Option<DraftId>) -> Answer<(DraftView, Option<RunRow>)> {
    let draft = read_draft(id.ok_or_else(ApiError::not_found)?).await?;
    let run = match draft.run.clone() {
        Some(run) => Some(read_run(run).await?),
        None => None,
    };
    Ok((draft, run))
}

fn page(wizard: Wizard, step: Memo<Option<WizardStep>>) -> AnyView {
    let (text, common) = (WizardText::current(), CommonText::current());
    let mut crumbs = vec![(common.clusters().to_owned(), Some(routes::CLUSTERS.to_owned()))];
    match wizard.form.cluster.get_value() {
        None => crumbs.push((text.title().to_owned(), None)),
        Some(cluster) => {
            crumbs.push((wizard.form.name.get_untracked(), Some(routes::cluster(&cluster))));
            crumbs.push((text.title_change().to_owned(), None));
        }
    }
    let first = Memo::new(move |_| step.get() == Some(WizardStep::Topology));
    // A step gives way to the next only when the code of that is here: what the old one shows goes on moving until
    // then, and it could not once it was half taken down.
    let entered = RwSignal::new(step.get_untracked());
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    Effect::new(move |_| {
        let next = step.get();
        leptos::task::spawn_local(async move {
            if let Some(next) = next {
                fetch_step(next).await;
            }
            let still = step.try_get_untracked() == Some(next);
            if still && entered.try_get_untracked().is_some_and(|now| now != next) {
                entered.set(next);
            }
        });
    });
    let body = anew(move || {
        let step = entered.get();
        Suspend::new(async move {
            match step {
                Some(WizardStep::Topology) => topology::step(wizard),
                Some(WizardStep::Nodes) => nodes_step(wizard).await,
                Some(WizardStep::Checks) => checks_step(wizard).await,
                Some(WizardStep::Review) => review_step(wizard).await,
                Some(WizardStep::Apply) => apply_step(wizard).await,
                None => problem(&ApiError::not_found()),
            }
        })
    });
    view! {
        <Page crumbs actions=Box::new(move || view! { <KeptLine wizard /> }.into_any())>
            <ConflictNote wizard />
            // The first step is a question alone, without the rail and the summary beside it.
            <div class=move || if first.get() { "grid gap-4" } else { "wizard wizard-wide" }>
                {move || (!first.get()).then(|| rail::rail(wizard, step))}
                <div class="grid gap-4 min-w-0">
                    <Transition>{body}</Transition>
                </div>
                {move || (!first.get()).then(|| summary::summary(wizard))}
            </div>
        </Page>
    }
    .into_any()
}

// Each step comes when it is entered: together they would be as large as all other pages.

#[lazy]
fn nodes_step(wizard: Wizard) -> AnyView {
    nodes::step(wizard)
}

#[lazy]
fn checks_step(wizard: Wizard) -> AnyView {
    checks::step(wizard)
}

#[lazy]
fn review_step(wizard: Wizard) -> AnyView {
    review::step(wizard)
}

#[lazy]
fn apply_step(wizard: Wizard) -> AnyView {
    apply::step(wizard)
}

/// Fetches the code of a step.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(super) async fn fetch_step(step: WizardStep) {
    match step {
        WizardStep::Topology => {}
        WizardStep::Nodes => __preload_nodes_step().await,
        WizardStep::Checks => __preload_checks_step().await,
        WizardStep::Review => __preload_review_step().await,
        WizardStep::Apply => __preload_apply_step().await,
    }
}

/// "Draft kept 4 s ago", and the way to discard it.
#[component]
fn KeptLine(
    /// Whose draft.
    wizard: Wizard,
) -> impl IntoView {
    let (text, common) = (WizardText::current(), CommonText::current());
    let deed = Deed::new();
    let navigate = use_navigate();
    let discard = move || {
        let navigate = navigate.clone();
        deed.run(discard_draft(wizard.id()), move |()| {
            navigate(routes::CLUSTERS, NavigateOptions::default())
        });
    };
    let line = move || match wizard.kept.get() {
        Kept::Yes(at) => view! { {text.kept()} " " <Ago at_ms=at /> }.into_any(),
        Kept::Soon => text.keeping().into_any(),
        Kept::No(_) | Kept::Conflict => {
            view! { <span title=text.not_kept_hint()>{text.not_kept()}</span> }.into_any()
        }
    };
    view! {
        <p class="quiet small kept-line">{line}</p>
        {wizard.may_change().then(|| view! {
            <button
                class="btn btn-ghost btn-sm btn-square"
                aria-label=text.discard()
                title=text.discard()
                commandfor="discard-draft"
                command="show-modal"
            >
                {crate::ui::icon("trash")}
            </button>
            <Dialog id="discard-draft" title=text.discard_title()>
                <p>{text.discard_text()}</p>
                {deed.trouble(&[])}
                <div class="dialog-end">
                    <button class="btn btn-ghost" commandfor="discard-draft" command="close">{common.cancel()}</button>
                    <ActionButton label=text.discard() kind=Kind::Danger busy=deed.busy() on_press=discard />
                </div>
            </Dialog>
        })}
    }
}

/// What to do where another window kept something else.
#[component]
fn ConflictNote(
    /// Whose draft.
    wizard: Wizard,
) -> impl IntoView {
    let text = WizardText::current();
    let deed = Deed::new();
    let settle = move |mine| move || deed.run(wizard.settle(mine), |()| {});
    let there = Memo::new(move |_| wizard.kept.get() == Kept::Conflict);
    view! {
        <Show when=move || there.get()>
            <Note mark=Mark::Warn>
                <p class="section-title">{text.conflict_title()}</p>
                <p>{text.conflict_text()}</p>
                {deed.trouble(&[])}
                <div class="flex flex-wrap gap-2 mt-2">
                    <ActionButton label=text.conflict_mine() small=true busy=deed.busy() on_press=settle(true) />
                    <ActionButton label=text.conflict_theirs() small=true busy=deed.busy() on_press=settle(false) />
                </div>
            </Note>
        </Show>
    }
}

/// Back and Next of a step; why Next is off stands beside it.
pub(super) fn ends(
    back: Option<String>,
    next_label: &'static str,
    refused: Signal<Option<String>>,
    busy: Signal<bool>,
    on_next: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    let (text, common) = (WizardText::current(), CommonText::current());
    view! {
        <div class="steps-end">
            {match back {
                Some(href) => view! { <a class="btn btn-ghost" href=href>{common.back()}</a> }.into_any(),
                None => view! { <span></span> }.into_any(),
            }}
            <div class="grid justify-items-end gap-1 min-w-0">
                <button
                    type="button"
                    class="btn btn-primary"
                    class:is-off=move || busy.get() || refused.with(Option::is_some)
                    aria-disabled=move || (busy.get() || refused.with(Option::is_some)).then_some("true")
                    aria-describedby="why-not"
                    on:click=move |_| {
                        if !busy.get_untracked() {
                            on_next();
                        }
                    }
                >
                    {next_label}
                </button>
                <p id="why-not" class="refusal" aria-live="polite">
                    {move || refused.get().map(|what| text.waiting_for(&what))}
                </p>
            </div>
        </div>
    }
    .into_any()
}
