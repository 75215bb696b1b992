//! How pieces of a page are sent: with the headers that let proxies and browsers keep them, and no others see them.

use axum::{
    body::Body,
    response::{Html, IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use model::Locale;
use pages::{Piece, Reader, Refused, Rendered};

use crate::http::headers::Framed;

/// The policy of a page: its own files, pictures within it, events from it.
const PAGE: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The policy of what other sites may frame: no script.
const WIDGET: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors *";
/// The policy of pictures and of what programs read.
const INERT: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Everybody sees the same: a proxy may keep it for a moment, and send it while it asks again.
const SHARED: &str = "public, max-age=5, stale-while-revalidate=60";
/// Only for who asked.
const OWN: &str = "private, no-cache";

/// A piece, or that the reader has it already.
pub(super) fn piece(piece: Piece, rendered: &Rendered, reader: &Reader, asked: &HeaderMap) -> Response {
    let shared = matches!(reader, Reader::Public);
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    let mut response = if known.flat_map(|v| v.split(',')).any(|v| v.trim() == rendered.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = body(rendered, asked);
        set(&mut response, header::CONTENT_TYPE, piece.content_type());
        response
    };
    set(&mut response, header::CACHE_CONTROL, if shared { SHARED } else { OWN });
    set(&mut response, header::VARY, "accept-encoding, accept-language");
    if let Ok(etag) = HeaderValue::from_str(&rendered.etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    if !shared {
        set(&mut response, HeaderName::from_static("x-robots-tag"), "noindex");
    }
    let (policy, foreign) = match piece {
        Piece::Page => (PAGE, false),
        Piece::Widget => (WIDGET, true),
        _ => (INERT, true),
    };
    set(&mut response, header::CONTENT_SECURITY_POLICY, policy);
    if foreign {
        // Made for other sites: shown, read or framed there.
        set(&mut response, HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    }
    match piece {
        Piece::Summary => set(&mut response, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        Piece::Widget => {
            // It has no script that would keep it true.
            set(&mut response, header::REFRESH, "60");
            response.extensions_mut().insert(Framed);
        }
        _ => {}
    }
    response
}

/// In the best encoding that the reader understands.
fn body(rendered: &Rendered, asked: &HeaderMap) -> Response {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let accepts = |name: &str| {
        accepted.split(',').any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim() == name && !matches!(weight.trim(), "q=0" | "q=0.0")
        })
    };
    let of = |bytes: &Bytes, coding: Option<&'static str>| {
        let mut response = Body::from(bytes.clone()).into_response();
        if let Some(coding) = coding {
            set(&mut response, header::CONTENT_ENCODING, coding);
        }
        response
    };
    if let Some(bytes) = accepts("br").then(|| rendered.brotli()).flatten() {
        of(bytes, Some("br"))
    } else if let Some(bytes) = accepts("gzip").then(|| rendered.gzip()).flatten() {
        of(bytes, Some("gzip"))
    } else {
        of(&rendered.plain, None)
    }
}

/// What stands where a page is not shown.
pub(super) fn door(refused: &Refused, locale: Locale) -> Response {
    let mut response = (StatusCode::NOT_FOUND, Html(pages::door(refused, locale))).into_response();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, PAGE),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        set(&mut response, name, value);
    }
    response
}

/// Asks a program for the password of a link, whether or not there is one: whatever keeps a link shut looks the same.
pub(super) fn challenge() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    set(&mut response, header::WWW_AUTHENTICATE, "Basic realm=\"status page\", charset=\"UTF-8\"");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// A file that pages load. Its name changes with its content.
pub(super) fn file(name: &str, asked: &HeaderMap) -> Response {
    let Some((kind, rendered)) = pages::assets::file(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = body(rendered, asked);
    set(&mut response, header::CONTENT_TYPE, kind);
    set(&mut response, header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    set(&mut response, header::VARY, "accept-encoding");
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
