//! What stands on the Harbors: every rule that copies between two nodes of the cluster, also those made by hand.

use leptos::prelude::*;
use model::{
    people::Role,
    rule::{ExecutionView, NodeRules, RuleDeed, StoredRule},
};

use super::{Now, execution_mark};
use crate::{
    api::rules::do_rule,
    pages::{deed::Deed, parts::refusal},
    routes,
    text::rules::RulesText,
    ui::{ActionButton, Ago, Badge, Kind, StateMark, Toasts, Tone},
    visit::{Visit, locale},
};

/// The panel: one table for all nodes.
pub(super) fn panel(now: Now, last: Memo<Vec<ExecutionView>>) -> AnyView {
    let text = RulesText::current();
    let nodes = Memo::new(move |_| now.view.with(|v| v.nodes.clone()));
    let away = move || {
        let errors = nodes.get().into_iter().filter_map(|n| n.error);
        errors.map(|error| refusal(&error.into())).collect_view()
    };
    let rows = move || {
        let cluster = now.view.with_untracked(|v| v.cluster.clone());
        let rules = nodes.get().into_iter().flat_map(|NodeRules { rules, .. }| rules);
        rules.map(|rule| one(rule, cluster.clone(), last)).collect_view()
    };
    view! {
        <div class="grid gap-2 min-w-0">
            <h2 class="section-title">{text.standing()}</h2>
            {away}
            <div class="panel min-w-0">
                <div class="scrolls relative rounded-(--radius-box)" tabindex="0" role="region" aria-label=text.standing()>
                    <table class="data-table boxes-on-phone" role="table">
                        <thead role="rowgroup">
                            <tr role="row">
                                <th scope="col" role="columnheader">{text.rule()}</th>
                                <th scope="col" role="columnheader">{text.way()}</th>
                                <th scope="col" role="columnheader">{text.starts()}</th>
                                <th scope="col" role="columnheader">{text.last()}</th>
                                <th scope="col" role="columnheader"><span class="sr-only">{text.start()}</span></th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{rows}</tbody>
                    </table>
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn one(rule: StoredRule, cluster: model::ids::ClusterId, last: Memo<Vec<ExecutionView>>) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let (from, to) = (rule.link.source.to_string(), rule.link.destination.to_string());
    let way = if rule.pulls { text.pulls(&from, &to) } else { text.pushes(&from, &to) };
    let differs = rule
        .differs
        .iter()
        .map(|d| {
            let said = text.differs(d.field.pick(locale), d.planned.pick(locale), d.is.pick(locale));
            view! { <span class="block small">{said}</span> }
        })
        .collect_view();
    let origin = if rule.ours { text.ours() } else { text.by_hand() };
    let name = rule.name.clone();
    let newest = {
        let cluster = cluster.clone();
        move || {
            let found = last.with(|all| all.iter().find(|e| e.rule == name).cloned());
            found.map(|e| {
                let href = routes::execution(&cluster, &e.node, e.id);
                view! {
                    <a class="plain-link inline-flex items-center gap-1.5" href=href>
                        <StateMark mark=execution_mark(e.state) label="" />
                        <span>{text.state(e.state)} " · " <Ago at_ms=e.started_ms /></span>
                    </a>
                }
            })
        }
    };
    let buttons =
        (rule.ours && rule.trigger.cron().is_some() && Visit::current().may(Role::Operator)).then(|| {
            let link = rule.link.clone();
            let start = RuleDeed::Start { link: link.clone() };
            let run =
                rule.enabled.then(|| button(text.start(), Kind::Secondary, start, &rule, cluster.clone()));
            let rotate =
                button(text.rotate(), Kind::Quiet, RuleDeed::Rotate { link }, &rule, cluster.clone());
            view! {
                <span class="flex flex-wrap justify-end max-md:justify-start gap-1">
                    {run} <span title=text.rotate_hint()>{rotate}</span>
                </span>
            }
        });
    let switch = if rule.enabled {
        view! { <Badge text=text.on() tone=Tone::Accent /> }
    } else {
        view! { <Badge text=text.off() tone=Tone::Warn /> }
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader">
                <span class="text-base-content font-medium break-all">{rule.name.clone()}</span>
                <span class="block quiet small">
                    {origin} " · " {text.signs_in()} " " <span class="code break-all">{rule.account.clone()}</span>
                </span>
                {differs}
            </th>
            <td role="cell" class="whitespace-nowrap">{way}</td>
            <td role="cell">
                <span class="flex flex-wrap items-center gap-1.5">
                    {switch} <span>{text.trigger_of(&rule.trigger)}</span>
                </span>
                <span class="block quiet small">
                    {rule.schedule.pick(locale).to_owned()}
                    {(!rule.filters.is_empty()).then(|| format!(" · {}", text.filtered(rule.filters.len())))}
                </span>
            </td>
            <td role="cell" class="whitespace-nowrap">{newest}</td>
            <td role="cell">{buttons}</td>
        </tr>
    }
    .into_any()
}

/// A press that does one thing to a rule's link.
fn button(
    label: &'static str,
    kind: Kind,
    what: RuleDeed,
    rule: &StoredRule,
    cluster: model::ids::ClusterId,
) -> AnyView {
    let (text, toasts, deed) = (RulesText::current(), Toasts::current(), Deed::new());
    let name = format!("{}: {label}", rule.name);
    let begin = move || deed.run(do_rule(cluster.clone(), what.clone()), move |_| toasts.say(text.begun()));
    view! {
        <ActionButton label small=true kind busy=deed.busy() name on_press=begin />
        {deed.trouble(&[])}
    }
    .into_any()
}
