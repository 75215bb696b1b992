//! Runs: everything that was changed on Harbors, newest first, moving while one looks.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    live::LiveEvent,
    people::Role,
    run::{RunState, RunView},
};

use super::{frame::Page, parts::loaded};
use crate::{
    api::{Answer, runs::read_runs, types::RunRow},
    live::Live,
    routes,
    text::{common::CommonText, runs::RunsText},
    ui::{Ago, EmptyState, Mark, StateMark},
    visit::Visit,
};

/// What the list reads.
struct Read {
    runs: Resource<Answer<Vec<RunRow>>>,
}

fn read() -> Read {
    Read { runs: Resource::new(|| (), |()| read_runs()) }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct RunsPage;

#[lazy_route]
impl LazyRoute for RunsPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let RunsPage = this;
        let (text, common) = (RunsText::current(), CommonText::current());
        let runs = read().runs;
        view! {
            <Page crumbs=vec![(common.runs().to_owned(), None)]>
                <div>
                    <h1 class="page-title">{common.runs()}</h1>
                    <p class="lede">{text.lede()}</p>
                </div>
                {loaded(runs, move |first| list(first, runs))}
            </Page>
        }
        .into_any()
    }
}

fn list(first: Vec<RunRow>, data: Resource<Answer<Vec<RunRow>>>) -> AnyView {
    let text = RunsText::current();
    let rows = RwSignal::new(first);
    Live::current().on(move |event| match event {
        LiveEvent::Run { run } => rows.update(|all| match all.iter_mut().find(|row| row.run.id == run.id) {
            Some(row) => row.run.follow(*run),
            None => {
                let cluster =
                    all.iter().find(|row| row.run.cluster == run.cluster).and_then(|row| row.cluster.clone());
                all.insert(0, RunRow { run: *run, cluster });
            }
        }),
        LiveEvent::Reset => data.refetch(),
        _ => {}
    });
    let ids =
        Memo::new(move |_| rows.with(|all| all.iter().map(|row| row.run.id.clone()).collect::<Vec<_>>()));
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty()) fallback=move || empty(text)>
            <ul class="panel">
                <For each=move || ids.get() key=|id| id.clone() let(id)>
                    {
                        let row = Memo::new(move |_| {
                            rows.with(|all| all.iter().find(|row| row.run.id == id).cloned())
                        });
                        move || row.get().map(|row| one(&row))
                    }
                </For>
            </ul>
        </Show>
    }
    .into_any()
}

fn empty(text: RunsText) -> AnyView {
    if Visit::current().may(Role::Operator) {
        view! {
            <EmptyState title=text.empty_title() text=text.empty_text()>
                <a class="btn btn-primary" href=routes::NEW_CLUSTER>{text.to_first()}</a>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState title=text.empty_title() text=text.empty_text() /> }.into_any()
    }
}

/// One run as a row of a list.
pub(crate) fn one(row: &RunRow) -> AnyView {
    let (text, common) = (RunsText::current(), CommonText::current());
    let run = &row.run;
    let cluster = match &row.cluster {
        Some(id) => view! { <a href=routes::cluster(id)>{run.cluster.to_string()}</a> }.into_any(),
        None => run.cluster.to_string().into_any(),
    };
    view! {
        <li class="panel-row">
            <StateMark mark=mark_of(run) label="" />
            <span class="min-w-0">
                <a class="plain-link font-medium" href=routes::run(&run.id)>
                    {text.of_cluster(common.kind(run.kind), run.cluster.as_str())}
                </a>
                <span class="block quiet small">
                    {state_of(run, common, text)}
                    " · "
                    {steps_of(run, text)}
                    " · "
                    {cluster}
                </span>
            </span>
            <span class="panel-aside">
                {run.by.clone()}
                {(!run.by.is_empty()).then_some(" · ")}
                <Ago at_ms=run.started_ms />
            </span>
        </li>
    }
    .into_any()
}

/// How far it came: steps done, or steps taken back.
pub(crate) fn steps_of(run: &RunView, text: RunsText) -> String {
    if run.undoing || run.state == RunState::Undone {
        text.taken_back(run.taken_back())
    } else {
        text.steps(run.finished(), run.steps.len())
    }
}

/// Where it stands, in words.
pub(crate) fn state_of(run: &RunView, common: CommonText, text: RunsText) -> &'static str {
    match run.state {
        RunState::Running if run.stopping => text.stopping(),
        RunState::Running if run.undoing => text.taking_back(),
        state => common.run(state),
    }
}

/// Its mark.
pub(crate) fn mark_of(run: &RunView) -> Mark {
    match run.state {
        RunState::Running => Mark::Busy,
        RunState::Succeeded => Mark::Good,
        RunState::Failed => Mark::Bad,
        RunState::Cancelled => Mark::Warn,
        RunState::Undone => Mark::Skipped,
    }
}
