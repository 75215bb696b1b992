//! Schedules: what each version takes, what stops them, what an impossible one does.

use std::time::Duration;

use harbor_sim::{Sim, SimConfig};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, wait_for};

async fn scheduled(version: &str) -> (Sim, Client, i64) {
    let sim = Sim::start(SimConfig::independent(2, version)).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let endpoint = a.endpoint("b", &sim.node(1)).await;
    (sim, a, endpoint)
}

fn rule(name: &str, endpoint: i64, cron: &str, enabled: bool) -> Value {
    json!({
        "name": name, "enabled": enabled, "dest_registry": {"id": endpoint},
        "trigger": {"type": "scheduled", "trigger_settings": {"cron": cron}},
    })
}

#[tokio::test]
async fn cron_forms_are_taken_or_refused_as_each_version_did() {
    let seconds = "the 1st field (indicating Seconds of time) of the cron setting must be 0";
    let minutes = "* is not allowed for the Minutes field of the cron setting of replication policy";
    for (version, old) in [("2.8.6", true), ("2.10.3", false), ("2.15.2", false)] {
        let (_sim, a, endpoint) = scheduled(version).await;
        for (cron, refusal) in [
            ("*/10 * * * * *", Some(seconds)),
            ("* * * * * *", Some(seconds)),
            ("5 0 * * * *", Some(seconds)),
            ("00 0 * * * *", Some(seconds)),
            (" 0 0 * * * *", Some(seconds)),
            ("TZ=UTC 0 0 0 * * *", Some(seconds)),
            ("0 * * * * *", Some(minutes)),
            ("0 */10 * * * *", None),
            ("0 */1 * * * *", None),
            ("0 0-59 * * * *", None),
            ("0  0 * * * *", None),
            ("0 0 0 * * MON", None),
            ("0 0 0 * * ?", None),
        ] {
            let got = a.post("/replication/policies", rule(cron, endpoint, cron, true)).await;
            match refusal.filter(|_| !old) {
                Some(text) => {
                    assert_eq!((got.status, got.message().as_str()), (400, text), "{version} {cron}")
                }
                None => assert_eq!(got.status, 201, "{version} {cron}: {}", got.text),
            }
        }
        for cron in ["*/10 * * * *", "@hourly", "@every 10s", "0 0 0 1 1 * 2027", "bogus", "0 60 * * * *"] {
            let got = a.post("/replication/policies", rule(cron, endpoint, cron, true)).await;
            let text = format!("invalid cron string for scheduled trigger: {cron}");
            assert_eq!((got.status, got.message()), (400, text), "{version}");
        }
    }
}

#[tokio::test]
async fn schedule_row_goes_with_disabling_and_returns_with_a_new_id() {
    let (sim, a, endpoint) = scheduled("2.15.2").await;
    let id = a.post("/replication/policies", rule("s", endpoint, "0 */1 * * * *", true)).await.id();
    let row = async || {
        let list = a.get("/schedules").await.json();
        list.as_array().unwrap().iter().find(|s| s["vendor_id"] == id).map(|s| s["id"].as_i64().unwrap())
    };
    let first = row().await.unwrap();
    let path = format!("/replication/policies/{id}");
    a.put(&path, rule("s", endpoint, "0 */1 * * * *", false)).await;
    assert_eq!(row().await, None);
    a.put(&path, rule("s", endpoint, "0 */1 * * * *", true)).await;
    assert!(row().await.unwrap() > first);
    assert_eq!(sim.node(0).executions().len(), 0, "switching on does not run at once");
}

#[tokio::test]
async fn flushed_redis_stops_schedules_until_a_restart_or_a_put() {
    let (sim, a, endpoint) = scheduled("2.15.2").await;
    let node = sim.node(0);
    let id = a.post("/replication/policies", rule("s", endpoint, "0 */1 * * * *", true)).await.id();
    node.flush_jobs();
    sim.clock().advance(Duration::from_secs(120));
    assert_eq!(a.get("/health").await.json()["status"], "healthy");
    assert!(a.get("/schedules").await.json().as_array().unwrap().iter().any(|s| s["vendor_id"] == id));
    assert_eq!(a.run(id).await["status"], "Succeed", "manual runs work");
    assert_eq!(node.executions().len(), 1, "no tick");
    node.restart();
    sim.clock().advance(Duration::from_secs(60));
    wait_for(|| node.executions().len() == 2).await;
    node.flush_jobs();
    a.put(&format!("/replication/policies/{id}"), rule("s", endpoint, "0 */1 * * * *", true)).await;
    sim.clock().advance(Duration::from_secs(60));
    wait_for(|| node.executions().len() == 3).await;
}

#[tokio::test]
async fn overlapping_runs_pile_up() {
    let (sim, a, endpoint) = scheduled("2.15.2").await;
    let node = sim.node(0);
    node.push_image("shop/cart", "v1", "one");
    node.pause_queue("REPLICATION", true);
    a.post("/replication/policies", rule("s", endpoint, "0 */1 * * * *", true)).await;
    for count in 1..=4 {
        sim.clock().advance(Duration::from_secs(60));
        wait_for(|| node.executions().len() == count).await;
    }
    assert!(node.executions().iter().all(|e| e.3 == "InProgress"));
}

#[tokio::test]
async fn paused_scheduler_does_not_tick() {
    let (sim, a, endpoint) = scheduled("2.15.2").await;
    a.post("/replication/policies", rule("s", endpoint, "0 */1 * * * *", true)).await;
    a.put("/jobservice/queues/SCHEDULER", json!({"action": "pause"})).await;
    assert_eq!(a.get("/schedules/all/paused").await.json()["paused"], true);
    sim.clock().advance(Duration::from_secs(60));
    assert_eq!(a.get("/schedules/REPLICATION/paused").await.status, 400);
    assert_eq!(sim.node(0).executions().len(), 0);
    a.put("/jobservice/queues/SCHEDULER", json!({"action": "resume"})).await;
    sim.clock().advance(Duration::from_secs(60));
    wait_for(|| sim.node(0).executions().len() == 1).await;
}

#[tokio::test]
async fn impossible_cron_never_answers_and_wedges_schedules_until_a_restart() {
    let (sim, a, endpoint) = scheduled("2.15.2").await;
    let node = sim.node(0);
    a.post("/replication/policies", rule("good", endpoint, "0 */1 * * * *", true)).await;
    let body = rule("never", endpoint, "0 0 0 30 2 *", true);
    let ask = async |body: &Value| {
        let request = a.raw(Method::POST, "/api/v2.0/replication/policies", Some(body.clone()), &[]);
        tokio::time::timeout(Duration::from_millis(500), request).await.ok().map(|got| got.status)
    };
    assert_eq!(ask(&body).await, None, "the call never ends");
    assert_eq!(ask(&body).await, None, "nor does a second one of this name");
    let other = rule("other", endpoint, "0 0 3 * * *", true);
    assert_eq!(a.post("/replication/policies", other).await.status, 201);
    assert_eq!(a.get("/health").await.json()["status"], "healthy");
    sim.clock().advance(Duration::from_secs(60));
    let names = a.get("/replication/policies").await.json();
    assert!(names.as_array().unwrap().iter().all(|p| p["name"] != "never"), "it is not stored");
    assert_eq!(node.executions().len(), 0, "the job service spins");
    node.restart();
    sim.clock().advance(Duration::from_secs(60));
    wait_for(|| !node.executions().is_empty()).await;
}

#[tokio::test]
async fn nodes_on_one_database_tick_each_schedule_once() {
    let mut config = SimConfig::shared(3, "2.15.2");
    config.nodes[2].shares = None;
    let sim = Sim::start(config).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let endpoint = a.endpoint("c", &sim.node(2)).await;
    a.post("/replication/policies", rule("s", endpoint, "0 */1 * * * *", true)).await;
    for count in 1..=3 {
        sim.clock().advance(Duration::from_secs(60));
        wait_for(|| sim.node(0).executions().len() >= count).await;
    }
    assert_eq!(sim.node(1).executions().len(), 3);
}
