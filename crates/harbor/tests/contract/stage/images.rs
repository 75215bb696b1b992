//! Images of hidden steps, pushed as a client would.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::replay::Replay;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

pub(crate) fn digest_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().fold(String::from("sha256:"), |text, byte| text + &format!("{byte:02x}"))
}

impl Replay {
    async fn blob(&self, node: &str, repository: &str, bytes: &[u8]) -> Value {
        let start = format!("/v2/{repository}/blobs/uploads/");
        let answer = self.admin_bytes(node, "POST", &start, "application/octet-stream", Vec::new()).await;
        let location = answer.header("location").unwrap_or_default();
        let to = url::Url::parse(location)
            .map_or_else(|_| location.to_owned(), |u| u[url::Position::BeforePath..].to_owned());
        let digest = digest_of(bytes);
        let to = format!("{to}{}digest={digest}", if to.contains('?') { '&' } else { '?' });
        let put = self.admin_bytes(node, "PUT", &to, "application/octet-stream", bytes.to_vec()).await;
        if put.status != 201 {
            println!("hidden step failed: blob of {repository}: {} {}", answer.status, put.status);
        }
        json!({ "digest": digest, "size": bytes.len() })
    }

    async fn manifest(
        &self,
        node: &str,
        repository: &str,
        reference: Option<&str>,
        kind: &str,
        body: &Value,
    ) -> (String, usize) {
        let bytes = body.to_string().into_bytes();
        let digest = digest_of(&bytes);
        let size = bytes.len();
        self.pushed.lock().unwrap().push(bytes.clone());
        let path = format!("/v2/{repository}/manifests/{}", reference.unwrap_or(&digest));
        let answer = self.admin_bytes(node, "PUT", &path, kind, bytes).await;
        if answer.status != 201 {
            println!(
                "hidden step failed: PUT {path}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        (digest, size)
    }

    /// An image of one layer, by tag, or by digest without one. Gives the manifest's digest and size.
    pub(crate) async fn push(
        &self,
        node: &str,
        repository: &str,
        tag: Option<&str>,
        config: &Value,
        layer: &[u8],
    ) -> (String, usize) {
        let mut layer_blob = self.blob(node, repository, layer).await;
        let mut config_blob = self.blob(node, repository, config.to_string().as_bytes()).await;
        layer_blob["mediaType"] = "application/vnd.oci.image.layer.v1.tar".into();
        config_blob["mediaType"] = CONFIG.into();
        let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config_blob, "layers": [layer_blob] });
        self.manifest(node, repository, tag, MANIFEST, &manifest).await
    }

    /// A small image whose bytes follow from a word.
    pub(crate) async fn push_word(
        &self,
        node: &str,
        repository: &str,
        tag: Option<&str>,
        word: &str,
    ) -> String {
        let config = json!({
            "architecture": "amd64", "os": "linux", "author": word, "created": "2026-01-01T00:00:00Z", "config": {},
            "rootfs": { "type": "layers", "diff_ids": [digest_of(word.as_bytes())] },
        });
        self.push(node, repository, tag, &config, format!("layer {word}").as_bytes()).await.0
    }

    /// An image large enough that a throttle bites: the first megabyte of a blob is free.
    pub(crate) async fn push_big(&self, node: &str, repository: &str) {
        let config = json!({ "architecture": "amd64", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": [] } });
        self.push(node, repository, Some("v1"), &config, &vec![7; 1_300_000]).await;
    }

    /// An index over images, by tag.
    pub(crate) async fn push_index(
        &self,
        node: &str,
        repository: &str,
        tag: Option<&str>,
        children: &[(String, usize, Value)],
    ) -> String {
        let rows = children.iter().map(|(digest, size, platform)| json!({ "mediaType": MANIFEST, "digest": digest, "size": size, "platform": platform }));
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": rows.collect::<Vec<_>>() });
        self.manifest(node, repository, tag, INDEX, &index).await.0
    }

    /// An index over two platforms whose bytes follow from a word.
    pub(crate) async fn push_multi(
        &self,
        node: &str,
        repository: &str,
        tag: &str,
        word: &str,
    ) -> (String, Vec<String>) {
        let mut children = Vec::new();
        for architecture in ["amd64", "arm64"] {
            let word = format!("{word} {architecture}");
            let config = json!({
                "architecture": architecture, "os": "linux", "author": word, "created": "2026-01-01T00:00:00Z", "config": {},
                "rootfs": { "type": "layers", "diff_ids": [digest_of(word.as_bytes())] },
            });
            let (digest, size) =
                self.push(node, repository, None, &config, format!("layer {word}").as_bytes()).await;
            children.push((digest, size, json!({ "architecture": architecture, "os": "linux" })));
        }
        let index = self.push_index(node, repository, Some(tag), &children).await;
        (index, children.into_iter().map(|(digest, _, _)| digest).collect())
    }

    /// A pull of a manifest, which the audit log notes.
    pub(crate) async fn pull(&self, repository: &str, tag: &str) {
        self.get_as("a", &format!("/v2/{repository}/manifests/{tag}"), MANIFEST).await;
    }
}
