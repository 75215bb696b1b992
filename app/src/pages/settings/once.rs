//! A secret that is shown once, with a button that copies it.

use leptos::prelude::*;

use crate::{
    text::settings::SettingsText,
    ui::{ActionButton, CopyField, Mark, StateMark},
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
    let text = SettingsText::current();
    let (label, name) = (title.clone(), title.clone());
    view! {
        <section class="notice notice-ok" aria-label=name>
            <StateMark mark=Mark::Good label="" />
            <div class="grid gap-2 min-w-0 grow">
                <h2 class="section-title">{title}</h2>
                <p>{how}</p>
                <CopyField label value=secret primary=true>
                    <ActionButton label=text.done_with_it() on_press=move || on_done.run(()) />
                </CopyField>
                <p class="quiet small">{text.shown_once()}</p>
            </div>
        </section>
    }
}
