//! Newest wins: of two pushes under one tag the later one is kept by itself, where a team wants it.

use std::time::Duration;

use model::{
    drift::{Kind, PairView},
    heal::{HealPolicy, HealSettings},
    names::is_kept_tag,
};

use crate::{
    heal::{compared, equal_pair},
    rig::{Rig, eventually},
};

/// Two pushes of people, further apart than two clocks may be; the older first.
async fn fought(rig: &Rig, tag: &str) -> [Option<String>; 2] {
    rig.node(0).push_image("shop/cart", tag, "older");
    tokio::time::sleep(Duration::from_millis(4_100)).await;
    rig.node(1).push_image("shop/cart", tag, "newer");
    held(rig, tag)
}

fn held(rig: &Rig, tag: &str) -> [Option<String>; 2] {
    [0, 1].map(|n| rig.node(n).tag_digest("shop/cart", tag))
}

/// Compares until one conflict is left, and some times more: what heals by itself begins after a comparison.
async fn asks(rig: &Rig) -> PairView {
    for _ in 0..3 {
        compared(rig, |p| p.differences() == 1 && p.healing.is_none()).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let pair = compared(rig, |p| p.differences() == 1 && p.healing.is_none()).await;
    assert_eq!(pair.of_kind(Kind::Conflict), 1, "{pair:#?}");
    pair
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newest_wins_where_it_is_chosen_the_order_is_known_and_the_loser_is_kept() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    assert!(!pair.settings.newest_wins, "off by default");
    let heals = async |policy| rig.clusters.set_heal_policy(&pair.id, policy, "lw").await.unwrap();
    let set = async |settings| rig.clusters.set_heal_settings(&pair.id, settings, "lw").await.unwrap();

    let before = fought(&rig, "fought").await;
    heals(HealPolicy::All).await;
    asks(&rig).await;
    let wins = HealSettings { newest_wins: true, ..HealSettings::default() };
    set(HealSettings { keep_days: 0, ..wins }).await;
    asks(&rig).await;
    heals(HealPolicy::Copies).await;
    set(wins).await;
    asks(&rig).await;
    assert_eq!(held(&rig, "fought"), before);

    heals(HealPolicy::All).await;
    compared(&rig, |p| p.differences() == 0 && p.healing.is_none()).await;
    assert_eq!(held(&rig, "fought"), [before[1].clone(), before[1].clone()]);
    let kept: Vec<_> = rig.node(0).tags("shop").into_iter().filter(|(_, tag, _)| is_kept_tag(tag)).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(Some(&kept[0].2), before[0].as_ref(), "the older can be restored");

    // Whose order is not known asks.
    heals(HealPolicy::Propose).await;
    rig.node(0).push_image("shop/cart", "moved", "one of two");
    rig.node(1).push_image("shop/cart", "moved", "the other");
    let unknown = held(&rig, "moved");
    asks(&rig).await;
    heals(HealPolicy::All).await;
    asks(&rig).await;
    assert_eq!(held(&rig, "moved"), unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newest_leaves_what_it_could_not_keep() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    rig.node(0).protect_tags("shop", "*-heal-*");
    let before = fought(&rig, "fought").await;
    let wins = HealSettings { newest_wins: true, ..HealSettings::default() };
    rig.clusters.set_heal_settings(&pair.id, wins, "lw").await.unwrap();
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    compared(&rig, |p| p.differences() == 1).await;
    let told = async || {
        let news = rig.heard.news.lock().unwrap();
        news.iter().any(|n| n.code == "pair.healed")
    };
    eventually("a heal was tried", told).await;
    asks(&rig).await;
    assert_eq!(held(&rig, "fought"), before);
}
