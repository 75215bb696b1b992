//! Rules: the clusters whose nodes copy, and how that goes.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use model::{live::LiveEvent, rule::RulesRow};

use super::{
    cluster_rules::{execution_mark, ways},
    frame::Page,
    parts::loaded,
};
use crate::{
    api::rules::read_rules_list,
    live::Live,
    routes,
    text::{common::CommonText, rules::RulesText},
    ui::{Ago, Badge, EmptyState, Mark, StateMark, Tone},
    visit::locale,
};

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct RulesPage;

#[lazy_route]
impl LazyRoute for RulesPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let RulesPage = this;
        let (text, common) = (RulesText::current(), CommonText::current());
        let rows = Resource::new(|| (), |()| read_rules_list());
        Live::current().on(move |event| {
            if matches!(event, LiveEvent::Reset | LiveEvent::ClusterGone { .. } | LiveEvent::Rules { .. }) {
                rows.refetch();
            }
        });
        view! {
            <Page crumbs=vec![(common.rules().to_owned(), None)]>
                <div>
                    <h1 class="page-title">{common.rules()}</h1>
                    <p class="lede">{text.lede()}</p>
                </div>
                {loaded(rows, list)}
            </Page>
        }
        .into_any()
    }
}

fn list(rows: Vec<RulesRow>) -> AnyView {
    let text = RulesText::current();
    if rows.is_empty() {
        return view! { <EmptyState title=text.empty_title() text=text.empty_text() /> }.into_any();
    }
    view! { <ul class="panel">{rows.iter().map(one).collect_view()}</ul> }.into_any()
}

fn one(row: &RulesRow) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let mark = match &row.last {
        _ if row.findings > 0 => Mark::Warn,
        Some(last) => execution_mark(last.state),
        None => Mark::Unknown,
    };
    let schedules: Vec<String> =
        row.planned.iter().map(|r| r.schedule.pick(locale).to_owned()).fold(Vec::new(), |mut all, one| {
            if !all.contains(&one) {
                all.push(one);
            }
            all
        });
    let last = match &row.last {
        Some(last) => view! { {text.state(last.state)} " · " <Ago at_ms=last.started_ms /> }.into_any(),
        None => text.no_execution().into_any(),
    };
    view! {
        <li class="panel-row">
            <StateMark mark label="" />
            <span class="min-w-0">
                <a class="plain-link font-medium" href=routes::rules_of(&row.cluster)>
                    {row.name.to_string()}
                </a>
                <span class="block quiet small">{ways(&row.planned)} " · " {schedules.join(" · ")}</span>
            </span>
            {(row.findings > 0).then(|| view! { <Badge text=text.to_look_at(row.findings) tone=Tone::Warn /> })}
            <span class="panel-aside">{last}</span>
        </li>
    }
    .into_any()
}
