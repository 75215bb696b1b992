//! Editing a kept cluster: addresses, the entry, the rules, a file; and what cannot be.

use model::{
    Topology,
    draft::{ChangeStart, Draft},
    finding::FindingState,
    run::RunState,
    spec::CredentialKind,
};

use crate::{
    change::{adopted, cluster, id_of, keys, names},
    rig::{PASSWORD, admin, succeeded},
};
use clusters::{SpecAccount, SpecOptions};

#[tokio::test]
async fn a_new_address_reaches_the_endpoints_that_point_at_it() {
    let rig = adopted(2, Topology::DualMaster, &["a", "b"]).await;
    let before = cluster(&rig).await;
    let renamed = rig.node(1).url().replace("127.0.0.1", "localhost");
    let id = rig.changed(&ChangeStart::Edit, |d| d.nodes[1].address.clone_from(&renamed)).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().all(|f| !f.blocks()), "{:#?}", view.findings);
    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(keys(&plan), ["endpoint:a:b", "proof:a:b", "proof:b:a", "keep-change"]);
    assert_eq!(plan.steps[0].calls[0].method, "PUT");
    let run = rig.adopt(&id).await;
    succeeded(&run);
    assert_eq!(admin(&rig.node(0)).all_registries().await.unwrap()[0].url, renamed);
    let after = cluster(&rig).await;
    assert_eq!(after.spec.nodes[1].address.origin(), renamed);
    assert_eq!(after.nodes, before.nodes);
    rig.clusters.undo_run(&run.id, "lw").await.unwrap();
    let undone = rig.over(&run.id).await;
    assert_eq!(undone.state, RunState::Undone, "{undone:#?}");
    assert_eq!(admin(&rig.node(0)).all_registries().await.unwrap()[0].url, rig.node(1).url());
    assert_eq!(cluster(&rig).await.spec, before.spec);
}

#[tokio::test]
async fn a_dead_address_changes_nothing() {
    let rig = adopted(2, Topology::DualMaster, &["a", "b"]).await;
    let before = cluster(&rig).await;
    let id = rig.changed(&ChangeStart::Edit, |d| d.nodes[1].address = "http://127.0.0.1:1".into()).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().any(|f| f.id == "node-reachable" && f.state == FindingState::Failed));
    assert_eq!(rig.clusters.plan(&id, "lw").await.unwrap_err().code, "harbor.refused");
    assert_eq!(cluster(&rig).await.spec, before.spec);
}

#[tokio::test]
async fn a_kept_administrators_password_is_not_sent_to_another_host() {
    let rig = adopted(2, Topology::DualMaster, &["a", "b"]).await;
    let (id, b) = (rig.cluster_id().await, id_of(&rig, "b").await);
    let kind = CredentialKind::Admin;
    rig.clusters.replace_credential(&id, &b, kind, "admin", PASSWORD.into(), "lw").await.unwrap();
    let view = rig.clusters.begin_change(&id, &ChangeStart::Edit, "lw").await.unwrap();
    assert!(view.draft.nodes.iter().all(|n| n.has_secret));
    let mut draft = view.draft;
    draft.nodes[1].address = "http://elsewhere.example.com".into();
    let view = rig.clusters.save_draft(&view.id, view.version, draft).await.unwrap();
    assert!(view.draft.nodes[0].has_secret && !view.draft.nodes[1].has_secret);
    assert_eq!(rig.clusters.plan(&view.id, "lw").await.unwrap_err().code, "draft.no_account");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_reason() {
    let rig = adopted(3, Topology::OneToMany, &["hq", "gz", "sz"]).await;
    let hq = id_of(&rig, "hq").await;
    let plan = async |start: &ChangeStart, edit: fn(&mut Draft)| {
        let id = rig.changed(start, edit).await;
        rig.clusters.plan(&id, "lw").await.unwrap_err().code
    };
    let retire = ChangeStart::Retire { node: hq };
    assert_eq!(plan(&retire, |_| ()).await, "change.first_retired");
    let id = rig.changed(&retire, |_| ()).await;
    let view = rig.clusters.draft(&id).await.unwrap();
    assert_eq!(view.refusal.unwrap().code, "change.first_retired");
    assert!(view.findings.is_empty() && view.plan.is_none());
    assert_eq!(plan(&ChangeStart::Edit, |d| d.nodes.truncate(1)).await, "spec.node_count");
    assert_eq!(plan(&ChangeStart::Edit, |d| d.nodes[1].name = "gzhou".into()).await, "change.renamed");
    let strangers = |d: &mut Draft| {
        for (n, node) in d.nodes.iter_mut().enumerate() {
            node.node = None;
            node.name = format!("n{n}");
        }
    };
    assert_eq!(plan(&ChangeStart::Edit, strangers).await, "change.nothing_stays");
    // Name and topology are the cluster's, whatever is sent.
    let id = rig
        .changed(&ChangeStart::Edit, |d| {
            d.name = "other".into();
            d.topology = Some(Topology::Tiered);
        })
        .await;
    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    assert!(plan.steps.is_empty());
    assert_eq!(rig.clusters.apply(&id, "lw").await.unwrap_err().code, "change.nothing");
}

#[tokio::test]
async fn a_plan_is_stale_once_the_cluster_was_changed_otherwise() {
    let rig = adopted(3, Topology::OneToMany, &["hq", "gz", "sz"]).await;
    let gz = id_of(&rig, "gz").await;
    let late = rig.changed(&ChangeStart::Edit, |d| d.replication.speed_kbps = Some(1024)).await;
    rig.check(&late).await;
    rig.clusters.plan(&late, "lw").await.unwrap();
    let id = rig.changed(&ChangeStart::Retire { node: gz }, |_| ()).await;
    succeeded(&rig.adopt(&id).await);
    assert_eq!(rig.clusters.apply(&late, "lw").await.unwrap_err().code, "plan.stale");
}

#[tokio::test]
async fn wishes_about_rules_change_the_rules_that_are_there() {
    let rig = adopted(2, Topology::DualMaster, &["a", "b"]).await;
    let edit = |d: &mut Draft| {
        d.replication.at_once = true;
        d.replication.speed_kbps = Some(2048);
    };
    let id = rig.changed(&ChangeStart::Edit, edit).await;
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let rules = admin(&rig.node(0)).all_policies().await.unwrap();
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|r| r.enabled && r.speed == 2048 && !r.overwrite));
    let id = rig.changed(&ChangeStart::Edit, |d| d.replication.at_once = false).await;
    succeeded(&rig.adopt(&id).await);
    assert_eq!(admin(&rig.node(0)).all_policies().await.unwrap().len(), 1);
    assert_eq!(cluster(&rig).await.rules.len(), 2);
}

#[tokio::test]
async fn the_entry_is_changed_and_proven() {
    let rig = adopted(2, Topology::DualMaster, &["a", "b"]).await;
    let entry = rig.node(1).url().replace("127.0.0.1", "localhost");
    let id = rig.changed(&ChangeStart::Edit, |d| d.entry.clone_from(&entry)).await;
    let run = rig.adopt(&id).await;
    succeeded(&run);
    let keys: Vec<_> = run.steps.iter().map(|s| s.key.as_str()).collect();
    assert_eq!(keys, ["proof:entry", "keep-change"]);
    assert_eq!(cluster(&rig).await.spec.entry.unwrap().address.origin(), entry);
}

#[tokio::test]
async fn an_edited_file_is_applied_as_the_difference() {
    let rig = adopted(3, Topology::OneToMany, &["hq", "gz"]).await;
    let before = cluster(&rig).await;
    let mut typed = rig.typed(Topology::OneToMany, &["hq", "gz", "sz"]);
    typed.name = "PROD".to_owned();
    let spec = typed.spec().unwrap();
    let accounts: Vec<SpecAccount> = spec
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
    let options = SpecOptions::default();
    let planned = rig.clusters.plan_spec(&spec, &accounts, &options, "cli").await.unwrap();
    assert_eq!(planned.plan.unwrap().rules.len(), 1);
    let run = rig.clusters.apply_spec(&spec, &accounts, &options, "cli").await.unwrap();
    succeeded(&rig.over(&run).await);
    let after = cluster(&rig).await;
    assert_eq!(names(&after), ["hq", "gz", "sz"]);
    assert_eq!(after.nodes[..2], before.nodes[..]);
    let mut other = spec.clone();
    other.topology = Topology::Tiered;
    let refused = rig.clusters.plan_spec(&other, &accounts, &options, "cli").await.unwrap_err();
    assert_eq!(refused.code, "change.topology");
}
