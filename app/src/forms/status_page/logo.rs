//! The field of a logo: a small file that becomes a `data:` address.

use leptos::prelude::*;

use crate::{
    text::status_pages::StatusPagesText,
    ui::{ActionButton, Described},
};

/// The field, with what was chosen.
pub(super) fn field(logo: RwSignal<Option<String>>, error: Signal<Option<String>>) -> AnyView {
    let text = StatusPagesText::current();
    let described = Described::new("page-logo", text.logo()).hint(text.logo_hint());
    let chosen = move || {
        logo.get().map(|address| {
            view! {
                <img class="max-h-8 max-w-24" src=address alt="" />
                <ActionButton small=true label=text.logo_remove() on_press=move || logo.set(None) />
            }
        })
    };
    let control = view! {
        <div class="flex flex-wrap items-center gap-3">
            <input
                id="page-logo"
                type="file"
                class="small min-w-0 max-w-full file:mr-3 file:cursor-pointer file:rounded-field file:border file:border-base-300 file:bg-base-200 file:px-3 file:py-1.5"
                accept="image/png,image/jpeg,image/webp,image/svg+xml"
                aria-describedby="page-logo-hint page-logo-error"
                on:change:target=move |event| read(&event.target(), logo)
            />
            {chosen}
        </div>
    };
    described.around(error, control.into_any())
}

/// Reads the chosen file into `logo`.
fn read(input: &leptos::web_sys::HtmlInputElement, logo: RwSignal<Option<String>>) {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::{JsCast, closure::Closure};
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        let Ok(reader) = web_sys::FileReader::new() else { return };
        let of = reader.clone();
        let read = Closure::once_into_js(move || {
            let address = of.result().ok().and_then(|read| read.as_string());
            // The page may be gone by then.
            logo.try_set(address);
        });
        reader.set_onload(Some(read.unchecked_ref()));
        let _ = reader.read_as_data_url(&file);
    }
    #[cfg(feature = "ssr")]
    let _ = (input, logo);
}
