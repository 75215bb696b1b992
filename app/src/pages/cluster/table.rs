//! All nodes side by side: what was asked stands in the rows, each node in a column.

use leptos::prelude::*;
use model::{
    health::{ClusterHealth, HealthState},
    ids::{ClusterId, NodeId},
};

use crate::{
    clock::Clock,
    pages::{
        node::facts::{Line, lines},
        parts::bare,
    },
    routes,
    text::{cluster::ClusterText, common::CommonText, node::NodeText},
    ui::{Ago, Mark, StateMark},
    visit::locale,
};

const HOUR_MS: i64 = 3_600_000;

/// What is known of each node, in the order of the cluster.
type Columns = Vec<(NodeId, Vec<Line>)>;

/// The table.
#[component]
pub(super) fn NodeTable(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
) -> impl IntoView {
    let (text, locale) = (ClusterText::current(), locale());
    let (words, common, clock) = (NodeText::current(), CommonText::current(), Clock::current());
    // Days count down, but not every second.
    let hour = Memo::new(move |_| clock.now.get().div_euclid(HOUR_MS) * HOUR_MS);
    let columns = Memo::new(move |_| {
        let hour = hour.get();
        let date = |ms| clock.local(ms).date(locale);
        now.with(|c| {
            let column = |n| lines(n, hour, words, common, date);
            c.nodes.iter().map(|n| (n.id.clone(), column(n))).collect::<Columns>()
        })
    });
    let ids =
        Memo::new(move |_| columns.with(|all| all.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()));
    let labels = Memo::new(move |_| columns.with(union));
    let cluster = now.with_untracked(|c| c.id.clone());
    view! {
        <div class="panel min-w-0">
            // Wider than a phone from three nodes on: it scrolls by itself, also by keyboard.
            <div class="scrolls relative rounded-(--radius-box)" tabindex="0" role="region" aria-label=text.now()>
                <table class="data-table">
                    <thead>
                        <tr>
                            <td class="sticky left-0 bg-base-100"></td>
                            <For each=move || ids.get() key=NodeId::clone let(id)>
                                {column_head(id, &cluster, now)}
                            </For>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || labels.get() key=String::clone let(label)>
                            <tr>
                                <th scope="row" class="sticky left-0 bg-base-100">
                                    {label.clone()}
                                </th>
                                <For each=move || ids.get() key=NodeId::clone let(id)>
                                    {cell(id, label.clone(), columns)}
                                </For>
                            </tr>
                        </For>
                    </tbody>
                </table>
            </div>
            <EntryLine now />
        </div>
    }
}

/// Every label once: those of the first node, and what other nodes have beside them behind what it follows there.
fn union(columns: &Columns) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for (_, lines) in columns {
        let mut place = 0;
        for line in lines {
            match labels.iter().position(|l| *l == line.label) {
                Some(at) => place = at + 1,
                None => {
                    labels.insert(place, line.label.clone());
                    place += 1;
                }
            }
        }
    }
    labels
}

fn column_head(id: NodeId, cluster: &ClusterId, now: RwSignal<ClusterHealth>) -> AnyView {
    let common = CommonText::current();
    let href = routes::node(cluster, &id);
    let node = Memo::new(move |_| {
        now.with(|c| {
            c.nodes.iter().find(|n| n.id == id).map(|n| (n.name.to_string(), n.state, n.checking, n.seen_ms))
        })
        .unwrap_or_default()
    });
    let name = Memo::new(move |_| node.with(|n| n.0.clone()));
    let state = Memo::new(move |_| node.with(|n| n.1));
    let checking = Memo::new(move |_| node.with(|n| n.2));
    let seen = Memo::new(move |_| node.with(|n| n.3));
    view! {
        <th scope="col" class="min-w-40">
            <a class="plain-link inline-flex gap-2 text-base-content" href=href>
                <StateMark
                    mark=Signal::derive(move || Mark::from(state.get()))
                    label=Signal::derive(move || common.state(state.get()).to_owned())
                />
                <span>{move || name.get()}</span>
            </a>
            <span class="block font-normal small">
                {move || match (checking.get(), seen.get() == 0) {
                    (true, _) => common.checking().into_any(),
                    (false, true) => common.never().into_any(),
                    (false, false) => view! { <Ago at_ms=seen /> }.into_any(),
                }}
            </span>
        </th>
    }
    .into_any()
}

fn cell(id: NodeId, label: String, columns: Memo<Columns>) -> AnyView {
    let words = NodeText::current();
    let line = Memo::new(move |_| {
        columns.with(|all| {
            let (_, lines) = all.iter().find(|(node, _)| *node == id)?;
            lines.iter().find(|l| l.label == label).cloned()
        })
    });
    view! {
        <td>
            {move || match line.get() {
                Some(line) => view! {
                    <span class="flex gap-2">
                        <StateMark mark=line.mark label="" />
                        <span class="min-w-0">{line.value}</span>
                    </span>
                }
                .into_any(),
                None => view! {
                    <span class="quiet" aria-hidden="true">"–"</span>
                    <span class="sr-only">{words.not_known()}</span>
                }
                .into_any(),
            }}
        </td>
    }
    .into_any()
}

/// The entry below the nodes that stand behind it: answer time, certificate, age.
#[component]
fn EntryLine(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
) -> impl IntoView {
    let (text, common, clock) = (ClusterText::current(), CommonText::current(), Clock::current());
    let entry = Memo::new(move |_| {
        now.with(|c| c.entry.as_ref().map(|e| (bare(&e.address).to_owned(), e.state, e.checking)))
    });
    let seen = Memo::new(move |_| now.with(|c| c.entry.as_ref().map_or(0, |e| e.seen_ms)));
    let facts = Memo::new(move |_| {
        let (latency, end) =
            now.with(|c| c.entry.as_ref().map_or((None, None), |e| (e.latency_ms, e.cert_not_after_ms)));
        let days = end.map(|end| (end - clock.now.get()).div_euclid(24 * HOUR_MS).max(0));
        let certificate = days.map(|days| format!("{} {}", text.certificate(), common.days(days)));
        latency.map(|ms| common.ms(ms)).into_iter().chain(certificate).collect::<Vec<_>>().join(" · ")
    });
    move || {
        entry.get().map(|(address, state, checking): (String, HealthState, bool)| {
            view! {
                <p class="panel-row border-t border-base-300">
                    <StateMark mark=Mark::from(state) label=common.state(state).to_owned() />
                    <span class="min-w-0">{text.entry_named(&address)}</span>
                    <span class="panel-aside">
                        {move || facts.get()}
                        " · "
                        {move || match (checking, seen.get() == 0) {
                            (true, _) => common.checking().into_any(),
                            (false, true) => common.never().into_any(),
                            (false, false) => view! { <Ago at_ms=seen /> }.into_any(),
                        }}
                    </span>
                </p>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(id: char, labels: &[&str]) -> (NodeId, Vec<Line>) {
        let id = NodeId::parse(&format!("0193a1b2-0000-7000-8000-00000000000{id}")).unwrap();
        let line = |l: &&str| Line { label: (*l).to_owned(), mark: Mark::Good, value: String::new() };
        (id, labels.iter().map(line).collect())
    }

    #[test]
    fn union_puts_a_part_of_one_node_where_it_stands_there() {
        let columns = vec![
            column('a', &["Answers", "core", "Clock"]),
            column('b', &["Answers", "core", "trivy", "Clock"]),
        ];
        assert_eq!(union(&columns), ["Answers", "core", "trivy", "Clock"]);
        // The first node is away and names no parts.
        let columns = vec![column('a', &["Answers", "Clock"]), column('b', &["Answers", "core", "Clock"])];
        assert_eq!(union(&columns), ["Answers", "core", "Clock"]);
    }
}
