//! What a side refuses by its own settings: told, left, and no reason to leave the rest.

use harbor::api::projects::NewProject;
use harbor_sim::SimConfig;
use model::{
    Topology,
    drift::{DriftQuery, Kind},
    heal::{Decision, HealChoice, HealPolicy, Keep, Picked},
};

use crate::{
    heal::compared,
    rig::{Rig, admin, eventually, succeeded},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_other_side_refuses_is_left_and_the_rest_is_healed() {
    let rig = Rig::watched(SimConfig::independent(2, "2.15.2")).await;
    let (a, b) = (rig.node(0), rig.node(1));
    for node in [&a, &b] {
        for tag in ["v1", "latest"] {
            node.push_image("shop/cart", tag, "one");
        }
    }
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let pair = compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;

    b.protect_tags("shop", "v*");
    b.create_proxy_cache("hub", 1);
    let mut small = NewProject::new("small", true);
    small.storage_limit = Some(1_000);
    admin(&b).create_project(&small).await.unwrap();
    a.push_image("shop/cart", "v1", "two");
    a.push_image("shop/cart", "latest", "two");
    a.push_image("hub/nginx", "v1", "three");
    a.push_image("small/app", "v1", vec![7; 5_000]);
    compared(&rig, |p| p.differences() == 4).await;

    let refused = async || {
        let page = rig.clusters.drifts(&pair.id, &DriftQuery::default()).await.unwrap();
        let rows = page.rows.into_iter().filter_map(|row| {
            assert_eq!(row.heals, row.refused.is_none(), "{row:#?}");
            Some(format!("{}:{} {}", row.repository, row.thing, row.refused?.en))
        });
        rows.collect::<Vec<_>>()
    };
    eventually("the settings of b were read", async || refused().await.len() == 3).await;
    let told = refused().await;
    assert_eq!(told[0], "hub/nginx:v1 hub on b is a proxy cache: nothing is copied into it.");
    assert_eq!(told[1], "shop/cart:v1 The tag is immutable on b.");
    assert!(told[2].starts_with("small/app:v1 The quota of small on b"), "{told:?}");

    // By itself the rest is healed, and it is not tried again and again.
    rig.clusters.set_heal_policy(&pair.id, HealPolicy::All, "lw").await.unwrap();
    let crossed = async || b.tag_digest("shop/cart", "latest") == a.tag_digest("shop/cart", "latest");
    eventually("the rest is healed", crossed).await;
    compared(&rig, |p| p.differences() == 3 && p.healing.is_none()).await;
    let rules = async || admin(&a).all_policies().await.unwrap().len();
    assert_eq!(rules().await, 1);

    // A plan of what is refused says why; once the settings are changed it is carried, without waiting for a round.
    let picked = Picked { repository: "small/app".into(), thing: "v1".into() };
    let choice = HealChoice { only: vec![picked], ..HealChoice::default() };
    let error = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap_err();
    assert_eq!(error.code, "heal.refused");
    assert!(error.cause.en.starts_with("The quota of small on b"), "{error:?}");
    admin(&b).delete_project("small").await.unwrap();
    let plan = rig.clusters.heal_plan(&pair.id, &choice, "lw").await.unwrap();
    assert_eq!((plan.copies, plan.refused), (1, 0));
    let run = rig.clusters.heal(&plan.id, Some(0), "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    assert_eq!(b.tag_digest("small/app", "v1"), a.tag_digest("small/app", "v1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_that_a_side_refuses_is_none() {
    let rig = Rig::watched(SimConfig::independent(2, "2.15.2")).await;
    let (a, b) = (rig.node(0), rig.node(1));
    for node in [&a, &b] {
        node.push_image("shop/cart", "v0", "one");
    }
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
    a.push_image("shop/cart", "v1", "two");
    b.push_image("shop/cart", "v1", "three");
    b.protect_tags("shop", "v1");
    let pair = compared(&rig, |p| p.of_kind(Kind::Conflict) == 1).await;
    // Where it is kept as it stands on b nothing is refused; neither's is half refused.
    for (keep, code) in [(Keep::A, "heal.refused"), (Keep::Neither, "heal.refused"), (Keep::B, "")] {
        let decision = Decision { repository: "shop/cart".into(), thing: "v1".into(), keep };
        let choice = HealChoice { decision: Some(decision), ..HealChoice::default() };
        let planned = async || rig.clusters.heal_plan(&pair.id, &choice, "lw").await;
        eventually("the settings of b count", async || {
            planned().await.map_or_else(|e| e.code.as_str().to_owned(), |_| String::new()) == code
        })
        .await;
    }
    assert_ne!(a.tag_digest("shop/cart", "v1"), b.tag_digest("shop/cart", "v1"));
}
