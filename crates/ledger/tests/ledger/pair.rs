//! Comparing pairs of simulated Harbors, on both databases.

use harbor_sim::{Fault, Fill};
use ledger::{Depth, Drift, LedgerError, PairState, compare_pair};
use model::drift::{Action, Direction, Kind};
use store::testing::for_each_db;

use crate::two::Two;

#[tokio::test]
async fn compare_knows_what_people_did_since_both_were_alike() {
    for_each_db(async |db| {
        for version in ["2.8.6", "2.12.4", "2.14.4", "2.15.2"] {
            let store = db.reopen().await;
            for cluster in store.clusters().list().await.unwrap() {
                store.clusters().remove(&cluster.id).await.unwrap();
            }
            let two = Two::start(&store, version, Direction::Both).await;
            for tag in ["kept", "moved", "deleted", "fought"] {
                two.both("shop/cart", tag, "one");
            }
            two.both("shop/gone", "v1", "whole");
            assert_eq!(two.found().await, Vec::<String>::new(), "{version}");
            // The acts below are later than what was read alike, by more than a second.
            db.advance(2_000);
            two.sim.clock().advance(std::time::Duration::from_secs(2));
            two.a().push_image("shop/cart", "new", "two");
            two.b().push_image("new/there", "v1", "three");
            two.a().push_image("shop/cart", "moved", "four");
            two.b().delete_tag("shop/cart", "deleted");
            two.a().push_image("shop/cart", "fought", "five");
            two.b().push_image("shop/cart", "fought", "six");
            two.a().delete_artifact("shop/gone", "v1");
            let found = two.found().await;
            assert_eq!(
                found,
                [
                    "new/there:v1 new b",
                    "shop/cart:deleted deleted b",
                    "shop/cart:fought conflict",
                    "shop/cart:moved moved a",
                    "shop/cart:new new a",
                    "shop/gone:v1 deleted a",
                ],
                "{version}"
            );
            // Looking again changes nothing, also not when it was found first.
            let before = two.rows().await;
            db.advance(60_000);
            two.compare().await;
            assert_eq!(two.rows().await, before);
        }
    })
    .await;
}

#[tokio::test]
async fn compare_says_no_history_at_first_contact_and_never_deletes_then() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        two.both("p/r", "same", "one");
        two.a().push_image("p/r", "only-a", "two");
        two.b().push_image("p/r", "only-b", "three");
        two.b().delete_tag("p/r", "only-b");
        two.a().push_image("p/r", "differs", "four");
        two.b().push_image("p/r", "differs", "five");
        let found = two.found().await;
        assert_eq!(
            found.iter().filter(|f| f.contains("conflict")).collect::<Vec<_>>(),
            ["p/r:differs conflict"]
        );
        assert!(found.contains(&"p/r:only-a no-history a".to_owned()), "{found:?}");
        for row in two.rows().await {
            let drift: Drift = row.body_as().unwrap();
            let action = drift.difference.action;
            assert!(!matches!(action, Action::Delete { .. } | Action::DeleteBoth), "{row:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn compare_one_way_leaves_what_only_the_destination_has() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::AToB).await;
        two.both("p/r", "v1", "one");
        two.b().push_image("p/own", "v1", "two");
        assert_eq!(two.found().await, ["p/own:v1 extra b"]);
        two.sim.clock().advance(std::time::Duration::from_secs(2));
        db.advance(2_000);
        two.b().delete_tag("p/r", "v1");
        let found = two.found().await;
        assert!(found.contains(&"p/r:v1 vanished b".to_owned()), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn compare_finds_every_difference_among_many_and_nothing_else() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        let fill = Fill { artifacts: 6_000, repositories: 300, ..Fill::default() };
        two.a().fill(&fill);
        two.b().fill(&fill);
        let state = two.compare().await;
        assert_eq!((state.compared, state.equal), (6_000, 6_000));
        let known = two.b().diverge(&fill, 40);
        let before = two.a().served();
        // These changed without a word.
        let state = two.read(Depth::Whole).await;
        let requests = two.a().served() - before;
        assert!(requests < 60, "{requests} requests");
        let tagged = two.rows().await.iter().filter(|r| !r.thing.starts_with('@')).count();
        assert_eq!((tagged, state.repositories), (known.len(), 300), "{known:?}");
    })
    .await;
}

#[tokio::test]
async fn compare_keeps_the_state_where_a_harbor_fails_in_the_middle() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        two.both("p/r", "v1", "one");
        let first = two.compare().await;
        two.a().push_image("p/r", "v2", "two");
        two.b().fault(Fault::CutJson).await;
        let failed = compare_pair(two.store, &two.pair, Depth::Due, &|_| {}).await.unwrap_err();
        assert!(matches!(&failed, LedgerError::Harbor { node, .. } if node.as_str() == "b"), "{failed}");
        let kept: PairState = two.store.ledger().pair(&two.pair.id).await.unwrap().state_as().unwrap();
        assert_eq!(kept, first);
        two.b().heal().await;
        assert_eq!(two.found().await, ["p/r:v2 new a"]);
    })
    .await;
}

#[tokio::test]
async fn compare_leaves_out_what_breakwater_made_for_a_while() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        two.a().push_image("breakwater-proof-1/image", "crossing", "probe");
        two.a().push_image("p/r", "v1", "one");
        assert_eq!(two.found().await, ["p/r:v1 no-history a"]);
        let kind = two.rows().await[0].kind;
        assert_eq!(kind, Kind::NoHistory);
    })
    .await;
}

#[tokio::test]
async fn compare_forgets_what_it_knew_when_a_database_was_restored() {
    for_each_db(async |db| {
        for version in ["2.8.6", "2.15.2"] {
            let store = db.reopen().await;
            for cluster in store.clusters().list().await.unwrap() {
                store.clusters().remove(&cluster.id).await.unwrap();
            }
            let two = Two::start(&store, version, Direction::Both).await;
            for tag in ["kept", "old"] {
                two.both("shop/cart", tag, "one");
            }
            assert!(two.found().await.is_empty());
            let yesterday = two.b().backup();
            two.both("shop/cart", "late", "two");
            for node in [two.a(), two.b()] {
                node.delete_tag("shop/cart", "old");
            }
            assert!(two.found().await.is_empty(), "{version}");
            two.b().restore(&yesterday);
            // Nobody deleted anything, whatever the log said before: nothing may go by itself.
            let state = two.compare().await;
            assert!(state.restored_ms[1].is_some() && state.restored_ms[0].is_none(), "{version}: {state:?}");
            assert_eq!(two.found().await, ["shop/cart:late new a", "shop/cart:old conflict"], "{version}");
            assert_eq!(two.compare().await.restored_ms[1], state.restored_ms[1], "until both are alike");
            two.a().push_image("shop/cart", "old", "one");
            two.b().push_image("shop/cart", "late", "two");
            assert_eq!(two.compare().await.restored_ms, [None; 2], "{version}");
        }
    })
    .await;
}

#[tokio::test]
async fn compare_tells_since_when_a_side_is_behind() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        two.both("shop/cart", "kept", "one");
        assert_eq!(two.compare().await.behind_ms, [None; 2]);
        two.a().push_image("shop/cart", "new", "two");
        let behind = two.compare().await.behind_ms;
        assert!(behind[0].is_none() && behind[1].is_some(), "{behind:?}");
        two.a().push_image("shop/cart", "newer", "three");
        assert_eq!(two.compare().await.behind_ms, behind, "the oldest counts");
    })
    .await;
}

#[tokio::test]
async fn compare_finds_the_same_also_where_a_clock_is_measured_a_little_otherwise() {
    for_each_db(async |db| {
        let mut two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        two.both("shop/cart", "kept", "one");
        two.compare().await;
        two.a().push_image("shop/cart", "new", "two");
        let (state, rows) = (two.compare().await, two.rows().await);
        two.pair.sides[0].clock_offset_ms += 40;
        assert_eq!((two.compare().await.changes, two.rows().await), (state.changes, rows));
        // A clock that was set is another one.
        two.pair.sides[0].clock_offset_ms += 40_000;
        assert_eq!(two.compare().await.changes, state.changes + 1);
    })
    .await;
}
