//! Another account for a node: tried there before it is kept, and never shown again.

use leptos::{ev::SubmitEvent, prelude::*};
use model::{
    AppError,
    ids::{ClusterId, NodeId},
    say,
    spec::CredentialKind,
};

use crate::{
    api::clusters::replace_credential,
    pages::deed::Deed,
    text::cluster::ClusterText,
    ui::{Choice, Described, SelectField, SubmitButton, TextField, Toasts},
};

const ROBOT: &str = "robot";

/// Replaces the account of one node.
#[component]
pub(crate) fn ReplaceCredentialForm(
    /// Its cluster.
    cluster: ClusterId,
    /// Which node.
    node: NodeId,
    /// Its name.
    name: String,
    /// The account it has now.
    username: String,
    /// Told the kind and the name of the account that is kept from now on.
    on_kept: Callback<(CredentialKind, String)>,
) -> impl IntoView {
    let (text, toasts, deed) = (ClusterText::current(), Toasts::current(), Deed::new());
    let kind = RwSignal::new(if username.starts_with("robot") { ROBOT } else { "admin" }.to_owned());
    let username = RwSignal::new(username);
    let secret = RwSignal::new(String::new());
    let id = |field: &str| format!("{field}-{node}");
    let (kind_id, name_id, secret_id) = (id("kind"), id("username"), id("secret"));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if username.with_untracked(|u| u.trim().is_empty()) || secret.with_untracked(String::is_empty) {
            deed.refuse(incomplete());
            return;
        }
        let kept = if kind.get_untracked() == ROBOT { CredentialKind::Robot } else { CredentialKind::Admin };
        let (account, name) = (username.get_untracked().trim().to_owned(), name.clone());
        let work =
            replace_credential(cluster.clone(), node.clone(), kept, account.clone(), secret.get_untracked());
        deed.run(work, move |()| {
            secret.set(String::new());
            toasts.say(text.credential_replaced(&name));
            on_kept.run((kept, account));
        });
    };
    let kinds = vec![Choice::new("admin", text.kind_admin()), Choice::new(ROBOT, text.kind_robot())];
    view! {
        // No field has a name: sent before the page is alive, the form carries nothing.
        <form class="grid max-w-[26rem] gap-3 pt-3" method="post" on:submit=on_submit>
            <p class="hint">{text.credential_hint()}</p>
            <SelectField described=Described::new(kind_id, text.kind()) value=kind choices=kinds />
            <TextField described=Described::new(name_id, text.username()) value=username code=true />
            <TextField
                described=Described::new(secret_id, text.secret())
                value=secret
                kind="password"
                autocomplete="new-password"
            />
            {deed.trouble(&[])}
            <div>
                <SubmitButton label=text.try_and_keep() busy=deed.busy() />
            </div>
        </form>
    }
}

/// A form that was sent without the name or the password of an account.
pub(crate) fn incomplete() -> AppError {
    AppError::new(
        "credential.incomplete",
        422,
        say!("The user name or the password is empty.", "用户名或密码为空。"),
        say!("Fill in both; the node is asked with them.", "请填写两者，随后会在该节点上验证。"),
    )
}
