//! A new password by a code that an administrator gave.

use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

use super::{Faults, NewPasswordField, load_anew, typed};
use crate::{
    api::entrance::UseResetCode,
    routes,
    text::entrance::EntranceText,
    ui::{Described, PlainField, SubmitButton},
};

/// Sets the password, then leads back to signing in.
#[component]
pub(crate) fn ResetCodeForm(
    /// The name that a plain form had typed before it was refused.
    name_before: String,
) -> impl IntoView {
    let text = EntranceText::current();
    let set = ServerAction::<UseResetCode>::new();
    let faults = Faults::new(
        move || set.value().get().and_then(Result::err),
        &[("name", ""), ("code", "access.reset_code"), ("password", "")],
    );
    let name = RwSignal::new(name_before.clone());
    Effect::new(move |_| {
        if let Some(Ok(())) = set.value().get() {
            load_anew(routes::SIGN_IN_AFTER_CODE);
        }
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !set.pending().get_untracked() {
            set.dispatch(UseResetCode {
                name: typed(&event, "name"),
                code: typed(&event, "code"),
                password: typed(&event, "password"),
            });
        }
    };
    view! {
        <form class="grid gap-4" method="post" action=UseResetCode::PATH on:submit=on_submit>
            <PlainField
                described=Described::new("name", text.name())
                start=name_before
                autocomplete="username"
                error=faults.at("name")
                on_type=Callback::new(move |text| name.set(text))
            />
            <PlainField
                described=Described::new("code", text.reset_code())
                code=true
                error=faults.at("code")
            />
            <NewPasswordField
                described=Described::new("password", text.new_password())
                name
                fault=faults.at("password")
            />
            {faults.elsewhere()}
            <SubmitButton label=text.set_password() busy=set.pending() />
        </form>
    }
}
