//! What is kept.

use harbor::Credential;
use harbor_sim::Fault;
use model::{Say, Topology, health::HealthState, people::ActivityBy};
use store::{
    DatabaseUrl,
    activity::NewActivity,
    testing::{hold_writes, open_impatient},
};
use watch::{HappeningFilter, News, Subject, Watch, WatchConfig};

use crate::world::{World, cluster, cluster_id, eventually, node_id, quick};

fn share(intervals: &[model::health::Interval], state: HealthState) -> usize {
    intervals.iter().filter(|i| i.state == state).count()
}

#[tokio::test]
async fn history_survives_a_restart_and_the_gap_is_unknown() {
    let world = World::pair().await;
    let subject = Subject::Node(node_id(1, 0));
    let begin = world.store.now_ms() - 60_000;
    world.sim.node(0).fault(Fault::Refuse).await;
    world.until_node(0, HealthState::Unreachable).await;
    world.until_told("node.unreachable").await;
    let kept = |watch: Watch| {
        let subject = subject.clone();
        async move { watch.intervals(&subject, begin, begin + 3_600_000).await.unwrap() }
    };
    eventually("the outage is written down", || async {
        (share(&kept(world.watch.clone()).await, HealthState::Unreachable) == 1).then_some(())
    })
    .await;
    world.watch.shutdown().await;
    let stopped = world.store.now_ms();
    let before = kept(world.watch.clone()).await;
    assert_eq!(
        before.iter().map(|i| i.state).collect::<Vec<_>>(),
        [HealthState::Up, HealthState::Unreachable]
    );
    assert!(before.iter().all(|i| i.to_ms <= stopped));

    // Nobody looks for a while, and meanwhile the node comes back.
    world.sim.node(0).heal().await;
    eventually("a gap that can be seen", || async { (world.store.now_ms() > stopped + 50).then_some(()) })
        .await;
    let again = Watch::start(quick(), world.store.clone());
    again.set_cluster(cluster(1, Topology::DualMaster, &world.sim.nodes(), &Credential::Anonymous));
    let after = eventually("it is written down that it is up", || async {
        Some(kept(again.clone()).await).filter(|all| share(all, HealthState::Up) == 2)
    })
    .await;
    assert_eq!(after.len(), 3, "{after:?}");
    assert!(after[2].from_ms - after[1].to_ms >= 50, "{after:?}");
    // The old outage is over, and that is news.
    let filter = HappeningFilter { code_prefix: Some("node.".to_owned()), ..HappeningFilter::default() };
    eventually("told once", || async {
        let codes: Vec<String> =
            again.happenings(&filter, 10).await.unwrap().into_iter().map(|h| h.code).collect();
        (codes == ["node.up", "node.unreachable"]).then_some(())
    })
    .await;
    let bars = again.history(&subject, begin, begin + 120_000, 24).await.unwrap();
    assert_eq!(bars.len(), 24);
    assert!(bars.iter().any(|b| b.down > 0.0) && bars.iter().any(|b| b.up > 0.0));
    assert_eq!(bars[0].up + bars[0].down + bars[0].degraded, 0.0);
    again.shutdown().await;
    world.end().await;
}

#[tokio::test]
async fn history_does_not_grow_with_polling() {
    let world = World::pair().await;
    let rows = || async {
        let mut count = 0;
        for subject in
            [Subject::Node(node_id(1, 0)), Subject::Node(node_id(1, 1)), Subject::Cluster(cluster_id(1))]
        {
            count += world.watch.intervals(&subject, 0, i64::MAX).await.unwrap().len();
        }
        count
    };
    eventually("written", || async { (rows().await == 3).then_some(()) }).await;
    let served = world.sim.node(0).served();
    eventually("many polls", || async { (world.sim.node(0).served() > served + 30).then_some(()) }).await;
    assert_eq!(rows().await, 3);
    world.end().await;
}

#[tokio::test]
async fn history_of_a_cluster_follows_what_its_users_have() {
    let world = World::pair().await;
    world.sim.node(1).fault(Fault::Refuse).await;
    world.until("degraded", |c| c.state == HealthState::Degraded).await;
    eventually("written", || async {
        let all = world.watch.intervals(&Subject::Cluster(cluster_id(1)), 0, i64::MAX).await.unwrap();
        (all.iter().map(|i| i.state).collect::<Vec<_>>() == [HealthState::Up, HealthState::Degraded])
            .then_some(())
    })
    .await;
    world.end().await;
}

#[tokio::test]
async fn happenings_merge_what_people_did_with_what_happened() {
    let words: watch::Words = std::sync::Arc::new(|entry| {
        (entry.code == "session.created")
            .then(|| (HealthState::Unknown, Say { en: "signed in".into(), zh: "已登录".into() }))
    });
    let config = WatchConfig { words: Some(words), ..quick() };
    let world = World::of(harbor_sim::SimConfig::independent(1, "2.15.2"), config).await;
    let user = model::ids::UserId::parse("00000000-0000-7000-8000-0000000000aa").unwrap();
    let by = ActivityBy::User { id: user, name: "Li Wei".to_owned() };
    let act = NewActivity {
        by: &by,
        address: "127.0.0.1",
        code: "session.created",
        params: serde_json::json!({}),
        cluster: None,
        node: None,
    };
    world.store.activity().add(act, None).await.unwrap();
    for i in 0..3 {
        world.watch.record(News {
            code: format!("cluster.changed{i}"),
            state: HealthState::Up,
            text: Say { en: format!("Change {i} <b>"), zh: format!("变更 {i}") },
            by: "Wang".to_owned(),
            cluster: Some(cluster_id(1)),
            node: None,
        });
    }
    world.until_told("cluster.changed2").await;
    let list = |filter: HappeningFilter| {
        let watch = world.watch.clone();
        async move { watch.happenings(&filter, 10).await.unwrap() }
    };
    let all = list(HappeningFilter::default()).await;
    assert_eq!(
        all.iter().map(|h| h.text.en.as_str()).collect::<Vec<_>>(),
        ["Change 2 <b>", "Change 1 <b>", "Change 0 <b>", "signed in"]
    );
    assert!(all.windows(2).all(|w| w[0].id > w[1].id));
    let by = list(HappeningFilter { by: Some("li w".to_owned()), ..HappeningFilter::default() }).await;
    assert_eq!(by.len(), 1);
    let text = list(HappeningFilter { text: Some("变更 1".to_owned()), ..HappeningFilter::default() }).await;
    assert_eq!(text.iter().map(|h| h.code.as_str()).collect::<Vec<_>>(), ["cluster.changed1"]);
    let cluster = list(HappeningFilter { cluster: Some(cluster_id(1)), ..HappeningFilter::default() }).await;
    assert_eq!(cluster.len(), 3);
    let page = list(HappeningFilter { before_id: Some(all[1].id), ..HappeningFilter::default() }).await;
    assert_eq!(page.len(), 2);
    world.end().await;
}

#[tokio::test]
async fn record_keeps_everything_while_the_database_is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_impatient(&DatabaseUrl::Embedded, dir.path()).await.unwrap();
    let config = harbor_sim::SimConfig::independent(2, "2.15.2");
    let world = World::on(store.clone(), config, quick()).await;
    world.watch.set_cluster(cluster(1, Topology::DualMaster, &world.sim.nodes(), &Credential::Anonymous));
    world.until("both are up", |c| c.nodes.iter().all(|n| n.state == HealthState::Up)).await;
    let node = Subject::Node(node_id(1, 0));
    let states = || async {
        let all = world.watch.intervals(&node, 0, i64::MAX).await.unwrap();
        all.into_iter().map(|i| i.state).collect::<Vec<_>>()
    };
    eventually("written", || async { (states().await == [HealthState::Up]).then_some(()) }).await;

    let lock = eventually("the write lock", || async { hold_writes(&store).await.ok().flatten() }).await;
    for n in 0..100 {
        world.watch.record(News {
            code: format!("cluster.news{n:03}"),
            state: HealthState::Up,
            text: Say::same("news"),
            by: String::new(),
            cluster: None,
            node: None,
        });
    }
    world.sim.node(0).fault(Fault::Refuse).await;
    // Pages see it all the same.
    world.until_node(0, HealthState::Unreachable).await;
    assert_eq!((states().await, world.codes().await.len()), (vec![HealthState::Up], 0));
    drop(lock);
    world.until_told("node.unreachable").await;
    eventually("the outage is written", || async {
        (states().await == [HealthState::Up, HealthState::Unreachable]).then_some(())
    })
    .await;
    let filter =
        HappeningFilter { code_prefix: Some("cluster.news".to_owned()), ..HappeningFilter::default() };
    let kept: Vec<String> =
        world.watch.happenings(&filter, 200).await.unwrap().into_iter().rev().map(|h| h.code).collect();
    assert_eq!(kept, (0..100).map(|n| format!("cluster.news{n:03}")).collect::<Vec<_>>());
    world.end().await;
}
