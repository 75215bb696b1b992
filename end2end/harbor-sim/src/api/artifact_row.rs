//! An artifact as the API shows it.

use serde_json::{Map, Value, json};

use super::Call;
use crate::clock::rfc3339;
use crate::node::Node;
use crate::state::Database;
use crate::state::repository::{Artifact, Repository, Rows, Tag};

/// The icon that Harbor gives every image.
const ICON: &str = "sha256:0048162a053eef4d4ce3fe7518615bef084403614f8bca43b40ae2e762e11e06";

/// Which parts of a row are asked for.
pub(super) struct Shown {
    tags: bool,
    labels: bool,
    accessories: bool,
}

impl Shown {
    pub(super) fn read(call: &Call<'_>) -> Self {
        let on = |name: &str| call.request.param(name) == Some("true");
        Self {
            tags: call.request.param("with_tag") != Some("false"),
            labels: on("with_label"),
            accessories: on("with_accessory"),
        }
    }

    pub(super) fn artifact(
        &self,
        node: &Node,
        db: &Database,
        repository: &Repository,
        rows: &Rows,
        id: i64,
    ) -> Value {
        let Some(artifact) = rows.by_id(id) else { return Value::Null };
        let tags: Vec<&Tag> = rows.tags_of(id).collect();
        self.row(node, db, repository, rows, artifact, tags)
    }

    pub(super) fn row(
        &self,
        node: &Node,
        db: &Database,
        repository: &Repository,
        rows: &Rows,
        artifact: &Artifact,
        mut tags: Vec<&Tag>,
    ) -> Value {
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| {
            body.insert(key.to_owned(), value);
        };
        let facts = &artifact.facts;
        let new = node.version.project_artifacts();
        put("accessories", if self.accessories { accessories_of(rows, artifact.id) } else { Value::Null });
        if artifact.children.is_empty() && facts.children.is_empty() {
            let href = addition_link(repository, &artifact.digest);
            put("addition_links", json!({"build_history": {"absolute": false, "href": href}}));
            put("extra_attrs", (*artifact.attrs).clone());
        }
        if new && !facts.artifact_type.is_empty() {
            put("artifact_type", json!(facts.artifact_type));
        }
        put("digest", json!(artifact.digest));
        put("icon", json!(ICON));
        put("id", json!(artifact.id));
        let labels: Vec<Value> = match self.labels {
            true => artifact
                .labels
                .iter()
                .filter_map(|l| db.labels.get(l))
                .map(crate::api::labels::show)
                .collect(),
            false => Vec::new(),
        };
        put("labels", if labels.is_empty() { Value::Null } else { json!(labels) });
        put("manifest_media_type", json!(facts.manifest_media_type));
        put("media_type", json!(facts.media_type));
        put("project_id", json!(repository.project));
        put("pull_time", json!(rfc3339(artifact.pulled)));
        put("push_time", json!(rfc3339(artifact.pushed)));
        put("references", references(rows, artifact));
        put("repository_id", json!(repository.id));
        if new {
            put("repository_name", json!(repository.name));
        }
        put("size", json!(artifact.size));
        tags.sort_by_key(|t| std::cmp::Reverse((t.pushed, t.id)));
        let tags: Vec<Value> =
            tags.into_iter().map(|t| crate::api::tags::show(node, t, repository.id)).collect();
        put("tags", if self.tags && !tags.is_empty() { json!(tags) } else { Value::Null });
        put("type", json!(facts.kind));
        Value::Object(body)
    }
}

fn addition_link(repository: &Repository, digest: &str) -> String {
    let project = repository.name.split('/').next().unwrap_or_default();
    let short = repository.short_name().replace('/', "%252F");
    format!("/api/v2.0/projects/{project}/repositories/{short}/artifacts/{digest}/additions/build_history")
}

fn references(rows: &Rows, artifact: &Artifact) -> Value {
    if artifact.children.is_empty() {
        return Value::Null;
    }
    let one = |(child, platform): &(i64, Value)| {
        let digest = rows.by_id(*child).map(|a| a.digest.clone()).unwrap_or_default();
        let mut platform = platform.clone();
        if let Value::Object(map) = &mut platform {
            map.insert("OsFeatures".to_owned(), Value::Null);
        }
        json!({
            "child_digest": digest, "child_id": child, "parent_id": artifact.id, "platform": platform,
            "urls": null,
        })
    };
    artifact.children.iter().map(one).collect()
}

pub(super) fn accessories_of(rows: &Rows, subject: i64) -> Value {
    let all: Vec<Value> = rows
        .artifacts
        .iter()
        .filter(|a| a.subject == Some(subject))
        .map(|a| {
            json!({
                "artifact_id": a.id, "creation_time": rfc3339(a.pushed), "digest": a.digest, "icon": "",
                "id": a.id, "size": a.size, "subject_artifact_id": subject, "type": accessory_type(a),
            })
        })
        .collect();
    if all.is_empty() { Value::Null } else { json!(all) }
}

fn accessory_type(artifact: &Artifact) -> &'static str {
    if artifact.facts.artifact_type.contains("cosign") {
        "signature.cosign"
    } else if artifact.facts.artifact_type.contains("notary") {
        "signature.notation"
    } else {
        "subject.accessory"
    }
}
