//! Members of a project.

use serde_json::json;

use super::{Call, id_in_path, project_for};
use crate::http::{Answer, Refusal, Reply};
use crate::query::ListQuery;
use crate::state::rows::Member;

pub(super) fn serve(call: &Call<'_>, method: &str, p: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => {
            let query = ListQuery::read(call.request)?;
            let project = project_for(call, p, "member", "list")?;
            let db = call.node.db();
            let name = |m: &Member| db.users.get(&m.user).map(|u| u.name.clone()).unwrap_or_default();
            let page = query.page(project.members.clone());
            Ok(query.reply(page, |m| show(&m, project.id, &name(&m))))
        }
        ("POST", []) => create(call, p),
        ("GET", [id]) => {
            let id = id_in_path(id, "mid")?;
            let project = project_for(call, p, "member", "read")?;
            let member = project.members.iter().find(|m| m.id == id);
            let member = member.ok_or_else(|| Refusal::missing("project member", id))?;
            let name = call.node.db().users.get(&member.user).map(|u| u.name.clone()).unwrap_or_default();
            Ok(Reply::json(&show(member, project.id, &name)))
        }
        ("DELETE", [id]) => {
            let id = id_in_path(id, "mid")?;
            let project = project_for(call, p, "member", "delete")?;
            if let Some(row) = call.node.db().projects.get_mut(&project.id) {
                row.members.retain(|m| m.id != id);
            }
            Ok(Reply::ok())
        }
        _ => Err(Refusal::internal()),
    }
}

fn show(member: &Member, project: i64, name: &str) -> serde_json::Value {
    let role = match member.role {
        1 => "projectAdmin",
        2 => "developer",
        3 => "guest",
        4 => "maintainer",
        _ => "limitedGuest",
    };
    json!({
        "entity_id": member.user, "entity_name": name, "entity_type": "u", "id": member.id,
        "project_id": project, "role_id": member.role, "role_name": role,
    })
}

fn create(call: &Call<'_>, p: &str) -> Answer {
    let body = call.request.json("projectMember")?;
    let project = project_for(call, p, "member", "create")?;
    let role = body["role_id"].as_i64().unwrap_or(0);
    if !(1..=5).contains(&role) {
        return Err(Refusal::bad(format!("bad request: invalid role id: {role}")));
    }
    let wanted = &body["member_user"];
    let mut db = call.node.db();
    let user = match (wanted["user_id"].as_i64(), wanted["username"].as_str()) {
        (Some(id), _) if id > 0 => db.users.get(&id).map(|u| u.id),
        (_, Some(name)) => db.user(name).map(|u| u.id),
        _ => None,
    };
    let user = user.ok_or_else(|| Refusal::missing("user", wanted["username"].as_str().unwrap_or("0")))?;
    let id = db.next("member");
    let row = db.projects.get_mut(&project.id).ok_or_else(|| Refusal::missing("project", p))?;
    if row.members.iter().any(|m| m.user == user) {
        return Err(Refusal::conflict("project member already exist"));
    }
    row.members.push(Member { id, user, role });
    Ok(Reply::created(call.request, id))
}
