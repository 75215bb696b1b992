//! The changed cluster is kept: its spec, its nodes, and the accounts of the new ones. Nodes that stay keep their
//! ids, and with them their history and their accounts.

use async_trait::async_trait;
use model::{
    Say,
    ids::ClusterId,
    names::NodeName,
    plan::{RemovedPart, StepWhat},
    say,
    spec::{ClusterSpec, CredentialKind, FirstCopy},
};
use store::{clusters::ClusterRow, nodes::NodeRow};

use super::{Cx, Done, Made, StepError, Work, keep, robot};
use crate::{announce::News, change::Change, error, reach::Account, records};

pub(super) struct KeepChange;

#[async_trait]
impl Work for KeepChange {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        // Each part of keeping looks for itself.
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let change = change(cx)?;
        let id = &change.before.cluster;
        set_spec(cx, &change.before.spec, &change.spec, id).await?;
        let rows = set_nodes(cx, change).await?;
        for row in &rows {
            give_account(cx, change, &rows, row).await?;
        }
        let mut record = records::cluster_record(&cx.store, id).await?;
        if !record.runs.contains(&cx.run) {
            record.runs.push(cx.run.clone());
        }
        record.rules = change.rules_after(&cx.body.rules);
        if let FirstCopy::At { ms } = change.spec.replication.first_copy {
            record.first_copy_at_ms = Some(ms);
        }
        records::put_cluster_record(&cx.store, id, &record).await?;
        keep_findings(cx, id).await?;
        for node in &change.spec.nodes {
            let vault = records::vault_owner(&cx.body.vault, &node.name);
            records::forget(&cx.store, &vault).await?;
            records::forget(&cx.store, &format!("{vault}/projects")).await?;
        }
        cx.announce.set_cluster(id).await;
        cx.announce
            .record(News {
                code: "cluster.changed",
                state: model::health::HealthState::Up,
                text: words(change),
                by: cx.body.by.clone(),
                cluster: Some(id.clone()),
                node: None,
            })
            .await;
        Ok(Made { id: None, outcome: say!("kept and watched", "已保存并开始监视") })
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let change = change(cx)?;
        let row = cx.store.clusters().get(&change.before.cluster).await?;
        let kept = row.spec_as::<ClusterSpec>().is_ok_and(|spec| spec == change.spec);
        if kept { Ok(()) } else { Err(meanwhile()) }
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let change = change(cx)?;
        let id = &change.before.cluster;
        set_spec(cx, &change.spec, &change.before.spec, id).await?;
        put_nodes_back(cx, change).await?;
        let mut record = records::cluster_record(&cx.store, id).await?;
        record.rules.clone_from(&change.before.rules);
        if !change.before.waiting {
            record.first_copy_at_ms = None;
        }
        records::put_cluster_record(&cx.store, id, &record).await?;
        cx.announce.set_cluster(id).await;
        Ok(())
    }
}

fn change(cx: &Cx) -> Done<&Change> {
    cx.body.change.as_ref().ok_or_else(meanwhile)
}

fn meanwhile() -> StepError {
    StepError::Refused(Box::new(error::changed_meanwhile()))
}

/// Keeps a spec in place of another; that it is kept already is what an interrupted run has done.
async fn set_spec(cx: &Cx, from: &ClusterSpec, to: &ClusterSpec, id: &ClusterId) -> Done<()> {
    let row: ClusterRow = cx.store.clusters().get(id).await?;
    match row.spec_as::<ClusterSpec>() {
        Ok(there) if there == *to => Ok(()),
        Ok(there) if there == *from => {
            cx.store.clusters().update(id, row.version, &to.name, to).await?;
            Ok(())
        }
        _ => Err(meanwhile()),
    }
}

/// Those that left go first: a new one may bear the name.
async fn set_nodes(cx: &Cx, change: &Change) -> Done<Vec<NodeRow>> {
    let id = &change.before.cluster;
    let mut there = cx.store.nodes().of_cluster(id).await?;
    for gone in change.gone() {
        if there.iter().any(|row| row.id == gone.id) {
            records::forget(&cx.store, &records::projects_owner(&gone.id)).await?;
            cx.store.nodes().remove(&gone.id).await?;
        }
        there.retain(|row| row.id != gone.id);
    }
    let mut rows = Vec::new();
    for (n, node) in change.spec.nodes.iter().enumerate() {
        let address = node.address.origin();
        let fields = records::node_fields(&change.spec, n, &address);
        rows.push(match there.iter().find(|row| row.name == node.name) {
            Some(row) => cx.store.nodes().update(&row.id, fields).await?,
            None => cx.store.nodes().insert(id, fields).await?,
        });
    }
    Ok(rows)
}

/// A node that stays keeps its account, unless another one was given for it.
async fn give_account(cx: &Cx, change: &Change, rows: &[NodeRow], row: &NodeRow) -> Done<()> {
    if change.stays(&row.name) {
        let given = records::account(&cx.store, &records::vault_owner(&cx.body.vault, &row.name)).await?;
        return if given.is_some() { keep::give_account(cx, row).await } else { Ok(()) };
    }
    if !change.spec.topology.copies() && cx.body.make_robot.contains(&row.name) {
        // One database: the robot that the others use is known here too.
        for other in rows.iter().filter(|r| change.stays(&r.name)) {
            let account = records::account(&cx.store, other.id.as_str()).await?;
            if let Some(robot) = account.filter(|a| a.kind == CredentialKind::Robot) {
                let second = records::account(&cx.store, &records::projects_owner(&other.id)).await?;
                return keep::keep_account(cx, row, &robot, second).await;
            }
        }
    }
    keep::give_account(cx, row).await
}

/// The answers about the change stand beside those that were kept before, with the waivers given now.
async fn keep_findings(cx: &Cx, id: &ClusterId) -> Done<()> {
    let Some(draft) = &cx.body.draft else { return Ok(()) };
    let findings = cx.store.findings();
    for row in findings.list(draft.as_str()).await? {
        if row.key.finding() == records::NODE_TEST {
            continue;
        }
        findings.put(id.as_str(), &row.key, row.state, &row.facts, row.measured_ms).await?;
        if row.waiver.is_some() {
            findings.set_waiver(id.as_str(), &row.key, row.waiver.as_ref()).await?;
        }
    }
    for row in cx.store.credentials().of_draft(draft).await? {
        cx.store.credentials().remove(&row.id).await?;
    }
    Ok(())
}

async fn put_nodes_back(cx: &Cx, change: &Change) -> Done<()> {
    let before = &change.before;
    for row in cx.store.nodes().of_cluster(&before.cluster).await? {
        if before.ids.contains(&row.id) {
            continue;
        }
        // The steps that are undone after this one still sign in there.
        let vault = records::vault_owner(&cx.body.vault, &row.name);
        if let Some(account) = records::account(&cx.store, row.id.as_str()).await? {
            records::put_account(&cx.store, &vault, &account).await?;
        }
        if let Some(second) = records::account(&cx.store, &records::projects_owner(&row.id)).await? {
            records::put_account(&cx.store, &format!("{vault}/projects"), &second).await?;
        }
        records::forget(&cx.store, &records::projects_owner(&row.id)).await?;
        cx.store.nodes().remove(&row.id).await?;
    }
    let there = cx.store.nodes().of_cluster(&before.cluster).await?;
    for (n, node) in before.spec.nodes.iter().enumerate() {
        let id = &before.ids[n];
        let address = node.address.origin();
        let fields = records::node_fields(&before.spec, n, &address);
        if there.iter().any(|row| row.id == *id) {
            cx.store.nodes().update(id, fields).await?;
        } else {
            let row = cx.store.nodes().put_back(id, &before.cluster, fields).await?;
            if let Some((account, second)) = former_account(cx, change, &node.name).await? {
                keep::keep_account(cx, &row, &account, second).await?;
            }
        }
    }
    Ok(())
}

/// The account of a node that comes back: the console's robot, made there again, or the one it signed in with.
async fn former_account(
    cx: &Cx,
    change: &Change,
    name: &NodeName,
) -> Done<Option<(Account, Option<Account>)>> {
    let called = change.place_of(name);
    let made_again = cx.body.steps.iter().any(|s| {
        s.node == called && matches!(s.what, StepWhat::Remove { part: RemovedPart::ConsoleRobot, .. })
    });
    if made_again {
        let of = |second| records::console_owner(&change.before.spec.name, name, second);
        if let Some(account) = robot::sealed(cx, &of(false)).await? {
            return Ok(Some((account, robot::sealed(cx, &of(true)).await?)));
        }
    }
    let reach = cx.reach.get(&called);
    Ok(reach.and_then(|r| Some((r.account.clone()?, r.second.clone()))))
}

/// What was changed, in a sentence.
fn words(change: &Change) -> Say {
    let list = |names: Vec<String>| names.join(", ");
    let name = &change.spec.name;
    let added = list(change.added().map(|n| n.name.to_string()).collect());
    let gone = list(change.gone().into_iter().map(|g| g.called.to_string()).collect());
    match (added.is_empty(), gone.is_empty()) {
        (false, false) => say!(
            "The cluster {name} was changed: {added} came, {gone} left.",
            "集群 {name} 已更改：新增 {added}，移出 {gone}。"
        ),
        (false, true) => {
            say!("The cluster {name} was changed: {added} came.", "集群 {name} 已更改：新增 {added}。")
        }
        (true, false) => {
            say!("The cluster {name} was changed: {gone} left.", "集群 {name} 已更改：移出 {gone}。")
        }
        (true, true) => say!("The cluster {name} was changed.", "集群 {name} 已更改。"),
    }
}
