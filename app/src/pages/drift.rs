//! Drift: every pair of Harbors that should hold the same, and how equal the two are.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    drift::{Kind, PairView},
    live::LiveEvent,
    say::count,
};

use super::{frame::Page, parts::loaded};
use crate::{
    api::{Answer, drift::read_pairs},
    live::Live,
    routes,
    text::{common::CommonText, drift::DriftText},
    ui::{Ago, EmptyState, Mark, StateMark},
};

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct DriftPage;

#[lazy_route]
impl LazyRoute for DriftPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let DriftPage = this;
        let (text, common) = (DriftText::current(), CommonText::current());
        let pairs = Resource::new(|| (), |()| read_pairs());
        view! {
            <Page crumbs=vec![(common.drift().to_owned(), None)]>
                <div>
                    <h1 class="page-title">{common.drift()}</h1>
                    <p class="lede">{text.lede()}</p>
                </div>
                {loaded(pairs, move |first| list(first, pairs))}
            </Page>
        }
        .into_any()
    }
}

fn list(first: Vec<PairView>, data: Resource<Answer<Vec<PairView>>>) -> AnyView {
    let text = DriftText::current();
    let rows = RwSignal::new(first);
    Live::current().on(move |event| match event {
        LiveEvent::Pair { pair } => {
            rows.update(|all| match all.iter_mut().find(|known| known.id == pair.id) {
                Some(known) => known.follow(*pair),
                None => all.push(*pair),
            })
        }
        LiveEvent::ClusterGone { id } => rows.update(|all| all.retain(|known| known.cluster != id)),
        LiveEvent::Reset => data.refetch(),
        _ => {}
    });
    let ids = Memo::new(move |_| rows.with(|all| all.iter().map(|p| p.id.clone()).collect::<Vec<_>>()));
    let empty = move || view! { <EmptyState title=text.empty_title() text=text.empty_text() /> };
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty()) fallback=empty>
            <ul class="panel">
                <For each=move || ids.get() key=|id| id.clone() let(id)>
                    {
                        let row =
                            Memo::new(move |_| rows.with(|all| all.iter().find(|p| p.id == id).cloned()));
                        move || row.get().map(|pair| one(&pair))
                    }
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

fn one(pair: &PairView) -> AnyView {
    let text = DriftText::current();
    view! {
        <li class="panel-row">
            <StateMark mark=mark_of(pair) label="" />
            <span class="min-w-0">
                <a class="plain-link font-medium" href=routes::pair(&pair.id)>
                    {text.pair(pair.a.as_str(), pair.b.as_str(), pair.direction)}
                </a>
                <span class="block quiet small">
                    {sentence(pair, text)} " · " {text.of_cluster(pair.cluster_name.as_str())}
                    {pair.error.is_some().then(|| format!(" · {}", text.failed()))}
                </span>
            </span>
            <span class="panel-aside">{age(pair, text)}</span>
        </li>
    }
    .into_any()
}

/// How equal a pair is, in a sentence.
pub(super) fn sentence(pair: &PairView, text: DriftText) -> String {
    let heal = pair.healable();
    let all = match pair.differences() {
        0 if pair.read_ms.is_none() => return text.never_compared().to_owned(),
        0 => {
            return match pair.of_kind(Kind::Accepted) {
                0 => text.equal().to_owned(),
                n => text.equal_but(&count(n)),
            };
        }
        1 => text.one_difference().to_owned(),
        n => text.differences(&count(n)),
    };
    let tail = if heal == 0 { text.none_heals().to_owned() } else { text.some_heal(&count(heal)) };
    all + &tail
}

/// When it was compared, or how far that is.
pub(super) fn age(pair: &PairView, text: DriftText) -> AnyView {
    match (pair.comparing, pair.read_ms) {
        (Some(now), _) if now.of > 0 => text.progress(now).into_any(),
        (Some(_), _) => text.comparing().into_any(),
        (None, Some(at_ms)) => view! { <span>{text.looked()} " " <Ago at_ms /></span> }.into_any(),
        (None, None) => ().into_any(),
    }
}

/// Its mark: what asks is worse than what heals by itself.
pub(super) fn mark_of(pair: &PairView) -> Mark {
    if pair.error.is_some() {
        return Mark::Bad;
    }
    match (pair.read_ms, pair.differences()) {
        (None, _) => Mark::Unknown,
        (_, 0) => Mark::Good,
        (_, n) if n == pair.of_kind(Kind::Extra) + pair.of_kind(Kind::Retired) => Mark::Good,
        _ => Mark::Warn,
    }
}
