//! Comparing a pair: what has changed, or everything; and how it is read.

use leptos::prelude::*;
use model::{drift::PairView, people::Role};

use crate::{
    api::drift::{compare_pair, stop_comparing},
    pages::deed::Deed,
    text::drift::DriftText,
    ui::{ActionButton, Ago, Kind},
    visit::{Visit, locale},
};

fn press(now: RwSignal<PairView>, compare: Deed, whole: bool) {
    let id = now.with_untracked(|p| p.id.clone());
    compare.run(compare_pair(id, whole), move |pair| now.update(|known| known.follow(pair)));
}

fn at_work(now: RwSignal<PairView>, compare: Deed) -> Signal<bool> {
    Signal::derive(move || compare.busy().get() || now.with(|p| p.comparing.is_some()))
}

/// Looks again now, for those who may.
pub(super) fn compare_button(now: RwSignal<PairView>, compare: Deed) -> AnyView {
    let text = DriftText::current();
    let busy = at_work(now, compare);
    let label = move || if busy.get() { text.comparing() } else { text.compare() }.to_owned();
    Visit::current()
        .may(Role::Operator)
        .then(|| {
            view! {
                <ActionButton
                    small=true
                    label=Signal::derive(label)
                    busy
                    on_press=move || press(now, compare, false)
                />
            }
        })
        .into_any()
}

/// When everything was read, and what is read in between; those who may stop it, or have everything read again.
pub(super) fn read_how(now: RwSignal<PairView>, compare: Deed) -> AnyView {
    let (text, locale) = (DriftText::current(), locale());
    let told = Memo::new(move |_| now.with(|p| Some((p.whole_ms?, p.reads.clone()?))));
    let line = move || {
        told.get().map(|(at_ms, reads)| {
            view! {
                <p class="quiet small">{text.whole()} " " <Ago at_ms /></p>
                <p class="quiet small">{reads.into_text(locale)}</p>
            }
        })
    };
    view! { {line} {Visit::current().may(Role::Operator).then(|| whole_or_none(now, compare))} }.into_any()
}

fn whole_or_none(now: RwSignal<PairView>, compare: Deed) -> AnyView {
    let text = DriftText::current();
    let stop = Deed::new();
    let halt = move || {
        let id = now.with_untracked(|p| p.id.clone());
        stop.run(stop_comparing(id), move |pair| now.update(|known| known.follow(pair)));
    };
    let busy = at_work(now, compare);
    let stoppable = Memo::new(move |_| now.with(|p| p.comparing.is_some()));
    view! {
        <div class="-ms-3">
            <Show when=move || stoppable.get()>
                <ActionButton
                    small=true
                    kind=Kind::Quiet
                    label=text.stop_comparing()
                    busy=stop.busy()
                    on_press=halt
                />
            </Show>
            <Show when=move || !busy.get()>
                <ActionButton
                    small=true
                    kind=Kind::Quiet
                    label=text.compare_all()
                    on_press=move || press(now, compare, true)
                />
            </Show>
        </div>
        {stop.trouble(&[])}
    }
    .into_any()
}
