//! Hidden steps of the topics about projects, the audit log and the registry.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{images::digest_of, own_project, people};
use crate::{mapping::digests, replay::Replay};

/// An artifact as the recording shows it somewhere.
#[derive(Clone, Debug, Default)]
struct Shown {
    /// When it was pushed; recorded times sort as texts.
    time: String,
    repository: String,
    /// Oldest first.
    tags: Vec<String>,
    children: Vec<(String, Value)>,
    config: Value,
}

/// Every artifact that the recording shows before something changes, by digest.
fn shown(replay: &Replay) -> BTreeMap<String, Shown> {
    let mut found: BTreeMap<String, Shown> = BTreeMap::new();
    for exchange in &replay.recording.exchanges {
        let path = exchange.request.path_only();
        // What is made by the recorded calls themselves is not made before.
        let made = ["/copied", "/copied2"].iter().any(|r| path.contains(r));
        if exchange.request.method != "GET" || !path.contains("/artifacts") || path.ends_with("/tags") || made
        {
            continue;
        }
        let from_path = path
            .split("/repositories/")
            .nth(1)
            .and_then(|r| r.split('/').next())
            .map(|r| r.replace("%252F", "/"));
        let project = path.split("/projects/").nth(1).and_then(|r| r.split('/').next()).unwrap_or_default();
        let body = &exchange.response.body;
        let rows = body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
        for row in rows.iter().filter(|r| r.get("digest").is_some()) {
            let digest = row["digest"].as_str().unwrap_or_default().to_owned();
            let named = row.get("repository_name").and_then(Value::as_str).map(str::to_owned);
            let repository = named.or_else(|| Some(format!("{project}/{}", from_path.clone()?)));
            let Some(repository) = repository else { continue };
            let mut tags: Vec<Value> = row["tags"].as_array().cloned().unwrap_or_default();
            tags.sort_by_key(|t| t["id"].as_i64());
            let tags = tags.iter().filter_map(|t| t["name"].as_str().map(str::to_owned)).collect();
            let children = row["references"].as_array().into_iter().flatten();
            let children = children
                .map(|r| (r["child_digest"].as_str().unwrap_or_default().to_owned(), r["platform"].clone()))
                .collect();
            let time = row["push_time"].as_str().unwrap_or_default().to_owned();
            let config = row.get("extra_attrs").cloned().unwrap_or_default();
            let entry = found.entry(digest).or_insert_with(|| Shown { time, repository, ..Shown::default() });
            // Read without tags first, perhaps, and with them later.
            if entry.tags.is_empty() {
                entry.tags = tags;
            }
            if entry.children.is_empty() {
                entry.children = children;
            }
            if entry.config.is_null() {
                entry.config = config;
            }
        }
    }
    found
}

/// Pushes everything that the recording shows, oldest first, and binds the digests.
async fn push_shown(replay: &mut Replay) {
    let found = shown(replay);
    let child_of: BTreeMap<&String, &Shown> =
        found.values().flat_map(|s| s.children.iter().map(move |(d, _)| (d, s))).collect();
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    let mut order: Vec<(String, String)> = found.iter().map(|(d, s)| (s.time.clone(), d.clone())).collect();
    for (digest, parent) in &child_of {
        if !found.contains_key(*digest) {
            // A child that is shown in its index only was pushed before it.
            order.push((replay.recorded_repository_time(&parent.repository), (*digest).clone()));
        }
    }
    // Repositories that are only listed hold one image each.
    for repository in replay.shown_names("repositories") {
        let known = found.values().any(|s| s.repository == repository) || repository.contains("/copied");
        if replay.mapping.is_ours(&repository) && !known {
            order.push((replay.recorded_repository_time(&repository), repository));
        }
    }
    order.sort();
    for (_, digest) in order {
        if !digest.starts_with("sha256:") {
            replay.push_word("a", &digest, Some("v1"), &digest).await;
            continue;
        }
        let shown = found.get(&digest).cloned().unwrap_or_else(|| {
            let parent = child_of[&digest];
            let platform = parent
                .children
                .iter()
                .find(|(d, _)| *d == digest)
                .map(|(_, p)| p.clone())
                .unwrap_or_default();
            Shown { repository: parent.repository.clone(), config: platform, ..Shown::default() }
        });
        let now = if shown.children.is_empty() {
            let mut config = if shown.config.is_object() {
                shown.config.clone()
            } else {
                json!({ "architecture": "amd64", "os": "linux" })
            };
            let layer = format!("layer {digest}");
            config["rootfs"] = json!({ "type": "layers", "diff_ids": [digest_of(layer.as_bytes())] });
            // A tag may name another digest: its signature.
            let tag = shown.tags.first().map(|t| replay.mapping.marked(t));
            let (now, size) =
                replay.push("a", &shown.repository, tag.as_deref(), &config, layer.as_bytes()).await;
            sizes.insert(digest.clone(), size);
            now
        } else {
            let children: Vec<_> = shown
                .children
                .iter()
                .map(|(d, p)| {
                    (
                        replay.mapping.mark(d).unwrap_or(d).to_owned(),
                        sizes.get(d).copied().unwrap_or(1),
                        platform(p),
                    )
                })
                .collect();
            replay.push_index("a", &shown.repository, shown.tags.first().map(String::as_str), &children).await
        };
        for tag in shown.tags.iter().skip(1) {
            let (project, repository) = shown.repository.split_once('/').unwrap_or_default();
            let path = format!(
                "/api/v2.0/projects/{project}/repositories/{}/artifacts/{now}/tags",
                repository.replace('/', "%252F")
            );
            replay.admin("a", "POST", &path, &json!({ "name": tag })).await;
        }
        replay.mapping.bind_mark(&digest, &now);
    }
}

fn platform(shown: &Value) -> Value {
    let part = |key: &str| shown.get(key).cloned().unwrap_or_default();
    json!({ "architecture": part("architecture"), "os": part("os") })
}

pub(super) async fn projects(replay: &mut Replay, id: &str) {
    match id {
        // Names that the lists no longer show.
        "projects-list" => {
            for name in ["r", "123456"] {
                let header = replay.named_project(name).await;
                replay.admin("a", "DELETE", &format!("/api/v2.0/projects/{header}"), &Value::Null).await;
            }
        }
        "repositories-all" => {
            let private = json!({ "metadata": { "public": "false" } });
            replay.admin("a", "PUT", "/api/v2.0/projects/rec-one", &private).await;
            push_shown(replay).await;
        }
        "project-delete-gone" => {
            let path = "/api/v2.0/projects/rec-one/repositories";
            let answer = replay.admin("a", "GET", path, &Value::Null).await;
            let rows = answer.json().and_then(|v| v.as_array().cloned()).unwrap_or_default();
            for name in rows.iter().filter_map(|r| r["name"].as_str()?.split_once('/')) {
                replay
                    .admin("a", "DELETE", &format!("{path}/{}", name.1.replace('/', "%252F")), &Value::Null)
                    .await;
            }
            replay.admin("a", "DELETE", "/api/v2.0/projects/rec-one", &Value::Null).await;
        }
        _ => {}
    }
}

/// What was done to make lines in the audit log: pushes, a pull, a copy to the other node, a tag made and deleted,
/// deletions.
pub(super) async fn audit(replay: &mut Replay, id: &str) {
    if id != "exts-events" {
        return;
    }
    let start = crate::replay::q_time(-2);
    replay.project("a", "rec-aud", false).await;
    let v1 = replay.push_word("a", "rec-aud/app", Some("v1"), "aud 1").await;
    let moved = replay.push_word("a", "rec-aud/app", Some("v2"), "aud 2").await;
    let v2 = replay.push_word("a", "rec-aud/app", Some("v2"), "aud 2 moved").await;
    let (multi, children) = replay.push_multi("a", "rec-aud/multi", "m1", "aud multi").await;
    replay.pull("rec-aud/app", "v1").await;
    let registry = replay.registry("a", "rec-b", "http://harbor-b.test").await;
    let rule = json!({
        "name": "rec-aud", "dest_registry": { "id": registry }, "enabled": true, "override": true,
        "trigger": { "type": "manual" }, "filters": [{ "type": "name", "value": "rec-aud/**" }],
    });
    let policy = replay.create("a", super::POLICIES, &rule).await;
    let run = replay.start_run("a", policy).await;
    replay.wait_run("a", run, true).await;
    let artifacts = "/api/v2.0/projects/rec-aud/repositories/app/artifacts";
    replay.admin("a", "POST", &format!("{artifacts}/v1/tags"), &json!({ "name": "extra" })).await;
    replay.admin("a", "DELETE", &format!("{artifacts}/v1/tags/extra"), &Value::Null).await;
    replay.admin("a", "DELETE", &format!("{artifacts}/{v2}"), &Value::Null).await;
    replay.admin("a", "DELETE", "/api/v2.0/projects/rec-aud/repositories/multi", &Value::Null).await;
    bind_audit_digests(replay, [&v1, &moved, &v2, &multi, &children[0], &children[1]]);
    // The recorder asked for the time of these steps.
    let times = recorded_times(replay);
    let end = crate::replay::q_time(120);
    for (i, time) in times.iter().enumerate() {
        replay.mapping.mark_as(time, if i == 0 { &start } else { &end });
    }
}

/// The two times in the recorded queries, first to last, as they stand in a path.
fn recorded_times(replay: &Replay) -> Vec<String> {
    let mut times: Vec<String> = Vec::new();
    for exchange in &replay.recording.exchanges {
        for (at, _) in exchange.request.path.match_indices("2026-") {
            let time = exchange.request.path.get(at..).unwrap_or_default();
            let end = time.find(['~', 'Z']).or_else(|| time.find("%5D")).unwrap_or(time.len());
            times.push(time[..end].to_owned());
        }
    }
    times.sort_by_key(|t| t.replace("%20", "T"));
    times.dedup();
    // Both writings of the first time, then both of the last.
    times
}

/// Which recorded digest is which, by what its line says was done.
fn bind_audit_digests(replay: &mut Replay, now: [&String; 6]) {
    let mut rows: Vec<Value> = Vec::new();
    for exchange in &replay.recording.exchanges {
        rows.extend(
            exchange.response.body.as_array().into_iter().flatten().filter(|r| r.is_object()).cloned(),
        );
    }
    rows.sort_by_key(|r| r["id"].as_i64());
    let [v1, moved, v2, multi, first, second] = now;
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let mut children = Vec::new();
    let mut found: Vec<(String, &String)> = Vec::new();
    for row in &rows {
        let (resource, operation) = (text(row, "resource"), text(row, "operation"));
        let named = digests(&(text(row, "operation_description") + &resource));
        let Some(digest) = named.first().cloned() else { continue };
        match (operation.as_str(), resource.as_str()) {
            ("delete", r) if r.contains("-aud/app") => found.push((digest, v2)),
            ("delete", r) if r.contains("-aud/multi") => found.push((digest, multi)),
            ("create", r) if r.contains("-aud/app:v1") => found.push((digest, v1)),
            ("create", r) if r.contains("-aud/multi:m1") => found.push((digest, multi)),
            ("create", r) if r.contains("-aud/multi") && !children.contains(&digest) => children.push(digest),
            ("create", r) if r.contains("-aud/app") && r.contains("sha256") => found.push((digest, moved)),
            _ => {}
        }
    }
    found.extend(children.into_iter().zip([first, second]));
    for (recorded, now) in found {
        replay.mapping.bind_mark(&recorded, now);
    }
}

/// Images, people and projects of the registry's topic.
pub(super) async fn oci(replay: &mut Replay, id: &str) {
    match id {
        "token" => {
            people(replay).await;
            own_project(replay).await;
            replay.project("a", "rec-oci", false).await;
            replay.project("a", "rec-ocipub", true).await;
            replay.push_word("a", "rec-oci/app", Some("v1"), "oci").await;
            replay.push_word("a", "rec-oci/app", Some("v2"), "oci 2").await;
            replay.push_multi("a", "rec-oci/multi", "v1", "oci multi").await;
            replay.push_word("a", "rec-ocipub/app", Some("v1"), "ocipub").await;
            bind_manifest(replay).await;
        }
        "readonly-push" => {
            replay.admin("a", "PUT", "/api/v2.0/configurations", &json!({ "read_only": true })).await;
        }
        "readonly-off" => {
            replay.admin("a", "PUT", "/api/v2.0/configurations", &json!({ "read_only": false })).await;
        }
        _ => {}
    }
}

/// The manifest that later calls send again, and its parts.
async fn bind_manifest(replay: &mut Replay) {
    let recorded = replay.recording.exchange("manifest-basic").map(|e| e.response.clone());
    let Some(recorded) = recorded else { return };
    let answer = replay
        .admin("a", "GET", "/api/v2.0/projects/rec-oci/repositories/app/artifacts/v1", &Value::Null)
        .await;
    let now = answer.json().and_then(|v| v["digest"].as_str().map(str::to_owned)).unwrap_or_default();
    if let Some(digest) = recorded.header("docker-content-digest") {
        replay.mapping.bind_mark(digest, &now);
    }
    // The recorder's layer was the same text, so its digest is the same.
    for digest in digests(&recorded.body["layers"].to_string()) {
        replay.mapping.bind_mark(&digest, &digest_of(b"layer oci"));
    }
}
