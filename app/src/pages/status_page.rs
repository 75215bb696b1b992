//! One status page: its form beside a live preview, and its links.

mod embed;
mod links;
mod preview;

use leptos::prelude::*;
use leptos_router::{
    LazyRoute,
    hooks::{use_navigate, use_params_map},
    lazy_route,
};
use model::{ids::PageId, page::StatusPage};
use serde::{Serialize, de::DeserializeOwned};

use self::links::Links;
use super::{
    deed::Deed,
    frame::{Crumb, Page},
    parts::whole,
};
use crate::{
    api::{
        Answer, ApiError,
        status_pages::{edit_page, page_links, remove_page},
        types::PageToEdit,
    },
    forms::status_page::{Draft, PageForm},
    routes,
    text::{common::CommonText, status_pages::StatusPagesText},
    ui::{ActionButton, Dialog, Kind, Toasts, close_dialog},
};

/// Id of the dialog that asks before a page is removed.
const REMOVE: &str = "remove-page";

/// The form for another page.
pub(crate) struct NewStatusPage;

#[lazy_route]
impl LazyRoute for NewStatusPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let NewStatusPage = this;
        let data: Resource<Answer<PageToEdit>> = Resource::new(|| (), |()| edit_page(None));
        whole(
            data,
            StatusPagesText::current().reading(),
            |content| framed(None, content),
            |read| show(read, None),
        )
    }
}

/// A page that is there.
pub(crate) struct StatusPagePage;

#[lazy_route]
impl LazyRoute for StatusPagePage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let StatusPagePage = this;
        let data: Resource<Answer<PageToEdit>> = of_the_path(|id| edit_page(Some(id)));
        // Read beside the page, not after it.
        let shared: Links = of_the_path(page_links);
        whole(
            data,
            StatusPagesText::current().reading(),
            |content| framed(None, content),
            move |read| show(read, Some(shared)),
        )
    }
}

/// What is read of the page that the address names.
fn of_the_path<T, F>(read: fn(PageId) -> F) -> Resource<Answer<T>>
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Future<Output = Answer<T>> + Send + 'static,
{
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| PageId::parse(p.get_str("page")?)));
    Resource::new(
        move || id.get(),
        move |id| async move {
            match id {
                Some(id) => read(id).await,
                None => Err(ApiError::not_found()),
            }
        },
    )
}

fn framed(of: Option<&StatusPage>, content: AnyView) -> AnyView {
    let (text, common) = (StatusPagesText::current(), CommonText::current());
    let here = of.map_or_else(|| text.make_new().to_owned(), |page| page.settings.name.to_string());
    let way: Vec<Crumb> =
        vec![(common.status_pages().to_owned(), Some(routes::PAGES.to_owned())), (here, None)];
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

fn show(read: PageToEdit, shared: Option<Links>) -> AnyView {
    let text = StatusPagesText::current();
    let PageToEdit { page, clusters, address } = read;
    let title =
        page.as_ref().map_or_else(|| text.make_new().to_owned(), |page| page.settings.name.to_string());
    let draft = Draft::of(page.as_ref(), &clusters);
    let deeds = page.as_ref().map(|page| {
        let address = routes::status(&page.settings.slug);
        view! {
            <span class="flex flex-wrap gap-2">
                <a class=Kind::Quiet.class(false) href=address rel="external" target="_blank">
                    {text.open_page()}
                </a>
                <button
                    type="button"
                    class=Kind::Secondary.class(false)
                    commandfor=links::SHARE
                    command="show-modal"
                >
                    {text.share()}
                </button>
            </span>
        }
    });
    let dialogs = page.as_ref().map(|page| {
        view! { {shared.map(|shared| links::drawer(page, &address, shared))} {remove_dialog(page)} }
    });
    let content = view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <h1 class="page-title min-w-0 break-words">{title}</h1>
            {deeds}
        </div>
        <div class="grid gap-6 xl:grid-cols-2 items-start">
            <PageForm draft=draft.clone() page=page.clone() address />
            {preview::preview(draft)}
        </div>
        {dialogs}
    };
    framed(page.as_ref(), content.into_any())
}

fn remove_dialog(page: &StatusPage) -> AnyView {
    let (text, toasts, deed) = (StatusPagesText::current(), Toasts::current(), Deed::new());
    let (id, name) = (page.id.clone(), page.settings.name.to_string());
    let said = text.remove_text(&name);
    let navigate = use_navigate();
    let remove = move || {
        let (name, navigate) = (name.clone(), navigate.clone());
        deed.run(remove_page(id.clone()), move |()| {
            close_dialog(REMOVE);
            toasts.say(text.removed(&name));
            navigate(routes::PAGES, leptos_router::NavigateOptions::default());
        });
    };
    view! {
        <p>
            <button type="button" class=Kind::Quiet.class(false) commandfor=REMOVE command="show-modal">
                {text.remove()}
            </button>
        </p>
        <Dialog id=REMOVE title=text.remove_title()>
            <div class="grid gap-4">
                <p>{said}</p>
                {deed.trouble(&[])}
                <div class="flex flex-wrap gap-2 justify-end">
                    <ActionButton label=text.keep_it() on_press=|| close_dialog(REMOVE) />
                    <ActionButton kind=Kind::Danger label=text.remove() busy=deed.busy() on_press=remove />
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}
