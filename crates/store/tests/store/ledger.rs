use model::{
    Topology,
    drift::Kind,
    ids::{NodeId, PairId},
    names::{ClusterName, NodeName},
};
use serde_json::json;
use store::{
    ledger::{
        ActRow, Compared, Counts, DriftFilter, NewAcceptance, NewDrift, Place, ProjectRow, Reading,
        Recounted, Sums,
    },
    nodes::NodeFields,
    testing::{TestDb, for_each_db},
};

async fn pair(db: &TestDb) -> (PairId, NodeId) {
    let name = ClusterName::parse("prod").unwrap();
    let cluster = db.store.clusters().insert(&name, Topology::DualMaster, &json!({})).await.unwrap();
    let mut nodes = Vec::new();
    for (position, name) in [(0, "a"), (1, "b")] {
        let name = NodeName::parse(name).unwrap();
        let fields = NodeFields { position, name: &name, address: "x", tls: json!({}), role: "", tier: 0 };
        nodes.push(db.store.nodes().insert(&cluster.id, fields).await.unwrap().id);
    }
    let row = db.store.ledger().pair_of(&cluster.id, &nodes[0], &nodes[1], &json!({"n": 1})).await.unwrap();
    let again = db.store.ledger().pair_of(&cluster.id, &nodes[0], &nodes[1], &json!({"n": 2})).await.unwrap();
    assert_eq!((&again.id, &again.state), (&row.id, &json!({"n": 1})), "the pair is made once");
    (row.id, nodes.remove(0))
}

fn drift(thing: &str, kind: Kind, heals: bool, bytes: i64) -> NewDrift {
    NewDrift { thing: thing.to_owned(), kind, heals, bytes, body: json!({}) }
}

fn compared<'a>(repository: &'a str, base: Option<Vec<u8>>, drifts: Vec<NewDrift>) -> Compared<'a> {
    let compared = i64::try_from(drifts.len()).unwrap();
    Compared {
        repository,
        base,
        reading: Some(Reading { compared, ..Reading::default() }),
        drifts: Some(drifts),
        ..Compared::default()
    }
}

#[tokio::test]
async fn keep_replaces_a_repository_and_remembers_when_a_difference_was_found() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        let first = compared(
            "p/a",
            Some(vec![1, 2]),
            vec![drift("v1", Kind::New, true, 5), drift("v2", Kind::Moved, true, 7)],
        );
        ledger.keep(&pair, &[first]).await.unwrap();
        db.advance(1000);
        let later = compared(
            "p/a",
            None,
            vec![drift("v2", Kind::Conflict, false, 0), drift("v3", Kind::New, true, 1)],
        );
        ledger.keep(&pair, &[later]).await.unwrap();
        let rows = ledger.drifts(&pair, &DriftFilter::default(), &Place::default(), 10).await.unwrap();
        let seen: Vec<_> = rows.iter().map(|r| (r.thing.as_str(), r.kind, r.heals)).collect();
        assert_eq!(seen, [("v2", Kind::Conflict, false), ("v3", Kind::New, true)]);
        assert_eq!(rows[1].found_ms - rows[0].found_ms, 1000);
        let reading = Reading { compared: 2, ..Reading::default() };
        assert_eq!(ledger.known(&pair, "p/a").await.unwrap(), (Some(reading), Some(vec![1, 2])));
        assert_eq!(ledger.drifted(&pair).await.unwrap(), ["p/a"]);
        ledger.keep(&pair, &[compared("p/a", Some(Vec::new()), Vec::new())]).await.unwrap();
        assert_eq!(ledger.known(&pair, "p/a").await.unwrap(), (None, None));
        assert!(ledger.repositories(&pair, "", 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn drifts_are_paged_in_one_order_on_every_engine_and_found_by_kind() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        // A locale's order would put these otherwise than their bytes do.
        for repository in ["p/b", "p/A-x", "p/a_1", "p/a"] {
            let rows = vec![drift("v1", Kind::New, true, 10), drift("V1", Kind::Deleted, true, 0)];
            ledger.keep(&pair, &[compared(repository, None, rows)]).await.unwrap();
        }
        let (mut after, mut seen) = (Place::default(), Vec::new());
        loop {
            let page = ledger.drifts(&pair, &DriftFilter::default(), &after, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Place { repository: last.repository.clone(), thing: last.thing.clone() };
            seen.extend(page.into_iter().map(|r| (r.repository, r.thing)));
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), &sorted), (8, &seen));
        let find = async |kind| {
            let filter = DriftFilter { kind, ..DriftFilter::default() };
            ledger.drifts(&pair, &filter, &Place::default(), 100).await.unwrap().len()
        };
        assert_eq!(find(Some(Kind::New)).await, 4);
        assert_eq!(find(Some(Kind::Conflict)).await, 0);
        let totals = ledger.drift_totals(&pair).await.unwrap();
        let seen: Vec<_> = totals.iter().map(|t| (t.kind, t.heals, t.count, t.bytes)).collect();
        assert_eq!(seen, [(Kind::New, true, 4, 40), (Kind::Deleted, true, 4, 0)]);
    })
    .await;
}

/// More things that begin alike than are sorted, in many repositories.
const MANY: usize = 1_100;

#[tokio::test]
async fn a_text_finds_repositories_that_contain_it_and_things_that_begin_with_it_in_pages() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        let digest = format!("@sha256:{}", "ab".repeat(32));
        let rows = |n: usize| {
            let kind = if n % 100 == 7 { Kind::Conflict } else { Kind::New };
            let mut rows = vec![drift("V1.0", kind, true, 1), drift("release", Kind::Moved, true, 1)];
            match n {
                5 => rows.push(drift(&digest, Kind::New, true, 1)),
                9 => rows.push(drift("v1.0-accepted", Kind::Accepted, false, 1)),
                _ => {}
            }
            rows
        };
        let names: Vec<String> = (0..MANY).map(|n| format!("p/app-{n:04}")).collect();
        let mut all: Vec<_> =
            names.iter().enumerate().map(|(n, name)| compared(name, None, rows(n))).collect();
        all.push(compared("v1/a_b%", None, vec![drift("x", Kind::New, true, 1)]));
        ledger.keep(&pair, &all).await.unwrap();

        let find = async |kind, accepted, text: &str| {
            let filter = DriftFilter { kind, accepted, text: text.to_owned() };
            let (mut after, mut seen) = (Place::default(), Vec::new());
            loop {
                let page = ledger.drifts(&pair, &filter, &after, 150).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Place { repository: last.repository.clone(), thing: last.thing.clone() };
                seen.extend(page.into_iter().map(|r| (r.repository, r.thing)));
            }
            assert!(seen.is_sorted(), "{text}");
            seen.dedup();
            seen.len()
        };
        let any = async |text: &str| find(None, false, text).await;
        assert_eq!((any("v1").await, any(":v1").await, any("V1.0").await), (MANY + 1, MANY, MANY));
        assert_eq!((any("1.0").await, any("nowhere").await, any("elease").await), (0, 0, 0));
        assert_eq!((any("APP-0123").await, any("app-01").await, any("app").await), (2, 200, 2 * MANY + 1));
        assert_eq!((any("app-01:rel").await, any("app-01:x").await, any("app-01:").await), (100, 0, 200));
        assert_eq!((any("%").await, any("a_b").await, any("aab").await, any("0_").await), (1, 1, 0, 0));
        assert_eq!((any(&digest[..14]).await, any(&digest[1..14]).await, any("sha256").await), (1, 1, 0));
        assert_eq!((any("0005@sha256:abab").await, any("0006@sha256:abab").await), (1, 0));

        let conflict = Some(Kind::Conflict);
        assert_eq!(find(conflict, false, "v1").await, 11);
        assert_eq!(find(conflict, false, "app-01").await, 1);
        assert_eq!(find(conflict, false, "app-01:v").await, 1);
        assert_eq!(find(conflict, false, "rel").await, 0);
        assert_eq!(find(Some(Kind::Retired), false, "v1").await, 0);
        // As many of a kind as are not sorted.
        let moved = Some(Kind::Moved);
        assert_eq!((find(moved, false, "rel").await, find(moved, false, ":v").await), (MANY, 0));
        assert_eq!((find(moved, false, "app-01").await, find(moved, false, "app-01:r").await), (100, 100));
        assert_eq!(find(Some(Kind::Accepted), false, "v1.0-").await, 1);
        assert_eq!((find(None, true, "v1.0-").await, any("v1.0-").await), (1, 0));
        assert_eq!((find(None, true, ":v1").await, find(None, true, "app-0009").await), (MANY + 1, 3));
    })
    .await;
}

#[tokio::test]
async fn acts_are_kept_once_and_pruned_by_age() {
    for_each_db(async |db| {
        let (_, node) = pair(&db).await;
        let ledger = db.store.ledger();
        let act = |line, at_ms, repository: &str| ActRow {
            line,
            at_ms,
            repository: repository.to_owned(),
            body: json!({ "line": line }),
        };
        ledger.add_acts(&node, &[act(1, 10, "p/a"), act(2, 20, "p/b")]).await.unwrap();
        ledger.add_acts(&node, &[act(2, 99, "p/z"), act(3, 30, "p/a")]).await.unwrap();
        let lines = async |repository: &str| {
            ledger.acts(&node, repository).await.unwrap().iter().map(|a| a.line).collect::<Vec<_>>()
        };
        assert_eq!((lines("p/a").await, lines("p/b").await), (vec![1, 3], vec![2]));
        ledger.prune_acts(25).await.unwrap();
        assert_eq!((lines("p/a").await, lines("p/b").await), (vec![3], vec![]));
        ledger.forget_acts(&node).await.unwrap();
        assert!(lines("p/a").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_pair_goes_with_its_cluster() {
    for_each_db(async |db| {
        let (pair, node) = pair(&db).await;
        let ledger = db.store.ledger();
        ledger
            .keep(&pair, &[compared("p/a", Some(vec![1]), vec![drift("v", Kind::New, true, 1)])])
            .await
            .unwrap();
        let row = ledger.pair(&pair).await.unwrap();
        ledger.set_state(&pair, &json!({"n": 3})).await.unwrap();
        assert_eq!(ledger.pair(&pair).await.unwrap().version, row.version + 1);
        db.store.clusters().remove(&row.cluster_id).await.unwrap();
        assert_eq!(ledger.pair(&pair).await.unwrap_err().code(), "store.not_found");
        assert!(ledger.drifted(&pair).await.unwrap().is_empty());
        assert!(ledger.acts(&node, "p/a").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn sums_are_those_of_all_repositories_whichever_were_read_last() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        assert_eq!(ledger.sums(&pair).await.unwrap(), Sums::default());
        let put = async |repository: &str, reading: Reading| {
            let one = Compared { repository, base: None, reading: Some(reading), ..Compared::default() };
            ledger.keep(&pair, &[one]).await.unwrap();
        };
        let of = |compared, equal, behind_ms| Reading {
            compared,
            copied: equal,
            equal,
            tags: [compared, equal],
            artifacts: [2, 3],
            behind_ms,
        };
        put("p/a", of(5, 5, [None, Some(7)])).await;
        put("p/b", of(9, 8, [None, Some(9)])).await;
        put("p/c", of(1, 0, [None, None])).await;
        put("p/a", of(4, 4, [None, None])).await;
        // Neither side has it any more.
        put("p/c", Reading::default()).await;
        let all = Reading { artifacts: [4, 6], ..of(13, 12, [None, Some(9)]) };
        assert_eq!(ledger.sums(&pair).await.unwrap(), Sums { repositories: 2, all });
        assert_eq!(ledger.drifted(&pair).await.unwrap(), ["p/b"]);
        // A database that sorts by words puts these between two of `p`.
        put("p-a/a", of(2, 1, [None, None])).await;
        put("pb/a", Reading { copied: 2, ..of(2, 0, [None, None]) }).await;
        let row =
            |name: &str, compared, copied, equal| ProjectRow { name: name.into(), compared, copied, equal };
        let projects = ledger.projects(&pair).await.unwrap();
        assert_eq!(projects, [row("p", 13, 12, 12), row("p-a", 2, 1, 1), row("pb", 2, 2, 0)]);
        put("p-a/a", Reading::default()).await;
        put("pb/a", Reading::default()).await;
        let known = ledger.repositories(&pair, "p/a", 10).await.unwrap();
        assert_eq!(known, [("p/b".to_owned(), [2, 3])]);
    })
    .await;
}

fn accepted(drift: &NewDrift, until_ms: Option<i64>) -> Recounted {
    Recounted {
        repository: "p/a".to_owned(),
        before: drift.body.clone(),
        drift: NewDrift { kind: Kind::Accepted, heals: false, body: json!({"accepted": 1}), ..drift.clone() },
        acceptance: Some(NewAcceptance { until_ms, body: json!({"why": "meant"}) }),
    }
}

#[tokio::test]
async fn what_is_accepted_is_listed_only_where_it_is_asked_for_and_counts_again() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        let (one, two) = (drift("v1", Kind::Moved, true, 5), drift("v2", Kind::New, true, 7));
        ledger.keep(&pair, &[compared("p/a", None, vec![one.clone(), two.clone()])]).await.unwrap();
        let before = ledger.pair(&pair).await.unwrap();
        ledger.recount(&pair, &[accepted(&one, None)]).await.unwrap();
        let after = ledger.pair(&pair).await.unwrap();
        assert_eq!((after.accepts, after.version), (before.accepts + 1, before.version + 1));

        let things = async |filter: DriftFilter| {
            let rows = ledger.drifts(&pair, &filter, &Place::default(), 9).await.unwrap();
            rows.into_iter().map(|r| r.thing).collect::<Vec<_>>()
        };
        assert_eq!(things(DriftFilter::default()).await, ["v2"]);
        assert_eq!(things(DriftFilter { accepted: true, ..DriftFilter::default() }).await, ["v1", "v2"]);
        let only = DriftFilter { kind: Some(Kind::Accepted), ..DriftFilter::default() };
        assert_eq!(things(only.clone()).await, ["v1"]);
        let totals = ledger.drift_totals(&pair).await.unwrap();
        assert_eq!(
            totals.iter().map(|t| (t.kind, t.count)).collect::<Vec<_>>(),
            [(Kind::New, 1), (Kind::Accepted, 1)]
        );

        // Another difference than the one that was looked at is not accepted, nor anything with it.
        let other = NewDrift { body: json!({"held": "other"}), ..two.clone() };
        let again = accepted(&NewDrift { body: json!({"accepted": 1}), ..one.clone() }, Some(5));
        let refused = ledger.recount(&pair, &[again, accepted(&other, None)]).await.unwrap_err();
        assert_eq!(refused.code(), "store.conflict");
        let kept = ledger.acceptances(&pair, "p/a").await.unwrap();
        assert_eq!(kept.iter().map(|a| (a.thing.as_str(), a.until_ms)).collect::<Vec<_>>(), [("v1", None)]);
        assert_eq!(ledger.pair(&pair).await.unwrap().accepts, after.accepts);

        let back = Recounted {
            acceptance: None,
            before: json!({"accepted": 1}),
            drift: one,
            ..accepted(&two, None)
        };
        ledger.recount(&pair, &[back]).await.unwrap();
        assert_eq!(things(DriftFilter::default()).await, ["v1", "v2"]);
        assert!(ledger.acceptances(&pair, "p/a").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn acceptances_end_by_their_time_and_a_judgement_without_them_is_not_kept() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        let one = drift("v1", Kind::Moved, true, 5);
        ledger.keep(&pair, &[compared("p/a", None, vec![one.clone()])]).await.unwrap();
        let until_ms = db.store.now_ms() + 1_000;
        ledger.recount(&pair, &[accepted(&one, Some(until_ms))]).await.unwrap();
        assert!(ledger.ended_acceptances(9).await.unwrap().is_empty());
        db.advance(1_000);
        let ended = ledger.ended_acceptances(9).await.unwrap();
        let place = Place { repository: "p/a".to_owned(), thing: "v1".to_owned() };
        assert_eq!(ended, [(pair.clone(), place.clone())]);

        // It was accepted after this was judged: it stays as it is.
        let changed = ledger.keep(&pair, &[compared("p/a", Some(vec![1]), vec![one.clone()])]).await.unwrap();
        assert_eq!(changed, 0);
        assert_eq!(ledger.drift(&pair, &place).await.unwrap().unwrap().kind, Kind::Accepted);
        assert!(ledger.known(&pair, "p/a").await.unwrap().1.is_none(), "nothing of it was kept");

        let ids: Vec<_> = ledger.acceptances(&pair, "p/a").await.unwrap().into_iter().map(|a| a.id).collect();
        let judged = Compared { accepted: ids.clone(), over: ids, ..compared("p/a", None, vec![one]) };
        assert_eq!(ledger.keep(&pair, &[judged]).await.unwrap(), 1);
        assert_eq!(ledger.drift(&pair, &place).await.unwrap().unwrap().kind, Kind::Moved);
        assert!(ledger.ended_acceptances(9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn history_is_written_where_it_changed_and_a_gap_stays_one() {
    for_each_db(async |db| {
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        let begin = db.store.now_ms();
        let note = async |n: u64, unseen: Option<i64>| {
            let counts = if n > 0 { vec![(Kind::New, n)] } else { Counts::new() };
            ledger.note_history(&pair, &counts, unseen.map(|at| begin + at)).await.unwrap();
        };
        let told = async |since| {
            let rows = ledger.history(&pair, begin + since).await.unwrap();
            let total = |counts: Counts| counts.iter().map(|(_, n)| *n).sum::<u64>();
            rows.into_iter().map(|row| (row.at_ms - begin, row.counts.map(total))).collect::<Vec<_>>()
        };
        assert!(told(0).await.is_empty());
        note(3, None).await;
        db.advance(15_000);
        note(4, None).await;
        assert_eq!(told(0).await, [(0, Some(3))], "at most one a minute");
        db.advance(45_000);
        note(4, None).await;
        db.advance(90_000);
        note(4, None).await;
        assert_eq!(told(0).await, [(0, Some(3)), (60_000, Some(4))]);
        // Nothing was compared for a day, and it is as before.
        db.advance(86_400_000);
        note(4, Some(150_000)).await;
        let all = [(0, Some(3)), (60_000, Some(4)), (150_000, None), (86_550_000, Some(4))];
        assert_eq!(told(0).await, all);
        assert_eq!(told(100_000).await, all[1..], "what stood then is told");
        assert_eq!(told(86_550_000).await, all[3..]);
        // When both came to hold the same is kept as it was, and so is when they did no more.
        for (n, at) in [(0, 1_000), (2, 2_000)] {
            db.advance(1_000);
            note(n, None).await;
            assert_eq!(told(86_551_000).await.last(), Some(&(86_550_000 + at, Some(n))));
        }
        // Nobody knows what was since a comparison that was just noted.
        db.advance(1_000);
        note(2, Some(86_551_999)).await;
        assert_eq!(told(86_552_001).await, [(86_552_001, None), (86_553_000, Some(2))]);
    })
    .await;
}

#[tokio::test]
async fn history_is_thinned_by_its_age_and_keeps_the_most_and_the_last() {
    for_each_db(async |db| {
        const MINUTE: i64 = 60_000;
        const DAY: i64 = 1_440 * MINUTE;
        let (pair, _) = pair(&db).await;
        let ledger = db.store.ledger();
        // From a full hour on.
        db.advance(60 * MINUTE - db.store.now_ms() % (60 * MINUTE));
        let begin = db.store.now_ms();
        for n in [1, 9, 2, 3, 4, 5, 6, 7, 8, 1] {
            ledger.note_history(&pair, &vec![(Kind::New, n)], None).await.unwrap();
            db.advance(MINUTE);
        }
        let left = async || {
            ledger.thin_history().await.unwrap();
            let rows = ledger.history(&pair, 0).await.unwrap();
            rows.into_iter().map(|r| ((r.at_ms - begin) / MINUTE, r.counts.unwrap()[0].1)).collect::<Vec<_>>()
        };
        assert_eq!(left().await.len(), 10);
        db.advance(DAY);
        assert_eq!(left().await, [(1, 9), (4, 4), (8, 8), (9, 1)]);
        db.advance(13 * DAY);
        assert_eq!(left().await, [(1, 9), (9, 1)]);
        db.advance(90 * DAY);
        assert_eq!(left().await, [(9, 1)], "what stood when the time that is kept begins");
    })
    .await;
}
