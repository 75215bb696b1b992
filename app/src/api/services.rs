//! What the server puts into context for each request, and the few ways to use it.

use access::{Access, Actor};
use clusters::Clusters;
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use model::{AppError, people::Role};
use pages::Pages;
use watch::Watch;

use super::ApiError;
use crate::visit::Person;

/// The services that server functions call. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// People, sessions, tokens.
    pub access: Access,
    /// Health now and before, and live events.
    pub watch: Watch,
    /// Drafts, checks, plans, runs.
    pub clusters: Clusters,
    /// Status pages and their links.
    pub pages: Pages,
}

/// Who sent a request.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The signed-in person, if any.
    pub actor: Option<Actor>,
    /// The client's address.
    pub address: String,
    /// Whether people open the console by https: cookies are `Secure` then, and named `__Host-`.
    pub secure: bool,
}

/// Name of the session's cookie.
pub fn session_cookie(secure: bool) -> &'static str {
    if secure { "__Host-breakwater" } else { "breakwater" }
}

/// The person for the pages.
pub(crate) fn person() -> Option<Person> {
    let actor = use_context::<Caller>()?.actor?;
    Some(Person { name: actor.user.name.to_string(), role: actor.role })
}

/// The services and the person, who must be signed in and have `role`.
pub(crate) fn visitor(role: Role) -> Result<(Services, Actor), ApiError> {
    let (services, caller) = visitor_or_nobody()?;
    let actor = answer(caller.actor.ok_or(access::AccessError::SignedOut))?;
    answer(actor.require(role))?;
    Ok((services, actor))
}

/// The services and whoever asks, for the few functions that need nobody signed in.
pub(crate) fn visitor_or_nobody() -> Result<(Services, Caller), ApiError> {
    match (use_context(), use_context()) {
        (Some(services), Some(caller)) => Ok((services, caller)),
        _ => answer(Err(AppError::new(
            "app.context",
            500,
            model::say!("The console is not set up for this.", "控制台未配置此功能。"),
            model::say!("Look at its log.", "请查看控制台日志。"),
        ))),
    }
}

/// Turns a service's result into a server function's, with the status of the error.
pub(crate) fn answer<T, E: Into<AppError>>(result: Result<T, E>) -> Result<T, ApiError> {
    result.map_err(|error| {
        let error = error.into();
        // A plain form is sent back to its page with the error in the query: the redirect must stay.
        if !wants_html()
            && let Some(response) = use_context::<ResponseOptions>()
        {
            response
                .set_status(StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        }
        ApiError(error)
    })
}

/// Whether the request is a browser's own: a page, or a form sent without WebAssembly.
pub(crate) fn wants_html() -> bool {
    use_context::<Parts>()
        .and_then(|p| {
            p.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).map(|v| v.contains("text/html"))
        })
        .unwrap_or(false)
}

/// Leads a plain form on to a page; a call from WebAssembly goes there itself.
pub(crate) fn redirect_plain(path: &str) {
    if wants_html() {
        leptos_axum::redirect(path);
    }
}

/// Sets a cookie on the answer.
pub(crate) fn set_cookie(text: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(text)) {
        response.append_header(header::SET_COOKIE, value);
    }
}
