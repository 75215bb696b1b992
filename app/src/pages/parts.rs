//! What several pages share: loading, errors, and the drawing of a cluster from its health.

use leptos::prelude::*;
use model::{
    Topology,
    health::{ClusterHealth, HealthState, NodeHealth},
};

use crate::{
    api::{Answer, ApiError},
    clock::Clock,
    routes,
    text::common::CommonText,
    ui::{Mark, Picture, PictureLink, PictureNode, StateMark},
    visit::locale,
};

/// A part that is made anew in the browser whenever what it reads changes. The server draws a page once and makes it
/// once: Leptos would call a function there a first time to see what it reads and a second time to draw, and a part
/// that reads by itself would read twice, and show what it read first.
pub(crate) fn anew<V>(part: impl Fn() -> V + Send + 'static) -> AnyView
where
    V: RenderHtml + Send + 'static,
    V::State: 'static,
{
    #[cfg(feature = "ssr")]
    return part().into_any();
    #[cfg(not(feature = "ssr"))]
    part.into_any()
}

/// Shows what a resource holds once it is there, or why it is not.
pub(crate) fn loaded<T>(
    data: Resource<Answer<T>>,
    show: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let text = CommonText::current();
    view! {
        <Transition fallback=move || view! { <p class="quiet" role="status">{text.loading()}</p> }>
            {anew(move || {
                let show = show.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => show(value),
                        Err(error) => problem(&error),
                    }
                })
            })}
        </Transition>
    }
    .into_any()
}

/// A whole page that is called after what it reads: `framed` is the page around what stands there without, while it
/// waits or where it is refused.
pub(crate) fn whole<T: Clone + Send + Sync + 'static>(
    data: Resource<Answer<T>>,
    waiting: &'static str,
    framed: fn(AnyView) -> AnyView,
    show: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView {
    let fallback = move || framed(view! { <p class="quiet" role="status">{waiting}</p> }.into_any());
    view! {
        <Transition fallback>
            {anew(move || {
                let show = show.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => show(value),
                        Err(error) => framed(problem(&error)),
                    }
                })
            })}
        </Transition>
    }
    .into_any()
}

/// A part of a page: it waits and fails by itself, without the rest.
pub(crate) fn part<T: Clone + Send + Sync + 'static>(
    data: Resource<Answer<T>>,
    show: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView {
    let text = CommonText::current();
    view! {
        <Transition fallback=move || view! { <p class="quiet small">{text.loading()}</p> }>
            {anew(move || {
                let show = show.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => show(value),
                        Err(error) => refusal(&error),
                    }
                })
            })}
        </Transition>
    }
    .into_any()
}

/// A number that changes every `minutes`, to read anew by. It outlives the part of a page that asked for it: a
/// resource begins to read a moment later, when that part may have been drawn anew.
pub(crate) fn every(minutes: i64) -> ArcMemo<i64> {
    let clock = Clock::current();
    ArcMemo::new(move |_| clock.now.get().div_euclid(minutes * 60_000))
}

/// A whole page's error: what happened, what to do, and the code for those who help.
pub(crate) fn problem(error: &ApiError) -> AnyView {
    let text = CommonText::current();
    set_status(error.0.status);
    let title = if error.is_not_found() { text.not_found_title() } else { text.error_title() };
    let way_out = if error.is_signed_out() {
        view! { <a class="btn btn-primary" rel="external" href=routes::SIGN_IN>{text.sign_in()}</a> }
            .into_any()
    } else {
        view! { <a class="btn btn-outline" href=routes::BOARD>{text.to_the_board()}</a> }.into_any()
    };
    view! {
        <div class="empty" role="alert">
            <h1 class="section-title">{title}</h1>
            <p>{error.0.cause.pick(locale()).to_owned()}</p>
            <p class="quiet">{error.0.next.pick(locale()).to_owned()}</p>
            <p class="quiet small">{text.error_code()} " " <code class="code">{error.0.code.clone()}</code></p>
            {way_out}
        </div>
    }
    .into_any()
}

/// An error inside a page, where the thing that failed stands: its cause and the next step.
pub(crate) fn refusal(error: &ApiError) -> AnyView {
    view! {
        <div class="notice notice-failed" role="alert">
            <StateMark mark=Mark::Bad label="" />
            <div>
                <p class="section-title">{error.0.cause.pick(locale()).to_owned()}</p>
                <p>{error.0.next.pick(locale()).to_owned()}</p>
                {error.is_signed_out().then(|| view! {
                    <a rel="external" href=routes::SIGN_IN>{CommonText::current().sign_in()}</a>
                })}
            </div>
        </div>
    }
    .into_any()
}

/// Says a status for the page as a whole; only the server can.
pub(crate) fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// A cluster's health as a drawing.
pub(crate) fn picture(cluster: &ClusterHealth) -> Picture {
    let (text, locale) = (CommonText::current(), locale());
    let index = |name| cluster.nodes.iter().position(|n| &n.name == name);
    let links: Vec<PictureLink> = cluster
        .links
        .iter()
        .filter_map(|link| {
            Some(PictureLink {
                source: index(&link.link.source)?,
                destination: index(&link.link.destination)?,
                state: link.state,
                href: None,
                label: link.label.as_ref().map(|l| l.pick(locale).to_owned()).unwrap_or_default(),
            })
        })
        .collect();
    let nodes = cluster
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| PictureNode {
            name: node.name.to_string(),
            line: node_line(node, text),
            state: Some(node.state),
            upstream: links.iter().find(|l| l.destination == i).map(|l| l.source),
        })
        .collect();
    Picture {
        topology: cluster.topology,
        entry: cluster.entry.as_ref().map(|e| (bare(&e.address).to_owned(), e.state)),
        nodes,
        links,
        shared: shared_words(cluster.topology, text),
    }
}

/// What a shared storage shares, under its nodes.
pub(crate) fn shared_words(topology: Topology, text: CommonText) -> String {
    if topology == Topology::SharedStorage { text.what_is_shared().to_owned() } else { String::new() }
}

/// A few words about a node: version and answer time, or why it is not up.
fn node_line(node: &NodeHealth, text: CommonText) -> String {
    let mut parts: Vec<String> = Vec::new();
    if node.checking {
        parts.push(text.checking().to_owned());
    }
    match node.state {
        HealthState::Unreachable | HealthState::Down | HealthState::Unknown => {
            parts.push(text.state(node.state).to_owned());
        }
        HealthState::Degraded => {
            let sick = node.components.iter().find(|c| !c.healthy).map(|c| c.name.clone());
            parts.push(sick.unwrap_or_else(|| text.degraded().to_owned()));
        }
        HealthState::Up => {}
    }
    if node.state.is_serving() {
        parts.extend(node.version.clone());
        parts.extend(node.latency_ms.map(|ms| text.ms(ms)));
    }
    parts.join(" · ")
}

/// An address without its scheme, as people say it.
pub(crate) fn bare(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn whole_shows_and_reads_once_on_the_server() {
        _ = any_spawner::Executor::init_tokio();
        // Another test makes this list: it must not be made while this one draws.
        _ = crate::routes::all();
        let owner = Owner::new();
        owner.set();
        let (shown, read) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let within = {
            let (shown, read) = (shown.clone(), read.clone());
            move |first: u32| {
                shown.fetch_add(1, Ordering::Relaxed);
                let read = read.clone();
                anew(move || {
                    let read = read.clone();
                    let rest = Resource::new(
                        || (),
                        move |()| {
                            let read = read.clone();
                            async move {
                                tokio::task::yield_now().await;
                                Ok::<_, ApiError>(read.fetch_add(1, Ordering::Relaxed))
                            }
                        },
                    );
                    part(rest, move |rest| view! { <p>{first} " and " {rest}</p> }.into_any())
                })
            }
        };
        let data = Resource::new(
            || (),
            |()| async {
                tokio::task::yield_now().await;
                Ok::<_, ApiError>(7)
            },
        );
        let page = whole(data, "waiting", |content| content, within);
        let html: String = page.to_html_stream_in_order().collect().await;
        assert!(html.contains("7<!> and <!>0"), "{html}");
        assert_eq!((shown.load(Ordering::Relaxed), read.load(Ordering::Relaxed)), (1, 1));
    }
}
