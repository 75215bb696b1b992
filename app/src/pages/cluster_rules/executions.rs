//! What the rules did, newest first. While the page is open it is read again every few seconds.

use std::time::Duration;

use leptos::prelude::*;
use model::{
    ids::ClusterId,
    rule::{ExecutionPage, ExecutionQuery, ExecutionState, ExecutionView},
    say::duration,
};

use super::execution_mark;
use crate::{
    api::{Answer, rules::read_executions},
    pages::{deed::Deed, parts::part},
    routes,
    text::rules::RulesText,
    ui::{ActionButton, Choice, Described, EmptyState, Moment, SelectField, StateMark},
    visit::locale,
};

/// How often the newest are read again.
const EVERY: Duration = Duration::from_secs(4);

/// The panel with its filter.
pub(super) fn panel(
    cluster: ClusterId,
    data: Resource<Answer<ExecutionPage>>,
    newest: RwSignal<Vec<ExecutionView>>,
) -> AnyView {
    let text = RulesText::current();
    view! {
        <section class="grid gap-2 min-w-0" aria-labelledby="executions-title">
            <div>
                <h2 id="executions-title" class="section-title">{text.executions()}</h2>
                <p class="quiet">{text.executions_lede()}</p>
            </div>
            {part(data, move |first| list(first, cluster.clone(), newest))}
        </section>
    }
    .into_any()
}

fn list(first: ExecutionPage, cluster: ClusterId, newest: RwSignal<Vec<ExecutionView>>) -> AnyView {
    let text = RulesText::current();
    let (rows, more) = (RwSignal::new(first.rows), RwSignal::new(first.more));
    let state = RwSignal::new(String::new());
    let query = move || ExecutionQuery {
        state: state.with(|word| ExecutionState::parse(word)),
        ..ExecutionQuery::default()
    };
    // What is chosen does not wait for what is only read again.
    let (reading, choosing, older) = (Deed::new(), Deed::new(), Deed::new());
    let again = {
        let cluster = cluster.clone();
        StoredValue::new(move |fresh: bool| {
            let wanted = untrack(query);
            let all = wanted == ExecutionQuery::default();
            let deed = if fresh { choosing } else { reading };
            deed.run(read_executions(Some(cluster.clone()), wanted.clone()), move |page| {
                // The page may be gone by now, or another state chosen.
                let now = state.try_with_untracked(|word| ExecutionState::parse(word));
                if now.is_none_or(|now| now != wanted.state) {
                    return;
                }
                if all {
                    newest.set(page.rows.clone());
                }
                rows.update(|all| take_over(all, page.rows, fresh));
                if fresh {
                    more.set(page.more);
                }
            });
        })
    };
    Effect::new(move |before: Option<String>| {
        let now = state.get();
        if before.is_some_and(|b| b != now) {
            again.with_value(|again| again(true));
        }
        now
    });
    follow(move || again.with_value(|again| again(false)));
    let load = {
        let cluster = cluster.clone();
        move || {
            let after = rows.with_untracked(|all| all.last().map(|e| (e.started_ms, e.node.clone(), e.id)));
            let query = ExecutionQuery { after, ..untrack(query) };
            older.run(read_executions(Some(cluster.clone()), query), move |page| {
                more.set(page.more);
                rows.update(|all| all.extend(page.rows));
            });
        }
    };
    let (load, cluster) = (StoredValue::new(load), StoredValue::new(cluster));
    let choices = std::iter::once(Choice::new("", text.any()))
        .chain(ExecutionState::ALL.map(|s| Choice::new(s.as_str(), text.state(s))))
        .collect::<Vec<_>>();
    let none = move || {
        if state.with(String::is_empty) {
            view! { <EmptyState title=text.none_yet() text=text.none_yet_text() /> }.into_any()
        } else {
            view! { <EmptyState title=text.none_found() text=text.none_yet_text() /> }.into_any()
        }
    };
    view! {
        <div class="max-w-56">
            <SelectField described=Described::new("execution-state", text.filter()) value=state choices />
        </div>
        <Show when=move || rows.with(|all| !all.is_empty()) fallback=none>
            <div class="panel min-w-0">
                <div class="scrolls relative rounded-(--radius-box)" tabindex="0" role="region" aria-label=text.table()>
                    <table class="data-table boxes-on-phone" role="table">
                        <thead role="rowgroup">
                            <tr role="row">
                                <th scope="col" role="columnheader">{text.rule()}</th>
                                <th scope="col" role="columnheader">{text.way()}</th>
                                <th scope="col" role="columnheader">{text.tasks()}</th>
                                <th scope="col" role="columnheader">{text.started()}</th>
                                <th scope="col" role="columnheader">{text.took()}</th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">
                            <For each=move || rows.get() key=key let(row)>
                                {cluster.with_value(|cluster| one(&row, cluster))}
                            </For>
                        </tbody>
                    </table>
                </div>
            </div>
        </Show>
        <Show when=move || more.get()>
            <div>
                <ActionButton
                    label=text.older()
                    busy=older.busy()
                    on_press=move || load.with_value(|load| load())
                />
            </div>
        </Show>
        {reading.trouble(&[])}
        {choosing.trouble(&[])}
        {older.trouble(&[])}
    }
    .into_any()
}

/// Calls `work` every few seconds until the part that asked is gone; only in a browser.
pub(crate) fn follow(work: impl Fn() + 'static) {
    Effect::new({
        let work = std::rc::Rc::new(work);
        move |_| {
            let work = std::rc::Rc::clone(&work);
            if let Ok(timer) = set_interval_with_handle(move || work(), EVERY) {
                on_cleanup(move || timer.clear());
            }
        }
    });
}

/// Puts the newest in their places; rows that are older than them stay.
fn take_over(all: &mut Vec<ExecutionView>, newest: Vec<ExecutionView>, fresh: bool) {
    if !fresh {
        let there = |e: &ExecutionView| newest.iter().any(|n| n.node == e.node && n.id == e.id);
        let oldest = newest.last().map(|e| e.started_ms);
        let rest: Vec<ExecutionView> =
            all.drain(..).filter(|e| !there(e) && oldest.is_some_and(|ms| e.started_ms <= ms)).collect();
        all.extend(newest);
        all.extend(rest);
    } else {
        *all = newest;
    }
}

/// What makes a row another one: everything of it that changes.
fn key(row: &ExecutionView) -> (String, i64, ExecutionState, [u64; 4], Option<i64>) {
    let counts = [row.total, row.failed, row.in_progress, row.stopped];
    (row.node.to_string(), row.id, row.state, counts, row.ended_ms)
}

fn one(row: &ExecutionView, cluster: &ClusterId) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let way = row
        .link
        .as_ref()
        .map(|l| text.pushes(l.source.as_str(), l.destination.as_str()))
        .unwrap_or_else(|| row.node.to_string());
    let took = row.ended_ms.map(|end| duration((end - row.started_ms).max(0)).into_text(locale));
    let why = (!row.why.is_empty() && row.failed == 0 && row.total == 0).then(|| row.why.clone());
    let failed = (row.failed > 0).then(|| format!(" · {}", text.tasks_failed(row.failed)));
    view! {
        <tr role="row">
            <th scope="row" role="rowheader">
                <span class="inline-flex items-center gap-1.5 text-base-content">
                    <StateMark mark=execution_mark(row.state) label="" />
                    <a class="plain-link font-medium" href=routes::execution(cluster, &row.node, row.id)>
                        {text.execution(row.id)}
                        <span class="sr-only">" " {way.clone()}</span>
                    </a>
                    <span class="quiet">{text.state(row.state)}</span>
                </span>
                <span class="block quiet small break-all">{row.rule.clone()} " · " {text.by(row.trigger)}</span>
                {why.map(|why| view! { <span class="block quiet small break-words line-clamp-2">{why}</span> })}
            </th>
            <td role="cell" class="whitespace-nowrap">{way}</td>
            <td role="cell" class="num whitespace-nowrap">
                {(row.total > 0).then(|| text.tasks_of(row.over(), row.total))}
                {failed}
            </td>
            <td role="cell" class="num"><Moment at_ms=row.started_ms /></td>
            <td role="cell" class="num whitespace-nowrap">{took}</td>
        </tr>
    }
    .into_any()
}
