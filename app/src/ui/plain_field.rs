//! Fields of forms that also work without WebAssembly: the browser alone holds what is typed.

use leptos::prelude::*;

use super::field::{Check, Described};

/// One line of text. Nothing binds its value: what was typed, or filled in by a password manager, before the page
/// came alive stays. Read it from the form when that is sent.
#[component]
pub(crate) fn PlainField(
    /// Its words; the id is also its name in the form.
    described: Described,
    /// What stands in it at first.
    #[prop(optional, into)]
    start: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// `text`, `password` …
    #[prop(default = "text")]
    kind: &'static str,
    /// What a password manager may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// It may stay empty.
    #[prop(optional)]
    optional: bool,
    /// For technical text: no spell check, no capitals, fixed width.
    #[prop(optional)]
    code: bool,
    /// Called with each change.
    #[prop(optional, into)]
    on_type: Option<Callback<String>>,
    /// Called when the field is left.
    #[prop(optional, into)]
    on_leave: Option<Callback<()>>,
) -> impl IntoView {
    let check = Check::of(&described, error);
    let id = described.id.clone();
    let control = view! {
        <input
            id=id.clone()
            name=id
            class="input w-full"
            class:code=code
            class:field-invalid=move || error.with(Option::is_some)
            type=kind
            value=start
            required=!optional
            autocomplete=autocomplete
            autocapitalize=code.then_some("none")
            spellcheck=code.then_some("false")
            aria-describedby=check.described_by.clone()
            aria-invalid=check.invalid()
            on:input:target=move |event| {
                if let Some(on_type) = on_type {
                    on_type.run(event.target().value());
                }
            }
            on:blur=move |_| {
                if let Some(on_leave) = on_leave {
                    on_leave.run(());
                }
            }
        />
    };
    described.around(error, control.into_any())
}

/// The button that sends a form.
#[component]
pub(crate) fn SubmitButton(
    /// Its words.
    #[prop(into)]
    label: String,
    /// It was sent and there is no answer yet: sending again does nothing.
    #[prop(into)]
    busy: Signal<bool>,
    /// It destroys something.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    let class = if danger { "btn btn-error" } else { "btn btn-primary" };
    view! {
        <button
            class=class
            class:is-off=move || busy.get()
            aria-disabled=move || busy.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
        >
            <span class="loading loading-spinner loading-sm" class:hidden=move || !busy.get()></span>
            {label}
        </button>
    }
}
