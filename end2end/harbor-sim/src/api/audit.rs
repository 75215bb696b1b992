//! The audit logs: the old one to 2.12, the newer from 2.13, where the old stays empty.

use serde_json::{Map, Value, json};

use super::{Call, project_for};
use crate::clock::rfc3339;
use crate::http::{Answer, Reply};
use crate::query::{Field, ListQuery};
use crate::state::AuditRow;

/// The rows of everything the caller may see.
pub(super) fn all(call: &Call<'_>, exts: bool) -> Answer {
    let query = ListQuery::read(call.request)?;
    call.who.require_login()?;
    let db = call.node.db();
    let everything = call.who.may("audit-log", "list");
    let own = |row: &&AuditRow| {
        // Robots without the right get an empty list instead of a refusal.
        let user = matches!(call.who, crate::auth::Identity::User(_));
        let project = db.projects.get(&row.project);
        user && project
            .is_some_and(|p| call.who.role(p).is_some() && call.who.may_in(call.node, p, "log", "list"))
    };
    let rows = db.audit.iter().filter(|row| everything || own(row)).collect();
    Ok(list(call, &query, rows, exts))
}

pub(super) fn of_project(call: &Call<'_>, p: &str, exts: bool) -> Answer {
    let query = ListQuery::read(call.request)?;
    let project = project_for(call, p, "log", "list")?;
    let db = call.node.db();
    let rows = db.audit.iter().filter(|row| row.project == project.id).collect();
    Ok(list(call, &query, rows, exts))
}

fn list(call: &Call<'_>, query: &ListQuery, mut rows: Vec<&AuditRow>, exts: bool) -> Reply {
    if call.node.version.audit_exts() && !exts {
        rows.clear();
    }
    rows.sort_by_key(|r| (std::cmp::Reverse(r.at), r.id));
    let page = query.apply(rows, |row, key| match key {
        "id" => Some(Field::Int(row.id)),
        "op_time" => Some(Field::Time(row.at)),
        "operation" => Some(Field::Text(row.operation.clone())),
        "resource" => Some(Field::Text(row.resource.clone())),
        "resource_type" => Some(Field::Text(row.resource_type.clone())),
        "username" => Some(Field::Text(row.username.clone())),
        _ => None,
    });
    query.reply(page, |row| show(row, exts))
}

fn show(row: &AuditRow, exts: bool) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    put("id", json!(row.id));
    put("op_time", json!(rfc3339(row.at)));
    put("operation", json!(row.operation));
    if !row.resource.is_empty() {
        put("resource", json!(row.resource));
    }
    put("resource_type", json!(row.resource_type));
    put("username", json!(row.username));
    if exts {
        put("operation_description", json!(row.description));
        put("operation_result", json!(row.ok));
    }
    Value::Object(body)
}

pub(super) fn events(call: &Call<'_>) -> Answer {
    call.who.require_login()?;
    Ok(Reply::json(&crate::data::audit_events()))
}
