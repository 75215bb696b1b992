//! What a node was: answer times, history, and what happened on it.

use leptos::prelude::*;
use model::{
    HistorySpan,
    ids::NodeId,
    live::{Happening, LiveEvent},
};

use crate::{
    api::{
        activity::read_activity,
        node::{node_history, node_latency},
        types::ActivityFilter,
    },
    live::Live,
    pages::{
        activity::EventRow,
        board::RangeSwitch,
        parts::{every, part},
    },
    routes,
    text::{common::CommonText, node::NodeText},
    ui::{HistoryBar, LatencyLine},
};

/// Rows of the short list of what happened.
const ROWS: usize = 12;

/// The answer times of the last hour as a line, with the median.
#[component]
pub(super) fn AnswerTimes(
    /// Whose.
    node: NodeId,
    /// Its name, for those who hear the page.
    name: String,
) -> impl IntoView {
    let text = NodeText::current();
    let minute = every(1);
    let points = Resource::new(move || minute.get(), move |_| node_latency(node.clone()));
    view! {
        <section class="panel panel-body grid gap-2" aria-labelledby="times">
            <h2 id="times" class="section-title">{text.answer_time()}</h2>
            {part(points, move |points| {
                let Some(middle) = median(&points) else {
                    return view! { <p class="quiet small">{text.no_line()}</p> }.into_any();
                };
                let words = text.median(middle);
                let label = text.line_of(&name, &words);
                let points = Signal::stored(points);
                view! {
                    <p class="quiet small">{words}</p>
                    <LatencyLine label points />
                }
                .into_any()
            })}
        </section>
    }
}

/// The middle answer time; `None` where nothing answered.
pub(crate) fn median(points: &[Option<u32>]) -> Option<u32> {
    let mut known: Vec<u32> = points.iter().flatten().copied().collect();
    known.sort_unstable();
    known.get(known.len() / 2).copied()
}

/// The newest of what happened there, growing while one looks.
#[component]
pub(crate) fn Happened(
    /// On which node or cluster.
    of: ActivityFilter,
) -> impl IntoView {
    let text = NodeText::current();
    let filter = of.clone();
    let first = Resource::new(|| (), move |()| read_activity(filter.clone(), None));
    let all = match (&of.node, &of.cluster) {
        (Some(node), _) => format!("{}?node={node}", routes::ACTIVITY),
        (None, Some(cluster)) => format!("{}?cluster={cluster}", routes::ACTIVITY),
        (None, None) => routes::ACTIVITY.to_owned(),
    };
    view! {
        <section class="panel" aria-labelledby="happened">
            <div class="panel-head">
                <h2 id="happened">{text.happened()}</h2>
                <a class="panel-aside" href=all>{text.all_activity()}</a>
            </div>
            {part(first, move |page| {
                let rows = RwSignal::new(page.rows);
                rows.update(|all| all.truncate(ROWS));
                let of = of.clone();
                Live::current().on(move |event| match event {
                    LiveEvent::Happened { event } if belongs(&event, &of) => rows.update(|all| {
                        if all.first().is_none_or(|newest| newest.id < event.id) {
                            all.insert(0, event);
                            all.truncate(ROWS);
                        }
                    }),
                    LiveEvent::Reset => first.refetch(),
                    _ => {}
                });
                let some = Memo::new(move |_| rows.with(|all| !all.is_empty()));
                view! {
                    <Show
                        when=move || some.get()
                        fallback=move || view! { <p class="panel-row quiet">{text.nothing_happened()}</p> }
                    >
                        <For each=move || rows.get() key=|event| event.id let(event)>
                            <EventRow event with_day=true />
                        </For>
                    </Show>
                }
                .into_any()
            })}
        </section>
    }
}

fn belongs(event: &Happening, of: &ActivityFilter) -> bool {
    (of.node.is_none() || event.node == of.node) && (of.cluster.is_none() || event.cluster == of.cluster)
}

/// The history as bars, over the time span chosen in the address.
#[component]
pub(super) fn History(
    /// Whose.
    node: NodeId,
    /// Its name.
    name: String,
    /// The time span.
    range: Memo<HistorySpan>,
) -> impl IntoView {
    let (text, common) = (NodeText::current(), CommonText::current());
    let tenth = every(10);
    let bars = Resource::new(
        move || (range.get(), tenth.get()),
        move |(range, _)| {
            let node = node.clone();
            async move { node_history(node, range).await }
        },
    );
    view! {
        <section class="panel panel-body grid gap-4" aria-labelledby="history">
            <div class="flex flex-wrap items-baseline justify-between gap-3">
                <h2 id="history" class="section-title">{text.history()}</h2>
                <RangeSwitch range href=|range| format!("?range={}", range.as_str()) />
            </div>
            {part(bars, move |buckets| {
                let buckets = Signal::stored(buckets);
                let from = Signal::derive(move || common.begins(range.get()).to_owned());
                view! { <HistoryBar name=name.clone() buckets from /> }.into_any()
            })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn median_leaves_gaps_out() {
        assert_eq!(median(&[None, Some(900), Some(40), None, Some(41)]), Some(41));
        assert_eq!(median(&[None]), None);
    }
}
