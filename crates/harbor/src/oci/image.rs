//! A tiny image, for proofs: a config, one layer and a manifest of a few hundred bytes.

use bytes::Bytes;
use serde_json::json;

use super::{Oci, digest_of};
use crate::HarborError;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An image small enough to be made in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TinyImage {
    config: Bytes,
    layer: Bytes,
    manifest: Bytes,
}

impl TinyImage {
    /// An image whose bytes, and so its digests, follow from `seed`: two seeds share no blob.
    pub fn new(seed: &str) -> Self {
        let layer = Bytes::from(format!("Breakwater proof {seed}\n"));
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": { "Labels": { "breakwater.proof": seed } },
            "rootfs": { "type": "layers", "diff_ids": [digest_of(&layer)] },
        });
        let config = Bytes::from(config.to_string());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(&config), "size": config.len() },
            "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest_of(&layer), "size": layer.len() }],
        });
        Self { config, layer, manifest: Bytes::from(manifest.to_string()) }
    }

    /// The digest of its manifest.
    pub fn digest(&self) -> String {
        digest_of(&self.manifest)
    }

    /// The digest of its layer.
    pub fn layer_digest(&self) -> String {
        digest_of(&self.layer)
    }

    /// Bytes in all.
    pub fn size(&self) -> usize {
        self.config.len() + self.layer.len() + self.manifest.len()
    }

    /// Pushes it under a tag.
    ///
    /// # Errors
    /// As [`Oci::push_blob`] and [`Oci::push_manifest`].
    pub async fn push(&self, to: &Oci, tag: &str) -> Result<(), HarborError> {
        to.push_blob(self.layer.clone()).await?;
        to.push_blob(self.config.clone()).await?;
        to.push_manifest(tag, MANIFEST, self.manifest.clone()).await.map(drop)
    }

    /// Pulls what a tag points to and compares every byte. GET, not HEAD: a HEAD may be answered from a cache
    /// while the storage holds nothing.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] where it is not there; [`HarborError::Garbled`] where it is another image.
    pub async fn pull(&self, from: &Oci, tag: &str) -> Result<(), HarborError> {
        let manifest = from.manifest(tag).await?;
        if manifest.body != self.manifest {
            return Err(HarborError::Garbled("the tag points to another image".to_owned()));
        }
        for blob in [&self.config, &self.layer] {
            from.blob(&digest_of(blob)).await?;
        }
        Ok(())
    }
}
