//! Status pages for readers without an account: `/status/{slug}/` for whoever knows the address, `/share/{secret}/` for
//! whoever has a link. Everything is sent from memory.

mod send;

use access::AccessError;
use app::api::Services;
use axum::{
    Extension, Form, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{AppError, Locale};
use pages::{Found, Piece, Refused};
use secrecy::SecretString;
use store::share_links::ShareLinkRow;

use crate::{
    http::identity::{Identity, basic_password, cookie, preferred},
    live::stream_of,
    router::AppState,
};

/// Sent by the script of a page that asks again without events, as `live.js` does.
const AGAIN: &str = "x-again";
/// Remembers in a browser that a link's password was given.
const PASS: &str = "breakwater-link";
/// For how long, seconds: 30 days.
const PASS_FOR: u32 = 30 * 86_400;

/// The public routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/status/{slug}", get(slash))
        .route("/status/{slug}/", get(status_page))
        .route("/status/{slug}/{*piece}", get(status_piece))
        .route("/share/{secret}", get(slash))
        .route("/share/{secret}/", get(shared_page).post(unlock))
        .route("/share/{secret}/{*piece}", get(shared_piece))
}

/// What a reader may choose.
#[derive(Debug, Default, serde::Deserialize)]
struct Choice {
    lang: Option<String>,
}

impl Choice {
    fn locale(&self) -> Option<Locale> {
        self.lang.as_deref().and_then(Locale::from_tag)
    }
}

/// The parts of a page stand below its address, which therefore ends with a slash.
async fn slash(uri: http::Uri) -> Redirect {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{}/{query}", uri.path()))
}

async fn status_page(
    state: State<AppState>,
    Path(slug): Path<String>,
    choice: Query<Choice>,
    identity: Extension<Identity>,
    headers: HeaderMap,
) -> Response {
    status_piece(state, Path((slug, String::new())), choice, identity, headers).await
}

async fn status_piece(
    State(state): State<AppState>,
    Path((slug, piece)): Path<(String, String)>,
    Query(choice): Query<Choice>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
) -> Response {
    if slug == "-" {
        return send::file(&piece, &headers);
    }
    let pages = &state.services.pages;
    match pages.at(&slug, identity.actor.as_ref()) {
        Some(found) => {
            let base = format!("/status/{slug}/");
            Asked { found, piece: &piece, choice: &choice, base: &base, headers: &headers }
                .answer(&state.services)
        }
        None if piece.is_empty() => send::door(&Refused::NoPage, preferred(&headers)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn shared_page(
    state: State<AppState>,
    Path(secret): Path<String>,
    choice: Query<Choice>,
    identity: Extension<Identity>,
    headers: HeaderMap,
) -> Response {
    shared_piece(state, Path((secret, String::new())), choice, identity, headers).await
}

async fn shared_piece(
    State(state): State<AppState>,
    Path((secret, piece)): Path<(String, String)>,
    Query(choice): Query<Choice>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
) -> Response {
    let Services { pages, access, .. } = &state.services;
    let row = pages.link(&secret);
    let mut opens = row.as_ref().is_some_and(|row| access::has_pass(row, cookie(&headers, PASS).as_deref()));
    // Programs have no cookie: they send the password each time.
    if !opens && let Some(password) = basic_password(&headers) {
        match access.opens(row.as_deref(), &password, &identity.address.to_string()).await {
            Ok(opened) => opens = opened,
            Err(error) => return not_tried(error, preferred(&headers)),
        }
    }
    let found = row.filter(|_| opens).and_then(|row| pages.behind(row));
    match found {
        Some(found) => {
            if piece.is_empty()
                && !headers.contains_key(AGAIN)
                && let pages::Reader::Link(row) = &found.reader
            {
                pages.seen(row);
            }
            let base = format!("/share/{secret}/");
            Asked { found, piece: &piece, choice: &choice, base: &base, headers: &headers }
                .answer(&state.services)
        }
        None if piece.is_empty() => send::door(&Refused::Link, preferred(&headers)),
        None => match Piece::parse(&piece) {
            Some(Piece::Atom | Piece::Summary) => send::challenge(),
            _ => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

#[derive(serde::Deserialize)]
struct Password {
    password: SecretString,
}

/// Opens a link with its password. What does not open says nothing of why.
async fn unlock(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    Form(given): Form<Password>,
) -> Response {
    let Services { pages, access, .. } = &state.services;
    let row = pages.link(&secret);
    let locale = preferred(&headers);
    match access.opens(row.as_deref(), &given.password, &identity.address.to_string()).await {
        Ok(true) => match row.as_deref().and_then(|row| pass(row, &secret, access.is_https())) {
            Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("./")).into_response(),
            None => Redirect::to("./").into_response(),
        },
        Ok(false) => send::door(&Refused::NotOpened, locale),
        Err(error) => not_tried(error, locale),
    }
}

/// Why a password was not looked at.
fn not_tried(error: AccessError, locale: Locale) -> Response {
    let AccessError::Slowed { wait_ms } = error else {
        tracing::warn!(%error, "a link's password cannot be looked at");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let error = AppError::from(error);
    let text = format!("{} {}", error.cause.pick(locale), error.next.pick(locale));
    let mut response = send::door(&Refused::Slowed(text), locale);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from((wait_ms / 1000 + 1) as u64));
    response
}

/// The cookie that remembers a password; sent to that link only.
fn pass(row: &ShareLinkRow, secret: &str, secure: bool) -> Option<HeaderValue> {
    use secrecy::ExposeSecret;
    let pass = access::link_pass(row)?;
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{PASS}={}; Path=/share/{secret}/; Max-Age={PASS_FOR}; HttpOnly; SameSite=Lax{secure}",
        pass.expose_secret()
    );
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What is asked of a page that the reader may see.
struct Asked<'a> {
    found: Found,
    piece: &'a str,
    choice: &'a Choice,
    base: &'a str,
    headers: &'a HeaderMap,
}

impl Asked<'_> {
    fn answer(self, services: &Services) -> Response {
        let pages = &services.pages;
        let of_link = match &self.found.reader {
            pages::Reader::Link(row) => row.link.locale,
            _ => None,
        };
        let locale = self.found.live.locale(self.choice.locale(), of_link, preferred(self.headers));
        if self.piece == "live" {
            return stream(pages.listen(self.found, locale));
        }
        let Some(piece) = Piece::parse(self.piece) else { return StatusCode::NOT_FOUND.into_response() };
        let known = services.access.public_address();
        let base = known.map(|address| format!("{address}{}", self.base));
        let rendered = self.found.live.piece(piece, locale, base, pages.now_ms());
        send::piece(piece, &rendered, &self.found.reader, self.headers)
    }
}

fn stream(page: pages::PageStream) -> Response {
    let mut response = stream_of(page.into_stream());
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
