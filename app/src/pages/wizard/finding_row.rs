//! One finding: its state, what was measured, and, where something is wrong, what it means and what mends it.

use leptos::prelude::*;
use model::{
    draft::WizardStep,
    finding::{CureAction, Finding, FindingState},
};

use super::state::Wizard;
use crate::{
    api::drafts::{run_checks, waive},
    pages::deed::Deed,
    routes,
    text::{checks::ChecksText, common::CommonText},
    ui::{ActionButton, Described, Kind, Mark, StateMark, TextField, icon},
    visit::locale,
};

/// The row.
pub(super) fn row(wizard: Wizard, finding: Memo<Finding>) -> AnyView {
    let (text, common, locale) = (ChecksText::current(), CommonText::current(), locale());
    let state = Memo::new(move |_| finding.with(|f| f.state));
    let mark = Signal::derive(move || match finding.with(|f| (f.state, f.at_ms, f.writes)) {
        // Nobody asks a probe before it was confirmed.
        (FindingState::Waiting, 0, true) => Mark::Waiting,
        (state, ..) => Mark::from(state),
    });
    let measured = move || {
        finding.with(|f| match (&f.measured, f.state) {
            (_, FindingState::Waiting) if f.writes => text.not_asked().to_owned(),
            (_, FindingState::Waiting) => text.asking().to_owned(),
            (measured, _) => [measured, &f.limit]
                .into_iter()
                .flatten()
                .map(|s| s.pick(locale).to_owned())
                .collect::<Vec<_>>()
                .join(" · "),
        })
    };
    // What explains is drawn anew only when the answer changes, so that a reason being typed stays.
    let explained = Memo::new(move |_| {
        finding.with(|f| {
            let shown = !matches!(f.state, FindingState::Ok | FindingState::Waiting)
                && (f.meaning.is_some() || f.cure.is_some());
            (shown || f.waiver.is_some()).then(|| f.clone())
        })
    });
    view! {
        <li class="check">
            <StateMark mark label=Signal::derive(move || common.finding(state.get()).to_owned()) />
            <span class="min-w-0">{move || finding.with(|f| f.title.pick(locale).to_owned())}</span>
            <span class="measured">{measured}</span>
            {move || explained.get().map(|f| explanation(wizard, f, text))}
        </li>
    }
    .into_any()
}

fn explanation(wizard: Wizard, finding: Finding, text: ChecksText) -> AnyView {
    let locale = locale();
    let meaning = finding.meaning.as_ref().map(|m| m.pick(locale).to_owned());
    let cure = finding.cure.as_ref().map(|c| c.text.pick(locale).to_owned());
    let waiver = finding.waiver.clone();
    let quiet = matches!(finding.state, FindingState::NotApplicable | FindingState::NotProven);
    if quiet {
        return view! { <p class="check-note hint">{meaning} " " {cure}</p> }.into_any();
    }
    let open = wizard.may_change() && !wizard.is_applied();
    view! {
        <div class="cure">
            <p>
                {meaning.map(|m| view! { <strong class="font-semibold">{m}</strong> " " })}
                {cure}
            </p>
            {waiver.map(|w| view! {
                <p class="flex gap-2">
                    {icon("check")}
                    <span>{text.accepted(&w.by)} ": " <q>{w.reason}</q></span>
                </p>
            })}
            {open.then(|| buttons(wizard, finding, text))}
        </div>
    }
    .into_any()
}

fn buttons(wizard: Wizard, finding: Finding, text: ChecksText) -> AnyView {
    let again = Deed::new();
    let accepting = RwSignal::new(false);
    let may_accept = finding.state == FindingState::Warning && finding.waiver.is_none();
    let action = finding.cure.as_ref().and_then(|c| c.action.clone()).map(|a| cure_link(wizard, &a, text));
    let (id, subject) = (finding.id.clone(), finding.subject.clone());
    let ask = move || {
        let only = Some((id.clone(), subject.clone()));
        again.run(run_checks(wizard.id(), only), |()| {});
    };
    view! {
        <div class="flex flex-wrap items-center gap-2">
            {(!finding.writes).then(|| view! {
                <ActionButton
                    label=text.try_again()
                    kind=if finding.state == FindingState::Failed { Kind::Primary } else { Kind::Secondary }
                    small=true
                    busy=again.busy()
                    on_press=ask
                />
            })}
            {action}
            {may_accept.then(|| view! {
                <ActionButton
                    label=text.accept()
                    kind=Kind::Quiet
                    small=true
                    on_press=move || accepting.update(|a| *a = !*a)
                />
            })}
        </div>
        {again.trouble(&[])}
        {move || accepting.get().then(|| waiver_form(wizard, finding.clone(), accepting, text))}
    }
    .into_any()
}

fn waiver_form(wizard: Wizard, finding: Finding, open: RwSignal<bool>, text: ChecksText) -> AnyView {
    let common = CommonText::current();
    let reason = RwSignal::new(String::new());
    let deed = Deed::new();
    let id = format!("reason-{}", finding.id);
    let empty =
        Signal::derive(move || reason.with(|r| r.trim().is_empty()).then(|| text.reason().to_owned()));
    let accept = move || {
        let saved = waive(wizard.id(), finding.id.clone(), finding.subject.clone(), reason.get_untracked());
        deed.run(saved, move |view| {
            open.set(false);
            wizard.take(view);
        });
    };
    view! {
        <div class="grid gap-2">
            <TextField described=Described::new(id, text.reason()).hint(text.reason_hint()) value=reason />
            {deed.trouble(&[])}
            <div class="flex gap-2">
                <ActionButton label=text.accept_now() small=true refused=empty busy=deed.busy() on_press=accept />
                <ActionButton label=common.cancel() kind=Kind::Quiet small=true on_press=move || open.set(false) />
            </div>
        </div>
    }
    .into_any()
}

fn cure_link(wizard: Wizard, action: &CureAction, text: ChecksText) -> AnyView {
    let class = Kind::Secondary.class(true);
    let nodes = routes::wizard(&wizard.id(), WizardStep::Nodes);
    match action {
        CureAction::EditNode { node } => {
            let key = wizard
                .form
                .nodes
                .get_untracked()
                .into_iter()
                .find(|n| untrack(|| n.shown_name()) == node.as_str())
                .map(|n| n.key())
                .unwrap_or_default();
            view! { <a class=class href=format!("{nodes}#{key}")>{text.edit_node()}</a> }.into_any()
        }
        CureAction::EditEntry => {
            view! { <a class=class href=format!("{nodes}#entry")>{text.edit_entry()}</a> }.into_any()
        }
        CureAction::EditTopology => {
            let href = routes::wizard(&wizard.id(), WizardStep::Topology);
            view! { <a class=class href=href>{text.edit_topology()}</a> }.into_any()
        }
        // Only what is surely a web address becomes a link.
        CureAction::OpenPortal { url } if url.starts_with("https://") || url.starts_with("http://") => {
            view! {
                <a class=class href=url.clone() target="_blank" rel="external noopener noreferrer">
                    {text.open_portal()}
                    {icon("external")}
                </a>
            }
            .into_any()
        }
        // Those of the rules stand on their own page.
        CureAction::OpenPortal { .. } | CureAction::Rule { .. } | CureAction::OpenPair { .. } => {
            ().into_any()
        }
    }
}
