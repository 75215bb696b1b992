//! versions.md: what differs between versions, and that they replicate with each other.

use harbor_sim::{NodeConfig, Sim, SimConfig};
use serde_json::json;

use crate::client::{Client, until};

const ALL: [&str; 7] = ["2.8.6", "2.10.3", "2.12.4", "2.13.5", "2.14.4", "2.15.2", "2.16.0"];

fn at_least(version: &str, minor: u32) -> bool {
    version.split('.').nth(1).unwrap().parse::<u32>().unwrap() >= minor
}

#[tokio::test]
async fn each_version_shows_what_was_seen_of_it() {
    for version in ALL {
        let sim = Sim::start(SimConfig::independent(2, version)).await.unwrap();
        let a = Client::admin(&sim.node(0));
        let anonymous = Client::anonymous(&sim.node(0)).get("/systeminfo").await.json();
        assert_eq!(anonymous["harbor_version"].is_string(), !at_least(version, 13), "{version}");
        assert_eq!(anonymous.get("banner_message").is_some(), at_least(version, 10), "{version}");
        sim.node(0).push_image("shop/cart", "v1", "one");
        let log = a.get("/audit-logs").await.json().as_array().unwrap().len();
        assert_eq!(log > 0, !at_least(version, 13), "{version}");
        let exts = a.get("/auditlog-exts").await.status;
        assert_eq!(exts, if at_least(version, 13) { 200 } else { 404 }, "{version}");
        let artifacts = a.get("/projects/shop/artifacts").await.status;
        assert_eq!(artifacts, if at_least(version, 12) { 200 } else { 404 }, "{version}");
        let row = a.get("/projects/shop/repositories/cart/artifacts").await.json()[0].clone();
        assert_eq!(row.get("repository_name").is_some(), at_least(version, 12), "{version}");
        assert_eq!(row["tags"][0].get("signed").is_some(), !at_least(version, 9), "{version}");
        let permissions = a.get("/permissions").await.status;
        assert_eq!(permissions, if at_least(version, 10) { 200 } else { 404 }, "{version}");
        let endpoint = a.endpoint("b", &sim.node(1)).await;
        let rule = a.rule("r", endpoint, "manual", json!({"single_active_replication": true})).await;
        let shown = a.get(&format!("/replication/policies/{rule}")).await.json();
        assert_eq!(shown.get("single_active_replication").is_some(), at_least(version, 14), "{version}");
        let ca = json!({
            "name": "ca", "url": sim.node(1).url(), "type": "harbor", "ca_certificate": "nope",
        });
        let status = a.post("/registries", ca).await.status;
        assert_eq!(status, if at_least(version, 15) { 400 } else { 201 }, "{version}");
        let adapters = a.get("/replication/adapters").await.json();
        let has = |name: &str| adapters.as_array().unwrap().iter().any(|x| x == name);
        assert_eq!(
            (has("quay"), has("volcengine-cr")),
            (!at_least(version, 14), at_least(version, 12)),
            "{version}"
        );
        let queues = a.get("/jobservice/queues").await.json();
        let gdpr = queues.as_array().unwrap().iter().any(|q| q["job_type"] == "AUDIT_LOGS_GDPR_COMPLIANT");
        assert_eq!(gdpr, at_least(version, 10), "{version}");
    }
}

#[tokio::test]
async fn digest_in_audit_rows_follows_a_colon_to_210_and_an_at_sign_from_212() {
    for (version, separator) in [("2.8.6", ':'), ("2.10.3", ':'), ("2.12.4", '@'), ("2.15.2", '@')] {
        let sim = Sim::start(SimConfig::independent(1, version)).await.unwrap();
        let node = sim.node(0);
        let digest = node.push_image("shop/cart", "v1", "one");
        node.delete_artifact("shop/cart", "v1");
        let row = node.audit().into_iter().find(|r| r.operation == "delete").unwrap();
        assert_eq!(row.resource, format!("shop/cart{separator}{digest}"), "{version}");
    }
}

#[tokio::test]
async fn sign_ins_are_logged_from_213() {
    for version in ["2.12.4", "2.13.5"] {
        let sim = Sim::start(SimConfig::independent(1, version)).await.unwrap();
        let mut browser = crate::sessions::Browser::new(&sim.node(0));
        assert_eq!(browser.sign_in("admin", "Harbor12345").await, 200);
        let logged = sim.node(0).audit().iter().any(|r| r.operation == "login");
        assert_eq!(logged, at_least(version, 13), "{version}");
    }
}

#[tokio::test]
async fn every_version_replicates_with_2152_both_ways() {
    for version in ALL {
        let nodes = vec![NodeConfig::new("a", version), NodeConfig::new("b", "2.15.2")];
        let sim = Sim::start(SimConfig { nodes, ..SimConfig::default() }).await.unwrap();
        for (from, to) in [(0, 1), (1, 0)] {
            let client = Client::admin(&sim.node(from));
            let endpoint = client.endpoint("peer", &sim.node(to)).await;
            client.rule("event", endpoint, "event_based", json!({"deletion": true, "override": true})).await;
            let repository = format!("way{from}/cart");
            sim.node(from).push_image(&repository, "v1", "one");
            until(async || sim.node(to).tag_digest(&repository, "v1")).await;
            sim.node(from).delete_tag(&repository, "v1");
            until(async || sim.node(to).tag_digest(&repository, "v1").is_none().then_some(())).await;
        }
    }
}

#[tokio::test]
async fn version_one_is_told_by_its_missing_version_call() {
    let sim = Sim::start(SimConfig::independent(1, "1.10.18")).await.unwrap();
    let client = Client::anonymous(&sim.node(0));
    assert_eq!(client.raw(reqwest::Method::GET, "/api/version", None, &[]).await.status, 404);
}

#[tokio::test]
async fn partial_put_of_a_rule_replaces_everything() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let endpoint = a.endpoint("b", &sim.node(1)).await;
    let more = json!({
        "description": "d", "override": true, "speed": 512, "filters": [{"type": "name", "value": "a/**"}],
        "trigger": {"type": "scheduled", "trigger_settings": {"cron": "0 0 0 * * *"}},
    });
    let id = a.rule("r", endpoint, "scheduled", more).await;
    let path = format!("/replication/policies/{id}");
    let whole = a.get(&path).await.json();
    assert_eq!(a.put(&path, whole.clone()).await.status, 200, "what GET gave is taken back");
    let mut again = a.get(&path).await.json();
    again["update_time"] = whole["update_time"].clone();
    assert_eq!(again, whole);
    assert_eq!(a.put(&path, json!({"name": "r", "dest_registry": {"id": endpoint}})).await.status, 200);
    let left = a.get(&path).await.json();
    for gone in ["enabled", "override", "description", "trigger"] {
        assert!(left.get(gone).is_none(), "{gone}");
    }
    assert_eq!((left["filters"].is_null(), left["speed"].as_i64()), (true, Some(0)));
    assert_eq!(a.put(&path, json!({"enabled": false})).await.status, 400);
}
