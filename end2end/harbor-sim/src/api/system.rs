//! Health, who this Harbor is, its settings and figures.

use serde_json::{Map, Value, json};

use super::Call;
use crate::clock::rfc3339;
use crate::fault::Component;
use crate::http::{Answer, Refusal, Reply};
use crate::node::Event;

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        (_, ["ping"]) => Ok(Reply::typed(200, "text/plain", "Pong")),
        (_, ["health"]) => Ok(health(call)),
        (_, ["systeminfo"]) => Ok(info(call)),
        (_, ["systeminfo", "volumes"]) => {
            call.who.require("system-volumes", "read")?;
            Ok(Reply::json(&json!({"storage": [{}]})))
        }
        (_, ["systeminfo", _]) => {
            let text = "resource not found: cert not found in path: /etc/core/ca/ca.crt";
            Err(Refusal::new(404, "NOT_FOUND", text))
        }
        (_, ["statistics"]) => statistics(call),
        ("PUT", ["configurations"]) => configure(call),
        (_, ["configurations"]) => configuration(call),
        (_, ["permissions"]) => permissions(call),
        _ => Err(Refusal::internal()),
    }
}

fn health(call: &Call<'_>) -> Reply {
    let part = |part: Component| {
        if call.node.is_sick(part) {
            let error = format!("failed to check the health of {}", part.name());
            json!({"name": part.name(), "status": "unhealthy", "error": error})
        } else {
            json!({"name": part.name(), "status": "healthy"})
        }
    };
    let sick = Component::ALL.into_iter().any(|c| call.node.is_sick(c));
    let components: Vec<Value> = Component::ALL.into_iter().map(part).collect();
    // HTTP says 200 whatever the body says.
    Reply::json(&json!({"components": components, "status": if sick { "unhealthy" } else { "healthy" }}))
}

fn info(call: &Call<'_>) -> Reply {
    let node = call.node;
    let read_only = node.read_only();
    let db = node.db();
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    put("auth_mode", json!(db.config_text("auth_mode")));
    put("primary_auth_mode", json!(db.config_bool("primary_auth_mode")));
    put("self_registration", json!(db.config_bool("self_registration")));
    if node.version.since(9, 0) {
        put("banner_message", json!(db.config_text("banner_message")));
        put("oidc_provider_name", json!(""));
    }
    let known = !call.who.is_anonymous();
    if known || !node.version.audit_exts() {
        put("harbor_version", json!(format!("v{}-sim", node.version)));
    }
    if known {
        put("current_time", json!(rfc3339(node.now())));
        put("external_url", json!(node.external_url));
        put("has_ca_root", json!(false));
        put("notification_enable", json!(db.config_bool("notification_enable")));
        put("project_creation_restriction", json!(db.config_text("project_creation_restriction")));
        put("read_only", json!(read_only));
        put("registry_storage_provider_name", json!("filesystem"));
        let host = node.external_url.split_once("://").map_or("", |(_, host)| host);
        put("registry_url", json!(host));
        if !node.version.since(9, 0) {
            put("with_notary", json!(false));
        }
    }
    Reply::json(&Value::Object(body))
}

fn statistics(call: &Call<'_>) -> Answer {
    if call.who.is_anonymous() {
        return Err(Refusal::unauthorized());
    }
    let db = call.node.db();
    let admin = call.who.is_admin();
    let mut counts = [0usize; 4];
    for project in db.projects.values() {
        let own = admin || call.who.role(project).is_some();
        let repositories = db.repositories_of(project.id).count();
        if project.public() {
            counts[0] += 1;
            counts[1] += repositories;
        } else if own {
            counts[2] += 1;
            counts[3] += repositories;
        }
    }
    let [public, public_repos, private, private_repos] = counts;
    let all: i64 = if admin { db.projects.keys().map(|id| db.used(*id)).sum() } else { 0 };
    Ok(Reply::json(&json!({
        "public_project_count": public,
        "public_repo_count": public_repos,
        "private_project_count": private,
        "private_repo_count": private_repos,
        "total_project_count": if admin { public + private } else { 0 },
        "total_repo_count": if admin { public_repos + private_repos } else { 0 },
        "total_storage_consumption": all,
    })))
}

fn require_admin(call: &Call<'_>) -> Result<(), Refusal> {
    if call.who.is_admin() {
        Ok(())
    } else if call.who.is_anonymous() {
        Err(Refusal::unauthorized())
    } else {
        Err(Refusal::forbidden(call.who.name()))
    }
}

fn configuration(call: &Call<'_>) -> Answer {
    require_admin(call)?;
    let db = call.node.db();
    let entry = |(key, value): (&String, &Value)| {
        let value = if value.is_null() { json!({}) } else { json!({"editable": true, "value": value}) };
        (key.clone(), value)
    };
    Ok(Reply::json(&Value::Object(db.configuration.iter().map(entry).collect())))
}

fn configure(call: &Call<'_>) -> Answer {
    let body = call.request.json("configurations")?;
    require_admin(call)?;
    {
        let mut db = call.node.db();
        for (key, value) in body.as_object().into_iter().flatten() {
            if db.configuration.contains_key(key) {
                db.configuration.insert(key.clone(), value.clone());
            }
        }
    }
    call.node.audit(Event {
        username: call.who.name(),
        operation: "update",
        resource_type: "configuration",
        resource: "",
        description: "update configuration".to_owned(),
        project: 0,
        ok: true,
    });
    Ok(Reply::ok())
}

fn permissions(call: &Call<'_>) -> Answer {
    call.who.require_login()?;
    let list = |kind: &str| -> Value {
        let rights = crate::data::rights(kind, call.node.version);
        rights.iter().map(|(resource, action)| json!({"resource": resource, "action": action})).collect()
    };
    if call.who.is_admin() {
        return Ok(Reply::json(&json!({"project": list("project"), "system": list("system")})));
    }
    let project_admin = matches!(call.who, crate::auth::Identity::User(_))
        && call.node.db().projects.values().any(|p| call.who.role(p) == Some(1));
    if project_admin {
        return Ok(Reply::json(&json!({"project": list("project"), "system": null})));
    }
    Err(Refusal::forbidden("forbidden: only admins(system and project) can access permissions"))
}
