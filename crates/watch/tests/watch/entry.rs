//! The address users pull from.

use harbor::Credential;
use harbor_sim::Fault;
use model::{
    Topology,
    health::{ClusterHealth, HealthState},
};

use crate::world::{World, cluster, entry_at};

#[tokio::test]
async fn poll_tells_a_dead_entry_before_living_nodes() {
    let world = World::new(3).await;
    let nodes: Vec<_> = world.sim.nodes().into_iter().take(2).collect();
    let mut wanted = cluster(1, Topology::DualMaster, &nodes, &Credential::Anonymous);
    // The third node stands for the load balancer.
    wanted.entry = Some(entry_at(&world.sim.node(2).url()));
    world.watch.set_cluster(wanted);
    let answers = |c: &ClusterHealth| c.entry.as_ref().is_some_and(|e| e.latency_ms.is_some());
    world.until("all is well", |c| c.state == HealthState::Up && answers(c)).await;

    // A balancer without a living backend.
    world.sim.node(2).fault(Fault::BadGateway).await;
    let sick =
        world.until("the entry is down", |c| c.entry.as_ref().unwrap().state == HealthState::Down).await;
    assert_eq!(sick.state, HealthState::Down);
    assert!(sick.sentence.en.starts_with("The entry does not answer"), "{}", sick.sentence.en);
    assert_eq!(sick.entry.unwrap().reason_code.as_deref(), Some("gateway"));
    assert!(world.until_told("entry.down").await.text.en.starts_with("The entry http://127.0.0.1:"));

    world.sim.node(2).heal().await;
    world.until("all is well again", |c| c.state == HealthState::Up).await;
    world.until_told("entry.up").await;
    world.end().await;
}

#[tokio::test]
async fn poll_does_not_blame_the_entry_for_a_part_of_the_node_behind_it() {
    let world = World::new(2).await;
    let mut wanted = cluster(1, Topology::DualMaster, &world.sim.nodes(), &Credential::Anonymous);
    wanted.entry = Some(entry_at(&world.sim.node(0).url()));
    world.watch.set_cluster(wanted);
    world.sim.node(0).fault(Fault::Sick(harbor_sim::Component::Jobservice)).await;
    let cluster = world.until("the node is degraded", |c| c.nodes[0].state == HealthState::Degraded).await;
    let entry = world.until("the entry is up", |c| c.entry.as_ref().unwrap().state == HealthState::Up).await;
    assert_eq!(entry.entry.unwrap().reason_code, None);
    assert_eq!(cluster.nodes[0].reason_code.as_deref(), Some("component"));
    world.end().await;
}
