//! A secret that is shown once, with a button that copies it.

use leptos::{html, prelude::*};

use crate::{
    text::{common::CommonText, settings::SettingsText},
    ui::{ActionButton, Kind, Mark, StateMark},
};

/// The secret, until its reader says that they have it.
#[component]
pub(crate) fn ShownOnce(
    /// What it is: "One-time code for Anna".
    #[prop(into)]
    title: String,
    /// What to do with it.
    #[prop(into)]
    how: String,
    /// The secret.
    secret: String,
    /// Called when it may go.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let (text, common) = (SettingsText::current(), CommonText::current());
    let field = NodeRef::<html::Input>::new();
    let said = RwSignal::new("");
    let copy = move || {
        let Some(input) = field.get_untracked() else { return };
        let _ = input.focus();
        input.select();
        said.set(if copy_selection() { common.copied() } else { text.copy_by_hand() });
    };
    let (label, name) = (title.clone(), title.clone());
    view! {
        <section class="notice notice-ok" aria-label=name>
            <StateMark mark=Mark::Good label="" />
            <div class="grid gap-2 min-w-0 grow">
                <h2 class="section-title">{title}</h2>
                <p>{how}</p>
                <div class="flex flex-wrap gap-2">
                    <input
                        node_ref=field
                        class="input code grow min-w-0"
                        type="text"
                        readonly
                        autocomplete="off"
                        spellcheck="false"
                        aria-label=label
                        value=secret
                    />
                    <ActionButton kind=Kind::Primary label=common.copy() on_press=copy />
                    <ActionButton label=text.done_with_it() on_press=move || on_done.run(()) />
                </div>
                <p class="quiet small">{text.shown_once()}</p>
                <p class="small" role="status">{move || said.get()}</p>
            </div>
        </section>
    }
}

/// Copies what is selected. The older of the two ways, since the newer one is shut where the console is opened by
/// plain http.
fn copy_selection() -> bool {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsCast;
        document()
            .dyn_into::<web_sys::HtmlDocument>()
            .ok()
            .and_then(|page| page.exec_command("copy").ok())
            .unwrap_or_default()
    }
    #[cfg(feature = "ssr")]
    false
}
