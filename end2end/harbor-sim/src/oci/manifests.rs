//! Manifests: what makes artifacts and moves tags.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::{VERSION, registry_error};
use crate::auth::Identity;
use crate::clock::NEVER;
use crate::http::{Refusal, Reply, Request};
use crate::node::{Event, Node};
use crate::server::base_of;
use crate::state::Manifest;
use crate::state::image::{
    DOCKER_LIST, DOCKER_MANIFEST, ManifestFacts, OCI_INDEX, OCI_MANIFEST, digest_of, extra_attrs,
};
use crate::state::repository::{Artifact, Tag, is_digest};
use crate::state::rows::Project;

pub(super) fn serve(
    node: &Arc<Node>,
    request: &Request,
    who: &Identity,
    project: &Project,
    repository: &str,
    reference: &str,
) -> Reply {
    match request.method.as_str() {
        "PUT" => put(node, request, who, project, repository, reference),
        "DELETE" => delete(node, who, repository, reference),
        _ => get(node, request, who, repository, reference),
    }
}

/// A filled repository gets rows and blobs before somebody pulls from it or pushes to it.
pub(crate) fn make_real(node: &Node, repository: &str) {
    let images: Vec<_> = {
        let mut db = node.db();
        let Some(row) = db.repository_mut(repository) else { return };
        let Some(seeded) = row.as_seeded().cloned() else { return };
        row.rows_mut();
        (0..seeded.count).map(|i| seeded.image(repository, i)).collect()
    };
    let mut storage = node.storage();
    for image in &images {
        storage.put_image(repository, image);
    }
}

/// Whether `Accept` takes this media type; docker types are always taken.
fn accepted(request: &Request, media_type: &str) -> Option<&'static str> {
    let all = request.headers.get_all("accept").iter().filter_map(|v| v.to_str().ok());
    let takes = all.flat_map(|l| l.split(',')).any(|t| {
        let t = t.split(';').next().unwrap_or_default().trim();
        t == media_type
    });
    match media_type {
        _ if takes => None,
        OCI_MANIFEST => Some("OCI manifest found, but accept header does not support OCI manifests"),
        OCI_INDEX => Some("OCI index found, but accept header does not support OCI indexes"),
        _ => None,
    }
}

fn get(node: &Arc<Node>, request: &Request, who: &Identity, repository: &str, reference: &str) -> Reply {
    let found = {
        let db = node.db();
        let Some(row) = db.repository(repository) else {
            return Refusal::missing("repository", repository).reply();
        };
        let rows = row.rows();
        let row = rows.by_reference(reference);
        row.map(|a| (a.digest.clone(), a.facts.manifest_media_type.clone(), a.manifest_size))
    };
    let Some((digest, media_type, size)) = found else {
        return crate::api::artifacts::not_found(repository, reference).reply();
    };
    if let Some(text) = accepted(request, &media_type) {
        return registry_error(404, "MANIFEST_UNKNOWN", text, None);
    }
    let head = request.method == http::Method::HEAD;
    make_real(node, repository);
    let stored = node.storage().manifest(repository, &digest).cloned();
    let body = match stored {
        Some(manifest) => manifest.bytes,
        // HEAD is answered from what core remembers, so it says nothing about the storage.
        None if head => Bytes::from(vec![b' '; usize::try_from(size).unwrap_or(0)]),
        None => return registry_error(404, "MANIFEST_UNKNOWN", "manifest unknown", Some(json!({}))),
    };
    if !head {
        log_pull(node, who, repository, reference, &digest);
    }
    let length = body.len().to_string();
    Reply::typed(200, &media_type, body)
        .with("content-length", length)
        .with("docker-content-digest", digest)
        .with(VERSION.0, VERSION.1)
}

fn log_pull(node: &Arc<Node>, who: &Identity, repository: &str, reference: &str, digest: &str) {
    let now = node.now();
    let project = {
        let mut db = node.db();
        let Some(row) = db.repository_mut(repository) else { return };
        row.pulls += 1;
        let project = row.project;
        let rows = row.rows_mut();
        if let Some(artifact) = rows.artifacts.iter_mut().find(|a| a.digest == digest) {
            artifact.pulled = now;
        }
        if let Some(tag) = rows.tags.iter_mut().find(|t| t.name == reference) {
            tag.pulled = now;
        }
        project
    };
    let separator = if is_digest(reference) { '@' } else { ':' };
    node.audit(Event {
        username: who.name(),
        operation: "pull",
        resource_type: "artifact",
        resource: &format!("{repository}{separator}{reference}"),
        description: format!("pull artifact: {repository}@{digest}"),
        project,
        ok: true,
    });
}

fn put(
    node: &Arc<Node>,
    request: &Request,
    who: &Identity,
    project: &Project,
    repository: &str,
    reference: &str,
) -> Reply {
    let content_type = request.header("content-type").unwrap_or(OCI_MANIFEST).to_owned();
    let garbage = || registry_error(500, "UNKNOWN", "unknown error", Some(json!({})));
    let Some(facts) = ManifestFacts::read(&content_type, &request.body) else {
        let bad_tag = !is_digest(reference) && !crate::api::tags::is_tag(reference);
        if bad_tag && !node.version.since(15, 0) {
            return Reply::typed(404, "text/plain; charset=utf-8", "404 page not found\n")
                .with(VERSION.0, VERSION.1);
        }
        return garbage();
    };
    let tag = if is_digest(reference) { None } else { Some(reference) };
    if tag.is_some_and(|t| !crate::api::tags::is_tag(t)) {
        return garbage();
    }
    let digest = digest_of(&request.body);
    if tag.is_none() && digest != reference {
        let detail = json!({"Digest": reference, "Reason": {}});
        return registry_error(
            400,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
            Some(detail),
        );
    }
    if let Some(tag) = tag
        && let Err(refusal) = check_immutable(node, project, repository, tag, &digest)
    {
        return refusal.reply();
    }
    make_real(node, repository);
    if let Some(reply) = missing_parts(node, repository, &facts) {
        return reply;
    }
    store(node, who.name(), repository, reference, &facts.manifest_media_type, &request.body);
    Reply::empty(201)
        .with("location", format!("{}/v2/{repository}/manifests/{digest}", base_of(node, request)))
        .with("docker-content-digest", digest)
        .with(VERSION.0, VERSION.1)
}

fn check_immutable(
    node: &Node,
    project: &Project,
    repository: &str,
    tag: &str,
    digest: &str,
) -> Result<(), Refusal> {
    let db = node.db();
    let short = repository.split_once('/').map_or("", |(_, short)| short);
    let exists = db.repository(repository).is_some_and(|row| {
        let rows = row.rows();
        rows.by_reference(tag).is_some_and(|a| a.digest != digest)
    });
    if exists && crate::api::protects(&db, project.id, short, tag) {
        let text = format!("Failed to process request due to '{short}:{tag}' configured as immutable.");
        return Err(Refusal::precondition(text));
    }
    Ok(())
}

fn missing_parts(node: &Node, repository: &str, facts: &ManifestFacts) -> Option<Reply> {
    let storage = node.storage();
    let blobs = facts.blobs.iter().map(|(d, _)| d).filter(|d| storage.blob(repository, d).is_none());
    let children =
        facts.children.iter().map(|(d, ..)| d).filter(|d| storage.manifest(repository, d).is_none());
    let missing: Vec<serde_json::Value> = blobs
        .chain(children)
        .map(|d| json!({"code": "MANIFEST_BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": d}))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let body = json!({"errors": missing});
    let reply = Reply::typed(400, "application/json; charset=utf-8", format!("{body}\n"));
    Some(reply.with(VERSION.0, VERSION.1))
}

/// Keeps a manifest whose parts are there: makes repository and artifact, moves the tag, writes the audit row
/// and fires the event (also when nothing changed).
pub(crate) fn store(
    node: &Arc<Node>,
    who: &str,
    repository: &str,
    reference: &str,
    media_type: &str,
    bytes: &Bytes,
) {
    let Some(facts) = ManifestFacts::read(media_type, bytes) else { return };
    make_real(node, repository);
    let digest = digest_of(bytes);
    let attrs = {
        let mut storage = node.storage();
        let manifest = Manifest { media_type: media_type.to_owned(), bytes: bytes.clone() };
        storage.put_manifest(repository, &digest, manifest);
        let config = facts.blobs.first().and_then(|(d, _)| storage.blobs.get(d).cloned());
        config.map(|c| extra_attrs(&c)).unwrap_or_default()
    };
    let tag = if is_digest(reference) { None } else { Some(reference) };
    let Some(project) = keep(node, repository, tag, &digest, facts, attrs, bytes.len()) else { return };
    let separator = if tag.is_some() { ':' } else { '@' };
    node.audit(Event {
        username: who,
        operation: "create",
        resource_type: "artifact",
        resource: &format!("{repository}{separator}{reference}"),
        description: format!("push artifact: {repository}@{digest}"),
        project,
        ok: true,
    });
    crate::replicate::events::pushed(node, repository, &digest, tag);
}

/// The database's part of [`store`]; returns the project.
fn keep(
    node: &Node,
    repository: &str,
    tag: Option<&str>,
    digest: &str,
    facts: ManifestFacts,
    attrs: serde_json::Value,
    length: usize,
) -> Option<i64> {
    let now = node.now();
    let mut db = node.db();
    let project = db.project_by_name(repository.split('/').next()?)?.id;
    let existed = db.repository(repository).is_some();
    db.add_repository(project, repository, now);
    let known = db.repository(repository)?.rows().by_digest(digest).map(|a| a.id);
    let artifact = match known {
        Some(id) => id,
        None => db.next("artifact"),
    };
    let tag_id = db.next("tag");
    let moves = node.version.update_time_moves();
    let row = db.repository_mut(repository)?;
    let rows = row.rows_mut();
    let mut changed = false;
    if known.is_none() {
        let manifest_size = length as u64;
        let mut size = facts.blobs.iter().map(|(_, size)| size).sum::<u64>() + manifest_size;
        let mut children = Vec::new();
        for (child, _, platform) in &facts.children {
            if let Some(row) = rows.by_digest(child) {
                size += row.size;
                children.push((row.id, platform.clone()));
            }
        }
        let subject = facts.subject.as_deref().and_then(|d| rows.by_digest(d)).map(|a| a.id);
        rows.artifacts.push(Artifact {
            id: artifact,
            digest: digest.to_owned(),
            facts: Arc::new(facts),
            attrs: Arc::new(attrs),
            size,
            manifest_size,
            pushed: now,
            pulled: NEVER,
            labels: Vec::new(),
            children,
            subject,
        });
        changed = true;
    }
    if let Some(name) = tag {
        match rows.tags.iter_mut().find(|t| t.name == name) {
            Some(row) if row.artifact == artifact => {}
            Some(row) => {
                row.artifact = artifact;
                row.pushed = now;
                changed = true;
            }
            None => {
                let row = Tag { id: tag_id, name: name.to_owned(), artifact, pushed: now, pulled: NEVER };
                rows.tags.push(row);
                changed = true;
            }
        }
    }
    if changed && existed && (moves || known.is_none()) {
        row.updated = now;
    }
    Some(project)
}

/// Copies an artifact within this Harbor, with its children.
pub(crate) fn copy(node: &Arc<Node>, who: &str, from: &str, to: &str, digest: &str, tag: Option<&str>) {
    make_real(node, from);
    let found = node.storage().manifest(from, digest).cloned();
    let Some(manifest) = found else { return };
    let Some(facts) = ManifestFacts::read(&manifest.media_type, &manifest.bytes) else { return };
    for (child, ..) in &facts.children {
        copy(node, who, from, to, child, None);
    }
    for (blob, _) in &facts.blobs {
        node.storage().link(to, blob);
    }
    store(node, who, to, tag.unwrap_or(digest), &manifest.media_type, &manifest.bytes);
}

fn delete(node: &Arc<Node>, who: &Identity, repository: &str, reference: &str) -> Reply {
    if !is_digest(reference) {
        let text = format!("unsupported digest {reference}: invalid checksum digest format");
        return Refusal::new(400, "UNSUPPORTED", text).reply();
    }
    if !crate::api::artifacts::remove(node, who.name(), repository, reference) {
        return crate::api::artifacts::not_found(repository, reference).reply();
    }
    Reply::empty(202)
}

/// All media types of manifests, as a copy asks for them.
pub(crate) fn accept_all() -> String {
    [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].join(", ")
}
