//! Status pages and the links that show them.

use leptos::prelude::*;
use model::{
    ids::{PageId, ShareLinkId},
    page::{NewLink, PageSettings, ShareLink, StatusPage},
};
#[cfg(feature = "ssr")]
use {
    super::types::OfferedCluster,
    super::{answer, visitor},
    model::{page::ShownNode, people::Role},
    secrecy::{ExposeSecret, SecretString},
};

use super::{
    Answer,
    body::Body,
    types::{MadeLink, PageToEdit},
};

/// All status pages.
#[server(prefix = "/fn", endpoint = "status-pages", input = Body, output = Body)]
pub async fn status_pages() -> Answer<Vec<StatusPage>> {
    let (services, _) = visitor(Role::Viewer)?;
    answer(services.pages.list().await)
}

/// A page and what there is to show on it; without an id, what a new one may show.
#[server(prefix = "/fn", endpoint = "edit-page", input = Body, output = Body)]
pub async fn edit_page(id: Option<PageId>) -> Answer<PageToEdit> {
    let (services, _) = visitor(Role::Administrator)?;
    let page = match id {
        Some(id) => Some(answer(services.pages.page(&id).await)?),
        None => None,
    };
    let clusters = answer(services.clusters.clusters().await)?;
    let offered = clusters.into_iter().map(|cluster| OfferedCluster {
        id: cluster.id,
        name: cluster.spec.name,
        nodes: cluster.nodes.into_iter().map(|n| ShownNode { id: n.id, shown_as: n.name }).collect(),
    });
    Ok(PageToEdit { page, clusters: offered.collect(), address: services.pages.address("/status/") })
}

/// What a page with these settings would look like now, as a document without a script.
#[server(prefix = "/fn", endpoint = "preview-page", input = Body, output = Body)]
pub async fn preview_page(settings: PageSettings) -> Answer<String> {
    let (services, _) = visitor(Role::Administrator)?;
    answer(services.pages.preview(&settings, crate::visit::Visit::of_request().locale).await)
}

/// Makes a page.
#[server(prefix = "/fn", endpoint = "make-page", input = Body, output = Body)]
pub async fn make_page(settings: PageSettings) -> Answer<StatusPage> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.pages.make(&actor, &settings).await)
}

/// Changes a page over the version that was seen.
#[server(prefix = "/fn", endpoint = "save-page", input = Body, output = Body)]
pub async fn save_page(id: PageId, version: i64, settings: PageSettings) -> Answer<StatusPage> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.pages.save(&actor, &id, version, &settings).await)
}

/// Removes a page and its links.
#[server(prefix = "/fn", endpoint = "remove-page", input = Body, output = Body)]
pub async fn remove_page(id: PageId) -> Answer<()> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.pages.remove(&actor, &id).await)
}

/// The links of a page.
#[server(prefix = "/fn", endpoint = "page-links", input = Body, output = Body)]
pub async fn page_links(id: PageId) -> Answer<Vec<ShareLink>> {
    let (services, _) = visitor(Role::Administrator)?;
    answer(services.pages.links(&id).await)
}

/// Makes a link; the answer is the only time its address is told.
#[server(prefix = "/fn", endpoint = "make-link", input = Body, output = Body)]
pub async fn make_link(id: PageId, link: NewLink, password: String) -> Answer<MadeLink> {
    let (services, actor) = visitor(Role::Administrator)?;
    let password = SecretString::from(password);
    let (made, address) = answer(services.pages.make_link(&actor, &id, &link, Some(&password)).await)?;
    let address = address.expose_secret().to_owned();
    Ok(MadeLink { link: made.link, qr: pages::Pages::qr(&address), address })
}

/// Revokes a link at once.
#[server(prefix = "/fn", endpoint = "revoke-link", input = Body, output = Body)]
pub async fn revoke_link(page: PageId, id: ShareLinkId) -> Answer<()> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.pages.revoke_link(&actor, &page, &id).await)
}
