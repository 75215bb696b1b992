//! What every open page hears.

use std::time::Duration;

use harbor_sim::Fault;
use model::{health::HealthState, live::LiveEvent};
use tokio::time::timeout;
use watch::{LiveStream, WatchConfig};

use crate::world::{World, cluster, cluster_id, quick};

/// The next event and its id.
async fn next(stream: &mut LiveStream) -> (u64, LiveEvent) {
    let frame = timeout(Duration::from_secs(30), stream.next())
        .await
        .expect("an event in time")
        .expect("an open stream");
    let text = std::str::from_utf8(&frame).unwrap();
    let (id, data) = text.strip_prefix("id: ").unwrap().split_once("\ndata: ").unwrap();
    let data = data.strip_suffix("\n\n").unwrap();
    (id.parse().unwrap(), serde_json::from_str(data).unwrap())
}

async fn until(stream: &mut LiveStream, wanted: impl Fn(&LiveEvent) -> bool) -> (u64, LiveEvent) {
    loop {
        let (id, event) = next(stream).await;
        if wanted(&event) {
            return (id, event);
        }
    }
}

fn node_is(event: &LiveEvent, wanted: HealthState) -> bool {
    matches!(event, LiveEvent::Cluster { cluster, .. } if cluster.nodes[0].state == wanted)
}

#[tokio::test]
async fn subscribe_hears_of_an_outage_its_news_and_the_beat() {
    let world = World::pair().await;
    let mut stream = world.watch.subscribe(None);
    world.sim.node(0).fault(Fault::Refuse).await;
    until(&mut stream, |e| node_is(e, HealthState::Unreachable)).await;
    until(&mut stream, |e| matches!(e, LiveEvent::Happened { event } if event.code == "node.unreachable"))
        .await;
    let beat =
        until(&mut stream, |e| matches!(e, LiveEvent::Seen { clusters, .. } if !clusters.is_empty())).await.1;
    let LiveEvent::Seen { at_ms, clusters } = beat else { unreachable!() };
    let mut shown = world.cluster();
    clusters[0].apply(at_ms, &mut shown);
    assert!(shown.nodes.iter().all(|n| (0..10_000).contains(&(at_ms - n.seen_ms))));
    assert!(shown.nodes[0].latency_ms.is_none() && shown.nodes[1].latency_ms.is_some());
    world.end().await;
}

#[tokio::test]
async fn subscribe_reads_on_from_the_last_event_id() {
    let world = World::pair().await;
    let mut first = world.watch.subscribe(None);
    let (seen, _) = next(&mut first).await;
    drop(first);
    world.sim.node(0).fault(Fault::Refuse).await;
    world.until_node(0, HealthState::Unreachable).await;
    let mut back = world.watch.subscribe(Some(seen));
    let (id, _) = next(&mut back).await;
    assert_eq!(id, seen + 1);
    until(&mut back, |e| node_is(e, HealthState::Unreachable)).await;
    world.end().await;
}

#[tokio::test]
async fn subscribe_resets_a_viewer_who_fell_behind_and_holds_up_nobody() {
    let config = WatchConfig { replay_events: 8, ..quick() };
    let world = World::of(harbor_sim::SimConfig::independent(1, "2.15.2"), config).await;
    let mut slow = world.watch.subscribe(None);
    let mut quick = world.watch.subscribe(None);
    for _ in 0..20 {
        world.watch.publish(&LiveEvent::ClusterGone { id: cluster_id(9) });
        until(&mut quick, |e| matches!(e, LiveEvent::ClusterGone { .. })).await;
    }
    let (id, event) = next(&mut slow).await;
    assert_eq!(event, LiveEvent::Reset);
    assert!(id >= world.watch.live_id() - 8);
    let marker = LiveEvent::ClusterGone { id: cluster_id(8) };
    world.watch.publish(&marker);
    until(&mut slow, |e| *e == marker).await;
    world.end().await;
}

#[tokio::test]
async fn publish_gathers_changes_of_one_cluster() {
    let config = WatchConfig { cluster_gap: Duration::from_millis(500), ..quick() };
    let world = World::of(harbor_sim::SimConfig::independent(20, "2.15.2"), config).await;
    let mut stream = world.watch.subscribe(None);
    world.watch.set_cluster(cluster(
        1,
        model::Topology::SharedStorage,
        &world.sim.nodes(),
        &harbor::Credential::Anonymous,
    ));
    let mut events = 0;
    loop {
        let (_, event) = next(&mut stream).await;
        if let LiveEvent::Cluster { cluster, .. } = event {
            events += 1;
            if cluster.nodes.iter().all(|n| n.state == HealthState::Up) {
                break;
            }
        }
    }
    assert!(events <= 10, "{events} events for 20 nodes");
    world.end().await;
}

#[tokio::test]
async fn shutdown_ends_every_stream() {
    let world = World::pair().await;
    let mut stream = world.watch.subscribe(None);
    world.watch.shutdown().await;
    let drained = timeout(Duration::from_secs(5), async { while stream.next().await.is_some() {} }).await;
    assert!(drained.is_ok());
    world.end().await;
}
