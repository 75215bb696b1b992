//! Each reading finding's not-ok, at simulated Harbors; its ok is in the adoption tests.

use harbor_sim::{Fault, NodeConfig, SimConfig};
use model::{
    Topology,
    finding::{CureAction, FindingState},
};

use crate::rig::{Rig, admin, eventually, finding};

async fn pair(version: &str) -> Rig {
    Rig::start(SimConfig::independent(2, version)).await
}

#[tokio::test]
async fn a_dead_node_fails_reachable_and_leaves_the_rest_open() {
    let rig = pair("2.15.2").await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    rig.node(1).fault(Fault::Refuse).await;
    let view = rig.check(&id).await;
    let dead = finding(&view, "node-reachable", "b");
    assert_eq!(dead.state, FindingState::Failed);
    assert!(
        matches!(&dead.cure.as_ref().unwrap().action, Some(CureAction::EditNode { node }) if node.as_str() == "b")
    );
    assert_eq!(finding(&view, "node-reachable", "a").state, FindingState::Ok);
    assert_eq!(finding(&view, "link-reach", "a>b").state, FindingState::Failed);
    for id in ["versions-equal", "auth-mode-equal", "clock-offset", "not-one-instance"] {
        assert_eq!(finding(&view, id, "cluster").state, FindingState::NotProven, "{id}");
    }
}

#[tokio::test]
async fn one_instance_under_two_names_is_found() {
    let rig = pair("2.15.2").await;
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.nodes[1].address = rig.node(0).url().replace("127.0.0.1", "localhost");
    let id = rig.draft_of(typed).await;
    let view = rig.check(&id).await;
    assert_eq!(finding(&view, "not-one-instance", "cluster").state, FindingState::Failed);
}

#[tokio::test]
async fn wrong_clocks_versions_and_read_only_are_told() {
    let mut config = SimConfig::independent(2, "2.15.2");
    config.nodes[1] = NodeConfig::new("old", "2.12.4");
    let rig = Rig::start(config).await;
    rig.node(1).fault(Fault::ClockOffset(42)).await;
    rig.node(0).fault(Fault::ReadOnly).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    let clocks = finding(&view, "clock-offset", "cluster");
    assert_eq!(clocks.state, FindingState::Warning);
    assert!(clocks.measured.as_ref().unwrap().en.contains("b is 4"), "{clocks:?}");
    assert_eq!(finding(&view, "versions-equal", "cluster").state, FindingState::Warning);
    assert_eq!(finding(&view, "read-only", "a").state, FindingState::Failed);
    assert_eq!(finding(&view, "read-only", "b").state, FindingState::Ok);
}

#[tokio::test]
async fn a_paused_queue_fails() {
    let rig = pair("2.15.2").await;
    rig.node(0).pause_queue("REPLICATION", true);
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    let queues = finding(&view, "job-queues", "a");
    assert_eq!(queues.state, FindingState::Failed);
    assert!(queues.measured.as_ref().unwrap().en.contains("REPLICATION"));
    rig.node(0).pause_queue("REPLICATION", false);
    // Asked again by itself.
    let again = Some((queues.id.clone(), queues.subject.clone()));
    rig.clusters.run_checks(&id, again).await.unwrap();
    eventually("the answer is ok", async || {
        let view = rig.clusters.draft(&id).await.unwrap();
        finding(&view, "job-queues", "a").state == FindingState::Ok
    })
    .await;
}

#[tokio::test]
async fn an_existing_rule_with_override_fails_between_masters() {
    let rig = pair("2.15.2").await;
    let a = admin(&rig.node(0));
    let peer = harbor::api::registries::NewRegistry::harbor(
        "peer",
        &rig.node(1).url(),
        "admin",
        "Harbor12345".into(),
    );
    let endpoint = a.create_registry(&peer).await.unwrap();
    let trigger = harbor::api::policies::Trigger::manual();
    let rule = harbor::api::policies::NewPolicy {
        overwrite: true,
        enabled: true,
        ..harbor::api::policies::NewPolicy::push("old-rule", endpoint, trigger)
    };
    a.create_policy(&rule).await.unwrap();
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    let existing = finding(&view, "link-existing", "a>b");
    assert_eq!(existing.state, FindingState::Failed);
    assert!(existing.measured.as_ref().unwrap().en.contains("old-rule"));
    assert_eq!(finding(&view, "link-existing", "b>a").state, FindingState::Ok);
    let refused = rig.clusters.plan(&id, "lw").await;
    assert!(refused.is_ok(), "a plan may be looked at");
    assert_eq!(rig.clusters.apply(&id, "lw").await.unwrap_err().code, "apply.blocked");
}

#[tokio::test]
async fn a_foreign_endpoint_of_our_name_fails() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    let elsewhere = rig.node(2).url();
    let taken = "breakwater-prod-to-b";
    let foreign =
        harbor::api::registries::NewRegistry::harbor(taken, &elsewhere, "admin", "Harbor12345".into());
    admin(&rig.node(0)).create_registry(&foreign).await.unwrap();
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    assert_eq!(finding(&view, "link-existing", "a>b").state, FindingState::Failed);
}

#[tokio::test]
async fn every_differing_tag_is_counted_and_a_waiver_lets_go_on() {
    let rig = pair("2.15.2").await;
    for n in 0..30 {
        rig.node(0).push_image("shop/cart", &format!("v{n}"), format!("one {n}"));
        rig.node(1).push_image("shop/cart", &format!("v{n}"), format!("two {}", n / 25));
    }
    rig.node(0).push_image("shop/new", "only-here", "new");
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    let tags = finding(&view, "tags-differ", "a>b");
    assert_eq!(tags.state, FindingState::Warning);
    assert!(tags.measured.as_ref().unwrap().en.starts_with("30 tags differ"), "{tags:?}");
    rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(rig.clusters.apply(&id, "lw").await.unwrap_err().code, "apply.blocked");
    let empty = rig.clusters.waive(&id, &tags.id, &tags.subject, "  ", "lw").await.unwrap_err();
    assert_eq!(empty.code, "waiver.empty");
    for about in ["a>b", "b>a"] {
        let tags = finding(&view, "tags-differ", about);
        rig.clusters.waive(&id, &tags.id, &tags.subject, "sorted out later", "lw").await.unwrap();
    }
    let view = rig.clusters.draft(&id).await.unwrap();
    assert_eq!(finding(&view, "tags-differ", "a>b").waiver.as_ref().unwrap().reason, "sorted out later");
    assert!(rig.clusters.apply(&id, "lw").await.is_ok());
}

#[tokio::test]
async fn projects_that_clash_are_told() {
    let rig = pair("2.15.2").await;
    rig.node(0).create_project("shop", true);
    rig.node(1).create_project("shop", false);
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    let clash = finding(&view, "project-clashes", "a>b");
    assert_eq!(clash.state, FindingState::Warning);
    assert!(clash.measured.as_ref().unwrap().en.contains("shop"));
}

#[tokio::test]
async fn an_entry_that_leads_to_another_harbor_fails() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.entry = rig.node(2).url();
    let id = rig.draft_of(typed).await;
    let view = rig.check(&id).await;
    assert_eq!(finding(&view, "entry-answers", "entry").state, FindingState::Failed);

    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.entry = rig.node(1).url().replace("127.0.0.1", "localhost");
    let id = rig.draft_of(typed).await;
    let view = rig.check(&id).await;
    let entry = finding(&view, "entry-answers", "entry");
    assert_eq!(entry.state, FindingState::NotProven);
    assert!(entry.measured.as_ref().unwrap().en.contains('b'));
}

#[tokio::test]
async fn a_realm_that_names_another_host_is_told() {
    let mut config = SimConfig::independent(2, "2.12.4");
    config.nodes[0].external_url = Some("http://harbor.example.test".into());
    let rig = Rig::start(config).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.check(&id).await;
    assert_eq!(finding(&view, "realm-usable", "a").state, FindingState::Warning);
    assert_eq!(finding(&view, "realm-usable", "b").state, FindingState::Ok);
}

#[tokio::test]
async fn a_robot_without_rights_is_told_which_are_missing() {
    let rig = pair("2.15.2").await;
    let permissions = vec![harbor::api::robots::Permission::system(&["audit-log:list"])];
    let made = admin(&rig.node(0))
        .create_robot(&harbor::api::robots::NewRobot::system("poor", "may do little", permissions))
        .await
        .unwrap();
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.nodes[0].username = made.name;
    typed.nodes[0].credential = model::spec::CredentialKind::Robot;
    let id = rig.draft_of(typed).await;
    rig.clusters.set_secret(&id, "k0", made.secret).await.unwrap();
    let view = rig.check(&id).await;
    let rights = finding(&view, "credential-rights", "a");
    assert_eq!(rights.state, FindingState::Failed);
    assert!(rights.measured.as_ref().unwrap().en.contains("registry:list"), "{rights:?}");
    assert_eq!(finding(&view, "credential-rights", "b").state, FindingState::Ok);
}
