//! A node: each of its parts, its answer times, its history, and what happened on it.

pub(crate) mod facts;
pub(crate) mod times;

use leptos::prelude::*;
use leptos_router::{
    LazyRoute,
    hooks::{use_params_map, use_query_map},
    lazy_route,
};
use model::{
    HistorySpan,
    health::{ClusterHealth, HealthState, NodeHealth, Warning},
    ids::{ClusterId, NodeId},
    live::LiveEvent,
};

use super::{
    frame::{Crumb, Page},
    parts::{bare, loaded},
};
use crate::{
    api::{
        Answer, ApiError,
        node::read_node,
        types::{ActivityFilter, span_asked},
    },
    clock::Clock,
    live::Live,
    routes,
    text::{common::CommonText, node::NodeText},
    ui::{Mark, StateMark},
    visit::locale,
};
use facts::Facts;
use times::{AnswerTimes, Happened, History};

/// What the page reads; each part below the state reads its own.
struct Read {
    ids: Memo<Option<(ClusterId, NodeId)>>,
    cluster: Resource<Answer<ClusterHealth>>,
    range: Memo<HistorySpan>,
}

fn read() -> Read {
    let (params, query) = (use_params_map(), use_query_map());
    let ids = Memo::new(move |_| {
        params.with(|p| Some((ClusterId::parse(&p.get("cluster")?)?, NodeId::parse(&p.get("node")?)?)))
    });
    let cluster = Resource::new(
        move || ids.get(),
        |ids| async move {
            match ids {
                Some((cluster, node)) => read_node(cluster, node).await,
                None => Err(ApiError::not_found()),
            }
        },
    );
    let range = Memo::new(move |_| query.with(|q| span_asked(q.get_str("range"))));
    Read { ids, cluster, range }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct NodePage;

#[lazy_route]
impl LazyRoute for NodePage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let NodePage = this;
        let common = CommonText::current();
        let Read { ids, cluster, range } = read();
        // Cluster and node, once they are known.
        let names = RwSignal::new(None::<(String, String)>);
        let crumbs = Signal::derive(move || -> Vec<Crumb> {
            let mut way = vec![(common.clusters().to_owned(), Some(routes::CLUSTERS.to_owned()))];
            if let (Some((cluster, node)), Some((id, _))) = (names.get(), ids.get()) {
                way.push((cluster, Some(routes::cluster(&id))));
                way.push((node, None));
            }
            way
        });
        view! {
            <Page crumbs>
                {loaded(cluster, move |health| {
                    let id = ids.get_untracked().map(|(_, node)| node);
                    match health.nodes.iter().position(|n| Some(&n.id) == id.as_ref()) {
                        Some(at) => {
                            names.set(Some((health.name.to_string(), health.nodes[at].name.to_string())));
                            show(&health, at, cluster, range)
                        }
                        // The server answers only for a node of that cluster.
                        None => ().into_any(),
                    }
                })}
            </Page>
        }
        .into_any()
    }
}

/// The page of the node at place `at` of its cluster.
fn show(
    health: &ClusterHealth,
    at: usize,
    data: Resource<Answer<ClusterHealth>>,
    range: Memo<HistorySpan>,
) -> AnyView {
    let (text, common, locale) = (NodeText::current(), CommonText::current(), locale());
    let clock = Clock::current();
    let (cluster, first) = (health.id.clone(), health.nodes[at].clone());
    let (id, name, address) = (first.id.clone(), first.name.to_string(), first.address.clone());
    let node = RwSignal::new(first);
    listen(cluster.clone(), at, node, data);
    let state = Memo::new(move |_| node.with(|n| n.state));
    let since = Memo::new(move |_| {
        let (state, since) = node.with(|n| (n.state, n.since_ms));
        if state == HealthState::Unknown || since == 0 {
            return common.state(state).to_owned();
        }
        let at = clock.local(since);
        text.since(common.state(state), &format!("{} {}", at.day(locale), at.time()))
    });
    let why = Memo::new(move |_| node.with(|n| why(n, text, locale)));
    let next = Memo::new(move |_| node.with(|n| n.next.as_ref().map(|s| s.pick(locale).to_owned())));
    let checking = Memo::new(move |_| node.with(|n| n.checking));
    let warnings = Memo::new(move |_| node.with(|n| n.warnings.clone()));
    let open = address.starts_with("http").then(|| {
        view! {
            <a class="btn btn-outline btn-sm" href=address.clone() rel="external noopener" target="_blank">
                {text.open()}
            </a>
        }
    });
    view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <div class="min-w-0 grid gap-1">
                <div class="flex flex-wrap items-baseline gap-x-2">
                    <h1 class="page-title flex gap-2">
                        <StateMark mark=Signal::derive(move || Mark::from(state.get())) label="" />
                        <span class="min-w-0">{name.clone()}</span>
                    </h1>
                    <span class="quiet">{bare(&address).to_owned()}</span>
                </div>
                <div aria-live="polite">
                    <p class="quiet">
                        {move || since.get()}
                        {move || checking.get().then(|| format!(" · {}", common.checking()))}
                    </p>
                    <p class="first-letter:uppercase">{move || why.get()}</p>
                    {move || next.get().map(|next| view! { <p class="quiet">{next}</p> })}
                </div>
            </div>
            <div class="flex flex-wrap gap-2">
                {open}
                <a class="btn btn-outline btn-sm" href=routes::cluster_tab(&cluster, "settings")>
                    {text.to_settings()}
                </a>
            </div>
        </div>
        {move || {
            let all = warnings.get();
            (!all.is_empty()).then(|| warned(all, text))
        }}
        <div class="beside">
            <Facts node />
            <div class="grid gap-4 min-w-0">
                <AnswerTimes node=id.clone() name=name.clone() />
                <Happened of=ActivityFilter { node: Some(id.clone()), ..ActivityFilter::default() } />
            </div>
        </div>
        <History node=id name range />
    }
    .into_any()
}

/// Keeps `node` up to date with the live events of its cluster.
fn listen(cluster: ClusterId, at: usize, node: RwSignal<NodeHealth>, data: Resource<Answer<ClusterHealth>>) {
    let id = node.with_untracked(|n| n.id.clone());
    let place = StoredValue::new(at);
    Live::current().on(move |event| match event {
        LiveEvent::Cluster { cluster: now, .. } if now.id == cluster => {
            match now.nodes.iter().position(|n| n.id == id) {
                Some(at) => {
                    place.set_value(at);
                    node.set(now.nodes[at].clone());
                }
                None => data.refetch(),
            }
        }
        LiveEvent::Seen { at_ms, clusters } => {
            let pair = clusters
                .iter()
                .find(|seen| seen.id == cluster)
                .and_then(|seen| seen.nodes.get(place.get_value()))
                .copied();
            if let Some((ago, latency)) = pair {
                node.update(|n| {
                    n.seen_ms = if ago < 0 { 0 } else { at_ms - ago };
                    n.latency_ms = u32::try_from(latency).ok();
                });
            }
        }
        LiveEvent::ClusterGone { id } if id == cluster => data.refetch(),
        LiveEvent::Reset => data.refetch(),
        _ => {}
    });
}

/// The sentence about its state.
fn why(node: &NodeHealth, text: NodeText, locale: model::Locale) -> String {
    match (&node.reason, node.state) {
        (Some(reason), _) => reason.pick(locale).to_owned(),
        (None, HealthState::Up) => text.well().to_owned(),
        (None, HealthState::Unknown) if node.seen_ms == 0 => text.never_asked().to_owned(),
        (None, _) => String::new(),
    }
}

/// What deserves a look though it works.
fn warned(warnings: Vec<Warning>, text: NodeText) -> AnyView {
    let locale = locale();
    let rows = warnings
        .into_iter()
        .map(|warning| {
            view! {
                <li class="panel-row flex-nowrap">
                    <StateMark mark=Mark::Warn label="" />
                    <div class="min-w-0">
                        <p>{warning.text.into_text(locale)}</p>
                        <p class="quiet small">{warning.next.into_text(locale)}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="warnings">
            <h2 id="warnings" class="panel-head">{text.warnings()}</h2>
            <ul class="border-t border-base-300">{rows}</ul>
        </section>
    }
    .into_any()
}
