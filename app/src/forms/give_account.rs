//! The administrator of a node, given to one run: taking a robot back may need one whose password was forgotten.

use leptos::{ev::SubmitEvent, prelude::*};
use model::{ids::RunId, names::NodeName};

use crate::{
    api::runs::give_run_account,
    pages::deed::Deed,
    text::run::RunText,
    ui::{Described, SubmitButton, TextField, Toasts},
};

/// Seals an account for the time of a run.
#[component]
pub(crate) fn GiveAccountForm(
    /// Which run.
    run: RunId,
    /// On which node its step failed.
    node: NodeName,
) -> impl IntoView {
    let (text, toasts, deed) = (RunText::current(), Toasts::current(), Deed::new());
    let username = RwSignal::new("admin".to_owned());
    let secret = RwSignal::new(String::new());
    let title = text.account_title(node.as_str());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (name, password) = (username.get_untracked().trim().to_owned(), secret.get_untracked());
        if name.is_empty() || password.is_empty() {
            deed.refuse(super::replace_credential::incomplete());
            return;
        }
        deed.run(give_run_account(run.clone(), node.clone(), name, password), move |()| {
            secret.set(String::new());
            toasts.say(text.account_given());
        });
    };
    view! {
        // No field has a name: sent before the page is alive, the form carries nothing.
        <form
            class="panel panel-body grid max-w-[30rem] gap-3"
            method="post"
            aria-labelledby="run-account"
            on:submit=on_submit
        >
            <h2 id="run-account" class="section-title">{title}</h2>
            <p class="hint">{text.account_hint()}</p>
            <TextField described=Described::new("run-account-user", text.account_user()) value=username code=true />
            <TextField
                described=Described::new("run-account-secret", text.account_secret())
                value=secret
                kind="password"
                autocomplete="new-password"
            />
            {deed.trouble(&[])}
            <div>
                <SubmitButton label=text.account_press() busy=deed.busy() />
            </div>
        </form>
    }
}
