//! After the adoption: failures and going on, other accounts, and the way of files.

use harbor_sim::{Fault, SimConfig};
use model::{
    Topology,
    run::{RunState, StepState},
    spec::{ClusterSpec, CredentialKind},
};

use crate::rig::{PASSWORD, Rig, ours, succeeded};
use clusters::{RunFilter, SpecAccount, SpecOptions};

#[tokio::test]
async fn a_failure_says_what_is_done_and_retry_goes_on() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    rig.check(&id).await;
    rig.clusters.plan(&id, "lw").await.unwrap();
    let run = rig.clusters.apply(&id, "lw").await.unwrap();
    rig.node(1).fault(Fault::Refuse).await;
    let failed = rig.over(&run).await;
    // The fault may come before or after single steps; the proof into a dead node cannot succeed.
    assert_eq!(failed.state, RunState::Failed, "{failed:#?}");
    let broken = failed.steps.iter().find(|s| s.state == StepState::Failed).unwrap();
    let error = broken.error.as_ref().unwrap();
    assert!(!error.next.en.is_empty() && !error.next.zh.is_empty());
    rig.node(1).heal().await;
    rig.clusters.retry_run(&run, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    assert!(rig.store.leftovers().open().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_failed_run_can_be_taken_back() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    rig.check(&id).await;
    rig.clusters.plan(&id, "lw").await.unwrap();
    rig.node(0).pause_queue("REPLICATION", true);
    let run = rig.clusters.apply(&id, "lw").await.unwrap();
    crate::rig::eventually("the proof waits", async || {
        let view = rig.clusters.run(&run).await.unwrap();
        view.steps.iter().any(|s| s.key == "proof:a:b" && s.state == StepState::Applying)
    })
    .await;
    rig.clusters.cancel_run(&run, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Cancelled);
    rig.node(0).pause_queue("REPLICATION", false);
    rig.clusters.undo_run(&run, "lw").await.unwrap();
    let undone = rig.over(&run).await;
    assert_eq!(undone.state, RunState::Undone, "{undone:#?}");
    for n in [0, 1] {
        assert_eq!(ours(&rig.node(n)).await, Vec::<String>::new());
    }
    // The draft is free again.
    assert_eq!(rig.clusters.draft(&id).await.unwrap().run, None);
}

#[tokio::test]
async fn a_credential_is_replaced_only_by_one_that_works() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let cluster = rig.clusters.cluster(&rig.cluster_id().await).await.unwrap();
    let node = &cluster.nodes[0].id;
    let kind = CredentialKind::Admin;
    let bad = rig.clusters.replace_credential(&cluster.id, node, kind, "admin", "wrong".into(), "lw").await;
    assert_eq!(bad.unwrap_err().code, "harbor.unauthorized");
    let accounts = rig.clusters.node_accounts(&cluster.id).await.unwrap();
    assert_eq!(accounts[node].username, "robot$breakwater-prod");
    rig.clusters.replace_credential(&cluster.id, node, kind, "admin", PASSWORD.into(), "lw").await.unwrap();
    let accounts = rig.clusters.node_accounts(&cluster.id).await.unwrap();
    assert_eq!(accounts[node].username, "admin");
}

fn spec_of(rig: &Rig) -> (ClusterSpec, Vec<SpecAccount>) {
    let spec = rig.typed(Topology::DualMaster, &["a", "b"]).spec().unwrap();
    let accounts = spec
        .nodes
        .iter()
        .map(|n| SpecAccount {
            node: n.name.clone(),
            kind: CredentialKind::Admin,
            username: "admin".into(),
            secret: PASSWORD.into(),
            make_robot: true,
        })
        .collect();
    (spec, accounts)
}

#[tokio::test]
async fn a_spec_from_a_file_goes_the_same_way() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let (spec, accounts) = spec_of(&rig);
    let options = SpecOptions::default();
    let view = rig.clusters.plan_spec(&spec, &accounts, &options, "cli").await.unwrap();
    assert!(view.findings.iter().all(|f| !f.blocks()));
    assert_eq!(view.plan.unwrap().rules.len(), 2);
    assert!(rig.clusters.drafts().await.unwrap().is_empty(), "a plan leaves no draft behind");
    assert!(ours(&rig.node(0)).await.is_empty());
    let run = rig.clusters.apply_spec(&spec, &accounts, &options, "cli").await.unwrap();
    succeeded(&rig.over(&run).await);
    let cluster = rig.clusters.cluster(&rig.cluster_id().await).await.unwrap();
    assert_eq!(cluster.spec, spec);
    let runs = rig.clusters.runs(&RunFilter::Cluster(cluster.id)).await.unwrap();
    assert_eq!(runs[0].id, run);
    // The same file again: there is nothing to do, and it is said.
    let again = rig.clusters.plan_spec(&spec, &accounts, &options, "cli").await.unwrap();
    let plan = again.plan.unwrap();
    assert!(plan.steps.is_empty() && again.findings.is_empty(), "{plan:#?}");
    assert!(plan.notes[0].en.contains("nothing to do"));
    let nothing = rig.clusters.apply_spec(&spec, &accounts, &options, "cli").await.unwrap_err();
    assert_eq!(nothing.code, "change.nothing");
    assert!(rig.clusters.drafts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_shared_spec_needs_its_probes_confirmed() {
    let rig = Rig::start(SimConfig::shared(2, "2.15.2")).await;
    let (mut spec, accounts) = spec_of(&rig);
    spec.topology = Topology::SharedStorage;
    let refused =
        rig.clusters.apply_spec(&spec, &accounts, &SpecOptions::default(), "cli").await.unwrap_err();
    assert_eq!(refused.code, "apply.blocked");
    let options = SpecOptions { probes: true, accept_warnings: None };
    let run = rig.clusters.apply_spec(&spec, &accounts, &options, "cli").await.unwrap();
    succeeded(&rig.over(&run).await);
}

#[tokio::test]
async fn before_2_12_taking_back_asks_for_the_administrator_again() {
    let rig = Rig::start(SimConfig::independent(2, "2.10.3")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let cluster = rig.cluster_id().await;
    rig.clusters.remove_cluster(&cluster, true, "lw").await.unwrap();
    let stuck = rig.over(&run.id).await;
    assert_eq!(stuck.state, RunState::Failed, "{stuck:#?}");
    let step = stuck.steps.iter().find(|s| s.state == StepState::Failed).unwrap();
    assert_eq!(step.error.as_ref().unwrap().code, "harbor.forbidden");
    for node in ["a", "b"] {
        let node = model::names::NodeName::parse(node).unwrap();
        let (kind, username, secret) = (CredentialKind::Admin, "admin".to_owned(), PASSWORD.into());
        let account = clusters::Account { kind, username, secret };
        rig.clusters.give_run_account(&run.id, &node, &account).await.unwrap();
    }
    rig.clusters.undo_run(&run.id, "lw").await.unwrap();
    assert_eq!(rig.over(&run.id).await.state, RunState::Undone);
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new());
    assert_eq!(ours(&rig.node(1)).await, Vec::<String>::new());
}

#[tokio::test]
async fn both_databases_carry_an_adoption() {
    store::testing::for_each_db(async |db| {
        let sim = harbor_sim::Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
        // The Harbors' clocks are real, so this one is too.
        let store = db.open_with(store::Clock::System).await.unwrap();
        let rig = Rig::over_store(sim, store, tempfile::tempdir().unwrap()).await;
        let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
        succeeded(&rig.adopt(&id).await);
        rig.clusters.remove_cluster(&rig.cluster_id().await, true, "lw").await.unwrap().unwrap();
        crate::rig::eventually("the cluster is gone", async || {
            rig.clusters.clusters().await.unwrap().is_empty()
        })
        .await;
        rig.clusters.shutdown().await;
    })
    .await;
}
