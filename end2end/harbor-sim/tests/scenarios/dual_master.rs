//! probes.md, "Dual-master": what schedules and events in both directions do.

use std::time::Duration;

use harbor_sim::{Fault, Sim, SimConfig};
use serde_json::json;

use crate::client::{Client, wait_for};

struct Pair {
    sim: Sim,
    a: Client,
    b: Client,
    to_b: i64,
    to_a: i64,
}

async fn pair() -> Pair {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let (a, b) = (Client::admin(&sim.node(0)), Client::admin(&sim.node(1)));
    let to_b = a.endpoint("b", &sim.node(1)).await;
    let to_a = b.endpoint("a", &sim.node(0)).await;
    Pair { sim, a, b, to_b, to_a }
}

#[tokio::test]
async fn run_of_the_other_side_puts_the_old_tag_back_with_override() {
    let Pair { sim, a, b, to_b, to_a } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    let over = json!({"override": true});
    let rule_a = a.rule("push", to_b, "manual", over.clone()).await;
    let rule_b = b.rule("push", to_a, "manual", over).await;
    let old = node_a.push_image("shop/cart", "latest", "old");
    assert_eq!(a.run(rule_a).await["status"], "Succeed");
    assert_eq!(node_b.tag_digest("shop/cart", "latest").unwrap(), old);
    let new = node_a.push_image("shop/cart", "latest", "new");
    assert_eq!(b.run(rule_b).await["status"], "Succeed");
    assert_eq!(node_a.tag_digest("shop/cart", "latest").unwrap(), old, "B's run put the old image back on A");
    assert!(node_a.tag_digest("shop/cart", &new).is_some(), "the new image is there without its tag");
    assert_eq!(a.run(rule_a).await["status"], "Succeed");
    assert_eq!(node_b.tag_digest("shop/cart", "latest").unwrap(), old);
}

#[tokio::test]
async fn run_without_override_moves_nothing_and_succeeds() {
    let Pair { sim, a, b, to_b, to_a } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    let rule_a = a.rule("push", to_b, "manual", json!({})).await;
    let rule_b = b.rule("push", to_a, "manual", json!({})).await;
    let old = node_a.push_image("shop/cart", "latest", "old");
    a.run(rule_a).await;
    let new = node_a.push_image("shop/cart", "latest", "new");
    assert_eq!(b.run(rule_b).await["status"], "Succeed");
    assert_eq!(a.run(rule_a).await["status"], "Succeed");
    assert_eq!(node_a.tag_digest("shop/cart", "latest").unwrap(), new);
    assert_eq!(node_b.tag_digest("shop/cart", "latest").unwrap(), old);
}

#[tokio::test]
async fn deletion_comes_back_with_the_other_sides_run() {
    let Pair { sim, a, b, to_b, to_a } = pair().await;
    let node_a = sim.node(0);
    let rule_a = a.rule("push", to_b, "manual", json!({})).await;
    let rule_b = b.rule("push", to_a, "manual", json!({})).await;
    node_a.push_image("shop/cart", "v1", "one");
    a.run(rule_a).await;
    assert!(node_a.delete_artifact("shop/cart", "v1"));
    b.run(rule_b).await;
    assert!(node_a.tag_digest("shop/cart", "v1").is_some(), "the artifact is back on A");
}

#[tokio::test]
async fn scheduled_rule_runs_when_the_clock_is_advanced() {
    let Pair { sim, a, to_b, .. } = pair().await;
    let trigger = json!({"trigger": {"type": "scheduled", "trigger_settings": {"cron": "0 */10 * * * *"}}});
    a.rule("push", to_b, "scheduled", trigger).await;
    sim.node(0).push_image("shop/cart", "v1", "one");
    sim.clock().advance(Duration::from_secs(600));
    wait_for(|| sim.node(1).tag_digest("shop/cart", "v1").is_some()).await;
    let runs = sim.node(0).executions();
    assert_eq!((runs.len(), runs[0].2.as_str()), (1, "scheduled"));
}

#[tokio::test]
async fn event_is_lost_while_the_target_refuses_and_a_manual_run_heals() {
    let Pair { sim, a, to_b, .. } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    let rule = a.rule("push", to_b, "event_based", json!({"deletion": true})).await;
    node_b.fault(Fault::Refuse).await;
    node_a.push_image("shop/cart", "v1", "one");
    wait_for(|| node_a.executions().len() == 1 && node_a.is_quiet()).await;
    let run = &node_a.executions()[0];
    assert_eq!((run.3.as_str(), run.5), ("Failed", 0));
    assert!(run.4.starts_with("failed to create adapter for destination registry"), "{}", run.4);
    assert!(run.4.ends_with("connect: connection refused"), "{}", run.4);
    assert_eq!(
        a.get(&format!("/registries/{to_b}")).await.json()["status"],
        "healthy",
        "the status is stale"
    );
    assert_eq!(a.post("/registries/ping", json!({"id": to_b})).await.status, 500);
    node_b.heal().await;
    sim.clock().advance(Duration::from_secs(180));
    assert_eq!(node_a.executions().len(), 1, "nothing is replayed");
    assert_eq!(a.run(rule).await["status"], "Succeed");
    assert!(node_b.tag_digest("shop/cart", "v1").is_some());
}

#[tokio::test]
async fn one_push_with_event_rules_both_ways_echoes_once_and_stops() {
    let Pair { sim, a, b, to_b, to_a } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    a.rule("push", to_b, "event_based", json!({"override": true})).await;
    b.rule("push", to_a, "event_based", json!({"override": true})).await;
    node_a.push_image("shop/cart", "v1", "one");
    wait_for(|| node_b.executions().len() == 1 && node_a.is_quiet() && node_b.is_quiet()).await;
    assert_eq!((node_a.executions().len(), node_b.executions().len()), (1, 1));
    assert_eq!(node_b.executions()[0].3, "Succeed");
}

#[tokio::test]
async fn loser_of_a_conflict_stays_untagged_and_is_copied_back() {
    let Pair { sim, a, b, to_b, to_a } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    let rule_a = a.rule("push", to_b, "manual", json!({"override": true})).await;
    let rule_b = b.rule("push", to_a, "manual", json!({"override": true})).await;
    let ours = node_a.push_image("shop/cart", "v1", "of A");
    let theirs = node_b.push_image("shop/cart", "v1", "of B");
    assert_eq!(a.run(rule_a).await["status"], "Succeed");
    assert_eq!(b.run(rule_b).await["status"], "Succeed");
    for node in [&node_a, &node_b] {
        assert_eq!(node.tag_digest("shop/cart", "v1").unwrap(), ours, "the first full run wins");
        assert!(node.tag_digest("shop/cart", &theirs).is_some(), "the loser is on both, untagged");
    }
}

#[tokio::test]
async fn cut_link_keeps_the_run_in_progress_until_it_heals() {
    let Pair { sim, a, to_b, .. } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    a.rule("push", to_b, "event_based", json!({})).await;
    node_b.fault(Fault::Hang).await;
    node_a.push_image("shop/cart", "v1", "one");
    wait_for(|| node_a.executions().len() == 1).await;
    let ping = a.post("/registries/ping", json!({"id": to_b}));
    assert!(
        tokio::time::timeout(Duration::from_millis(300), ping).await.is_err(),
        "a ping gets no answer either"
    );
    let run = &node_a.executions()[0];
    assert_eq!((run.3.as_str(), run.5), ("InProgress", 0));
    node_b.heal().await;
    wait_for(|| node_a.is_quiet()).await;
    assert_eq!(node_a.executions()[0].3, "Succeed");
    assert!(node_b.tag_digest("shop/cart", "v1").is_some());
}

#[tokio::test]
async fn run_with_nothing_to_do_asks_the_target_for_each_artifact() {
    let Pair { sim, a, to_b, .. } = pair().await;
    let (node_a, node_b) = (sim.node(0), sim.node(1));
    for n in 0..10 {
        node_a.push_image("shop/cart", &format!("v{n}"), format!("image {n}"));
    }
    let rule = a.rule("push", to_b, "manual", json!({})).await;
    assert_eq!(a.run(rule).await["status"], "Succeed");
    let before = node_b.served();
    assert_eq!(a.run(rule).await["status"], "Succeed");
    let asked = node_b.served() - before;
    assert!((10..=20).contains(&asked), "one HEAD per artifact and a few more: {asked}");
}
