//! Endpoints: what creating, changing and pinging them says about the peer.

use harbor_sim::{Fault, NodeConfig, Sim, SimConfig, TlsMode};
use serde_json::json;

use crate::client::Client;

async fn pair(version: &str) -> (Sim, Client, i64) {
    let sim = Sim::start(SimConfig::independent(2, version)).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let id = a.endpoint("b", &sim.node(1)).await;
    (sim, a, id)
}

#[tokio::test]
async fn status_stays_healthy_when_the_peer_refuses_and_turns_when_the_credential_is_revoked() {
    let (sim, a, _) = pair("2.15.2").await;
    let b = Client::admin(&sim.node(1));
    let (robot, client) = b.robot("link", &[], &["repository:pull"]).await;
    let (user, secret) = client.user.unwrap();
    let id = a.endpoint_as("robot", &sim.node(1), &user, &secret).await;
    let status =
        async || a.get(&format!("/registries/{id}")).await.json()["status"].as_str().unwrap().to_owned();
    sim.node(1).fault(Fault::Refuse).await;
    sim.node(0).check_endpoints().await;
    assert_eq!(status().await, "healthy");
    sim.node(1).heal().await;
    assert_eq!(b.delete(&format!("/robots/{robot}")).await.status, 200);
    sim.node(0).check_endpoints().await;
    assert_eq!(status().await, "unhealthy");
}

#[tokio::test]
async fn endpoint_of_a_dead_peer_cannot_be_edited_except_to_a_living_address() {
    let (sim, a, id) = pair("2.15.2").await;
    sim.node(1).fault(Fault::Refuse).await;
    let path = format!("/registries/{id}");
    assert_eq!(a.put(&path, json!({"description": "y"})).await.status, 500);
    sim.node(1).fault(Fault::BadGateway).await;
    sim.node(1).clear(&Fault::Refuse).await;
    assert_eq!(a.put(&path, json!({"description": "y"})).await.status, 502);
    assert_eq!(a.post("/registries/ping", json!({"id": id})).await.status, 502);
    let elsewhere = json!({"url": sim.node(0).url(), "access_key": "admin", "access_secret": "Harbor12345"});
    assert_eq!(a.put(&path, elsewhere).await.status, 200);
}

#[tokio::test]
async fn starred_secret_is_refused_and_the_stored_one_stands() {
    let (_sim, a, id) = pair("2.15.2").await;
    assert_eq!(a.get(&format!("/registries/{id}")).await.json()["credential"]["access_secret"], "*****");
    let got =
        a.put(&format!("/registries/{id}"), json!({"access_key": "admin", "access_secret": "*****"})).await;
    assert_eq!((got.status, got.message().as_str()), (400, "the registry is unhealthy"));
    assert_eq!(a.post("/registries/ping", json!({"id": id})).await.status, 200);
}

#[tokio::test]
async fn new_url_without_secret_is_refused_from_216() {
    for (version, put, ping) in [("2.15.2", 200, 500), ("2.16.0", 400, 200)] {
        let (sim, a, id) = pair(version).await;
        let same_peer = sim.node(1).url().replace("127.0.0.1", "localhost");
        let got = a.put(&format!("/registries/{id}"), json!({"url": same_peer})).await;
        assert_eq!(got.status, put, "{version} {}", got.text);
        sim.node(0).restart();
        let dead = json!({"id": id, "url": "http://127.0.0.1:1"});
        assert_eq!(a.post("/registries/ping", dead).await.status, ping, "{version}");
    }
}

#[tokio::test]
async fn ping_without_credential_proves_nothing_and_the_run_fails() {
    let (sim, a, _) = pair("2.15.2").await;
    let body = json!({"name": "anonymous", "url": sim.node(1).url(), "type": "harbor"});
    let id = a.post("/registries", body).await.id();
    assert_eq!(a.post("/registries/ping", json!({"id": id})).await.status, 200);
    sim.node(0).push_image("shop/cart", "v1", "one");
    let rule = a.rule("push", id, "manual", json!({})).await;
    let run = a.run(rule).await;
    assert_eq!((run["status"].as_str(), run["total"].as_i64()), (Some("Failed"), Some(0)));
}

#[tokio::test]
async fn endpoint_in_use_is_not_deleted() {
    let (_sim, a, id) = pair("2.15.2").await;
    a.rule("push", id, "manual", json!({})).await;
    let got = a.delete(&format!("/registries/{id}")).await;
    let text = format!("the registry {id} is referenced by replication policies, cannot delete it");
    assert_eq!((got.status, got.message()), (412, text));
}

#[tokio::test]
async fn secretkey_of_fifteen_characters_fails_only_where_something_is_sealed() {
    let mut config = SimConfig::independent(2, "2.15.2");
    config.nodes[0].secrets.secretkey = "123456789012345".to_owned();
    let sim = Sim::start(config).await.unwrap();
    let a = Client::admin(&sim.node(0));
    assert_eq!(a.get("/health").await.json()["status"], "healthy");
    let credential = json!({"type": "basic", "access_key": "admin", "access_secret": "Harbor12345"});
    let body = json!({"name": "b", "url": sim.node(1).url(), "type": "harbor", "credential": credential});
    assert_eq!(a.post("/registries", body).await.status, 500);
}

#[tokio::test]
async fn certificate_is_verified_unless_told_otherwise() {
    let mut nodes = vec![NodeConfig::new("a", "2.15.2")];
    for mode in [TlsMode::SelfSigned, TlsMode::Expired, TlsMode::WrongHost] {
        nodes.push(NodeConfig { tls: Some(mode), ..NodeConfig::new("b", "2.15.2") });
    }
    let sim = Sim::start(SimConfig { nodes, ..SimConfig::default() }).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let body = |at: usize, more: serde_json::Value| {
        let mut body = json!({
            "type": "harbor", "url": sim.node(at).url(), "access_key": "admin", "access_secret": "Harbor12345",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for at in 1..4 {
        assert_eq!(a.post("/registries/ping", body(at, json!({}))).await.status, 500, "node {at}");
        assert_eq!(
            a.post("/registries/ping", body(at, json!({"insecure": true}))).await.status,
            200,
            "node {at}"
        );
        let ca = json!({"ca_certificate": sim.node(at).ca_pem().unwrap()});
        let expected = if at == 1 { 200 } else { 500 };
        assert_eq!(a.post("/registries/ping", body(at, ca)).await.status, expected, "node {at}");
    }
    sim.node(1).fault(Fault::Certificate(TlsMode::Expired)).await;
    let ca = json!({"ca_certificate": sim.node(1).ca_pem().unwrap()});
    assert_eq!(a.post("/registries/ping", body(1, ca)).await.status, 500, "expired by fault");
}
