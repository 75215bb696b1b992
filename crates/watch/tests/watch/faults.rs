//! What goes wrong at a node is named.

use std::time::Duration;

use harbor::{Credential, TlsChoice};
use harbor_sim::{Component, Fault, NodeConfig, SimConfig, TlsMode};
use model::{Topology, health::HealthState};

use crate::world::{World, admin, cluster, eventually, node_at, quick};

#[tokio::test]
async fn poll_calls_a_refusing_node_unreachable_and_back() {
    let world = World::pair().await;
    world.sim.node(0).fault(Fault::Refuse).await;
    let checked = world.until("it is being checked, or known already", |c| {
        c.nodes[0].checking || c.nodes[0].state == HealthState::Unreachable
    });
    checked.await;
    let node = world.until_node(0, HealthState::Unreachable).await;
    assert_eq!(node.reason_code.as_deref(), Some("refused"));
    assert!(node.next.is_some());
    assert_eq!(
        world.cluster().sentence.en,
        "node-1 is away: pushes to node-2 are not reaching it. Everyone can pull from node-2."
    );
    assert_eq!(
        world.until_told("node.unreachable").await.text.en,
        "node-1 is unreachable: the connection is refused: nothing listens there"
    );
    world.sim.node(0).heal().await;
    world.until_node(0, HealthState::Up).await;
    assert!(world.until_told("node.up").await.text.en.starts_with("node-1 answers again after "));
    assert_eq!(world.codes().await, ["node.unreachable", "node.up"]);
    world.end().await;
}

#[tokio::test]
async fn poll_names_each_sick_part() {
    let world = World::pair().await;
    for part in Component::ALL {
        world.sim.node(0).fault(Fault::Sick(part)).await;
        let (state, code) = match part {
            // Core gone is the proxy's 502 before it.
            Component::Core => (HealthState::Down, "gateway"),
            Component::Database | Component::Redis | Component::Registry => (HealthState::Down, "component"),
            _ => (HealthState::Degraded, "component"),
        };
        let node = world.until_node(0, state).await;
        assert_eq!(node.reason_code.as_deref(), Some(code), "{part:?}");
        if part != Component::Core {
            assert!(node.reason.as_ref().unwrap().en.contains(part.name()), "{part:?}: {:?}", node.reason);
            assert!(node.components.iter().any(|c| c.name == part.name() && !c.healthy));
        }
        world.sim.node(0).heal().await;
        world.until_node(0, HealthState::Up).await;
    }
    world.end().await;
}

#[tokio::test]
async fn poll_tells_a_frozen_database_from_a_frozen_redis() {
    let world = World::pair().await;
    world.sim.node(0).fault(Fault::Frozen(Component::Database)).await;
    let node = world.until_node(0, HealthState::Down).await;
    assert_eq!(node.reason_code.as_deref(), Some("health_hangs"));
    assert!(node.reason.unwrap().en.contains("its database"));
    world.sim.node(0).heal().await;
    world.until_node(0, HealthState::Up).await;
    world.sim.node(0).fault(Fault::Frozen(Component::Redis)).await;
    assert_eq!(world.until_node(0, HealthState::Unreachable).await.reason_code.as_deref(), Some("timeout"));
    world.end().await;
}

#[tokio::test]
async fn poll_names_what_answers_instead_of_a_harbor() {
    let world = World::pair().await;
    for (fault, state, code) in [
        (Fault::Html, HealthState::Unreachable, "not_harbor"),
        (Fault::Status500, HealthState::Down, "health_failed"),
        (Fault::BadGateway, HealthState::Down, "gateway"),
        (Fault::Drop, HealthState::Unreachable, "cut"),
        (Fault::Hang, HealthState::Unreachable, "timeout"),
        (Fault::EndlessBody, HealthState::Unreachable, "not_harbor"),
        (Fault::CutJson, HealthState::Down, "health_failed"),
    ] {
        world.sim.node(0).fault(fault.clone()).await;
        assert_eq!(world.until_node(0, state).await.reason_code.as_deref(), Some(code), "{fault:?}");
        world.sim.node(0).heal().await;
        world.until_node(0, HealthState::Up).await;
    }
    world.end().await;
}

#[tokio::test]
async fn poll_names_a_wrong_certificate_and_an_unknown_name() {
    let mut config = SimConfig { nodes: Vec::new(), ..SimConfig::default() };
    for mode in [TlsMode::SelfSigned, TlsMode::Expired, TlsMode::WrongHost, TlsMode::SelfSigned] {
        config.nodes.push(NodeConfig { tls: Some(mode), ..NodeConfig::new("n", "2.15.2") });
    }
    let world = World::of(config, quick()).await;
    let mut wanted = cluster(1, Topology::SharedStorage, &world.sim.nodes(), &Credential::Anonymous);
    for i in 1..4 {
        wanted.nodes[i].tls = TlsChoice::CustomCa { pem: world.sim.node(i).ca_pem().unwrap() };
    }
    wanted.nodes.push(node_at(
        1,
        4,
        "http://no-such-host.invalid",
        TlsChoice::System,
        &Credential::Anonymous,
    ));
    wanted.nodes.push(node_at(1, 5, &world.sim.node(0).url(), TlsChoice::Off, &Credential::Anonymous));
    world.watch.set_cluster(wanted);
    let cluster =
        world.until("all are settled", |c| c.nodes.iter().all(|n| n.state != HealthState::Unknown)).await;
    let seen: Vec<_> = cluster.nodes.iter().map(|n| n.reason_code.as_deref().unwrap_or("up")).collect();
    assert_eq!(seen, ["tls", "tls", "tls", "up", "dns", "up"]);
    let why = |i: usize| cluster.nodes[i].reason.as_ref().unwrap().en.clone();
    assert_eq!(why(0), "its certificate is signed by nobody known here");
    assert_eq!(why(1), "its certificate has expired");
    assert_eq!(why(2), "its certificate is for another host name");
    assert_eq!(why(4), "the name no-such-host.invalid has no address");
    assert!(cluster.nodes[5].unverified && cluster.nodes[5].warnings.iter().any(|w| w.code == "unverified"));
    world
        .until("the certificates' ends are known", |c| {
            c.nodes[0].cert_not_after_ms.is_some() && c.nodes[3].cert_not_after_ms.is_some()
        })
        .await;
    world.end().await;
}

#[tokio::test]
async fn poll_takes_its_latency_and_what_is_usual() {
    let world = World::pair().await;
    world.until("the usual is known", |c| c.nodes[0].usual_ms.is_some()).await;
    world.sim.node(0).fault(Fault::Slow(Duration::from_millis(700))).await;
    world.until("it is slow", |c| c.nodes[0].is_slow()).await;
    assert_eq!(world.node(0).state, HealthState::Up);
    let line = world.watch.latency(&world.node(0).id);
    assert!(line.len() >= 5 && line.iter().any(|(_, ms)| *ms >= 700), "{line:?}");
    world.end().await;
}

#[tokio::test]
async fn board_asks_whether_the_console_is_cut_off() {
    let world = World::pair().await;
    for node in world.sim.nodes() {
        node.fault(Fault::Refuse).await;
    }
    let board = eventually("cut off", || async { Some(world.watch.board()).filter(|b| b.cut_off) }).await;
    assert_eq!(board.headline().en, "Breakwater cannot reach any node: is it cut off itself?");
    world.until_told("console.cut_off").await;
    assert_eq!(world.codes().await, ["console.cut_off"]);
    world.sim.node(1).heal().await;
    world.until_told("console.reconnected").await;
    assert!(!world.watch.board().cut_off);
    world.end().await;
}

#[tokio::test]
async fn set_cluster_keeps_what_is_known_of_nodes_that_stay() {
    let world = World::pair().await;
    let since = world.node(0).since_ms;
    let mut wanted = cluster(1, Topology::DualMaster, &world.sim.nodes(), &admin());
    wanted.nodes.truncate(1);
    world.watch.set_cluster(wanted);
    assert_eq!((world.node(0).state, world.node(0).since_ms), (HealthState::Up, since));
    assert_eq!(world.cluster().nodes.len(), 1);
    world.watch.remove_cluster(&world.cluster().id);
    assert!(world.watch.board().clusters.is_empty());
    // Nothing is asked any more.
    let served = || world.sim.nodes().iter().map(harbor_sim::NodeHandle::served).sum::<u64>();
    eventually("quiet", || async {
        let before = served();
        tokio::time::sleep(Duration::from_millis(400)).await;
        (served() == before).then_some(())
    })
    .await;
    world.end().await;
}
