//! A new link to a status page.

use leptos::{ev::SubmitEvent, html, prelude::*};
use model::{
    Locale,
    ids::PageId,
    page::{LINK_DAYS_MAX, LinkName, NewLink},
};

use super::{Faults, empty, typed};
use crate::{
    api::{status_pages::make_link, types::MadeLink},
    pages::deed::Deed,
    text::status_pages::StatusPagesText,
    ui::{Choice, Described, PlainField, SelectField, SubmitButton},
};

/// Makes a link to a page.
#[component]
pub(crate) fn ShareLinkForm(
    /// Which page.
    page: PageId,
    /// Called with the link, once.
    #[prop(into)]
    on_made: Callback<MadeLink>,
) -> impl IntoView {
    let text = StatusPagesText::current();
    let (deed, form) = (Deed::new(), NodeRef::<html::Form>::new());
    let faults = Faults::new(
        move || deed.error().get(),
        &[("link-name", ""), ("link-days", ""), ("link-password", "")],
    );
    let language = RwSignal::new(String::new());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let days = typed(&event, "link-days");
        // What is no number is refused as one that is too large.
        let days =
            Some(days.trim()).filter(|d| !d.is_empty()).map(|d| d.parse().unwrap_or(LINK_DAYS_MAX + 1));
        let link = LinkName::parse(&typed(&event, "link-name")).and_then(|name| {
            let link = NewLink { name, days, locale: Locale::from_tag(&language.get_untracked()) };
            link.judge().map(|()| link)
        });
        match link {
            Ok(link) => {
                deed.run(make_link(page.clone(), link, typed(&event, "link-password")), move |made| {
                    empty(form);
                    on_made.run(made);
                })
            }
            Err(error) => deed.refuse(error),
        }
    };
    view! {
        <form
            node_ref=form
            class="grid items-start gap-3 sm:grid-cols-2"
            method="post"
            novalidate
            on:submit=on_submit
        >
            <PlainField
                described=Described::new("link-name", text.link_name()).hint(text.link_name_hint())
                error=faults.at("link-name")
            />
            <PlainField
                described=Described::new("link-days", text.link_days()).hint(text.link_days_hint())
                optional=true
                error=faults.at("link-days")
            />
            <PlainField
                described=Described::new("link-password", text.link_password()).hint(text.link_password_hint())
                optional=true
                autocomplete="new-password"
                error=faults.at("link-password")
            />
            <SelectField
                described=Described::new("link-language", text.language())
                value=language
                choices=languages()
            />
            <div class="grid gap-3 justify-items-start sm:col-span-2">
                {faults.elsewhere()}
                <SubmitButton label=text.link_make() busy=deed.busy() />
            </div>
        </form>
    }
}

/// The languages of a page or a link.
pub(crate) fn languages() -> Vec<Choice> {
    let text = StatusPagesText::current();
    let named = |locale: Locale| {
        let name = match locale {
            Locale::En => "English",
            Locale::Zh => "中文",
        };
        Choice::new(locale.tag(), name)
    };
    std::iter::once(Choice::new("", text.language_theirs())).chain(Locale::ALL.map(named)).collect()
}
