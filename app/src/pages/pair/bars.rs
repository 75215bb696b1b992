//! Two bars: what was copied, and what was read on both sides and is alike.

use leptos::prelude::*;
use model::{
    drift::{PairView, ProjectView, ProjectsView},
    ids::PairId,
    say::count,
};

use crate::{
    api::Answer,
    pages::parts::part,
    routes,
    text::drift::DriftText,
    ui::{Mark, StateMark},
};

/// Both of a pair.
pub(super) fn of_pair(now: RwSignal<PairView>) -> AnyView {
    let figures = Memo::new(move |_| now.with(|p| (p.compared, p.copied, p.equal)));
    (move || {
        let (compared, copied, equal) = figures.get();
        bars("", compared, copied, equal)
    })
    .into_any()
}

/// Both of each project; its name leads to what differs in it.
pub(super) fn of_projects(id: PairId, data: Resource<Answer<ProjectsView>>) -> AnyView {
    let text = DriftText::current();
    part(data, move |view| {
        // Of one project the pair's own bars tell.
        if view.projects.len() < 2 {
            return ().into_any();
        }
        let rows = view.projects.iter().map(|project| row(&id, project)).collect_view();
        let more = (view.more > 0)
            .then(|| view! { <p class="panel-row small quiet">{text.more_projects(&count(view.more))}</p> });
        view! {
            <section class="panel min-w-0" aria-labelledby="projects">
                <div class="panel-head">
                    <h2 id="projects">{text.by_project()}</h2>
                </div>
                <ul>{rows}</ul>
                {more}
            </section>
        }
        .into_any()
    })
}

fn row(id: &PairId, project: &ProjectView) -> AnyView {
    let text = DriftText::current();
    let href = routes::pair_of(id, None, &format!("{}/", project.name));
    let broken = (project.broken > 0).then(|| {
        let label = text.broken_title(&count(project.broken));
        view! { <StateMark mark=Mark::Bad label /> }
    });
    view! {
        <li class="panel-row border-t border-base-300 grid gap-x-6 gap-y-1 sm:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
            <p class="min-w-0">
                <a class="plain-link font-medium break-all" href=href>{project.name.clone()}</a>
                {broken}
            </p>
            <div class="grid gap-x-6 gap-y-1 sm:grid-cols-2">
                {bars(&project.name, project.compared, project.copied, project.equal)}
            </div>
        </li>
    }
    .into_any()
}

/// Both bars, one below or beside the other; `of` is whose, where there are several.
fn bars(of: &str, compared: u64, copied: u64, equal: u64) -> AnyView {
    let text = DriftText::current();
    if compared == 0 {
        return view! { <p class="small quiet">{text.nothing_to_compare()}</p> }.into_any();
    }
    view! {
        {bar(of, text.copied(), copied, compared)}
        {bar(of, text.verified(), equal, compared)}
    }
    .into_any()
}

fn bar(of: &str, label: &'static str, part: u64, all: u64) -> AnyView {
    let named = if of.is_empty() { label.to_owned() } else { format!("{of}: {label}") };
    view! {
        <div class="grid gap-1 min-w-0">
            <p class="flex flex-wrap justify-between gap-x-2 small">
                <span>{label} " " {share(part, all)}</span>
                <span class="quiet num">{DriftText::current().of_all(&count(part), &count(all))}</span>
            </p>
            <progress
                class="progress progress-primary w-full"
                aria-label=named
                max=all.to_string()
                value=part.to_string()
            ></progress>
        </div>
    }
    .into_any()
}

/// Never rounded up to all.
fn share(part: u64, all: u64) -> String {
    let share = (part as f64 / all.max(1) as f64 * 1000.0).floor() / 10.0;
    format!("{share:.1} %")
}
