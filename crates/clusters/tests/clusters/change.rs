//! Changing a kept cluster: nodes come, go and are replaced; the nodes that stay stay themselves.

use harbor_sim::{Fault, SimConfig};
use model::{
    Topology,
    draft::{ChangeStart, Draft},
    finding::FindingState,
    ids::NodeId,
    plan::Plan,
    run::{RunKind, RunState, StepState},
    spec::{ClusterView, CredentialKind},
};

use crate::rig::{PASSWORD, Rig, admin, eventually, images_cross, ours, succeeded};

/// An adopted cluster of the first `names.len()` of `nodes` Harbors.
pub(crate) async fn adopted(nodes: usize, topology: Topology, names: &[&str]) -> Rig {
    let config = match topology {
        Topology::SharedStorage => SimConfig::shared(nodes, "2.15.2"),
        _ => SimConfig::independent(nodes, "2.15.2"),
    };
    let rig = Rig::start(config).await;
    let id = rig.draft(topology, names).await;
    succeeded(&rig.adopt(&id).await);
    rig
}

pub(crate) async fn cluster(rig: &Rig) -> ClusterView {
    rig.clusters.cluster(&rig.cluster_id().await).await.unwrap()
}

pub(crate) async fn id_of(rig: &Rig, name: &str) -> NodeId {
    let cluster = cluster(rig).await;
    cluster.nodes.iter().find(|n| n.name.as_str() == name).unwrap().id.clone()
}

pub(crate) fn names(cluster: &ClusterView) -> Vec<&str> {
    cluster.nodes.iter().map(|n| n.name.as_str()).collect()
}

pub(crate) fn keys(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|s| s.key.as_str()).collect()
}

/// A new node at that place of the draft, with the address of the `sim`th Harbor.
pub(crate) fn is(draft: &mut Draft, at: usize, rig: &Rig, sim: usize, name: &str) {
    draft.nodes[at].address = rig.node(sim).url();
    draft.nodes[at].name = name.to_owned();
}

#[tokio::test]
async fn a_branch_is_added_and_nothing_else_is_touched() {
    let rig = adopted(3, Topology::OneToMany, &["hq", "gz"]).await;
    let before = cluster(&rig).await;
    let branch = ours(&rig.node(1)).await;
    let id = rig.changed(&ChangeStart::Add, |d| is(d, 2, &rig, 2, "sz")).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().all(|f| !f.blocks()), "{:#?}", view.findings);
    // Only what the change raises is asked.
    assert!(!view.findings.iter().any(|f| format!("{:?}", f.subject).contains("gz")), "{:#?}", view.findings);
    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(
        keys(&plan),
        [
            "console:sz",
            "robot:hq:sz",
            "endpoint:hq:sz",
            "rule:breakwater-prod-to-sz:hq",
            "proof:hq:sz",
            "enable:breakwater-prod-to-sz:hq",
            "keep-change"
        ]
    );
    let run = rig.adopt(&id).await;
    succeeded(&run);
    assert_eq!(run.kind, RunKind::Change);
    let after = cluster(&rig).await;
    assert_eq!(names(&after), ["hq", "gz", "sz"]);
    assert_eq!(before.nodes[..2], after.nodes[..2], "nodes that stay keep their ids and accounts");
    assert_eq!(after.nodes[2].account.as_deref(), Some("robot$breakwater-prod"));
    assert_eq!(after.rules.len(), 2);
    assert_eq!(after.runs.len(), 2);
    assert_eq!(ours(&rig.node(1)).await, branch);
    assert_eq!(rig.heard.set.lock().unwrap().len(), 2);
    assert!(rig.store.leftovers().open().await.unwrap().is_empty());
    assert!(rig.clusters.drafts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_branch_is_retired_and_cleaned_on_both_sides() {
    let rig = adopted(3, Topology::OneToMany, &["hq", "gz", "sz"]).await;
    let gz = id_of(&rig, "gz").await;
    let id = rig.changed(&ChangeStart::Retire { node: gz }, |_| ()).await;
    rig.check(&id).await;
    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(
        keys(&plan),
        [
            "keep-change",
            "remove:rule:breakwater-prod-to-gz:hq",
            "remove:endpoint:breakwater-prod-to-gz:hq",
            "remove:robot:breakwater-prod-from-hq:gz",
            "remove:robot:breakwater-prod:gz",
            "forget:gz"
        ]
    );
    assert!(plan.steps.iter().filter(|s| s.key.starts_with("remove")).all(|s| s.calls[0].method == "DELETE"));
    let run = rig.clusters.apply(&id, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    assert_eq!(ours(&rig.node(1)).await, Vec::<String>::new());
    assert_eq!(
        ours(&rig.node(0)).await,
        ["endpoint breakwater-prod-to-sz", "robot robot$breakwater-prod", "rule breakwater-prod-to-sz"]
    );
    let after = cluster(&rig).await;
    assert_eq!(names(&after), ["hq", "sz"]);
    assert_eq!(after.rules.len(), 1);
    // What is left of it works, and goes with the cluster.
    let removal = rig.clusters.remove_cluster(&after.id, true, "lw").await.unwrap().unwrap();
    let removal = rig.over(&removal).await;
    succeeded(&removal);
    assert_eq!(removal.kind, RunKind::Remove);
    assert_eq!(ours(&rig.node(0)).await, Vec::<String>::new());
    assert_eq!(ours(&rig.node(2)).await, Vec::<String>::new());
    assert!(rig.clusters.clusters().await.unwrap().is_empty());
    assert_eq!(rig.clusters.undo_run(&removal.id, "lw").await.unwrap_err().code, "run.final");
}

#[tokio::test]
async fn a_dead_master_is_replaced_by_a_new_one() {
    let rig = adopted(3, Topology::DualMaster, &["a", "b"]).await;
    let before = cluster(&rig).await;
    rig.node(1).fault(Fault::Refuse).await;
    let b = id_of(&rig, "b").await;
    let start = ChangeStart::Replace { node: b.clone(), keep_name: false };
    let id = rig.changed(&start, |d| is(d, 1, &rig, 2, "c")).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().all(|f| !f.blocks()), "{:#?}", view.findings);
    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    let told = plan.notes.iter().find(|n| n.en.contains("cannot be cleaned")).unwrap();
    assert!(
        told.en.contains("breakwater-prod-to-a") && told.zh.contains("breakwater-prod-from-a"),
        "{told:?}"
    );
    assert!(plan.steps.iter().all(|s| s.node.as_str() != "b" || s.calls.is_empty()), "{plan:#?}");
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let after = cluster(&rig).await;
    assert_eq!(names(&after), ["a", "c"]);
    assert_eq!(after.nodes[0], before.nodes[0]);
    assert_ne!(after.nodes[1].id, b);
    // What the dead one could push with is gone: nothing of it comes back by itself.
    let there = ours(&rig.node(0)).await;
    assert_eq!(
        there,
        [
            "endpoint breakwater-prod-to-c",
            "robot robot$breakwater-prod",
            "robot robot$breakwater-prod-from-c",
            "rule breakwater-prod-to-c"
        ]
    );
    images_cross(&rig, &rig.clusters, [0, 2], "new").await;
}

#[tokio::test]
async fn a_replacement_takes_over_the_name_and_nothing_else() {
    let rig = adopted(3, Topology::DualMaster, &["a", "b"]).await;
    let b = id_of(&rig, "b").await;
    let before = admin(&rig.node(0)).robots().await.unwrap();
    let start = ChangeStart::Replace { node: b.clone(), keep_name: true };
    let id = rig.changed(&start, |d| d.nodes[1].address = rig.node(2).url()).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().all(|f| !f.blocks()), "{:#?}", view.findings);
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let after = cluster(&rig).await;
    assert_eq!(names(&after), ["a", "b"]);
    assert_ne!(after.nodes[1].id, b, "another Harbor has another history");
    // The robot that the old one pushed with is another one now.
    let id_of = |robots: &[harbor::api::robots::Robot]| {
        robots.iter().find(|r| r.name.ends_with("-from-b")).unwrap().id
    };
    assert_ne!(id_of(&before), id_of(&admin(&rig.node(0)).robots().await.unwrap()));
    assert_eq!(admin(&rig.node(0)).all_registries().await.unwrap()[0].url, rig.node(2).url());
    assert_eq!(ours(&rig.node(1)).await, Vec::<String>::new(), "the old one was reached and cleaned");
    assert_eq!(ours(&rig.node(2)).await.len(), 4);
    images_cross(&rig, &rig.clusters, [0, 2], "new").await;
}

#[tokio::test]
async fn a_change_is_taken_back_whole() {
    for keep_name in [false, true] {
        let rig = adopted(3, Topology::DualMaster, &["a", "b"]).await;
        let before = cluster(&rig).await;
        let (on_a, on_b) = (ours(&rig.node(0)).await, ours(&rig.node(1)).await);
        let start = ChangeStart::Replace { node: id_of(&rig, "b").await, keep_name };
        let id = rig
            .changed(&start, |d| {
                d.nodes[1].address = rig.node(2).url();
                if !keep_name {
                    d.nodes[1].name = "c".to_owned();
                }
            })
            .await;
        let run = rig.adopt(&id).await;
        succeeded(&run);
        let adoption = &before.runs[0];
        assert_eq!(rig.clusters.undo_run(adoption, "lw").await.unwrap_err().code, "run.built_upon");
        // The account of the node that left was forgotten: making its robots again asks for its administrator.
        let gone = run.steps.iter().find(|s| s.key.starts_with("forget:")).unwrap().node.clone();
        let (kind, username, secret) = (CredentialKind::Admin, "admin".to_owned(), PASSWORD.into());
        let account = clusters::Account { kind, username, secret };
        rig.clusters.give_run_account(&run.id, &gone, &account).await.unwrap();
        rig.clusters.undo_run(&run.id, "lw").await.unwrap();
        let undone = rig.over(&run.id).await;
        assert_eq!(undone.state, RunState::Undone, "{undone:#?}");
        let after = cluster(&rig).await;
        assert_eq!((&after.spec, &after.nodes), (&before.spec, &before.nodes), "ids and accounts too");
        assert_eq!(after.rules, before.rules);
        assert_eq!(ours(&rig.node(0)).await, on_a);
        assert_eq!(ours(&rig.node(1)).await, on_b);
        assert_eq!(ours(&rig.node(2)).await, Vec::<String>::new());
        assert!(admin(&rig.node(0)).all_policies().await.unwrap().iter().all(|r| r.enabled));
        images_cross(&rig, &rig.clusters, [0, 1], "again").await;
    }
}

#[tokio::test]
async fn a_tier_that_feeds_others_is_retired_only_when_they_are_fed_otherwise() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    let mut typed = rig.typed(Topology::Tiered, &["hq", "gz", "zh"]);
    typed.nodes[2].upstream = "gz".to_owned();
    let id = rig.draft_of(typed).await;
    succeeded(&rig.adopt(&id).await);
    let start = ChangeStart::Retire { node: id_of(&rig, "gz").await };
    let id = rig.changed(&start, |_| ()).await;
    let refused = rig.clusters.plan(&id, "lw").await.unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.field.as_deref()),
        ("spec.upstream", Some("nodes[1].upstream"))
    );
    let id = rig.changed(&start, |d| d.nodes[1].upstream.clear()).await;
    succeeded(&rig.adopt(&id).await);
    let rules = admin(&rig.node(0)).all_policies().await.unwrap();
    assert_eq!(rules.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["breakwater-prod-to-zh"]);
    assert_eq!(ours(&rig.node(1)).await, Vec::<String>::new());
    assert_eq!(ours(&rig.node(2)).await.len(), 2, "the robots of the console and of hq");
}

#[tokio::test]
async fn a_node_joins_a_shared_storage_after_its_probes_and_leaves_it() {
    let rig = adopted(3, Topology::SharedStorage, &["one", "two"]).await;
    let before = cluster(&rig).await;
    let edit = |d: &mut Draft| {
        is(d, 2, &rig, 2, "three");
        d.probes_confirmed = true;
    };
    let id = rig.changed(&ChangeStart::Add, edit).await;
    rig.check(&id).await;
    rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(rig.clusters.apply(&id, "lw").await.unwrap_err().code, "apply.blocked");
    let run = rig.adopt(&id).await;
    succeeded(&run);
    assert!(run.steps.iter().any(|s| s.key == "proof:shared"));
    let after = cluster(&rig).await;
    assert_eq!(after.nodes[..2], before.nodes[..]);
    assert_eq!(after.nodes[2].account.as_deref(), Some("robot$breakwater-prod"));
    let accounts = rig.clusters.node_accounts(&after.id).await.unwrap();
    assert_eq!(accounts.len(), 3);
    // Leaving needs no probe, and takes nothing away that the others use.
    let id = rig.changed(&ChangeStart::Retire { node: id_of(&rig, "one").await }, |_| ()).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().all(|f| !f.writes), "{:#?}", view.findings);
    succeeded(&rig.adopt(&id).await);
    assert_eq!(names(&cluster(&rig).await), ["two", "three"]);
    assert_eq!(ours(&rig.node(1)).await, ["robot robot$breakwater-prod"]);
}

#[tokio::test]
async fn a_shared_storage_with_a_wrong_secret_on_the_new_node_is_refused() {
    let mut config = SimConfig::shared(3, "2.15.2");
    config.nodes[2].secrets.secretkey = "fedcba9876543210".into();
    let rig = Rig::start(config).await;
    let id = rig.draft(Topology::SharedStorage, &["one", "two"]).await;
    succeeded(&rig.adopt(&id).await);
    let edit = |d: &mut Draft| {
        is(d, 2, &rig, 2, "three");
        d.probes_confirmed = true;
    };
    let id = rig.changed(&ChangeStart::Add, edit).await;
    rig.check(&id).await;
    let run = rig.clusters.run_probes(&id, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    let view = rig.clusters.draft(&id).await.unwrap();
    let failed: Vec<_> = view.findings.iter().filter(|f| f.state == FindingState::Failed).collect();
    assert_eq!(failed.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["shared-secretkey"]);
}

#[tokio::test]
async fn before_2_12_an_administrator_is_asked_for_where_robots_are_made() {
    let rig = Rig::start(SimConfig::independent(3, "2.10.3")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let start = ChangeStart::Replace { node: id_of(&rig, "b").await, keep_name: false };
    let id = rig.changed(&start, |d| is(d, 1, &rig, 2, "c")).await;
    let view = rig.check(&id).await;
    let rights: Vec<_> = view.findings.iter().filter(|f| f.blocks()).collect();
    assert_eq!(rights.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["credential-rights"]);
    // The administrator of a is typed once, and is not kept.
    let mut draft = view.draft;
    draft.nodes[0].credential = CredentialKind::Admin;
    draft.nodes[0].username = "admin".to_owned();
    let key = draft.nodes[0].key.clone();
    rig.clusters.save_draft(&id, view.version, draft).await.unwrap();
    rig.clusters.set_secret(&id, &key, PASSWORD.into()).await.unwrap();
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let after = cluster(&rig).await;
    assert!(after.nodes.iter().all(|n| n.account.as_deref() == Some("robot$breakwater-prod")));
    images_cross(&rig, &rig.clusters, [0, 2], "new").await;
}

#[tokio::test]
async fn a_failed_change_leaves_the_cluster_as_it_was_and_is_taken_back() {
    let rig = adopted(3, Topology::OneToMany, &["hq", "gz"]).await;
    let before = cluster(&rig).await;
    let on_hq = ours(&rig.node(0)).await;
    let id = rig.changed(&ChangeStart::Add, |d| is(d, 2, &rig, 2, "sz")).await;
    rig.check(&id).await;
    rig.clusters.plan(&id, "lw").await.unwrap();
    rig.node(2).fault(Fault::Refuse).await;
    assert_eq!(rig.clusters.apply(&id, "lw").await.unwrap_err().code, "harbor.refused");
    rig.node(2).heal().await;
    rig.node(0).pause_queue("REPLICATION", true);
    let run = rig.clusters.apply(&id, "lw").await.unwrap();
    eventually("the proof waits", async || {
        let view = rig.clusters.run(&run).await.unwrap();
        view.steps.iter().any(|s| s.key == "proof:hq:sz" && s.state == StepState::Applying)
    })
    .await;
    let second = rig.changed(&ChangeStart::Edit, |d| d.replication.speed_kbps = Some(512)).await;
    rig.check(&second).await;
    rig.clusters.plan(&second, "lw").await.unwrap();
    let busy = rig.clusters.apply(&second, "lw").await.unwrap_err().code;
    assert!(["change.busy", "apply.blocked"].contains(&busy.as_str()), "{busy}");
    rig.clusters.cancel_run(&run, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Cancelled);
    rig.node(0).pause_queue("REPLICATION", false);
    rig.clusters.undo_run(&run, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Undone);
    let after = cluster(&rig).await;
    assert_eq!((after.spec, after.nodes), (before.spec, before.nodes));
    assert_eq!(ours(&rig.node(0)).await, on_hq);
    assert_eq!(ours(&rig.node(2)).await, Vec::<String>::new());
}
