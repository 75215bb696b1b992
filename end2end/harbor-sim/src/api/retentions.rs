//! Retention rules of projects: kept and shown, never run.

use serde_json::{Value, json};

use super::{Call, id_in_path, project_for};
use crate::http::{Answer, Refusal, Reply};

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("POST", []) => create(call),
        (_, [id]) => one(call, method, id_in_path(id, "id")?),
        _ => Err(Refusal::internal()),
    }
}

/// The project a rule belongs to.
fn scope(rule: &Value) -> String {
    rule["scope"]["ref"].as_i64().unwrap_or(0).to_string()
}

fn create(call: &Call<'_>) -> Answer {
    let mut body = call.request.json("policy")?;
    let project = project_for(call, &scope(&body), "tag-retention", "create")?;
    let mut db = call.node.db();
    if project.metadata.contains_key("retention_id") {
        let text = format!(
            "project {} already has retention policy {}",
            project.id, project.metadata["retention_id"]
        );
        return Err(Refusal::bad(text));
    }
    let id = db.next("retention");
    body["id"] = json!(id);
    db.retentions.insert(id, body);
    if let Some(row) = db.projects.get_mut(&project.id) {
        row.metadata.insert("retention_id".to_owned(), id.to_string());
    }
    Ok(Reply::created(call.request, id))
}

fn one(call: &Call<'_>, method: &str, id: i64) -> Answer {
    let mut body = if method == "PUT" { call.request.json("policy")? } else { Value::Null };
    let found = call.node.db().retentions.get(&id).cloned();
    let Some(rule) = found else {
        call.who.require("tag-retention", "read")?;
        return Err(Refusal::missing("retention policy", id));
    };
    let action = match method {
        "GET" => "read",
        "PUT" => "update",
        _ => "delete",
    };
    let project = project_for(call, &scope(&rule), "tag-retention", action)?;
    let mut db = call.node.db();
    match method {
        "GET" => return Ok(Reply::json(&rule)),
        "PUT" => {
            body["id"] = json!(id);
            db.retentions.insert(id, body);
        }
        _ => {
            db.retentions.remove(&id);
            if let Some(row) = db.projects.get_mut(&project.id) {
                row.metadata.remove("retention_id");
            }
        }
    }
    Ok(Reply::ok())
}
