//! Artifacts: lists with their many options, copy, deletion, labels.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::artifact_row::{Shown, accessories_of};
use super::{Call, Place, id_in_path, project_for};
use crate::http::{Answer, Refusal, Reply};
use crate::node::{Event, Node};
use crate::query::{Condition, Field, ListQuery};
use crate::state::Database;
use crate::state::repository::{Repository, Rows, Tag, is_child, is_digest};

pub(super) fn serve(call: &Call<'_>, method: &str, place: &Place, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => {
            let query = ListQuery::read(call.request)?;
            project_for(call, &place.project, "artifact", "list")?;
            let db = call.node.db();
            list(call, &db, query, db.repository(&place.repository).into_iter().collect())
        }
        ("POST", []) => copy(call, place),
        ("GET", [reference]) => {
            project_for(call, &place.project, "artifact", "read")?;
            let db = call.node.db();
            let (repository, rows, artifact) = find(&db, &place.repository, reference)?;
            let shown = Shown::read(call);
            Ok(Reply::json(&shown.artifact(call.node, &db, repository, &rows, artifact)))
        }
        ("DELETE", [reference]) => delete(call, place, reference),
        ("POST", [reference, "labels"]) => label(call, place, reference),
        ("DELETE", [reference, "labels", id]) => unlabel(call, place, reference, id),
        ("GET", [reference, "accessories"]) => accessories(call, place, reference),
        ("GET", [reference, "additions", _]) => {
            project_for(call, &place.project, "artifact-addition", "read")?;
            let db = call.node.db();
            find(&db, &place.repository, reference)?;
            Ok(Reply::typed(200, "application/json; charset=utf-8", "null\n"))
        }
        _ => Err(Refusal::internal()),
    }
}

/// `/projects/{p}/artifacts`, from 2.12.
pub(super) fn of_project(call: &Call<'_>, p: &str) -> Answer {
    let query = ListQuery::read(call.request)?;
    let project = project_for(call, p, "artifact", "list")?;
    if call.request.param("latest_in_repository") == Some("true") {
        let has = |key: &str| query.condition(key).is_some();
        if has("media_type") == has("artifact_type") {
            let text = "bad request: either 'media_type' or 'artifact_type' must be specified, but not both, when \
                        querying with latest_in_repository";
            return Err(Refusal::bad(text));
        }
    }
    let db = call.node.db();
    list(call, &db, query, db.repositories_of(project.id).collect())
}

type Found<'a> = (&'a Repository, std::borrow::Cow<'a, Rows>, i64);

/// An artifact by tag or digest.
fn find<'a>(db: &'a Database, repository: &str, reference: &str) -> Result<Found<'a>, Refusal> {
    let missing = || not_found(repository, reference);
    let row = db.repository(repository).ok_or_else(missing)?;
    let rows = row.rows();
    let id = rows.by_reference(reference).map(|a| a.id).ok_or_else(missing)?;
    Ok((row, rows, id))
}

/// 404 in Harbor's words: `repo@digest` or `repo:tag`.
pub(crate) fn not_found(repository: &str, reference: &str) -> Refusal {
    let separator = if is_digest(reference) { '@' } else { ':' };
    Refusal::missing("artifact", format!("{repository}{separator}{reference}"))
}

/// One row on its way through a list.
struct Item<'a> {
    repository: &'a Repository,
    rows: usize,
    artifact: usize,
}

fn list(call: &Call<'_>, db: &Database, mut query: ListQuery, repositories: Vec<&Repository>) -> Answer {
    let base = query.take("base");
    let tags = query.take("tags");
    let shown = Shown::read(call);
    let wanted: Vec<&Repository> = repositories
        .into_iter()
        .filter(|r| query.passes("repository_id", &Field::Int(r.id)))
        .filter(|r| query.passes("repository_name", &Field::Text(r.name.clone())))
        .filter(|r| overlaps(&query, r))
        .collect();
    let rows: Vec<_> = wanted.iter().map(|r| r.rows()).collect();
    let mut items = Vec::new();
    let mut tag_index: HashMap<i64, Vec<&Tag>> = HashMap::new();
    for (at, repository) in wanted.iter().enumerate() {
        let rows = &rows[at];
        for tag in &rows.tags {
            tag_index.entry(tag.artifact).or_default().push(tag);
        }
        let children: HashSet<i64> =
            rows.artifacts.iter().flat_map(|a| a.children.iter().map(|(id, _)| *id)).collect();
        for (n, artifact) in rows.artifacts.iter().enumerate() {
            let own: &[&Tag] = tag_index.get(&artifact.id).map_or(&[], Vec::as_slice);
            let hidden = base.is_none() && own.is_empty() && children.contains(&artifact.id);
            if artifact.subject.is_none() && !hidden && tags_pass(tags.as_ref(), own) {
                items.push(Item { repository, rows: at, artifact: n });
            }
        }
    }
    let of = |item: &Item<'_>| &rows[item.rows].artifacts[item.artifact];
    items.sort_by_key(|item| std::cmp::Reverse((of(item).pushed, of(item).id)));
    if call.request.param("latest_in_repository") == Some("true") {
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.repository.id));
    }
    let page = query.apply(items, |item, key| {
        let a = of(item);
        match key {
            "id" => Some(Field::Int(a.id)),
            "digest" => Some(Field::Text(a.digest.clone())),
            "push_time" => Some(Field::Time(a.pushed)),
            "pull_time" => Some(Field::Time(a.pulled)),
            "size" => Some(Field::Int(i64::try_from(a.size).unwrap_or(i64::MAX))),
            "type" => Some(Field::Text(a.facts.kind.to_owned())),
            "media_type" => Some(Field::Text(a.facts.media_type.clone())),
            "manifest_media_type" => Some(Field::Text(a.facts.manifest_media_type.clone())),
            "artifact_type" => Some(Field::Text(a.facts.artifact_type.clone())),
            "repository_id" => Some(Field::Int(item.repository.id)),
            "repository_name" => Some(Field::Text(item.repository.name.clone())),
            "project_id" => Some(Field::Int(item.repository.project)),
            _ => None,
        }
    });
    Ok(query.reply(page, |item| {
        let artifact = of(&item);
        let tags = tag_index.get(&artifact.id).cloned().unwrap_or_default();
        shown.row(call.node, db, item.repository, &rows[item.rows], artifact, tags)
    }))
}

/// False when a condition on `id` leaves nothing of the repository: its rows need not be made then.
fn overlaps(query: &ListQuery, repository: &Repository) -> bool {
    let Some(Condition::Range(low, high)) = query.condition("id") else { return true };
    let Some((first, last)) = repository.id_range() else { return false };
    let above = low.parse::<i64>().map_or(true, |low| last >= low);
    let below = high.parse::<i64>().map_or(true, |high| first <= high);
    above && below
}

fn tags_pass(condition: Option<&Condition>, tags: &[&Tag]) -> bool {
    match condition {
        None => true,
        Some(Condition::Exact(v)) if v == "*" => !tags.is_empty(),
        Some(Condition::Exact(v)) if v == "nil" => tags.is_empty(),
        Some(Condition::Exact(v)) => tags.iter().any(|t| t.name == *v),
        Some(Condition::Fuzzy(v)) => tags.iter().any(|t| t.name.contains(v.as_str())),
        Some(Condition::Set(values, _)) => tags.iter().any(|t| values.contains(&t.name)),
        Some(Condition::Range(..)) => true,
    }
}

fn accessories(call: &Call<'_>, place: &Place, reference: &str) -> Answer {
    let query = ListQuery::read(call.request)?;
    project_for(call, &place.project, "accessory", "list")?;
    let db = call.node.db();
    let (_, rows, id) = find(&db, &place.repository, reference)?;
    let all = accessories_of(&rows, id).as_array().cloned().unwrap_or_default();
    let page = query.page(all);
    Ok(query.reply(page, |row| row))
}

fn copy(call: &Call<'_>, place: &Place) -> Answer {
    let from = call.request.param("from").unwrap_or_default().to_owned();
    if from.is_empty() {
        return Err(Refusal::invalid("from in query is required"));
    }
    project_for(call, &place.project, "artifact", "create")?;
    let missing = || Refusal::bad(format!("artifact {from} not found"));
    let (source, reference) = match from.split_once('@') {
        Some(parts) => parts,
        None => from.rsplit_once(':').ok_or_else(missing)?,
    };
    let source_project = source.split('/').next().unwrap_or_default();
    project_for(call, source_project, "artifact", "read")?;
    let digest = {
        let db = call.node.db();
        let (_, rows, id) = find(&db, source, reference).map_err(|_| missing())?;
        rows.by_id(id).map(|a| a.digest.clone()).ok_or_else(missing)?
    };
    let tag = if is_digest(reference) { None } else { Some(reference) };
    crate::oci::manifests::copy(call.node, call.who.name(), source, &place.repository, &digest, tag);
    Ok(Reply::created(call.request, tag.unwrap_or(&digest)))
}

fn delete(call: &Call<'_>, place: &Place, reference: &str) -> Answer {
    let project = project_for(call, &place.project, "artifact", "delete")?;
    {
        let db = call.node.db();
        let (repository, rows, id) = find(&db, &place.repository, reference)?;
        for tag in rows.tags_of(id) {
            super::immutables::check(&db, project.id, repository.short_name(), &tag.name)?;
        }
        if is_child(&rows, id) {
            let text = "the deleting artifact is referenced by others";
            return Err(Refusal::new(412, "VIOLATE_FOREIGN_KEY_CONSTRAINT", text));
        }
    }
    remove(call.node, call.who.name(), &place.repository, reference);
    Ok(Reply::ok())
}

/// Deletes an artifact, with audit rows and events. False when there is none.
pub(crate) fn remove(node: &Arc<Node>, who: &str, repository: &str, reference: &str) -> bool {
    let now = node.now();
    let (project, gone) = {
        let mut db = node.db();
        let Ok((row, _, id)) = find(&db, repository, reference) else { return false };
        let project = row.project;
        let gone = db.remove_artifact(repository, id);
        if node.version.update_time_moves()
            && let Some(row) = db.repository_mut(repository)
        {
            row.updated = now;
        }
        (project, gone)
    };
    for (artifact, tags) in &gone {
        after_removal(node, who, repository, project, &artifact.digest, tags);
    }
    true
}

/// Removes the artifacts that no tag, index or subject holds, without a word.
pub(crate) fn collect_untagged(node: &Node, repository: &str) -> usize {
    let now = node.now();
    let mut db = node.db();
    let Some(row) = db.repository(repository) else { return 0 };
    let rows = row.rows();
    let loose = rows
        .artifacts
        .iter()
        .filter(|a| a.subject.is_none() && rows.tags_of(a.id).next().is_none() && !is_child(&rows, a.id));
    let loose: Vec<i64> = loose.map(|a| a.id).collect();
    drop(rows);
    let gone = loose.into_iter().map(|id| db.remove_artifact(repository, id).len()).sum();
    if gone > 0
        && node.version.update_time_moves()
        && let Some(row) = db.repository_mut(repository)
    {
        row.updated = now;
    }
    gone
}

/// Audit row and event of one deleted artifact.
pub(crate) fn after_removal(
    node: &Arc<Node>,
    who: &str,
    repository: &str,
    project: i64,
    digest: &str,
    tags: &[String],
) {
    node.audit(Event::plain(who, "delete", "artifact", &format!("{repository}@{digest}"), project));
    crate::replicate::events::artifact_deleted(node, repository, digest, tags);
}

fn label(call: &Call<'_>, place: &Place, reference: &str) -> Answer {
    let body = call.request.json("label")?;
    project_for(call, &place.project, "artifact-label", "create")?;
    let wanted = body["id"].as_i64().unwrap_or(0);
    let mut db = call.node.db();
    let (_, _, id) = find(&db, &place.repository, reference)?;
    if !db.labels.contains_key(&wanted) {
        return Err(Refusal::missing("label", wanted));
    }
    let row = db.repository_mut(&place.repository).ok_or_else(|| not_found(&place.repository, reference))?;
    if let Some(artifact) = row.rows_mut().artifacts.iter_mut().find(|a| a.id == id) {
        if artifact.labels.contains(&wanted) {
            return Err(Refusal::conflict(format!("label {wanted} is already added to the artifact {id}")));
        }
        artifact.labels.push(wanted);
    }
    Ok(Reply::ok())
}

fn unlabel(call: &Call<'_>, place: &Place, reference: &str, label: &str) -> Answer {
    let label = id_in_path(label, "label_id")?;
    project_for(call, &place.project, "artifact-label", "delete")?;
    let mut db = call.node.db();
    let (_, _, id) = find(&db, &place.repository, reference)?;
    if let Some(row) = db.repository_mut(&place.repository)
        && let Some(artifact) = row.rows_mut().artifacts.iter_mut().find(|a| a.id == id)
    {
        artifact.labels.retain(|l| *l != label);
    }
    Ok(Reply::ok())
}
