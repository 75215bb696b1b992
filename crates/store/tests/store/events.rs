use std::time::Duration;

use model::ids::ClusterId;
use serde_json::{Value, json};
use store::{events::Missed, new_id, testing::for_each_db};

fn ids(missed: Missed) -> Option<Vec<i64>> {
    match missed {
        Missed::Events(rows) => Some(rows.into_iter().map(|r| r.id).collect()),
        Missed::Gone => None,
    }
}

#[tokio::test]
async fn after_gives_what_was_missed_or_says_that_it_is_gone() {
    for_each_db(async |db| {
        let events = db.store.events();
        let cluster: ClusterId = new_id();
        assert_eq!(ids(events.after(0, 10).await.unwrap()), Some(vec![]));
        for n in 1..=5 {
            assert_eq!(events.append(Some(&cluster), "node", &json!({"n": n})).await.unwrap(), n);
            db.advance(1000);
        }
        assert_eq!(ids(events.after(2, 2).await.unwrap()), Some(vec![3, 4]));
        assert_eq!(ids(events.after(5, 10).await.unwrap()), Some(vec![]));
        let Missed::Events(rows) = events.after(4, 10).await.unwrap() else { panic!("gone") };
        assert_eq!((rows[0].cluster_id.as_ref(), rows[0].kind.as_str()), (Some(&cluster), "node"));
        assert_eq!(rows[0].body_as::<Value>().unwrap(), json!({"n": 5}));

        // Three oldest are forgotten: who has seen the third needs nothing of them, who has seen the second does.
        events.prune(db.store.now_ms() - 2000).await.unwrap();
        assert_eq!(ids(events.after(3, 10).await.unwrap()), Some(vec![4, 5]));
        assert_eq!(ids(events.after(2, 10).await.unwrap()), None);
        assert_eq!(ids(events.after(99, 10).await.unwrap()), None, "an id from another life");
        events.prune(i64::MAX).await.unwrap();
        assert_eq!(ids(events.after(5, 10).await.unwrap()), Some(vec![]));
        assert_eq!(ids(events.after(4, 10).await.unwrap()), None);
        assert_eq!(events.append(None, "x", &json!(0)).await.unwrap(), 6, "ids are never used again");
    })
    .await;
}

#[tokio::test]
async fn ids_grow_in_the_order_of_commits() {
    for_each_db(async |db| {
        let other = db.reopen().await;
        let writers = (0..20).map(|n| {
            let store = if n % 2 == 0 { &db.store } else { &other };
            async move { store.events().append(None, "x", &json!(n)).await.unwrap() }
        });
        let reader = async {
            // Whatever is read is a stretch without holes: nothing smaller can still appear.
            let mut seen = 0;
            while seen < 20 {
                let rows = ids(db.store.events().after(seen, 100).await.unwrap()).unwrap();
                assert!(rows.iter().copied().eq(seen + 1..=seen + rows.len() as i64), "{seen}: {rows:?}");
                seen += rows.len() as i64;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(futures::future::join_all(writers), reader);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn newest_wakes_readers_also_of_another_replica() {
    for_each_db(async |db| {
        let other = db.reopen().await;
        let mut here = db.store.events().newest();
        let mut there = other.events().newest();
        let id = db.store.events().append(None, "x", &json!(0)).await.unwrap();
        let wait = Duration::from_secs(30);
        tokio::time::timeout(wait, here.wait_for(|newest| *newest == id)).await.unwrap().unwrap();
        if db.engine == "postgres" {
            tokio::time::timeout(wait, there.wait_for(|newest| *newest == id)).await.unwrap().unwrap();
        }
        other.close().await;
    })
    .await;
}
