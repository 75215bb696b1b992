//! The last step: carrying the plan out, live, and the proof.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{
    draft::WizardStep,
    run::{RunState, RunStep, RunView, StepState},
};

use super::{
    ends,
    state::{Wizard, follow},
};
use crate::{
    api::{
        clusters::{start_copy_after, start_first_copy},
        drafts::apply,
        runs::{cancel_run, retry_run, undo_run},
    },
    pages::deed::Deed,
    routes,
    text::{apply::ApplyText, common::CommonText},
    ui::{ActionButton, Dialog, Kind, Mark, StateMark, Toasts},
    visit::locale,
};

/// The step.
pub(super) fn step(wizard: Wizard) -> AnyView {
    let begun = Memo::new(move |_| wizard.is_applied());
    (move || if begun.get() { under_way(wizard) } else { ready(wizard) }).into_any()
}

/// Before it begins.
fn ready(wizard: Wizard) -> AnyView {
    let text = ApplyText::current();
    let deed = Deed::new();
    let begin = move || {
        if !wizard.may_enter(WizardStep::Apply) || !wizard.may_change() {
            return;
        }
        deed.run(
            async move {
                let id = apply(wizard.id()).await?;
                wizard.follow(id).await
            },
            |()| (),
        );
    };
    let (steps, calls) = wizard.view.with_untracked(|v| {
        v.plan
            .as_ref()
            .map_or((0, 0), |p| (p.steps.len(), p.steps.iter().map(|s| s.calls.len()).sum::<usize>()))
    });
    let undone = wizard.run.with_untracked(|r| r.as_ref().is_some_and(|r| r.state == RunState::Undone));
    let refused = Signal::derive(move || {
        if wizard.may_change() {
            (!wizard.may_enter(WizardStep::Apply)).then(|| text.refused().to_owned())
        } else {
            Some(CommonText::current().may_only_look().to_owned())
        }
    });
    let list = wizard.view.with_untracked(|v| {
        let locale = locale();
        let steps = v.plan.iter().flat_map(|p| &p.steps);
        steps.map(|s| (s.node.to_string(), s.title.pick(locale).to_owned())).collect::<Vec<_>>()
    });
    let rows = list
        .into_iter()
        .map(|(node, title)| {
            view! {
                <li class="check">
                    <StateMark mark=Mark::Waiting label="" />
                    <span class="min-w-0">{title}</span>
                    <span class="measured">{node}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div>
            <h1 class="page-title">{if undone { text.undone() } else { text.title() }}</h1>
            <p class="lede">{if undone { text.undone_lede().to_owned() } else { text.lede(steps, calls) }}</p>
        </div>
        <section class="panel">
            <ul>{rows}</ul>
        </section>
        {deed.trouble(&[])}
        {ends(Some(routes::wizard(&wizard.id(), WizardStep::Review)), text.apply(), refused, deed.busy(), begin)}
    }
    .into_any()
}

/// While it runs, and afterwards.
fn under_way(wizard: Wizard) -> AnyView {
    let text = ApplyText::current();
    let run =
        Memo::new(move |last: Option<&Option<RunView>>| wizard.run.get().or_else(|| last.cloned().flatten()));
    let state = Memo::new(move |_| run.with(|r| r.as_ref().map(|r| (r.state, r.undoing, r.stopping))));
    let numbers =
        Memo::new(move |_| run.with(|r| r.as_ref().map_or((0, 0), |r| (r.finished(), r.steps.len()))));
    let change = wizard.form.is_change();
    let proven = move || run.with(|r| r.iter().flat_map(|r| &r.steps).any(|s| s.key.starts_with("proof")));
    let title = move || match state.get() {
        Some((RunState::Running, true, _)) => text.undoing(),
        Some((RunState::Running, _, true)) => text.stopping(),
        Some((RunState::Succeeded, ..)) if change => text.done_change(),
        Some((RunState::Succeeded, ..)) => text.done(),
        Some((RunState::Failed, ..)) => text.failed(),
        Some((RunState::Cancelled, ..)) => text.cancelled(),
        Some((RunState::Undone, ..)) => text.undone(),
        _ => text.running(),
    };
    let lede = move || match state.get() {
        Some((RunState::Succeeded, ..)) if !proven() => text.done_lede_change().to_owned(),
        Some((RunState::Succeeded, ..)) => text.done_lede().to_owned(),
        Some((RunState::Failed | RunState::Cancelled, ..)) => text.failed_lede().to_owned(),
        Some((RunState::Undone, ..)) => text.undone_lede().to_owned(),
        _ => text.running_lede(numbers.get().0, numbers.get().1),
    };
    let nodes = Memo::new(move |_| {
        run.with(|r| {
            let mut nodes: Vec<String> = Vec::new();
            for step in r.iter().flat_map(|r| &r.steps) {
                let node = group(step);
                if !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
            nodes
        })
    });
    view! {
        <div>
            <h1 class="page-title">{title}</h1>
            <p class="lede" role="status">{lede}</p>
        </div>
        <progress
            class="progress progress-primary"
            aria-label=text.title()
            max=move || numbers.get().1
            value=move || numbers.get().0
        ></progress>
        <For each=move || nodes.get() key=String::clone let(node)>
            {steps_of(run, node, text)}
        </For>
        {move || state.get().map(|(state, ..)| deeds(wizard, state, text))}
    }
    .into_any()
}

/// Proof legs stand together, whatever node they begin at; they are what everything before was for.
const PROOF: &str = "\u{0}proof";

fn group(step: &RunStep) -> String {
    if step.key.starts_with("proof") { PROOF.to_owned() } else { step.node.to_string() }
}

fn steps_of(run: Memo<Option<RunView>>, node: String, text: ApplyText) -> AnyView {
    let common = CommonText::current();
    let title = if node == PROOF { text.proof().to_owned() } else { node.clone() };
    let mine = Memo::new(move |_| {
        run.with(|r| {
            r.iter().flat_map(|r| &r.steps).filter(|s| group(s) == node).cloned().collect::<Vec<_>>()
        })
    });
    let state = Memo::new(move |_| mine.with(|steps| summed_up(steps)));
    let count = move || {
        mine.with(|steps| {
            let over =
                |s: &&RunStep| matches!(s.state, StepState::Done | StepState::Adopted | StepState::Skipped);
            text.step_of(steps.iter().filter(over).count(), steps.len())
        })
    };
    view! {
        <section class="panel">
            <div class="panel-head">
                <StateMark mark=state label="" />
                <h2 class="min-w-0">{title}</h2>
                <span class="panel-aside">{count}</span>
            </div>
            <ul>
                {move || mine.get().into_iter().map(|step| line(step, common)).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}

fn summed_up(steps: &[RunStep]) -> Mark {
    let any = |mark: Mark| steps.iter().any(|s| Mark::from(s.state) == mark);
    if any(Mark::Bad) {
        Mark::Bad
    } else if any(Mark::Busy) {
        Mark::Busy
    } else if any(Mark::Waiting) {
        Mark::Waiting
    } else if steps.iter().all(|s| s.state == StepState::Undone) {
        Mark::Skipped
    } else {
        Mark::Good
    }
}

fn line(step: RunStep, common: CommonText) -> AnyView {
    let locale = locale();
    // A proof says its seconds itself, and what is done at once needs none.
    let slow = step.took_ms >= 1000 && !step.key.starts_with("proof");
    let seconds = slow.then(|| common.seconds(format!("{:.1}", step.took_ms as f64 / 1000.0)));
    let outcome = step.outcome.as_ref().map(|o| o.pick(locale).to_owned());
    let measured = [outcome.or_else(|| Some(common.step(step.state).to_owned())), seconds];
    let error = step.error.map(|e| {
        view! {
            <div class="cure">
                <p>
                    <strong class="font-semibold">{e.cause.pick(locale).to_owned()}</strong>
                    " "
                    {e.next.pick(locale).to_owned()}
                </p>
            </div>
        }
    });
    view! {
        <li class="check">
            <StateMark mark=Mark::from(step.state) label=common.step(step.state) />
            <span class="min-w-0">{step.title.pick(locale).to_owned()}</span>
            <span class="measured">{measured.into_iter().flatten().collect::<Vec<_>>().join(" · ")}</span>
            {error}
        </li>
    }
    .into_any()
}

fn deeds(wizard: Wizard, state: RunState, text: ApplyText) -> AnyView {
    let Some(id) = wizard.run.with_untracked(|r| r.as_ref().map(|r| r.id.clone())) else {
        return ().into_any();
    };
    let receipt = view! { <a class="btn btn-outline" href=routes::run(&id)>{text.receipt()}</a> };
    if !wizard.may_change() {
        return receipt.into_any();
    }
    let deed = Deed::new();
    let took = move |run: RunView| wizard.run.update(|known| follow(known, run));
    let id = StoredValue::new(id);
    let buttons = match state {
        RunState::Running => view! {
            <ActionButton
                label=text.cancel()
                busy=deed.busy()
                on_press=move || deed.run(cancel_run(id.get_value()), took)
            />
        }
        .into_any(),
        RunState::Failed | RunState::Cancelled => view! {
            <ActionButton
                label=text.retry()
                kind=Kind::Primary
                busy=deed.busy()
                on_press=move || deed.run(retry_run(id.get_value()), took)
            />
            {undo(wizard, id, text)}
            {receipt}
        }
        .into_any(),
        RunState::Succeeded => view! { {done(wizard, text)} {receipt} }.into_any(),
        RunState::Undone => receipt.into_any(),
    };
    view! {
        {deed.trouble(&[])}
        <div class="flex flex-wrap items-center gap-3">{buttons}</div>
    }
    .into_any()
}

fn undo(wizard: Wizard, id: StoredValue<model::ids::RunId>, text: ApplyText) -> AnyView {
    let common = CommonText::current();
    let deed = Deed::new();
    let take_back = move || {
        deed.run(undo_run(id.get_value()), move |run| {
            crate::ui::close_dialog("undo-run");
            wizard.run.update(|known| follow(known, run));
        });
    };
    view! {
        <button class=Kind::Secondary.class(false) commandfor="undo-run" command="show-modal">
            {text.undo()}
        </button>
        <Dialog id="undo-run" title=text.undo_title()>
            <p>{text.undo_text()}</p>
            {wizard.form.is_change().then(|| view! { <p>{text.undo_change()}</p> })}
            {deed.trouble(&[])}
            <div class="dialog-end">
                <button class="btn btn-ghost" commandfor="undo-run" command="close">{common.cancel()}</button>
                <ActionButton label=text.undo() kind=Kind::Danger busy=deed.busy() on_press=take_back />
            </div>
        </Dialog>
    }
    .into_any()
}

/// The way on: the first copy, and the cluster itself.
fn done(wizard: Wizard, text: ApplyText) -> AnyView {
    let deed = Deed::new();
    let toasts = Toasts::current();
    let navigate = use_navigate();
    let run = StoredValue::new(wizard.run.with_untracked(|r| r.as_ref().map(|r| r.id.clone())));
    let change = wizard.form.is_change();
    // A change that made no link has nothing to copy.
    let made_link =
        wizard.run.with_untracked(|r| r.iter().flat_map(|r| &r.steps).any(|s| s.key.starts_with("robot:")));
    let copies = made_link && wizard.form.topology.get_untracked().is_some_and(|t| t.copies());
    let buttons = move || {
        let id = wizard.adopted.get()?;
        let href = routes::cluster(&id);
        let navigate = navigate.clone();
        let start = move || {
            let (navigate, href, id) = (navigate.clone(), routes::cluster(&id), id.clone());
            let copy = async move {
                match run.get_value().filter(|_| change) {
                    Some(run) => start_copy_after(run).await,
                    None => start_first_copy(id).await,
                }
            };
            deed.run(copy, move |_| {
                toasts.say(text.first_copy_started());
                navigate(&href, NavigateOptions::default());
            });
        };
        Some(view! {
            {copies.then(|| view! {
                <span title=text.first_copy_hint()>
                    <ActionButton label=text.first_copy() kind=Kind::Primary busy=deed.busy() on_press=start />
                </span>
            })}
            <a class=if copies { "btn btn-outline" } else { "btn btn-primary" } href=href>
                {text.see_cluster()}
            </a>
        })
    };
    view! {
        {deed.trouble(&[])}
        {buttons}
    }
    .into_any()
}
