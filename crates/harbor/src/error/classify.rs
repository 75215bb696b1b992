//! From what the transport, TLS and HTTP say to a [`HarborError`].

use std::{error::Error, io};

use reqwest::StatusCode;
use rustls::CertificateError;
use serde::Deserialize;

use super::{HarborError, TlsFault};
use crate::outside::DnsError;

/// Longest message kept of what the other end says.
const MESSAGE: usize = 400;

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    // io::Error hides what it wraps from `source` (it gives the inner one's source), so it is opened here.
    std::iter::successors(Some(error), |e: &&'a (dyn Error + 'static)| {
        let e = *e;
        match e.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => e.source(),
        }
    })
}

/// A failure before the answer was whole.
pub(crate) fn transport(error: &reqwest::Error) -> HarborError {
    let mut io_kind = None;
    for cause in chain(error) {
        if let Some(dns) = cause.downcast_ref::<DnsError>() {
            return HarborError::Dns(dns.name.clone());
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return tls_error(tls);
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            io_kind = io_kind.or(Some(io.kind()));
        }
    }
    match io_kind {
        Some(io::ErrorKind::ConnectionRefused) => HarborError::Refused,
        Some(
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable,
        ) => HarborError::Unreachable,
        Some(io::ErrorKind::TimedOut) => HarborError::Unreachable,
        _ if error.is_builder() => HarborError::Setup("the request cannot be built".to_owned()),
        _ => HarborError::Cut,
    }
}

fn tls_error(error: &rustls::Error) -> HarborError {
    use rustls::InvalidMessage as Bad;
    let fault = match error {
        // The first byte of an answer in plain HTTP is no TLS record.
        rustls::Error::InvalidMessage(Bad::InvalidContentType | Bad::UnknownProtocolVersion) => {
            return HarborError::PlainHttp;
        }
        rustls::Error::InvalidCertificate(fault) => certificate_fault(fault),
        other => TlsFault::Other(short(&other.to_string())),
    };
    HarborError::Tls(fault)
}

/// A verdict of the verifier in our words.
pub(crate) fn certificate_fault(fault: &CertificateError) -> TlsFault {
    use CertificateError as C;
    match fault {
        C::Expired | C::ExpiredContext { .. } => TlsFault::Expired,
        C::NotValidYet | C::NotValidYetContext { .. } => TlsFault::NotYetValid,
        C::NotValidForName | C::NotValidForNameContext { .. } => TlsFault::WrongHost,
        C::UnknownIssuer => TlsFault::UnknownIssuer,
        C::Revoked => TlsFault::Revoked,
        // What the verifier of a pinned certificate answers with.
        C::ApplicationVerificationFailure => TlsFault::PinnedMismatch,
        // A self-signed certificate marked as an authority, which is what most people make.
        C::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => TlsFault::UnknownIssuer,
        other => TlsFault::Other(short(&format!("{other:?}"))),
    }
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Deserialize)]
struct OneError {
    #[serde(default)]
    message: String,
}

/// Harbor's own message, or what else the body says.
fn message(body: &[u8]) -> String {
    if let Ok(Errors { errors }) = serde_json::from_slice(body) {
        return short(&errors.into_iter().map(|e| e.message).collect::<Vec<_>>().join("; "));
    }
    if is_html(body) { "an HTML page".to_owned() } else { short(String::from_utf8_lossy(body).trim()) }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(MESSAGE).collect()
}

/// Whether a body is a page.
pub(crate) fn is_html(body: &[u8]) -> bool {
    let start = body.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let head = body[start..].get(..64).unwrap_or(&body[start..]).to_ascii_lowercase();
    head.starts_with(b"<!doctype")
        || head.starts_with(b"<html")
        || head.starts_with(b"<?xml")
        || head.starts_with(b"<head")
}

/// A page where JSON was expected: a login form, or something that is no Harbor.
pub(crate) fn not_json(body: &[u8]) -> HarborError {
    if !is_html(body) {
        return HarborError::NotHarbor("no JSON".to_owned());
    }
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let login =
        ["type=\"password\"", "type=password", "type='password'", "sign in", "log in", "login", "sso"];
    if login.iter().any(|word| text.contains(word)) {
        HarborError::LoginProxy
    } else {
        HarborError::NotHarbor("a web page".to_owned())
    }
}

/// What stands in every error that a Breakwater answers.
const BREAKWATER: &[u8] = b"urn:breakwater:error:";

/// An answer whose status is no success. `api` is false below `/v2/`, where 401 also means a missing right.
pub(crate) fn answer(status: StatusCode, body: &[u8], api: bool, signed_in: bool) -> HarborError {
    let text = message(body);
    // The kind of each error of a console.
    if body.windows(BREAKWATER.len()).any(|at| at == BREAKWATER) {
        return HarborError::NotHarbor("a Breakwater console".to_owned());
    }
    match status.as_u16() {
        401 if !api && signed_in => HarborError::Forbidden(text),
        401 => HarborError::Unauthorized,
        403 => HarborError::Forbidden(text),
        404 if api && is_html(body) => HarborError::NotHarbor("its API is not there".to_owned()),
        404 => HarborError::NotFound(text),
        405 => HarborError::NotHarbor("it does not know the call".to_owned()),
        409 => HarborError::Conflict(text),
        412 => HarborError::Precondition(text),
        // nginx and Go servers say so in the text of a 400.
        400 if speaks_of_https(body) => HarborError::NeedsHttps,
        400 | 413 | 414 | 422 => HarborError::Validation(text),
        429 => HarborError::TooManyRequests,
        status @ 500.. => HarborError::Server { status, message: text },
        status => HarborError::Unexpected(status),
    }
}

fn speaks_of_https(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    text.contains("plain http request was sent to https port")
        || text.contains("client sent an http request to an https server")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, body: &str) -> &'static str {
        answer(StatusCode::from_u16(status).unwrap(), body.as_bytes(), true, true).code()
    }

    #[test]
    fn answer_names_each_status() {
        for (status, expected) in [
            (400, "harbor.validation"),
            (401, "harbor.unauthorized"),
            (403, "harbor.forbidden"),
            (404, "harbor.not_found"),
            (405, "harbor.not_harbor"),
            (409, "harbor.conflict"),
            (412, "harbor.precondition"),
            (413, "harbor.validation"),
            (422, "harbor.validation"),
            (429, "harbor.too_many_requests"),
            (500, "harbor.server_error"),
            (502, "harbor.server_error"),
            (418, "harbor.unexpected_status"),
        ] {
            assert_eq!(code(status, r#"{"errors":[{"code":"X","message":"why"}]}"#), expected, "{status}");
        }
        assert_eq!(code(404, "<!DOCTYPE html><html>"), "harbor.not_harbor");
        assert_eq!(code(400, "Client sent an HTTP request to an HTTPS server."), "harbor.needs_https");
    }

    #[test]
    fn answer_keeps_harbors_message_and_no_control_characters() {
        let body = br#"{"errors":[{"code":"CONFLICT","message":"registry b\u001b[31m already exists"}]}"#;
        let error = answer(StatusCode::CONFLICT, body, true, true);
        assert_eq!(error, HarborError::Conflict("registry b[31m already exists".to_owned()));
    }

    #[test]
    fn answer_below_v2_is_a_missing_right_for_a_good_credential() {
        assert_eq!(answer(StatusCode::UNAUTHORIZED, b"", false, true).code(), "harbor.forbidden");
        assert_eq!(answer(StatusCode::UNAUTHORIZED, b"", false, false).code(), "harbor.unauthorized");
    }

    #[test]
    fn not_json_tells_a_login_page_from_any_page() {
        assert_eq!(not_json(b"<html><form><input type=\"password\">").code(), "harbor.login_proxy");
        assert_eq!(not_json(b"<!doctype html><h1>It works!").code(), "harbor.not_harbor");
        assert_eq!(not_json(b"hello").code(), "harbor.not_harbor");
    }

    #[test]
    fn answer_knows_a_console_that_is_taken_for_a_harbor() {
        let body = br#"{"type":"urn:breakwater:error:http.not_found","title":"x"}"#;
        let error = answer(StatusCode::NOT_FOUND, body, true, false);
        assert!(matches!(error, HarborError::NotHarbor(what) if what == "a Breakwater console"));
    }
}
