//! One execution of a rule: its tasks, and the log of each.

use leptos::prelude::*;
use leptos_router::{
    LazyRoute,
    hooks::{use_params_map, use_query_map},
    lazy_route,
};
use model::{
    ids::ClusterId,
    names::NodeName,
    people::Role,
    rule::{ExecutionView, RuleDeed, TaskPage, TaskState, TaskView},
    say::duration,
};

use super::{
    cluster_rules::{execution_mark, follow},
    deed::Deed,
    frame::{Crumb, Page},
    parts::{problem, whole},
};
use crate::{
    api::{
        Answer, ApiError,
        rules::{do_rule, read_execution, read_task_log, read_tasks},
    },
    routes,
    text::{common::CommonText, rules::RulesText},
    ui::{ActionButton, EmptyState, Mark, Moment, StateMark, Toasts},
    visit::{Visit, locale},
};

/// Tasks that are read at once.
const PAGE: usize = 100;

/// Which execution.
#[derive(Clone, Debug, PartialEq)]
struct Which {
    cluster: ClusterId,
    node: NodeName,
    id: i64,
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct ExecutionPage;

#[lazy_route]
impl LazyRoute for ExecutionPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let ExecutionPage = this;
        let common = CommonText::current();
        let (params, query) = (use_params_map(), use_query_map());
        let which = Memo::new(move |_| {
            Some(Which {
                cluster: params.with(|p| ClusterId::parse(p.get_str("cluster")?))?,
                id: params.with(|p| p.get_str("execution")?.parse().ok())?,
                node: query.with(|q| NodeName::parse(q.get_str("node")?).ok())?,
            })
        });
        let data: Resource<Answer<(ExecutionView, TaskPage)>> = Resource::new(
            move || which.get(),
            |which| async move {
                let Some(Which { cluster, node, id }) = which else { return Err(ApiError::not_found()) };
                let execution = read_execution(cluster.clone(), node.clone(), id).await?;
                let tasks = read_tasks(cluster, node, id, 1).await.unwrap_or_default();
                Ok((execution, tasks))
            },
        );
        whole(
            data,
            common.loading(),
            |content| framed(None, content),
            move |(execution, tasks)| match which.get_untracked() {
                Some(which) => framed(Some(&which), show(execution, tasks, which.clone())),
                None => framed(None, problem(&ApiError::not_found())),
            },
        )
    }
}

fn framed(which: Option<&Which>, content: AnyView) -> AnyView {
    let (common, text) = (CommonText::current(), RulesText::current());
    let rules = common.rules().to_owned();
    let way: Vec<Crumb> = match which {
        Some(which) => {
            vec![(rules, Some(routes::rules_of(&which.cluster))), (text.execution(which.id), None)]
        }
        None => vec![(rules, None)],
    };
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

fn show(first: ExecutionView, tasks: TaskPage, which: Which) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let (now, tasks) = (RwSignal::new(first), RwSignal::new(tasks));
    let reading = Deed::new();
    {
        let Which { cluster, node, id } = which.clone();
        follow(move || {
            if !now.with_untracked(|e| e.state.is_open()) {
                return;
            }
            let (cluster, node) = (cluster.clone(), node.clone());
            let both = async move {
                let execution = read_execution(cluster.clone(), node.clone(), id).await?;
                Ok((execution, read_tasks(cluster, node, id, 1).await?))
            };
            reading.run(both, move |(execution, mut page)| {
                now.set(execution);
                // Further pages that somebody asked for stay as they were read.
                let behind =
                    tasks.with_untracked(|before| before.rows.iter().skip(PAGE).cloned().collect::<Vec<_>>());
                page.rows.extend(behind);
                if tasks.with_untracked(|before| *before != page) {
                    tasks.set(page);
                }
            });
        });
    }
    let way = now.with_untracked(|e| {
        e.link.as_ref().map(|l| text.pushes(l.source.as_str(), l.destination.as_str())).unwrap_or_default()
    });
    let facts = move || {
        now.with(|e| {
            let took = e.ended_ms.map(|end| duration((end - e.started_ms).max(0)).into_text(locale));
            let failed = (e.failed > 0).then(|| format!(" · {}", text.tasks_failed(e.failed)));
            view! {
                <span class="inline-flex items-center gap-1.5">
                    <StateMark mark=execution_mark(e.state) label="" />
                    {text.state(e.state)}
                </span>
                <span>
                    " · " {text.by(e.trigger)} " · " <Moment at_ms=e.started_ms />
                    {took.map(|took| format!(" · {took}"))}
                    {(e.total > 0).then(|| format!(" · {}", text.tasks_of(e.over(), e.total)))}
                    {failed}
                </span>
            }
        })
    };
    let more = more(tasks, &which);
    let progress = move || now.with(|e| (e.total > 0).then_some((e.over(), e.total)));
    view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <div class="min-w-0">
                <h1 class="page-title">{text.execution(which.id)}</h1>
                <p class="lede break-words">{now.with_untracked(|e| e.rule.clone())} " · " {way}</p>
                <p class="small flex flex-wrap items-center gap-x-1.5" role="status">{facts}</p>
            </div>
            <div class="flex flex-wrap gap-2">{buttons(now, &which)}</div>
        </div>
        {move || progress().map(|(done, all)| view! {
            <progress class="progress progress-primary w-full" aria-label=text.tasks() max=all.to_string() value=done.to_string()></progress>
        })}
        {move || {
            let why = now.with(|e| e.why.clone());
            (!why.is_empty()).then(|| view! { <p class="notice break-words">{why}</p> })
        }}
        {reading.trouble(&[])}
        <section class="grid gap-2 min-w-0" aria-labelledby="tasks-title">
            <h2 id="tasks-title" class="section-title">{text.tasks()}</h2>
            {move || {
                let open = now.with(|e| e.state.is_open());
                list(tasks.get(), open, &which)
            }}
            {more}
        </section>
    }
    .into_any()
}

/// Stopping it, or running its rule again.
fn buttons(now: RwSignal<ExecutionView>, which: &Which) -> Option<AnyView> {
    let (text, toasts) = (RulesText::current(), Toasts::current());
    if !Visit::current().may(Role::Operator) {
        return None;
    }
    let (stopping, starting) = (Deed::new(), Deed::new());
    let Which { cluster, node, id } = which.clone();
    let stop = {
        let cluster = cluster.clone();
        StoredValue::new(move || {
            let deed = RuleDeed::Stop { node: node.clone(), execution: id };
            stopping.run(do_rule(cluster.clone(), deed), move |_| toasts.say(text.begun()));
        })
    };
    let link = now.with_untracked(|e| e.link.clone());
    let start = StoredValue::new(move || {
        if let Some(link) = link.clone() {
            starting
                .run(do_rule(cluster.clone(), RuleDeed::Start { link }), move |_| toasts.say(text.begun()));
        }
    });
    Some(
        view! {
            <Show when=move || now.with(|e| e.state.is_open())>
                <ActionButton label=text.stop_this() busy=stopping.busy() on_press=move || stop.with_value(|s| s()) />
            </Show>
            <Show when=move || now.with(|e| !e.state.is_open() && e.link.is_some())>
                <span title=text.run_again_hint()>
                    <ActionButton label=text.run_again() busy=starting.busy() on_press=move || start.with_value(|s| s()) />
                </span>
            </Show>
            {stopping.trouble(&[])}
            {starting.trouble(&[])}
        }
        .into_any(),
    )
}

fn list(page: TaskPage, open: bool, which: &Which) -> AnyView {
    let text = RulesText::current();
    if page.gone {
        return view! { <EmptyState title=text.tasks_gone() text=text.tasks_gone_text() /> }.into_any();
    }
    if page.rows.is_empty() {
        let words = if open { text.no_tasks() } else { text.no_tasks_ever() };
        return view! { <p class="quiet">{words}</p> }.into_any();
    }
    let rows = page.rows.into_iter().map(|task| one(task, which.clone())).collect_view();
    view! { <ul class="panel">{rows}</ul> }.into_any()
}

/// How many of the tasks are shown, and the press that reads the next ones.
fn more(tasks: RwSignal<TaskPage>, which: &Which) -> AnyView {
    let (text, deed) = (RulesText::current(), Deed::new());
    let Which { cluster, node, id } = which.clone();
    let next = StoredValue::new(move || {
        let page = u32::try_from(tasks.with_untracked(|t| t.rows.len()) / PAGE + 1).unwrap_or(u32::MAX);
        deed.run(read_tasks(cluster.clone(), node.clone(), id, page), move |found| {
            tasks.update(|all| {
                all.total = found.total;
                // Harbor may have put others before them meanwhile: none is shown twice.
                let fresh = |task: &TaskView| !all.rows.iter().any(|known| known.id == task.id);
                let fresh: Vec<TaskView> = found.rows.into_iter().filter(fresh).collect();
                all.rows.extend(fresh);
            });
        });
    });
    let is_cut = Memo::new(move |_| tasks.with(|t| !t.gone && t.total > t.rows.len() as u64));
    view! {
        <Show when=move || is_cut.get()>
            <div class="flex flex-wrap items-center gap-2">
                <p class="quiet small" role="status">{move || text.first_shown(tasks.with(|t| t.rows.len()))}</p>
                <ActionButton label=text.more_tasks() small=true busy=deed.busy() on_press=move || next.with_value(|n| n()) />
            </div>
        </Show>
        {deed.trouble(&[])}
    }
    .into_any()
}

fn task_mark(state: TaskState) -> Mark {
    match state {
        TaskState::Pending => Mark::Unknown,
        TaskState::Running => Mark::Busy,
        TaskState::Succeeded => Mark::Good,
        TaskState::Failed => Mark::Bad,
        TaskState::Stopped => Mark::Warn,
    }
}

fn one(task: TaskView, which: Which) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let log = RwSignal::new(None::<String>);
    let deed = Deed::new();
    let took = task
        .started_ms
        .zip(task.ended_ms)
        .map(|(from, to)| format!(" · {}", duration((to - from).max(0)).into_text(locale)));
    let id = task.id;
    let href = routes::task_log(&which.cluster, &which.node, which.id, id);
    let press = move || {
        if log.with_untracked(Option::is_some) {
            log.set(None);
            return;
        }
        let Which { cluster, node, id: execution } = which.clone();
        deed.run(read_task_log(cluster, node, execution, id), move |found| log.set(Some(found)));
    };
    view! {
        <li class="panel-row flex-wrap">
            <StateMark mark=task_mark(task.state) label="" />
            <span class="min-w-0 grow">
                <span class="font-medium break-all">{task.what.clone()}</span>
                <span class="block quiet small">
                    {text.task_state(task.state)} " · " {task.operation} " · " {text.task(id)} {took}
                </span>
            </span>
            {(task.state != TaskState::Pending).then(|| view! {
                <ActionButton
                    label=Signal::derive(move || {
                        if log.with(Option::is_some) { text.hide_log() } else { text.show_log() }.to_owned()
                    })
                    name=text.show_log_of(&task.what)
                    small=true
                    busy=deed.busy()
                    on_press=press
                />
            })}
            {deed.trouble(&[])}
            {move || log.get().map(|found| log_view(found, id, &href))}
        </li>
    }
    .into_any()
}

/// The text, the lines that contain what is looked for, and the way to keep it.
fn log_view(found: String, task: i64, href: &str) -> AnyView {
    let text = RulesText::current();
    if found.is_empty() {
        return view! { <p class="quiet basis-full">{text.log_empty()}</p> }.into_any();
    }
    let wanted = RwSignal::new(String::new());
    let all = found.lines().count();
    let shown = Memo::new(move |_| {
        let wanted = wanted.with(|w| w.trim().to_lowercase());
        let fits = |line: &&str| wanted.is_empty() || line.to_lowercase().contains(&wanted);
        found.lines().filter(fits).map(str::to_owned).collect::<Vec<_>>()
    });
    view! {
        <div class="basis-full grid gap-2 min-w-0">
            <div class="flex flex-wrap items-center gap-2">
                <input
                    class="input input-sm min-w-0 grow sm:max-w-72"
                    type="search"
                    aria-label=text.log_find()
                    placeholder=text.log_find()
                    on:input:target=move |event| wanted.set(event.target().value())
                />
                <span class="quiet small num" role="status">
                    {move || text.log_lines(shown.with(Vec::len), all)}
                </span>
                <a class="btn btn-outline btn-sm" href=href.to_owned() rel="external" download>{text.log_download()}</a>
            </div>
            <pre class="calls-body code" tabindex="0" role="region" aria-label=text.log_of(task)>
                {move || shown.with(|lines| lines.join("\n"))}
            </pre>
        </div>
    }
    .into_any()
}
