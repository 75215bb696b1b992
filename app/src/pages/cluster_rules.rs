//! The rules of a cluster: one form for all its links, what stands on the Harbors beside it, and what the rules did.

mod dry_run;
mod executions;
mod form;
mod labels;
mod mending;
mod next_runs;
mod scope;
mod standing;
mod things;

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    ids::ClusterId,
    live::LiveEvent,
    plan::PlannedRule,
    rule::{ChangeState, ExecutionState, ExecutionView, RulesView},
};

use dry_run::Dry;
pub(crate) use executions::follow;

use super::{
    deed::Deed,
    frame::{Crumb, Page},
    parts::{anew, whole},
};
use scope::ScopeCard;

use crate::{
    api::{
        Answer,
        rules::{read_executions, read_rules},
    },
    forms::rules::RulesForm,
    live::Live,
    routes,
    text::{common::CommonText, rules::RulesText},
    ui::{Mark, Note},
    visit::alive,
};

/// The mark of an execution.
pub(crate) fn execution_mark(state: ExecutionState) -> Mark {
    match state {
        ExecutionState::Preparing | ExecutionState::Running => Mark::Busy,
        ExecutionState::Retrying | ExecutionState::Stopped => Mark::Warn,
        ExecutionState::Succeeded | ExecutionState::Nothing => Mark::Good,
        ExecutionState::Skipped => Mark::Skipped,
        ExecutionState::Failed => Mark::Bad,
    }
}

/// Which way the rules copy: "a → b · b → a".
pub(crate) fn ways(planned: &[PlannedRule]) -> String {
    let scheduled = planned.iter().filter(|r| r.cron.is_some());
    scheduled.map(|r| format!("{} → {}", r.link.source, r.link.destination)).collect::<Vec<_>>().join(" · ")
}

/// The rules as they were read last. The form outlives reading again: what is being typed stays.
#[derive(Clone, Copy)]
struct Now {
    view: RwSignal<RulesView>,
    reading: Deed,
}

impl Now {
    fn read_again(self) {
        let id = self.view.with_untracked(|v| v.cluster.clone());
        self.reading.run(read_rules(Some(id)), move |view| self.view.set(view));
    }
}

/// What the page reads.
#[derive(Clone, Copy)]
struct Read {
    rules: Resource<Answer<RulesView>>,
    executions: Resource<Answer<model::rule::ExecutionPage>>,
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct ClusterRulesPage;

#[lazy_route]
impl LazyRoute for ClusterRulesPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let ClusterRulesPage = this;
        let common = CommonText::current();
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|p| ClusterId::parse(p.get_str("cluster")?)));
        let read = Read {
            rules: Resource::new(move || id.get(), read_rules),
            executions: Resource::new(move || id.get(), |id| read_executions(id, Default::default())),
        };
        whole(
            read.rules,
            common.loading(),
            |content| framed(None, content),
            move |view| framed(Some(view.name.to_string()), show(view, read)),
        )
    }
}

fn framed(name: Option<String>, content: AnyView) -> AnyView {
    let rules = CommonText::current().rules().to_owned();
    let way: Vec<Crumb> = match name {
        Some(name) => vec![(rules, Some(routes::RULES.to_owned())), (name, None)],
        None => vec![(rules, None)],
    };
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

fn show(view: RulesView, read: Read) -> AnyView {
    let text = RulesText::current();
    let now = Now { view: RwSignal::new(view.clone()), reading: Deed::new() };
    Live::current().on(move |event| match event {
        // A run of ours that is over has left the rules otherwise than they are shown.
        LiveEvent::Run { run } if run.state.is_final() => now.read_again(),
        LiveEvent::Rules { cluster, .. } if now.view.with_untracked(|v| v.cluster == cluster) => {
            now.read_again()
        }
        LiveEvent::Reset => now.read_again(),
        _ => {}
    });
    let nodes: Vec<String> = view.nodes.iter().map(|n| n.node.to_string()).collect();
    let title = text.title(view.topology, view.name.as_str(), &nodes);
    let form = RulesForm::new(&view);
    // What somebody else saved is taken over; what is being typed here stays.
    Effect::new(move |_| now.view.with(|v| form.follow(&v.wish)));
    let changing = move || {
        let change = now.view.with(|v| v.changing.clone())?;
        let (mark, words) = match &change.state {
            ChangeState::Running => (Mark::Busy, text.changing().to_owned()),
            ChangeState::Waiting { node } => (Mark::Warn, text.waits_for(node.as_str())),
            ChangeState::Stopped => (Mark::Bad, text.change_stopped().to_owned()),
        };
        Some(view! {
            <Note mark>
                <p>{words} " " <a href=routes::run(&change.run)>{text.see_run()}</a></p>
            </Note>
        })
    };
    let dry = Dry::new();
    let newest = RwSignal::new(Vec::<ExecutionView>::new());
    let alive = alive();
    let last = Memo::new(move |_| {
        // The server draws the rules without: it may have read them before what they did, or after.
        if !alive.get() {
            return Vec::new();
        }
        let first = || read.executions.get().and_then(Result::ok).map(|page| page.rows).unwrap_or_default();
        if newest.with(Vec::is_empty) { first() } else { newest.get() }
    });
    view! {
        <div>
            <h1 class="page-title">{title}</h1>
            <p class="lede">{move || lede(now.view.with(|v| v.planned.len()), text)}</p>
            <p class="small flex flex-wrap gap-x-4">
                {differences(&view, text)}
                <a href=routes::endpoints(&view.cluster)>{text.endpoints()}</a>
            </p>
        </div>
        {changing}
        {now.reading.trouble(&[])}
        <div class="grid items-start gap-x-6 gap-y-4 xl:grid-cols-[minmax(0,1fr)_20rem] xl:grid-rows-[auto_1fr]">
            <div class="grid gap-4 min-w-0 xl:col-start-2">{anew(move || Suspend::new(beside(now)))}</div>
            <div class="grid gap-4 min-w-0 xl:col-start-1 xl:row-start-1 xl:row-span-2">
                {advice(text)}
                {form::form(now, form, dry)}
            </div>
            <div class="min-w-0 xl:col-start-2">{anew(move || Suspend::new(next(now, form)))}</div>
        </div>
        // No `Transition` of its own: around parts that wait themselves, the browser could not take it over.
        {anew(move || Suspend::new(below(now, dry, last, read.executions, newest)))}
    }
    .into_any()
}

/// What is to be looked at. By itself, as [`below`] is: the page would be too large a file.
#[lazy]
fn beside(now: Now) -> AnyView {
    view! {
        {things::panel(now)}
        {mending::choice(now)}
    }
    .into_any()
}

/// Which images, and where they land. By itself, as [`below`] is.
#[lazy]
fn scope_rows(card: ScopeCard) -> AnyView {
    card.fields()
}

/// When the rules run next. By itself, as [`below`] is.
#[lazy]
fn next(now: Now, form: RulesForm) -> AnyView {
    next_runs::panel(now, form)
}

/// What a dry run answered, what stands on the Harbors, and what it did.
#[lazy]
fn below(
    now: Now,
    dry: Dry,
    last: Memo<Vec<ExecutionView>>,
    executions: Resource<Answer<model::rule::ExecutionPage>>,
    newest: RwSignal<Vec<ExecutionView>>,
) -> AnyView {
    let cluster = now.view.with_untracked(|v| v.cluster.clone());
    view! {
        {dry.answer()}
        {standing::panel(now, last)}
        {executions::panel(cluster, executions, newest)}
    }
    .into_any()
}

/// Fetches the code of these.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(super) async fn fetch_parts() {
    __preload_scope_rows().await;
    __preload_next().await;
    __preload_beside().await;
    __preload_below().await;
}

/// The way to what differs between each two nodes.
fn differences(view: &RulesView, text: RulesText) -> AnyView {
    let mut seen = Vec::new();
    let links = view.links.iter().zip(&view.pairs).filter_map(|(link, pair)| {
        if seen.contains(&pair) {
            return None;
        }
        seen.push(pair);
        let words = text.differences_of(link.source.as_str(), link.destination.as_str());
        Some(view! { <a href=routes::pair(pair)>{words}</a> })
    });
    links.collect_view().into_any()
}

/// What is recommended, and why, in three short sentences.
fn advice(text: RulesText) -> AnyView {
    let one = |title: &'static str, why: &'static str| view! { <p><strong>{title}</strong> " " {why}</p> };
    view! {
        <section class="advice grid gap-2" aria-labelledby="advice-title">
            <h2 id="advice-title" class="section-title">{text.advice()}</h2>
            <div class="grid gap-x-4 gap-y-2 md:grid-cols-3">
                {one(text.advice_push_title(), text.advice_push())}
                {one(text.advice_cron_title(), text.advice_cron())}
                {one(text.advice_filter_title(), text.advice_filter())}
            </div>
        </section>
    }
    .into_any()
}

fn lede(rules: usize, text: RulesText) -> String {
    if rules == 1 { text.lede_form_one().to_owned() } else { text.lede_form_many(rules) }
}
