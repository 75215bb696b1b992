//! Repositories.

use serde_json::{Value, json};

use super::{Call, project_for};
use crate::clock::rfc3339;
use crate::http::{Answer, Refusal, Reply};
use crate::node::{Event, Node};
use crate::query::{Field, ListQuery};
use crate::state::repository::Repository;

pub(super) fn serve(call: &Call<'_>, method: &str, p: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => {
            let query = ListQuery::read(call.request)?;
            let project = project_for(call, p, "repository", "list")?;
            let db = call.node.db();
            list(&query, db.repositories_of(project.id).collect())
        }
        ("GET", [r]) => {
            let project = project_for(call, p, "repository", "read")?;
            let name = format!("{}/{}", project.name, crate::http::percent_decode(r));
            let db = call.node.db();
            let repository = db.repository(&name).ok_or_else(|| Refusal::missing("repository", &name))?;
            Ok(Reply::json(&show(repository)))
        }
        ("PUT", [r]) => {
            let body = call.request.json("repository")?;
            let project = project_for(call, p, "repository", "update")?;
            let name = format!("{}/{}", project.name, crate::http::percent_decode(r));
            let now = call.node.now();
            let mut db = call.node.db();
            let row = db.repository_mut(&name).ok_or_else(|| Refusal::missing("repository", &name))?;
            body["description"].as_str().unwrap_or_default().clone_into(&mut row.description);
            row.updated = now;
            Ok(Reply::ok())
        }
        ("DELETE", [r]) => {
            let project = project_for(call, p, "repository", "delete")?;
            let name = format!("{}/{}", project.name, crate::http::percent_decode(r));
            remove(call.node, call.who.name(), &name, project.id)
        }
        _ => Err(Refusal::internal()),
    }
}

/// `/repositories`: those of every project the caller sees.
pub(super) fn all(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    let db = call.node.db();
    let seen = |r: &&Repository| {
        let project = db.projects.get(&r.project);
        project.is_some_and(|p| call.who.is_admin() || lists(call, p))
    };
    list(&query, db.repositories.values().filter(seen).collect())
}

/// Here the right to list repositories counts, not the visibility of the project.
fn lists(call: &Call<'_>, project: &crate::state::rows::Project) -> bool {
    call.who.may_in(call.node, project, "repository", "list")
}

fn list(query: &ListQuery, mut rows: Vec<&Repository>) -> Answer {
    rows.sort_by_key(|r| std::cmp::Reverse((r.created, r.id)));
    let page = query.apply(rows, |r, key| match key {
        "name" => Some(Field::Text(r.name.clone())),
        "repository_id" => Some(Field::Int(r.id)),
        "project_id" => Some(Field::Int(r.project)),
        "creation_time" => Some(Field::Time(r.created)),
        "update_time" => Some(Field::Time(r.updated)),
        "pull_count" => Some(Field::Int(r.pulls)),
        _ => None,
    });
    Ok(query.reply(page, show))
}

fn show(repository: &Repository) -> Value {
    let mut body = json!({
        "artifact_count": repository.artifact_count(),
        "creation_time": rfc3339(repository.created),
        "id": repository.id,
        "name": repository.name,
        "project_id": repository.project,
        "pull_count": repository.pulls,
        "update_time": rfc3339(repository.updated),
    });
    if !repository.description.is_empty() {
        body["description"] = json!(repository.description);
    }
    body
}

fn remove(node: &std::sync::Arc<Node>, who: &str, name: &str, project: i64) -> Answer {
    let gone = {
        let mut db = node.db();
        let row = db.repository(name).ok_or_else(|| Refusal::missing("repository", name))?;
        let rows = row.rows().into_owned();
        db.remove_repository(name);
        rows
    };
    node.audit(Event::plain(who, "delete", "repository", name, project));
    for artifact in &gone.artifacts {
        let tags: Vec<String> = gone.tags_of(artifact.id).map(|t| t.name.clone()).collect();
        super::artifacts::after_removal(node, who, name, project, &artifact.digest, &tags);
    }
    Ok(Reply::ok())
}
