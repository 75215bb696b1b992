//! The rail of a wizard: each step with its own state and a line about it.

use leptos::prelude::*;

use super::{Mark, StateMark};

/// One step of the rail.
#[derive(Clone, PartialEq)]
pub(crate) struct RailStep {
    /// Its name.
    pub(crate) title: String,
    /// What is to say about it: "2 nodes, 1 entry".
    pub(crate) line: String,
    /// Its state; `None` while nothing was done there: its number is shown.
    pub(crate) mark: Option<Mark>,
    /// Where it leads; `None` while it cannot be entered.
    pub(crate) href: Option<String>,
    /// It is the one being shown.
    pub(crate) current: bool,
}

/// The rail. Steps that cannot be entered yet are words, not links.
#[component]
pub(crate) fn StepRail(
    /// What it is called for those who hear it.
    #[prop(into)]
    label: String,
    /// Its steps.
    #[prop(into)]
    steps: Signal<Vec<RailStep>>,
) -> impl IntoView {
    view! {
        <nav aria-label=label>
            <ol class="rail">
                {move || steps.get().into_iter().enumerate().map(|(i, step)| one(i + 1, step)).collect_view()}
            </ol>
        </nav>
    }
}

fn one(number: usize, step: RailStep) -> AnyView {
    let RailStep { title, line, mark, href, current } = step;
    let class = if mark.is_some() && !current { "rail-step is-done" } else { "rail-step" };
    let sign = match mark {
        Some(mark) if !current => view! { <StateMark mark label="" /> }.into_any(),
        _ => view! { <span class="rail-number num" aria-hidden="true">{number}</span> }.into_any(),
    };
    let words = view! {
        <span class="min-w-0">
            <span class="block">{title}</span>
            <span class="block small quiet">{line}</span>
        </span>
    };
    match href {
        Some(href) => view! {
            <li>
                <a class=class href=href aria-current=current.then_some("step")>
                    {sign}
                    {words}
                </a>
            </li>
        }
        .into_any(),
        None => view! {
            <li>
                <span class=class>{sign} {words}</span>
            </li>
        }
        .into_any(),
    }
}
