//! Endpoints of replication. Creating, changing and testing one really asks the peer.

use serde_json::{Map, Value, json};

use super::{Call, id_in_path};
use crate::clock::{NEVER, rfc3339};
use crate::http::{Answer, Refusal, Reply};
use crate::node::Node;
use crate::query::{Field, ListQuery};
use crate::replicate::{Endpoint, PeerError};
use crate::state::rows::{Registry, Sealed};
use crate::version::Version;

pub(super) async fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call),
        ("POST", []) => create(call).await,
        (_, ["ping"]) => ping(call).await,
        ("GET", [id]) => {
            let id = id_in_path(id, "id")?;
            call.who.require("registry", "read")?;
            Ok(Reply::json(&show_by_id(call.node, id).ok_or_else(|| Refusal::missing("registry", id))?))
        }
        ("PUT", [id]) => update(call, id_in_path(id, "id")?).await,
        ("DELETE", [id]) => delete(call, id_in_path(id, "id")?),
        ("GET", [id, "info"]) => info(call, id_in_path(id, "id")?).await,
        _ => Err(Refusal::internal()),
    }
}

pub(super) fn adapters(call: &Call<'_>, word: &str) -> Answer {
    call.who.require("replication-adapter", "list")?;
    let version = call.node.version;
    Ok(Reply::json(&match word {
        "adapters" => json!(crate::data::adapters(version)),
        _ => crate::data::adapter_infos(version),
    }))
}

/// The row as the API shows it; 0 is this Harbor.
pub(super) fn show_by_id(node: &Node, id: i64) -> Option<Value> {
    if id == 0 {
        return Some(json!({
            "creation_time": rfc3339(NEVER),
            "credential": {"access_secret": "*****", "type": "secret"},
            "id": 0,
            "insecure": true,
            "name": "Local",
            "status": "healthy",
            "type": "harbor",
            "update_time": rfc3339(NEVER),
            "url": "http://127.0.0.1:8080",
        }));
    }
    node.db().registries.get(&id).map(show)
}

fn show(row: &Registry) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    put("creation_time", json!(rfc3339(row.created)));
    let mut credential = Map::new();
    if !row.access_key.is_empty() {
        credential.insert("access_key".to_owned(), json!(row.access_key));
    }
    if row.secret.is_some() {
        credential.insert("access_secret".to_owned(), json!("*****"));
    }
    if !row.credential_type.is_empty() {
        credential.insert("type".to_owned(), json!(row.credential_type));
    }
    put("credential", Value::Object(credential));
    for (key, value) in [("description", &row.description), ("ca_certificate", &row.ca)] {
        if !value.is_empty() {
            put(key, json!(value));
        }
    }
    put("id", json!(row.id));
    if row.insecure {
        put("insecure", json!(true));
    }
    put("name", json!(row.name));
    put("status", json!(if row.healthy { "healthy" } else { "unhealthy" }));
    put("type", json!(row.kind));
    put("update_time", json!(rfc3339(row.updated)));
    put("url", json!(row.url));
    Value::Object(body)
}

fn list(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    call.who.require("registry", "list")?;
    let name = call.request.param("name").unwrap_or_default();
    let rows: Vec<Registry> =
        call.node.db().registries.values().filter(|r| r.name.contains(name)).cloned().collect();
    let page = query.apply(rows, |r, key| match key {
        "id" => Some(Field::Int(r.id)),
        "name" => Some(Field::Text(r.name.clone())),
        "url" => Some(Field::Text(r.url.clone())),
        "type" => Some(Field::Text(r.kind.clone())),
        "status" => Some(Field::Text(if r.healthy { "healthy" } else { "unhealthy" }.to_owned())),
        "creation_time" => Some(Field::Time(r.created)),
        _ => None,
    });
    Ok(query.reply(page, |r| show(&r)))
}

/// `host` → `http://host`, slashes at the end off; other schemes refused.
fn clean_url(version: Version, text: &str) -> Result<String, Refusal> {
    if text.is_empty() {
        return Err(Refusal::bad("empty string"));
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let full = full.trim_end_matches('/').to_owned();
    let (scheme, rest) = full.split_once("://").unwrap_or(("", ""));
    if !matches!(scheme, "http" | "https") {
        return Err(Refusal::bad(format!("invalid HTTP scheme: {scheme}")));
    }
    let host = rest.split('/').next().unwrap_or_default();
    let port_of = |host: &str| host.split_once(':').map(|(_, port)| port.to_owned());
    if !host.starts_with('[')
        && let Some(port) = port_of(host)
        && !port.bytes().all(|b| b.is_ascii_digit())
    {
        if !version.endpoint_ca() {
            // Older ones do not look at the port: the request goes out, and this is what a proxy answers.
            let page = Reply::html(400, "400 Bad Request").body;
            return Err(Refusal::bad(String::from_utf8_lossy(&page)));
        }
        let rest = &host[host.find(':').unwrap_or(0)..];
        return Err(Refusal::bad(format!(
            "invalid URL: parse \"{full}\": invalid port \"{rest}\" after host"
        )));
    }
    Ok(full)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::bad("name cannot be empty"));
    }
    if name.chars().count() > 64 {
        return Err(Refusal::bad("the max length of name is 64"));
    }
    Ok(())
}

/// What a PEM must have; read only where the version knows the field.
fn check_ca(node: &Node, pem: &str) -> Result<String, Refusal> {
    if !node.version.endpoint_ca() || pem.is_empty() {
        return Ok(String::new());
    }
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Refusal::bad("invalid CA certificate: no valid certificates found in PEM data"));
    }
    if reqwest::Certificate::from_pem(pem.as_bytes()).is_err() || !pem.contains("-----END CERTIFICATE-----") {
        let text = "invalid CA certificate: failed to parse certificate: x509: malformed certificate";
        return Err(Refusal::bad(text));
    }
    Ok(pem.to_owned())
}

/// The status a peer's failure is answered with.
fn refuse(error: &PeerError) -> Refusal {
    match error {
        PeerError::Unhealthy => Refusal::bad("the registry is unhealthy"),
        PeerError::Status(status, _) if *status < 500 => Refusal::bad("the registry is unhealthy"),
        PeerError::Status(status, _) => Refusal::masked(*status),
        PeerError::Unreachable(_) | PeerError::Unsupported(_) => Refusal::internal(),
    }
}

/// Only a key of 16 characters can seal.
fn seal(node: &Node, secret: &str) -> Result<Sealed, Refusal> {
    if node.secrets.secretkey.len() != 16 {
        return Err(Refusal::internal());
    }
    Ok(Sealed::new(&node.secrets.secretkey, secret))
}

/// Refuses a JSON value of another type, as the generated code of Harbor does.
fn typed(body: &Value, name: &str, structure: &str, fields: &[(&str, &str)]) -> Result<(), Refusal> {
    super::policies::check_types(body, name, structure, fields)
}

async fn create(call: &Call<'_>) -> Answer {
    let body = call.request.json("registry")?;
    typed(&body, "registry", "Registry", &[("name", "string"), ("url", "string"), ("insecure", "bool")])?;
    call.who.require("registry", "create")?;
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let name = text(&body["name"]);
    check_name(&name)?;
    let url = clean_url(call.node.version, &text(&body["url"]))?;
    let ca = check_ca(call.node, &text(&body["ca_certificate"]))?;
    let credential = &body["credential"];
    let secret = text(&credential["access_secret"]);
    let now = call.node.now();
    let mut row = Registry {
        id: 0,
        name,
        description: text(&body["description"]),
        url,
        kind: text(&body["type"]),
        insecure: body["insecure"].as_bool().unwrap_or(false),
        ca,
        credential_type: text(&credential["type"]),
        access_key: text(&credential["access_key"]),
        secret: None,
        healthy: true,
        created: now,
        updated: now,
    };
    let endpoint = Endpoint::with_secret(&row, &secret);
    call.node.peers.ping(&endpoint).await.map_err(|e| refuse(&e))?;
    if !secret.is_empty() {
        row.secret = Some(seal(call.node, &secret)?);
    }
    let mut db = call.node.db();
    row.id = db.next("registry");
    if db.registries.values().any(|r| r.name == row.name) {
        return Err(Refusal::conflict(format!("registry {} already exists", row.name)));
    }
    let id = row.id;
    db.registries.insert(id, row);
    Ok(Reply::created(call.request, id))
}

/// Lays the fields of a flat body over a stored row; returns the secret to use.
fn overlay(call: &Call<'_>, row: &mut Registry, body: &Value, with_url: bool) -> Result<String, Refusal> {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let mut secret = row.secret.as_ref().map(|s| s.open(&call.node.secrets.secretkey)).unwrap_or_default();
    if with_url {
        if let Some(url) = text("url") {
            row.url = clean_url(call.node.version, &url)?;
        }
        if let Some(insecure) = body["insecure"].as_bool() {
            row.insecure = insecure;
        }
        if let Some(ca) = text("ca_certificate") {
            row.ca = check_ca(call.node, &ca)?;
        }
    }
    if let Some(kind) = text("credential_type") {
        row.credential_type = kind;
    }
    if let Some(key) = text("access_key") {
        row.access_key = key;
    }
    if let Some(given) = text("access_secret") {
        secret = given;
    }
    Ok(secret)
}

async fn update(call: &Call<'_>, id: i64) -> Answer {
    let body = call.request.json("registry")?;
    call.who.require("registry", "update")?;
    let found = call.node.db().registries.get(&id).cloned();
    let mut row = found.ok_or_else(|| Refusal::missing("registry", id))?;
    let old_url = row.url.clone();
    if let Some(name) = body["name"].as_str() {
        check_name(name)?;
        name.clone_into(&mut row.name);
    }
    if let Some(description) = body["description"].as_str() {
        description.clone_into(&mut row.description);
    }
    let mut secret = overlay(call, &mut row, &body, true)?;
    if call.node.version.strict_endpoint_url() && row.url != old_url && body["access_secret"].is_null() {
        // A changed address must not get the stored secret: what is left is a name without password.
        secret = String::from("dropped");
    }
    call.node.peers.ping(&Endpoint::with_secret(&row, &secret)).await.map_err(|e| refuse(&e))?;
    row.secret = if secret.is_empty() { None } else { Some(seal(call.node, &secret)?) };
    row.updated = call.node.now();
    row.healthy = true;
    let mut db = call.node.db();
    if db.registries.values().any(|r| r.id != id && r.name == row.name) {
        return Err(Refusal::conflict(format!("registry {} already exists", row.name)));
    }
    db.registries.insert(id, row);
    Ok(Reply::ok())
}

fn delete(call: &Call<'_>, id: i64) -> Answer {
    call.who.require("registry", "delete")?;
    let mut db = call.node.db();
    let used = db.policies.values().any(|p| p.source == id || p.dest == id);
    if id == 0 || (db.registries.contains_key(&id) && used) {
        let text = format!("the registry {id} is referenced by replication policies, cannot delete it");
        return Err(Refusal::precondition(text));
    }
    if !db.registries.contains_key(&id) {
        return Err(Refusal::missing("registry", id));
    }
    if db.projects.values().any(|p| p.registry == id) {
        let text = format!("the registry {id} is referenced by proxy cache project, cannot delete it");
        return Err(Refusal::precondition(text));
    }
    db.registries.remove(&id);
    Ok(Reply::ok())
}

async fn ping(call: &Call<'_>) -> Answer {
    let body = call.request.json("registry")?;
    let fields = [("id", "int64"), ("url", "string"), ("type", "string"), ("insecure", "bool")];
    typed(&body, "registry", "RegistryPing", &fields)?;
    call.who.require("registry", "read")?;
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let (mut row, stored) = match body["id"].as_i64() {
        Some(0) => return Ok(Reply::ok()),
        Some(id) => {
            let found = call.node.db().registries.get(&id).cloned();
            (found.ok_or_else(|| Refusal::missing("registry", id))?, true)
        }
        None => (blank(&text(&body["type"])), false),
    };
    let with_url = !stored || !call.node.version.strict_endpoint_url();
    if !stored && (row.kind.is_empty() || text(&body["url"]).is_empty()) {
        return Err(Refusal::bad("type or url cannot be empty"));
    }
    let secret = overlay(call, &mut row, &body, with_url)?;
    call.node.peers.ping(&Endpoint::with_secret(&row, &secret)).await.map_err(|e| refuse(&e))?;
    Ok(Reply::ok())
}

fn blank(kind: &str) -> Registry {
    Registry {
        id: 0,
        name: String::new(),
        description: String::new(),
        url: String::new(),
        kind: kind.to_owned(),
        insecure: false,
        ca: String::new(),
        credential_type: String::new(),
        access_key: String::new(),
        secret: None,
        healthy: true,
        created: NEVER,
        updated: NEVER,
    }
}

async fn info(call: &Call<'_>, id: i64) -> Answer {
    call.who.require("registry", "read")?;
    let found = call.node.db().registries.get(&id).cloned();
    let mut triggers = vec!["manual", "scheduled"];
    let mut kind = "harbor".to_owned();
    if id == 0 {
        triggers.push("event_based");
    } else {
        let row = found.ok_or_else(|| Refusal::missing("registry", id))?;
        let secret = row.secret.as_ref().map(|s| s.open(&call.node.secrets.secretkey)).unwrap_or_default();
        let endpoint = Endpoint::with_secret(&row, &secret);
        call.node.peers.open(&endpoint).await.map_err(|e| refuse(&e))?;
        kind = row.kind;
    }
    Ok(Reply::json(&json!({
        "supported_copy_by_chunk": true,
        "supported_resource_filters": [
            {"style": "input", "type": "name", "values": null},
            {"style": "input", "type": "tag", "values": null},
            {"style": "list", "type": "label", "values": null},
            {"style": "radio", "type": "resource", "values": ["image", "artifact"]},
        ],
        "supported_triggers": triggers,
        "type": kind,
    })))
}
