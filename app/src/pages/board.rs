//! The board: a sentence about everything, then each cluster in words, figures, a drawing and its history.

use std::collections::HashMap;

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use model::{
    HistorySpan,
    health::{Board, Bucket, ClusterHealth, HealthState},
    ids::ClusterId,
    live::LiveEvent,
    people::Role,
};

use super::{
    frame::Page,
    parts::{anew, loaded, picture},
};
use crate::{
    api::{
        Answer,
        board::{cluster_histories, read_board},
        types::{ClusterHistory, span_asked},
    },
    clock::Clock,
    live::Live,
    routes,
    text::{board::BoardText, common::CommonText},
    ui::{EmptyState, HistoryBar, Mark, Note, Stat, StateMark, TopologyPicture},
    visit::{Visit, locale},
};

/// What the board reads.
struct Read {
    board: Resource<Answer<Board>>,
    histories: Resource<Answer<Vec<ClusterHistory>>>,
    range: Memo<HistorySpan>,
}

fn read() -> Read {
    let query = use_query_map();
    let range = Memo::new(move |_| query.with(|q| span_asked(q.get_str("range"))));
    Read {
        board: Resource::new(|| (), |()| read_board()),
        histories: Resource::new(move || range.get(), cluster_histories),
        range,
    }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct BoardPage;

#[lazy_route]
impl LazyRoute for BoardPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let BoardPage = this;
        let text = CommonText::current();
        let Read { board, histories, range } = read();
        let crumbs = vec![(text.board().to_owned(), None)];
        let shown = RwSignal::new(HashMap::<ClusterId, Vec<Bucket>>::new());
        view! {
            <Page
                crumbs=crumbs
                actions=Box::new(new_cluster_button)
            >
                {loaded(board, move |first| clusters(first, board, range, shown.into()))}
                // Read beside the board, so that a slow history never holds up what is true now.
                <Transition>
                    {anew(move || Suspend::new(async move {
                        if let Ok(rows) = histories.await {
                            shown.set(rows.into_iter().map(|r| (r.id, r.buckets)).collect());
                        }
                    }))}
                </Transition>
            </Page>
        }
        .into_any()
    }
}

/// The button that begins the wizard, for those who may.
pub(crate) fn new_cluster_button() -> AnyView {
    let text = CommonText::current();
    Visit::current()
        .may(Role::Operator)
        .then(
            || view! { <a class="btn btn-primary btn-sm" href=routes::NEW_CLUSTER>{text.new_cluster()}</a> },
        )
        .into_any()
}

fn clusters(
    first: Board,
    data: Resource<Answer<Board>>,
    range: Memo<HistorySpan>,
    histories: Signal<HashMap<ClusterId, Vec<Bucket>>>,
) -> AnyView {
    let board = RwSignal::new(first);
    Live::current().on(move |event| match event {
        LiveEvent::Cluster { cluster, cut_off } => board.update(|b| {
            b.cut_off = cut_off;
            match b.clusters.iter_mut().find(|c| c.id == cluster.id) {
                Some(known) => *known = *cluster,
                None => {
                    b.clusters.push(*cluster);
                    b.clusters.sort_by(|x, y| x.name.cmp(&y.name));
                }
            }
        }),
        LiveEvent::Seen { at_ms, clusters } => board.update(|b| {
            for seen in clusters {
                if let Some(known) = b.clusters.iter_mut().find(|c| c.id == seen.id) {
                    seen.apply(at_ms, known);
                }
            }
        }),
        LiveEvent::ClusterGone { id } => board.update(|b| b.clusters.retain(|c| c.id != id)),
        LiveEvent::Reset => data.refetch(),
        _ => {}
    });
    let (text, locale) = (BoardText::current(), locale());
    let headline = Memo::new(move |_| board.with(|b| b.headline().into_text(locale)));
    let lede = Memo::new(move |_| board.with(|b| lede(b, text)));
    let cut_off = Memo::new(move |_| board.with(|b| b.cut_off));
    let ids = Memo::new(move |_| board.with(|b| b.clusters.iter().map(|c| c.id.clone()).collect::<Vec<_>>()));
    view! {
        <Show
            when=move || ids.with(|i| !i.is_empty())
            fallback=move || empty(text)
        >
            <div class="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-3" >
                <div class="flex flex-wrap items-baseline gap-x-4 gap-y-1 min-w-0" aria-live="polite">
                    <h1 class="page-title">{move || headline.get()}</h1>
                    <p class="lede">{move || lede.get()}</p>
                </div>
                <RangeSwitch range href=|range| routes::board_over(range.as_str()) />
            </div>
            <Show when=move || cut_off.get()>
                <Note mark=Mark::Bad>
                    <p class="section-title">{text.cut_off_title()}</p>
                    <p>{text.cut_off_text()}</p>
                </Note>
            </Show>
            <For each=move || ids.get() key=ClusterId::clone let(id)>
                {card(id, board, range, histories)}
            </For>
        </Show>
    }
    .into_any()
}

fn lede(board: &Board, text: BoardText) -> String {
    let any = |states: &[HealthState]| board.clusters.iter().any(|c| states.contains(&c.state));
    if board.cut_off {
        return String::new();
    }
    if any(&[HealthState::Down, HealthState::Unreachable]) {
        text.some_down()
    } else if any(&[HealthState::Degraded]) {
        text.some_degraded()
    } else if any(&[HealthState::Unknown]) {
        text.waiting()
    } else {
        text.all_well()
    }
    .to_owned()
}

fn empty(text: BoardText) -> AnyView {
    if Visit::current().may(Role::Operator) {
        view! {
            <EmptyState whole=true title=text.empty_title() text=text.empty_text()>
                <a class="btn btn-primary" href=routes::NEW_CLUSTER>
                    {text.empty_title()}
                </a>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState whole=true title=text.empty_title() text=text.empty_viewer() /> }.into_any()
    }
}

/// The links that choose a time span.
#[component]
pub(crate) fn RangeSwitch(
    /// The one chosen.
    range: Memo<HistorySpan>,
    /// Where each leads.
    href: fn(HistorySpan) -> String,
) -> impl IntoView {
    let text = CommonText::current();
    let links = HistorySpan::ALL
        .into_iter()
        .map(|r| {
            view! {
                <a href=href(r) aria-current=move || (range.get() == r).then_some("true") attr:data-noscroll="">
                    {text.span(r)}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="filters" aria-label=text.range()>
            {links}
        </nav>
    }
}

fn card(
    id: ClusterId,
    board: RwSignal<Board>,
    range: Memo<HistorySpan>,
    histories: Signal<HashMap<ClusterId, Vec<Bucket>>>,
) -> AnyView {
    let (text, common, locale) = (BoardText::current(), CommonText::current(), locale());
    let find = {
        let id = id.clone();
        move |b: &Board| b.clusters.iter().find(|c| c.id == id).cloned()
    };
    let Some(now) = board.with_untracked(|b| find(b)) else { return ().into_any() };
    let (name, topology) = (now.name.to_string(), now.topology);
    // A cluster that has just gone keeps its last look until its card is taken away.
    let cluster = Memo::new(move |last: Option<&ClusterHealth>| {
        board.with(|b| find(b)).or_else(|| last.cloned()).unwrap_or_else(|| now.clone())
    });
    let state = Memo::new(move |_| cluster.with(|c| c.state));
    let sentence = Memo::new(move |_| cluster.with(|c| c.sentence.pick(locale).to_owned()));
    let buckets = {
        let id = id.clone();
        Signal::derive(move || histories.with(|h| h.get(&id).cloned().unwrap_or_default()))
    };
    let drawing = Memo::new(move |_| cluster.with(picture));
    view! {
        <article class="panel panel-body grid gap-4" aria-labelledby=format!("cluster-{id}")>
            <div class="grid items-center gap-x-8 gap-y-5 lg:grid-cols-[minmax(0,1fr)_26rem]">
                <div class="grid gap-3 min-w-0">
                    <div class="flex flex-wrap items-center gap-x-2">
                        <StateMark
                            mark=Signal::derive(move || Mark::from(state.get()))
                            label=Signal::derive(move || common.state(state.get()).to_owned())
                        />
                        <h2 id=format!("cluster-{id}") class="text-base font-semibold min-w-0">
                            <a class="plain-link" href=routes::cluster(&id)>
                                {name.clone()}
                            </a>
                        </h2>
                        <span class="quiet small">{common.topology(topology)}</span>
                    </div>
                    <p class="text-[0.9375rem]" aria-live="polite">
                        {move || sentence.get()}
                    </p>
                    {figures(cluster, text, common)}
                </div>
                <TopologyPicture picture=drawing />
            </div>
            <HistoryBar
                name=name
                buckets=buckets
                from=Signal::derive(move || common.begins(range.get()).to_owned())
            />
        </article>
    }
    .into_any()
}

/// A few figures of a cluster; which ones follows from its topology.
fn figures(cluster: Memo<ClusterHealth>, text: BoardText, common: CommonText) -> AnyView {
    let clock = Clock::current();
    let topology = cluster.with_untracked(|c| c.topology);
    let nodes = Signal::derive(move || {
        cluster
            .with(|c| common.of_total(c.nodes.iter().filter(|n| n.state.is_serving()).count(), c.nodes.len()))
    });
    let links = Signal::derive(move || {
        cluster.with(|c| {
            common.of_total(c.links.iter().filter(|l| l.state == HealthState::Up).count(), c.links.len())
        })
    });
    let slowest = Signal::derive(move || {
        let slowest = cluster.with(|c| c.nodes.iter().filter_map(|n| n.latency_ms).max());
        slowest.map_or_else(|| text.none().to_owned(), |ms| common.ms(ms))
    });
    let certificate = Signal::derive(move || {
        let first = cluster.with(|c| {
            let entry = c.entry.as_ref().and_then(|e| e.cert_not_after_ms);
            c.nodes.iter().filter_map(|n| n.cert_not_after_ms).chain(entry).min()
        });
        first.map_or_else(
            || text.none().to_owned(),
            |end| match (end - clock.now.get()).div_euclid(86_400_000) {
                ..0 => text.expired().to_owned(),
                days => common.days(days),
            },
        )
    });
    view! {
        <dl class="facts facts-even">
            <Stat label=text.nodes() value=nodes />
            {topology.copies().then(|| view! { <Stat label=text.links() value=links /> })}
            <Stat label=text.answer_time() value=slowest />
            <Stat label=text.certificate() value=certificate />
        </dl>
    }
    .into_any()
}
