//! How many differences there were over time: a line of steps, and the same as a table.

use leptos::prelude::*;
use model::{
    HistorySpan,
    drift::{DriftHistory, HistoryStep},
    say::count,
};

use super::Past;
use crate::{
    pages::parts::{anew, refusal},
    text::{common::CommonText, drift::DriftText},
    ui::Moment,
};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 40.0;
/// Most rows of the table, the newest first.
const ROWS: usize = 200;

pub(super) fn history(past: Past) -> AnyView {
    let (text, common) = (DriftText::current(), CommonText::current());
    let Past { span, data } = past;
    let open = RwSignal::new(false);
    let spans = HistorySpan::ALL.map(|one| {
        view! {
            <button
                class="btn btn-sm font-normal"
                class:btn-neutral=move || span.get() == one
                class:btn-outline=move || span.get() != one
                type="button"
                aria-pressed=move || (span.get() == one).to_string()
                on:click=move |_| span.set(one)
            >
                {common.span(one)}
            </button>
        }
    });
    view! {
        <section class="panel panel-body grid gap-3" aria-labelledby="history-title">
            <div class="flex flex-wrap items-center justify-between gap-3">
                <h2 class="section-title" id="history-title">{text.history()}</h2>
                <div class="flex flex-wrap gap-2" role="group" aria-label=common.range()>{spans.collect_view()}</div>
            </div>
            <Transition>
                {anew(move || Suspend::new(async move {
                    match data.await {
                        Ok(known) => shown(known, open),
                        Err(error) => refusal(&error),
                    }
                }))}
            </Transition>
        </section>
    }
    .into_any()
}

fn shown(known: DriftHistory, open: RwSignal<bool>) -> AnyView {
    let text = DriftText::current();
    let Some(last) = known.steps.last().cloned() else {
        return view! { <p class="quiet">{text.history_none()}</p> }.into_any();
    };
    let most = known.most().cloned().filter(|most| most.total > 0);
    let drawn = path(&known);
    let (from_ms, label) = (known.from_ms, text.history_line(&count(most.as_ref().map_or(0, |m| m.total))));
    let most = most.map(|most| {
        view! { <span class="me-4">{text.history_most(&count(most.total))} " " <Moment at_ms=most.from_ms /></span> }
    });
    let now = match last.total {
        0 => view! { <span>{text.history_equal()} " " <Moment at_ms=last.from_ms /></span> }.into_any(),
        n => {
            view! { <span>{text.history_now(&count(n))} " " <Moment at_ms=last.from_ms /></span> }.into_any()
        }
    };
    let steps = StoredValue::new(known.steps);
    view! {
        <p>{most} {now}</p>
        <div>
            <svg class="spark" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                <path d=drawn></path>
            </svg>
            <div class="history-scale">
                <span><Moment at_ms=from_ms /></span>
                <span>{CommonText::current().now()}</span>
            </div>
        </div>
        <div>
            <button
                class="btn btn-sm btn-outline"
                type="button"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {text.history_table()}
            </button>
        </div>
        <Show when=move || open.get()>{steps.with_value(|steps| rows(steps))}</Show>
    }
    .into_any()
}

fn rows(steps: &[HistoryStep]) -> AnyView {
    let text = DriftText::current();
    let rows = steps.iter().rev().take(ROWS).map(|step| {
        let kinds: Vec<String> =
            step.kinds.iter().map(|one| format!("{} {}", text.kind(one.kind), count(one.count))).collect();
        view! {
            <tr>
                <td><Moment at_ms=step.from_ms /></td>
                <td><Moment at_ms=step.until_ms /></td>
                <td class="num">{count(step.total)}</td>
                <td>{kinds.join(text.history_and())}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let left = (steps.len() > ROWS).then(|| view! { <p class="quiet small">{text.history_newest()}</p> });
    view! {
        <div class="relative overflow-auto max-h-96" role="region" tabindex="0" aria-label=text.history_table()>
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">{text.history_from()}</th>
                        <th scope="col">{text.history_until()}</th>
                        <th scope="col">{text.list()}</th>
                        <th scope="col">{text.history_kinds()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {left}
    }
    .into_any()
}

/// The line: level while as many differed, and broken where nothing was compared.
fn path(known: &DriftHistory) -> String {
    let span = (known.until_ms - known.from_ms).max(1) as f64;
    let most = known.most().map_or(0, |most| most.total).max(1) as f64;
    let x = |ms: i64| (ms - known.from_ms) as f64 / span * WIDTH;
    let mut out = String::new();
    let mut before = None;
    for step in &known.steps {
        let y = (HEIGHT - 2.0) * (1.0 - step.total as f64 / most) + 1.0;
        if before == Some(step.from_ms) {
            out.push_str(&format!("V{y:.1}"));
        } else {
            out.push_str(&format!("M{:.1} {y:.1}", x(step.from_ms)));
        }
        // What was compared once between two gaps is a dot's worth of line.
        out.push_str(&format!("H{:.1}", x(step.until_ms).max(x(step.from_ms) + 1.0)));
        before = Some(step.until_ms);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_level_between_changes_and_broken_where_nothing_was_compared() {
        let step = |from_ms, until_ms, total| HistoryStep { from_ms, until_ms, total, kinds: Vec::new() };
        let steps = vec![step(0, 100, 0), step(100, 150, 4), step(200, 300, 2)];
        let known = DriftHistory { from_ms: 0, until_ms: 300, steps };
        assert_eq!(path(&known), "M0.0 39.0H100.0V1.0H150.0M200.0 20.0H300.0");
    }
}
