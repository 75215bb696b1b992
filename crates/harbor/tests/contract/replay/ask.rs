//! A recorded request as it must be sent now: ids, secrets, cookies, tokens.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{PASSWORD, Replay};
use crate::{
    compare::Answer,
    mapping::{collection, digests},
    recording::Exchange,
    stage::digest_of,
};

/// Whether bytes are this manifest, whatever the order of its fields.
fn same_manifest(sent: &Value, bytes: &[u8]) -> bool {
    let digests = |v: &Value| digests(&v.to_string()).into_iter().collect::<std::collections::BTreeSet<_>>();
    serde_json::from_slice::<Value>(bytes).is_ok_and(|p| digests(&p) == digests(sent))
}

impl Replay {
    pub(super) async fn ask(&mut self, exchange: &Exchange) -> Answer {
        let request = &exchange.request;
        let mut path = self.mapping.path(&request.path).replace("?_state=<state>", "?").replace("?&", "?");
        let body = self.body_of(exchange);
        if path.contains("digest=…") {
            path = path
                .replace("digest=…", &format!("digest={}", digest_of(body.as_deref().unwrap_or_default())));
        }
        let path = if path.contains("/blobs/uploads/")
            && !path.ends_with("/blobs/uploads/")
            && !path.contains("/uploads/?")
            && !path.contains("00000000-0000")
        {
            self.upload_path(&path)
        } else {
            path
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in &request.headers {
            let value = match name.as_str() {
                "Authorization" => continue,
                "Cookie" => self.cookies(&exchange.id, value),
                "X-Harbor-CSRF-Token" => self.session.get("token").cloned().unwrap_or_default(),
                _ => value.clone(),
            };
            headers.push((name.clone(), value));
        }
        let has_type = headers.iter().any(|(n, _)| n == "Content-Type");
        if request.body.is_object() && !has_type && exchange.id != "no-content-type" {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        if let Some(authorization) = self.authorization(exchange).await {
            headers.push(("Authorization".to_owned(), authorization));
        }
        self.send(&exchange.node, &request.method, &path, &headers, body).await
    }

    /// The recorder kept neither the id nor the state of an upload apart from its address; the last one is meant.
    fn upload_path(&self, path: &str) -> String {
        let query = path.split_once('?').map(|(_, q)| q).filter(|q| !q.is_empty());
        let to = url::Url::parse(&self.upload)
            .map_or_else(|_| self.upload.clone(), |u| u[url::Position::BeforePath..].to_owned());
        match query {
            Some(query) => format!("{to}{}{query}", if to.contains('?') { "&" } else { "?" }),
            None if path.contains('?') || !to.contains('?') => to,
            None => to.split('?').next().unwrap_or_default().to_owned(),
        }
    }

    /// A body whose long lists the recorder shortened, whole again: all the rights that were listed elsewhere.
    fn unshortened(&self, exchange: &Exchange) -> Value {
        let mut body = exchange.request.body.clone();
        let listed = self
            .recording
            .exchange("permissions-compact")
            .map(|e| e.response.body.clone())
            .unwrap_or_default();
        for permission in body.get_mut("permissions").and_then(Value::as_array_mut).into_iter().flatten() {
            let kind = permission["kind"].as_str().unwrap_or_default().to_owned();
            let access = permission["access"].as_array().cloned().unwrap_or_default();
            if access.iter().any(Value::is_string) {
                let right = |r: &Value| {
                    r.as_str()?.split_once(':').map(|(r, a)| json!({ "resource": r, "action": a }))
                };
                permission["access"] =
                    listed[&kind].as_array().into_iter().flatten().filter_map(right).collect();
            }
        }
        body
    }

    fn body_of(&self, exchange: &Exchange) -> Option<Vec<u8>> {
        let top = match collection(exchange.request.path_only()) {
            // A ping names an endpoint, a label on an artifact the label.
            _ if exchange.request.path.ends_with("/labels") => "labels",
            other => other,
        };
        match &self.unshortened(exchange) {
            Value::Null => None,
            Value::String(text) if text.ends_with("bytes>") => {
                let count = text.trim_matches(['<', '>']).split(' ').next().unwrap().parse().unwrap();
                Some(vec![b'x'; count])
            }
            Value::String(text) => Some(text.replace("<secret>", PASSWORD).into_bytes()),
            value => {
                let sent = self.mapping.body(value, "", top);
                // A manifest that was pushed before goes out byte for byte, or it would be another.
                if exchange.request.path.contains("/manifests/") {
                    let pushed = self.pushed.lock().unwrap();
                    let same = pushed.iter().find(|p| same_manifest(&sent, p));
                    return Some(same.cloned().unwrap_or_else(|| sent.to_string().into_bytes()));
                }
                let text = sent.to_string();
                let secret = value.pointer("/credential/access_key").and_then(Value::as_str);
                let known = self
                    .robots
                    .values()
                    .find(|(name, _)| Some(name.as_str()) == secret)
                    .map(|(_, s)| s.as_str());
                Some(text.replace("<secret>", known.unwrap_or(PASSWORD)).into_bytes())
            }
        }
    }

    async fn authorization(&mut self, exchange: &Exchange) -> Option<String> {
        let basic = |user: &str, password: &str| {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
        };
        let named = |role: &str| self.mapping.apply(&format!("rec-{role}"));
        if let Some(value) = exchange.request.headers.get("Authorization") {
            let id = exchange.id.as_str();
            if let Some(who) = &exchange.who {
                let wrong = exchange.actor == "wrong-password";
                return Some(basic(&self.mapping.apply(who), if wrong { "nope" } else { PASSWORD }));
            }
            return Some(match value.split(' ').next() {
                Some("Bearer") if id.contains("bogus") => "Bearer bogus".to_owned(),
                Some("Bearer") => format!("Bearer {}", self.token(exchange).await),
                _ if id.contains("malformed") => "Basic %%%".to_owned(),
                _ if id.contains("unknown-user") => basic("nosuch", "nope"),
                _ => basic("admin", "Harbor12345"),
            });
        }
        Some(match exchange.actor.as_str() {
            "admin" => basic("admin", "Harbor12345"),
            "wrong-password" => basic("admin", "nope"),
            "user" => basic(&named("user"), PASSWORD),
            "project-admin" => basic(&named("padmin"), PASSWORD),
            "guest" => basic(&named("guest"), PASSWORD),
            robot if robot.starts_with("robot:") => {
                let (name, secret) = self.robots.get(&robot["robot:".len()..]).cloned().unwrap_or_default();
                basic(&name, &secret)
            }
            _ => return None,
        })
    }

    /// A token as the recorder had one: of admin, or of nobody where the name says so.
    async fn token(&self, exchange: &Exchange) -> String {
        let name = exchange
            .request
            .path
            .trim_start_matches("/v2/")
            .split("/manifests/")
            .next()
            .unwrap_or_default()
            .to_owned();
        let path = format!("/service/token?service=harbor-registry&scope=repository:{name}:pull");
        let mut headers = Vec::new();
        if !exchange.id.contains("anonymous") {
            headers.push((
                "Authorization".to_owned(),
                format!("Basic {}", BASE64_STANDARD.encode("admin:Harbor12345")),
            ));
        }
        let answer = self.send("a", "GET", &path, &headers, None).await;
        answer.json().and_then(|v| v.get("token")?.as_str().map(str::to_owned)).unwrap_or_default()
    }

    fn cookies(&self, id: &str, recorded: &str) -> String {
        let one = |pair: &str| {
            let name = pair.trim().split('=').next().unwrap_or_default();
            let value = if id.contains("invented") { None } else { self.session.get(name) };
            format!("{name}={}", value.map_or("x", String::as_str))
        };
        recorded.split(';').map(one).collect::<Vec<_>>().join("; ")
    }
}
