//! Hidden steps of the topic about robots: what they are shown, and runs with robots as the peer's account.

use serde_json::{Value, json};

use super::POLICIES;
use crate::replay::Replay;

fn rule(name: &str, registry: i64, kind: &str) -> Value {
    json!({
        "name": name, "dest_registry": { "id": registry }, "enabled": true, "override": true,
        "trigger": { "type": kind }, "filters": [{ "type": "name", "value": "rec-rb/**" }],
    })
}

pub(super) async fn robots(replay: &mut Replay, id: &str) {
    if id == "permissions" {
        return prepare(replay).await;
    }
    let Some(word) = id.rsplit('-').find(|w| matches!(*w, "tall" | "tmin" | "tpush" | "tnone")) else {
        return;
    };
    let word = word.to_owned();
    if id.starts_with("target-run-missing-project") {
        run(replay, id, &word, true).await;
    } else if id.starts_with("target-run-existing-project") {
        run(replay, id, &word, false).await;
    } else if id == format!("target-deletion-{word}") {
        deletions(replay, id, &word).await;
    } else if id.starts_with("target-pull") {
        pull(replay, id, &word).await;
    }
}

async fn prepare(replay: &mut Replay) {
    replay.project("a", "rec-rb", false).await;
    super::people(replay).await;
    super::own_project(replay).await;
    for (tag, word) in [("v1", "rb"), ("v2", "rb2"), ("v3", "rb3")] {
        replay.push_word("a", "rec-rb/x", Some(tag), word).await;
    }
    let registry = replay.registry("a", "rec-b", "http://harbor-b.test").await;
    let policy = replay.create("a", POLICIES, &rule("rec-rbp", registry, "manual")).await;
    let run = replay.start_run("a", policy).await;
    replay.wait_run("a", run, true).await;
    let recorded = |id: &str| replay.recording.path_id(id);
    let (r, p, e) = (recorded("manage/registry"), recorded("manage/policy"), recorded("manage/execution"));
    replay.means("registries", r, registry);
    replay.means("policies", p, policy);
    replay.means("executions", e, run);
}

/// The rule towards the robot's endpoint; made at its first use.
async fn rule_of(replay: &mut Replay, exchange: &str, word: &str, kind: &str) -> i64 {
    let body = replay.recording.exchange(exchange).map(|e| e.response.body.clone()).unwrap_or_default();
    let recorded = body["policy_id"].as_i64().or_else(|| body[0]["policy_id"].as_i64());
    if let Some(policy) = recorded.and_then(|id| replay.mapping.id("policies", id)) {
        return policy;
    }
    let location = replay
        .recording
        .exchange(&format!("target-registry-{word}"))
        .and_then(|e| e.response.header("location").map(str::to_owned));
    let registry = location
        .and_then(|l| l.rsplit('/').next()?.parse().ok())
        .and_then(|id| replay.mapping.id("registries", id));
    let registry = registry.unwrap_or_default();
    let mut rule =
        rule(&format!("rec-{word}-{kind}"), registry, if kind == "event" { "event_based" } else { "manual" });
    rule["deletion"] = (kind == "event").into();
    if kind == "pull" {
        rule["src_registry"] = rule["dest_registry"].take();
        rule.as_object_mut().unwrap().remove("dest_registry");
    }
    let policy = replay.create("a", POLICIES, &rule).await;
    replay.means("policies", recorded, policy);
    policy
}

async fn run(replay: &mut Replay, id: &str, word: &str, missing: bool) {
    if missing {
        replay.admin("b", "DELETE", "/api/v2.0/projects/rec-rb/repositories/x", &Value::Null).await;
        replay.admin("b", "DELETE", "/api/v2.0/projects/rec-rb", &Value::Null).await;
    } else {
        replay.project("b", "rec-rb", false).await;
        replay.push_word("b", "rec-rb/x", Some("v1"), "rb").await;
    }
    let policy = rule_of(replay, id, word, "manual").await;
    let run = replay.start_run("a", policy).await;
    let recorded = replay.recording.path_id(id);
    replay.means("executions", recorded, run);
    replay.wait_run("a", run, true).await;
}

/// A tag pushed and deleted under an event rule with deletions.
async fn deletions(replay: &mut Replay, id: &str, word: &str) {
    let policy = rule_of(replay, id, word, "event").await;
    let tag = format!("d-{word}");
    let digest = replay.push_word("a", "rec-rb/x", Some(&tag), &tag).await;
    replay.words.insert(tag.clone(), digest.clone());
    settle(replay, policy, 1).await;
    let path = format!("/api/v2.0/projects/rec-rb/repositories/x/artifacts/{digest}/tags/{tag}");
    replay.admin("a", "DELETE", &path, &Value::Null).await;
    settle(replay, policy, 2).await;
}

/// Takes the tag of the deletions away again, unseen by the rule.
async fn clean(replay: &mut Replay, word: &str) {
    let policy = rule_of(replay, &format!("target-deletion-{word}"), word, "event").await;
    let path = format!("{POLICIES}/{policy}");
    let mut rule = replay.admin("a", "GET", &path, &Value::Null).await.json().unwrap_or_default();
    rule["enabled"] = false.into();
    replay.admin("a", "PUT", &path, &rule).await;
    if let Some(digest) = replay.words.get(&format!("d-{word}")) {
        let path = format!("/api/v2.0/projects/rec-rb/repositories/x/artifacts/{digest}");
        for node in ["a", "b"] {
            replay.admin(node, "DELETE", &path, &Value::Null).await;
        }
    }
}

async fn settle(replay: &Replay, policy: i64, count: usize) {
    for _ in 0..100 {
        let path = format!("/api/v2.0/replication/executions?policy_id={policy}");
        let answer = replay.admin("a", "GET", &path, &Value::Null).await;
        let runs = answer.json().and_then(|v| v.as_array().cloned()).unwrap_or_default();
        if runs.len() >= count && runs.iter().all(|r| r["in_progress"] == 0 && r["total"] != 0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn pull(replay: &mut Replay, id: &str, word: &str) {
    clean(replay, word).await;
    let policy = rule_of(replay, id, word, "pull").await;
    let run = replay.start_run("a", policy).await;
    let recorded = replay.recording.path_id(id);
    replay.means("executions", recorded, run);
    replay.wait_run("a", run, true).await;
}
