use serde_json::json;
use store::{
    Store,
    intervals::{KEPT_MS, SILENCE_MS},
    testing::{START_MS, TestDb, for_each_db},
};

const NODE: &str = "node:1";

async fn record(store: &Store, state: &str) -> bool {
    store.intervals().record("a", NODE, state, &json!({})).await.unwrap()
}

/// From, to and state of everything recorded, from the test's beginning on.
async fn history(store: &Store) -> Vec<(i64, i64, String)> {
    let rows = store.intervals().range(NODE, START_MS, i64::MAX).await.unwrap();
    rows.into_iter().map(|r| (r.from_ms - START_MS, r.to_ms.unwrap() - START_MS, r.state)).collect()
}

fn stretch(from: i64, to: i64, state: &str) -> (i64, i64, String) {
    (from, to, state.to_owned())
}

async fn rows(db: &TestDb) -> usize {
    db.store.intervals().range(NODE, 0, i64::MAX).await.unwrap().len()
}

#[tokio::test]
async fn record_writes_only_changes() {
    for_each_db(async |db| {
        assert!(record(&db.store, "up").await);
        for _ in 0..100 {
            db.advance(5000);
            assert!(!record(&db.store, "up").await);
        }
        assert!(record(&db.store, "down").await);
        db.advance(5000);
        let detail = json!({"why": "timeout"});
        assert!(
            db.store.intervals().record("a", NODE, "down", &detail).await.unwrap(),
            "another reason is a change"
        );
        db.advance(1000);
        let expected =
            [stretch(0, 500_000, "up"), stretch(500_000, 505_000, "down"), stretch(505_000, 506_000, "down")];
        assert_eq!(history(&db.store).await, expected);
        assert_eq!(db.store.intervals().latest(NODE).await.unwrap().unwrap().detail, detail);
    })
    .await;
}

#[tokio::test]
async fn record_knows_a_struct_again_whatever_the_order_of_its_fields() {
    #[derive(serde::Serialize)]
    struct Why {
        reason: &'static str,
        code: u16,
    }
    for_each_db(async |db| {
        let seen = Why { reason: "time-out", code: 7 };
        let intervals = db.store.intervals();
        assert!(intervals.record("a", NODE, "down", &seen).await.unwrap());
        // Long enough to be judged by the whole row and not by the looker's last word.
        for pause in [1000, SILENCE_MS - 1000, SILENCE_MS] {
            db.advance(pause);
            assert!(!intervals.record("a", NODE, "down", &seen).await.unwrap(), "{pause}");
        }
        assert_eq!(history(&db.store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn silence_is_a_gap_and_not_the_last_state() {
    for_each_db(async |db| {
        record(&db.store, "up").await;
        db.advance(10_000);
        db.store.intervals().looking("a").await.unwrap();
        // The process is killed here; nobody can close its interval.
        db.advance(SILENCE_MS + 1);
        assert_eq!(
            history(&db.store).await,
            [stretch(0, 10_000, "up")],
            "not up for longer than it was seen"
        );
        db.advance(3_600_000);
        let again = db.reopen().await;
        assert!(record(&again, "up").await, "the same state after a silence is a new interval");
        db.advance(1000);
        let back = 10_000 + SILENCE_MS + 1 + 3_600_000;
        assert_eq!(history(&again).await, [stretch(0, 10_000, "up"), stretch(back, back + 1000, "up")]);
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn looking_keeps_an_unchanged_state_alive_without_new_rows() {
    for_each_db(async |db| {
        record(&db.store, "up").await;
        for _ in 0..20 {
            db.advance(SILENCE_MS);
            db.store.intervals().looking("a").await.unwrap();
        }
        assert!(!record(&db.store, "up").await);
        assert_eq!(history(&db.store).await, [stretch(0, 20 * SILENCE_MS, "up")]);
    })
    .await;
}

#[tokio::test]
async fn another_looker_takes_over_without_a_gap_or_after_one() {
    for_each_db(async |db| {
        let by =
            async |looker: &str| db.store.intervals().record(looker, NODE, "up", &json!({})).await.unwrap();
        by("a").await;
        db.advance(5000);
        by("b").await;
        db.advance(1000);
        assert_eq!(history(&db.store).await, [stretch(0, 5000, "up"), stretch(5000, 6000, "up")]);
        db.advance(SILENCE_MS * 2);
        by("c").await;
        db.advance(1);
        let third = 6000 + SILENCE_MS * 2;
        let expected = [stretch(0, 5000, "up"), stretch(third, third + 1, "up")];
        assert_eq!(history(&db.store).await, expected, "b was heard once only, at its first word");
    })
    .await;
}

#[tokio::test]
async fn stop_ends_what_a_looker_saw() {
    for_each_db(async |db| {
        record(&db.store, "up").await;
        db.store.intervals().record("b", "node:2", "up", &json!({})).await.unwrap();
        db.advance(1000);
        db.store.intervals().stop("a", None).await.unwrap();
        db.store.intervals().stop("b", Some("node:3")).await.unwrap();
        db.advance(1000);
        assert_eq!(history(&db.store).await, [stretch(0, 1000, "up")]);
        assert_eq!(db.store.intervals().latest("node:2").await.unwrap().unwrap().to_ms, None);
        record(&db.store, "up").await;
        db.advance(1);
        assert_eq!(history(&db.store).await, [stretch(0, 1000, "up"), stretch(2000, 2001, "up")]);
    })
    .await;
}

#[tokio::test]
async fn range_is_cut_to_what_was_asked() {
    for_each_db(async |db| {
        for state in ["up", "down", "up"] {
            record(&db.store, state).await;
            db.advance(1000);
        }
        let rows = db.store.intervals().range(NODE, START_MS + 500, START_MS + 2000).await.unwrap();
        let cut: Vec<_> = rows.iter().map(|r| (r.from_ms - START_MS, r.to_ms.unwrap() - START_MS)).collect();
        assert_eq!(cut, [(500, 1000), (1000, 2000)]);
        assert!(db.store.intervals().range("node:9", 0, i64::MAX).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn clock_set_back_never_makes_intervals_overlap() {
    for_each_db(async |db| {
        record(&db.store, "up").await;
        db.advance(10_000);
        record(&db.store, "down").await;
        db.advance(-60_000);
        record(&db.store, "up").await;
        db.advance(1000);
        record(&db.store, "down").await;
        db.advance(120_000);
        record(&db.store, "up").await;
        db.advance(1);
        let all = history(&db.store).await;
        assert!(all.windows(2).all(|w| w[0].1 <= w[1].0), "{all:?}");
        assert!(all.iter().all(|(from, to, _)| from < to), "{all:?}");
        assert_eq!(all.last().unwrap().2, "up");
    })
    .await;
}

#[tokio::test]
async fn prune_keeps_four_hundred_days_and_what_still_lasts() {
    for_each_db(async |db| {
        record(&db.store, "up").await;
        db.advance(1000);
        record(&db.store, "down").await;
        db.advance(1000);
        record(&db.store, "up").await;
        assert_eq!(rows(&db).await, 2, "the last one has no length yet");
        // One ended 1 s after the beginning, the other 2 s; the third has not ended.
        db.advance(KEPT_MS - 500);
        db.store.intervals().looking("a").await.unwrap();
        db.store.intervals().prune().await.unwrap();
        assert_eq!(rows(&db).await, 2);
        assert_eq!(history(&db.store).await[0].2, "down");
        db.store.intervals().remove(NODE).await.unwrap();
        assert_eq!(rows(&db).await, 0);
    })
    .await;
}
