//! A pair: what differs between two Harbors, why, and what would make them equal.

mod accept;
mod bars;
mod compare;
mod fences;
mod heal;
mod history;
mod policy;
mod switch_over;
mod table;
mod verified;

use leptos::prelude::*;
use leptos_router::{
    LazyRoute,
    hooks::{use_params_map, use_query_map},
    lazy_route,
};
use model::{
    HistorySpan,
    drift::{DriftHistory, DriftPage, DriftQuery, Kind, PairView, ProjectsView},
    ids::{PairId, RunId},
    live::LiveEvent,
    say::count,
};

use super::{
    deed::Deed,
    drift::{age, sentence},
    frame::{Crumb, Page},
    parts::{anew, refusal, whole},
};
use crate::{
    api::{
        Answer, ApiError,
        drift::{read_drifts, read_history, read_pair, read_projects},
    },
    live::Live,
    routes,
    text::{common::CommonText, drift::DriftText},
    ui::{ActionButton, EmptyState, Moment},
};
use accept::{Acceptor, dialog};
use compare::{compare_button, read_how};
use fences::fences;
use heal::{Planner, heal_bar};
use history::history;
use policy::policy;
use table::table;
use verified::verified;

/// What the page reads.
#[derive(Clone, Copy)]
struct Read {
    pair: Resource<Answer<PairView>>,
    query: Memo<DriftQuery>,
    rows: Resource<Answer<DriftPage>>,
    projects: Resource<Answer<ProjectsView>>,
    /// The heal of which only what it did not carry is planned.
    failed: Memo<Option<RunId>>,
    past: Past,
}

/// How many differed over time, and how far back that is looked at.
#[derive(Clone, Copy)]
struct Past {
    span: RwSignal<HistorySpan>,
    data: Resource<Answer<DriftHistory>>,
}

fn read() -> Read {
    let (params, query) = (use_params_map(), use_query_map());
    let failed = Memo::new(move |_| query.with(|q| RunId::parse(q.get_str("failed")?)));
    let id = Memo::new(move |_| params.with(|p| PairId::parse(p.get_str("pair")?)));
    let query = Memo::new(move |_| {
        query.with(|q| DriftQuery {
            kind: q.get_str("kind").and_then(Kind::parse),
            text: q.get("text").unwrap_or_default(),
            after: None,
        })
    });
    let span = RwSignal::new(HistorySpan::Day);
    let data = Resource::new(move || (id.get(), span.get()), |(id, span)| read_history(id, span));
    Read {
        pair: Resource::new(move || id.get(), read_pair),
        query,
        rows: Resource::new(move || (id.get(), query.get()), |(id, query)| read_drifts(id, query)),
        projects: Resource::new(move || id.get(), read_projects),
        failed,
        past: Past { span, data },
    }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct PairPage;

#[lazy_route]
impl LazyRoute for PairPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let PairPage = this;
        let common = CommonText::current();
        let read = read();
        whole(read.pair, common.loading(), framed, move |first| {
            let name = DriftText::current().pair(first.a.as_str(), first.b.as_str(), first.direction);
            show(name, first, read)
        })
    }
}

/// The page before the pair is known, or without one.
fn framed(content: AnyView) -> AnyView {
    let way: Vec<Crumb> = vec![(CommonText::current().drift().to_owned(), None)];
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

fn show(name: String, first: PairView, read: Read) -> AnyView {
    let Read { pair: data, query, rows, projects, failed, past } = read;
    let id = first.id.clone();
    let now = RwSignal::new(first);
    Live::current().on(move |event| match event {
        LiveEvent::Pair { pair } if pair.id == id => now.update(|known| known.follow(*pair)),
        LiveEvent::Reset => {
            data.refetch();
            rows.refetch();
            projects.refetch();
            past.data.refetch();
        }
        _ => {}
    });
    // The first comparison of a pair may change nothing and is its history all the same.
    let known = Memo::new(move |_| now.with(|p| (p.changes, p.read_ms.is_some())));
    Effect::new(move |before: Option<(i64, bool)>| {
        let known = known.get();
        if before.is_some_and(|before| before != known) {
            rows.refetch();
            projects.refetch();
            past.data.refetch();
        }
        known
    });
    let (planner, acceptor) = (Planner::new(now, query, failed), Acceptor::new(now));
    let way: Vec<Crumb> =
        vec![(CommonText::current().drift().to_owned(), Some(routes::DRIFT.to_owned())), (name, None)];
    let compare = Deed::new();
    view! {
        <Page crumbs=way actions=Box::new(move || compare_button(now, compare))>
            {head(now, compare)}
            {compare.trouble(&[])}
            {anew(move || Suspend::new(held(now)))}
            <div class="flex flex-wrap items-center justify-between gap-3">
                {chips(now, query)} {search(now, query)}
            </div>
            <Transition>
                {anew(move || Suspend::new(async move {
                    match rows.await {
                        Ok(page) => differences(page, planner, acceptor, now, query).await,
                        Err(error) => refusal(&error),
                    }
                }))}
            </Transition>
            {acceptor.trouble()}
            // No `Transition` of its own: around parts that wait themselves, the browser could not take it over.
            {anew(move || Suspend::new(below(now, planner, acceptor, query, projects)))}
            {anew(move || Suspend::new(over_time(past)))}
        </Page>
    }
    .into_any()
}

/// What was copied, and what is alike. By itself, as [`below`] is.
#[lazy]
fn two_bars(now: RwSignal<PairView>) -> AnyView {
    bars::of_pair(now)
}

/// What is held between the two. By itself, as [`below`] is: the page would be too large a file.
#[lazy]
fn held(now: RwSignal<PairView>) -> AnyView {
    fences(now)
}

/// What differs. By itself, as [`held`] is.
#[lazy]
fn differences(
    page: DriftPage,
    planner: Planner,
    acceptor: Acceptor,
    now: RwSignal<PairView>,
    query: Memo<DriftQuery>,
) -> AnyView {
    list(page, (planner, acceptor), now, query)
}

/// What would be healed, and what is by itself.
#[lazy]
fn below(
    now: RwSignal<PairView>,
    planner: Planner,
    acceptor: Acceptor,
    query: Memo<DriftQuery>,
    projects: Resource<Answer<ProjectsView>>,
) -> AnyView {
    let id = now.with_untracked(|p| p.id.clone());
    view! {
        {heal_bar(planner, query)}
        {bars::of_projects(id, projects)}
        {policy(now)}
        {switch_over::section(now)}
        {verified(now)}
        {dialog(acceptor)}
    }
    .into_any()
}

/// How many differed over time.
#[lazy]
fn over_time(past: Past) -> AnyView {
    history(past)
}

/// Fetches the code of these.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(super) async fn fetch_parts() {
    __preload_two_bars().await;
    __preload_held().await;
    __preload_differences().await;
    __preload_below().await;
    __preload_over_time().await;
}

/// How equal the two are, and since when.
fn head(now: RwSignal<PairView>, compare: Deed) -> AnyView {
    let text = DriftText::current();
    view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <div class="min-w-0">
                <h1 class="page-title">{move || now.with(|p| sentence(p, text))}</h1>
                <p class="lede" role="status">{move || now.with(|p| age(p, text))}</p>
                <p class="small">{move || now.with(|p| watermarks(p, text))}</p>
                {read_how(now, compare)}
                <p class="small">
                    <span class="me-4">
                        <a href=now.with_untracked(|p| routes::rules_of(&p.cluster))>{text.to_rules()}</a>
                    </span>
                    <a href=now.with_untracked(|p| routes::unreplicated(&p.id))>{text.to_unreplicated()}</a>
                </p>
            </div>
            <div class="grid gap-2 w-full sm:w-72">{anew(move || Suspend::new(two_bars(now)))}</div>
        </div>
        {move || {
            now.with(|p| p.error.clone())
                .map(|error| view! { <section aria-label=text.failed()>{refusal(&ApiError(error))}</section> })
        }}
    }
    .into_any()
}

/// Up to when each side holds everything; one that has all of it says so without a time.
fn watermarks(pair: &PairView, text: DriftText) -> AnyView {
    let sides = [&pair.a, &pair.b].into_iter().zip(pair.holds_ms);
    let told = sides.filter_map(|(name, ms)| {
        let ms = ms?;
        Some(if Some(ms) == pair.read_ms {
            view! { <span class="me-4">{text.holds_all(name.as_str())}</span> }.into_any()
        } else {
            view! { <span class="me-4">{text.holds_up_to(name.as_str())} " " <Moment at_ms=ms /></span> }
                .into_any()
        })
    });
    told.collect_view().into_any()
}

/// How many there are of each kind; each leads to them.
fn chips(now: RwSignal<PairView>, query: Memo<DriftQuery>) -> AnyView {
    let text = DriftText::current();
    let id = now.with_untracked(|p| p.id.clone());
    let kinds = Memo::new(move |_| {
        now.with(|p| {
            Kind::ALL.into_iter().map(|k| (k, p.of_kind(k))).filter(|(_, n)| *n > 0).collect::<Vec<_>>()
        })
    });
    let link = move |kind: Option<Kind>, label: &'static str, n: u64| {
        let href = {
            let id = id.clone();
            move || routes::pair_of(&id, kind, &query.with(|q| q.text.clone()))
        };
        view! {
            <a
                class="btn btn-sm font-normal"
                class:btn-neutral=move || query.with(|q| q.kind == kind)
                class:btn-outline=move || query.with(|q| q.kind != kind)
                href=href
                aria-current=move || query.with(|q| q.kind == kind).then_some("true")
            >
                {label}
                <span class="num">{count(n)}</span>
            </a>
        }
    };
    view! {
        <nav class="flex flex-wrap gap-2" aria-label=text.filter()>
            {move || {
                let kinds = kinds.get();
                let all = kinds.iter().filter(|(kind, _)| kind.counts()).map(|(_, n)| n).sum();
                let each = kinds.iter().map(|(kind, n)| link(Some(*kind), text.kind(*kind), *n)).collect_view();
                (!kinds.is_empty()).then(|| view! { {link(None, text.all(), all)} {each} })
            }}
        </nav>
    }
    .into_any()
}

/// A plain form with the address as its answer.
fn search(now: RwSignal<PairView>, query: Memo<DriftQuery>) -> AnyView {
    let text = DriftText::current();
    let action = routes::pair(&now.with_untracked(|p| p.id.clone()));
    let some = Memo::new(move |_| {
        now.with(|p| p.totals.iter().any(|t| t.count > 0)) || query.with(|q| !q.text.is_empty())
    });
    view! {
        <Show when=move || some.get()>
            <form method="get" action=action.clone() role="search" class="flex items-center gap-2 max-sm:w-full">
                {move || {
                    query
                        .with(|q| q.kind)
                        .map(|kind| view! { <input type="hidden" name="kind" value=kind.as_str() /> })
                }}
                <input
                    class="input min-w-0 grow sm:w-72"
                    type="search"
                    name="text"
                    aria-label=text.search()
                    placeholder=text.search_how()
                    value=query.with_untracked(|q| q.text.clone())
                />
                <button class="btn btn-outline">{text.find()}</button>
            </form>
        </Show>
    }
    .into_any()
}

fn list(
    first: DriftPage,
    (planner, acceptor): (Planner, Acceptor),
    now: RwSignal<PairView>,
    query: Memo<DriftQuery>,
) -> AnyView {
    let text = DriftText::current();
    if first.rows.is_empty() {
        let pair = now.get_untracked();
        let narrowed = query.with_untracked(|q| *q != DriftQuery::default());
        return match (narrowed, pair.read_ms) {
            (true, _) => view! {
                <EmptyState title=text.none_found_title() text=text.none_found_text()>
                    <a class="btn btn-outline" href=routes::pair(&pair.id)>{text.clear()}</a>
                </EmptyState>
            }
            .into_any(),
            (false, Some(_)) => {
                let only = pair.of_kind(Kind::Accepted) == 0;
                let told = if only { text.equal_text() } else { text.rest_equal() };
                view! { <EmptyState title=text.equal_title() text=told /> }.into_any()
            }
            (false, None) => {
                view! { <EmptyState title=text.first_title() text=text.first_text() /> }.into_any()
            }
        };
    }
    let (rows, more) = (RwSignal::new(first.rows), RwSignal::new(first.more));
    let id = now.with_untracked(|p| p.id.clone());
    let wanted = query.get_untracked();
    let files = ["csv", "json"].map(|format| {
        let href = routes::drift_file(&id, wanted.kind, &wanted.text, format);
        view! { <a href=href rel="external" download>{format.to_uppercase()}</a> }
    });
    let next = Deed::new();
    let load = StoredValue::new(move || {
        let after = rows.with_untracked(|all| all.last().map(|r| (r.repository.clone(), r.thing.clone())));
        let query = DriftQuery { after, ..wanted.clone() };
        next.run(read_drifts(Some(id.clone()), query), move |page| {
            more.set(page.more);
            rows.update(|all| all.extend(page.rows));
        });
    });
    let [csv, json] = files;
    view! {
        {table(rows, now, planner, acceptor)}
        <p class="quiet small flex gap-2">{text.save_as()} {csv} {json}</p>
        <Show when=move || more.get()>
            <div>
                <ActionButton
                    label=Signal::derive(move || {
                        if next.busy().get() { text.loading_more() } else { text.more() }.to_owned()
                    })
                    busy=next.busy()
                    on_press=move || load.with_value(|load| load())
                />
            </div>
        </Show>
        {next.trouble(&[])}
    }
    .into_any()
}
