//! A line of text to take along, with a button that copies it.

use leptos::{html, prelude::*};

use super::{ActionButton, Kind};
use crate::text::common::CommonText;

/// A text that is read and copied, not changed.
#[component]
pub(crate) fn CopyField(
    /// What it is, for those who hear the page.
    label: String,
    /// The text.
    value: String,
    /// Copying is the one thing to do next.
    #[prop(optional)]
    primary: bool,
    /// Says more than "Copy" to those who hear the page.
    #[prop(optional, into)]
    copy_name: Option<String>,
    /// Further buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let common = CommonText::current();
    let field = NodeRef::<html::Input>::new();
    let said = RwSignal::new("");
    let copy = move || {
        let Some(input) = field.get_untracked() else { return };
        let _ = input.focus();
        input.select();
        said.set(if copy_selection() { common.copied() } else { common.copy_by_hand() });
    };
    let name = copy_name.unwrap_or_else(|| common.copy().to_owned());
    let kind = if primary { Kind::Primary } else { Kind::Secondary };
    view! {
        <div class="flex flex-wrap gap-2">
            <input
                node_ref=field
                class="input code grow min-w-0"
                type="text"
                readonly
                autocomplete="off"
                spellcheck="false"
                aria-label=label
                value=value
            />
            <ActionButton kind label=common.copy() name on_press=copy />
            {children.map(|children| children())}
        </div>
        <p class="small" role="status">{move || said.get()}</p>
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
