//! A new API token.

use leptos::{ev::SubmitEvent, html, prelude::*};
use model::people::Role;

use super::{Faults, empty, typed};
use crate::{
    api::people::create_token,
    pages::{deed::Deed, settings::role_choices},
    text::settings::SettingsText,
    ui::{Described, PlainField, SelectField, SubmitButton},
};

/// Days a token lives unless one says otherwise.
const DAYS: &str = "90";
/// Longest life, in days; the server holds to it as well.
const MOST_DAYS: u32 = 3650;

/// Makes a token with one's own role or less; the answer is its secret.
#[component]
pub(crate) fn CreateTokenForm(
    /// The role of whoever makes it.
    most: Role,
    /// Called with the name and the secret.
    #[prop(into)]
    on_made: Callback<(String, String)>,
) -> impl IntoView {
    // What is known of a form that was sent is made anew; its fields stay in the page and are emptied.
    let round = RwSignal::new(0);
    let on_made = Callback::new(move |made| {
        round.update(|n| *n += 1);
        on_made.run(made);
    });
    move || {
        round.track();
        view! { <Fields most on_made /> }
    }
}

#[component]
fn Fields(most: Role, on_made: Callback<(String, String)>) -> impl IntoView {
    let text = SettingsText::current();
    let (deed, form) = (Deed::new(), NodeRef::<html::Form>::new());
    let faults = Faults::new(move || deed.error().get(), &[("token", "")]);
    let role = RwSignal::new(Role::Viewer.as_str().to_owned());
    let no_number = RwSignal::new(false);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = typed(&event, "token").trim().to_owned();
        let days = days(&typed(&event, "days"));
        no_number.set(days.is_none());
        let Some(days) = days else { return };
        let wanted = Role::parse(&role.get_untracked()).unwrap_or(Role::Viewer);
        deed.run(create_token(name.clone(), wanted, days), move |once| {
            empty(form);
            on_made.run((name, once.secret));
        });
    };
    let wrong_days = Signal::derive(move || no_number.get().then(|| text.days_number().to_owned()));
    view! {
        <form
            node_ref=form
            class="grid items-start gap-3 sm:grid-cols-2 xl:grid-cols-3"
            method="post"
            novalidate
            on:submit=on_submit
        >
            <PlainField
                described=Described::new("token", text.token_name()).hint(text.token_name_hint())
                error=faults.at("token")
            />
            <SelectField
                described=Described::new("role", text.token_role())
                value=role
                choices=role_choices(most)
                name="role"
            />
            <PlainField
                described=Described::new("days", text.days()).hint(text.days_hint())
                start=DAYS
                error=wrong_days
            />
            <div class="grid gap-3 justify-items-start sm:col-span-2 xl:col-span-3">
                {faults.elsewhere()}
                <SubmitButton label=text.create_press() busy=deed.busy() />
            </div>
        </form>
    }
}

/// Days as typed; full-width digits, as Chinese keyboards give them, are digits too.
fn days(text: &str) -> Option<u32> {
    let plain = |c: char| match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        _ => c,
    };
    let number: String = text.trim().chars().map(plain).collect();
    number.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days))
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_whole_and_within_bounds() {
        assert_eq!(days(" 90 "), Some(90));
        assert_eq!(days("３６５"), Some(365));
        for bad in ["", "0", "3651", "1.5", "-1", "ten"] {
            assert_eq!(days(bad), None, "{bad:?}");
        }
    }
}
