//! The links: how far each is, what ran over it last, and the way to what differs. The drawing says the same at a
//! glance.

use leptos::prelude::*;
use model::{Link, health::ClusterHealth, live::LiveEvent, rule::LinksView};

use crate::{
    api::rules::read_links,
    live::Live,
    pages::{
        cluster_rules::execution_mark,
        deed::Deed,
        drift::sentence,
        parts::{every, part},
    },
    routes,
    text::{cluster::ClusterText, common::CommonText, drift::DriftText, rules::RulesText},
    ui::{Ago, Mark, Moment, StateMark},
    visit::alive,
};

/// The panel, for clusters whose nodes copy.
#[component]
pub(super) fn Links(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
    /// What was read, for the drawing.
    known: RwSignal<Option<LinksView>>,
) -> impl IntoView {
    let (text, common) = (ClusterText::current(), CommonText::current());
    let id = now.with_untracked(|c| c.id.clone());
    // What the rules did is not told by an event.
    let (minute, reading) = (every(1), Deed::new());
    let data = {
        let id = id.clone();
        Resource::new(|| (), move |()| read_links(Some(id.clone())))
    };
    // Only once the page is alive: the server has drawn it without.
    let alive = alive();
    Effect::new(move |_| {
        if alive.get()
            && let Some(Ok(view)) = data.get()
        {
            known.set(Some(view));
        }
    });
    // Read again in place, so that nobody loses the link that the keyboard is on.
    let again = {
        let id = id.clone();
        move || reading.run(read_links(Some(id.clone())), move |view| known.set(Some(view)))
    };
    let each_minute = again.clone();
    Effect::new(move |before: Option<i64>| {
        let now = minute.get();
        if before.is_some_and(|before| before != now) {
            each_minute();
        }
        now
    });
    Live::current().on(move |event| match event {
        LiveEvent::Pair { pair } => {
            known.update(|known| {
                if let Some(view) = known {
                    view.follow(&pair);
                }
            });
        }
        LiveEvent::Run { run } if run.state.is_final() => again(),
        LiveEvent::Reset => again(),
        _ => {}
    });
    view! {
        <section class="panel min-w-0" aria-labelledby="links">
            <div class="panel-head">
                <h2 id="links">{text.links()}</h2>
                <p class="panel-aside flex flex-wrap gap-x-4">
                    <a href=routes::rules_of(&id)>{common.rules()}</a>
                    <a href=routes::endpoints(&id)>{text.endpoints()}</a>
                </p>
            </div>
            {part(data, move |first| {
                let view = Memo::new(move |_| known.get().unwrap_or_else(|| first.clone()));
                let links = Memo::new(move |_| view.with(|v| v.links.clone()));
                view! {
                    <ul>
                        <For each=move || links.get() key=Link::to_string let(link)>
                            {one(link, view, now)}
                        </For>
                    </ul>
                }
                .into_any()
            })}
        </section>
    }
}

fn one(link: Link, view: Memo<LinksView>, now: RwSignal<ClusterHealth>) -> AnyView {
    let text = CommonText::current();
    let state = {
        let link = link.clone();
        Memo::new(move |_| {
            now.with(|c| c.links.iter().find(|l| l.link == link).map(|l| l.state)).unwrap_or_default()
        })
    };
    let way = format!("{} → {}", link.source, link.destination);
    let (of_pair, of_run, of_fence) = (link.clone(), link.clone(), link.clone());
    let pair = Memo::new(move |_| view.with(|v| v.pair_of(&of_pair).map(|p| p.id.clone())));
    let name = move || match pair.get() {
        Some(id) => {
            view! { <a class="plain-link font-medium" href=routes::pair(&id)>{way.clone()}</a> }.into_any()
        }
        None => view! { <span class="font-medium">{way.clone()}</span> }.into_any(),
    };
    view! {
        <li class="panel-row border-t border-base-300">
            <StateMark
                mark=Signal::derive(move || Mark::from(state.get()))
                label=Signal::derive(move || text.state(state.get()).to_owned())
            />
            <div class="grid gap-0.5 min-w-0 basis-0 grow">
                <p class="break-words">{name}</p>
                <p class="small">{move || view.with(|v| lag(v, &link))}</p>
                <p class="small">{move || view.with(|v| held(v, &of_fence))}</p>
                <p class="small quiet flex flex-wrap items-center gap-x-1.5">
                    {move || view.with(|v| last_run(v, &of_run, now))}
                </p>
            </div>
        </li>
    }
    .into_any()
}

/// Up to when the destination holds everything, and how much differs between the two.
fn lag(view: &LinksView, link: &Link) -> AnyView {
    let text = DriftText::current();
    let Some(pair) = view.pair_of(link) else { return text.never_compared().into_any() };
    let to = link.destination.as_str();
    let held = match pair.holds_ms_of(&link.destination) {
        Some(ms) if Some(ms) == pair.read_ms => view! { {text.holds_all(to)} " · " }.into_any(),
        Some(ms) => view! { {text.holds_up_to(to)} " " <Moment at_ms=ms /> " · " }.into_any(),
        None => ().into_any(),
    };
    view! { {held} {sentence(pair, text)} }.into_any()
}

/// Why it copies nothing, where something is held.
fn held(view: &LinksView, link: &Link) -> Option<String> {
    let fences = &view.pair_of(link)?.fences;
    fences.iter().find(|fence| fence.holds(link)).map(|fence| DriftText::current().held(fence))
}

/// What ran over it last; each leads to its execution.
fn last_run(view: &LinksView, link: &Link, now: RwSignal<ClusterHealth>) -> AnyView {
    let text = RulesText::current();
    let Some(last) = view.last_of(link) else { return text.no_execution().into_any() };
    let cluster = now.with_untracked(|c| c.id.clone());
    view! {
        <span>{text.last()}</span>
        <StateMark mark=execution_mark(last.state) label="" />
        <a href=routes::execution(&cluster, &last.node, last.id)>{text.state(last.state)}</a>
        <Ago at_ms=last.started_ms />
    }
    .into_any()
}
