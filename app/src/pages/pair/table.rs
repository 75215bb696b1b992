//! The differences: what happened, what each side holds, and what would make it right.

use leptos::prelude::*;
use model::{
    drift::{Action, DriftView, HeldView, Kind, PairView, Side},
    say::bytes,
};

use crate::{
    text::drift::DriftText,
    ui::{Badge, Moment, Tone},
    visit::locale,
};

/// Rows on a wide screen, boxes on a phone.
pub(super) fn table(rows: RwSignal<Vec<DriftView>>, now: RwSignal<PairView>) -> AnyView {
    let text = DriftText::current();
    let names = now.with_untracked(|p| [p.a.to_string(), p.b.to_string()]);
    let [a, b] = names.clone();
    view! {
        <section class="panel min-w-0" aria-label=text.list()>
            <div class="scrolls rounded-(--radius-box)" tabindex="0" role="region" aria-label=text.list()>
                <table class="data-table drift-table">
                    <thead>
                        <tr>
                            <th scope="col">{text.artifact()}</th>
                            <th scope="col">{text.what()}</th>
                            <th scope="col">{a}</th>
                            <th scope="col"><span class="sr-only">{text.heals_by()}</span></th>
                            <th scope="col">{b}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || rows.get()
                            key=|row| (row.repository.clone(), row.thing.clone(), row.kind)
                            let(row)
                        >
                            {one(row, &names)}
                        </For>
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn one(row: DriftView, names: &[String; 2]) -> AnyView {
    let (text, locale) = (DriftText::current(), locale());
    let DriftView { repository, thing, kind, what, why, held, action, .. } = row;
    let [a, b] = held;
    let name = match thing.strip_prefix('@') {
        Some(digest) => {
            let short: String = digest.chars().skip("sha256:".len()).take(8).collect();
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
        Kind::Retired | Kind::Extra | Kind::NoHistory => Tone::Plain,
    };
    let asks = action == Action::Ask;
    view! {
        <tr class:asks=asks>
            <th scope="row">
                <span class="font-medium break-all">{repository} {name}</span>
                <span class="block quiet small font-normal">{why.into_text(locale)}</span>
            </th>
            <td>
                <Badge text=what.into_text(locale) tone />
            </td>
            <td>{holds(a, text)}</td>
            <td class="drift-arrow" title=text.action(action, [&names[0], &names[1]])>
                <span aria-hidden="true">{arrow(action)}</span>
                <span class="sr-only">{text.action(action, [&names[0], &names[1]])}</span>
            </td>
            <td>{holds(b, text)}</td>
        </tr>
    }
    .into_any()
}

fn holds(held: Option<HeldView>, text: DriftText) -> AnyView {
    let Some(HeldView { digest, bytes: size, pushed_ms, by }) = held else {
        return view! {
            <span aria-hidden="true">{text.nothing_here()}</span>
            <span class="sr-only">{text.absent()}</span>
        }
        .into_any();
    };
    let short: String = digest.chars().skip("sha256:".len()).take(8).collect();
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
