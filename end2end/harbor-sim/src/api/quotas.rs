//! Quotas: one per project.

use serde_json::{Value, json};

use super::{Call, id_in_path};
use crate::clock::{NEVER, rfc3339};
use crate::http::{Answer, Refusal, Reply};
use crate::query::{Field, ListQuery};
use crate::state::Database;
use crate::state::rows::Quota;

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        (_, []) => list(call),
        ("GET", [id]) => {
            let id = id_in_path(id, "id")?;
            call.who.require("quota", "read")?;
            let db = call.node.db();
            let quota = db.quotas.get(&id).ok_or_else(|| Refusal::missing("quota", id))?;
            // One quota is read without its time of change.
            Ok(Reply::json(&show(&db, &Quota { updated: NEVER, ..quota.clone() })))
        }
        ("PUT", [id]) => {
            let id = id_in_path(id, "id")?;
            let body = call.request.json("hard")?;
            call.who.require("quota", "update")?;
            let now = call.node.now();
            let mut db = call.node.db();
            let quota = db.quotas.get_mut(&id).ok_or_else(|| Refusal::missing("quota", id))?;
            if let Some(hard) = body["hard"]["storage"].as_i64() {
                quota.hard = hard;
                quota.updated = now;
            }
            Ok(Reply::ok())
        }
        _ => Err(Refusal::internal()),
    }
}

fn show(db: &Database, quota: &Quota) -> Value {
    let name = db.projects.get(&quota.project).map(|p| p.name.clone()).unwrap_or_default();
    json!({
        "creation_time": rfc3339(quota.created),
        "hard": {"storage": quota.hard},
        "id": quota.id,
        "ref": {"id": quota.project, "name": name, "owner_name": ""},
        "update_time": rfc3339(quota.updated),
        "used": {"storage": db.used(quota.project)},
    })
}

fn list(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    call.who.require("quota", "list")?;
    let wanted = call.request.param("reference_id").and_then(|v| v.parse::<i64>().ok());
    let db = call.node.db();
    let mut rows: Vec<&Quota> =
        db.quotas.values().filter(|q| wanted.is_none_or(|id| id == q.project)).collect();
    rows.sort_by_key(|q| std::cmp::Reverse(q.id));
    let page = query.apply(rows, |q, key| match key {
        "id" => Some(Field::Int(q.id)),
        "creation_time" => Some(Field::Time(q.created)),
        "hard.storage" => Some(Field::Int(q.hard)),
        "used.storage" => Some(Field::Int(db.used(q.project))),
        _ => None,
    });
    Ok(query.reply(page, |q| show(&db, q)))
}
