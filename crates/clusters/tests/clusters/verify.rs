//! A share is really pulled and hashed: what a registry lists and its storage has lost is found.

use harbor_sim::SimConfig;
use model::{
    Topology,
    drift::{BrokenHow, Side, Verified},
    heal::HealSettings,
    ids::PairId,
};

use crate::{
    heal::compared,
    rig::{Rig, eventually, succeeded},
};

/// The digest of a layer, as the simulator makes images.
fn layer(text: &str) -> String {
    harbor::oci::digest_of(text.as_bytes())
}

async fn verified(rig: &Rig, pair: &PairId) -> Option<Verified> {
    rig.clusters.pair(pair).await.unwrap().verified
}

async fn set(rig: &Rig, pair: &PairId, verify_percent: u8) {
    let settings = HealSettings { verify_percent, ..HealSettings::default() };
    rig.clusters.set_heal_settings(pair, settings, "lw").await.unwrap();
}

/// Until a pass that began with this share is over.
async fn passed(rig: &Rig, pair: &PairId, percent: u8) -> Verified {
    let over =
        async || verified(rig, pair).await.is_some_and(|v| v.percent == percent && v.ended_ms.is_some());
    eventually("the pass is over", over).await;
    verified(rig, pair).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_that_is_listed_and_not_given_is_found_told_and_let_go_once_it_is_whole() {
    let rig = Rig::watched(SimConfig::independent(2, "2.15.2")).await;
    let (a, b) = (rig.node(0), rig.node(1));
    for node in [&a, &b] {
        for (tag, layer) in [("v1", "one"), ("v2", "two"), ("v3", "three")] {
            node.push_image("shop/cart", tag, layer);
        }
    }
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let pair = compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await.id;
    assert_eq!(verified(&rig, &pair).await, None, "nobody has asked for it");

    set(&rig, &pair, 100).await;
    let whole = passed(&rig, &pair, 100).await;
    assert_eq!((whole.artifacts, whole.broken.len()), (6, 0), "{whole:#?}");
    assert!(whole.bytes > 6);

    assert!(b.lose_blob(&layer("one"), false));
    assert!(b.lose_blob(&layer("two"), true));
    // Another share begins another pass.
    set(&rig, &pair, 50).await;
    passed(&rig, &pair, 50).await;
    set(&rig, &pair, 100).await;
    let mut broken = passed(&rig, &pair, 100).await.broken;
    broken.sort_by(|x, y| x.tag.cmp(&y.tag));
    let seen: Vec<_> =
        broken.iter().map(|b| (b.side, b.tag.as_deref().unwrap(), b.how, b.part.clone())).collect();
    assert_eq!(
        seen,
        [
            (Side::B, "v1", BrokenHow::Missing, layer("one")),
            (Side::B, "v2", BrokenHow::Altered, layer("two")),
        ]
    );
    let told = |code: &str| rig.heard.news.lock().unwrap().iter().filter(|n| n.code == code).count();
    assert_eq!((told("pair.broken"), told("pair.mended")), (2, 0));

    // Pushed again, they are whole; what was deleted is nobody's fault.
    b.push_image("shop/cart", "v1", "one");
    b.delete_artifact("shop/cart", "v2");
    set(&rig, &pair, 98).await;
    eventually("both are over", async || verified(&rig, &pair).await.unwrap().broken.is_empty()).await;
    eventually("it is told", async || told("pair.mended") == 2).await;

    set(&rig, &pair, 0).await;
}
