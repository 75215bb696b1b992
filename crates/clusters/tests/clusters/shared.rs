//! Shared storage: the probes tell each wrong secret apart, and leave nothing behind.

use harbor_sim::{Secrets, SimConfig};
use model::{
    Topology,
    draft::DraftView,
    finding::{Finding, FindingState},
    run::RunState,
};

use crate::rig::{Rig, finding, ours, succeeded};

/// The writing probes and what they are asked about.
const PROBES: [&str; 7] = [
    "shared-database",
    "shared-storage",
    "shared-session",
    "shared-csrf-key",
    "shared-secretkey",
    "shared-token-key",
    "shared-jobservice-secret",
];

async fn probed(config: SimConfig) -> (Rig, DraftView) {
    let rig = Rig::start(config).await;
    let id = rig.draft(Topology::SharedStorage, &["one", "two"]).await;
    rig.check(&id).await;
    let run = rig.clusters.run_probes(&id, "lw").await.unwrap();
    let run = rig.over(&run).await;
    succeeded(&run);
    let view = rig.clusters.draft(&id).await.unwrap();
    (rig, view)
}

fn probes(view: &DraftView) -> Vec<&Finding> {
    PROBES.iter().map(|id| finding(view, id, "cluster")).collect()
}

fn differing(edit: impl FnOnce(&mut Secrets)) -> SimConfig {
    let mut config = SimConfig::shared(2, "2.15.2");
    edit(&mut config.nodes[1].secrets);
    config
}

/// The one probe that failed; all others are ok, or were left open where the difference hides them.
async fn only_failed(config: SimConfig, failed: &str, open: &[&str]) {
    let (rig, view) = probed(config).await;
    for probe in probes(&view) {
        let expected: &[FindingState] = if probe.id == failed {
            &[FindingState::Failed]
        } else if open.contains(&probe.id.as_str()) {
            &[FindingState::NotProven]
        } else {
            &[FindingState::Ok]
        };
        assert!(expected.contains(&probe.state), "{failed}: {probe:#?}");
        if probe.state == FindingState::Failed {
            assert!(probe.cure.is_some() && probe.meaning.is_some());
        }
    }
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new(), "{failed}: something is left");
    assert!(rig.store.leftovers().open().await.unwrap().is_empty());
    assert!(view.findings.iter().any(Finding::blocks), "{failed}: a wrong secret must be in the way");
}

#[tokio::test]
async fn equal_nodes_pass_every_probe_and_are_adopted() {
    let (rig, view) = probed(SimConfig::shared(2, "2.15.2")).await;
    for probe in probes(&view) {
        assert_eq!(probe.state, FindingState::Ok, "{probe:#?}");
    }
    assert_eq!(finding(&view, "shared-pools", "cluster").state, FindingState::Ok);
    assert_eq!(finding(&view, "shared-core-secret", "cluster").state, FindingState::NotProven);
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new());

    let plan = rig.clusters.plan(&view.id, "lw").await.unwrap();
    assert!(plan.rules.is_empty() && !plan.notes.is_empty());
    let run = rig.clusters.apply(&view.id, "lw").await.unwrap();
    let run = rig.over(&run).await;
    succeeded(&run);
    let proof = run.steps.iter().find(|s| s.key == "proof:shared").unwrap();
    assert!(proof.outcome.as_ref().unwrap().en.contains("two"), "{proof:?}");
    // One robot is known on every node of one database.
    assert_eq!(ours(&rig.node(1)).await, ["robot robot$breakwater-prod"]);
    let cluster = rig.clusters.cluster(&rig.cluster_id().await).await.unwrap();
    assert!(cluster.nodes.iter().all(|n| n.account.as_deref() == Some("robot$breakwater-prod")));
}

#[tokio::test]
async fn a_wrong_secretkey_is_named_alone() {
    only_failed(differing(|s| s.secretkey = "fedcba9876543210".into()), "shared-secretkey", &[]).await;
}

#[tokio::test]
async fn a_wrong_token_key_is_named_alone() {
    only_failed(differing(|s| s.token_key = "another-key".into()), "shared-token-key", &[]).await;
}

#[tokio::test]
async fn a_wrong_csrf_key_is_named_alone() {
    let other = "csrf-key-with-32-characters-0002".to_owned();
    only_failed(differing(|s| s.csrf_key = other), "shared-csrf-key", &[]).await;
}

#[tokio::test]
async fn a_wrong_jobservice_secret_is_named_alone() {
    only_failed(differing(|s| s.jobservice_secret = "jobservice-2".into()), "shared-jobservice-secret", &[])
        .await;
}

#[tokio::test]
async fn sessions_of_their_own_are_named_alone() {
    only_failed(differing(|s| s.own_sessions = true), "shared-session", &[]).await;
}

#[tokio::test]
async fn a_storage_of_its_own_is_named_alone() {
    // Jobs of a node that cannot read the image fail for that reason: nothing is said about their secret.
    only_failed(differing(|s| s.own_storage = true), "shared-storage", &["shared-jobservice-secret"]).await;
}

#[tokio::test]
async fn a_database_of_its_own_is_named_and_hides_what_hangs_on_it() {
    let (rig, view) = probed(differing(|s| s.own_database = true)).await;
    assert_eq!(finding(&view, "shared-database", "cluster").state, FindingState::Failed);
    assert!(probes(&view).iter().all(|p| p.state != FindingState::Waiting));
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_different_core_secret_is_not_proven_and_blocks_nothing() {
    let (_rig, view) = probed(differing(|s| s.core_secret = "core-2".into())).await;
    assert!(probes(&view).iter().all(|p| p.state == FindingState::Ok));
    assert!(!view.findings.iter().any(Finding::blocks));
}

#[tokio::test]
async fn probes_start_only_when_confirmed_and_list_their_calls() {
    let rig = Rig::start(SimConfig::shared(2, "2.15.2")).await;
    let mut typed = rig.typed(Topology::SharedStorage, &["one", "two"]);
    typed.probes_confirmed = false;
    let id = rig.draft_of(typed).await;
    let listed = rig.clusters.probe_steps(&id).await.unwrap();
    assert!(listed.iter().any(|s| s.calls.iter().any(|c| c.path == "/api/v2.0/robots")));
    let refused = rig.clusters.run_probes(&id, "lw").await.unwrap_err();
    assert_eq!(refused.code, "probes.unconfirmed");
    assert!(ours(&rig.node(0)).await.is_empty());
}

#[tokio::test]
async fn cancelled_probes_are_swept_and_say_so() {
    let rig = Rig::start(SimConfig::shared(2, "2.15.2")).await;
    let id = rig.draft(Topology::SharedStorage, &["one", "two"]).await;
    rig.check(&id).await;
    let run = rig.clusters.run_probes(&id, "lw").await.unwrap();
    rig.clusters.cancel_run(&run, "lw").await.unwrap();
    let end = async || {
        matches!(rig.clusters.run(&run).await.unwrap().state, RunState::Undone | RunState::Succeeded)
    };
    crate::rig::eventually("the probes are taken back", end).await;
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new());
    let view = rig.clusters.draft(&id).await.unwrap();
    assert!(probes(&view).iter().all(|p| p.state != FindingState::Waiting), "{:#?}", probes(&view));
}

#[tokio::test]
async fn a_robot_cannot_ask_for_sessions() {
    let rig = Rig::start(SimConfig::shared(2, "2.15.2")).await;
    let id = rig.draft(Topology::SharedStorage, &["one", "two"]).await;
    succeeded(&rig.adopt(&id).await);
    // A second cluster, signed in with a robot that has every right.
    let robot = crate::rig::admin(&rig.node(0));
    let listed = robot.permissions().await.unwrap();
    let all = |list: &[harbor::api::robots::Access]| {
        list.iter().map(|a| format!("{}:{}", a.resource, a.action)).collect::<Vec<_>>()
    };
    let (system, project) = (all(&listed.system), all(&listed.project));
    let system: Vec<&str> = system.iter().map(String::as_str).collect();
    let project: Vec<&str> = project.iter().map(String::as_str).collect();
    let permissions = vec![
        harbor::api::robots::Permission::system(&system),
        harbor::api::robots::Permission::project("*", &project),
    ];
    let made = robot
        .create_robot(&harbor::api::robots::NewRobot::system("all", "may do all", permissions))
        .await
        .unwrap();
    let mut typed = rig.typed(Topology::SharedStorage, &["one", "two"]);
    typed.name = "other".into();
    for node in &mut typed.nodes {
        node.credential = model::spec::CredentialKind::Robot;
        node.username.clone_from(&made.name);
    }
    let id = rig.draft_of(typed).await;
    for key in ["k0", "k1"] {
        rig.clusters.set_secret(&id, key, made.secret.clone()).await.unwrap();
    }
    rig.check(&id).await;
    let run = rig.clusters.run_probes(&id, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    let view = rig.clusters.draft(&id).await.unwrap();
    assert_eq!(finding(&view, "shared-session", "cluster").state, FindingState::NotProven);
    assert_eq!(finding(&view, "shared-token-key", "cluster").state, FindingState::Ok);
}
