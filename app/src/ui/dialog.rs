//! Dialogs on the browser's own element: opened by `commandfor`, closed by Escape, focus kept inside.

use leptos::prelude::*;

/// A dialog. A button with `commandfor=id` and `command="show-modal"` opens it, also before hydration.
#[component]
pub(crate) fn Dialog(
    /// Its id, for the buttons.
    id: &'static str,
    /// Its heading, which names it.
    #[prop(into)]
    title: String,
    /// What it holds; made anew each time the page is, not each time it opens.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let labelled = heading.clone();
    view! {
        <dialog id=id class="modal" aria-labelledby=labelled>
            <div class="modal-box">
                <h2 id=heading class="section-title mb-3">
                    {title}
                </h2>
                {children()}
            </div>
        </dialog>
    }
}

/// Closes an open dialog.
pub(crate) fn close(id: &str) {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsCast;
        if let Some(dialog) =
            document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlDialogElement>().ok())
        {
            dialog.close();
        }
    }
    #[cfg(feature = "ssr")]
    let _ = id;
}
