//! All status pages: what colleagues see who do not sign in.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use model::{
    live::LiveEvent,
    page::{PageAccess, StatusPage},
    people::Role,
};

use super::{frame::Page, parts::loaded};
use crate::{
    api::{Answer, status_pages::status_pages},
    live::Live,
    routes,
    text::{common::CommonText, status_pages::StatusPagesText},
    ui::{EmptyState, Kind},
    visit::Visit,
};

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct StatusPagesPage;

#[lazy_route]
impl LazyRoute for StatusPagesPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let StatusPagesPage = this;
        let (text, common) = (StatusPagesText::current(), CommonText::current());
        let data: Resource<Answer<Vec<StatusPage>>> = Resource::new(|| (), |()| status_pages());
        Live::current().on(move |event| {
            if matches!(event, LiveEvent::Pages | LiveEvent::Reset) {
                data.refetch();
            }
        });
        let may_edit = Visit::current().may(Role::Administrator);
        let crumbs = vec![(common.status_pages().to_owned(), None)];
        let new = may_edit.then(|| {
            view! { <a class=Kind::Primary.class(false) href=routes::NEW_PAGE>{text.make_new()}</a> }
        });
        view! {
            <Page crumbs>
                <div class="flex flex-wrap items-start justify-between gap-4">
                    <div class="min-w-0">
                        <h1 class="page-title">{common.status_pages()}</h1>
                        <p class="lede">
                            {text.lede()} {(!may_edit).then(|| format!(" {}", text.only_administrators()))}
                        </p>
                    </div>
                    {new}
                </div>
                {loaded(data, move |all| list(all, may_edit))}
            </Page>
        }
        .into_any()
    }
}

fn list(all: Vec<StatusPage>, may_edit: bool) -> AnyView {
    let text = StatusPagesText::current();
    if all.is_empty() {
        return view! { <EmptyState title=text.none_title() text=text.none_text() /> }.into_any();
    }
    let rows = all.into_iter().map(|page| one(&page, may_edit)).collect_view();
    view! { <ul class="panel" aria-label=text.list()>{rows}</ul> }.into_any()
}

fn one(page: &StatusPage, may_edit: bool) -> AnyView {
    let text = StatusPagesText::current();
    let settings = &page.settings;
    let name = settings.name.to_string();
    let access = match settings.access {
        PageAccess::Link => text.by_link(page.links),
        PageAccess::Public => text.public().to_owned(),
    };
    let address = routes::status(&settings.slug);
    let edit = may_edit.then(|| {
        view! {
            <a class=Kind::Secondary.class(true) href=routes::page(&page.id) aria-label=text.edit_named(&name)>
                {text.edit()}
            </a>
        }
    });
    view! {
        <li class="panel-row items-center flex-wrap">
            <div class="min-w-0 grow">
                <p class="font-medium break-words">{name.clone()}</p>
                <p class="quiet small break-words">
                    <span class="code break-all">{address.clone()}</span> " · " {access}
                </p>
            </div>
            <span class="flex flex-wrap gap-2">
                <a
                    class=Kind::Quiet.class(true)
                    href=address
                    rel="external"
                    target="_blank"
                    aria-label=text.open_named(&name)
                >
                    {text.open_page()}
                </a>
                {edit}
            </span>
        </li>
    }
    .into_any()
}
