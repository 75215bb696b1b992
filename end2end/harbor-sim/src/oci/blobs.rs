//! Blobs: asked for and read, also in part.

use std::sync::Arc;

use serde_json::json;

use super::{VERSION, registry_error};
use crate::http::{Refusal, Reply, Request};
use crate::node::Node;
use crate::state::repository::is_digest;

pub(super) fn serve(node: &Arc<Node>, request: &Request, repository: &str, digest: &str) -> Reply {
    if !is_digest(digest) {
        return registry_error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(json!(digest)));
    }
    if !crate::api::is_read(&request.method) {
        return registry_error(405, "UNSUPPORTED", "The operation is unsupported.", None);
    }
    super::manifests::make_real(node, repository);
    let (found, known) = {
        let storage = node.storage();
        (storage.blob(repository, digest).cloned(), storage.blobs.contains_key(digest))
    };
    let Some(bytes) = found else {
        // Core knows which project has a blob; the registry which repository.
        if known {
            return registry_error(404, "BLOB_UNKNOWN", "blob unknown to registry", Some(json!(digest)));
        }
        return Refusal::missing("blob", digest).reply();
    };
    let range =
        request.header("range").and_then(|r| r.strip_prefix("bytes=")).and_then(|r| r.split_once('-'));
    let (status, bytes) = match range {
        Some((from, to)) => {
            let from = from.parse::<usize>().unwrap_or(0).min(bytes.len());
            let to = to.parse::<usize>().map_or(bytes.len(), |to| (to + 1).min(bytes.len()));
            (206, bytes.slice(from..to.max(from)))
        }
        None => (200, bytes),
    };
    let length = bytes.len().to_string();
    Reply::typed(status, "application/octet-stream", bytes)
        .with("content-length", length)
        .with("docker-content-digest", digest)
        .with(VERSION.0, VERSION.1)
}
