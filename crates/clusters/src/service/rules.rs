//! Rules: what stands on the Harbors, what is to be looked at, what is done about it.

mod edit;
mod endpoints;
mod halves;
mod links;
mod reading;
mod watchdog;

use model::{
    Link,
    ids::{ClusterId, RunId},
    names::NodeName,
    rule::{DryRun, RuleDeed, RulesRow, RulesView, RulesWish},
    run::RunKind,
    spec::ClusterSpec,
};

use super::{Answered, Clusters};
use crate::{error, pairs, plan, records};
use reading::{Kept, NodesRead, Reading, node_view, read_all};
pub(super) use watchdog::WATCHING;

impl Clusters {
    /// The clusters whose nodes copy, with what is known of their rules without asking a Harbor.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rules_list(&self) -> Answered<Vec<RulesRow>> {
        let mut out = Vec::new();
        for row in self.store.clusters().list().await? {
            let spec: ClusterSpec = row.spec_as()?;
            if !spec.topology.copies() {
                continue;
            }
            let record = records::cluster_record(&self.store, &row.id).await?;
            out.push(RulesRow {
                last: self.newest_execution(&row.id).await?,
                findings: self.count_noted(&row.id).await?,
                cluster: row.id,
                name: row.name,
                topology: spec.topology,
                planned: record.rules,
            });
        }
        Ok(out)
    }

    /// The rules of a cluster as they stand on its Harbors now.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none` where its nodes copy nothing. That a node does not answer is told in its place.
    pub async fn rules(&self, id: &ClusterId) -> Answered<RulesView> {
        let kept = self.kept(id).await?;
        let Reading { nodes, pairs, artifacts, findings, read_ms } = self.read_rules(&kept).await?;
        let Kept { row, spec, record } = kept;
        let links = spec.links();
        let pair_of = |link: &Link| pairs.iter().find(|k| k.joins(link)).map(|k| k.row.id.clone());
        Ok(RulesView {
            cluster: row.id,
            version: row.version,
            name: row.name,
            topology: spec.topology,
            wish: RulesWish::of(&spec.replication),
            pairs: links.iter().filter_map(pair_of).collect(),
            links,
            planned: record.rules,
            nodes: nodes.into_iter().map(|(node, read)| node_view(node, read)).collect(),
            findings,
            mends: record.mends,
            artifacts,
            changing: self.changing(id).await?,
            read_ms,
        })
    }

    /// Does one thing to the rules of a cluster, as a run.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none`, `node.unknown`; `change.busy` where all are made as planned while another run
    /// changes them; `endpoint.…` where an endpoint cannot be called so. What goes wrong at a Harbor is in the run.
    pub async fn do_rule(&self, id: &ClusterId, deed: &RuleDeed, by: &str) -> Answered<RunId> {
        let Kept { spec, record, .. } = self.kept(id).await?;
        let at = |node: &NodeName| spec.node(node).map(|_| ()).ok_or_else(error::no_node);
        let steps = match deed {
            RuleDeed::Mend => {
                self.refuse_busy(id).await?;
                plan::mend(&spec, &record.rules)
            }
            RuleDeed::Start { link } => {
                let rule = record.rules.iter().find(|r| r.link == *link && r.cron.is_some());
                vec![plan::start(link, &rule.ok_or_else(error::no_node)?.name)]
            }
            RuleDeed::Stop { node, execution } => {
                at(node)?;
                vec![plan::stop(node, *execution)]
            }
            RuleDeed::SwitchOff { node, name } => {
                at(node)?;
                vec![plan::switch_off(node, name)]
            }
            RuleDeed::Reschedule { node, name } => {
                at(node)?;
                vec![plan::reschedule(node, name)]
            }
            RuleDeed::Rotate { link } => {
                if !spec.links().contains(link) {
                    return Err(error::no_node());
                }
                plan::rotate(&spec, link).to_vec()
            }
            RuleDeed::RenameEndpoint { node, endpoint, name } => {
                vec![self.plan_rename(id, &spec, node, *endpoint, name).await?]
            }
            RuleDeed::Resume { node, queue } => {
                at(node)?;
                if !matches!(queue.as_str(), "REPLICATION" | "SCHEDULER") {
                    return Err(error::no_node());
                }
                vec![plan::resume(node, queue)]
            }
        };
        self.begin_on(id, RunKind::Rule, steps, None, by).await
    }

    /// What the next run of each link's rule would do, as the last comparison found it; nothing is asked of a Harbor.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none`.
    pub async fn dry_run(&self, id: &ClusterId) -> Answered<Vec<DryRun>> {
        let Kept { spec, record, .. } = self.kept(id).await?;
        let known = pairs::of_cluster(&self.store, id).await?;
        let mut out = Vec::new();
        for link in spec.links() {
            let Some(pair) = known.iter().find(|k| k.joins(&link)) else { continue };
            let overrides = record.rules.iter().any(|r| r.link == link && r.r#override);
            out.push(pairs::dry_run(&self.store, pair, &link, overrides).await?);
        }
        Ok(out)
    }
}
