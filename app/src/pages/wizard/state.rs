//! What the five steps share: the fields, what the server knows, and keeping the one on the other.

mod hear;

use std::{sync::Arc, time::Duration};

use futures::lock::{Mutex, OwnedMutexGuard};
use leptos::prelude::*;
use model::{
    AppError,
    draft::{Draft, DraftView, WizardStep},
    finding::{Finding, FindingState},
    ids::{ClusterId, DraftId, RunId},
    run::{RunState, RunView},
};

pub(super) use self::hear::follow;
use crate::{
    api::{
        Answer, ApiError,
        drafts::{SaveDraft, read_draft, save_draft},
        types::RunRow,
    },
    clock::Clock,
    forms::draft::{DraftForm, NodeForm},
    leaving::{on_leave, send_off},
    live::{Live, LiveState},
    visit::Visit,
};

/// How long typing must pause before it is kept.
const PAUSE: Duration = Duration::from_millis(500);
/// How soon keeping is tried again after it failed.
const AGAIN: Duration = Duration::from_secs(5);

/// How often answers are fetched while events do not arrive.
const FETCH: Duration = Duration::from_secs(3);

/// Whether what is typed is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kept {
    /// Since when, UTC milliseconds.
    Yes(i64),
    /// On its way.
    Soon,
    /// Why not; it is tried again.
    No(ApiError),
    /// Somebody, or another tab, kept something else meanwhile.
    Conflict,
}

/// The wizard of one draft.
#[derive(Clone, Copy)]
pub(crate) struct Wizard {
    id: StoredValue<DraftId>,
    /// The fields.
    pub(crate) form: DraftForm,
    /// What the server knows: answers, findings, plan, run.
    pub(crate) view: RwSignal<DraftView>,
    /// The run that applies the draft.
    pub(crate) run: RwSignal<Option<RunView>>,
    /// The cluster that came of it, once the console watches it.
    pub(crate) adopted: RwSignal<Option<ClusterId>>,
    /// A run of its probes, while it is under way.
    pub(crate) probes: RwSignal<Option<RunView>>,
    /// Whose events those are.
    probing: StoredValue<Option<RunId>>,
    /// Whether what is typed is kept.
    pub(crate) kept: RwSignal<Kept>,
    /// Every fault of what is typed.
    pub(crate) faults: Memo<Vec<AppError>>,
    /// Next was pressed over faults: from now on every field says what is wrong with it.
    pub(crate) tried: RwSignal<bool>,
    /// One save at a time: each needs the version that the one before answered.
    turn: StoredValue<Arc<Mutex<()>>>,
    /// One password at a time: leaving its field and pressing Next both keep it.
    secrets: StoredValue<Arc<Mutex<()>>>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Wizard {
    /// Begins with what the server knows, keeps what is typed, and listens.
    pub(crate) fn begin(view: DraftView, run: Option<RunRow>) -> Self {
        let form = DraftForm::of(&view.draft);
        let (run, adopted) = run.map(|row| (row.run, row.cluster)).unzip();
        let wizard = Self {
            id: StoredValue::new(view.id.clone()),
            form,
            kept: RwSignal::new(Kept::Yes(view.saved_ms)),
            view: RwSignal::new(view),
            run: RwSignal::new(run),
            adopted: RwSignal::new(adopted.flatten()),
            probes: RwSignal::new(None),
            probing: StoredValue::new(None),
            faults: Memo::new(move |_| form.faults()),
            tried: RwSignal::new(false),
            turn: StoredValue::default(),
            secrets: StoredValue::default(),
            timer: StoredValue::new(None),
        };
        if Visit::current().may(model::people::Role::Operator) {
            Effect::new(move |_| {
                let typed = form.draft();
                if !wizard.view.with_untracked(|v| v.draft.says_the_same(&typed)) {
                    wizard.keep_after(PAUSE);
                }
            });
            Effect::new(move |_| on_leave(move || wizard.keep_leaving()));
        }
        let live = Live::current();
        live.on(move |event| wizard.hear(event));
        // Answers come as events; while those do not arrive, they are fetched.
        let now = Clock::current().now;
        let fetch = move || {
            let off = matches!(live.state_untracked(now.get_untracked()), LiveState::Off(_));
            if off && wizard.is_moving() {
                leptos::task::spawn_local(async move {
                    let _ = wizard.refresh().await;
                });
            }
        };
        Effect::new(move |_| {
            if let Ok(handle) = set_interval_with_handle(fetch, FETCH) {
                on_cleanup(move || handle.clear());
            }
        });
        wizard
    }

    /// Which draft.
    pub(crate) fn id(self) -> DraftId {
        self.id.get_value()
    }

    /// Whether the person may change it.
    pub(crate) fn may_change(self) -> bool {
        Visit::current().may(model::people::Role::Operator)
    }

    fn keep_after(self, pause: Duration) {
        if self.kept.get_untracked() == Kept::Conflict {
            return;
        }
        self.kept.set(Kept::Soon);
        if let Some(waiting) = self.timer.get_value() {
            waiting.clear();
        }
        let soon = set_timeout_with_handle(
            move || {
                leptos::task::spawn_local(async move {
                    let _ = self.keep().await;
                });
            },
            pause,
        );
        self.timer.set_value(soon.ok());
    }

    /// Keeps what is typed now, if it is not kept yet. Others wait their turn. Once the page is gone there is
    /// nothing left to keep, and nobody to tell.
    pub(crate) async fn keep(self) -> Answer<()> {
        let Some(turn) = self.turn.try_get_value() else { return Ok(()) };
        let _turn = turn.lock().await;
        let Some((typed, version, known)) = self.unkept() else { return Ok(()) };
        if known {
            self.kept.set(Kept::Yes(self.view.with_untracked(|v| v.saved_ms)));
            return Ok(());
        }
        self.kept.set(Kept::Soon);
        let answer = save_draft(self.id(), version, typed).await;
        if self.turn.is_disposed() {
            return answer.map(drop);
        }
        match answer {
            Ok(view) => {
                // What was typed meanwhile waits for its own turn.
                let all = untrack(|| view.draft.says_the_same(&self.form.draft()));
                self.kept.set(if all { Kept::Yes(view.saved_ms) } else { Kept::Soon });
                self.take(view);
                Ok(())
            }
            Err(error) if error.0.status == 409 => {
                self.kept.set(Kept::Conflict);
                Err(error)
            }
            Err(error) => {
                if !error.is_signed_out() {
                    let again = move || {
                        leptos::task::spawn_local(async move {
                            let _ = self.keep().await;
                        });
                    };
                    self.timer.set_value(set_timeout_with_handle(again, AGAIN).ok());
                }
                self.kept.set(Kept::No(error.clone()));
                Err(error)
            }
        }
    }

    /// What is typed, over which version, and whether that version says the same; `None` once the page is gone.
    fn unkept(self) -> Option<(Draft, i64, bool)> {
        if self.turn.is_disposed() {
            return None;
        }
        let typed = untrack(|| self.form.draft());
        let (version, known) = self.view.with_untracked(|v| (v.version, v.draft.says_the_same(&typed)));
        Some((typed, version, known))
    }

    /// Keeps what was typed within the last pause, when there is no time left to hear of it.
    fn keep_leaving(self) {
        if let Some(Some(waiting)) = self.timer.try_get_value() {
            waiting.clear();
        }
        let Some((draft, version, known)) = self.unkept() else { return };
        if known || self.kept.get_untracked() == Kept::Conflict {
            return;
        }
        // A save on its way arrives before this one or after it.
        let on_its_way = self.turn.with_value(|turn| turn.try_lock().is_none());
        for version in version..=version + i64::from(on_its_way) {
            send_off(&SaveDraft { id: self.id(), version, draft: draft.clone() });
        }
    }

    /// Waits until no other password is on its way.
    pub(super) async fn secret_turn(self) -> OwnedMutexGuard<()> {
        self.secrets.get_value().lock_owned().await
    }

    /// Ends a conflict: the fields are kept over what the other window kept, or give way to it.
    pub(crate) async fn settle(self, mine: bool) -> Answer<()> {
        let theirs = read_draft(self.id()).await?;
        if !mine {
            self.form.load(&theirs.draft);
        }
        self.kept.set(Kept::Yes(theirs.saved_ms));
        self.view.set(theirs);
        self.keep().await
    }

    /// The first fault of a field, once the person has tried to go on or typed there.
    pub(crate) fn fault_at(
        self,
        field: impl Fn() -> String + Send + Sync + 'static,
        value: RwSignal<String>,
    ) -> Signal<Option<String>> {
        let locale = crate::visit::locale();
        Signal::derive(move || {
            if !self.tried.get() && value.with(|v| v.trim().is_empty()) {
                return None;
            }
            let field = field();
            self.faults.with(|all| {
                let fault = all.iter().find(|f| f.field.as_deref() == Some(field.as_str()))?;
                Some(format!("{} {}", fault.cause.pick(locale), fault.next.pick(locale)))
            })
        })
    }

    /// Findings that keep the wizard from going on.
    pub(crate) fn blocking(self) -> Vec<Finding> {
        self.view.with(|v| v.findings.iter().filter(|f| f.blocks()).cloned().collect())
    }

    /// Whether every check has been answered well enough, and there are checks.
    pub(crate) fn checks_settled(self) -> bool {
        // A change may raise no question at all.
        let asked = self.form.is_change();
        self.view.with(|v| (asked || !v.findings.is_empty()) && !v.findings.iter().any(Finding::blocks))
    }

    /// Whether a step may be entered: everything before it is done.
    pub(crate) fn may_enter(self, step: WizardStep) -> bool {
        let refused = || self.view.with(|v| v.refusal.is_some());
        let named = || self.faults.with(Vec::is_empty) && self.lacking_secrets().is_empty() && !refused();
        match step {
            WizardStep::Topology => !self.form.is_change(),
            WizardStep::Nodes => self.form.topology.get().is_some(),
            WizardStep::Checks => named(),
            WizardStep::Review => named() && self.checks_settled(),
            WizardStep::Apply => {
                self.view.with(|v| v.run.is_some())
                    || (named() && self.checks_settled() && self.view.with(|v| v.plan.is_some()))
            }
        }
    }

    /// Names of the nodes whose password is missing: neither kept nor typed.
    pub(crate) fn lacking_secrets(self) -> Vec<String> {
        let nodes = self.form.nodes.get();
        let lacks = |n: &NodeForm| !n.has_secret.get() && n.secret.with(String::is_empty);
        nodes.into_iter().filter(lacks).map(|n| n.shown_name()).collect()
    }

    /// Whether the draft is being, or was, applied: its fields no longer matter.
    pub(crate) fn is_applied(self) -> bool {
        self.run.with(|r| r.as_ref().is_some_and(|r| r.state != RunState::Undone))
    }

    /// Whether something is under way whose answer the page waits for.
    fn is_moving(self) -> bool {
        let running = |run: &Option<RunView>| run.as_ref().is_some_and(|r| r.state == RunState::Running);
        self.run.with_untracked(running)
            || self.probes.with_untracked(running)
            || self
                .view
                .with_untracked(|v| v.findings.iter().any(|f| f.state == FindingState::Waiting && !f.writes))
    }

    /// How many findings are in a state.
    pub(crate) fn count(self, state: FindingState) -> usize {
        self.view.with(|v| v.findings.iter().filter(|f| f.state == state && f.waiver.is_none()).count())
    }
}
