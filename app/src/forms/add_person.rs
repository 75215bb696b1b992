//! A new person of the console.

use leptos::{ev::SubmitEvent, html, prelude::*};
use model::people::Role;

use super::{Faults, empty, typed};
use crate::{
    api::people::add_person,
    pages::{deed::Deed, settings::role_choices},
    text::settings::SettingsText,
    ui::{Described, PlainField, SelectField, SubmitButton},
};

/// Adds a person; the answer is a one-time code for them.
#[component]
pub(crate) fn AddPersonForm(
    /// Called with the name and the code.
    #[prop(into)]
    on_added: Callback<(String, String)>,
) -> impl IntoView {
    // What is known of a form that was sent is made anew; its fields stay in the page and are emptied.
    let round = RwSignal::new(0);
    let on_added = Callback::new(move |added| {
        round.update(|n| *n += 1);
        on_added.run(added);
    });
    move || {
        round.track();
        view! { <Fields on_added /> }
    }
}

#[component]
fn Fields(on_added: Callback<(String, String)>) -> impl IntoView {
    let text = SettingsText::current();
    let (deed, form) = (Deed::new(), NodeRef::<html::Form>::new());
    let faults = Faults::new(move || deed.error().get(), &[("name", "access.name_taken")]);
    let role = RwSignal::new(Role::Viewer.as_str().to_owned());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = typed(&event, "name").trim().to_owned();
        let wanted = Role::parse(&role.get_untracked()).unwrap_or(Role::Viewer);
        deed.run(add_person(name.clone(), wanted), move |once| {
            empty(form);
            on_added.run((name, once.secret));
        });
    };
    view! {
        <form node_ref=form class="grid items-start gap-3 sm:grid-cols-2" method="post" on:submit=on_submit>
            <PlainField
                described=Described::new("name", text.name())
                error=faults.at("name")
            />
            <SelectField
                described=Described::new("role", text.role())
                value=role
                choices=role_choices(Role::Administrator)
                name="role"
            />
            <div class="sm:col-span-2 grid gap-3 justify-items-start">
                {faults.elsewhere()}
                <SubmitButton label=text.add_press() busy=deed.busy() />
            </div>
        </form>
    }
}
