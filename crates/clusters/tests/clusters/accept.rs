//! Accepted differences: they do not count, are in no heal, and count again once they are others or their time is over.

use ledger::Drift;
use model::{
    drift::{Acceptance, Accepted, Accepting, DriftPage, DriftQuery, Kind, PairView, SeenRow},
    heal::{Decision, HealChoice, Keep, Picked},
};
use store::ledger::{NewAcceptance, Place, Recounted};

use crate::{
    heal::{apart, compared, equal_pair, plan},
    rig::{Rig, eventually, succeeded},
};

async fn of_kind(rig: &Rig, pair: &PairView, kind: Option<Kind>) -> DriftPage {
    rig.clusters.drifts(&pair.id, &DriftQuery { kind, ..DriftQuery::default() }).await.unwrap()
}

/// Those of these tags that differ, as they are seen.
async fn seen(rig: &Rig, pair: &PairView, things: &[&str]) -> Vec<SeenRow> {
    let rows = of_kind(rig, pair, None).await.rows.into_iter();
    rows.filter(|row| things.contains(&row.thing.as_str()))
        .map(|row| SeenRow {
            repository: row.repository,
            thing: row.thing,
            held: row.held.map(|held| held.map(|h| model::Digest::parse(&h.digest).unwrap())),
        })
        .collect()
}

fn accepting(rows: Vec<SeenRow>, days: Option<u16>) -> Accepting {
    Accepting { rows, why: " each has its own ".into(), days }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_accepted_does_not_count_and_is_in_no_heal_until_a_side_changes() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let before = plan(&rig, &pair).await;
    let rows = seen(&rig, &pair, &["fought", "moved"]).await;
    assert_eq!(rows.len(), 2);
    let after = rig.clusters.accept(&pair.id, accepting(rows.clone(), None), "lw").await.unwrap();
    assert_eq!((after.differences(), after.healable(), after.of_kind(Kind::Accepted)), (4, 4, 2));
    assert!(after.changes > pair.changes && after.version > pair.version);
    {
        let news = rig.heard.news.lock().unwrap();
        let told = news.iter().find(|n| n.code == "pair.accepted").unwrap();
        assert_eq!(told.by, "lw");
        assert_eq!(told.text.en, "a ⇄ b may differ in shop/cart:fought and 1 more. Reason: each has its own");
        let links = rig.heard.links.lock().unwrap();
        let drawn: Vec<_> = links.values().flatten().map(|l| l.label.en.clone()).collect();
        assert_eq!(drawn, ["4 differ", "4 differ"]);
    }
    // The list names them only where they are asked for, with all that was said.
    assert_eq!(of_kind(&rig, &pair, None).await.rows.len(), 4);
    let listed = of_kind(&rig, &pair, Some(Kind::Accepted)).await.rows;
    assert_eq!(listed.iter().map(|r| r.thing.as_str()).collect::<Vec<_>>(), ["fought", "moved"]);
    let accepted = listed[1].accepted.as_ref().unwrap();
    assert_eq!((accepted.by.as_str(), accepted.why.as_str()), ("lw", "each has its own"));
    assert_eq!((accepted.until_ms, listed[1].heals, listed[1].what.en.as_str()), (None, false, "Moved on a"));

    // A plan made before is past; a new one leaves them out, also where a person names them.
    let refused = rig.clusters.heal(&before.id, Some(before.deletes), "lw").await.unwrap_err();
    assert_eq!(refused.code, "heal.stale");
    let planned = plan(&rig, &pair).await;
    assert_eq!((planned.copies, planned.moves, planned.deletes), (2, 0, 2));
    let decision = Decision { repository: "shop/cart".into(), thing: "fought".into(), keep: Keep::B };
    for choice in [
        HealChoice { decision: Some(decision), ..HealChoice::default() },
        HealChoice { kind: Some(Kind::Accepted), ..HealChoice::default() },
    ] {
        let refused = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap_err();
        assert_eq!(refused.code, "heal.nothing");
    }
    let fought = [0, 1].map(|n| rig.node(n).tag_digest("shop/cart", "fought"));
    let run = rig.over(&rig.clusters.heal(&planned.id, Some(2), "lw").await.unwrap()).await;
    succeeded(&run);
    let last = run.steps.iter().find(|s| s.key == "compare").unwrap();
    assert!(last.outcome.as_ref().unwrap().en.contains("4 → 0"), "{last:#?}");
    assert_eq!([0, 1].map(|n| rig.node(n).tag_digest("shop/cart", "fought")), fought);
    let pair = compared(&rig, |p| p.differences() == 0).await;
    assert_eq!(pair.of_kind(Kind::Accepted), 2);
    assert!(rig.heard.links.lock().unwrap().values().all(Option::is_none), "it is green");
    assert_eq!(pair.holds_ms, [pair.read_ms; 2], "what is accepted keeps no side behind");

    // One side changes: it counts again, and its acceptance is over for good.
    rig.node(1).push_image("shop/cart", "fought", "seven");
    let pair = compared(&rig, |p| p.differences() == 1).await;
    assert_eq!((pair.of_kind(Kind::Conflict), pair.of_kind(Kind::Accepted)), (1, 1));
    // What was seen is another difference by now.
    let old: Vec<SeenRow> = rows.into_iter().filter(|r| r.thing == "fought").collect();
    let refused = rig.clusters.accept(&pair.id, accepting(old, None), "lw").await.unwrap_err();
    assert_eq!(refused.code, "accept.changed");

    // A person takes the other one back.
    let back = [Picked { repository: "shop/cart".into(), thing: "moved".into() }];
    let pair = rig.clusters.count_again(&pair.id, &back, "lw").await.unwrap();
    assert_eq!((pair.differences(), pair.of_kind(Kind::Moved), pair.of_kind(Kind::Accepted)), (2, 1, 0));
    let refused = rig.clusters.count_again(&pair.id, &back, "lw").await.unwrap_err();
    assert_eq!(refused.code, "accept.changed");
    let planned = plan(&rig, &pair).await;
    assert_eq!((planned.copies, planned.moves, planned.deletes), (0, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_accepted_counts_again_once_its_time_is_over() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let rows = seen(&rig, &pair, &["fought"]).await;
    let wrong = Accepting { why: " ".into(), ..accepting(rows.clone(), Some(1)) };
    assert_eq!(rig.clusters.accept(&pair.id, wrong, "lw").await.unwrap_err().code, "accept.why");
    rig.clusters.accept(&pair.id, accepting(rows, Some(1)), "lw").await.unwrap();
    // Also by comparing again nothing of it changes.
    let pair = compared(&rig, |p| p.differences() == 5).await;
    let until = of_kind(&rig, &pair, Some(Kind::Accepted)).await.rows[0].accepted.clone().unwrap().until_ms;
    let lasts = until.unwrap() - rig.store.now_ms();
    assert!((86_000_000..=86_400_000).contains(&lasts), "{lasts}");
    // The same with a time that is over in a moment: the clock of the console is not set here.
    let soon_ms = rig.store.now_ms() + 300;
    ends_at(&rig, &pair, soon_ms).await;
    let counts = async || rig.clusters.pair(&pair.id).await.unwrap().differences() == 6;
    eventually("it counts again", counts).await;
    assert!(rig.store.now_ms() >= soon_ms);
    let pair = rig.clusters.pair(&pair.id).await.unwrap();
    assert_eq!((pair.of_kind(Kind::Conflict), pair.of_kind(Kind::Accepted)), (1, 0));
    assert!(rig.store.ledger().acceptances(&pair.id, "shop/cart").await.unwrap().is_empty());
    assert_eq!(compared(&rig, |p| p.differences() == 6).await.of_kind(Kind::Accepted), 0);
}

/// Sets another end to the acceptance of what was fought about.
async fn ends_at(rig: &Rig, pair: &PairView, until_ms: i64) {
    let place = Place { repository: "shop/cart".into(), thing: "fought".into() };
    let row = rig.store.ledger().drift(&pair.id, &place).await.unwrap().unwrap();
    let mut drift: Drift = row.body_as().unwrap();
    let accepted = Accepted { until_ms: Some(until_ms), ..drift.accepted.take().unwrap() };
    let acceptance = Acceptance::of(&drift.difference, accepted.clone());
    drift.accepted = Some(accepted);
    let body = serde_json::to_value(acceptance).unwrap();
    let ends = Recounted {
        repository: row.repository,
        before: row.body,
        drift: drift.row(),
        acceptance: Some(NewAcceptance { until_ms: Some(until_ms), body }),
    };
    rig.store.ledger().recount(&pair.id, &[ends]).await.unwrap();
}
