//! A status page: what it shows, under which names, and to whom.

mod draft;
mod logo;

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use model::page::{PageAccess, PageTheme, StatusPage};

pub(crate) use draft::Draft;
use draft::Pick;

use super::{Faults, share_link::languages};
use crate::{
    api::status_pages::{make_page, save_page},
    pages::deed::Deed,
    routes,
    text::status_pages::StatusPagesText,
    ui::{AreaField, Choice, Described, SelectField, SubmitButton, SwitchField, TextField, Toasts},
};

/// Fields that an error may belong to.
const FIELDS: &[(&str, &str)] = &[
    ("page-name", ""),
    ("page-title", ""),
    ("page-slug", ""),
    ("page-text", ""),
    ("page-logo", ""),
    ("page-zone", ""),
    ("page-clusters", ""),
];

/// The form of a page that is there, or of a new one.
#[component]
pub(crate) fn PageForm(
    /// What is typed.
    draft: Draft,
    /// The page; `None` for a new one.
    page: Option<StatusPage>,
    /// What stands before its part of the address.
    address: String,
) -> impl IntoView {
    let (text, toasts, deed) = (StatusPagesText::current(), Toasts::current(), Deed::new());
    let faults = Faults::new(move || deed.error().get(), FIELDS);
    let version = RwSignal::new(page.as_ref().map_or(0, |page| page.version));
    let id = page.map(|page| page.id);
    let is_new = id.is_none();
    let navigate = use_navigate();
    let on_submit = {
        let draft = draft.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let settings = match draft.settings() {
                Ok(settings) => settings,
                Err(error) => return deed.refuse(error),
            };
            match id.clone() {
                Some(id) => deed.run(save_page(id, version.get_untracked(), settings), move |page| {
                    version.try_set(page.version);
                    toasts.say(text.saved());
                }),
                None => {
                    let navigate = navigate.clone();
                    deed.run(make_page(settings), move |page| {
                        toasts.say(text.saved());
                        navigate(&routes::page(&page.id), leptos_router::NavigateOptions::default());
                    });
                }
            }
        }
    };
    let picks = draft.picks.iter().map(pick).collect_view();
    let shows = &draft.shows;
    let switches = [
        ("show-freshness", text.freshness(), shows.freshness),
        ("show-history", text.history(), shows.history),
        ("show-nodes", text.nodes(), shows.nodes),
        ("show-entry", text.entry(), shows.entry),
        ("show-components", text.components(), shows.components),
        ("show-drift", text.drift(), shows.drift),
    ]
    .map(|(id, label, value)| view! { <SwitchField described=Described::new(id, label) value /> });
    let access = vec![
        Choice::new(PageAccess::Link.as_str(), text.who_link()),
        Choice::new(PageAccess::Public.as_str(), text.who_public()),
    ];
    let themes = vec![
        Choice::new(PageTheme::Device.as_str(), text.theme_device()),
        Choice::new(PageTheme::Day.as_str(), text.theme_day()),
        Choice::new(PageTheme::Night.as_str(), text.theme_night()),
    ];
    if is_new {
        draft.follow_title();
    }
    let no_cluster = faults.at("page-clusters");
    view! {
        <form class="grid gap-6 min-w-0" method="post" novalidate on:submit=on_submit>
            <section class="panel panel-body grid gap-3 sm:grid-cols-2 items-start">
                <TextField
                    described=Described::new("page-title", text.title()).hint(text.title_hint())
                    value=draft.title
                    error=faults.at("page-title")
                />
                <TextField
                    described=Described::new("page-slug", text.slug()).hint(text.slug_hint(&address))
                    value=draft.slug
                    error=faults.at("page-slug")
                    code=true
                />
                <TextField
                    described=Described::new("page-name", text.name())
                    value=draft.name
                    error=faults.at("page-name")
                />
                <SelectField
                    described=Described::new("page-access", text.who())
                    value=draft.access
                    choices=access
                />
                <div class="sm:col-span-2">
                    <AreaField
                        described=Described::new("page-text", text.page_text()).hint(text.text_hint())
                        value=draft.text
                        rows=4
                        error=faults.at("page-text")
                    />
                </div>
                <div class="sm:col-span-2">{logo::field(draft.logo, faults.at("page-logo"))}</div>
            </section>
            <fieldset class="panel panel-body grid gap-4 min-w-0">
                <legend class="section-title float-left">{text.what()}</legend>
                <p class="hint">{text.what_hint()}</p>
                {picks}
                <p class="field-error" role="alert">{move || no_cluster.get()}</p>
                <div class="grid gap-3 sm:grid-cols-2">{switches}</div>
            </fieldset>
            <section class="panel panel-body grid gap-3 sm:grid-cols-3 items-start">
                <SelectField
                    described=Described::new("page-language", text.language())
                    value=draft.language
                    choices=languages()
                />
                <SelectField described=Described::new("page-theme", text.theme()) value=draft.theme choices=themes />
                <TextField
                    described=Described::new("page-zone", text.zone()).hint(text.zone_hint())
                    value=draft.zone
                    error=faults.at("page-zone")
                    code=true
                />
            </section>
            <div class="grid gap-3 justify-items-start">
                {faults.elsewhere()}
                <SubmitButton label=if is_new { text.make() } else { text.save() } busy=deed.busy() />
            </div>
        </form>
    }
}

/// A cluster that may be shown, and what it and its nodes are called then.
fn pick(pick: &Pick) -> AnyView {
    let text = StatusPagesText::current();
    let on = pick.on;
    let id = format!("show-{}", pick.id);
    let cluster = Described::new(format!("name-{}", pick.id), text.shown_as(&pick.name));
    let name = pick.shown_as;
    let nodes: Vec<_> = pick
        .nodes
        .iter()
        .map(|node| (format!("name-{}", node.id), node.name.clone(), node.shown_as))
        .collect();
    let names = move || {
        on.get().then(|| {
            let nodes = nodes.clone().into_iter().map(|(id, name, shown_as)| {
                view! { <TextField described=Described::new(id, text.shown_as(&name)) value=shown_as /> }
            });
            view! {
                <div class="grid gap-3 sm:grid-cols-3 items-start pl-2 border-l-2 border-base-300">
                    <TextField described=cluster.clone() value=name />
                    {nodes.collect_view()}
                </div>
            }
        })
    };
    view! {
        <div class="grid gap-3">
            <SwitchField described=Described::new(id, text.show_cluster(&pick.name)) value=on />
            {names}
        </div>
    }
    .into_any()
}
