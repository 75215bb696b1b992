//! The slower looks with the credential.

use harbor::{Credential, Harbor, Outside, TlsChoice};
use harbor_sim::Fault;
use model::{NodeAddress, Topology, health::HealthState};

use crate::world::{PASSWORD, World, admin, cluster, eventually};

fn codes(node: &model::health::NodeHealth) -> Vec<&str> {
    node.warnings.iter().map(|w| w.code.as_str()).collect()
}

#[tokio::test]
async fn look_tells_version_clock_queue_and_pulls_a_canary() {
    let world = World::new(2).await;
    world.sim.node(0).push_image("library/app", "v1", "some layer");
    world.sim.node(0).fault(Fault::ClockOffset(-120)).await;
    world.sim.node(0).fault(Fault::ReadOnly).await;
    world.sim.node(0).pause_queue("REPLICATION", true);
    let audit = world.sim.node(0).audit().len();
    world.watch.set_cluster(cluster(1, Topology::DualMaster, &world.sim.nodes(), &admin()));
    let cluster = world
        .until("everything is looked at", |c| {
            c.nodes[0].canary_ms.is_some()
                && c.nodes[0].replication_queue.is_some()
                && c.nodes[1].version.is_some()
                && c.nodes[1].schedules.is_some()
        })
        .await;
    let node = &cluster.nodes[0];
    assert_eq!(node.version.as_deref(), Some("2.15.2"));
    assert_eq!(node.canary.as_deref(), Some("library/app:v1"));
    assert!((-125_000..-115_000).contains(&node.clock_offset_ms.unwrap()), "{:?}", node.clock_offset_ms);
    assert!(node.replication_queue.unwrap().paused);
    assert_eq!(codes(node), ["queue_paused", "read_only", "clock"]);
    assert_eq!(node.state, HealthState::Up);
    // The other one has no image at all.
    assert_eq!((cluster.nodes[1].canary.as_deref(), cluster.nodes[1].canary_ms), (None, None));
    assert_eq!(cluster.nodes[1].schedules, Some(0));
    // Many pulls leave one row in the audit log: the manifest is read once.
    let served = world.sim.node(0).served();
    eventually("more looks", || async { (world.sim.node(0).served() > served + 60).then_some(()) }).await;
    let pulls = world.sim.node(0).audit().iter().skip(audit).filter(|row| row.operation == "pull").count();
    assert!(pulls <= 1, "{pulls} pulls in the audit log");
    world.end().await;
}

#[tokio::test]
async fn look_stops_at_a_refused_credential_until_it_changes() {
    let world = World::new(1).await;
    let wrong = Credential::basic("admin", "not the password");
    world.watch.set_cluster(cluster(1, Topology::OneToMany, &world.sim.nodes(), &wrong));
    let shown = world.until("it is refused", |c| c.nodes[0].credential_refused).await;
    // Its health is still watched.
    assert_eq!(shown.nodes[0].state, HealthState::Up);
    assert_eq!(codes(&shown.nodes[0]), ["credential"]);
    world.until_told("node.credential_refused").await;
    // A wrong try locks the account for 1.5 s, so a right one that never fails shows that there is none.
    let address = NodeAddress::parse(&world.sim.node(0).url()).unwrap();
    let outside = Outside::new(None, &[]).unwrap();
    let asked = world.sim.node(0).served();
    eventually("polls went on", || async {
        let person =
            Harbor::new(&outside, address.clone(), &TlsChoice::System, Credential::basic("admin", PASSWORD))
                .unwrap();
        person.queues().await.expect("the account is not locked");
        (world.sim.node(0).served() > asked + 60).then_some(())
    })
    .await;
    assert_eq!(world.codes().await, ["node.credential_refused"]);
    world.watch.set_cluster(cluster(1, Topology::OneToMany, &world.sim.nodes(), &admin()));
    let shown = world.until("it is taken", |c| c.nodes[0].version.is_some()).await;
    assert!(!shown.nodes[0].credential_refused && codes(&shown.nodes[0]).is_empty());
    world.end().await;
}
