//! The rail: each step with its own state and a line about it.

use leptos::prelude::*;
use model::{draft::WizardStep, finding::FindingState, run::RunState};

use super::state::Wizard;
use crate::{
    routes,
    text::{common::CommonText, wizard::WizardText},
    ui::{Mark, RailStep, StepRail},
};

/// The rail beside a step.
pub(super) fn rail(wizard: Wizard, step: Memo<Option<WizardStep>>) -> AnyView {
    let text = WizardText::current();
    let steps = Signal::derive(move || {
        WizardStep::ALL
            .into_iter()
            .map(|s| {
                let (line, mark) = about(wizard, s, text);
                // What was applied was answered before, though its passwords are forgotten and its answers went
                // over to the cluster.
                let answered = wizard.is_applied() && s != WizardStep::Apply;
                let mark = mark.or(answered.then_some(Mark::Good));
                RailStep {
                    title: title(s, text).to_owned(),
                    line,
                    mark,
                    href: wizard.may_enter(s).then(|| routes::wizard(&wizard.id(), s)),
                    current: step.get() == Some(s),
                }
            })
            .collect::<Vec<_>>()
    });
    // Told apart, so that a second that passes redraws nothing.
    let steps = Memo::new(move |_| steps.get());
    view! { <StepRail label=text.steps() steps=steps /> }.into_any()
}

fn title(step: WizardStep, text: WizardText) -> &'static str {
    match step {
        WizardStep::Topology => text.step_topology(),
        WizardStep::Nodes => text.step_nodes(),
        WizardStep::Checks => text.step_checks(),
        WizardStep::Review => text.step_review(),
        WizardStep::Apply => text.step_apply(),
    }
}

fn about(wizard: Wizard, step: WizardStep, text: WizardText) -> (String, Option<Mark>) {
    match step {
        WizardStep::Topology => match wizard.form.topology.get() {
            Some(topology) => (CommonText::current().topology(topology).to_owned(), Some(Mark::Good)),
            None => (text.not_chosen().to_owned(), None),
        },
        WizardStep::Nodes => nodes_line(wizard, text),
        WizardStep::Checks => checks_line(wizard, text),
        WizardStep::Review => match wizard.view.with(|v| v.plan.as_ref().map(|p| p.steps.len())) {
            Some(steps) if wizard.checks_settled() => (text.line_planned(steps), Some(Mark::Good)),
            _ => (String::new(), None),
        },
        WizardStep::Apply => match wizard.run.with(|r| r.as_ref().map(|r| r.state)) {
            Some(RunState::Running) => (text.line_running().to_owned(), Some(Mark::Busy)),
            Some(RunState::Succeeded) => (text.line_done().to_owned(), Some(Mark::Good)),
            Some(RunState::Failed | RunState::Cancelled) => {
                (text.line_failed_run().to_owned(), Some(Mark::Bad))
            }
            Some(RunState::Undone) | None => (String::new(), None),
        },
    }
}

fn nodes_line(wizard: Wizard, text: WizardText) -> (String, Option<Mark>) {
    let named = wizard.form.nodes.get().iter().filter(|n| !n.address.with(|a| a.trim().is_empty())).count();
    let line = match (named, wizard.form.entry.with(|e| e.trim().is_empty())) {
        (0, _) => text.to_be_named().to_owned(),
        (n, true) => text.line_nodes(n),
        (n, false) => text.line_nodes_entry(n),
    };
    let tests =
        wizard.view.with(|v| v.tests.iter().flatten().map(|t| t.problem.is_some()).collect::<Vec<_>>());
    let mark = if !wizard.may_enter(WizardStep::Checks) {
        None
    } else if tests.contains(&true) {
        Some(Mark::Warn)
    } else {
        Some(Mark::Good)
    };
    (line, mark)
}

fn checks_line(wizard: Wizard, text: WizardText) -> (String, Option<Mark>) {
    let all = wizard.view.with(|v| v.findings.len());
    let answered = wizard.view.with(|v| v.findings.iter().any(|f| f.at_ms > 0));
    if all == 0 || !answered {
        return (String::new(), None);
    }
    let count = |state| wizard.count(state);
    let (failed, warned) = (count(FindingState::Failed), count(FindingState::Warning));
    let waiting =
        wizard.view.with(|v| v.findings.iter().filter(|f| f.state == FindingState::Waiting).count());
    if failed + warned > 0 {
        let mark = if failed > 0 { Mark::Bad } else { Mark::Warn };
        (text.line_failed(failed, warned), Some(mark))
    } else if waiting > 0 {
        (text.line_waiting(waiting), Some(Mark::Busy))
    } else {
        (text.line_fine().to_owned(), Some(Mark::Good))
    }
}
