//! What is held: the robot of a node that was away, and the rules that a failed heal left off.

use harbor::api::policies::{NewPolicy, Trigger};
use harbor_sim::Fault;
use model::{
    drift::PairView,
    heal::{FenceView, FenceWhat, HealChoice, HealPolicy, HealSettings},
    run::RunState,
};

use crate::{
    heal::{apart, compared, equal_pair, is_right, plan},
    rig::{Rig, admin, eventually, succeeded},
};

async fn only(rig: &Rig) -> PairView {
    rig.clusters.pairs().await.unwrap().remove(0)
}

/// Compares again and again until the only pair is as expected.
async fn becomes(rig: &Rig, what: &str, fits: impl Fn(&PairView) -> bool) -> PairView {
    let id = only(rig).await.id;
    eventually(what, async || {
        rig.clusters.compare_now(&id, false, "lw").await.unwrap();
        fits(&rig.clusters.pair(&id).await.unwrap())
    })
    .await;
    rig.clusters.pair(&id).await.unwrap()
}

async fn is_disabled(rig: &Rig, n: usize) -> bool {
    let robots = admin(&rig.node(n)).robots().await.unwrap();
    robots.iter().any(|r| r.name.contains("-from-") && r.disable)
}

/// Both hold the same, the second's rule that writes over what differs has an execution waiting, and then it goes away.
async fn away_with_an_echo() -> (Rig, i64) {
    let rig = equal_pair("2.15.2").await;
    let pair = only(&rig).await;
    let second = HealSettings { fence_after_s: 1, ..HealSettings::default() };
    rig.clusters.set_heal_settings(&pair.id, second, "lw").await.unwrap();
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    let b = admin(&rig.node(1));
    let endpoint = b.all_registries().await.unwrap().remove(0).id;
    let by_hand = NewPolicy {
        overwrite: true,
        enabled: true,
        ..NewPolicy::push("by-hand", endpoint, Trigger::manual())
    };
    let rule = b.create_policy(&by_hand).await.unwrap();
    rig.node(1).pause_queue("REPLICATION", true);
    let echo = b.start_execution(rule).await.unwrap();
    rig.node(1).fault(Fault::Refuse).await;
    (rig, echo)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_echo_of_a_node_that_was_away_puts_nothing_back() {
    let (rig, echo) = away_with_an_echo().await;
    let held = becomes(&rig, "b may not write to a", |p| !p.fences.is_empty()).await;
    assert!(is_disabled(&rig, 0).await);
    let [FenceView { what: FenceWhat::Robot, node, kept_by: None, .. }] = held.fences.as_slice() else {
        panic!("{held:#?}")
    };
    assert_eq!(node.as_str(), "a");
    let drawn: Vec<_> =
        rig.heard.links.lock().unwrap().values().flatten().map(|l| l.label.en.clone()).collect();
    assert!(drawn.contains(&"held".to_owned()), "{drawn:?}");
    let two = rig.node(0).push_image("shop/cart", "moved", "two");
    // It comes back, and what it had under way goes on before anybody has compared.
    rig.node(1).pause_queue("REPLICATION", false);
    rig.node(1).heal().await;
    eventually("both hold the new image", async || {
        [0, 1].iter().all(|n| rig.node(*n).tag_digest("shop/cart", "moved").as_ref() == Some(&two))
    })
    .await;
    becomes(&rig, "b may write again", |p| {
        p.fences.is_empty() && p.healing.is_none() && p.differences() == 0
    })
    .await;
    assert!(!is_disabled(&rig, 0).await);
    assert_eq!(rig.node(0).tag_digest("shop/cart", "moved"), Some(two));
    let echo = admin(&rig.node(1)).execution(echo).await.unwrap();
    assert_eq!(echo.succeed, 0, "{echo:#?}");
    let wrote = rig.node(0).audit().into_iter();
    let by_link: Vec<_> =
        wrote.filter(|row| row.resource.starts_with("shop/") && row.username.contains("-from-")).collect();
    assert!(by_link.is_empty(), "{by_link:#?}");
    let news = rig.heard.news.lock().unwrap();
    // Twice where it is slow to answer at first: it counts as away again.
    assert!(news.iter().any(|n| n.code == "pair.fenced"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_comes_back_to_nothing_to_heal_may_write_again() {
    let (rig, _) = away_with_an_echo().await;
    becomes(&rig, "b may not write to a", |p| !p.fences.is_empty()).await;
    rig.node(1).heal().await;
    becomes(&rig, "b may write again", |p| p.error.is_none() && p.fences.is_empty()).await;
    eventually("the robot is enabled", async || !is_disabled(&rig, 0).await).await;
    // What it had under way was stopped: its queue is paused, so that nothing else ends it.
    eventually("nothing is under way", async || rig.node(1).is_quiet()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_fenced_where_a_person_heals_or_before_the_time() {
    for (policy, fence_after_s) in [(HealPolicy::Propose, 1), (HealPolicy::All, 3_600), (HealPolicy::All, 0)]
    {
        let rig = equal_pair("2.15.2").await;
        let pair = only(&rig).await;
        let settings = HealSettings { fence_after_s, ..HealSettings::default() };
        rig.clusters.set_heal_settings(&pair.id, settings, "lw").await.unwrap();
        rig.clusters.set_heal_policy(&pair.id, policy, "lw").await.unwrap();
        rig.node(1).fault(Fault::Refuse).await;
        for _ in 0..3 {
            compared(&rig, |p| p.error.is_some()).await;
            tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        }
        assert!(only(&rig).await.fences.is_empty());
        assert!(!is_disabled(&rig, 0).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failed_heal_holds_is_a_persons_to_keep_or_lift() {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let first = plan(&rig, &pair).await;
    rig.node(1).fault(Fault::Refuse).await;
    let run = rig.clusters.heal(&first.id, Some(first.deletes), "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Failed);
    let held = only(&rig).await.fences;
    let [fence] = held.as_slice() else { panic!("{held:#?}") };
    assert_eq!((fence.node.as_str(), fence.what, &fence.run), ("a", FenceWhat::Rule, &run));
    let is_off = async || {
        let rules = admin(&rig.node(0)).all_policies().await.unwrap();
        rules.iter().all(|r| !r.enabled)
    };
    assert!(is_off().await);
    // Nobody lifts it but a person.
    let kept = rig.clusters.keep_fence(&fence.id, "lw").await.unwrap();
    assert_eq!(kept.fences[0].kept_by.as_deref(), Some("lw"));
    tokio::time::sleep(std::time::Duration::from_secs(32)).await;
    assert!(is_off().await);
    rig.node(1).heal().await;
    let lift = rig.clusters.lift_fence(&fence.id, None, "lw").await.unwrap();
    succeeded(&rig.over(&lift).await);
    assert!(!is_off().await && only(&rig).await.fences.is_empty());
    assert_eq!(rig.clusters.lift_fence(&fence.id, None, "lw").await.unwrap_err().code, "fence.none");
    // Another heal takes over what a failed one holds.
    let second = rig.clusters.heal_plan(&pair.id, &HealChoice::default(), "lw").await.unwrap();
    rig.node(1).fault(Fault::Refuse).await;
    let failed = rig.clusters.heal(&second.id, Some(second.deletes), "lw").await.unwrap();
    assert_eq!(rig.over(&failed).await.state, RunState::Failed);
    rig.node(1).heal().await;
    let pair = compared(&rig, |p| p.error.is_none() && p.healable() == 5).await;
    let third = rig.clusters.heal_plan(&pair.id, &HealChoice::default(), "lw").await.unwrap();
    succeeded(&rig.over(&rig.clusters.heal(&third.id, Some(third.deletes), "lw").await.unwrap()).await);
    is_right(&rig).unwrap();
    assert!(only(&rig).await.fences.is_empty() && !is_off().await);
}
