//! Differences that may stand: the dialog that asks why and for how long, and what a row says of it.

use leptos::prelude::*;
use model::{
    Digest,
    drift::{Accepted, Accepting, DriftView, Kind, PairView, SeenRow},
    heal::Picked,
    people::Role,
    say::count,
};

use super::heal::Planner;
use crate::{
    api::drift::{accept_drift, count_again},
    pages::deed::Deed,
    text::{common::CommonText, drift::DriftText},
    ui::{
        ActionButton, Choice, Described, Dialog, Kind as Weight, Moment, SelectField, TextField, Toasts,
        close_dialog,
    },
    visit::Visit,
};

/// Id of the dialog.
const ACCEPT: &str = "accept";
/// For how many days, as offered; 0 for no end.
const OFFERED: [u16; 4] = [1, 7, 30, 0];

/// What is about to be accepted, and taking that back.
#[derive(Clone, Copy)]
pub(super) struct Acceptor {
    now: RwSignal<PairView>,
    chosen: RwSignal<Vec<SeenRow>>,
    taking_back: Deed,
}

impl Acceptor {
    /// Nothing yet.
    pub(super) fn new(now: RwSignal<PairView>) -> Self {
        Self { now, chosen: RwSignal::new(Vec::new()), taking_back: Deed::new() }
    }

    /// Why an acceptance could not be taken back.
    pub(super) fn trouble(self) -> impl IntoView {
        self.taking_back.trouble(&[])
    }
}

/// A difference as it is shown.
fn seen(row: &DriftView) -> SeenRow {
    let digest = |at: usize| row.held[at].as_ref().and_then(|held| Digest::parse(&held.digest));
    SeenRow { repository: row.repository.clone(), thing: row.thing.clone(), held: [digest(0), digest(1)] }
}

/// The button that asks about one difference, for those who may accept it.
pub(super) fn accept_one(row: &DriftView, acceptor: Acceptor) -> Option<AnyView> {
    if row.kind == Kind::Accepted || !Visit::current().may(Role::Operator) {
        return None;
    }
    let one = seen(row);
    let label = DriftText::current().accept();
    Some(opens(
        Weight::Quiet,
        label.to_owned(),
        format!("{label}: {}:{}", one.repository, one.thing),
        move || vec![one.clone()],
        acceptor,
    ))
}

/// The button that asks about those that are picked; nothing where none is.
pub(super) fn accept_picked(
    rows: RwSignal<Vec<DriftView>>,
    planner: Planner,
    acceptor: Acceptor,
) -> impl IntoView {
    let text = DriftText::current();
    let picked = Memo::new(move |_| planner.picked.with(Vec::len));
    let choose = move || {
        let is_picked = |row: &&DriftView| {
            planner.picked.with_untracked(|all| {
                all.iter().any(|one| one.repository == row.repository && one.thing == row.thing)
            })
        };
        rows.with_untracked(|rows| rows.iter().filter(is_picked).map(seen).collect())
    };
    move || {
        let n = picked.get();
        (n > 0).then(|| {
            let label = text.accept_picked(&count(n as u64));
            opens(Weight::Secondary, label.clone(), label, choose, acceptor)
        })
    }
}

fn opens(
    weight: Weight,
    label: String,
    name: String,
    chosen: impl Fn() -> Vec<SeenRow> + 'static,
    acceptor: Acceptor,
) -> AnyView {
    view! {
        <button
            type="button"
            class=weight.class(true)
            aria-label=name
            commandfor=ACCEPT
            command="show-modal"
            on:click=move |_| acceptor.chosen.set(chosen())
        >
            {label}
        </button>
    }
    .into_any()
}

/// By whom a difference was accepted, why and until when, and the button that takes it back.
pub(super) fn accepted(row: &DriftView, acceptor: Acceptor) -> Option<AnyView> {
    let text = DriftText::current();
    let Accepted { by, why, until_ms, .. } = row.accepted.clone()?;
    let until = until_ms.map(|at_ms| view! { {text.accepted_until()} " " <Moment at_ms /> });
    let one = Picked { repository: row.repository.clone(), thing: row.thing.clone() };
    let back = Visit::current().may(Role::Operator).then(|| {
        view! {
            <ActionButton
                small=true
                name=format!("{}: {}:{}", text.count_again(), one.repository, one.thing)
                label=text.count_again()
                busy=acceptor.taking_back.busy()
                on_press=move || {
                    let id = acceptor.now.with_untracked(|p| p.id.clone());
                    acceptor
                        .taking_back
                        .run(count_again(id, vec![one.clone()]), move |pair| {
                            acceptor.now.update(|known| known.follow(pair));
                        });
                }
            />
        }
    });
    Some(
        view! {
            <span class="block small font-normal pt-1 break-words">
                {text.accepted_by(&by)} {until} " · " <q>{why}</q>
            </span>
            <span class="flex flex-wrap gap-2 pt-1">{back}</span>
        }
        .into_any(),
    )
}

/// Asks why, and for how long.
pub(super) fn dialog(acceptor: Acceptor) -> AnyView {
    let (text, common, toasts) = (DriftText::current(), CommonText::current(), Toasts::current());
    let Acceptor { now, chosen, .. } = acceptor;
    let (why, days, deed) = (RwSignal::new(String::new()), RwSignal::new("7".to_owned()), Deed::new());
    let what = move || {
        chosen.with(|rows| match rows.as_slice() {
            [one] => format!("{}:{}", one.repository, one.thing),
            all => text.differences(&count(all.len() as u64)),
        })
    };
    let empty =
        Signal::derive(move || why.with(|why| why.trim().is_empty()).then(|| text.accept_why().to_owned()));
    let press = move || {
        let accepting = Accepting {
            rows: chosen.get_untracked(),
            why: why.get_untracked(),
            days: days.with_untracked(|n| n.parse().ok()).filter(|n| *n > 0),
        };
        let id = now.with_untracked(|p| p.id.clone());
        deed.run(accept_drift(id, accepting), move |pair| {
            close_dialog(ACCEPT);
            why.set(String::new());
            now.update(|known| known.follow(pair));
            toasts.say(text.accepted_now());
        });
    };
    let choices = OFFERED.map(|n| Choice::new(n.to_string(), text.accept_days(n))).to_vec();
    view! {
        <Dialog id=ACCEPT title=text.accept_title()>
            <div class="grid gap-3">
                <p class="code small break-all">{what}</p>
                <p class="quiet">{text.accept_then()}</p>
                <TextField
                    described=Described::new("accept-why", text.accept_why()).hint(text.accept_why_hint())
                    value=why
                    error=deed.error_at("why")
                />
                <SelectField described=Described::new("accept-for", text.accept_for()) value=days choices />
                {deed.trouble(&["why"])}
                <div class="flex flex-wrap justify-end gap-2">
                    <button type="button" class=Weight::Secondary.class(false) commandfor=ACCEPT command="close">
                        {common.cancel()}
                    </button>
                    <ActionButton
                        kind=Weight::Primary
                        label=text.accept()
                        refused=empty
                        busy=deed.busy()
                        on_press=press
                    />
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}
