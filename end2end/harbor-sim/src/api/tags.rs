//! Tags. Deleting one names the artifact too, so it is a compare-and-delete.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Call, Place, project_for};
use crate::clock::{NEVER, rfc3339};
use crate::http::{Answer, Refusal, Reply};
use crate::node::{Event, Node};
use crate::query::{Field, ListQuery};
use crate::state::repository::Tag;

pub(super) fn serve(call: &Call<'_>, method: &str, place: &Place, reference: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call, place, reference),
        ("POST", []) => create(call, place, reference),
        ("DELETE", [tag]) => delete(call, place, reference, tag),
        _ => Err(Refusal::internal()),
    }
}

pub(super) fn show(node: &Node, tag: &Tag, repository: i64) -> Value {
    let mut body = json!({
        "artifact_id": tag.artifact,
        "id": tag.id,
        "immutable": false,
        "name": tag.name,
        "pull_time": rfc3339(tag.pulled),
        "push_time": rfc3339(tag.pushed),
        "repository_id": repository,
    });
    if !node.version.since(9, 0) {
        body["signed"] = json!(false);
    }
    body
}

fn list(call: &Call<'_>, place: &Place, reference: &str) -> Answer {
    let query = ListQuery::read(call.request)?;
    project_for(call, &place.project, "tag", "list")?;
    let db = call.node.db();
    let missing = || super::artifacts::not_found(&place.repository, reference);
    let repository = db.repository(&place.repository).ok_or_else(missing)?;
    let rows = repository.rows();
    let id = rows.by_reference(reference).map(|a| a.id).ok_or_else(missing)?;
    let mut tags: Vec<&Tag> = rows.tags_of(id).collect();
    tags.sort_by_key(|t| std::cmp::Reverse((t.pushed, t.id)));
    let page = query.apply(tags, |tag, key| match key {
        "name" => Some(Field::Text(tag.name.clone())),
        "id" => Some(Field::Int(tag.id)),
        "push_time" => Some(Field::Time(tag.pushed)),
        "pull_time" => Some(Field::Time(tag.pulled)),
        _ => None,
    });
    Ok(query.reply(page, |tag| show(call.node, tag, repository.id)))
}

/// Letters, digits and `_.-`, not beginning with a dot or dash, at most 128.
pub(crate) fn is_tag(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (1..=128).contains(&name.len()) && !name.starts_with(['.', '-']) && name.chars().all(good)
}

fn create(call: &Call<'_>, place: &Place, reference: &str) -> Answer {
    let body = call.request.json("tag")?;
    let project = project_for(call, &place.project, "tag", "create")?;
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    if !is_tag(&name) {
        return Err(Refusal::bad(format!("bad request: invalid tag name: {name}")));
    }
    let now = call.node.now();
    let moves = call.node.version.update_time_moves();
    let digest = {
        let mut db = call.node.db();
        let missing = || super::artifacts::not_found(&place.repository, reference);
        let id = db.next("tag");
        let repository = db.repository_mut(&place.repository).ok_or_else(missing)?;
        let number = repository.id;
        if moves {
            repository.updated = now;
        }
        let rows = repository.rows_mut();
        let artifact = rows.by_reference(reference).cloned().ok_or_else(missing)?;
        if rows.tag(&name).is_some() {
            let text = format!("tag {name} already exists under the repository {number}");
            return Err(Refusal::conflict(text));
        }
        rows.tags.push(Tag { id, name: name.clone(), artifact: artifact.id, pushed: now, pulled: NEVER });
        artifact.digest
    };
    let resource = format!("{}:{name}", place.repository);
    call.node.audit(Event::plain(call.who.name(), "create", "tag", &resource, project.id));
    crate::replicate::events::pushed(call.node, &place.repository, &digest, Some(&name));
    Ok(Reply::empty(201))
}

fn delete(call: &Call<'_>, place: &Place, reference: &str, tag: &str) -> Answer {
    let project = project_for(call, &place.project, "tag", "delete")?;
    {
        let db = call.node.db();
        let missing = || super::artifacts::not_found(&place.repository, reference);
        let repository = db.repository(&place.repository).ok_or_else(missing)?;
        let rows = repository.rows();
        let id = rows.by_reference(reference).map(|a| a.id).ok_or_else(missing)?;
        if rows.tag(tag).is_none_or(|t| t.artifact != id) {
            return Err(Refusal::missing("tag", format!("{tag} attached to artifact {id}")));
        }
        super::immutables::check(&db, project.id, repository.short_name(), tag)?;
    }
    remove(call.node, call.who.name(), &place.repository, tag);
    Ok(Reply::ok())
}

/// Deletes a tag, with audit row and event. False when there is none.
pub(crate) fn remove(node: &Arc<Node>, who: &str, repository: &str, tag: &str) -> bool {
    let now = node.now();
    let (project, digest) = {
        let mut db = node.db();
        let moves = node.version.update_time_moves();
        let Some(row) = db.repository_mut(repository) else { return false };
        let project = row.project;
        let rows = row.rows_mut();
        let Some(digest) = rows.by_reference(tag).map(|a| a.digest.clone()) else { return false };
        rows.tags.retain(|t| t.name != tag);
        if moves {
            row.updated = now;
        }
        (project, digest)
    };
    node.audit(Event::plain(who, "delete", "tag", &format!("{repository}:{tag}"), project));
    crate::replicate::events::tag_deleted(node, repository, &digest, tag);
    true
}
