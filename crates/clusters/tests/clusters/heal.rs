//! After an outage: compared, planned, healed; what people did is on both sides, and nothing else.

use harbor_sim::{Fault, SimConfig};
use model::{
    Topology,
    drift::{DriftQuery, Kind, PairView},
    heal::{Decision, HealChoice, HealPlan, HealPolicy, Keep, Picked},
    names::is_kept_tag,
    run::{RunState, RunView},
};

use crate::rig::{Rig, admin, eventually, succeeded};

/// Two masters that were adopted, hold the same, and were compared.
pub(crate) async fn equal_pair(version: &str) -> Rig {
    let rig = Rig::start(SimConfig::independent(2, version)).await;
    for tag in ["kept", "moved", "deleted", "fought"] {
        for n in [0, 1] {
            rig.node(n).push_image("shop/cart", tag, "one");
        }
    }
    for n in [0, 1] {
        rig.node(n).push_image("tools/lint", "v1", "whole");
    }
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
    // What follows is done in another second than the comparison.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    rig
}

/// Compares until the only pair is as expected.
pub(crate) async fn compared(rig: &Rig, fits: impl Fn(&PairView) -> bool) -> PairView {
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    pair_compared(rig, &pair, fits).await
}

async fn pair_compared(rig: &Rig, pair: &PairView, fits: impl Fn(&PairView) -> bool) -> PairView {
    let over = async || rig.clusters.pair(&pair.id).await.unwrap().comparing.is_none();
    let seen = async || {
        rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap();
        eventually("the comparison is over", over).await;
        fits(&rig.clusters.pair(&pair.id).await.unwrap())
    };
    eventually("the pair is as expected", seen).await;
    rig.clusters.pair(&pair.id).await.unwrap()
}

/// Compares until all pairs are as expected, each in its turn.
pub(crate) async fn compared_all(rig: &Rig, fits: impl Fn(&PairView) -> bool) {
    for pair in rig.clusters.pairs().await.unwrap() {
        pair_compared(rig, &pair, &fits).await;
    }
}

/// What people do on both sides, and against each other, before anything crosses.
pub(crate) fn apart(rig: &Rig) {
    let (a, b) = (rig.node(0), rig.node(1));
    a.push_image("shop/cart", "new", "two");
    a.push_image("shop/cart", "moved", "three");
    a.delete_artifact("tools/lint", "v1");
    b.push_image("fresh/app", "v1", "four");
    b.delete_tag("shop/cart", "deleted");
    a.push_image("shop/cart", "fought", "five");
    b.push_image("shop/cart", "fought", "six");
}

/// Every tag of a node's projects of people; not what a heal keeps.
pub(crate) fn tags(rig: &Rig, n: usize) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = ["shop", "tools", "fresh"].iter().flat_map(|p| rig.node(n).tags(p)).collect();
    all.retain(|(_, tag, _)| !is_kept_tag(tag));
    all
}

/// Both hold what people did, and the conflict is as they left it.
pub(crate) fn is_right(rig: &Rig) -> Result<(), String> {
    let without_conflict = |n| {
        let mut all = tags(rig, n);
        all.retain(|(_, tag, _)| tag != "fought");
        all
    };
    let (a, b) = (without_conflict(0), without_conflict(1));
    let names: Vec<String> = a.iter().map(|(r, t, _)| format!("{r}:{t}")).collect();
    let wanted = ["shop/cart:kept", "shop/cart:moved", "shop/cart:new", "fresh/app:v1"];
    let fought = [0, 1].map(|n| rig.node(n).tag_digest("shop/cart", "fought"));
    let right =
        a == b && names.len() == wanted.len() && wanted.iter().all(|w| names.contains(&(*w).to_owned()));
    (right && fought[0].is_some() && fought[0] != fought[1])
        .then_some(())
        .ok_or_else(|| format!("{a:#?}\n{b:#?}"))
}

pub(crate) async fn plan(rig: &Rig, pair: &PairView) -> HealPlan {
    rig.clusters.heal_plan(&pair.id, &HealChoice::default(), "lw").await.unwrap()
}

async fn healed(rig: &Rig, pair: &PairView) -> RunView {
    let plan = plan(rig, pair).await;
    let run = rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap();
    rig.over(&run).await
}

async fn rules_run_and_nothing_is_left(rig: &Rig) {
    for n in [0, 1] {
        let rules = admin(&rig.node(n)).all_policies().await.unwrap();
        assert_eq!(rules.len(), 1, "{rules:#?}");
        assert!(rules[0].enabled && !rules[0].overwrite, "{rules:#?}");
    }
    assert!(rig.store.leftovers().open().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outage_is_healed_on_both_sides_and_the_conflict_asks() {
    for version in ["2.12.4", "2.15.2"] {
        let rig = equal_pair(version).await;
        apart(&rig);
        let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
        let count = |kind| pair.of_kind(kind);
        assert_eq!(
            (count(Kind::New), count(Kind::Moved), count(Kind::Deleted), count(Kind::Conflict)),
            (2, 1, 2, 1),
            "{version}: {pair:#?}"
        );
        assert_eq!(pair.healable(), 5);
        let drawn = rig
            .heard
            .links
            .lock()
            .unwrap()
            .values()
            .flatten()
            .map(|l| l.label.en.clone())
            .collect::<Vec<_>>();
        assert_eq!(drawn, ["6 differ", "6 differ"]);
        let page = rig.clusters.drifts(&pair.id, &DriftQuery::default()).await.unwrap();
        let deleted = page.rows.iter().find(|r| r.thing == "deleted").unwrap();
        assert!(deleted.why.en.contains("admin deleted it on b"), "{deleted:#?}");

        let plan = plan(&rig, &pair).await;
        assert_eq!((plan.copies, plan.moves, plan.deletes), (2, 1, 2));
        let run = rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap();
        let run = rig.over(&run).await;
        succeeded(&run);
        is_right(&rig).unwrap();
        let last = run.steps.iter().find(|s| s.key == "compare").unwrap();
        assert!(last.outcome.as_ref().unwrap().en.contains("6 → 1"), "{last:#?}");
        let pair = compared(&rig, |p| p.differences() == 1).await;
        assert_eq!(pair.of_kind(Kind::Conflict), 1);
        rules_run_and_nothing_is_left(&rig).await;
        // A person decides the conflict.
        let decision = Decision { repository: "shop/cart".into(), thing: "fought".into(), keep: Keep::B };
        let choice = HealChoice { decision: Some(decision), ..HealChoice::default() };
        let decided = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap();
        let decided = rig.clusters.heal(&decided.id, Some(decided.deletes), "lw").await.unwrap();
        succeeded(&rig.over(&decided).await);
        assert_eq!(
            rig.node(0).tag_digest("shop/cart", "fought"),
            rig.node(1).tag_digest("shop/cart", "fought")
        );
        compared(&rig, |p| p.differences() == 0).await;
        // The same plan again is a plan of what is past.
        assert_eq!(
            rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap_err().code,
            "heal.stale"
        );
        assert_eq!(rig.clusters.undo_run(&run.id, "lw").await.unwrap_err().code, "heal.final");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_since_the_plan_is_left_alone() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let plan = plan(&rig, &pair).await;
    // A person moves the tag on the other side too, and puts a new image where one is to be deleted.
    let theirs = rig.node(1).push_image("shop/cart", "moved", "seven");
    let again = rig.node(0).push_image("shop/cart", "deleted", "eight");
    let run = match rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await {
        Ok(run) => run,
        // The comparison that runs by itself was quicker: then the plan is refused as a whole.
        Err(error) => return assert_eq!(error.code, "heal.stale"),
    };
    succeeded(&rig.over(&run).await);
    assert_eq!(rig.node(1).tag_digest("shop/cart", "moved"), Some(theirs));
    assert_eq!(rig.node(0).tag_digest("shop/cart", "deleted"), Some(again));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_that_brings_deleted_images_back_is_undone() {
    let rig = equal_pair("2.15.2").await;
    rig.node(0).delete_tag("shop/cart", "deleted");
    // The other side's rule runs before anybody has compared.
    let cluster = rig.cluster_id().await;
    let copy = rig.clusters.start_first_copy(&cluster, None, "lw").await.unwrap();
    succeeded(&rig.over(&copy).await);
    eventually("the schedule has brought it back", async || {
        rig.node(0).tag_digest("shop/cart", "deleted").is_some() && rig.node(0).is_quiet()
    })
    .await;
    // The log may tell later than the tag shows who brought it back; the comparison after that knows.
    let pair = compared(&rig, |p| p.of_kind(Kind::Resurrected) == 1 && p.healable() == 1).await;
    let run = healed(&rig, &pair).await;
    succeeded(&run);
    for n in [0, 1] {
        assert_eq!(rig.node(n).tag_digest("shop/cart", "deleted"), None);
    }
    compared(&rig, |p| p.differences() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heal_towards_a_node_that_is_away_fails_and_goes_on_later() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let plan = plan(&rig, &pair).await;
    rig.node(1).fault(Fault::Refuse).await;
    let run = rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap();
    let failed = rig.over(&run).await;
    assert_eq!(failed.state, RunState::Failed, "{failed:#?}");
    rig.node(1).heal().await;
    rig.clusters.retry_run(&run, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    is_right(&rig).unwrap();
    rules_run_and_nothing_is_left(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_both_are_equal_without_a_click_where_the_team_allows_it() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    rig.node(0).fault(Fault::Refuse).await;
    compared(&rig, |p| p.error.is_some()).await;
    apart(&rig);
    rig.node(0).heal().await;
    eventually("both hold what people did", async || is_right(&rig).is_ok()).await;
    let told = async || {
        let news = rig.heard.news.lock().unwrap();
        news.iter().filter(|n| n.code == "pair.healed").count() == 1
    };
    eventually("it is told once", told).await;
    compared(&rig, |p| p.healing.is_none() && p.differences() == 1).await;
    rules_run_and_nothing_is_left(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_in_an_outage_that_no_comparison_met_is_carried() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::Copies, "lw").await.unwrap();
    rig.node(1).push_image("shop/cart", "new", "two");
    // Left to the rules, which run once a year here.
    compared(&rig, |p| p.differences() == 1 && p.comparing.is_none()).await;
    assert!(rig.clusters.pair(&pair.id).await.unwrap().healing.is_none());
    let row = rig.store.ledger().pair(&pair.id).await.unwrap();
    rig.clusters.node_returned(&row.node_a).await.unwrap();
    let crossed = async || rig.node(0).tag_digest("shop/cart", "new").is_some();
    eventually("the other side has it", crossed).await;
    // What was known before says nothing of the time until then.
    let noted = async || {
        let rows = rig.store.ledger().history(&pair.id, 0).await.unwrap();
        let totals: Vec<_> = rows.iter().map(|row| row.counts.as_ref().map(Vec::len)).collect();
        totals == [Some(0), Some(1), None, Some(1), Some(0)]
    };
    eventually("it is told when both were equal again", noted).await;
    rules_run_and_nothing_is_left(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_that_suddenly_holds_nothing_is_not_followed() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    for (repository, tag, _) in tags(&rig, 0) {
        rig.node(0).delete_artifact(&repository, &tag);
    }
    let pair = compared(&rig, |p| p.held_back.is_some()).await;
    assert!(pair.held_back.as_ref().unwrap().en.starts_with("a holds nothing at all"), "{pair:#?}");
    assert!(pair.healing.is_none());
    assert_eq!(tags(&rig, 1).len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_to_many_is_healed_towards_the_copy_that_was_away() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    for n in [0, 1, 2] {
        for tag in ["kept", "moved", "deleted"] {
            rig.node(n).push_image("shop/cart", tag, "one");
        }
    }
    let id = rig.draft(Topology::OneToMany, &["hq", "gz", "sz"]).await;
    succeeded(&rig.adopt(&id).await);
    let pairs = rig.clusters.pairs().await.unwrap();
    assert_eq!(pairs.iter().map(|p| format!("{} {}", p.a, p.b)).collect::<Vec<_>>(), ["hq gz", "hq sz"]);
    let settled = async |n: u64| compared_all(&rig, |p| p.read_ms.is_some() && p.healable() == n).await;
    settled(0).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    rig.node(0).push_image("shop/cart", "new", "two");
    rig.node(0).push_image("shop/cart", "moved", "three");
    rig.node(0).delete_tag("shop/cart", "deleted");
    settled(3).await;
    for pair in &pairs {
        succeeded(&healed(&rig, pair).await);
    }
    settled(0).await;
    let wanted = tags(&rig, 0);
    assert_eq!((tags(&rig, 1), tags(&rig, 2)), (wanted.clone(), wanted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_of_what_was_picked_carries_that_alone_and_deletions_are_confirmed() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let counts = async |choice: HealChoice| {
        let plan = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap();
        (plan.copies, plan.moves, plan.deletes)
    };
    let of = |project: &str| HealChoice { project: Some(project.to_owned()), ..HealChoice::default() };
    assert_eq!(counts(of("shop")).await, (1, 1, 1));
    assert_eq!(counts(of("tools")).await, (0, 0, 1));
    let repository = Some("fresh/app".to_owned());
    assert_eq!(counts(HealChoice { repository, ..HealChoice::default() }).await, (1, 0, 0));
    let picked = |thing: &str| Picked { repository: "shop/cart".into(), thing: thing.into() };
    let only = HealChoice { only: vec![picked("new"), picked("deleted")], ..HealChoice::default() };
    let plan = rig.clusters.heal_plan(&pair.id, &only, "lw").await.unwrap();
    assert_eq!((plan.copies, plan.moves, plan.deletes), (1, 0, 1));
    for wrong in [None, Some(0), Some(2)] {
        let refused = rig.clusters.heal(&plan.id, wrong, "lw").await.unwrap_err();
        assert_eq!(refused.code, "heal.unconfirmed");
    }
    succeeded(&rig.over(&rig.clusters.heal(&plan.id, Some(1), "lw").await.unwrap()).await);
    assert!(rig.node(1).tag_digest("shop/cart", "new").is_some());
    assert!(rig.node(0).tag_digest("shop/cart", "deleted").is_none());
    assert_ne!(rig.node(0).tag_digest("shop/cart", "moved"), rig.node(1).tag_digest("shop/cart", "moved"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn much_that_is_missing_crosses_in_one_run_unless_the_source_owes_a_deletion() {
    let rig = equal_pair("2.15.2").await;
    for n in 0..30 {
        rig.node(0).push_image(&format!("shop/new-{n}"), "v1", format!("image {n}"));
    }
    let pair = compared(&rig, |p| p.differences() == 30 && p.healable() == 30).await;
    let whole = |plan: &HealPlan| plan.steps.iter().filter(|s| s.key.starts_with("copy-all:")).count();
    // What was not chosen would cross too.
    let some = HealChoice { kind: Some(Kind::New), ..HealChoice::default() };
    assert_eq!(whole(&rig.clusters.heal_plan(&pair.id, &some, "lw").await.unwrap()), 0);
    let only = vec![Picked { repository: "shop/new-1".into(), thing: "v1".into() }];
    let one = HealChoice { only, ..HealChoice::default() };
    assert_eq!(whole(&rig.clusters.heal_plan(&pair.id, &one, "lw").await.unwrap()), 0);
    assert_eq!(whole(&plan(&rig, &pair).await), 1);
    // A deletion that the source owes keeps everything narrow.
    rig.node(1).delete_tag("shop/cart", "deleted");
    let pair = compared(&rig, |p| p.differences() == 31 && p.healable() == 31).await;
    assert_eq!(whole(&plan(&rig, &pair).await), 0);
    let again = rig.node(1).push_image("shop/cart", "deleted", "one");
    assert_eq!(rig.node(0).tag_digest("shop/cart", "deleted"), Some(again));
    let pair = compared(&rig, |p| p.differences() == 30).await;
    let made = plan(&rig, &pair).await;
    assert_eq!((whole(&made), made.copies), (1, 30));
    let run = rig.clusters.heal(&made.id, Some(made.deletes), "lw").await.unwrap();
    let run = rig.over(&run).await;
    succeeded(&run);
    let told = |key: &str| {
        let step = run.steps.iter().find(|s| s.key.starts_with(key)).unwrap();
        step.outcome.as_ref().unwrap().en.clone()
    };
    assert_eq!((told("copy-all:"), told("copy:a:b:0")), ("32 tasks".into(), "30 done".into()));
    assert!(told("compare").contains("30 → 0"));
    // No run of a single repository was needed.
    let executions = admin(&rig.node(0)).executions(&Default::default(), &harbor::List::new()).await.unwrap();
    assert!(executions.rows.len() <= 1, "{executions:#?}");
    rules_run_and_nothing_is_left(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_healed_while_a_side_is_read_only() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let plan = plan(&rig, &pair).await;
    rig.node(1).fault(Fault::ReadOnly).await;
    let refused = rig.clusters.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap_err();
    assert_eq!(refused.code, "heal.read_only");
    assert!(refused.cause.en.starts_with("b is in read-only mode"), "{refused:#?}");
    // By itself it waits, says why, and goes on once it may.
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    let pair = compared(&rig, |p| p.held_back.is_some()).await;
    assert_eq!(pair.held_back.map(|why| why.en), Some(refused.cause.en));
    assert!(pair.healing.is_none());
    rig.node(1).heal().await;
    let healed = async || {
        let pair = compared(&rig, |p| p.comparing.is_none()).await;
        pair.held_back.is_none() && pair.healing.is_none() && is_right(&rig).is_ok()
    };
    eventually("both hold what people did", healed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_against_the_deletion_of_an_artifact_stays() {
    let rig = equal_pair("2.15.2").await;
    let pushed = rig.node(1).push_image("tools/lint", "v1", "other");
    rig.node(0).delete_artifact("tools/lint", "v1");
    let pair = compared(&rig, |p| p.of_kind(Kind::Conflict) == 1).await;
    // Later than two clocks may be apart.
    tokio::time::sleep(std::time::Duration::from_millis(3_200)).await;
    let decision = Decision { repository: "tools/lint".into(), thing: "v1".into(), keep: Keep::B };
    let choice = HealChoice { decision: Some(decision), ..HealChoice::default() };
    let decided = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap();
    let run = rig.clusters.heal(&decided.id, Some(decided.deletes), "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    // What was deleted on the one lost its tag on the other, and goes there too.
    let pair = compared(&rig, |p| p.healable() == 1 && p.differences() == 1).await;
    assert_eq!((pair.of_kind(Kind::Deleted), pair.of_kind(Kind::Resurrected)), (1, 0), "{pair:#?}");
    succeeded(&healed(&rig, &pair).await);
    compared(&rig, |p| p.differences() == 0).await;
    for n in [0, 1] {
        assert_eq!(rig.node(n).tag_digest("tools/lint", "v1").as_ref(), Some(&pushed), "node {n}");
    }
}
