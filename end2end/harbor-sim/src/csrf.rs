//! Harbor's protection of browser sessions: a sealed cookie and a masked token in a header.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::clock::http_date;
use crate::http::{Refusal, Request};
use crate::node::Node;

const COOKIE: &str = "_gorilla_csrf";

/// What the check found out for the answer.
#[derive(Debug, Default)]
pub(crate) struct Csrf {
    /// The header `X-Harbor-CSRF-Token`.
    pub(crate) token: Option<String>,
    /// A new cookie.
    pub(crate) cookie: Option<String>,
    /// The call is refused.
    pub(crate) refused: Option<Refusal>,
}

fn seal(node: &Node, real: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(node.secrets.csrf_key.as_bytes());
    hash.update(real);
    hash.finalize().to_vec()
}

fn open_cookie(node: &Node, text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (real, given) = bytes.split_at_checked(32)?;
    (seal(node, real) == given).then(|| real.to_vec())
}

fn fresh() -> Vec<u8> {
    let mut bytes = vec![0u8; 32];
    // A guessable token is good enough for a simulator should randomness fail.
    let _ = getrandom::fill(&mut bytes);
    bytes
}

fn mask(real: &[u8]) -> String {
    let mut out = fresh();
    let masked: Vec<u8> = out.iter().zip(real).map(|(a, b)| a ^ b).collect();
    out.extend(masked);
    URL_SAFE_NO_PAD.encode(out)
}

fn unmask(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (pad, masked) = bytes.split_at_checked(32)?;
    Some(pad.iter().zip(masked).map(|(a, b)| a ^ b).collect())
}

/// Applies to everything outside `/v2/`, `/api/` and `/service/`, and there to calls that carry a `sid`.
pub(crate) fn check(node: &Node, request: &Request) -> Csrf {
    let exempt = ["v2", "api", "service"].contains(&request.segments.first().map_or("", String::as_str));
    if exempt && request.cookie("sid").is_none() {
        return Csrf::default();
    }
    let mut result = Csrf::default();
    let real = request.cookie(COOKIE).and_then(|text| open_cookie(node, &text));
    let known = real.is_some();
    let real = real.unwrap_or_else(fresh);
    if !known {
        let mut value = real.clone();
        value.extend(seal(node, &real));
        let secure = if node.external_url.starts_with("http://") { "" } else { "Secure; " };
        result.cookie = Some(format!(
            "{COOKIE}={}; Path=/; Expires={}; Max-Age=43200; HttpOnly; {secure}SameSite=Strict",
            URL_SAFE_NO_PAD.encode(value),
            http_date(node.now() + 43_200_000),
        ));
    }
    result.token = Some(mask(&real));
    if matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        return result;
    }
    let sent = request.header("x-harbor-csrf-token");
    let good = known && sent.and_then(unmask).is_some_and(|t| t == real);
    if !good {
        let absent = node.version.since(12, 0) && sent.is_none_or(str::is_empty);
        let text = if absent { "CSRF token not found in request" } else { "CSRF token invalid" };
        result.refused = Some(Refusal::forbidden(text));
    }
    result
}
