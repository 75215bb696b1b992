//! behaviour.json, deletion-events: what a deletion event does at the target.

use harbor_sim::{NodeHandle, Sim, SimConfig};
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, wait_for};

async fn linked(more: serde_json::Value) -> (Sim, Client, NodeHandle, NodeHandle) {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let a = Client::admin(&sim.node(0));
    let endpoint = a.endpoint("b", &sim.node(1)).await;
    a.rule("push", endpoint, "event_based", more).await;
    let (one, two) = (sim.node(0), sim.node(1));
    (sim, a, one, two)
}

#[tokio::test]
async fn tag_deletion_removes_only_the_tag() {
    let (_sim, _, a, b) = linked(json!({"deletion": true})).await;
    a.push_image("shop/cart", "v1", "one");
    a.push_image("shop/cart", "v2", "one");
    wait_for(|| b.tag_digest("shop/cart", "v2").is_some() && a.is_quiet()).await;
    a.delete_tag("shop/cart", "v1");
    wait_for(|| b.tag_digest("shop/cart", "v1").is_none()).await;
    assert!(b.tag_digest("shop/cart", "v2").is_some());
}

#[tokio::test]
async fn artifact_deletion_removes_whatever_the_tag_points_to_at_the_target() {
    let (_sim, _, a, b) = linked(json!({"deletion": true})).await;
    let ours = a.push_image("shop/cart", "t1", "ours");
    wait_for(|| b.tag_digest("shop/cart", "t1").is_some() && a.is_quiet()).await;
    b.push_image("shop/cart", "t1", "another");
    b.push_image("shop/cart", "other", "another");
    a.delete_artifact("shop/cart", "t1");
    wait_for(|| b.tag_digest("shop/cart", "other").is_none()).await;
    assert!(b.tag_digest("shop/cart", "t1").is_none());
    assert!(b.tag_digest("shop/cart", &ours).is_some(), "the right one is left there, untagged");
}

#[tokio::test]
async fn replicate_deletion_alone_does_nothing() {
    let (_sim, client, a, b) = linked(json!({"replicate_deletion": true})).await;
    a.push_image("shop/cart", "v1", "one");
    wait_for(|| b.tag_digest("shop/cart", "v1").is_some() && a.is_quiet()).await;
    a.delete_tag("shop/cart", "v1");
    let rule = client.get("/replication/policies").await.json()[0].clone();
    assert!(rule["deletion"].is_null() && rule["replicate_deletion"].is_null(), "{rule}");
    // The event would have started its run by the time another one has ended.
    a.push_image("shop/cart", "v2", "two");
    wait_for(|| b.tag_digest("shop/cart", "v2").is_some() && a.is_quiet()).await;
    assert_eq!(a.executions().len(), 2);
    assert!(b.tag_digest("shop/cart", "v1").is_some());
}

#[tokio::test]
async fn repository_deletion_deletes_each_artifact_and_leaves_the_empty_repository() {
    let (_sim, client, a, b) = linked(json!({"deletion": true})).await;
    a.push_image("shop/cart", "v1", "one");
    a.push_image("shop/cart", "v2", "two");
    wait_for(|| b.tag_digest("shop/cart", "v2").is_some() && a.is_quiet()).await;
    let gone = client.delete("/projects/shop/repositories/cart").await;
    assert_eq!(gone.status, 200);
    wait_for(|| b.tags("shop").is_empty() && a.is_quiet()).await;
    assert_eq!(a.executions().len(), 4, "two copies, two deletions");
    let there = Client::admin(&b).get("/projects/shop/repositories/cart").await;
    assert_eq!((there.status, there.json()["artifact_count"].as_i64()), (200, Some(0)));
}

#[tokio::test]
async fn deletion_by_tag_and_digest_is_compare_and_delete() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let (node, admin) = (sim.node(0), Client::admin(&sim.node(0)));
    let old = node.push_image("shop/cart", "v1", "one");
    node.push_image("shop/cart", "v1", "two");
    node.push_image("shop/cart", "sibling", "two");
    let wrong = admin.delete(&format!("/projects/shop/repositories/cart/artifacts/{old}/tags/v1")).await;
    assert_eq!(wrong.status, 404);
    let now = node.tag_digest("shop/cart", "v1").unwrap();
    let right = admin.delete(&format!("/projects/shop/repositories/cart/artifacts/{now}/tags/v1")).await;
    assert_eq!(right.status, 200);
    assert!(node.tag_digest("shop/cart", "sibling").is_some());
}

#[tokio::test]
async fn index_push_runs_once_per_manifest_and_echoes_more() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let (a, b) = (Client::admin(&sim.node(0)), Client::admin(&sim.node(1)));
    let (to_b, to_a) = (a.endpoint("b", &sim.node(1)).await, b.endpoint("a", &sim.node(0)).await);
    a.rule("push", to_b, "event_based", json!({"override": true})).await;
    b.rule("push", to_a, "event_based", json!({"override": true})).await;
    let node = sim.node(0);
    let children =
        [node.push_image("shop/multi", "x1", "amd64"), node.push_image("shop/multi", "x2", "arm64")];
    wait_for(|| node.is_quiet() && sim.node(1).is_quiet() && sim.node(1).executions().len() == 2).await;
    let list: Vec<_> = children.iter().map(|d| json!({"digest": d, "size": 400, "platform": {}})).collect();
    let kind = "application/vnd.oci.image.index.v1+json";
    let index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": list});
    let put =
        a.raw(Method::PUT, "/v2/shop/multi/manifests/all", Some(index), &[("content-type", kind)]).await;
    assert_eq!(put.status, 201, "{}", put.text);
    wait_for(|| sim.node(1).executions().len() == 5 && node.is_quiet() && sim.node(1).is_quiet()).await;
    assert_eq!(
        node.executions().len(),
        3,
        "one run on A for the index; B echoes the index and both children"
    );
}
