//! What the nodes were: answer times of the last hour, and histories as bars.

use leptos::prelude::*;
use model::{
    HistorySpan,
    health::{ClusterHealth, reachable},
    ids::NodeId,
};

use crate::{
    api::{
        clusters::{cluster_history, cluster_latency},
        types::{HistoryRow, LatencyRow},
    },
    pages::{
        board::RangeSwitch,
        node::times::median,
        parts::{bare, every, part},
    },
    text::{cluster::ClusterText, common::CommonText},
    ui::{HistoryBar, LatencyLine},
};

/// Lines that are seen at once; the others can be opened.
const LINES: usize = 4;

/// The answer times of each node.
#[component]
pub(super) fn AnswerTimes(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
) -> impl IntoView {
    let text = ClusterText::current();
    let minute = every(1);
    let id = now.with_untracked(|c| c.id.clone());
    let rows = Resource::new(move || minute.get(), move |_| cluster_latency(id.clone()));
    view! {
        <section class="panel panel-body grid gap-2" aria-labelledby="times">
            <h2 id="times" class="section-title">{text.answer_time()}</h2>
            {part(rows, move |mut rows| {
                let rest = rows.split_off(rows.len().min(LINES));
                let more = rest.len();
                let draw = move |rows: Vec<LatencyRow>| rows.into_iter().map(|r| line(r, now, text)).collect_view();
                view! {
                    {draw(rows)}
                    {(more > 0).then(|| view! {
                        <details>
                            <summary class="quiet small cursor-pointer">{text.more_nodes(more)}</summary>
                            <div class="grid gap-2 pt-2">{draw(rest)}</div>
                        </details>
                    })}
                }
                .into_any()
            })}
        </section>
    }
}

fn name_of(now: RwSignal<ClusterHealth>, node: &NodeId) -> String {
    let name = now.with_untracked(|c| c.nodes.iter().find(|n| n.id == *node).map(|n| n.name.to_string()));
    name.unwrap_or_default()
}

fn line(row: LatencyRow, now: RwSignal<ClusterHealth>, text: ClusterText) -> AnyView {
    let name = name_of(now, &row.node);
    let Some(middle) = median(&row.points) else {
        return view! { <p class="quiet small">{text.no_answer(&name)}</p> }.into_any();
    };
    let words = text.median(&name, middle);
    view! {
        <div>
            <p class="quiet small num">{words.clone()}</p>
            <LatencyLine label=words points=Signal::stored(row.points) />
        </div>
    }
    .into_any()
}

/// The histories of the entry and of each node, over the time span chosen in the address.
#[component]
pub(super) fn Histories(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
    /// The time span.
    range: Memo<HistorySpan>,
) -> impl IntoView {
    let text = ClusterText::current();
    let tenth = every(10);
    let id = now.with_untracked(|c| c.id.clone());
    let rows = Resource::new(
        move || (range.get(), tenth.get()),
        move |(range, _)| cluster_history(id.clone(), range),
    );
    view! {
        <section class="panel panel-body grid gap-4" aria-labelledby="history">
            <div class="flex flex-wrap items-baseline justify-between gap-3">
                <h2 id="history" class="section-title">{text.history()}</h2>
                <RangeSwitch range href=|range| format!("?range={}", range.as_str()) />
            </div>
            {part(rows, move |rows| {
                let last = rows.len().saturating_sub(1);
                rows.into_iter()
                    .enumerate()
                    .map(|(i, row)| history(row, now, range, i < last))
                    .collect_view()
                    .into_any()
            })}
        </section>
    }
}

/// One history; only the last one shows the scale at all times.
fn history(
    row: HistoryRow,
    now: RwSignal<ClusterHealth>,
    range: Memo<HistorySpan>,
    compact: bool,
) -> AnyView {
    let (text, common) = (ClusterText::current(), CommonText::current());
    let name = match &row.node {
        Some(node) => name_of(now, node),
        None => {
            let address = now.with_untracked(|c| {
                c.entry.as_ref().map(|e| bare(&e.address).to_owned()).unwrap_or_default()
            });
            text.entry_named(&address)
        }
    };
    let share = common.reachable(reachable(&row.buckets));
    let from = Signal::derive(move || common.begins(range.get()).to_owned());
    view! {
        <div>
            <p class="mb-1 flex flex-wrap justify-between gap-x-4 small">
                <span class="min-w-0">{name.clone()}</span>
                <span class="quiet num">{share}</span>
            </p>
            <HistoryBar name buckets=Signal::stored(row.buckets) from compact />
        </div>
    }
    .into_any()
}
