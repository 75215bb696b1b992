//! Filters by label: written into the rules, read back, and judged by the ledger as Harbor carries them.

use harbor_sim::SimConfig;
use model::{
    Topology,
    drift::{DriftQuery, PairView},
    heal::HealChoice,
    rule::{RuleDeed, RulesView, RulesWish},
};

use crate::{
    heal::compared,
    rig::{Rig, admin, eventually, succeeded},
    scope::{copies, save, scope},
};

async fn run(rig: &Rig, view: &RulesView) {
    let start = RuleDeed::Start { link: view.links[0].clone() };
    succeeded(&rig.over(&rig.clusters.do_rule(&view.cluster, &start, "lw").await.unwrap()).await);
}

/// What differs, once everything was compared.
async fn differing(rig: &Rig, pair: &PairView) -> Vec<String> {
    let over = async || rig.clusters.pair(&pair.id).await.unwrap().comparing.is_none();
    rig.clusters.compare_now(&pair.id, true, "lw").await.unwrap();
    eventually("the comparison is over", over).await;
    let page = rig.clusters.drifts(&pair.id, &DriftQuery::default()).await.unwrap();
    page.rows.iter().map(|d| format!("{}:{} {}", d.repository, d.thing, d.kind.as_str())).collect()
}

/// It loses a label, and moves: the copy stays as it is, and nothing is healed for it.
async fn what_is_not_labelled_any_more_stays(rig: &Rig, pair: &PairView) {
    assert!(rig.node(0).label("shop/cart", "both", "eu", false));
    assert_eq!(differing(rig, pair).await, Vec::<String>::new());
    rig.node(0).push_image("shop/cart", "both", "moved");
    assert_eq!(differing(rig, pair).await, Vec::<String>::new());
    let nothing = rig.clusters.heal_plan(&pair.id, &HealChoice::default(), "lw").await.unwrap_err();
    assert_eq!(nothing.code, "heal.nothing");
    // Its own, of which the source has nothing, is one too many as with any rule.
    rig.node(1).push_image("shop/cart", "own", "own");
    assert_eq!(differing(rig, pair).await, ["shop/cart:own extra"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_by_label_is_written_and_compared_as_harbor_carries_it() {
    for version in ["2.8.6", "2.15.2"] {
        let rig = copies(version, &["hq", "gz"]).await;
        let (hq, gz) = (rig.node(0), rig.node(1));
        for tag in ["both", "one", "none"] {
            hq.push_image("shop/cart", tag, tag);
        }
        for (tag, label) in [("both", "qa"), ("both", "eu"), ("one", "qa")] {
            assert!(hq.label("shop/cart", tag, label, true));
        }
        let view = save(&rig, scope(r#"{"labels":{"names":["qa","eu"]}}"#)).await;
        let rules = admin(&hq).all_policies().await.unwrap();
        let filter = &rules.iter().find(|p| p.name == view.planned[0].name).unwrap().filters[0];
        assert_eq!((filter.kind.as_str(), filter.decoration.as_str()), ("label", "matches"));
        assert_eq!(filter.value, serde_json::json!(["eu", "qa"]));
        assert!(view.nodes[0].rules[0].differs.is_empty(), "{:#?}", view.nodes[0].rules[0]);
        let read = rig.clusters.source_repositories(&view.cluster).await.unwrap();
        assert_eq!(read.labels.names.into_iter().collect::<Vec<_>>(), ["eu", "qa"]);

        // What bears both is missing there; the others are not looked at, and the dry run says the same.
        let pair = compared(&rig, |p| p.read_ms.is_some()).await;
        assert_eq!(differing(&rig, &pair).await.len(), 1);
        let dry = rig.clusters.dry_run(&view.cluster).await.unwrap().remove(0);
        assert_eq!((dry.copies, dry.examples), (1, vec!["shop/cart:both".to_owned()]));
        run(&rig, &view).await;
        let arrived = async || gz.tag_digest("shop/cart", "both").is_some();
        eventually("what bears both labels crosses", arrived).await;
        assert!(gz.tag_digest("shop/cart", "one").is_none());
        let equal = compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
        assert_eq!(differing(&rig, &equal).await, Vec::<String>::new());
        Box::pin(what_is_not_labelled_any_more_stays(&rig, &equal)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn excluding_labels_leaves_out_only_what_bears_all_of_them() {
    let rig = copies("2.15.2", &["hq", "gz"]).await;
    let hq = rig.node(0);
    for tag in ["both", "one", "none"] {
        hq.push_image("shop/cart", tag, tag);
    }
    for (tag, label) in [("both", "qa"), ("both", "eu"), ("one", "qa")] {
        hq.label("shop/cart", tag, label, true);
    }
    let view = save(&rig, scope(r#"{"labels":{"names":["qa","eu"],"excludes":true}}"#)).await;
    run(&rig, &view).await;
    let there = async || rig.node(1).tags("shop").len() == 2;
    eventually("the others cross", there).await;
    let pair = compared(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
    assert_eq!(differing(&rig, &pair).await, Vec::<String>::new());
    assert!(rig.node(1).tag_digest("shop/cart", "both").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_that_nothing_bears_are_told_and_between_masters_refused() {
    let rig = copies("2.15.2", &["hq", "gz"]).await;
    rig.node(0).push_image("shop/cart", "v1", "one");
    let view = save(&rig, scope(r#"{"labels":{"names":["nosuch"]}}"#)).await;
    compared(&rig, |p| p.read_ms.is_some()).await;
    let found = rig.clusters.rules(&view.cluster).await.unwrap().findings;
    assert_eq!(found.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["filter-matches-nothing"]);

    let masters = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = masters.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&masters.adopt(&id).await);
    let view = masters.clusters.rules(&masters.cluster_id().await).await.unwrap();
    let wish = RulesWish { scope: scope(r#"{"labels":{"names":["qa"]}}"#), ..view.wish };
    let refused = masters.clusters.save_rules(&view.cluster, view.version, &wish, "lw").await.unwrap_err();
    assert_eq!(refused.code, "scope.two_way_labels");
}
