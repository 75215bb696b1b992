use std::time::Duration;

use store::{
    Clock,
    leases::LONGEST,
    testing::{START_MS, for_each_db},
};

const TEN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn take_gives_a_lease_to_one_of_many() {
    for_each_db(async |db| {
        let leases = db.store.leases();
        let holders: Vec<String> = (0..8).map(|i| format!("replica {i}")).collect();
        let tries = futures::future::join_all(holders.iter().map(|h| leases.take("run:1", h, TEN))).await;
        assert_eq!(tries.into_iter().filter(|t| *t.as_ref().unwrap()).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn take_renews_and_passes_on_when_time_is_over() {
    for_each_db(async |db| {
        let leases = db.store.leases();
        assert!(leases.take("x", "a", TEN).await.unwrap());
        db.advance(9_999);
        assert!(!leases.take("x", "b", TEN).await.unwrap());
        assert!(leases.take("x", "a", TEN).await.unwrap());
        db.advance(9_999);
        assert_eq!(leases.holder("x").await.unwrap().unwrap().holder, "a");
        db.advance(1);
        assert_eq!(leases.holder("x").await.unwrap(), None);
        assert!(leases.take("x", "b", TEN).await.unwrap());
        assert!(!leases.take("x", "a", TEN).await.unwrap());
        leases.release("x", "a").await.unwrap();
        assert!(leases.holder("x").await.unwrap().is_some(), "only its holder can give it back");
        leases.release("x", "b").await.unwrap();
        assert!(leases.take("x", "a", TEN).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn take_ignores_a_lease_from_a_clock_that_was_ahead() {
    for_each_db(async |db| {
        let ahead = db.open_with(Clock::manual(START_MS + 2 * 3_600_000)).await.unwrap();
        assert!(ahead.leases().take("x", "old", LONGEST * 9).await.unwrap());
        assert!(db.store.leases().take("x", "new", TEN).await.unwrap());
        ahead.close().await;
    })
    .await;
}

#[tokio::test]
async fn leases_of_replicas_with_different_clocks_follow_the_database() {
    for_each_db(async |db| {
        if db.engine == "postgres" {
            let replica = db.open_with(Clock::System).await.unwrap();
            assert!(replica.leases().take("x", "a", TEN).await.unwrap());
            let lease = replica.leases().holder("x").await.unwrap().unwrap();
            let off = lease.until_ms - Clock::System.now_ms();
            // Server and test share a machine here; the test would see hours if another clock were used.
            assert!((0..20_000).contains(&off), "{off}");
            replica.close().await;
        }
    })
    .await;
}
