//! What can still be done about a run: stop it, go on with it, take back what it made.

use leptos::prelude::*;
use model::{
    names::NodeName,
    people::Role,
    run::{RunKind, RunState, RunView, StepState},
};

use crate::{
    api::runs::{cancel_run, retry_run, undo_run},
    forms::give_account::GiveAccountForm,
    pages::deed::Deed,
    text::{common::CommonText, run::RunText},
    ui::{ActionButton, Dialog, Kind, Toasts},
    visit::{Visit, locale},
};

/// Id of the dialog that asks before anything is taken back.
const UNDO: &str = "undo";

/// Whether somebody can stop it, go on with it, take back what it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Possible {
    stop: bool,
    retry: bool,
    undo: bool,
}

/// Probes clean up behind themselves, and only adoptions and changes make things that would stay.
fn possible(kind: RunKind, state: RunState, stopping: bool) -> Possible {
    let stood = matches!(state, RunState::Failed | RunState::Cancelled);
    Possible {
        stop: state == RunState::Running && !stopping,
        retry: stood && kind != RunKind::Probe,
        undo: matches!(kind, RunKind::Adopt | RunKind::Change) && (stood || state == RunState::Succeeded),
    }
}

/// The buttons, for those who may press them.
#[component]
pub(super) fn Deeds(
    /// The run as it is now.
    run: RwSignal<RunView>,
) -> impl IntoView {
    let (text, common, toasts) = (RunText::current(), CommonText::current(), Toasts::current());
    let id = StoredValue::new(run.with_untracked(|r| r.id.clone()));
    let now = Memo::new(move |_| run.with(|r| possible(r.kind, r.state, r.stopping)));
    let any = Memo::new(move |_| now.with(|n| n.stop || n.retry || n.undo));
    if !Visit::current().may(Role::Operator) {
        return view! {
            <Show when=move || any.get()>
                <p class="quiet small">{common.may_only_look()}</p>
            </Show>
        }
        .into_any();
    }
    let locked = Memo::new(move |_| run.with(locked_out));
    let deed = Deed::new();
    let stop = move || {
        deed.run(cancel_run(id.get_value()), move |view| {
            run.update(|known| known.follow(view));
            toasts.say(text.stopped());
        });
    };
    let retry = move || {
        deed.run(retry_run(id.get_value()), move |view| {
            run.update(|known| known.follow(view));
            toasts.say(text.retried());
        });
    };
    let undo = move |_| {
        deed.run(undo_run(id.get_value()), move |view| {
            run.update(|known| known.follow(view));
            toasts.say(text.undone());
        });
    };
    view! {
        <Show when=move || any.get()>
            <div class="flex flex-wrap gap-2">
                <Show when=move || now.get().stop>
                    <ActionButton label=text.stop() busy=deed.busy() on_press=stop />
                </Show>
                <Show when=move || now.get().retry>
                    <ActionButton kind=Kind::Primary label=text.retry() busy=deed.busy() on_press=retry />
                </Show>
                <Show when=move || now.get().undo>
                    <button
                        type="button"
                        class=Kind::Secondary.class(false)
                        commandfor=UNDO
                        command="show-modal"
                        aria-busy=move || deed.busy().get().then_some("true")
                    >
                        {text.undo()}
                    </button>
                </Show>
            </div>
        </Show>
        {deed.trouble(&[])}
        {move || {
            locked.get().map(|node| view! { <GiveAccountForm run=id.get_value() node /> })
        }}
        <Dialog id=UNDO title=text.undo_title()>
            <div class="grid gap-3">
                {move || run.with(what_goes)}
                <p class="quiet">{text.undo_kept()}</p>
                <p>
                    {move || match run.with(|r| r.kind) {
                        RunKind::Change => text.undo_change(),
                        _ => text.undo_cluster(),
                    }}
                </p>
                <div class="flex flex-wrap justify-end gap-2">
                    <button type="button" class=Kind::Secondary.class(false) commandfor=UNDO command="close">
                        {common.cancel()}
                    </button>
                    <button
                        type="button"
                        class=Kind::Danger.class(false)
                        commandfor=UNDO
                        command="close"
                        on:click=undo
                    >
                        {text.undo_press()}
                    </button>
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}

/// The node whose account a failed step could not do with.
fn locked_out(run: &RunView) -> Option<NodeName> {
    const CODES: [&str; 4] =
        ["harbor.unauthorized", "harbor.credential_refused", "harbor.forbidden", "node.no_account"];
    let failed = run.steps.iter().filter(|s| s.state == StepState::Failed);
    let mut locked = failed.filter(|s| s.error.as_ref().is_some_and(|e| CODES.contains(&e.code.as_str())));
    locked.next().filter(|_| run.state == RunState::Failed).map(|s| s.node.clone())
}

/// The steps that would be taken back, last made first.
fn what_goes(run: &RunView) -> AnyView {
    let (text, locale) = (RunText::current(), locale());
    let made: Vec<_> = run
        .steps
        .iter()
        .rev()
        .filter(|s| matches!(s.state, StepState::Done | StepState::Failed))
        .map(|s| view! { <li>{s.title.pick(locale).to_owned()} " " <span class="quiet">{text.on_node(s.node.as_str())}</span></li> })
        .collect();
    if made.is_empty() {
        return view! { <p>{text.undo_nothing()}</p> }.into_any();
    }
    view! {
        <p>{text.undo_what()}</p>
        <ul class="list-disc pl-5">{made}</ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_possible_follows_from_kind_and_state() {
        let words = |kind, state, stopping| {
            let Possible { stop, retry, undo } = possible(kind, state, stopping);
            [(stop, "stop"), (retry, "retry"), (undo, "undo")]
                .into_iter()
                .filter_map(|(can, word)| can.then_some(word))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(words(RunKind::Adopt, RunState::Running, false), "stop");
        assert_eq!(words(RunKind::Adopt, RunState::Running, true), "");
        assert_eq!(words(RunKind::Adopt, RunState::Failed, false), "retry undo");
        assert_eq!(words(RunKind::Adopt, RunState::Succeeded, false), "undo");
        assert_eq!(words(RunKind::Adopt, RunState::Undone, false), "");
        assert_eq!(words(RunKind::Change, RunState::Succeeded, false), "undo");
        assert_eq!(words(RunKind::Remove, RunState::Failed, false), "retry");
        assert_eq!(words(RunKind::Probe, RunState::Failed, false), "");
        assert_eq!(words(RunKind::Rule, RunState::Cancelled, false), "retry");
    }
}
