//! An endpoint gets another name.

use leptos::{ev::SubmitEvent, prelude::*};
use model::{
    ids::ClusterId,
    names::{EndpointName, NodeName},
    rule::RuleDeed,
};

use crate::{
    api::rules::do_rule,
    pages::deed::Deed,
    text::{common::CommonText, endpoints::EndpointsText},
    ui::{Described, Dialog, Kind, SubmitButton, TextField, Toasts, close_dialog},
};

/// Id of the dialog, for the buttons that open it.
pub(crate) const RENAME: &str = "rename-endpoint";

/// The field that the server's faults name.
const FIELD: &str = "endpoint-name";

/// Which endpoint the dialog is about.
#[derive(Clone, PartialEq)]
pub(crate) struct Renamed {
    pub(crate) node: NodeName,
    pub(crate) endpoint: i64,
    pub(crate) name: String,
}

/// The dialog; what it is about is chosen by the button that opens it.
pub(crate) fn rename_dialog(cluster: ClusterId, which: RwSignal<Option<Renamed>>) -> AnyView {
    let (text, common) = (EndpointsText::current(), CommonText::current());
    let (toasts, deed, typed) = (Toasts::current(), Deed::new(), RwSignal::new(String::new()));
    Effect::new(move |_| {
        typed.set(which.with(|w| w.as_ref().map(|w| w.name.clone()).unwrap_or_default()));
        deed.forget();
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(Renamed { node, endpoint, .. }) = which.get_untracked() else { return };
        let name = match EndpointName::parse(&typed.get_untracked()) {
            Ok(name) => name,
            Err(fault) => return deed.refuse(fault),
        };
        let what = RuleDeed::RenameEndpoint { node, endpoint, name };
        deed.run(do_rule(cluster.clone(), what), move |_| {
            close_dialog(RENAME);
            toasts.say(text.renaming());
        });
    };
    let hint = move || which.with(|w| w.as_ref().map(|w| text.rename_hint(&w.name)));
    view! {
        <Dialog id=RENAME title=text.rename_title()>
            <form class="grid gap-4" method="post" on:submit=on_submit>
                <p class="break-words">{hint}</p>
                <TextField
                    described=Described::new(FIELD, text.new_name())
                    value=typed
                    error=deed.error_at(FIELD)
                    code=true
                />
                {deed.trouble(&[FIELD])}
                <div class="flex flex-wrap justify-end gap-2">
                    <button type="button" class=Kind::Secondary.class(false) commandfor=RENAME command="close">
                        {common.cancel()}
                    </button>
                    <SubmitButton label=text.rename() busy=deed.busy() />
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
