//! A cluster: how it is, what was done to it, and what can be changed about it.

mod health;
mod links;
mod look;
mod runs;
mod settings;
mod table;
mod times;

use leptos::prelude::*;
use leptos_router::{
    LazyRoute,
    hooks::{use_navigate, use_params_map, use_query_map},
    lazy_route,
};
use model::{HistorySpan, Link, health::ClusterHealth, ids::ClusterId, live::LiveEvent, rule::LinksView};

use super::{
    frame::{Crumb, Page},
    parts::{anew, picture, whole},
};
use crate::{
    api::{Answer, ApiError, clusters::read_cluster, types::span_asked},
    live::Live,
    routes,
    text::{cluster::ClusterText, common::CommonText},
    ui::{EmptyState, Mark, StateMark, TopologyPicture},
    visit::locale,
};
use health::HealthTab;
use runs::RunsTab;
use settings::SettingsTab;

/// A part of the page, chosen by the query parameter `tab`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Health,
    Runs,
    Settings,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Health, Self::Runs, Self::Settings];

    fn parse(word: Option<&str>) -> Self {
        match word {
            Some("runs") => Self::Runs,
            Some("settings") => Self::Settings,
            _ => Self::Health,
        }
    }

    fn link(self, id: &ClusterId) -> String {
        match self {
            Self::Health => routes::cluster(id),
            Self::Runs => routes::cluster_tab(id, "runs"),
            Self::Settings => routes::cluster_tab(id, "settings"),
        }
    }

    fn label(self, text: ClusterText) -> &'static str {
        match self {
            Self::Health => text.health(),
            Self::Runs => text.runs(),
            Self::Settings => text.settings(),
        }
    }
}

/// What the page reads; each tab reads its own.
struct Read {
    cluster: Resource<Answer<ClusterHealth>>,
    tab: Memo<Tab>,
    range: Memo<HistorySpan>,
}

fn read() -> Read {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|p| ClusterId::parse(p.get_str("cluster")?)));
    let cluster = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => read_cluster(id).await,
                None => Err(ApiError::not_found()),
            }
        },
    );
    Read {
        cluster,
        tab: Memo::new(move |_| query.with(|q| Tab::parse(q.get_str("tab")))),
        range: Memo::new(move |_| query.with(|q| span_asked(q.get_str("range")))),
    }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct ClusterPage;

#[lazy_route]
impl LazyRoute for ClusterPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let ClusterPage = this;
        let common = CommonText::current();
        let Read { cluster, tab, range } = read();
        whole(
            cluster,
            common.loading(),
            |content| framed(None, content),
            move |first| framed(Some(first.name.to_string()), show(first, tab, range)),
        )
    }
}

/// The page with the way to it; the last part is the cluster's name, once it is known.
fn framed(name: Option<String>, content: AnyView) -> AnyView {
    let clusters = CommonText::current().clusters().to_owned();
    let way: Vec<Crumb> = match name {
        Some(name) => vec![(clusters, Some(routes::CLUSTERS.to_owned())), (name, None)],
        None => vec![(clusters, None)],
    };
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

fn show(first: ClusterHealth, tab: Memo<Tab>, range: Memo<HistorySpan>) -> AnyView {
    let text = ClusterText::current();
    let id = first.id.clone();
    let now = RwSignal::new(first);
    let (gone, links) = (RwSignal::new(false), RwSignal::new(None::<LinksView>));
    listen(id.clone(), now, gone);
    let content = move || match tab.get() {
        Tab::Health => view! { <HealthTab now range links /> }.into_any(),
        Tab::Runs => view! { <RunsTab now /> }.into_any(),
        // No `Transition` of its own: around parts that wait themselves, the browser could not take it over.
        Tab::Settings => Suspend::new(settings_tab(now)).into_any(),
    };
    anew(move || {
        if gone.get() {
            return view! { <EmptyState whole=true title=text.gone_title() text=text.gone_text() /> }
                .into_any();
        }
        view! {
            {head(&id, now, links, tab)}
            {anew(content)}
        }
        .into_any()
    })
}

/// Comes when it is asked for: it holds every form of a cluster.
#[lazy]
fn settings_tab(now: RwSignal<ClusterHealth>) -> AnyView {
    view! { <SettingsTab now /> }.into_any()
}

/// Fetches the code of the part that the query chooses.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(super) async fn fetch_parts(query: &str) {
    if query.contains("tab=settings") {
        __preload_settings_tab().await;
    } else if !query.contains("tab=runs") {
        health::fetch_links().await;
    }
}

/// Keeps the cluster up to date. After a gap it is read again without drawing the page anew: something may be typed
/// in it.
fn listen(id: ClusterId, now: RwSignal<ClusterHealth>, gone: RwSignal<bool>) {
    Live::current().on(move |event| match event {
        LiveEvent::Cluster { cluster, .. } if cluster.id == id => now.set(*cluster),
        LiveEvent::Seen { at_ms, clusters } => {
            if let Some(seen) = clusters.iter().find(|seen| seen.id == id) {
                now.update(|cluster| seen.apply(at_ms, cluster));
            }
        }
        LiveEvent::ClusterGone { id: removed } if removed == id => gone.set(true),
        LiveEvent::Reset => {
            let id = id.clone();
            leptos::task::spawn_local(async move {
                match read_cluster(id).await {
                    Ok(fresh) => drop(now.try_set(fresh)),
                    Err(error) if error.is_not_found() => drop(gone.try_set(true)),
                    // The next event tells.
                    Err(_) => {}
                }
            });
        }
        _ => {}
    });
}

/// Name, state, sentence and drawing, and the tabs below them.
fn head(
    id: &ClusterId,
    now: RwSignal<ClusterHealth>,
    links: RwSignal<Option<LinksView>>,
    tab: Memo<Tab>,
) -> AnyView {
    let (text, common, locale) = (ClusterText::current(), CommonText::current(), locale());
    let state = Memo::new(move |_| now.with(|c| c.state));
    let name = Memo::new(move |_| now.with(|c| c.name.to_string()));
    let topology = Memo::new(move |_| now.with(|c| c.topology));
    let sentence = Memo::new(move |_| now.with(|c| c.sentence.pick(locale).to_owned()));
    // A link leads to its pair, once that is known.
    let drawing = Memo::new(move |_| {
        let mut drawing = now.with(picture);
        let end = |n: usize| now.with(|c| c.nodes.get(n).map(|node| node.name.clone()));
        links.with(|known| {
            for drawn in &mut drawing.links {
                let link = end(drawn.source).zip(end(drawn.destination)).map(|(a, b)| Link::new(a, b));
                let pair = known.as_ref().zip(link).and_then(|(known, link)| known.pair_of(&link));
                drawn.href = pair.map(|pair| routes::pair(&pair.id));
            }
        });
        drawing
    });
    let navigate = use_navigate();
    let on_link = Callback::new(move |href: String| navigate(&href, Default::default()));
    let tabs = Tab::ALL
        .into_iter()
        .map(|one| {
            let here = move || (tab.get() == one).then_some("page");
            view! {
                <a href=one.link(id) aria-current=here>
                    {one.label(text)}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="grid gap-x-8 gap-y-4 lg:grid-cols-[minmax(0,1fr)_26rem]">
            <div class="grid content-start gap-3 min-w-0">
                <div class="flex flex-wrap items-baseline gap-x-3">
                    <h1 class="page-title flex min-w-0 gap-2">
                        <StateMark
                            mark=Signal::derive(move || Mark::from(state.get()))
                            label=Signal::derive(move || common.state(state.get()).to_owned())
                        />
                        <span class="min-w-0">{move || name.get()}</span>
                    </h1>
                    <span class="quiet">{move || common.topology(topology.get())}</span>
                </div>
                <p class="max-w-[42rem] text-[0.9375rem]" aria-live="polite">
                    {move || sentence.get()}
                </p>
            </div>
            <div class="max-w-[26rem] lg:col-start-2 lg:row-span-2 lg:row-start-1">
                <TopologyPicture picture=drawing on_link />
            </div>
            <nav class="tabs-line self-end" aria-label=text.tabs()>
                {tabs}
            </nav>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_reads_back_from_its_link() {
        let id = ClusterId::parse("0193a1b2-0000-7000-8000-00000000abcd").unwrap();
        for tab in Tab::ALL {
            let link = tab.link(&id);
            assert_eq!(Tab::parse(link.split_once("?tab=").map(|(_, word)| word)), tab);
        }
        assert_eq!(Tab::parse(Some("rules")), Tab::Health);
    }
}
