//! The list of clusters, and of those that were begun and are not finished.

mod drafts;

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    health::{Board, ClusterHealth, HealthState},
    ids::ClusterId,
    live::LiveEvent,
    people::Role,
};

use self::drafts::Drafts;
use super::{board::new_cluster_button, frame::Page, parts::loaded};
use crate::{
    api::{Answer, board::read_board, clusters::open_drafts, types::DraftRow},
    live::Live,
    routes,
    text::{clusters::ClustersText, common::CommonText},
    ui::{EmptyState, Mark, StateMark},
    visit::{Visit, locale},
};

/// What the list reads.
struct Read {
    board: Resource<Answer<Board>>,
    drafts: Resource<Answer<Vec<DraftRow>>>,
}

fn read() -> Read {
    Read { board: Resource::new(|| (), |()| read_board()), drafts: Resource::new(|| (), |()| open_drafts()) }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct ClustersPage;

#[lazy_route]
impl LazyRoute for ClustersPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let ClustersPage = this;
        let (text, common) = (ClustersText::current(), CommonText::current());
        let Read { board, drafts } = read();
        view! {
            <Page
                crumbs=vec![(common.clusters().to_owned(), None)]
                actions=Box::new(new_cluster_button)
            >
                <div>
                    <h1 class="page-title">{common.clusters()}</h1>
                    <p class="lede">{text.lede()}</p>
                </div>
                {loaded(board, move |first| clusters(first.clusters, board))}
                {loaded(drafts, move |rows| view! { <Drafts rows /> }.into_any())}
            </Page>
        }
        .into_any()
    }
}

fn clusters(first: Vec<ClusterHealth>, data: Resource<Answer<Board>>) -> AnyView {
    let text = ClustersText::current();
    let rows = RwSignal::new(first);
    Live::current().on(move |event| match event {
        LiveEvent::Cluster { cluster, .. } => rows.update(|all| {
            match all.iter_mut().find(|c| c.id == cluster.id) {
                Some(known) => *known = *cluster,
                None => all.push(*cluster),
            }
            all.sort_by(|x, y| x.name.cmp(&y.name));
        }),
        LiveEvent::ClusterGone { id } => rows.update(|all| all.retain(|c| c.id != id)),
        LiveEvent::Reset => data.refetch(),
        _ => {}
    });
    let ids = Memo::new(move |_| rows.with(|all| all.iter().map(|c| c.id.clone()).collect::<Vec<_>>()));
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty()) fallback=move || empty(text)>
            <ul class="panel" aria-label=text.list()>
                <For each=move || ids.get() key=ClusterId::clone let(id)>
                    {
                        let cluster = Memo::new(move |_| {
                            rows.with(|all| all.iter().find(|c| c.id == id).map(Summary::of))
                        });
                        move || cluster.get().map(one)
                    }
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

/// What a row says; ages and answer times are left out, so that a row is drawn anew only when it says something else.
#[derive(Clone, PartialEq)]
struct Summary {
    id: ClusterId,
    name: String,
    topology: model::Topology,
    state: HealthState,
    sentence: model::Say,
    serving: usize,
    nodes: Vec<(String, HealthState)>,
}

impl Summary {
    fn of(cluster: &ClusterHealth) -> Self {
        Self {
            id: cluster.id.clone(),
            name: cluster.name.to_string(),
            topology: cluster.topology,
            state: cluster.state,
            sentence: cluster.sentence.clone(),
            serving: cluster.nodes.iter().filter(|n| n.state.is_serving()).count(),
            nodes: cluster.nodes.iter().map(|n| (n.name.to_string(), n.state)).collect(),
        }
    }
}

fn one(cluster: Summary) -> AnyView {
    let (text, common) = (ClustersText::current(), CommonText::current());
    let count = text.nodes(cluster.serving, cluster.nodes.len());
    let names = cluster
        .nodes
        .into_iter()
        .map(|(name, state)| {
            view! {
                <li class="flex gap-1 min-w-0">
                    <StateMark mark=Mark::from(state) label=common.state(state).to_owned() />
                    <span class="min-w-0">{name}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <li class="panel-row">
            <StateMark mark=Mark::from(cluster.state) label=common.state(cluster.state).to_owned() />
            <div class="grid gap-1 min-w-0 basis-0 grow">
                <p class="flex flex-wrap items-baseline gap-x-2">
                    <a class="plain-link font-semibold" href=routes::cluster(&cluster.id)>
                        {cluster.name}
                    </a>
                    <span class="quiet small">{common.topology(cluster.topology)}</span>
                </p>
                <p>{cluster.sentence.into_text(locale())}</p>
                <ul class="flex flex-wrap gap-x-4 gap-y-1 small quiet" aria-label=count.clone()>
                    {names}
                </ul>
            </div>
            <span class="panel-aside">{count.clone()}</span>
        </li>
    }
    .into_any()
}

fn empty(text: ClustersText) -> AnyView {
    if Visit::current().may(Role::Operator) {
        view! {
            <EmptyState title=text.empty_title() text=text.empty_text()>
                <a class="btn btn-primary" href=routes::NEW_CLUSTER>{CommonText::current().new_cluster()}</a>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState title=text.empty_title() text=text.empty_viewer() /> }.into_any()
    }
}
