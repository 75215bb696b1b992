//! From a draft to a kept cluster.

use harbor_sim::{NodeConfig, SimConfig};
use model::{
    Locale, Topology,
    finding::FindingState,
    live::LiveEvent,
    run::StepState,
    spec::{CredentialKind, FirstCopy},
};

use crate::rig::{Rig, admin, eventually, finding, ours, succeeded};

#[tokio::test]
async fn dual_master_is_checked_planned_applied_and_proven() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    rig.node(0).push_image("shop/cart", "v1", "cart one");
    let id = rig.draft(Topology::DualMaster, &["beijing", "shanghai"]).await;
    let view = rig.check(&id).await;
    let blocking: Vec<_> = view.findings.iter().filter(|f| f.blocks()).collect();
    assert!(blocking.is_empty(), "{blocking:#?}");
    assert_eq!(finding(&view, "versions-equal", "cluster").state, FindingState::Ok);
    assert_eq!(finding(&view, "not-one-instance", "cluster").state, FindingState::Ok);
    assert_eq!(finding(&view, "link-reach", "beijing>shanghai").state, FindingState::Ok);
    let tags = finding(&view, "tags-differ", "beijing>shanghai");
    assert!(tags.measured.as_ref().unwrap().en.contains("1 artifacts"), "{tags:?}");
    assert!(ours(&rig.node(0)).await.is_empty(), "a check has written something");

    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(plan.first_copy[0].missing, 1);
    let run = rig.clusters.apply(&id, "lw").await.unwrap();
    let run = rig.over(&run).await;
    succeeded(&run);
    let proof = run.steps.iter().find(|s| s.key == "proof:beijing:shanghai").unwrap();
    assert!(proof.outcome.as_ref().unwrap().en.contains("every byte equal"), "{proof:?}");

    for (n, peer, other) in [(0, "shanghai", "shanghai"), (1, "beijing", "beijing")] {
        assert_eq!(
            ours(&rig.node(n)).await,
            [
                format!("endpoint breakwater-prod-to-{peer}"),
                "robot robot$breakwater-prod".to_owned(),
                format!("robot robot$breakwater-prod-from-{other}"),
                format!("rule breakwater-prod-to-{peer}"),
            ]
        );
        let rule = admin(&rig.node(n)).all_policies().await.unwrap().remove(0);
        assert!(rule.enabled && !rule.overwrite && !rule.deletion && rule.filters.is_empty());
        assert_eq!(rule.single_active_replication, Some(true));
    }
    assert!(rig.store.leftovers().open().await.unwrap().is_empty());

    let cluster = rig.clusters.cluster(&rig.cluster_id().await).await.unwrap();
    assert_eq!(cluster.nodes.len(), 2);
    for node in &cluster.nodes {
        // The administrator's password is gone; the robot does the daily work.
        assert_eq!(node.credential, Some(CredentialKind::Robot));
        assert_eq!(node.account.as_deref(), Some("robot$breakwater-prod"));
    }
    assert_eq!(cluster.runs, std::slice::from_ref(&run.id));
    assert_eq!(*rig.heard.set.lock().unwrap(), std::slice::from_ref(&cluster.id));
    assert!(rig.store.credentials().of_draft(&id).await.unwrap().is_empty());
    let told = rig.heard.events.lock().unwrap();
    assert!(
        told.iter()
            .any(|e| matches!(e, LiveEvent::Run { run } if run.state == model::run::RunState::Succeeded))
    );
    assert!(told.iter().any(|e| matches!(e, LiveEvent::Finding { .. })));
}

#[tokio::test]
async fn first_copy_starts_on_demand_and_the_receipt_tells_all() {
    let rig = Rig::start(SimConfig::independent(2, "2.14.4")).await;
    let digest = rig.node(0).push_image("shop/cart", "v1", "cart one");
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let cluster = rig.cluster_id().await;
    let copy = rig.clusters.start_first_copy(&cluster, None, "lw").await.unwrap();
    succeeded(&rig.over(&copy).await);
    eventually("the image is on b", async || {
        rig.node(1).tag_digest("shop/cart", "v1").as_deref() == Some(&digest)
    })
    .await;

    let receipt = rig.clusters.receipt(&run.id).await.unwrap();
    assert!(receipt.findings.iter().all(|f| f.state != FindingState::Waiting));
    for locale in Locale::ALL {
        let text = receipt.text(locale);
        assert!(text.contains("breakwater-prod-to-b") && !text.contains("Harbor12345"), "{text}");
    }
    assert!(!serde_json::to_string(&receipt).unwrap().contains("Harbor12345"));
}

#[tokio::test]
async fn one_to_many_overwrites_from_its_one_writer() {
    let rig = Rig::start(SimConfig::independent(3, "2.12.4")).await;
    let id = rig.draft(Topology::OneToMany, &["hq", "gz", "sz"]).await;
    succeeded(&rig.adopt(&id).await);
    let rules = admin(&rig.node(0)).all_policies().await.unwrap();
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|r| r.overwrite && !r.deletion && r.enabled));
    // 2.12 does not know the field; it must not be missed after the write.
    assert!(rules.iter().all(|r| !r.single_active_replication.unwrap_or(false)));
    assert!(admin(&rig.node(1)).all_policies().await.unwrap().is_empty());
}

#[tokio::test]
async fn tiers_follow_their_upstream() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    let mut typed = rig.typed(Topology::Tiered, &["hq", "gz", "zh"]);
    typed.nodes[2].upstream = "gz".to_owned();
    let id = rig.draft_of(typed).await;
    succeeded(&rig.adopt(&id).await);
    let names =
        |rules: Vec<harbor::api::policies::Policy>| rules.into_iter().map(|r| r.name).collect::<Vec<_>>();
    assert_eq!(names(admin(&rig.node(0)).all_policies().await.unwrap()), ["breakwater-prod-to-gz"]);
    assert_eq!(names(admin(&rig.node(1)).all_policies().await.unwrap()), ["breakwater-prod-to-zh"]);
}

#[tokio::test]
async fn the_oldest_version_gets_two_console_robots_that_work() {
    let rig = Rig::start(SimConfig::independent(2, "2.8.6")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let robots: Vec<_> = ours(&rig.node(0)).await.into_iter().filter(|n| n.starts_with("robot")).collect();
    assert_eq!(robots.len(), 3, "{robots:?}");
    let copy = rig.clusters.start_first_copy(&rig.cluster_id().await, None, "lw").await.unwrap();
    succeeded(&rig.over(&copy).await);
}

#[tokio::test]
async fn an_image_is_pulled_through_the_entry() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    // A load balancer that leads to the second node.
    typed.entry = rig.node(1).url().replace("127.0.0.1", "localhost");
    let id = rig.draft_of(typed).await;
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let proof = run.steps.iter().find(|s| s.key == "proof:entry").unwrap();
    assert!(proof.outcome.as_ref().unwrap().en.contains("through the entry"), "{proof:?}");
    assert!(ours(&rig.node(0)).await.iter().all(|n| !n.starts_with("project")));
}

#[tokio::test]
async fn at_once_rules_cross_without_a_schedule_and_never_overwrite_between_masters() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.replication.at_once = true;
    typed.replication.cron = Some("*/10 * * * * *".to_owned());
    let id = rig.draft_of(typed).await;
    succeeded(&rig.adopt(&id).await);
    let rules = admin(&rig.node(0)).all_policies().await.unwrap();
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|r| r.enabled && !r.overwrite && !r.deletion));
    assert!(rules.iter().any(|r| r.trigger.as_ref().unwrap().cron() == Some("0 */1 * * * *")));
    let digest = rig.node(0).push_image("shop/cart", "v1", "pushed later");
    eventually("the push crossed", async || {
        rig.node(1).tag_digest("shop/cart", "v1").as_deref() == Some(&digest)
    })
    .await;
}

#[tokio::test]
async fn a_copy_at_a_set_time_leaves_the_rules_off_until_then() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.replication.first_copy = FirstCopy::At { ms: rig.store.now_ms() + 86_400_000 };
    let id = rig.draft_of(typed).await;
    let run = rig.adopt(&id).await;
    succeeded(&run);
    assert!(admin(&rig.node(0)).all_policies().await.unwrap().iter().all(|r| !r.enabled));
    let cluster = rig.clusters.cluster(&rig.cluster_id().await).await.unwrap();
    assert!(cluster.first_copy_at_ms.is_some());
    let copy = rig.clusters.start_first_copy(&cluster.id, None, "lw").await.unwrap();
    succeeded(&rig.over(&copy).await);
    assert!(admin(&rig.node(0)).all_policies().await.unwrap().iter().all(|r| r.enabled));
    assert_eq!(rig.clusters.cluster(&cluster.id).await.unwrap().first_copy_at_ms, None);
}

#[tokio::test]
async fn adoption_adopts_what_is_there_and_undo_leaves_it() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let first = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&first).await);
    let before = ours(&rig.node(0)).await;
    // The console forgets the cluster; its objects stay and are met again.
    assert_eq!(rig.clusters.remove_cluster(&rig.cluster_id().await, false, "lw").await.unwrap(), None);
    let second = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let again = rig.adopt(&second).await;
    succeeded(&again);
    assert_eq!(ours(&rig.node(0)).await, before);
    let rule = again.steps.iter().find(|s| s.key.starts_with("rule:")).unwrap();
    assert_eq!(rule.state, StepState::Adopted);
    rig.clusters.undo_run(&again.id, "lw").await.unwrap();
    let undone = rig.over(&again.id).await;
    assert_eq!(undone.state, model::run::RunState::Undone, "{undone:#?}");
    assert_eq!(ours(&rig.node(0)).await, before, "the second run took back what the first had made");
}

#[tokio::test]
async fn removing_with_take_back_leaves_nothing() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let cluster = rig.cluster_id().await;
    let run = rig.clusters.remove_cluster(&cluster, true, "lw").await.unwrap().unwrap();
    let undone = rig.over(&run).await;
    assert_eq!(undone.state, model::run::RunState::Undone, "{undone:#?}");
    assert!(rig.clusters.clusters().await.unwrap().is_empty());
    for n in [0, 1] {
        assert_eq!(ours(&rig.node(n)).await, Vec::<String>::new());
    }
    assert_eq!(*rig.heard.removed.lock().unwrap(), [cluster]);
}

#[tokio::test]
async fn other_names_and_passwords_work_too() {
    let mut config = SimConfig::independent(2, "2.13.5");
    config.nodes[1] = NodeConfig { admin_password: "Other-Pass-1".into(), ..config.nodes[1].clone() };
    let rig = Rig::start(config).await;
    let id = rig.draft(Topology::DualMaster, &["上海", "<b>北京</b>"]).await;
    rig.clusters.set_secret(&id, "k1", "Other-Pass-1".into()).await.unwrap();
    succeeded(&rig.adopt(&id).await);
}
