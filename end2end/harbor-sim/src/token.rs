//! Tokens of `/service/token`: signed with the node's token key, so that another key's are refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::node::Node;

/// How long a token is good, seconds.
pub(crate) const LIFE: i64 = 1800;

/// What a token says.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    pub(crate) subject: String,
    /// Repository → actions.
    pub(crate) access: Vec<(String, Vec<String>)>,
}

impl Claims {
    pub(crate) fn allows(&self, repository: &str, action: &str) -> bool {
        self.access.iter().any(|(name, actions)| name == repository && actions.iter().any(|a| a == action))
    }
}

fn signature(node: &Node, signed: &str) -> String {
    let key = Sha256::digest(node.secrets.token_key.as_bytes());
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(signed.as_bytes());
    hash.update(key);
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// A signed token.
pub(crate) fn make_token(node: &Node, claims: &Claims) -> String {
    let now = node.now() / 1000;
    let access: Vec<Value> = claims
        .access
        .iter()
        .map(|(name, actions)| json!({"type": "repository", "name": name, "actions": actions}))
        .collect();
    let body = json!({
        "iss": "harbor-token-issuer",
        "sub": claims.subject,
        "aud": "harbor-registry",
        "exp": now + LIFE,
        "nbf": now,
        "iat": now,
        "jti": crate::random::hex(8),
        "access": access,
    });
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(body.to_string()));
    let signature = signature(node, &signed);
    format!("{signed}.{signature}")
}

/// Checks signature and times (a minute of difference between clocks is allowed).
pub(crate) fn read_token(node: &Node, token: &str) -> Option<Claims> {
    let (signed, given) = token.rsplit_once('.')?;
    if signature(node, signed) != given {
        return None;
    }
    let body = URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let now = node.now() / 1000;
    if body["exp"].as_i64()? + 60 < now || body["nbf"].as_i64()? - 60 > now {
        return None;
    }
    let entry = |v: &Value| {
        let actions = v["actions"].as_array()?.iter().filter_map(|a| a.as_str().map(str::to_owned));
        Some((v["name"].as_str()?.to_owned(), actions.collect()))
    };
    let access = body["access"].as_array()?.iter().filter_map(entry).collect();
    Some(Claims { subject: body["sub"].as_str()?.to_owned(), access })
}
