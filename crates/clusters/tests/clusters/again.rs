//! What a heal could not carry is planned again, and nothing else with it.

use harbor_sim::Fault;
use model::{heal::HealChoice, run::RunState};

use crate::{
    heal::{compared, equal_pair, plan},
    rig::{admin, succeeded},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_is_planned_again_without_what_came_since() {
    let rig = equal_pair("2.15.2").await;
    rig.node(1).protect_tags("shop", "moved");
    rig.node(0).push_image("shop/cart", "moved", "two");
    rig.node(0).push_image("tools/lint", "v1", "three");
    let pair = compared(&rig, |p| p.healable() == 2).await;
    let planned = plan(&rig, &pair).await;
    assert_eq!((planned.copies, planned.moves, planned.deletes), (0, 2, 0));
    let run = rig.over(&rig.clusters.heal(&planned.id, None, "lw").await.unwrap()).await;
    succeeded(&run);
    let told: Vec<_> = run.steps.iter().filter_map(|s| Some(s.outcome.as_ref()?.en.clone())).collect();
    assert!(told.iter().any(|t| t.contains("1 done, 1 failed")), "{told:?}");

    // Something else differs meanwhile.
    rig.node(0).push_image("shop/cart", "new", "four");
    compared(&rig, |p| p.differences() == 2).await;
    let left = rig.clusters.left_by_heal(&run.id).await.unwrap().unwrap();
    assert_eq!((&left.pair, left.count), (&pair.id, 1));
    let choice = HealChoice { failed_of: Some(run.id.clone()), ..HealChoice::default() };
    let again = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap();
    assert_eq!((again.copies, again.moves, again.deletes), (0, 1, 0));
    let items: Vec<_> = again.steps.iter().flat_map(|s| s.what.items()).map(|i| i.name()).collect();
    assert_eq!(items, ["shop/cart:moved"]);

    // A person pushed again: that is another difference than the one that failed.
    rig.node(0).push_image("shop/cart", "moved", "five");
    compared(&rig, |p| p.changes > again.changes && p.differences() == 2).await;
    assert_eq!(rig.clusters.left_by_heal(&run.id).await.unwrap(), None);
    assert_eq!(rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap_err().code, "heal.nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_no_heal_left_nothing_and_is_refused() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    let adoption = rig.store.runs().newest(9).await.unwrap().remove(0).id;
    assert_eq!(rig.clusters.left_by_heal(&adoption).await.unwrap(), None);
    let choice = HealChoice { failed_of: Some(adoption), ..HealChoice::default() };
    assert_eq!(rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap_err().code, "heal.no_run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stopped_heal_left_is_carried_by_the_next_and_nothing_stays_held() {
    let rig = equal_pair("2.15.2").await;
    rig.node(0).push_image("shop/cart", "moved", "two");
    let pair = compared(&rig, |p| p.healable() == 1).await;
    let planned = plan(&rig, &pair).await;
    rig.node(1).fault(Fault::Refuse).await;
    let run = rig.over(&rig.clusters.heal(&planned.id, None, "lw").await.unwrap()).await;
    assert_eq!(run.state, RunState::Failed, "{run:#?}");
    rig.node(1).heal().await;
    compared(&rig, |p| p.error.is_none() && p.healable() == 1).await;
    assert_eq!(rig.clusters.left_by_heal(&run.id).await.unwrap().unwrap().count, 1);
    let choice = HealChoice { failed_of: Some(run.id.clone()), ..HealChoice::default() };
    let again = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap();
    succeeded(&rig.over(&rig.clusters.heal(&again.id, None, "lw").await.unwrap()).await);
    compared(&rig, |p| p.differences() == 0 && p.fences.is_empty()).await;
    for n in [0, 1] {
        assert!(admin(&rig.node(n)).all_policies().await.unwrap().iter().all(|rule| rule.enabled));
    }
    assert_eq!(rig.clusters.left_by_heal(&run.id).await.unwrap(), None);
}
