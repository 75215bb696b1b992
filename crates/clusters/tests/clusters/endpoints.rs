//! Endpoints: what uses them, whether they work, and that another name changes nothing else.

use harbor::api::{
    policies::{NewPolicy, Trigger},
    registries::NewRegistry,
};
use harbor_sim::{Fault, SimConfig};
use model::{
    Link, Topology,
    endpoint::{EndpointTest, EndpointView, EndpointsView},
    ids::RunId,
    names::{EndpointName, NodeName},
    rule::{RuleDeed, RulesWish},
    run::RunState,
};

use crate::rig::{PASSWORD, Rig, admin, images_cross, ours, succeeded};

/// Two masters and a Harbor beside them.
async fn masters(version: &str) -> Rig {
    let rig = Rig::start(SimConfig::independent(3, version)).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    rig
}

async fn endpoints(rig: &Rig) -> EndpointsView {
    rig.clusters.endpoints(&rig.cluster_id().await).await.unwrap()
}

/// The endpoint of that name on `a`.
async fn on_a(rig: &Rig, name: &str) -> EndpointView {
    let all = endpoints(rig).await.nodes.remove(0).endpoints;
    all.iter().find(|e| e.name == name).unwrap_or_else(|| panic!("no {name}: {all:#?}")).clone()
}

fn node(name: &str) -> NodeName {
    NodeName::parse(name).unwrap()
}

/// Makes an endpoint on `a` that leads to the `to`th Harbor, as somebody would in its portal.
async fn by_hand(rig: &Rig, name: &str, to: usize, account: &str) -> i64 {
    let new = NewRegistry::harbor(name, &rig.node(to).url(), account, PASSWORD.to_owned().into());
    admin(&rig.node(0)).create_registry(&new).await.unwrap()
}

async fn test(rig: &Rig, endpoint: i64) -> EndpointTest {
    rig.clusters.test_endpoint(&rig.cluster_id().await, &node("a"), endpoint).await.unwrap()
}

fn renamed(endpoint: i64, name: &str) -> RuleDeed {
    RuleDeed::RenameEndpoint { node: node("a"), endpoint, name: EndpointName::parse(name).unwrap() }
}

async fn act(rig: &Rig, deed: &RuleDeed) -> RunId {
    rig.clusters.do_rule(&rig.cluster_id().await, deed, "lw").await.unwrap()
}

async fn rename(rig: &Rig, endpoint: i64, name: &str) {
    let run = act(rig, &renamed(endpoint, name)).await;
    succeeded(&rig.over(&run).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_are_told_with_what_uses_them_and_a_node_that_is_away_says_so() {
    for version in ["2.8.6", "2.15.2"] {
        let rig = masters(version).await;
        let old = by_hand(&rig, "old", 1, "admin").await;
        let hub = by_hand(&rig, "elsewhere", 2, "admin").await;
        for name in ["quay", "hub"] {
            rig.node(0).create_proxy_cache(name, hub);
        }
        let mut rule = NewPolicy::push("old-everything", old, Trigger::manual());
        rule.enabled = false;
        admin(&rig.node(0)).create_policy(&rule).await.unwrap();

        let seen = endpoints(&rig).await;
        let names: Vec<&str> = seen.nodes[0].endpoints.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["breakwater-prod-to-b", "elsewhere", "old"]);
        let [made, elsewhere, old] = &seen.nodes[0].endpoints[..] else { panic!("{seen:#?}") };
        assert!(made.ours && made.account.ends_with("breakwater-prod-from-a"), "{made:#?}");
        assert_eq!(made.link, Some(Link::new(node("a"), node("b"))));
        assert_eq!(made.leads_to, Some(node("b")));
        let uses =
            |e: &EndpointView| e.used_by.iter().map(|u| (u.rule.clone(), u.enabled)).collect::<Vec<_>>();
        assert_eq!(uses(made), [("breakwater-prod-to-b".to_owned(), true)]);
        assert_eq!(uses(old), [("old-everything".to_owned(), false)]);
        assert_eq!((old.ours, &old.link, &old.leads_to), (false, &None, &Some(node("b"))));
        assert_eq!((&elsewhere.leads_to, uses(elsewhere)), (&None, vec![]));
        assert_eq!(elsewhere.status, "healthy");
        assert_eq!(
            (&elsewhere.caches[..], made.caches.is_empty()),
            (&["hub".to_owned(), "quay".to_owned()][..], true)
        );
        assert_eq!(seen.nodes[1].endpoints.len(), 1);

        rig.node(1).fault(Fault::Refuse).await;
        let half = endpoints(&rig).await;
        assert_eq!(half.nodes[0].endpoints, seen.nodes[0].endpoints);
        assert_eq!(half.nodes[1].error.as_ref().unwrap().code, "harbor.refused");
        assert!(half.nodes[1].endpoints.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_tells_what_is_let_in_from_what_is_refused_and_from_no_way() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let made = on_a(&rig, "breakwater-prod-to-b").await;
    let good = test(&rig, made.id).await;
    assert!(good.works && good.said.en.contains("is let in as robot$breakwater-prod-from-a"), "{good:#?}");

    // Nobody is asked for a password there: it proves that a Harbor answers, no more.
    let anonymous = NewRegistry::harbor("anonymous", &rig.node(1).url(), "", String::new().into());
    let anonymous = admin(&rig.node(0)).create_registry(&anonymous).await.unwrap();
    let nobody = test(&rig, anonymous).await;
    assert!(nobody.works && nobody.said.en.ends_with("it signs in as nobody."), "{nobody:#?}");

    // The robot got another secret, and the endpoint was not told.
    let b = admin(&rig.node(1));
    let robots = b.robots().await.unwrap();
    let robot = robots.iter().find(|r| r.name.ends_with("-from-a")).unwrap();
    b.refresh_robot(robot.id).await.unwrap();
    let refused = test(&rig, made.id).await;
    assert!(!refused.works && refused.said.en.contains("does not let a in"), "{refused:#?}");
    assert!(refused.next.en.contains("new secret"), "{refused:#?}");
    // Harbor itself has not looked yet.
    assert_eq!(on_a(&rig, "breakwater-prod-to-b").await.status, "healthy");
    let run = act(&rig, &RuleDeed::Rotate { link: made.link.clone().unwrap() }).await;
    succeeded(&rig.over(&run).await);
    assert!(test(&rig, made.id).await.works);

    rig.node(1).fault(Fault::Refuse).await;
    let away = test(&rig, made.id).await;
    assert!(!away.works && away.said.en.contains("gets no connection"), "{away:#?}");
    rig.node(1).clear(&Fault::Refuse).await;
    rig.node(1).fault(Fault::BadGateway).await;
    assert!(!test(&rig, made.id).await.works);
    rig.node(1).clear(&Fault::BadGateway).await;

    let code = async |at: &str, endpoint| {
        rig.clusters.test_endpoint(&id, &node(at), endpoint).await.unwrap_err().code
    };
    assert_eq!(code("a", 4711).await, "endpoint.unknown");
    assert_eq!(code("c", made.id).await, "node.unknown");
    rig.node(0).fault(Fault::Refuse).await;
    assert_eq!(code("a", made.id).await, "harbor.refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_endpoint_is_still_known_by_later_changes() {
    for version in ["2.8.6", "2.15.2"] {
        let rig = masters(version).await;
        let id = rig.cluster_id().await;
        let made = on_a(&rig, "breakwater-prod-to-b").await;
        rename(&rig, made.id, "to the south").await;
        let there = on_a(&rig, "to the south").await;
        assert_eq!(EndpointView { name: made.name.clone(), ..there.clone() }, made);
        let rules = rig.clusters.rules(&id).await.unwrap();
        assert_eq!((rules.findings, &rules.nodes[0].rules[0].endpoint), (vec![], &there.name));
        assert!(rules.nodes[0].rules[0].differs.is_empty());
        images_cross(&rig, &rig.clusters, [0, 1], "renamed").await;

        // Whatever looks for it finds it, and leaves it its name.
        let mut deeds = vec![RuleDeed::Mend];
        // To 2.12 only an administrator may give a robot another secret, or remove one.
        let may_robots = version != "2.8.6";
        if may_robots {
            deeds.push(RuleDeed::Rotate { link: made.link.clone().unwrap() });
        }
        for deed in deeds {
            let run = act(&rig, &deed).await;
            succeeded(&rig.over(&run).await);
            assert_eq!(on_a(&rig, "to the south").await, there);
        }
        let wish = RulesWish { at_once: true, ..RulesWish::default() };
        let run = rig.clusters.save_rules(&id, rules.version, &wish, "lw").await.unwrap();
        succeeded(&rig.over(&run).await);
        assert_eq!(endpoints(&rig).await.nodes[0].endpoints.len(), 1, "another one was made");
        assert_eq!(on_a(&rig, "to the south").await.used_by.len(), 2);
        images_cross(&rig, &rig.clusters, [0, 1], "changed").await;

        // What was made is removed, by whatever name.
        let run = rig.clusters.remove_cluster(&id, true, "lw").await.unwrap().unwrap();
        let removed = rig.over(&run).await;
        assert!(removed.state == RunState::Succeeded || !may_robots, "{removed:#?}");
        assert!(admin(&rig.node(0)).all_registries().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adoption_is_taken_back_with_an_endpoint_that_was_renamed_in_the_portal() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let made = on_a(&rig, "breakwater-prod-to-b").await;
    let name = harbor::api::registries::RegistryChange {
        name: Some("south".to_owned()),
        ..harbor::api::registries::RegistryChange::default()
    };
    admin(&rig.node(0)).put_registry(made.id, &name).await.unwrap();
    assert_eq!(on_a(&rig, "south").await.link, made.link);
    let run = rig.clusters.remove_cluster(&id, true, "lw").await.unwrap().unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Undone);
    assert!(admin(&rig.node(0)).all_registries().await.unwrap().is_empty());
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rename_that_is_stopped_leaves_the_name_and_one_that_is_through_is_taken_back() {
    let rig = masters("2.15.2").await;
    let made = on_a(&rig, "breakwater-prod-to-b").await;
    // Harbor asks the other end before it keeps anything.
    rig.node(1).fault(Fault::Refuse).await;
    let run = act(&rig, &renamed(made.id, "south")).await;
    assert_eq!(rig.over(&run).await.state, RunState::Failed);
    assert_eq!(on_a(&rig, "breakwater-prod-to-b").await, made);
    rig.clusters.undo_run(&run, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Undone);
    rig.node(1).clear(&Fault::Refuse).await;

    let run = act(&rig, &renamed(made.id, "south")).await;
    succeeded(&rig.over(&run).await);
    assert_eq!(on_a(&rig, "south").await.id, made.id);
    rig.clusters.undo_run(&run, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Undone);
    assert_eq!(on_a(&rig, "breakwater-prod-to-b").await, made);

    // A name that somebody gave it since is theirs.
    let run = act(&rig, &renamed(made.id, "south")).await;
    succeeded(&rig.over(&run).await);
    rename(&rig, made.id, "north").await;
    rig.clusters.undo_run(&run, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Undone);
    assert_eq!(on_a(&rig, "north").await.id, made.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_taken_reserved_or_the_only_sign_of_a_link_is_refused() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let made = on_a(&rig, "breakwater-prod-to-b").await;
    let old = by_hand(&rig, "old", 1, "admin").await;
    let refused = async |deed: RuleDeed| rig.clusters.do_rule(&id, &deed, "lw").await.unwrap_err();
    assert_eq!(refused(renamed(made.id, "old")).await.code, "endpoint.name_taken");
    let reserved = refused(renamed(old, "breakwater-x")).await;
    assert_eq!(
        (reserved.code.as_str(), reserved.field.as_deref()),
        ("endpoint.reserved", Some("endpoint-name"))
    );
    assert_eq!(refused(renamed(old, "old")).await.code, "change.nothing");
    assert_eq!(refused(renamed(4711, "x")).await.code, "endpoint.unknown");
    let elsewhere =
        RuleDeed::RenameEndpoint { node: node("c"), endpoint: old, name: EndpointName::parse("x").unwrap() };
    assert_eq!(refused(elsewhere).await.code, "node.unknown");
    // Without its mark nothing but the name says whose it is.
    let harbor = admin(&rig.node(0));
    let bare = harbor::api::registries::RegistryChange {
        description: Some("mine".to_owned()),
        ..harbor::api::registries::RegistryChange::default()
    };
    harbor.put_registry(made.id, &bare).await.unwrap();
    assert_eq!(on_a(&rig, "breakwater-prod-to-b").await.link, made.link);
    assert_eq!(refused(renamed(made.id, "x")).await.code, "endpoint.unmarked");
    rename(&rig, old, "older").await;
    assert!(!on_a(&rig, "older").await.ours);
}
