//! A cluster as a drawing: the entry, the nodes, and the links with their direction, state and label.

mod layout;

use leptos::prelude::*;
use model::{Topology, health::HealthState};

use self::layout::{Arrow, Drawing, NodeBox, fit};
use super::Mark;
use crate::text::common::CommonText;

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    /// Decides the arrangement.
    pub(crate) topology: Topology,
    /// The entry's name and state.
    pub(crate) entry: Option<(String, HealthState)>,
    /// In the order of the cluster.
    pub(crate) nodes: Vec<PictureNode>,
    /// Links by the index of their ends.
    pub(crate) links: Vec<PictureLink>,
    /// What the nodes share, for shared storage.
    pub(crate) shared: String,
}

/// One node of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PictureNode {
    /// Its name.
    pub(crate) name: String,
    /// A few words below it.
    pub(crate) line: String,
    /// Its state; `None` where states are not the point.
    pub(crate) state: Option<HealthState>,
    /// Whose copy it is (tiered).
    pub(crate) upstream: Option<usize>,
}

/// One link of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PictureLink {
    /// Index of the source.
    pub(crate) source: usize,
    /// Index of the destination.
    pub(crate) destination: usize,
    /// Its state.
    pub(crate) state: HealthState,
    /// A few words on it.
    pub(crate) label: String,
    /// Where it leads.
    pub(crate) href: Option<String>,
}

/// Draws a cluster.
#[component]
pub(crate) fn TopologyPicture(
    /// What to draw; drawn anew when it changes.
    #[prop(into)]
    picture: Signal<Picture>,
    /// Beside words that say the same: hidden from those who hear the page.
    #[prop(optional)]
    decorative: bool,
    /// Width of the field; a narrow place takes a small one, so that words stay readable.
    #[prop(default = 400.0)]
    width: f32,
    /// Goes where a link of the drawing leads, within this page.
    #[prop(optional, into)]
    on_link: Option<Callback<String>>,
) -> impl IntoView {
    let text = CommonText::current();
    let drawn = Memo::new(move |_| picture.with(|p| Drawing::of(p, width)));
    // What can be followed is no image to those who hear the page.
    let leads = Memo::new(move |_| picture.with(|p| p.links.iter().any(|l| l.href.is_some())));
    let role = move || match (decorative, leads.get()) {
        (true, _) => "presentation",
        (false, true) => "group",
        (false, false) => "img",
    };
    view! {
        <svg
            class="topology"
            viewBox=move || format!("-1 -1 {} {}", width + 2.0, drawn.with(|d| d.height) + 2.0)
            preserveAspectRatio=if decorative { "xMinYMid" } else { "xMidYMid" }
            role=role
            aria-hidden=decorative.then_some("true")
            aria-label=move || (!decorative).then(|| picture.with(|p| words(p, text)))
        >
            {move || drawn.with(|d| parts(d, &picture.get(), on_link))}
        </svg>
    }
}

fn parts(drawing: &Drawing, picture: &Picture, on_link: Option<Callback<String>>) -> AnyView {
    let lines = drawing.lines.iter().map(|d| view! { <path class="line" d=d.clone()></path> }).collect_view();
    let arrows = drawing.arrows.iter().map(|one| arrow(one, on_link)).collect_view();
    let entry = drawing.entry.clone().map(|at| {
        let (name, state) = picture.entry.clone().unwrap_or_default();
        entry(&at, &name, state)
    });
    let nodes = drawing.nodes.iter().map(node).collect_view();
    let shared = drawing.shared.clone().map(|at| {
        let words = fit(&picture.shared, at.width - 16.0, 11.5);
        view! {
            <rect class="entry-box is-square" x=at.x y=at.y width=at.width height=at.height rx="7"></rect>
            <text class="caption is-light" x=at.x + at.width / 2.0 y=at.y + at.height / 2.0 + 4.0 text-anchor="middle">
                {words}
            </text>
        }
    });
    view! {
        {lines}
        {arrows}
        {entry}
        {nodes}
        {shared}
    }
    .into_any()
}

fn entry(at: &layout::Field, name: &str, state: HealthState) -> AnyView {
    let words = fit(name, at.width - 26.0, 12.0);
    let middle = at.x + at.width / 2.0;
    // Only a bad entry needs a mark: it stands between all users and all nodes.
    let mark = (!matches!(state, HealthState::Up | HealthState::Unknown))
        .then(|| state_mark(state.into(), at.x + 9.0, at.y + at.height / 2.0 - 5.5));
    view! {
        <g>
            <title>{name.to_owned()}</title>
            <rect class="entry-box" x=at.x y=at.y width=at.width height=at.height rx=at.height / 2.0></rect>
            {mark}
            <text class="caption is-light" x=middle y=at.y + at.height / 2.0 + 4.0 text-anchor="middle">
                {words}
            </text>
        </g>
    }
    .into_any()
}

fn node(node: &NodeBox) -> AnyView {
    let at = &node.field;
    let mark = node.state.map(|state| state_mark(state.into(), at.x + 11.0, at.y + node.name_y - 9.5));
    let left = if node.state.is_some() { 27.0 } else { 12.0 };
    let name = fit(&node.name, at.width - left - 6.0, 12.5);
    let line = fit(&node.line, at.width - 20.0, 10.5);
    view! {
        <g>
            <title>{node.title.clone()}</title>
            <rect class="node-box" x=at.x y=at.y width=at.width height=at.height rx="7"></rect>
            {mark}
            <text class="caption" x=at.x + left y=at.y + node.name_y>
                {name}
            </text>
            {(!line.is_empty()).then(|| view! {
                <text class="caption-quiet" x=at.x + 11.0 y=at.y + node.name_y + 18.0>
                    {line}
                </text>
            })}
        </g>
    }
    .into_any()
}

fn state_mark(mark: Mark, x: f32, y: f32) -> AnyView {
    let class = format!("state-ink {}", mark.class().trim_start_matches("mark "));
    view! { <use class=class href=mark.drawing() x=x y=y width="11" height="11"></use> }.into_any()
}

fn arrow(arrow: &Arrow, on_link: Option<Callback<String>>) -> AnyView {
    let class = match arrow.state {
        HealthState::Up => "is-ok",
        HealthState::Degraded => "is-warning",
        HealthState::Down | HealthState::Unreachable => "is-failed",
        HealthState::Unknown => "is-unknown",
    };
    let broken = matches!(arrow.state, HealthState::Down | HealthState::Unreachable).then(|| {
        let (x, y) = arrow.middle;
        view! { <path class="broken" d=format!("M{} {}l7 7m0 -7l-7 7", x - 3.5, y - 3.5)></path> }
    });
    let label = arrow.label.clone().map(|(words, x, y)| {
        view! {
            <text class="caption-quiet" x=x y=y text-anchor="middle">
                {words}
            </text>
        }
    });
    let Some(href) = arrow.href.clone() else {
        return view! {
            <g class=class>
                <title>{arrow.title.clone()}</title>
                <path class="flow" d=arrow.path.clone()></path>
                <path class="head" d=arrow.head.clone()></path>
                {broken}
                {label}
            </g>
        }
        .into_any();
    };
    let to = href.clone();
    // The router knows the links of HTML, not those of a drawing. A new tab is the browser's own affair.
    let follow = move |event: leptos::ev::MouseEvent| {
        let plain = !(event.ctrl_key() || event.meta_key() || event.shift_key());
        if let Some(on_link) = on_link.filter(|_| plain) {
            event.prevent_default();
            on_link.run(to.clone());
        }
    };
    view! {
        <g class=class>
            <a href=href aria-label=arrow.title.clone() on:click=follow>
                <title>{arrow.title.clone()}</title>
                <path class="reach" d=arrow.path.clone()></path>
                <path class="flow" d=arrow.path.clone()></path>
                <path class="head" d=arrow.head.clone()></path>
                {broken}
                {label}
            </a>
        </g>
    }
    .into_any()
}

/// The picture in words.
fn words(picture: &Picture, text: CommonText) -> String {
    let mut said = Vec::new();
    if let Some((name, state)) = &picture.entry {
        said.push(text.picture_entry(name, text.state(*state)));
    }
    for node in &picture.nodes {
        said.push(match node.state {
            Some(state) => format!("{}: {}", node.name, text.state(state)),
            None => node.name.clone(),
        });
    }
    for link in &picture.links {
        if let (Some(from), Some(to)) = (picture.nodes.get(link.source), picture.nodes.get(link.destination))
        {
            said.push(format!("{} → {}: {}", from.name, to.name, text.state(link.state)));
        }
    }
    said.join(". ")
}
