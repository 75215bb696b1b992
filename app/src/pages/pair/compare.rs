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

/// Looks again now, or stops that, for those who may.
pub(super) fn compare_buttons(now: RwSignal<PairView>, compare: Deed) -> AnyView {
    let text = DriftText::current();
    let stop = Deed::new();
    let at_work = Signal::derive(move || compare.busy().get() || now.with(|p| p.comparing.is_some()));
    let press = move |whole| {
        let id = now.with_untracked(|p| p.id.clone());
        compare.run(compare_pair(id, whole), move |pair| now.update(|known| known.follow(pair)));
    };
    let halt = move || {
        let id = now.with_untracked(|p| p.id.clone());
        stop.run(stop_comparing(id), move |pair| now.update(|known| known.follow(pair)));
    };
    let label = move || if at_work.get() { text.comparing() } else { text.compare() }.to_owned();
    let stoppable = Memo::new(move |_| now.with(|p| p.comparing.is_some()));
    Visit::current()
        .may(Role::Operator)
        .then(|| {
            view! {
                <Show when=move || stoppable.get()>
                    <ActionButton
                        small=true
                        kind=Kind::Quiet
                        label=text.stop_comparing()
                        busy=stop.busy()
                        on_press=halt
                    />
                </Show>
                <Show when=move || !at_work.get()>
                    <ActionButton
                        small=true
                        kind=Kind::Quiet
                        label=text.compare_all()
                        on_press=move || press(true)
                    />
                </Show>
                <ActionButton
                    small=true
                    label=Signal::derive(label)
                    busy=at_work
                    on_press=move || press(false)
                />
            }
        })
        .into_any()
}

/// When everything was read, and what is read in between.
pub(super) fn read_how(now: RwSignal<PairView>) -> AnyView {
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
    line.into_any()
}
