//! What is to be looked at, each with what it means and the press that mends it.

use leptos::prelude::*;
use model::{
    finding::{CureAction, Finding, FindingState},
    people::Role,
    rule::RuleDeed,
};

use super::Now;
use crate::{
    api::rules::do_rule,
    pages::deed::Deed,
    routes,
    text::{checks::ChecksText, rules::RulesText},
    ui::{ActionButton, Kind, Mark, StateMark, Toasts, icon},
    visit::{Visit, locale},
};

/// The panel.
pub(super) fn panel(now: Now) -> AnyView {
    let findings = Memo::new(move |_| now.view.with(|v| v.findings.clone()));
    (move || list(findings.get(), now)).into_any()
}

fn list(findings: Vec<Finding>, now: Now) -> AnyView {
    let text = RulesText::current();
    if findings.is_empty() {
        return view! {
            <section class="panel panel-body" aria-labelledby="things-title">
                <h2 id="things-title" class="section-title flex items-center gap-2">
                    <StateMark mark=Mark::Good label="" />
                    {text.nothing_title()}
                </h2>
                <p class="quiet">{text.nothing_text()}</p>
            </section>
        }
        .into_any();
    }
    let rows = findings.into_iter().map(|finding| one(finding, now)).collect_view();
    view! {
        <section class="panel" aria-labelledby="things-title">
            <div class="panel-head"><h2 id="things-title">{text.things()}</h2></div>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

fn one(finding: Finding, now: Now) -> AnyView {
    let locale = locale();
    let mark = if finding.state == FindingState::Failed { Mark::Bad } else { Mark::Warn };
    let said = |say: Option<model::Say>| say.map(|s| s.into_text(locale));
    let (measured, meaning) = (said(finding.measured), said(finding.meaning));
    let limit = said(finding.limit).map(|limit| format!(" · {limit}"));
    let cure = finding.cure.map(|cure| {
        let name = format!("{}: ", finding.title.pick(locale));
        view! {
            <p class="quiet small">{cure.text.into_text(locale)}</p>
            {cure.action.and_then(|action| button(action, &name, now))}
        }
    });
    view! {
        <li class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 gap-y-1 px-4 py-3 border-t border-base-300 first:border-t-0">
            <StateMark mark label="" />
            <div class="grid gap-1 min-w-0">
                <p class="font-medium break-words">{finding.title.into_text(locale)}</p>
                <p class="quiet small num break-words">{measured} {limit}</p>
                <p class="small">{meaning}</p>
                {cure}
            </div>
        </li>
    }
    .into_any()
}

/// The press that mends it, for those who may.
fn button(action: CureAction, name: &str, now: Now) -> Option<AnyView> {
    let text = RulesText::current();
    match action {
        CureAction::Rule { deed } => {
            let label = match &deed {
                RuleDeed::Mend => text.mend(),
                RuleDeed::SwitchOff { .. } => text.switch_off(),
                RuleDeed::Reschedule { .. } => text.reschedule(),
                RuleDeed::Resume { .. } => text.resume(),
                RuleDeed::Stop { .. } => text.stop(),
                RuleDeed::Start { .. } => text.start(),
                RuleDeed::Rotate { .. } => text.rotate(),
                // That is for a person to think of, and needs a name.
                RuleDeed::RenameEndpoint { .. } => return None,
            };
            Visit::current().may(Role::Operator).then(|| press(label, deed, name, now))
        }
        CureAction::OpenPair { pair } => Some(
            view! { <p><a class=Kind::Secondary.class(true) href=routes::pair(&pair)>{text.decide()}</a></p> }
                .into_any(),
        ),
        // Only what is surely a web address becomes a link.
        CureAction::OpenPortal { url } if url.starts_with("https://") || url.starts_with("http://") => Some(
            view! {
                <p>
                    <a class=Kind::Secondary.class(true) href=url target="_blank" rel="external noopener noreferrer">
                        {ChecksText::current().open_portal()}
                        {icon("external")}
                    </a>
                </p>
            }
            .into_any(),
        ),
        _ => None,
    }
}

fn press(label: &'static str, deed: RuleDeed, name: &str, now: Now) -> AnyView {
    let (text, toasts, at_work) = (RulesText::current(), Toasts::current(), Deed::new());
    let begin = move || {
        let cluster = now.view.with_untracked(|v| v.cluster.clone());
        at_work.run(do_rule(cluster, deed.clone()), move |_| toasts.say(text.begun()));
    };
    view! {
        <div>
            <ActionButton label small=true busy=at_work.busy() name=format!("{name}{label}") on_press=begin />
        </div>
        {at_work.trouble(&[])}
    }
    .into_any()
}
