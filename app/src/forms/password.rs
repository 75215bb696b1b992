//! A new password for oneself.

use leptos::{ev::SubmitEvent, html, prelude::*};

use super::{Faults, NewPasswordField, empty, typed};
use crate::{
    api::people::change_password,
    pages::deed::Deed,
    text::settings::SettingsText,
    ui::{Described, PlainField, SubmitButton},
};

/// Changes the password of whoever is signed in.
#[component]
pub(crate) fn PasswordForm(
    /// Who that is: a password must not contain the name, and a password manager wants to know it.
    name: String,
    /// Called once it is changed.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let text = SettingsText::current();
    let (deed, form) = (Deed::new(), NodeRef::<html::Form>::new());
    let faults =
        Faults::new(move || deed.error().get(), &[("old", "access.wrong_password"), ("password", "")]);
    // The server's words are those of signing in, where the name may be wrong as well.
    let wrong = faults.at("old");
    let wrong = Signal::derive(move || wrong.get().map(|_| text.old_wrong().to_owned()));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (old, new) = (typed(&event, "old"), typed(&event, "password"));
        deed.run(change_password(old, new), move |()| {
            empty(form);
            on_done.run(());
        });
    };
    view! {
        <form node_ref=form class="grid gap-3 max-w-md" method="post" on:submit=on_submit>
            <input class="hidden" type="text" autocomplete="username" readonly value=name.clone() />
            <PlainField
                described=Described::new("old", text.old())
                kind="password"
                autocomplete="current-password"
                error=wrong
            />
            <NewPasswordField
                described=Described::new("password", text.new_password())
                name=Signal::stored(name)
                fault=faults.at("password")
            />
            {faults.elsewhere()}
            <div>
                <SubmitButton label=text.change() busy=deed.busy() />
            </div>
        </form>
    }
}
