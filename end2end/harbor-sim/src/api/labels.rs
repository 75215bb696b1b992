//! Labels, global (`g`) and of projects (`p`).

use serde_json::{Value, json};

use super::{Call, id_in_path};
use crate::clock::rfc3339;
use crate::http::{Answer, Refusal, Reply};
use crate::node::Node;
use crate::query::{Field, ListQuery};
use crate::state::rows::Label;

pub(super) fn show(label: &Label) -> Value {
    let mut body = json!({
        "color": label.color, "creation_time": rfc3339(label.created), "id": label.id, "name": label.name,
        "scope": label.scope, "update_time": rfc3339(label.updated),
    });
    if label.project > 0 {
        body["project_id"] = json!(label.project);
    }
    if !label.description.is_empty() {
        body["description"] = json!(label.description);
    }
    body
}

/// Global labels are everybody's who is signed in; a project's need a right there.
fn require(call: &Call<'_>, scope: &str, project: i64, action: &str) -> Result<(), Refusal> {
    if call.who.is_anonymous() {
        return Err(Refusal::unauthorized());
    }
    if scope == "g" {
        return if matches!(action, "list" | "read") { Ok(()) } else { call.who.require("label", action) };
    }
    let row = call.node.db().projects.get(&project).cloned();
    let row = row.ok_or_else(|| Refusal::missing("project", project))?;
    let allowed = call.who.may_in(call.node, &row, "label", action);
    if allowed { Ok(()) } else { Err(Refusal::forbidden("forbidden")) }
}

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call),
        ("POST", []) => create(call),
        (method, [id]) => {
            let id = id_in_path(id, "label_id")?;
            let found = call.node.db().labels.get(&id).cloned();
            let label = found.ok_or_else(|| Refusal::missing("label", id))?;
            let action = if method == "GET" { "read" } else { "delete" };
            require(call, &label.scope, label.project, action)?;
            if method == "GET" {
                return Ok(Reply::json(&show(&label)));
            }
            call.node.db().labels.remove(&id);
            Ok(Reply::ok())
        }
        _ => Err(Refusal::internal()),
    }
}

fn list(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    let scope = call.request.param("scope").unwrap_or_default();
    if !matches!(scope, "g" | "p") {
        return Err(Refusal::bad(format!("invalid scope: {scope}")));
    }
    let project = call.request.param("project_id").and_then(|v| v.parse().ok()).unwrap_or(0);
    require(call, scope, project, "list")?;
    let name = call.request.param("name").unwrap_or_default();
    let rows: Vec<Label> = call
        .node
        .db()
        .labels
        .values()
        .filter(|l| l.scope == scope && (scope == "g" || l.project == project) && l.name.contains(name))
        .cloned()
        .collect();
    let page = query.apply(rows, |l, key| match key {
        "name" => Some(Field::Text(l.name.clone())),
        "id" => Some(Field::Int(l.id)),
        _ => None,
    });
    Ok(query.reply(page, |l| show(&l)))
}

fn create(call: &Call<'_>) -> Answer {
    let body = call.request.json("label")?;
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (name, scope) = (text("name"), text("scope"));
    let project = body["project_id"].as_i64().unwrap_or(0);
    if name.is_empty() || name.len() > 128 {
        return Err(Refusal::bad("the length of name should be between 1 and 128"));
    }
    if !matches!(scope.as_str(), "g" | "p") {
        return Err(Refusal::bad(format!("invalid scope: {scope}")));
    }
    require(call, &scope, project, "create")?;
    let now = call.node.now();
    let mut db = call.node.db();
    let id = db.next("label");
    if db.labels.values().any(|l| l.name == name && l.scope == scope && l.project == project) {
        return Err(Refusal::conflict(format!("label {name} already exists")));
    }
    let label = Label {
        id,
        name,
        description: text("description"),
        color: text("color"),
        scope,
        project,
        created: now,
        updated: now,
    };
    db.labels.insert(id, label);
    Ok(Reply::created(call.request, id))
}

/// Puts a label of all on an artifact, or takes it off; the label is made where it is missing.
pub(crate) fn put(node: &Node, repository: &str, tag: &str, name: &str, on: bool) -> bool {
    let now = node.now();
    let mut db = node.db();
    let known = db.labels.values().find(|l| l.name == name && l.scope == "g").map(|l| l.id);
    let id = known.unwrap_or_else(|| {
        let id = db.next("label");
        let label = Label {
            id,
            name: name.to_owned(),
            description: String::new(),
            color: String::new(),
            scope: "g".to_owned(),
            project: 0,
            created: now,
            updated: now,
        };
        db.labels.insert(id, label);
        id
    });
    let Some(row) = db.repository_mut(repository) else { return false };
    let rows = row.rows_mut();
    let Some(at) = rows.tags.iter().find(|t| t.name == tag).map(|t| t.artifact) else { return false };
    let Some(artifact) = rows.artifacts.iter_mut().find(|a| a.id == at) else { return false };
    artifact.labels.retain(|l| *l != id);
    if on {
        artifact.labels.push(id);
    }
    true
}
