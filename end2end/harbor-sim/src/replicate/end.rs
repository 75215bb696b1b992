//! The two ends of a task: this Harbor's own tables and storage, or a peer over HTTP.

use std::sync::Arc;

use bytes::Bytes;

use super::Side;
use super::peer::{PeerError, Remote};
use crate::node::Node;

/// An opened side.
pub(super) enum End {
    Local(Arc<Node>),
    Remote(Box<Remote>),
}

pub(super) async fn open(node: &Arc<Node>, side: &Side) -> Result<End, PeerError> {
    Ok(match side {
        Side::Local => End::Local(Arc::clone(node)),
        Side::Remote(endpoint) => End::Remote(Box::new(node.peers.open(endpoint).await?)),
    })
}

impl End {
    pub(super) async fn head(&self, repository: &str, reference: &str) -> Result<Option<String>, PeerError> {
        match self {
            Self::Remote(peer) => peer.head_manifest(repository, reference).await,
            Self::Local(node) => {
                let db = node.db();
                let row = db.repository(repository);
                Ok(row.and_then(|r| r.rows().by_reference(reference).map(|a| a.digest.clone())))
            }
        }
    }

    pub(super) async fn manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<(String, Bytes), PeerError> {
        match self {
            Self::Remote(peer) => peer.get_manifest(repository, reference).await,
            Self::Local(node) => {
                crate::oci::manifests::make_real(node, repository);
                let digest = self.head(repository, reference).await?;
                let found = digest.and_then(|d| node.storage().manifest(repository, &d).cloned());
                let manifest = found.ok_or_else(|| {
                    let text = format!("artifact {repository}:{reference} not found");
                    PeerError::Status(404, text)
                })?;
                Ok((manifest.media_type, manifest.bytes))
            }
        }
    }

    pub(super) async fn has_blob(&self, repository: &str, digest: &str) -> Result<bool, PeerError> {
        match self {
            Self::Remote(peer) => peer.has_blob(repository, digest).await,
            Self::Local(node) => Ok(node.storage().blob(repository, digest).is_some()),
        }
    }

    pub(super) async fn blob(&self, repository: &str, digest: &str) -> Result<Bytes, PeerError> {
        match self {
            Self::Remote(peer) => peer.get_blob(repository, digest).await,
            Self::Local(node) => {
                let found = node.storage().blob(repository, digest).cloned();
                found.ok_or_else(|| PeerError::Status(404, format!("blob {digest} not found")))
            }
        }
    }

    pub(super) async fn put_blob(
        &self,
        repository: &str,
        digest: &str,
        bytes: Bytes,
    ) -> Result<(), PeerError> {
        match self {
            Self::Remote(peer) => peer.put_blob(repository, digest, bytes).await,
            Self::Local(node) => {
                node.storage().put_blob(repository, digest, bytes);
                Ok(())
            }
        }
    }

    pub(super) async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<(), PeerError> {
        match self {
            Self::Remote(peer) => peer.put_manifest(repository, reference, media_type, bytes).await,
            Self::Local(node) => {
                crate::oci::manifests::store(
                    node,
                    "harbor-jobservice",
                    repository,
                    reference,
                    media_type,
                    &bytes,
                );
                Ok(())
            }
        }
    }

    pub(super) async fn delete(&self, repository: &str, digest: &str) -> Result<(), PeerError> {
        match self {
            Self::Remote(peer) => peer.delete(&format!("{}/artifacts/{digest}", api_path(repository))).await,
            Self::Local(node) => {
                crate::api::artifacts::remove(node, "harbor-jobservice", repository, digest);
                Ok(())
            }
        }
    }

    pub(super) async fn delete_tag(&self, repository: &str, tag: &str) -> Result<(), PeerError> {
        match self {
            Self::Remote(peer) => {
                peer.delete(&format!("{}/artifacts/{tag}/tags/{tag}", api_path(repository))).await
            }
            Self::Local(node) => {
                crate::api::tags::remove(node, "harbor-jobservice", repository, tag);
                Ok(())
            }
        }
    }
}

fn api_path(repository: &str) -> String {
    let (project, short) = repository.split_once('/').unwrap_or((repository, ""));
    format!("/projects/{project}/repositories/{}", short.replace('/', "%252F"))
}
