//! Projects, their metadata and summary.

use serde_json::{Map, Value, json};

use super::{Call, project_for};
use crate::auth::Identity;
use crate::clock::{NEVER, rfc3339};
use crate::http::{Answer, Refusal, Reply};
use crate::node::Event;
use crate::query::{Field, ListQuery};
use crate::state::Database;
use crate::state::rows::Project;

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call),
        ("HEAD", []) => head(call),
        ("POST", []) => create(call),
        ("GET", [p]) => {
            let project = project_for(call, p, "project", "read")?;
            let db = call.node.db();
            Ok(Reply::json(&show(call, &db, &project, true)))
        }
        ("PUT", [p]) => update(call, p),
        ("DELETE", [p]) => delete(call, p),
        ("GET", [p, "_deletable"]) => {
            let project = project_for(call, p, "project", "delete")?;
            let busy = call.node.db().repositories_of(project.id).next().is_some();
            let text = "the project contains repositories, can not be deleted";
            Ok(Reply::json(&if busy { json!({"message": text}) } else { json!({"deletable": true}) }))
        }
        ("GET", [p, "summary"]) => summary(call, p),
        (_, [p, "metadatas", rest @ ..]) => metadata(call, method, p, rest),
        _ => Err(Refusal::internal()),
    }
}

pub(super) fn show(call: &Call<'_>, db: &Database, project: &Project, detail: bool) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    let never = rfc3339(NEVER);
    put("creation_time", json!(rfc3339(project.created)));
    put("update_time", json!(rfc3339(project.updated)));
    let role = call.who.role(project);
    if let Some(role) = role {
        put("current_user_role_id", json!(role));
    }
    put("current_user_role_ids", role.map_or(Value::Null, |role| json!([role])));
    if detail {
        let allowlist = json!({
            "creation_time": never, "id": project.allowlist, "items": [], "project_id": project.id,
            "update_time": never,
        });
        put("cve_allowlist", allowlist);
        put("metadata", json!(project.metadata));
        put("owner_name", json!(project.owner_name));
    } else {
        put("cve_allowlist", json!({"creation_time": never, "items": null, "update_time": never}));
    }
    put("name", json!(project.name));
    put("owner_id", json!(project.owner));
    put("project_id", json!(project.id));
    if project.registry > 0 {
        put("registry_id", json!(project.registry));
    }
    put("repo_count", json!(if detail { db.repositories_of(project.id).count() } else { 0 }));
    Value::Object(body)
}

fn list(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    let detail = call.request.param("with_detail") != Some("false");
    let public = call.request.param("public").map(|v| v == "true");
    let name = call.request.param("name").unwrap_or_default();
    let owner = call.request.param("owner").unwrap_or_default();
    let db = call.node.db();
    let mut rows: Vec<&Project> = db
        .projects
        .values()
        .filter(|p| call.who.sees(p))
        .filter(|p| public.is_none_or(|wanted| p.public() == wanted))
        .filter(|p| p.name.contains(name) && (owner.is_empty() || p.owner_name == owner))
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let page = query.apply(rows, |p, key| match key {
        "name" => Some(Field::Text(p.name.clone())),
        "project_id" => Some(Field::Int(p.id)),
        "public" => Some(Field::Bool(p.public())),
        "creation_time" => Some(Field::Time(p.created)),
        "update_time" => Some(Field::Time(p.updated)),
        "owner_id" => Some(Field::Int(p.owner)),
        _ => None,
    });
    Ok(query.reply(page, |p| show(call, &db, p, detail)))
}

fn head(call: &Call<'_>) -> Answer {
    let Some(name) = call.request.param("project_name") else {
        return Err(Refusal::invalid("project_name in query is required"));
    };
    if call.who.is_anonymous() {
        return Err(Refusal::unauthorized());
    }
    match call.node.db().project_by_name(name) {
        Some(_) => Ok(Reply::ok()),
        None => Err(Refusal::missing("project", name)),
    }
}

/// Lower case letters and digits, parts joined by one of `.`, `_`, `__` or dashes.
fn is_project_name(name: &str) -> bool {
    crate::oci::is_path_component(name)
}

fn create(call: &Call<'_>) -> Answer {
    let body = call.request.json("project")?;
    let name = body["project_name"].as_str().unwrap_or_default().to_owned();
    if name.chars().count() > 255 {
        return Err(Refusal::invalid_body("project_name in body should be at most 255 chars long"));
    }
    if call.who.is_anonymous() {
        return Err(Refusal::unauthorized());
    }
    let restricted = call.node.db().config_text("project_creation_restriction") == "adminonly";
    if restricted && !call.who.may("project", "create") {
        return Err(Refusal::forbidden("Only system admin can create project"));
    }
    if name.is_empty() {
        let text = format!("Project name {name} is illegal in length. (greater than 255 or less than 1)");
        return Err(Refusal::bad(text));
    }
    if !is_project_name(&name) {
        return Err(Refusal::bad("project name is not in lower case or contains illegal characters"));
    }
    let registry = body["registry_id"].as_i64().unwrap_or(0);
    let now = call.node.now();
    let id = {
        let mut db = call.node.db();
        if registry > 0 && !db.registries.contains_key(&registry) {
            return Err(Refusal::internal());
        }
        if db.project_by_name(&name).is_some() {
            db.next("project");
            return Err(Refusal::conflict(format!("The project named {name} already exists")));
        }
        let public = body["metadata"]["public"].as_str() == Some("true") || body["public"] == json!(true);
        let (owner, owner_name) = match &call.who {
            Identity::User(user) => (user.id, user.name.clone()),
            // What a robot makes belongs to admin.
            _ => (1, "admin".to_owned()),
        };
        let limit = body["storage_limit"].as_i64().unwrap_or(-1);
        let id = db.add_project(&name, public, owner, &owner_name, limit, now);
        if let Some(project) = db.projects.get_mut(&id) {
            project.registry = registry;
            for (key, value) in body["metadata"].as_object().into_iter().flatten() {
                if let Some(text) = value.as_str() {
                    project.metadata.insert(key.clone(), text.to_owned());
                }
            }
        }
        id
    };
    call.node.audit(Event::plain(call.who.name(), "create", "project", &name, id));
    Ok(Reply::created(call.request, id))
}

fn update(call: &Call<'_>, p: &str) -> Answer {
    let body = call.request.json("project")?;
    let project = project_for(call, p, "project", "update")?;
    let now = call.node.now();
    let mut db = call.node.db();
    if let Some(row) = db.projects.get_mut(&project.id) {
        for (key, value) in body["metadata"].as_object().into_iter().flatten() {
            if let Some(text) = value.as_str() {
                row.metadata.insert(key.clone(), text.to_owned());
            }
        }
        // Metadata live in a table of their own: the project's own time stays.
        if !body["metadata"].is_object() {
            row.updated = now;
        }
    }
    Ok(Reply::ok())
}

fn delete(call: &Call<'_>, p: &str) -> Answer {
    let project = project_for(call, p, "project", "delete")?;
    {
        let mut db = call.node.db();
        if db.repositories_of(project.id).next().is_some() {
            let text = "precondition failed: the project contains repositories, can not be deleted";
            return Err(Refusal::precondition(text));
        }
        db.projects.remove(&project.id);
        db.quotas.retain(|_, q| q.project != project.id);
        db.labels.retain(|_, l| l.project != project.id);
        db.robots.retain(|_, r| r.project != project.id);
        db.immutables.retain(|_, r| r.project != project.id);
    }
    call.node.audit(Event::plain(call.who.name(), "delete", "project", &project.name, project.id));
    Ok(Reply::ok())
}

fn summary(call: &Call<'_>, p: &str) -> Answer {
    let project = project_for(call, p, "project", "read")?;
    let db = call.node.db();
    let mut body = Map::new();
    body.insert("repo_count".to_owned(), json!(db.repositories_of(project.id).count()));
    if call.who.may_in(call.node, &project, "quota", "read") || !call.who.is_anonymous() {
        let hard = db.quota_of(project.id).map_or(-1, |q| q.hard);
        let used = db.used(project.id);
        body.insert("quota".to_owned(), json!({"hard": {"storage": hard}, "used": {"storage": used}}));
    }
    if call.who.may_in(call.node, &project, "member", "list") {
        let names =
            [(1, "project_admin_count"), (2, "developer_count"), (3, "guest_count"), (4, "maintainer_count")];
        for (role, name) in names {
            let count = project.members.iter().filter(|m| m.role == role).count();
            if count > 0 {
                body.insert(name.to_owned(), json!(count));
            }
        }
    }
    Ok(Reply::json(&Value::Object(body)))
}

fn metadata(call: &Call<'_>, method: &str, p: &str, rest: &[&str]) -> Answer {
    let action = match method {
        "GET" => "read",
        "POST" => "create",
        "PUT" => "update",
        _ => "delete",
    };
    let body = if matches!(method, "POST" | "PUT") { call.request.json("metadata")? } else { Value::Null };
    let project = project_for(call, p, "metadata", action)?;
    let mut db = call.node.db();
    let row = db.projects.get_mut(&project.id).ok_or_else(|| Refusal::missing("project", p))?;
    match (method, rest) {
        ("GET", []) => Ok(Reply::json(&json!(row.metadata))),
        ("GET", [key]) => match row.metadata.get(*key) {
            Some(value) => Ok(Reply::json(&json!({*key: value}))),
            None => Err(Refusal::missing("metadata", key)),
        },
        ("DELETE", [key]) => {
            row.metadata.remove(*key);
            Ok(Reply::ok())
        }
        _ => {
            for (key, value) in body.as_object().into_iter().flatten() {
                row.metadata.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
            }
            Ok(Reply::ok())
        }
    }
}
