//! Calls listed for a person to read: method, path, body, folded per node.

use leptos::prelude::*;
use model::plan::{PlannedCall, PlannedStep};

use crate::{text::review::ReviewText, visit::locale};

/// The steps of a plan with their calls, one fold per node in the order of the plan.
pub(super) fn calls(steps: &[PlannedStep]) -> AnyView {
    let text = ReviewText::current();
    let mut by_node: Vec<(String, Vec<PlannedStep>)> = Vec::new();
    for step in steps {
        let node = step.node.to_string();
        match by_node.iter_mut().find(|(n, _)| *n == node) {
            Some((_, known)) => known.push(step.clone()),
            None => by_node.push((node, vec![step.clone()])),
        }
    }
    by_node
        .into_iter()
        .map(|(node, steps)| {
            let count = steps.iter().map(|s| s.calls.len()).sum();
            view! {
                <details class="calls">
                    <summary>{text.calls_of(&node, count)}</summary>
                    {steps.iter().map(|s| step(s, text)).collect_view()}
                </details>
            }
        })
        .collect_view()
        .into_any()
}

fn step(step: &PlannedStep, text: ReviewText) -> AnyView {
    let locale = locale();
    let adopts = step.adopts.as_ref().map(|a| text.adopts(a.pick(locale)));
    let home = step.node.clone();
    let calls = step.calls.iter().map(|c| call(c, &home)).collect_view();
    view! {
        <div class="calls-step">
            <p class="font-medium">{step.title.pick(locale).to_owned()}</p>
            {adopts.map(|a| view! { <p class="quiet">{a}</p> })}
            <ol>{calls}</ol>
        </div>
    }
    .into_any()
}

fn call(call: &PlannedCall, home: &model::names::NodeName) -> AnyView {
    let body = call.body.as_ref().and_then(|b| serde_json::to_string_pretty(b).ok());
    // Only a call to another node than the fold's own needs to say so.
    let elsewhere = call.node.as_ref().filter(|n| *n != home).map(|n| format!(" → {n}"));
    view! {
        <li>
            <code class="code">
                <span class="font-semibold">{call.method.clone()}</span>
                " "
                <span class="break-all">{call.path.clone()}</span>
                {elsewhere}
            </code>
            {body.map(|b| view! { <pre class="code calls-body" tabindex="0">{b}</pre> })}
        </li>
    }
    .into_any()
}
