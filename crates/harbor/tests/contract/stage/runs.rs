//! Hidden steps of the topics about runs and the job service.

use serde_json::{Value, json};

use super::POLICIES;
use crate::replay::Replay;

fn rule(name: &str, registry: i64, filter: &str) -> Value {
    json!({
        "name": name, "dest_registry": { "id": registry }, "enabled": true, "override": true,
        "trigger": { "type": "manual" }, "filters": [{ "type": "name", "value": filter }],
    })
}

/// Waits for the run whose id an exchange's path holds.
async fn wait_for(replay: &Replay, exchange: &str, node: &str) {
    let run = replay.recording.path_id(exchange).and_then(|id| replay.mapping.id("executions", id));
    if let Some(run) = run {
        replay.wait_run(node, run, true).await;
    }
}

pub(super) async fn executions(replay: &mut Replay, id: &str) {
    match id {
        "executions-empty" => prepare(replay).await,
        "get-success" => wait_for(replay, "get-success", "a").await,
        "get-success-again" => wait_for(replay, "get-success-again", "a").await,
        "get-zero" => wait_for(replay, "get-zero", "a").await,
        "start-dead" => replay.relay.down().await,
        "get-dead" => wait_for(replay, "get-dead", "a").await,
        "start-hang" => replay.relay.hang().await,
        "get-pull" => wait_for(replay, "get-pull", "b").await,
        "start-slow-twice" | "get-slow-running" => {
            let run = replay
                .recording
                .path_id("get-slow-running")
                .and_then(|id| replay.mapping.id("executions", id));
            replay.wait_run("a", run.unwrap_or_default(), false).await;
        }
        "get-stopped" => wait_for(replay, "get-stopped", "a").await,
        "list-by-policy" => stop_slow_runs(replay).await,
        "get-partial" => wait_for(replay, "get-partial", "a").await,
        "list-hang-reset" => replay.relay.down().await,
        _ => {}
    }
}

async fn prepare(replay: &mut Replay) {
    for node in ["a", "b"] {
        replay.project(node, "rec-src", false).await;
    }
    for project in ["rec-full", "rec-slow", "rec-ev"] {
        replay.project("a", project, false).await;
    }
    let small = json!({ "project_name": "rec-full", "metadata": { "public": "false" }, "storage_limit": 10 });
    replay.admin("b", "POST", "/api/v2.0/projects", &small).await;
    for (tag, word) in [("v1", "src 1"), ("v2", "src 2"), ("v3", "src 3")] {
        replay.push_word("a", "rec-src/app", Some(tag), word).await;
    }
    replay.push_word("a", "rec-src/deep/er", Some("v1"), "src deep").await;
    replay.push_multi("a", "rec-src/multi", "v1", "src multi").await;
    replay.push_word("a", "rec-full/x", Some("v1"), "full").await;
    replay.push_big("a", "rec-slow/big").await;

    let b = replay.registry("a", "rec-b", "http://harbor-b.test").await;
    replay.relay.up().await;
    let relay = replay.registry("a", "rec-relay", "http://relay.test:18080").await;
    let a = replay.registry("b", "rec-a", "http://harbor-a.test").await;
    let mut zero = rule("rec-zero", b, "rec-nosuch/**");
    zero["description"] = "nothing".into();
    let mut disabled = rule("rec-disabled", b, "rec-src/**");
    disabled["enabled"] = false.into();
    let mut slow = rule("rec-slowrule", b, "rec-slow/**");
    slow["speed"] = 4.into();
    let mut single = slow.clone();
    single["name"] = "rec-single".into();
    if replay.recording.at_least(14) {
        single["single_active_replication"] = true.into();
    }
    let partial = rule("rec-partial", b, "{rec-src,rec-full}/**");
    let rules = [
        ("start-success", rule("rec-run", b, "rec-src/**")),
        ("start-zero", zero),
        ("start-disabled", disabled),
        ("start-slow", slow),
        ("start-partial", partial),
        ("start-single", single),
        ("start-dead", rule("rec-dead", relay, "rec-src/**")),
    ];
    for (exchange, rule) in rules {
        let policy = replay.create("a", POLICIES, &rule).await;
        let recorded = replay.recording.sent_id(exchange, "/policy_id");
        replay.means("policies", recorded, policy);
    }
    let mut pull = rule("rec-pull", a, "rec-src/**");
    pull["src_registry"] = pull["dest_registry"].take();
    pull.as_object_mut().unwrap().remove("dest_registry");
    let policy = replay.create("b", POLICIES, &pull).await;
    let recorded = replay.recording.sent_id("start-pull", "/policy_id");
    replay.means_at("b", "policies", recorded, policy);
}

/// The recorder stopped what it had throttled, before it read the lists.
async fn stop_slow_runs(replay: &mut Replay) {
    for exchange in ["start-slow-twice", "start-single"] {
        let location = replay
            .recording
            .exchange(exchange)
            .and_then(|e| e.response.header("location").map(str::to_owned));
        let recorded = location.and_then(|l| l.rsplit('/').next()?.parse().ok());
        if let Some(run) = recorded.and_then(|id| replay.mapping.id("executions", id)) {
            replay.admin("a", "PUT", &format!("/api/v2.0/replication/executions/{run}"), &Value::Null).await;
            replay.wait_run("a", run, true).await;
        }
    }
}

pub(super) async fn jobs(replay: &mut Replay, id: &str) {
    match id {
        "schedules-with-policy" => {
            replay.project("a", "rec-js", false).await;
            replay.push_word("a", "rec-js/x", Some("v1"), "js").await;
            let registry = replay.registry("a", "rec-b", "http://harbor-b.test").await;
            let mut scheduled = rule("rec-js", registry, "rec-js/**");
            scheduled["trigger"] =
                json!({ "type": "scheduled", "trigger_settings": { "cron": "0 0 4 * * *" } });
            let policy = replay.create("a", POLICIES, &scheduled).await;
            let recorded = replay.recording.sent_id("start-while-paused", "/policy_id");
            replay.means("policies", recorded, policy);
        }
        "execution-while-paused" => {
            let run = replay
                .recording
                .path_id("execution-while-paused")
                .and_then(|id| replay.mapping.id("executions", id));
            replay.wait_run("a", run.unwrap_or_default(), false).await;
        }
        "queue-pause-again" => wait_for(replay, "execution-while-paused", "a").await,
        "queue-stop" => {
            let policy = replay.recording.sent_id("start-while-paused", "/policy_id");
            let policy = policy.and_then(|id| replay.mapping.id("policies", id)).unwrap_or_default();
            let run = replay.start_run("a", policy).await;
            let recorded = replay.recording.path_id("execution-after-queue-stop");
            replay.means("executions", recorded, run);
            replay.wait_run("a", run, false).await;
        }
        "queue-bad-action" => {
            replay
                .admin("a", "PUT", "/api/v2.0/jobservice/queues/REPLICATION", &json!({ "action": "resume" }))
                .await;
        }
        "schedules-after-delete" => {
            let policy = replay.recording.sent_id("start-while-paused", "/policy_id");
            let policy = policy.and_then(|id| replay.mapping.id("policies", id)).unwrap_or_default();
            replay.admin("a", "DELETE", &format!("{POLICIES}/{policy}"), &Value::Null).await;
        }
        _ => {}
    }
}
