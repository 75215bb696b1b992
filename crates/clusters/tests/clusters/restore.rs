//! What a heal replaced or deleted can be put back for a time, and then it is what a person wants.

use harbor_sim::SimConfig;
use model::{
    Topology,
    drift::{Kind, PairView},
    heal::{HealChoice, HealPolicy, HealSettings, KeptView},
    ids::RunId,
    names::kept_tag,
    run::{RunKind, RunState, RunView},
};

use crate::{
    heal::{compared, equal_pair},
    rig::{Rig, admin, eventually, succeeded},
};

/// Heals all that heals; gives the run's id with what it keeps.
async fn healed(rig: &Rig, pair: &PairView) -> (RunView, Vec<KeptView>) {
    let plan = rig.clusters.heal_plan(&pair.id, &HealChoice::default(), "lw").await.unwrap();
    let run = rig.over(&rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap()).await;
    succeeded(&run);
    let kept = rig.clusters.kept_by_heal(&run.id).await.unwrap();
    (run, kept)
}

/// A person moves one tag and deletes another on the first node, and the second follows.
async fn followed(rig: &Rig) -> (RunId, KeptView, KeptView) {
    rig.node(0).push_image("shop/cart", "moved", "two");
    rig.node(0).delete_tag("shop/cart", "deleted");
    let pair = compared(rig, |p| p.healable() == 2).await;
    let (run, kept) = healed(rig, &pair).await;
    let of = |tag: &str| kept.iter().find(|k| k.tag.as_deref() == Some(tag)).unwrap().clone();
    (run.id, of("moved"), of("deleted"))
}

fn held(rig: &Rig, tag: &str) -> [Option<String>; 2] {
    [0, 1].map(|n| rig.node(n).tag_digest("shop/cart", tag))
}

async fn restored(rig: &Rig, kept: &KeptView) -> RunView {
    let run = rig.clusters.restore(&kept.id, "lw").await.unwrap();
    rig.over(&run).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_heal_moved_or_deleted_is_kept_restored_and_followed() {
    for version in ["2.12.4", "2.15.2"] {
        let rig = equal_pair(version).await;
        let first = held(&rig, "moved")[0].clone().unwrap();
        let (run, moved, deleted) = followed(&rig).await;
        for kept in [&moved, &deleted] {
            assert_eq!((kept.node.as_str(), kept.repository.as_str()), ("b", "shop/cart"));
            assert_eq!((kept.digest.to_string(), kept.gone), (first.clone(), false));
            assert_eq!(rig.node(1).tag_digest("shop/cart", &kept.kept_as), Some(first.clone()), "{version}");
        }
        let run = rig.clusters.run(&run).await.unwrap();
        let told: Vec<_> = run.steps.iter().filter_map(|s| Some(s.outcome.as_ref()?.en.clone())).collect();
        assert_eq!(told.iter().filter(|t| t.contains("1 can be restored")).count(), 2, "{told:?}");
        assert_eq!(rig.clusters.receipt(&run.id).await.unwrap().kept.len(), 2);
        // Our tags are not compared.
        compared(&rig, |p| p.differences() == 0).await;

        for kept in [&moved, &deleted] {
            let run = restored(&rig, kept).await;
            succeeded(&run);
            assert_eq!(run.kind, RunKind::Restore);
            assert_eq!(rig.clusters.undo_run(&run.id, "lw").await.unwrap_err().code, "heal.final");
        }
        assert_eq!(
            (held(&rig, "moved")[1].as_ref(), held(&rig, "deleted")[1].as_ref()),
            (Some(&first), Some(&first))
        );
        let pair = compared(&rig, |p| p.healable() == 2).await;
        assert_eq!((pair.of_kind(Kind::Moved), pair.of_kind(Kind::New)), (1, 1), "{version}: {pair:#?}");
        let (_, kept) = healed(&rig, &pair).await;
        // What the first node's tag stood for in between is kept there in its turn.
        assert_eq!(kept.iter().map(|k| k.node.as_str()).collect::<Vec<_>>(), ["a"]);
        for tag in ["moved", "deleted"] {
            assert_eq!(held(&rig, tag), [Some(first.clone()), Some(first.clone())], "{version} {tag}");
        }
        compared(&rig, |p| p.differences() == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_had_no_tag_stands_by_itself_again_and_crosses() {
    let rig = equal_pair("2.15.2").await;
    let [alone, _] = [0, 1].map(|n| rig.node(n).push_image("shop/cart", "alone", "by its digest"));
    for n in [0, 1] {
        rig.node(n).delete_tag("shop/cart", "alone");
    }
    compared(&rig, |p| p.differences() == 0).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    rig.node(0).delete_artifact("shop/cart", &alone);
    let pair = compared(&rig, |p| p.of_kind(Kind::Deleted) == 1).await;
    let (heal, kept) = healed(&rig, &pair).await;
    let [kept] = kept.as_slice() else { panic!("{kept:#?}") };
    assert_eq!((kept.node.as_str(), &kept.tag, kept.digest.to_string()), ("b", &None, alone.clone()));
    assert!(held(&rig, &kept.kept_as)[1].is_some());

    succeeded(&restored(&rig, kept).await);
    assert_eq!(held(&rig, &kept.kept_as), [None, None]);
    assert_eq!(held(&rig, &alone), [None, Some(alone.clone())]);
    let view = rig.clusters.kept_by_heal(&heal.id).await.unwrap();
    assert!(view.iter().all(|one| one.gone), "{view:#?}");
    let pair = compared(&rig, |p| p.of_kind(Kind::New) == 1).await;
    healed(&rig, &pair).await;
    assert_eq!(held(&rig, &alone), [Some(alone.clone()), Some(alone.clone())]);
    compared(&rig, |p| p.differences() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_restored_crosses_by_itself_where_the_team_allows_it() {
    let rig = equal_pair("2.15.2").await;
    let first = held(&rig, "moved")[0].clone();
    let (_, moved, deleted) = followed(&rig).await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    for (kept, tag) in [(&moved, "moved"), (&deleted, "deleted")] {
        let healing = async || rig.clusters.pair(&pair.id).await.unwrap().healing.is_none();
        eventually("no heal is at work", healing).await;
        succeeded(&restored(&rig, kept).await);
        eventually(&format!("both hold {tag}"), async || held(&rig, tag) == [first.clone(), first.clone()])
            .await;
    }
    compared(&rig, |p| p.healing.is_none() && p.differences() == 0).await;
    for tag in ["moved", "deleted"] {
        assert_eq!(held(&rig, tag), [first.clone(), first.clone()]);
    }
    let news = rig.heard.news.lock().unwrap();
    assert_eq!(news.iter().filter(|n| n.code == "pair.restored_tag").count(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_goes_on_both_sides_when_its_time_is_over() {
    let rig = equal_pair("2.15.2").await;
    let (run, moved, deleted) = followed(&rig).await;
    // A rule without filters carries our tags over, as it does anybody's.
    let harbor = admin(&rig.node(1));
    let rule = harbor.all_policies().await.unwrap().remove(0);
    harbor.start_execution(rule.id).await.unwrap();
    let carried = async || rig.node(0).tag_digest("shop/cart", &moved.kept_as).is_some();
    eventually("it was carried over", carried).await;
    eventually("nothing is on its way", async || rig.node(1).is_quiet()).await;
    compared(&rig, |p| p.differences() == 0).await;
    assert!(rig.store.leftovers().open().await.unwrap().is_empty(), "their time is not over");
    for row in rig.store.leftovers().of_run(&run).await.unwrap().iter().filter(|r| r.kind == "kept") {
        let leftovers = rig.store.leftovers();
        let due = Some(rig.store.clock().now_ms() - 1);
        leftovers.register(&row.node, &row.kind, &row.name, &row.reference, Some(&run), due).await.unwrap();
    }
    let all_gone = async || rig.clusters.kept_by_heal(&run).await.unwrap().iter().all(|k| k.gone);
    eventually("they are gone", all_gone).await;
    for kept in [&moved, &deleted] {
        assert_eq!(held(&rig, &kept.kept_as), [None, None]);
        assert_eq!(rig.clusters.restore(&kept.id, "lw").await.unwrap_err().code, "restore.none");
    }
    // What other tags stand for is untouched.
    assert_eq!(held(&rig, "kept").map(|h| h == Some(moved.digest.to_string())), [true, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_where_it_could_never_be_taken_away_again_or_the_team_wants_none() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    // A rule that would hold our tags for ever, though not the one that moves.
    rig.node(1).protect_tags("shop", "*-heal-*");
    let two = rig.node(0).push_image("shop/cart", "moved", "two");
    let differs = compared(&rig, |p| p.healable() == 1).await;
    let (run, kept) = healed(&rig, &differs).await;
    assert!(kept.iter().all(|k| k.gone), "{kept:#?}");
    let told: Vec<_> = run.steps.iter().filter_map(|s| Some(s.outcome.as_ref()?.en.clone())).collect();
    assert!(told.iter().any(|t| t.contains("1 cannot be restored")), "{told:?}");
    assert_eq!(held(&rig, "moved"), [Some(two.clone()), Some(two)]);

    let none = HealSettings { keep_days: 0, ..HealSettings::default() };
    let set = rig.clusters.set_heal_settings(&pair.id, none, "lw").await.unwrap();
    assert_eq!(set.settings, none);
    let days = HealSettings { keep_days: 999, ..none };
    let hours = HealSettings { whole_hours: HealSettings::MOST_HOURS + 1, ..none };
    for (too_long, field) in [(days, "keep_days"), (hours, "whole_hours")] {
        let refused = rig.clusters.set_heal_settings(&pair.id, too_long, "lw").await.unwrap_err();
        assert_eq!((refused.code.as_ref(), refused.field.as_deref()), ("heal.settings", Some(field)));
    }
    rig.node(0).delete_tag("tools/lint", "v1");
    let differs = compared(&rig, |p| p.healable() == 1).await;
    let (_, kept) = healed(&rig, &differs).await;
    assert!(kept.is_empty(), "{kept:#?}");
    assert!(rig.node(1).tag_digest("tools/lint", "v1").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restoring_what_is_gone_takes_nothing_away() {
    let rig = equal_pair("2.15.2").await;
    let (_, moved, _) = followed(&rig).await;
    let now = held(&rig, "moved");
    // Somebody deletes the image by its digest, our tag and all.
    rig.node(1).delete_artifact("shop/cart", &moved.digest.to_string());
    let run = restored(&rig, &moved).await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(run.steps[0].error.as_ref().unwrap().code, "restore.gone");
    assert_eq!(held(&rig, "moved"), now);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_images_go_one_way_the_source_is_restored() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    for n in [0, 1] {
        rig.node(n).push_image("shop/cart", "moved", "one");
    }
    let id = rig.draft(Topology::OneToMany, &["hq", "gz"]).await;
    succeeded(&rig.adopt(&id).await);
    compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let first = held(&rig, "moved")[0].clone();
    rig.node(0).push_image("shop/cart", "moved", "two");
    let pair = compared(&rig, |p| p.healable() == 1).await;
    let (_, kept) = healed(&rig, &pair).await;
    assert_eq!(kept[0].kept_as, kept_tag(Some("moved"), &kept[0].digest));
    succeeded(&restored(&rig, &kept[0]).await);
    assert_eq!(held(&rig, "moved")[0], first);
    let pair = compared(&rig, |p| p.healable() == 1).await;
    healed(&rig, &pair).await;
    assert_eq!(held(&rig, "moved"), [first.clone(), first]);
}
