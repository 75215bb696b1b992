//! Filters, destination namespace and flattening: written into the rules, read back, judged against what is there.

use harbor::api::policies::{NewPolicy, Policy};
use harbor_sim::{Fault, SimConfig};
use model::{
    Topology,
    drift::{DriftQuery, Kind, PairView},
    rule::{RuleDeed, RulesView, RulesWish},
    scope::Scope,
};

use crate::{
    heal::{compared, plan},
    rig::{Rig, admin, eventually, succeeded},
};

const MIRROR: &str = r#"{"names":"shop/**","tags":{"pattern":"*-dev","excludes":true},
    "namespace":{"path":"mirror/hq","flattening":1}}"#;

pub(crate) fn scope(text: &str) -> Scope {
    serde_json::from_str(text).unwrap()
}

/// One source and its copies.
pub(crate) async fn copies(version: &str, names: &[&str]) -> Rig {
    let rig = Rig::start(SimConfig::independent(names.len(), version)).await;
    let id = rig.draft(Topology::OneToMany, names).await;
    succeeded(&rig.adopt(&id).await);
    rig
}

async fn rules(rig: &Rig) -> RulesView {
    rig.clusters.rules(&rig.cluster_id().await).await.unwrap()
}

/// Saves a scope and waits until the rules stand.
pub(crate) async fn save(rig: &Rig, scope: Scope) -> RulesView {
    let view = rules(rig).await;
    // Once a year: no schedule meets the test.
    let wish = RulesWish { scope, cron: Some("0 30 4 1 1 *".into()), ..view.wish };
    let run = rig.clusters.save_rules(&view.cluster, view.version, &wish, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    let after = rules(rig).await;
    assert_eq!(after.wish, wish);
    after
}

/// Why a scope is refused.
async fn refused(rig: &Rig, text: &str) -> (String, Option<String>) {
    let view = rules(rig).await;
    let wish = RulesWish { scope: scope(text), ..view.wish };
    let error = rig.clusters.save_rules(&view.cluster, view.version, &wish, "lw").await.unwrap_err();
    (error.code, error.field)
}

async fn policy(rig: &Rig, name: &str) -> Policy {
    let all = admin(&rig.node(0)).all_policies().await.unwrap();
    all.into_iter().find(|p| p.name == name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_is_written_into_the_rules_and_read_back_in_every_version() {
    for version in ["2.8.6", "2.12.4", "2.15.2"] {
        let rig = copies(version, &["hq", "gz"]).await;
        rig.node(0).push_image("shop/cart", "v1", "one");
        rig.node(0).push_image("shop/cart", "v2-dev", "two");
        rig.node(0).push_image("shop/deep/api", "v1", "three");
        rig.node(0).push_image("lib/base", "v1", "four");
        let view = save(&rig, scope(MIRROR)).await;
        let planned = &view.planned[0];
        assert_eq!(planned.scope, scope(MIRROR));
        let there = policy(&rig, &planned.name).await;
        let filters: Vec<_> = there
            .filters
            .iter()
            .map(|f| (f.kind.as_str(), f.value.as_str().unwrap(), f.decoration.as_str()))
            .collect();
        assert_eq!(filters, [("name", "shop/**", ""), ("tag", "*-dev", "excludes")]);
        assert_eq!((there.dest_namespace.as_str(), there.dest_namespace_replace_count), ("mirror/hq", 1));
        assert!(view.nodes[0].rules[0].differs.is_empty(), "{:#?}", view.nodes[0].rules[0]);
        assert_eq!(view.findings, []);

        let start = RuleDeed::Start { link: view.links[0].clone() };
        succeeded(&rig.over(&rig.clusters.do_rule(&view.cluster, &start, "lw").await.unwrap()).await);
        let landed = async || rig.node(1).tag_digest("mirror/hq/deep/api", "v1").is_some();
        eventually("what the rule takes lands in the namespace", landed).await;
        let arrived = async || rig.node(1).tag_digest("mirror/hq/cart", "v1").is_some();
        eventually("each repository lands", arrived).await;
        assert!(rig.node(1).tag_digest("mirror/hq/cart", "v2-dev").is_none());
        assert_eq!(rig.node(1).tags("lib"), []);

        // Changed in the portal: seen, named by Harbor's fields, and mended.
        let changed = NewPolicy {
            dest_namespace_replace_count: Some(-1),
            filters: Vec::new(),
            ..NewPolicy::from(&there)
        };
        admin(&rig.node(0)).put_policy(there.id, &changed).await.unwrap();
        let seen = rules(&rig).await;
        let differs: Vec<_> =
            seen.nodes[0].rules[0].differs.iter().map(|d| (d.field.en.as_str(), d.is.en.as_str())).collect();
        assert_eq!(
            differs,
            [("Source resource filter", "None"), ("Destination namespace", "mirror/hq, flatten all levels")]
        );
        assert_eq!(seen.findings.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["rule-changed"]);
        succeeded(
            &rig.over(&rig.clusters.do_rule(&view.cluster, &RuleDeed::Mend, "lw").await.unwrap()).await,
        );
        assert_eq!(policy(&rig, &planned.name).await.filters, there.filters);

        // And back to everything.
        let all = save(&rig, Scope::default()).await;
        assert_eq!((all.findings.len(), all.planned[0].scope.is_everything()), (0, true));
        assert!(policy(&rig, &planned.name).await.filters.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_is_refused_where_two_repositories_would_meet_or_one_is_too_short() {
    let rig = copies("2.14.4", &["hq", "gz"]).await;
    rig.node(0).push_image("shop/cart", "v1", "one");
    rig.node(0).push_image("lib/cart", "v1", "two");
    let flat = r#"{"namespace":{"path":"mirror","flattening":-1}}"#;
    assert_eq!(refused(&rig, flat).await, ("scope.clash".to_owned(), Some("flattening".to_owned())));
    let deep = r#"{"names":"shop/**","namespace":{"path":"mirror","flattening":2}}"#;
    assert_eq!(refused(&rig, deep).await.0, "scope.too_short");
    let over_slash = r#"{"names":"{shop/cart,lib/**}"}"#;
    assert_eq!(refused(&rig, over_slash).await.0, "scope.slash_in_choice");
    let read = rig.clusters.source_repositories(&rig.cluster_id().await).await.unwrap();
    assert_eq!(
        (read.of, read.names.into_iter().collect::<Vec<_>>()),
        (2, vec!["lib/cart".into(), "shop/cart".into()])
    );
    // One of them alone lands where it likes.
    save(&rig, scope(r#"{"names":"shop/**","namespace":{"path":"mirror","flattening":-1}}"#)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_cluster_is_refused_where_two_repositories_would_meet() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    rig.node(0).push_image("shop/cart", "v1", "one");
    rig.node(0).push_image("lib/cart", "v1", "two");
    let planned = async |text: &str| {
        let mut typed = rig.typed(Topology::OneToMany, &["hq", "gz"]);
        typed.replication.scope = scope(text);
        let id = rig.draft_of(typed).await;
        let planned = rig.clusters.plan(&id, "lw").await;
        planned.map(|plan| plan.rules.len()).map_err(|error| (error.code, error.field))
    };
    let flat = r#"{"namespace":{"path":"mirror","flattening":-1}}"#;
    assert_eq!(planned(flat).await, Err(("scope.clash".to_owned(), Some("flattening".to_owned()))));
    let deep = r#"{"namespace":{"path":"mirror","flattening":2}}"#;
    assert_eq!(planned(deep).await.unwrap_err().0, "scope.too_short");
    let one = r#"{"names":"shop/**","namespace":{"path":"mirror","flattening":-1}}"#;
    assert_eq!(planned(one).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_masters_a_namespace_is_refused_and_a_filter_holds_both_ways() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let namespace = r#"{"namespace":{"path":"mirror"}}"#;
    assert_eq!(refused(&rig, namespace).await.0, "scope.two_way_namespace");
    let view = save(&rig, scope(r#"{"names":"shop/**"}"#)).await;
    assert_eq!(view.planned.len(), 2);
    assert!(view.nodes.iter().all(|n| n.rules[0].filters.len() == 1 && n.rules[0].differs.is_empty()));
    let why = view.planned[0].reasons.iter().find(|r| r.about == model::plan::RuleField::Filter).unwrap();
    assert!(why.why.en.contains("one master only"), "{why:?}");
}

/// Compares until so much differs; what does is told where it never is so much.
async fn seen(rig: &Rig, differences: u64) -> PairView {
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    for _ in 0..40 {
        let over = async || rig.clusters.pair(&pair.id).await.unwrap().comparing.is_none();
        rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap();
        eventually("the comparison is over", over).await;
        let now = rig.clusters.pair(&pair.id).await.unwrap();
        if now.read_ms.is_some() && now.error.is_none() && now.differences() == differences {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{differences} differences never: {:#?}", differing(rig, &pair).await);
}

/// What differs, as "repository:tag kind".
async fn differing(rig: &Rig, pair: &PairView) -> Vec<String> {
    let page = rig.clusters.drifts(&pair.id, &DriftQuery::default()).await.unwrap();
    page.rows.iter().map(|d| format!("{}:{} {}", d.repository, d.thing, d.kind.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_what_differs_is_carried_to_where_it_lands_and_nothing_else_is_touched() {
    for version in ["2.10.3", "2.15.2"] {
        let rig = copies(version, &["hq", "gz"]).await;
        let (hq, gz) = (rig.node(0), rig.node(1));
        for (repository, tag) in [
            ("shop/cart", "v1"),
            ("shop/cart", "moved"),
            ("shop/cart", "gone"),
            ("shop/cart", "wip-dev"),
            ("lib/deep/base", "v1"),
            ("other/x", "v1"),
        ] {
            hq.push_image(repository, tag, format!("{repository}:{tag}"));
        }
        // Of others: in the namespace, beside it, and under the source's own name.
        for repository in ["mirror/hq/extra", "mirror/own", "shop/cart"] {
            gz.push_image(repository, "v0", "theirs");
        }
        let text = r#"{"names":"{shop,lib}/**","tags":{"pattern":"*-dev","excludes":true},
            "namespace":{"path":"mirror/hq","flattening":1}}"#;
        let view = save(&rig, scope(text)).await;
        let start = RuleDeed::Start { link: view.links[0].clone() };
        succeeded(&rig.over(&rig.clusters.do_rule(&view.cluster, &start, "lw").await.unwrap()).await);
        let pair = seen(&rig, 1).await;
        assert_eq!(differing(&rig, &pair).await, ["*/extra:v0 extra"]);
        assert_eq!(pair.equal, 4);
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;

        gz.fault(Fault::Refuse).await;
        hq.push_image("shop/cart", "new", "two");
        let moved = hq.push_image("shop/cart", "moved", "three");
        hq.delete_tag("shop/cart", "gone");
        hq.push_image("shop/cart", "two-dev", "four");
        hq.push_image("other/x", "v2", "five");
        hq.push_image("lib/fresh", "v1", "six");
        hq.delete_artifact("lib/deep/base", "v1");
        gz.clear(&Fault::Refuse).await;
        let pair = seen(&rig, 6).await;
        assert_eq!(
            differing(&rig, &pair).await,
            [
                "*/extra:v0 extra",
                "lib/deep/base:v1 deleted",
                "lib/fresh:v1 new",
                "shop/cart:gone deleted",
                "shop/cart:moved moved",
                "shop/cart:new new",
            ]
        );
        let healing = plan(&rig, &pair).await;
        assert_eq!((healing.copies, healing.moves, healing.deletes), (2, 1, 2));
        succeeded(
            &rig.over(&rig.clusters.heal(&healing.id, Some(healing.deletes), "lw").await.unwrap()).await,
        );
        let left = compared(&rig, |p| p.differences() == 1).await;
        assert_eq!(left.of_kind(Kind::Extra), 1);
        let names = |project: &str| -> Vec<String> {
            let mut all: Vec<_> = gz.tags(project).into_iter().map(|(r, t, _)| format!("{r}:{t}")).collect();
            // What the heal keeps for a time stands where its repository landed.
            all.retain(|name| !name.contains("-before-heal-") || !name.starts_with("mirror/hq/"));
            all.sort();
            all
        };
        let kept = gz.tags("mirror").into_iter().filter(|(_, tag, _)| tag.contains("-before-heal-")).count();
        assert_eq!(kept, 3, "what was moved and the two that were deleted");
        assert_eq!(
            names("mirror"),
            [
                "mirror/hq/cart:moved",
                "mirror/hq/cart:new",
                "mirror/hq/cart:v1",
                "mirror/hq/extra:v0",
                "mirror/hq/fresh:v1",
                "mirror/own:v0",
            ]
        );
        assert_eq!(gz.tag_digest("mirror/hq/cart", "moved"), Some(moved));
        assert_eq!(
            (names("shop"), names("lib"), names("other")),
            (vec!["shop/cart:v0".to_owned()], vec![], vec![])
        );
        // The rule carries what it did, and the temporary one is gone.
        let standing = admin(&hq).all_policies().await.unwrap();
        assert_eq!((standing.len(), standing[0].dest_namespace.as_str()), (1, "mirror/hq"));

        // Another scope: both meet as if for the first time, and what is beside it is nobody's.
        save(&rig, scope(r#"{"names":"other/*","namespace":{"path":"others","flattening":0}}"#)).await;
        let pair = compared(&rig, |p| p.differences() == 2).await;
        assert_eq!(differing(&rig, &pair).await, ["other/x:v1 no-history", "other/x:v2 no-history"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_to_clash_or_no_longer_matches_is_found() {
    let rig = copies("2.15.2", &["hq", "gz"]).await;
    rig.node(0).push_image("shop/cart", "v1", "one");
    save(&rig, scope(r#"{"namespace":{"path":"mirror","flattening":-1}}"#)).await;
    compared(&rig, |p| p.read_ms.is_some()).await;
    assert_eq!(rules(&rig).await.findings, []);
    rig.node(0).push_image("lib/cart", "v1", "two");
    let pair = compared(&rig, |p| p.compared == 0).await;
    assert_eq!(differing(&rig, &pair).await, Vec::<String>::new());
    // Another push to one of them does not make it the only one.
    rig.node(0).push_image("lib/cart", "v2", "three");
    compared(&rig, |p| p.error.is_none()).await;
    assert_eq!(differing(&rig, &pair).await, Vec::<String>::new());
    let found = rules(&rig).await.findings.remove(0);
    assert_eq!(
        (found.id.as_str(), found.measured.unwrap().en.as_str()),
        ("landing-clash", "lib/cart and shop/cart → mirror/cart")
    );
    save(&rig, scope(r#"{"names":"shopp/**"}"#)).await;
    compared(&rig, |p| p.read_ms.is_some()).await;
    assert_eq!(
        rules(&rig).await.findings.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(),
        ["filter-matches-nothing"]
    );
}
