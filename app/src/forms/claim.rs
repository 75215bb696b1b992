//! First start: the one-time code, and who administers the console.

use leptos::{ev::SubmitEvent, prelude::*, server_fn::ServerFn};
use model::Locale;

use super::{Faults, NewPasswordField, load_anew, typed};
use crate::{
    api::entrance::Claim,
    routes,
    text::{common::CommonText, entrance::EntranceText},
    ui::{Choice, Described, PlainField, SelectField, SubmitButton},
    visit::locale,
};

/// The id of the field that the browser fills in.
const ADDRESS: &str = "public_address";

/// What a plain form had typed before it was refused.
#[derive(Clone, Default)]
pub(crate) struct TypedBefore {
    /// The name.
    pub(crate) name: String,
    /// The language; empty for that of the page.
    pub(crate) locale: String,
    /// The public address.
    pub(crate) public_address: String,
}

/// Claims the console, then leads to the wizard.
#[component]
pub(crate) fn ClaimForm(
    /// What was typed before.
    before: TypedBefore,
) -> impl IntoView {
    let (text, common) = (EntranceText::current(), CommonText::current());
    let claim = ServerAction::<Claim>::new();
    let faults = Faults::new(
        move || claim.value().get().and_then(Result::err),
        &[("code", "access.setup_code"), ("name", ""), ("password", ""), (ADDRESS, "")],
    );
    let name = RwSignal::new(before.name.clone());
    let chosen = Locale::from_tag(&before.locale).unwrap_or_else(locale);
    let language = RwSignal::new(chosen.tag().to_owned());
    Effect::new(move |_| match claim.value().get() {
        Some(Ok(())) => load_anew(routes::NEW_CLUSTER),
        Some(Err(error)) if error.0.code == "access.claimed" => load_anew(routes::SIGN_IN),
        _ => {}
    });
    #[cfg(not(feature = "ssr"))]
    Effect::new(|_| fill_in_address());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !claim.pending().get_untracked() {
            claim.dispatch(Claim {
                code: typed(&event, "code"),
                name: typed(&event, "name"),
                password: typed(&event, "password"),
                locale: typed(&event, "locale"),
                public_address: typed(&event, ADDRESS),
            });
        }
    };
    view! {
        <form class="grid gap-4" method="post" action=Claim::PATH on:submit=on_submit>
            <PlainField
                described=Described::new("code", text.code()).hint(text.code_hint())
                code=true
                error=faults.at("code")
            />
            <PlainField
                described=Described::new("name", text.your_name()).hint(text.your_name_hint())
                start=before.name
                autocomplete="username"
                error=faults.at("name")
                on_type=Callback::new(move |text| name.set(text))
            />
            <NewPasswordField
                described=Described::new("password", text.password())
                name
                fault=faults.at("password")
            />
            <SelectField
                described=Described::new("locale", common.language()).hint(text.language_hint())
                name="locale"
                value=language
                choices=languages()
            />
            <PlainField
                described=Described::new(ADDRESS, text.public_address()).hint(text.public_address_hint())
                start=before.public_address
                optional=true
                code=true
                autocomplete="url"
                error=faults.at(ADDRESS)
            />
            {faults.elsewhere()}
            <SubmitButton label=text.claim() busy=claim.pending() />
        </form>
    }
}

/// Each language in its own words, so that who cannot read this page finds theirs.
fn languages() -> Vec<Choice> {
    let words = |locale| match locale {
        Locale::En => "English",
        Locale::Zh => "中文",
    };
    Locale::ALL.into_iter().map(|l| Choice::new(l.tag(), words(l))).collect()
}

/// Proposes the address that this page was opened by.
#[cfg(not(feature = "ssr"))]
fn fill_in_address() {
    use wasm_bindgen::JsCast;
    let field =
        document().get_element_by_id(ADDRESS).and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok());
    if let (Some(field), Ok(origin)) = (field, window().location().origin())
        && field.value().is_empty()
    {
        field.set_value(&origin);
    }
}
