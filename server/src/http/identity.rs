//! Who asks: recognised once per request, before any handler.

use std::net::{IpAddr, SocketAddr};

use access::Actor;
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use model::{AppError, Locale, people::Role};
use secrecy::SecretString;

use super::{
    address::client_address,
    refuse::{Reader, refuse},
};
use crate::{rest::problem::Problem, router::AppState};

/// What is known about the sender of a request; in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The person or program, if it showed a session or token that is valid now.
    pub(crate) actor: Option<Actor>,
    /// Where it comes from, seen past trusted proxies.
    pub(crate) address: IpAddr,
    /// The language for errors.
    pub(crate) locale: Locale,
}

/// Reads the session's cookie, or the bearer token where there is one. A token is never mixed with a session: a
/// request with `Authorization` is judged by it alone.
pub(crate) async fn recognise(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)), |info| info.0);
    let headers = request.headers();
    let address = client_address(peer, headers, &state.config.trusted_proxies);
    let locale = locale_of(headers);
    let reader = Reader::of(&request, &state.leptos);
    let access = &state.services.access;
    let found = match bearer(headers) {
        Some(token) => access.by_token(&token, &address.to_string()).await,
        None => match session_cookie(headers, access.is_https()) {
            Some(secret) => access.by_session(&secret, &address.to_string()).await,
            None => Ok(None),
        },
    };
    let actor = match found {
        Ok(actor) => actor,
        Err(error) => return refuse(reader, error.into(), locale),
    };
    if bearer(request.headers()).is_some() && actor.is_none() {
        let mut refused = refuse(reader, access::AccessError::SignedOut.into(), locale);
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return refused;
    }
    request.extensions_mut().insert(Identity { actor, address, locale });
    next.run(request).await
}

/// The language of whoever sent these headers: what they chose, or what their browser prefers.
pub(crate) fn locale_of(headers: &HeaderMap) -> Locale {
    cookie(headers, "locale").and_then(|tag| Locale::from_tag(&tag)).unwrap_or_else(|| preferred(headers))
}

/// The language that their browser prefers, whatever they chose here: what is sent by it alone, proxies can keep.
pub(crate) fn preferred(headers: &HeaderMap) -> Locale {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    Locale::from_accept_language(accepted.unwrap_or_default())
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| token.trim().to_owned().into())
}

/// The password of HTTP basic authentication, whatever the name beside it.
pub(crate) fn basic_password(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let text = String::from_utf8(BASE64_STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?).ok()?;
    let (_name, password) = text.split_once(':')?;
    Some(password.to_owned().into())
}

/// The secret in the session's cookie, whose name says whether it was set over https.
fn session_cookie(headers: &HeaderMap, secure: bool) -> Option<SecretString> {
    cookie(headers, app::api::session_cookie(secure)).filter(|value| value.len() == 43).map(Into::into)
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// Sees everything but secrets; what a handler knows of such an asker is the language.
#[derive(Debug)]
pub(crate) struct Viewer(pub(crate) Locale);

/// Hears what happens for as long as it is known.
#[derive(Debug)]
pub(crate) struct Listener(pub(crate) Actor);

/// Changes clusters.
#[derive(Debug)]
pub(crate) struct Operator(pub(crate) Actor, pub(crate) Locale);

/// Does what only administrators do.
#[derive(Debug)]
pub(crate) struct Administrator(pub(crate) Actor, pub(crate) Locale);

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        entitled(parts, Role::Viewer).map(|(_, locale)| Self(locale))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Listener {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        entitled(parts, Role::Viewer).map(|(actor, _)| Self(actor))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        entitled(parts, Role::Operator).map(|(actor, locale)| Self(actor, locale))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        entitled(parts, Role::Administrator).map(|(actor, locale)| Self(actor, locale))
    }
}

/// The actor, who must be known and have `role`.
fn entitled(parts: &Parts, role: Role) -> Result<(Actor, Locale), Problem> {
    let identity = parts.extensions.get::<Identity>();
    let locale = identity.map(|i| i.locale).unwrap_or_default();
    let refuse = |error: access::AccessError| Problem::new(AppError::from(error), locale);
    let actor =
        identity.and_then(|i| i.actor.clone()).ok_or_else(|| refuse(access::AccessError::SignedOut))?;
    actor.require(role).map_err(refuse)?;
    Ok((actor, locale))
}
