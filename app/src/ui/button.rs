//! Buttons. One that cannot be pressed says why beside it, and keeps its place in the order of the keyboard.

use leptos::prelude::*;

/// How much a button weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The one thing to do next.
    Primary,
    /// Something else one may do; has a visible border.
    #[default]
    Secondary,
    /// Beside others, without a border.
    Quiet,
    /// Destroys something.
    Danger,
}

impl Kind {
    /// The classes of a button of this kind; also for links that look like one.
    pub(crate) fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Primary, false) => "btn btn-primary",
            (Self::Primary, true) => "btn btn-primary btn-sm",
            (Self::Secondary, false) => "btn btn-outline",
            (Self::Secondary, true) => "btn btn-outline btn-sm",
            (Self::Quiet, false) => "btn btn-ghost",
            (Self::Quiet, true) => "btn btn-ghost btn-sm",
            (Self::Danger, false) => "btn btn-error",
            (Self::Danger, true) => "btn btn-error btn-sm",
        }
    }
}

/// A button that does something in this page.
#[component]
pub(crate) fn ActionButton(
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// What it does.
    on_press: impl Fn() + Send + Sync + 'static,
    /// How much it weighs.
    #[prop(optional)]
    kind: Kind,
    /// Smaller, for rows.
    #[prop(optional)]
    small: bool,
    /// It is at work: pressing again does nothing, and a screen reader hears it.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it cannot be pressed; `None` when it can.
    #[prop(optional, into)]
    refused: Signal<Option<String>>,
    /// Says more than the words to those who hear the page: "Remove node beijing".
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    button(label, Callback::new(move |()| on_press()), kind.class(small), busy, refused, name)
}

/// The same for all, so that the browser carries it once.
fn button(
    label: Signal<String>,
    on_press: Callback<()>,
    class: &'static str,
    busy: Signal<bool>,
    refused: Signal<Option<String>>,
    name: Option<String>,
) -> AnyView {
    let off = Signal::derive(move || busy.get() || refused.with(Option::is_some));
    view! {
        <button
            type="button"
            class=class
            class:is-off=off
            aria-disabled=move || off.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            aria-label=name
            title=move || refused.get()
            on:click=move |_| {
                if !off.get_untracked() {
                    on_press.run(());
                }
            }
        >
            {move || label.get()}
        </button>
    }
    .into_any()
}
