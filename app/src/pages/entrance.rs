//! The doors: first start and signing in. Both work as plain forms where no WebAssembly runs.

mod setup;
mod sign_in;

use leptos::prelude::*;

pub(crate) use setup::SetupPage;
pub(crate) use sign_in::SignInPage;

use super::frame::{LanguageSwitch, document_title, logo};
use crate::text::common::CommonText;

/// A narrow page with nothing around it but the mark of the product and the language.
fn lone(title: Signal<String>, content: AnyView) -> AnyView {
    let text = CommonText::current();
    view! {
        {document_title(move || title.try_get())}
        <div class="lone">
            <header class="flex items-center justify-between gap-3">
                <span class="flex items-center gap-2.5 font-semibold">{logo()} {text.product()}</span>
                <LanguageSwitch />
            </header>
            <main id="main" class="grid gap-5">
                {content}
            </main>
        </div>
    }
    .into_any()
}
