//! Runs: filters, namespaces, stops, retries, history, a job service or a target that goes away.

use std::time::{Duration, Instant};

use harbor_sim::{Component, Fault, NodeHandle, Sim, SimConfig};
use serde_json::{Value, json};

use crate::client::{Client, until, wait_for};

struct Link {
    sim: Sim,
    a: Client,
    endpoint: i64,
    one: NodeHandle,
    two: NodeHandle,
}

async fn link(edit: impl FnOnce(&mut SimConfig)) -> Link {
    let mut config = SimConfig::independent(2, "2.15.2");
    edit(&mut config);
    let sim = Sim::start(config).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let endpoint = a.endpoint("b", &sim.node(1)).await;
    let (one, two) = (sim.node(0), sim.node(1));
    Link { sim, a, endpoint, one, two }
}

async fn copied(more: Value) -> (String, Vec<String>) {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    one.push_image("p/a", "v1", "a");
    one.push_image("p/deep/b", "v1", "b");
    one.push_image("q/c", "dev", "c");
    let rule = a.rule("push", endpoint, "manual", more).await;
    let run = a.run(rule).await;
    let list = Client::admin(&two).get("/repositories?page_size=0").await.json();
    let mut names: Vec<String> =
        list.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    (run["status"].as_str().unwrap().to_owned(), names)
}

#[tokio::test]
async fn name_filters_take_what_was_seen() {
    let all = ["p/a", "p/deep/b", "q/c"].map(str::to_owned).to_vec();
    for (pattern, expected) in [
        ("p/**", vec!["p/a", "p/deep/b"]),
        ("p/*", vec!["p/a"]),
        ("{p,q}/**", vec!["p/a", "p/deep/b", "q/c"]),
        ("**/c", vec!["q/c"]),
        ("p", vec![]),
        ("p**", vec![]),
        ("P/**", vec![]),
    ] {
        let (status, names) = copied(json!({"filters": [{"type": "name", "value": pattern}]})).await;
        assert_eq!(
            (status.as_str(), names),
            ("Succeed", expected.iter().map(|s| (*s).to_owned()).collect()),
            "{pattern}"
        );
    }
    assert_eq!(copied(json!({})).await.1, all);
    assert_eq!(copied(json!({"filters": [{"type": "tag", "value": "v*"}]})).await.1, all[..2]);
    let without = json!({"filters": [{"type": "tag", "value": "v*", "decoration": "excludes"}]});
    assert_eq!(copied(without).await.1, all[2..]);
}

#[tokio::test]
async fn namespace_replaces_as_many_components_as_told() {
    for (count, expected) in [
        (json!(-1), vec!["ns/a", "ns/b", "ns/c"]),
        (json!(0), vec!["ns/p/a", "ns/p/deep/b", "ns/q/c"]),
        (json!(1), vec!["ns/a", "ns/c", "ns/deep/b"]),
    ] {
        let (status, names) =
            copied(json!({"dest_namespace": "ns", "dest_namespace_replace_count": count})).await;
        assert_eq!((status.as_str(), names), ("Succeed", expected.iter().map(|s| (*s).to_owned()).collect()));
    }
    let (status, names) = copied(json!({"dest_namespace": "ns", "dest_namespace_replace_count": 2})).await;
    assert_eq!(
        (status.as_str(), names.len()),
        ("Failed", 0),
        "one repository is too short: nothing is copied"
    );
}

#[tokio::test]
async fn filter_that_matches_nothing_succeeds_with_no_task() {
    let Link { sim: _sim, a, endpoint, .. } = link(|_| {}).await;
    let rule = a
        .rule("push", endpoint, "manual", json!({"filters": [{"type": "name", "value": "nosuch/**"}]}))
        .await;
    let run = a.run(rule).await;
    let got = (run["status"].as_str(), run["total"].as_i64(), run["status_text"].as_str());
    assert_eq!(got, (Some("Succeed"), Some(0), Some("no resources need to be replicated")));
}

#[tokio::test]
async fn run_makes_one_task_per_repository_and_carries_public_over() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    one.create_project("open", true);
    for repository in ["open/a", "open/b"] {
        one.push_image(repository, "v1", repository.to_owned());
        one.push_image(repository, "v2", format!("{repository} 2"));
    }
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    let run = a.run(rule).await;
    let tasks = a.get(&format!("/replication/executions/{}/tasks", run["id"])).await.json();
    let labels: Vec<_> =
        tasks.as_array().unwrap().iter().map(|t| t["src_resource"].as_str().unwrap()).collect();
    assert_eq!(labels, ["open/a [2 item(s) in total]", "open/b [2 item(s) in total]"]);
    let project = Client::admin(&two).get("/projects/open").await.json();
    assert_eq!(project["metadata"]["public"], "true");
    let log = a.get(&format!("/replication/executions/{}/tasks/{}/log", run["id"], tasks[0]["id"])).await;
    assert!(log.text.contains("copy open/a:[v2,v1](source registry) to open/a:[v2,v1]"), "{}", log.text);
}

#[tokio::test]
async fn pull_rule_copies_from_the_peer_and_never_fires_on_events() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    two.push_image("shop/cart", "v1", "one");
    let rule = |name: &str, trigger: &str| json!({"name": name, "enabled": true, "src_registry": {"id": endpoint}, "trigger": {"type": trigger}});
    assert_eq!(a.post("/replication/policies", rule("event", "event_based")).await.status, 201);
    let id = a.post("/replication/policies", rule("pull", "manual")).await.id();
    assert_eq!(a.run(id).await["status"], "Succeed");
    assert!(one.tag_digest("shop/cart", "v1").is_some());
    assert_eq!(one.executions().len(), 1);
}

#[tokio::test]
async fn status_trails_the_counts() {
    let Link { sim: _sim, a, endpoint, one, .. } =
        link(|c| c.timing.status_lag = Duration::from_millis(1500)).await;
    one.push_image("shop/cart", "v1", "one");
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    let id = a.post("/replication/executions", json!({"policy_id": rule})).await.id();
    let path = format!("/replication/executions/{id}");
    let done = until(async || {
        let row = a.get(&path).await.json();
        (row["succeed"] == 1).then_some(row)
    })
    .await;
    assert_eq!(
        (done["status"].as_str(), done["end_time"].as_str()),
        (Some("InProgress"), Some("0001-01-01T00:00:00.000Z"))
    );
    let end = a.ended(id).await;
    assert_eq!(end["status"], "Succeed");
}

#[tokio::test]
async fn single_active_skips_a_second_run_and_older_versions_drop_the_field() {
    let Link { sim: _sim, a, endpoint, one, .. } = link(|_| {}).await;
    one.push_image("shop/cart", "v1", "one");
    one.pause_queue("REPLICATION", true);
    let rule = a.rule("push", endpoint, "manual", json!({"single_active_replication": true})).await;
    let first = a.post("/replication/executions", json!({"policy_id": rule})).await.id();
    let second = a.run(rule).await;
    assert_eq!(second["status"], "Failed");
    assert_eq!(second["status_text"], "Execution skipped: active replication still in progress.");
    one.pause_queue("REPLICATION", false);
    assert_eq!(a.ended(first).await["status"], "Succeed");
    let event = json!({
        "name": "e", "dest_registry": {"id": endpoint}, "trigger": {"type": "event_based"},
        "single_active_replication": true,
    });
    assert_eq!(a.post("/replication/policies", event).await.status, 500);
}

#[tokio::test]
async fn running_rule_is_not_deleted_and_takes_its_executions_along() {
    let Link { sim: _sim, a, endpoint, one, .. } = link(|_| {}).await;
    one.push_image("shop/cart", "v1", "one");
    one.pause_queue("REPLICATION", true);
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    let run = a.post("/replication/executions", json!({"policy_id": rule})).await.id();
    let path = format!("/replication/policies/{rule}");
    let refused = a.delete(&path).await;
    let text = "contains executions that aren't in final status, stop the execution first";
    assert_eq!((refused.status, refused.message().as_str()), (412, text));
    until(async || {
        (a.get(&format!("/replication/executions/{run}")).await.json()["total"] == 1).then_some(())
    })
    .await;
    assert_eq!(a.put(&format!("/replication/executions/{run}"), Value::Null).await.status, 200);
    assert_eq!(a.ended(run).await["status"], "Stopped");
    assert_eq!(a.delete(&path).await.status, 200);
    assert_eq!(a.get(&format!("/replication/executions/{run}")).await.status, 404);
}

#[tokio::test]
async fn paused_queue_keeps_tasks_pending_and_emptying_it_stops_them() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    one.push_image("shop/cart", "v1", "one");
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    let queue = "/jobservice/queues/REPLICATION";
    assert_eq!(a.put(queue, json!({"action": "pause"})).await.status, 200);
    let run = a.post("/replication/executions", json!({"policy_id": rule})).await.id();
    let task = until(async || {
        let list = a.get(&format!("/replication/executions/{run}/tasks")).await.json();
        list.get(0).cloned()
    })
    .await;
    assert_eq!(
        (task["status"].as_str(), task["start_time"].as_str()),
        (Some("Pending"), Some("0001-01-01T00:00:00.000Z"))
    );
    assert_eq!(a.put(queue, json!({"action": "stop"})).await.status, 200);
    let end = a.ended(run).await;
    assert_eq!(
        (end["status"].as_str(), end["end_time"].as_str()),
        (Some("Stopped"), Some("0001-01-01T00:00:00.000Z"))
    );
    assert_eq!(a.put(queue, json!({"action": "resume"})).await.status, 200);
    assert!(two.tag_digest("shop/cart", "v1").is_none());
}

#[tokio::test]
async fn late_echo_writes_the_old_image_back_after_an_outage() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    let b = Client::admin(&two);
    let back = b.endpoint("a", &one).await;
    a.rule("push", endpoint, "event_based", json!({"override": true})).await;
    b.rule("push", back, "event_based", json!({"override": true})).await;
    two.pause_queue("REPLICATION", true);
    let old = one.push_image("shop/cart", "latest", "old");
    wait_for(|| two.executions().len() == 1 && one.is_quiet()).await;
    // B's echo waits in its queue while B is away and A moves the tag.
    two.fault(Fault::Refuse).await;
    one.push_image("shop/cart", "latest", "new");
    wait_for(|| one.executions().len() == 2 && one.is_quiet()).await;
    two.heal().await;
    two.pause_queue("REPLICATION", false);
    wait_for(|| two.is_quiet()).await;
    assert_eq!(one.tag_digest("shop/cart", "latest").unwrap(), old, "the late echo won");
}

#[tokio::test]
async fn target_lost_while_copying_fails_and_then_succeeds_by_itself() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|c| {
        c.timing.job_retry = Duration::from_millis(1500);
        c.timing.status_lag = Duration::from_millis(30);
    })
    .await;
    one.push_image("shop/cart", "v1", "one");
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    one.pause_queue("REPLICATION", true);
    let run = a.post("/replication/executions", json!({"policy_id": rule})).await.id();
    let row = async || a.get(&format!("/replication/executions/{run}")).await.json();
    until(async || (row().await["total"] == 1).then_some(())).await;
    two.fault(Fault::Refuse).await;
    one.pause_queue("REPLICATION", false);
    until(async || (row().await["status"] == "Failed").then_some(())).await;
    two.heal().await;
    let end = until(async || Some(row().await).filter(|r| r["status"] == "Succeed")).await;
    assert_eq!((end["failed"].as_i64(), end["succeed"].as_i64()), (Some(0), Some(1)));
    assert!(two.tag_digest("shop/cart", "v1").is_some());
}

#[tokio::test]
async fn quota_at_the_target_fails_the_task_after_all_tries() {
    let Link { sim: _sim, a, endpoint, one, two } =
        link(|c| c.timing.job_retry = Duration::from_millis(20)).await;
    let b = Client::admin(&two);
    b.post("/projects", json!({"project_name": "shop", "storage_limit": 300})).await;
    one.push_image("shop/cart", "v1", "layer ".repeat(100));
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    a.run(rule).await;
    wait_for(|| one.is_quiet()).await;
    let run = a.get("/replication/executions").await.json()[0].clone();
    assert_eq!((run["status"].as_str(), run["failed"].as_i64()), (Some("Failed"), Some(1)));
    let tasks = a.get(&format!("/replication/executions/{}/tasks", run["id"])).await.json();
    let log =
        a.get(&format!("/replication/executions/{}/tasks/{}/log", run["id"], tasks[0]["id"])).await.text;
    assert!(log.contains("will exceed the configured upper limit of 300 B"), "{log}");
    assert!(log.contains("(the 5th running)..."), "five tries of each blob: {log}");
}

#[tokio::test]
async fn stopped_job_service_fails_runs_at_once_and_refuses_scheduled_rules() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    one.push_image("shop/cart", "v1", "one");
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    one.fault(Fault::Sick(Component::Jobservice)).await;
    let run = a.run(rule).await;
    assert_eq!((run["status"].as_str(), run["total"].as_i64()), (Some("Failed"), Some(0)));
    assert!(run["status_text"].as_str().unwrap().contains("/api/v1/jobs"), "{run}");
    assert_eq!(a.get("/jobservice/pools").await.status, 500);
    assert_eq!(a.get("/schedules").await.status, 200);
    let scheduled = json!({
        "name": "s", "enabled": true, "dest_registry": {"id": endpoint},
        "trigger": {"type": "scheduled", "trigger_settings": {"cron": "0 0 * * * *"}},
    });
    assert_eq!(a.post("/replication/policies", scheduled).await.status, 500);
    one.heal().await;
    assert!(two.tag_digest("shop/cart", "v1").is_none(), "nothing is replayed");
    assert_eq!(a.run(rule).await["status"], "Succeed");
}

#[tokio::test]
async fn speed_slows_only_what_is_above_a_megabyte() {
    let Link { sim: _sim, a, endpoint, one, .. } = link(|_| {}).await;
    one.push_image("shop/small", "v1", vec![1u8; 600_000]);
    let rule = a.rule("small", endpoint, "manual", json!({"speed": 1})).await;
    let begun = Instant::now();
    assert_eq!(a.run(rule).await["status"], "Succeed");
    assert!(begun.elapsed() < Duration::from_secs(4), "blobs below the burst are never slowed");
    one.push_image("shop/large", "v1", vec![2u8; 1_024_000 + 128 * 400]);
    let rule = a.rule("large", endpoint, "manual", json!({"speed": 400})).await;
    let begun = Instant::now();
    assert_eq!(a.run(rule).await["status"], "Succeed");
    assert!(begun.elapsed() >= Duration::from_secs(1), "the rest goes at speed × 128 bytes a second");
}

#[tokio::test]
async fn sweep_keeps_the_newest_fifty_runs() {
    let Link { sim, a, endpoint, one, .. } = link(|_| {}).await;
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    for _ in 0..56 {
        a.post("/replication/executions", json!({"policy_id": rule})).await;
    }
    wait_for(|| one.is_quiet()).await;
    assert_eq!(one.executions().len(), 56, "they pile up during the day");
    sim.clock().advance(Duration::from_secs(86_400));
    wait_for(|| one.executions().len() == 50).await;
    assert_eq!(one.executions()[0].0, 7, "the oldest went");
}

#[tokio::test]
async fn stop_before_there_are_tasks_says_stopped_and_copies_all_the_same() {
    let Link { sim: _sim, a, endpoint, one, two } = link(|_| {}).await;
    one.push_image("shop/cart", "v1", "one");
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    two.fault(Fault::Hang).await;
    let run = a.post("/replication/executions", json!({"policy_id": rule})).await.id();
    assert_eq!(a.put(&format!("/replication/executions/{run}"), Value::Null).await.status, 200);
    two.heal().await;
    wait_for(|| two.tag_digest("shop/cart", "v1").is_some() && one.is_quiet()).await;
    let end = a.get(&format!("/replication/executions/{run}")).await.json();
    assert_eq!((end["status"].as_str(), end["succeed"].as_i64()), (Some("Stopped"), Some(1)));
}
