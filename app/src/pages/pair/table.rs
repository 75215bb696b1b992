//! The differences: what happened, what each side holds, and what would make it right.

use leptos::prelude::*;
use model::{
    Digest,
    drift::{Action, DriftView, HeldView, Kind, PairView, Side},
    heal::{Decision, Keep, Picked},
    people::Role,
    say::bytes,
};

use super::{
    accept::{Acceptor, accept_one, accept_picked, accepted},
    heal::Planner,
};
use crate::{
    text::drift::DriftText,
    ui::{ActionButton, Badge, Moment, Tone},
    visit::{Visit, locale},
};

/// Rows on a wide screen, boxes on a phone.
pub(super) fn table(
    rows: RwSignal<Vec<DriftView>>,
    now: RwSignal<PairView>,
    planner: Planner,
    acceptor: Acceptor,
) -> AnyView {
    let text = DriftText::current();
    let names = now.with_untracked(|p| [p.a.to_string(), p.b.to_string()]);
    let [a, b] = names.clone();
    view! {
        {pickers(rows, planner, acceptor)}
        <div class="panel min-w-0">
            <div class="scrolls relative rounded-(--radius-box)" tabindex="0" role="region" aria-label=text.list()>
                <table class="data-table drift-table" role="table">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">{text.artifact()}</th>
                            <th scope="col" role="columnheader">{text.what()}</th>
                            <th scope="col" role="columnheader">{a}</th>
                            <th scope="col" role="columnheader"><span class="sr-only">{text.heals_by()}</span></th>
                            <th scope="col" role="columnheader">{b}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        <For
                            each=move || rows.get()
                            // All of it: what is refused meanwhile, say, is drawn anew.
                            key=DriftView::clone
                            let(row)
                        >
                            {one(row, &names, planner, acceptor)}
                        </For>
                    </tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

/// Picks all rows that are shown and count, or none; what is picked is planned, or accepted.
fn pickers(rows: RwSignal<Vec<DriftView>>, planner: Planner, acceptor: Acceptor) -> Option<AnyView> {
    let text = DriftText::current();
    if !Visit::current().may(Role::Operator) {
        return None;
    }
    let all = move |_| {
        let count = |row: &&DriftView| row.kind.counts();
        let all = rows.with_untracked(|rows| rows.iter().filter(count).map(picked).collect::<Vec<_>>());
        all.into_iter().for_each(|one| planner.pick(one, true));
    };
    let none = move |_| {
        planner.picked.get_untracked().into_iter().for_each(|one| planner.pick(one, false));
    };
    let some = Memo::new(move |_| rows.with(|rows| rows.iter().any(|r| r.kind.counts())));
    Some(
        view! {
            <Show when=move || some.get()>
                <div class="flex flex-wrap items-center gap-2 small">
                    <button type="button" class="btn btn-outline btn-sm" on:click=all>{text.pick_all()}</button>
                    <button type="button" class="btn btn-outline btn-sm" on:click=none>{text.pick_none()}</button>
                    {accept_picked(rows, planner, acceptor)}
                    <span class="quiet">{text.pick_hint()}</span>
                </div>
            </Show>
        }
        .into_any(),
    )
}

fn picked(row: &DriftView) -> Picked {
    Picked { repository: row.repository.clone(), thing: row.thing.clone() }
}

/// The box that picks a row, for those who may heal or accept it.
fn pick_box(row: &DriftView, planner: Planner) -> Option<AnyView> {
    if !row.kind.counts() || !Visit::current().may(Role::Operator) {
        return None;
    }
    let one = picked(row);
    let label = DriftText::current().pick(&format!("{}:{}", one.repository, one.thing));
    let is = {
        let one = one.clone();
        Memo::new(move |_| planner.picked.with(|all| all.contains(&one)))
    };
    Some(
        view! {
            <input
                type="checkbox"
                class="checkbox checkbox-sm me-2"
                aria-label=label
                prop:checked=move || is.get()
                on:change=move |event| planner.pick(one.clone(), event_target_checked(&event))
            />
        }
        .into_any(),
    )
}

fn one(row: DriftView, names: &[String; 2], planner: Planner, acceptor: Acceptor) -> AnyView {
    let (text, locale) = (DriftText::current(), locale());
    let (keeps, accepts) = (decisions(&row, names, planner), accept_one(&row, acceptor));
    let accepted = accepted(&row, acceptor);
    let pick = pick_box(&row, planner);
    let DriftView { repository, thing, kind, what, why, held, action, refused, .. } = row;
    let [a, b] = held;
    let name = match thing.strip_prefix('@') {
        Some(digest) => {
            let short = short(digest);
            view! { <span class="quiet">"@" {short} " · " {text.untagged()}</span> }.into_any()
        }
        None => view! { <span class="quiet">":" {thing}</span> }.into_any(),
    };
    let tone = match kind {
        Kind::Conflict
        | Kind::Deleted
        | Kind::PutBack
        | Kind::Resurrected
        | Kind::Vanished
        | Kind::Incomplete => Tone::Warn,
        Kind::New | Kind::Moved => Tone::Accent,
        Kind::Retired | Kind::Extra | Kind::NoHistory | Kind::Unstable | Kind::Accepted => Tone::Plain,
    };
    let asks = action == Action::Ask;
    view! {
        <tr role="row" class:asks=asks>
            <th scope="row" role="rowheader">
                {pick}
                <span class="font-medium break-all">{repository} {name}</span>
                <span class="block quiet small font-normal">{why.into_text(locale)}</span>
                {refused.map(|why| view! { <span class="block small">{why.into_text(locale)}</span> })}
                {accepted}
                <span class="flex flex-wrap gap-2 pt-1">{keeps} {accepts}</span>
            </th>
            <td role="cell">
                <Badge text=what.into_text(locale) tone />
            </td>
            <td role="cell">{side(&names[0])} {holds(a, text)}</td>
            <td role="cell" class="drift-arrow" title=text.action(action, [&names[0], &names[1]])>
                <span aria-hidden="true">{arrow(action)}</span>
                <span class="sr-only">{text.action(action, [&names[0], &names[1]])}</span>
            </td>
            <td role="cell">{side(&names[1])} {holds(b, text)}</td>
        </tr>
    }
    .into_any()
}

fn short(digest: &str) -> Option<String> {
    Digest::parse(digest).map(|d| d.short())
}

/// The side's name, on a phone, where the heads of the columns have no place.
fn side(name: &str) -> AnyView {
    view! { <span class="block quiet small sm:hidden" aria-hidden="true">{name.to_owned()}</span> }.into_any()
}

/// For what asks: a button per side that holds something, and one for neither, for those who may decide.
fn decisions(row: &DriftView, names: &[String; 2], planner: Planner) -> Option<AnyView> {
    if row.action != Action::Ask || !Visit::current().may(Role::Operator) || row.thing.starts_with('@') {
        return None;
    }
    let text = DriftText::current();
    let alike = row.held[0].as_ref().map(|h| &h.digest) == row.held[1].as_ref().map(|h| &h.digest);
    let mut choices = Vec::new();
    if alike {
        choices.push((Keep::A, text.keep_both().to_owned()));
    } else {
        let holding = Side::BOTH.into_iter().filter(|side| row.held[side.at()].is_some());
        choices.extend(holding.map(|side| (Keep::of(side), text.keep(&names[side.at()]))));
    }
    choices.push((Keep::Neither, text.keep_neither().to_owned()));
    let buttons = choices
        .into_iter()
        .map(|(keep, label)| {
            let decision = Decision { repository: row.repository.clone(), thing: row.thing.clone(), keep };
            view! {
                <ActionButton
                    small=true
                    name=format!("{label}: {}:{}", row.repository, row.thing)
                    label=label
                    busy=planner.planning.busy()
                    on_press=move || planner.decide(decision.clone())
                />
            }
        })
        .collect_view();
    Some(buttons.into_any())
}

fn holds(held: Option<HeldView>, text: DriftText) -> AnyView {
    let Some(HeldView { digest, bytes: size, pushed_ms, by }) = held else {
        return view! {
            <span aria-hidden="true">{text.nothing_here()}</span>
            <span class="sr-only">{text.absent()}</span>
        }
        .into_any();
    };
    let short = short(&digest);
    view! {
        <span class="code" title=digest>{short}</span>
        <span class="block quiet small">
            {(pushed_ms > 0).then(|| view! { <Moment at_ms=pushed_ms /> " · " })}
            {by.map(|by| format!("{by} · "))}
            {bytes(size)}
        </span>
    }
    .into_any()
}

/// Which way it would be healed; what it says stands beside it in words.
fn arrow(action: Action) -> &'static str {
    match action {
        Action::Copy { to: Side::B } | Action::Move { to: Side::B } => "→",
        Action::Copy { to: Side::A } | Action::Move { to: Side::A } => "←",
        Action::Delete { on: Side::A } => "✕ ←",
        Action::Delete { on: Side::B } => "→ ✕",
        Action::DeleteBoth => "✕",
        Action::Leave => "=",
        Action::Ask => "?",
    }
}
