//! Signing in by name and password.

use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};

use super::{Faults, load_anew, typed};
use crate::{
    api::entrance::SignIn,
    routes,
    text::entrance::EntranceText,
    ui::{Described, PlainField, SubmitButton},
};

/// Signs in, then goes on where one wanted to go.
#[component]
pub(crate) fn SignInForm(
    /// Where that is; judged before it is followed.
    #[prop(into)]
    next: Signal<Option<String>>,
) -> impl IntoView {
    let text = EntranceText::current();
    let sign_in = ServerAction::<SignIn>::new();
    let faults = Faults::new(move || sign_in.value().get().and_then(Result::err), &[]);
    Effect::new(move |_| {
        if let Some(Ok(())) = sign_in.value().get() {
            load_anew(&routes::safe_next(next.get_untracked()));
        }
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !sign_in.pending().get_untracked() {
            sign_in.dispatch(SignIn {
                name: typed(&event, "name"),
                password: typed(&event, "password"),
                next: None,
            });
        }
    };
    view! {
        <form class="grid gap-4" method="post" action=SignIn::PATH on:submit=on_submit>
            <PlainField described=Described::new("name", text.name()) autocomplete="username" />
            <PlainField
                described=Described::new("password", text.password())
                kind="password"
                autocomplete="current-password"
            />
            <input type="hidden" name="next" value=move || next.get().unwrap_or_default() />
            {faults.elsewhere()}
            <SubmitButton label=text.sign_in() busy=sign_in.pending() />
        </form>
    }
}
