//! A run: its steps while they are carried out, and the receipt afterwards.

mod deeds;
mod kept;
mod receipt;

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    heal::{KeptView, LeftByHeal},
    ids::RunId,
    live::LiveEvent,
    people::Role,
    run::{RunKind, RunState, RunView},
    say::{count, duration},
};

use super::{
    frame::{Crumb, Page},
    parts::{anew, loaded},
    runs::{mark_of, state_of, steps_of},
};
use crate::{
    api::{
        Answer, ApiError,
        runs::{read_kept, read_left, read_run},
        types::RunRow,
    },
    clock::Clock,
    live::Live,
    routes,
    text::{common::CommonText, run::RunText, runs::RunsText},
    ui::{Moment, Stat, StateMark},
    visit::{Visit, locale},
};
use deeds::Deeds;
use kept::kept_list;
use receipt::Steps;

/// What the page reads.
struct Read {
    run: Resource<Answer<RunRow>>,
    kept: Resource<Answer<Vec<KeptView>>>,
    left: Resource<Answer<Option<LeftByHeal>>>,
    /// What was heard of it while it was being read: a short run may end meanwhile.
    heard: RwSignal<Option<RunView>>,
}

fn read() -> Read {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("run").and_then(|text| RunId::parse(&text))));
    let run = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => read_run(id).await,
                None => Err(ApiError::not_found()),
            }
        },
    );
    let heard = RwSignal::new(None::<RunView>);
    Live::current().on(move |event| {
        if let LiveEvent::Run { run } = event
            && id.get_untracked().as_ref() == Some(&run.id)
        {
            heard.set(Some(*run));
        }
    });
    let kept = Resource::new(move || id.get(), read_kept);
    Read { run, kept, left: Resource::new(move || id.get(), read_left), heard }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct RunPage;

#[lazy_route]
impl LazyRoute for RunPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let RunPage = this;
        let (text, common) = (RunsText::current(), CommonText::current());
        let Read { run, kept, left, heard } = read();
        let title = RwSignal::new(common.runs().to_owned());
        let crumbs = Signal::derive(move || -> Vec<Crumb> {
            vec![(common.runs().to_owned(), Some(routes::RUNS.to_owned())), (title.get(), None)]
        });
        view! {
            <Page crumbs>
                {loaded(run, move |mut row| {
                    if let Some(heard) = heard.get_untracked().filter(|heard| heard.id == row.run.id) {
                        row.run.follow(heard);
                    }
                    title.set(text.of_cluster(common.kind(row.run.kind), row.run.cluster.as_str()));
                    show(row, run, (kept, left))
                })}
            </Page>
        }
        .into_any()
    }
}

/// What is known of a run once it is over: what it keeps, and what it left.
type After = (Resource<Answer<Vec<KeptView>>>, Resource<Answer<Option<LeftByHeal>>>);

fn show(row: RunRow, data: Resource<Answer<RunRow>>, (kept, left): After) -> AnyView {
    let (text, runs, common) = (RunText::current(), RunsText::current(), CommonText::current());
    let locale = locale();
    let clock = Clock::current();
    let RunRow { run: first, cluster } = row;
    let (id, kind, name) = (first.id.clone(), first.kind, first.cluster.to_string());
    let (by, started_ms) = (first.by.clone(), first.started_ms);
    let (run, cluster) = (RwSignal::new(first), RwSignal::new(cluster));
    {
        let id = id.clone();
        Live::current().on(move |event| match event {
            LiveEvent::Run { run: heard } if heard.id == id => run.update(|known| known.follow(*heard)),
            LiveEvent::ClusterGone { id } => cluster.update(|c| *c = c.take().filter(|c| *c != id)),
            LiveEvent::Reset => data.refetch(),
            _ => {}
        });
    }
    let mark = Memo::new(move |_| run.with(mark_of));
    let state = Memo::new(move |_| run.with(|r| state_of(r, common, runs)));
    let sentence = Memo::new(move |_| run.with(|r| sentence(r, text)));
    let steps = Signal::derive(move || run.with(|r| steps_of(r, runs)));
    let taken_back = Memo::new(move |_| run.with(|r| r.undoing || r.state == RunState::Undone));
    let ended = Memo::new(move |_| run.with(|r| r.ended_ms));
    let took = Signal::derive(move || {
        let until = ended.get().unwrap_or_else(|| clock.now.get());
        duration(until - started_ms).into_text(locale)
    });
    // What it keeps and what it left is known once it is over.
    Effect::new(move |before: Option<Option<i64>>| {
        let now = ended.get();
        if before.is_some_and(|before| before != now) {
            kept.refetch();
            left.refetch();
        }
        now
    });
    view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <div class="min-w-0 grid gap-1">
                <div class="flex flex-wrap items-baseline gap-x-2">
                    <h1 class="page-title flex gap-2">
                        <StateMark mark=Signal::derive(move || mark.get()) label="" />
                        <span class="min-w-0">{runs.of_cluster(common.kind(kind), &name)}</span>
                    </h1>
                    <span class="quiet" role="status">{move || state.get()}</span>
                </div>
                <p>{move || sentence.get()}</p>
            </div>
            <div class="flex flex-wrap gap-2">
                {plan_again(id.clone(), left)}
                {move || {
                    cluster
                        .get()
                        .map(|id| view! {
                            <a class="btn btn-outline btn-sm" href=routes::cluster(&id)>
                                {text.to_cluster()}
                            </a>
                        })
                }}
                <a
                    class="btn btn-outline btn-sm"
                    rel="external"
                    download=format!("breakwater-run-{id}.json")
                    href=format!("/api/v1/runs/{id}/receipt")
                >
                    {text.download()}
                </a>
            </div>
        </div>
        <Deeds run />
        <dl class="facts">
            <Stat label=text.steps() value=steps />
            <div class="fact">
                <dt>{text.started()}</dt>
                <dd><Moment at_ms=started_ms /></dd>
            </div>
            <div class="fact">
                <dt>
                    {move || match (ended.get(), taken_back.get()) {
                        (None, _) => text.so_far(),
                        (Some(_), false) => text.took(),
                        (Some(_), true) => text.ended(),
                    }}
                </dt>
                <dd>
                    {move || match ended.get() {
                        // Between making and taking back it stood for a while: how long the whole took says nothing.
                        Some(at_ms) if taken_back.get() => view! { <Moment at_ms /> }.into_any(),
                        _ => view! { <span>{move || took.get()}</span> }.into_any(),
                    }}
                </dd>
            </div>
            {(!by.is_empty()).then(|| view! { <Stat label=text.by() value=by /> })}
        </dl>
        <Steps run />
        {kept_list(kept)}
    }
    .into_any()
}

/// The way to a plan of what the heal did not carry, for those who may heal; nothing where it carried everything.
fn plan_again(run: RunId, left: Resource<Answer<Option<LeftByHeal>>>) -> AnyView {
    let text = RunText::current();
    if !Visit::current().may(Role::Operator) {
        return ().into_any();
    }
    view! {
        <Transition>
            {anew(move || {
                let run = run.clone();
                Suspend::new(async move {
                    let LeftByHeal { pair, count: n } = left.await.ok().flatten()?;
                    Some(
                        view! {
                            <a class="btn btn-outline btn-sm" href=routes::pair_again(&pair, &run)>
                                {text.plan_again(&count(n))}
                            </a>
                        },
                    )
                })
            })}
        </Transition>
    }
    .into_any()
}

fn sentence(run: &RunView, text: RunText) -> &'static str {
    match (run.state, run.kind) {
        (RunState::Running, _) if run.stopping => text.stopping_text(),
        (RunState::Running, _) if run.undoing => text.undoing_text(),
        (RunState::Running, _) => text.running_text(),
        (RunState::Succeeded, _) => text.succeeded_text(),
        (RunState::Failed | RunState::Cancelled, RunKind::Probe) => text.probe_text(),
        (RunState::Failed, _) => text.failed_text(),
        (RunState::Cancelled, _) => text.cancelled_text(),
        (RunState::Undone, _) => text.undone_text(),
    }
}
