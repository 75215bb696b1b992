//! The list itself: a heading per day, a row per happening.

use std::sync::Arc;

use leptos::prelude::*;
use model::{
    health::HealthState,
    ids::{ClusterId, NodeId},
    live::Happening,
    names::ClusterName,
};

use super::name_of;
use crate::{
    clock::{Clock, rfc3339},
    routes,
    text::{activity::ActivityText, common::CommonText},
    ui::{Mark, StateMark},
    visit::locale,
};

/// The names of the clusters that a list links to.
#[derive(Clone, Default)]
pub(crate) struct Names(Arc<[(ClusterId, ClusterName)]>);

impl Names {
    /// Of the clusters there are.
    pub(crate) fn new(clusters: Vec<(ClusterId, ClusterName)>) -> Self {
        Self(clusters.into())
    }

    /// Name and address of what a happening belongs to.
    fn link(self, cluster: Option<&ClusterId>, node: Option<&NodeId>) -> Option<(String, String)> {
        let id = cluster?;
        let name = name_of(&self.0, id)?.to_string();
        Some((name, node.map_or_else(|| routes::cluster(id), |node| routes::node(id, node))))
    }
}

#[derive(Clone, PartialEq)]
enum Line {
    Day(String),
    Event(Happening),
}

impl Line {
    fn key(&self) -> String {
        match self {
            Self::Day(day) => day.clone(),
            Self::Event(event) => event.id.to_string(),
        }
    }
}

/// All rows, newest first, with a heading before the first of each day in the viewer's zone.
#[component]
pub(super) fn DayList(
    /// What happened.
    rows: RwSignal<Vec<Happening>>,
    /// For links.
    names: Names,
) -> impl IntoView {
    let (text, clock, locale) = (ActivityText::current(), Clock::current(), locale());
    let today = Memo::new(move |_| clock.local(clock.now.get()).date(locale));
    let lines = Memo::new(move |_| {
        let today = today.get();
        rows.with(|rows| {
            let mut lines = Vec::with_capacity(rows.len() + 8);
            let mut last = String::new();
            for row in rows {
                let day = clock.local(row.at_ms).date(locale);
                if day != last {
                    let shown = if day == today { text.today().to_owned() } else { day.clone() };
                    lines.push(Line::Day(shown));
                    last = day;
                }
                lines.push(Line::Event(row.clone()));
            }
            lines
        })
    });
    view! {
        <section class="panel" aria-label=text.list()>
            <For each=move || lines.get() key=Line::key let(line)>
                {match line {
                    Line::Day(day) => view! { <h2 class="panel-head">{day}</h2> }.into_any(),
                    Line::Event(event) => view! { <EventRow event names=names.clone() /> }.into_any(),
                }}
            </For>
        </section>
    }
}

/// One row: time, mark, sentence, who, and a link to what it belongs to.
#[component]
pub(crate) fn EventRow(
    /// What happened.
    event: Happening,
    /// For links; without them the row has none.
    #[prop(optional)]
    names: Names,
    /// Put the day before the time where it is not today's: for lists without headings.
    #[prop(optional)]
    with_day: bool,
) -> impl IntoView {
    let (text, clock, locale) = (ActivityText::current(), Clock::current(), locale());
    let Happening { at_ms, state, text: sentence, by, cluster, node, .. } = event;
    let link = names.link(cluster.as_ref(), node.as_ref());
    let time = move || {
        let at = clock.local(at_ms);
        if with_day && !at.same_day(clock.local(clock.now.get())) {
            format!("{} {}", at.day(locale), at.time())
        } else {
            at.time()
        }
    };
    let shown = Memo::new(move |_| time());
    view! {
        <div class="event">
            <time datetime=rfc3339(at_ms) title=move || clock.local(at_ms).exact(locale)>
                {move || shown.get()}
            </time>
            {mark(state, !by.is_empty())}
            <p>
                {sentence.into_text(locale)}
                {(!by.is_empty()).then(|| view! { <span class="quiet">" · "{text.by(&by)}</span> })}
                {link.map(|(name, href)| view! { <span class="quiet">" · "<a href=href>{name}</a></span> })}
            </p>
        </div>
    }
}

/// How serious it was; what is neither good nor bad has a person or a plain sign instead of a state.
fn mark(state: HealthState, by_person: bool) -> AnyView {
    if state == HealthState::Unknown {
        let drawing = if by_person { "/icons.svg#user" } else { "/icons.svg#info" };
        return view! {
            <svg class="mark is-unknown" aria-hidden="true">
                <use href=drawing></use>
            </svg>
        }
        .into_any();
    }
    let label = CommonText::current().state(state).to_owned();
    view! { <StateMark mark=Mark::from(state) label /> }.into_any()
}
