//! A cluster leaves the console: what Breakwater made stays, or is taken back. Its name is typed to confirm.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use model::ids::ClusterId;

use crate::{
    api::clusters::remove_cluster,
    pages::deed::Deed,
    routes,
    text::cluster::ClusterText,
    ui::{Described, SubmitButton, TextField, Toasts},
};

/// Removes a cluster, then leads to the run that takes things back, or to the list.
#[component]
pub(crate) fn RemoveClusterForm(
    /// Which.
    id: ClusterId,
    /// Asks for its name, which must be typed.
    label: String,
) -> impl IntoView {
    let (text, toasts, deed) = (ClusterText::current(), Toasts::current(), Deed::new());
    let navigate = use_navigate();
    let take_back = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let navigate = navigate.clone();
        let work = remove_cluster(id.clone(), take_back.get_untracked(), typed.get_untracked());
        deed.run(work, move |run| match run {
            Some(run) => navigate(&routes::run(&run), Default::default()),
            None => {
                toasts.say(text.removed());
                navigate(routes::CLUSTERS, Default::default());
            }
        });
    };
    view! {
        <form class="grid gap-4" method="post" on:submit=on_submit>
            <p class="quiet">{text.remove_hint()}</p>
            <fieldset class="grid gap-3 md:grid-cols-2">
                <legend class="mb-2">{text.what_stays()}</legend>
                {way(false, take_back, text.leave(), text.leave_hint())}
                {way(true, take_back, text.take_back(), text.take_back_hint())}
            </fieldset>
            <div class="max-w-[26rem]">
                <TextField
                    described=Described::new("remove-name", label)
                    value=typed
                    error=deed.error_at("name")
                />
            </div>
            {deed.trouble(&["name"])}
            <div>
                <SubmitButton label=text.remove_press() busy=deed.busy() danger=true />
            </div>
        </form>
    }
}

fn way(takes_back: bool, chosen: RwSignal<bool>, label: &'static str, hint: &'static str) -> AnyView {
    let id = if takes_back { "remove-take-back" } else { "remove-leave" };
    let hint_id = format!("{id}-hint");
    view! {
        <label class="choice" for=id>
            <span class="flex items-center gap-2 font-medium">
                <input
                    id=id
                    type="radio"
                    class="radio radio-sm"
                    name="remove-way"
                    aria-describedby=hint_id.clone()
                    checked=!takes_back
                    prop:checked=move || chosen.get() == takes_back
                    on:change=move |_| chosen.set(takes_back)
                />
                {label}
            </span>
            <span id=hint_id class="hint">{hint}</span>
        </label>
    }
    .into_any()
}
