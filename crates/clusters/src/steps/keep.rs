//! The cluster is kept in the console: its spec, its nodes, and the accounts for daily work.

use async_trait::async_trait;
use model::{ids::ClusterId, names::NodeName, say, spec::ClusterSpec};
use store::nodes::NodeRow;

use super::{Cx, Done, Made, StepError, Work, robot};
use crate::{
    announce::News,
    reach::Account,
    records::{self, ClusterRecord},
};

pub(super) struct Keep;

#[async_trait]
impl Work for Keep {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        // Each part of keeping looks for itself.
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let id = cluster(cx).await?;
        let nodes = nodes(cx, &id).await?;
        for node in &nodes {
            give_account(cx, node).await?;
        }
        let mut record = records::cluster_record(&cx.store, &id).await?;
        if !record.runs.contains(&cx.run) {
            record.runs.push(cx.run.clone());
        }
        record.rules.clone_from(&cx.body.rules);
        if let model::spec::FirstCopy::At { ms } = cx.body.spec.replication.first_copy {
            record.first_copy_at_ms = Some(ms);
        }
        records::put_cluster_record(&cx.store, &id, &record).await?;
        if let Some(draft) = &cx.body.draft {
            cx.store.findings().move_to(draft.as_str(), id.as_str()).await?;
            for row in cx.store.credentials().of_draft(draft).await? {
                cx.store.credentials().remove(&row.id).await?;
            }
        }
        for node in &cx.body.spec.nodes {
            records::forget(&cx.store, &records::vault_owner(&cx.body.vault, &node.name)).await?;
        }
        cx.announce.set_cluster(&id).await;
        let name = &cx.body.spec.name;
        cx.announce
            .record(News {
                code: "cluster.adopted",
                state: model::health::HealthState::Up,
                text: say!("The cluster {name} was adopted.", "集群 {name} 已接管。"),
                by: cx.body.by.clone(),
                cluster: Some(id),
                node: None,
            })
            .await;
        Ok(Made { id: None, outcome: say!("kept and watched", "已保存并开始监视") })
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let there = cx.store.clusters().find(&cx.body.spec.name).await?;
        there.map(|_| ()).ok_or_else(|| taken(cx))
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let Some(row) = cx.store.clusters().find(&cx.body.spec.name).await? else { return Ok(()) };
        // The steps that are undone after this one still sign in with the cluster's accounts.
        for node in cx.store.nodes().of_cluster(&row.id).await? {
            let owners = [(node.id.to_string(), false), (records::projects_owner(&node.id), true)];
            for (owner, projects) in owners {
                if let Some(account) = records::account(&cx.store, &owner).await? {
                    let vault = records::vault_owner(&cx.body.vault, &node.name);
                    let vault = if projects { format!("{vault}/projects") } else { vault };
                    records::put_account(&cx.store, &vault, &account).await?;
                }
            }
            records::forget(&cx.store, &records::projects_owner(&node.id)).await?;
        }
        cx.store.clusters().remove(&row.id).await?;
        records::remove_cluster_record(&cx.store, &row.id).await?;
        cx.announce.remove_cluster(&row.id).await;
        Ok(())
    }
}

fn taken(cx: &Cx) -> StepError {
    let name = &cx.body.spec.name;
    StepError::refused(
        "cluster.name_taken",
        say!("There is another cluster called {name}.", "已有名为 {name} 的集群。"),
        say!("Give this one another name.", "请为它换一个名称。"),
    )
}

/// The cluster's row; one with the very same spec is what an interrupted run has kept.
async fn cluster(cx: &Cx) -> Done<ClusterId> {
    let spec = &cx.body.spec;
    if let Some(there) = cx.store.clusters().find(&spec.name).await? {
        return match there.spec_as::<ClusterSpec>() {
            Ok(same) if same == *spec => Ok(there.id),
            _ => Err(taken(cx)),
        };
    }
    let row = cx.store.clusters().insert(&spec.name, spec.topology, spec).await?;
    records::put_cluster_record(&cx.store, &row.id, &ClusterRecord::default()).await?;
    Ok(row.id)
}

async fn nodes(cx: &Cx, id: &ClusterId) -> Done<Vec<NodeRow>> {
    let mut rows = cx.store.nodes().of_cluster(id).await?;
    for (n, node) in cx.body.spec.nodes.iter().enumerate() {
        if rows.iter().any(|r| r.name == node.name) {
            continue;
        }
        let address = node.address.origin();
        let fields = records::node_fields(&cx.body.spec, n, &address);
        rows.push(cx.store.nodes().insert(id, fields).await?);
    }
    Ok(rows)
}

/// The console's robot where one was made, else the account that was given.
pub(super) async fn give_account(cx: &Cx, node: &NodeRow) -> Done<()> {
    match daily_account(cx, &node.name).await? {
        Some((account, projects)) => keep_account(cx, node, &account, projects).await,
        None => Ok(()),
    }
}

/// Keeps a node's account for daily work, and the second one that 2.8 needs.
pub(super) async fn keep_account(
    cx: &Cx,
    node: &NodeRow,
    account: &Account,
    projects: Option<Account>,
) -> Done<()> {
    let id = records::put_account(&cx.store, node.id.as_str(), account).await?;
    cx.store.nodes().set_credential(&node.id, Some(&id)).await?;
    if let Some(second) = projects {
        records::put_account(&cx.store, &records::projects_owner(&node.id), &second).await?;
    }
    Ok(())
}

/// On a shared database the robot of the first node is known everywhere.
pub(super) async fn daily_account(cx: &Cx, node: &NodeName) -> Done<Option<(Account, Option<Account>)>> {
    let spec = &cx.body.spec;
    let holder = if spec.topology.copies() { node } else { spec.nodes.first().map_or(node, |n| &n.name) };
    if cx.body.make_robot.contains(holder) {
        let of = |second| records::console_owner(&spec.name, holder, second);
        if let Some(account) = robot::sealed(cx, &of(false)).await? {
            return Ok(Some((account, robot::sealed(cx, &of(true)).await?)));
        }
    }
    let given = cx.reach.get(node).and_then(|r| r.account.clone());
    Ok(given.map(|account| (account, None)))
}
