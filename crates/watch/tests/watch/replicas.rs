//! Two replicas of the console on one database.

use std::sync::Arc;

use harbor_sim::Fault;
use model::{Topology, health::HealthState, live::LiveEvent};
use store::{
    Clock, Store,
    testing::{TestDb, for_each_db},
};
use watch::{Loader, Subject, Watch, WatchConfig};

use crate::world::{World, admin, cluster, cluster_id, eventually, node_id, quick};

fn shared(loader: Option<Loader>) -> WatchConfig {
    WatchConfig { shared: Some(true), loader, ..quick() }
}

#[tokio::test]
async fn replicas_poll_once_tell_all_and_take_over() {
    for_each_db(async |db| poll_once_tell_all_and_take_over(&db).await).await;
}

/// The world of the first replica.
async fn first(db: &TestDb) -> World {
    let store = db.open_with(Clock::System).await.unwrap();
    World::on(store, harbor_sim::SimConfig::independent(2, "2.15.2"), shared(None)).await
}

/// A second process on PostgreSQL; SQLite serves one, so there it is a second watch in the same.
async fn second_store(db: &TestDb, world: &World) -> Store {
    if db.engine == "postgres" { db.open_with(Clock::System).await.unwrap() } else { world.store.clone() }
}

async fn poll_once_tell_all_and_take_over(db: &TestDb) {
    let world = first(db).await;
    let wanted = || cluster(1, Topology::DualMaster, &world.sim.nodes(), &admin());
    world.watch.set_cluster(wanted());
    world.until("the first leads and sees", |c| c.state == HealthState::Up).await;

    let nodes = world.sim.nodes();
    let load: Loader = Arc::new(move |id| {
        let nodes = nodes.clone();
        Box::pin(
            async move { (id == cluster_id(1)).then(|| cluster(1, Topology::DualMaster, &nodes, &admin())) },
        )
    });
    let second = Watch::start(shared(Some(load)), second_store(db, &world).await);
    second.set_cluster(wanted());
    let seen = |wanted: HealthState| {
        let second = second.clone();
        async move {
            eventually(&format!("the second shows {wanted:?}"), || async {
                second.cluster(&cluster_id(1)).filter(|c| c.nodes[0].state == wanted)
            })
            .await
        }
    };
    seen(HealthState::Up).await;
    let mut viewer = second.subscribe(None);
    world.sim.node(0).fault(Fault::Refuse).await;
    assert_eq!(seen(HealthState::Unreachable).await.nodes[0].reason_code.as_deref(), Some("refused"));
    loop {
        let frame = viewer.next().await.unwrap();
        let text = std::str::from_utf8(&frame).unwrap();
        let event: LiveEvent = serde_json::from_str(text.split_once("data: ").unwrap().1).unwrap();
        if matches!(event, LiveEvent::Happened { event } if event.code == "node.unreachable") {
            break;
        }
    }
    eventually("it hears answer times", || async {
        Some(second.latency(&node_id(1, 1))).filter(|l| !l.is_empty())
    })
    .await;

    // The first one goes, the second takes over and sees for itself.
    world.watch.shutdown().await;
    world.sim.node(0).heal().await;
    seen(HealthState::Up).await;
    eventually("one history", || async {
        let all = second.intervals(&Subject::Node(node_id(1, 0)), 0, i64::MAX).await.unwrap();
        let mut states: Vec<HealthState> = all.iter().map(|i| i.state).collect();
        states.dedup();
        (states == [HealthState::Up, HealthState::Unreachable, HealthState::Up]).then_some(())
    })
    .await;
    second.shutdown().await;
    world.end().await;
}

#[tokio::test]
async fn replicas_hear_of_clusters_set_and_removed_elsewhere() {
    for_each_db(async |db| hear_of_clusters_set_and_removed_elsewhere(&db).await).await;
}

async fn hear_of_clusters_set_and_removed_elsewhere(db: &TestDb) {
    let world = first(db).await;
    let nodes = world.sim.nodes();
    let there = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let known = Arc::clone(&there);
    let load: Loader = Arc::new(move |id| {
        let found = known.load(std::sync::atomic::Ordering::SeqCst) && id == cluster_id(1);
        let nodes = nodes.clone();
        Box::pin(async move { found.then(|| cluster(1, Topology::DualMaster, &nodes, &admin())) })
    });
    let second = Watch::start(shared(Some(load)), second_store(db, &world).await);
    // Its reader begins at the newest event; only what comes later is heard.
    world.watch.set_cluster(cluster(1, Topology::DualMaster, &world.sim.nodes(), &admin()));
    eventually("the second knows it", || async {
        world.watch.remove_cluster(&cluster_id(1));
        world.watch.set_cluster(cluster(1, Topology::DualMaster, &world.sim.nodes(), &admin()));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        second.cluster(&cluster_id(1))
    })
    .await;
    there.store(false, std::sync::atomic::Ordering::SeqCst);
    world.watch.remove_cluster(&cluster_id(1));
    eventually("the second has lost it", || async { second.cluster(&cluster_id(1)).is_none().then_some(()) })
        .await;
    second.shutdown().await;
    world.end().await;
}
