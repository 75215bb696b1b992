//! What somebody should look at, with its cure: why nodes and the entry are not up, then warnings.

use leptos::prelude::*;
use model::{
    Locale, Say,
    health::{ClusterHealth, HealthState},
};

use crate::{
    pages::parts::bare,
    text::{cluster::ClusterText, common::CommonText},
    ui::{Mark, StateMark},
    visit::locale,
};

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Look {
    bad: bool,
    whose: String,
    what: String,
    next: String,
}

/// The list; nothing where all is well.
#[component]
pub(super) fn Looks(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
) -> impl IntoView {
    let (text, common, locale) = (ClusterText::current(), CommonText::current(), locale());
    let looks = Memo::new(move |_| now.with(|c| looks(c, text, common, locale)));
    view! {
        <Show when=move || looks.with(|all| !all.is_empty())>
            <section class="panel" aria-labelledby="look">
                <div class="panel-head">
                    <h2 id="look">{text.look()}</h2>
                </div>
                <ul aria-live="polite">
                    <For each=move || looks.get() key=Look::clone let(look)>
                        {one(look, text)}
                    </For>
                </ul>
            </section>
        </Show>
    }
}

fn one(look: Look, text: ClusterText) -> AnyView {
    let mark = if look.bad { Mark::Bad } else { Mark::Warn };
    view! {
        <li class="panel-row border-t border-base-300">
            <StateMark mark label="" />
            <div class="min-w-0 basis-0 grow">
                <p>
                    <strong class="font-semibold">{text.of_node(&look.whose)}</strong>
                    " "
                    {look.what}
                </p>
                {(!look.next.is_empty()).then(|| view! { <p class="quiet small">{look.next}</p> })}
            </div>
        </li>
    }
    .into_any()
}

fn looks(cluster: &ClusterHealth, text: ClusterText, common: CommonText, locale: Locale) -> Vec<Look> {
    let pick = |say: Option<&Say>| say.map(|s| s.pick(locale).to_owned());
    let look = |state: HealthState, whose: &str, reason: Option<&Say>, next: Option<&Say>| {
        let bad = matches!(state, HealthState::Down | HealthState::Unreachable);
        (bad || state == HealthState::Degraded).then(|| Look {
            bad,
            whose: whose.to_owned(),
            what: pick(reason).unwrap_or_else(|| common.state(state).to_owned()),
            next: pick(next).unwrap_or_default(),
        })
    };
    let entry = cluster
        .entry
        .as_ref()
        .and_then(|e| look(e.state, &text.entry_named(bare(&e.address)), e.reason.as_ref(), e.next.as_ref()));
    let nodes = cluster
        .nodes
        .iter()
        .filter_map(|n| look(n.state, n.name.as_str(), n.reason.as_ref(), n.next.as_ref()));
    let warnings = cluster.nodes.iter().flat_map(|n| {
        n.warnings.iter().map(|w| Look {
            bad: false,
            whose: n.name.to_string(),
            what: w.text.pick(locale).to_owned(),
            next: w.next.pick(locale).to_owned(),
        })
    });
    let mut all: Vec<Look> = entry.into_iter().chain(nodes).collect();
    all.sort_by_key(|l| !l.bad);
    all.extend(warnings);
    all
}
