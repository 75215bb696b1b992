//! Making images: small, valid and reproducible from a text.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Media types of a plain image.
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// `sha256:<hex>` of some bytes.
#[must_use]
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in hash {
        let digits = b"0123456789abcdef";
        text.push(char::from(digits[usize::from(byte >> 4)]));
        text.push(char::from(digits[usize::from(byte & 15)]));
    }
    text
}

/// An image of one layer with its blobs.
#[derive(Clone, Debug)]
pub struct Image {
    /// Digest of the manifest.
    pub digest: String,
    /// The manifest's bytes.
    pub manifest: Bytes,
    /// Its media type.
    pub media_type: String,
    /// Config and layer with their digests.
    pub blobs: Vec<(String, Bytes)>,
}

impl Image {
    /// An image whose only layer is `layer`; equal layers make equal images.
    #[must_use]
    pub fn new(layer: impl Into<Bytes>) -> Self {
        let layer: Bytes = layer.into();
        let layer_digest = digest_of(&layer);
        let config = json!({
            "architecture": "amd64",
            "config": {},
            "created": "2026-01-01T00:00:00Z",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [layer_digest]},
        });
        let config = Bytes::from(config.to_string());
        let config_digest = digest_of(&config);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": OCI_CONFIG, "digest": config_digest, "size": config.len()},
            "layers": [{"mediaType": OCI_LAYER, "digest": layer_digest, "size": layer.len()}],
        });
        let manifest = Bytes::from(manifest.to_string());
        Self {
            digest: digest_of(&manifest),
            manifest,
            media_type: OCI_MANIFEST.to_owned(),
            blobs: vec![(config_digest, config), (layer_digest, layer)],
        }
    }
}

/// What a manifest says about itself, read once when it is pushed.
#[derive(Clone, Debug)]
pub(crate) struct ManifestFacts {
    pub(crate) kind: &'static str,
    pub(crate) media_type: String,
    pub(crate) manifest_media_type: String,
    pub(crate) artifact_type: String,
    pub(crate) subject: Option<String>,
    /// Blobs with their sizes, config first.
    pub(crate) blobs: Vec<(String, u64)>,
    /// Children of an index: digest, size, platform.
    pub(crate) children: Vec<(String, u64, Value)>,
}

impl ManifestFacts {
    /// Reads a manifest; `None` when it is not one.
    pub(crate) fn read(content_type: &str, bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |v: &Value| v.as_str().map(str::to_owned);
        let declared = text(&value["mediaType"]).unwrap_or_else(|| content_type.to_owned());
        let subject = text(&value["subject"]["digest"]);
        if declared == OCI_INDEX || declared == DOCKER_LIST {
            let list = value["manifests"].as_array()?;
            let child = |m: &Value| {
                Some((text(&m["digest"])?, m["size"].as_u64().unwrap_or(0), m["platform"].clone()))
            };
            let children = list.iter().map(child).collect::<Option<Vec<_>>>()?;
            let artifact_type = text(&value["artifactType"]).unwrap_or_default();
            return Some(Self {
                kind: "IMAGE",
                media_type: declared.clone(),
                manifest_media_type: declared,
                artifact_type,
                subject,
                blobs: Vec::new(),
                children,
            });
        }
        let config = &value["config"];
        let part = |b: &Value| Some((text(&b["digest"])?, b["size"].as_u64().unwrap_or(0)));
        let mut blobs = vec![part(config)?];
        for layer in value["layers"].as_array()? {
            blobs.push(part(layer)?);
        }
        let media_type = text(&config["mediaType"]).unwrap_or_default();
        let image =
            media_type == OCI_CONFIG || media_type == "application/vnd.docker.container.image.v1+json";
        Some(Self {
            kind: if image { "IMAGE" } else { "UNKNOWN" },
            artifact_type: text(&value["artifactType"]).unwrap_or_else(|| media_type.clone()),
            media_type,
            manifest_media_type: declared,
            subject,
            blobs,
            children: Vec::new(),
        })
    }
}

/// The part of an image's config that Harbor shows as `extra_attrs`.
pub(crate) fn extra_attrs(config: &[u8]) -> Value {
    let Ok(Value::Object(all)) = serde_json::from_slice::<Value>(config) else { return Value::Null };
    let keep = ["architecture", "author", "config", "created", "os"];
    Value::Object(all.into_iter().filter(|(key, _)| keep.contains(&key.as_str())).collect())
}
