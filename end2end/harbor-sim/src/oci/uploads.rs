//! Uploads of blobs: in one piece, in chunks, or mounted from another repository.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::{VERSION, registry_error};
use crate::http::{Refusal, Reply, Request};
use crate::node::Node;
use crate::server::base_of;
use crate::state::image::digest_of;
use crate::state::rows::Project;

pub(super) fn serve(
    node: &Arc<Node>,
    request: &Request,
    project: &Project,
    repository: &str,
    id: &str,
) -> Reply {
    match (request.method.as_str(), id) {
        ("POST", "") => begin(node, request, project, repository),
        ("PATCH", id) if !id.is_empty() => append(node, request, repository, id),
        ("PUT", id) if !id.is_empty() => finish(node, request, project, repository, id),
        ("DELETE", id) if !id.is_empty() => {
            node.storage().uploads.remove(id);
            Reply::empty(204).with(VERSION.0, VERSION.1)
        }
        ("GET", id) if request.param("_state").is_some() => {
            let length = node.storage().uploads.get(id).map(|u| u.data.len());
            length.map_or_else(unknown, |n| under_way(node, request, repository, id, n))
        }
        _ => unknown(),
    }
}

fn unknown() -> Reply {
    registry_error(404, "BLOB_UPLOAD_INVALID", "blob upload invalid", Some(json!({})))
}

fn under_way(node: &Node, request: &Request, repository: &str, id: &str, length: usize) -> Reply {
    let state = crate::random::hex(12);
    let place = format!("{}/v2/{repository}/blobs/uploads/{id}?_state={state}", base_of(node, request));
    Reply::empty(202)
        .with("location", place)
        .with("range", format!("0-{}", length.saturating_sub(1)))
        .with("docker-upload-uuid", id)
        .with(VERSION.0, VERSION.1)
}

fn done(node: &Node, request: &Request, repository: &str, digest: &str) -> Reply {
    Reply::empty(201)
        .with("location", format!("{}/v2/{repository}/blobs/{digest}", base_of(node, request)))
        .with("docker-content-digest", digest)
        .with(VERSION.0, VERSION.1)
}

/// Bytes in the form Harbor writes them into its refusals.
fn human(bytes: i64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

/// 403 when the project's quota does not allow `more` bytes.
pub(super) fn check_quota(node: &Node, project: &Project, more: usize) -> Result<(), Refusal> {
    let db = node.db();
    let hard = db.quota_of(project.id).map_or(-1, |q| q.hard);
    let used = db.used(project.id);
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    if hard < 0 || used.saturating_add(more) <= hard {
        return Ok(());
    }
    let text = format!(
        "adding {} of storage resource, which when updated to current usage of {} will exceed the configured upper \
         limit of {}.",
        human(more),
        human(used),
        human(hard)
    );
    Err(Refusal::new(403, "DENIED", text))
}

fn begin(node: &Arc<Node>, request: &Request, project: &Project, repository: &str) -> Reply {
    if let (Some(digest), Some(from)) = (request.param("mount"), request.param("from")) {
        super::manifests::make_real(node, from);
        let mut storage = node.storage();
        if storage.blob(from, digest).is_some() {
            storage.link(repository, digest);
            drop(storage);
            return done(node, request, repository, digest);
        }
    }
    if let Some(digest) = request.param("digest") {
        return keep(node, request, project, repository, digest, request.body.clone());
    }
    let id = uuid::Uuid::new_v4().to_string();
    let upload = crate::state::Upload { repository: repository.to_owned(), ..Default::default() };
    node.storage().uploads.insert(id.clone(), upload);
    under_way(node, request, repository, &id, 0)
}

fn append(node: &Arc<Node>, request: &Request, repository: &str, id: &str) -> Reply {
    let length = {
        let mut storage = node.storage();
        let Some(upload) = storage.uploads.get_mut(id).filter(|u| u.repository == repository) else {
            return unknown();
        };
        upload.data.extend_from_slice(&request.body);
        upload.data.len()
    };
    under_way(node, request, repository, id, length)
}

fn finish(node: &Arc<Node>, request: &Request, project: &Project, repository: &str, id: &str) -> Reply {
    let digest = request.param("digest").unwrap_or_default().to_owned();
    let data = {
        let storage = node.storage();
        let Some(upload) = storage.uploads.get(id).filter(|u| u.repository == repository) else {
            return unknown();
        };
        let mut data = upload.data.clone();
        data.extend_from_slice(&request.body);
        data.freeze()
    };
    let reply = keep(node, request, project, repository, &digest, data);
    if reply.status == 201 {
        node.storage().uploads.remove(id);
    }
    reply
}

fn keep(
    node: &Node,
    request: &Request,
    project: &Project,
    repository: &str,
    digest: &str,
    data: Bytes,
) -> Reply {
    if digest_of(&data) != digest {
        let detail = json!({"Digest": digest, "Reason": {}});
        let text = "provided digest did not match uploaded content";
        return registry_error(400, "DIGEST_INVALID", text, Some(detail));
    }
    if let Err(refusal) = check_quota(node, project, data.len()) {
        return refusal.reply();
    }
    node.storage().put_blob(repository, digest, data);
    done(node, request, repository, digest)
}
