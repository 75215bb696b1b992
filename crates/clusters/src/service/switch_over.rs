//! A switch-over: one node of a pair takes no pushes, so that the other can take its place once the two are equal.

use std::collections::BTreeMap;

use ledger::Depth;
use model::{
    AppError,
    health::HealthState,
    ids::{PairId, RunId},
    names::NodeName,
    plan::{PlannedStep, StepWhat},
    run::{RunKind, RunState},
    say,
    spec::ClusterSpec,
};

use super::{Answered, Clusters};
use crate::{
    announce::News,
    pairs::{self, Known},
    plan,
    reach::{Account, Reach},
    records::{self, RunBody},
    trouble::Trouble,
};

impl Clusters {
    /// Puts a node of a pair into read-only mode, by the account of one of its administrators. The pair is compared
    /// once that is done: what it then says is so until somebody ends the mode.
    ///
    /// # Errors
    /// `pair.no_node` where the pair has no such node, `heal.busy` and `change.busy` while something is at work, those of
    /// signing in.
    pub async fn set_read_only(
        &self,
        id: &PairId,
        node: &NodeName,
        account: Account,
        by: &str,
    ) -> Answered<RunId> {
        let known = pairs::known(&self.store, id).await?;
        if !known.names.contains(node) {
            return Err(no_node(node));
        }
        if self.healing(id).await?.is_some() {
            return Err(super::heals::busy());
        }
        let cluster = &known.row.cluster_id;
        self.refuse_busy(cluster).await?;
        let run = self.begin_as(&known, node, account, vec![plan::read_only_step(id, node)], by).await?;
        self.announce
            .record(News {
                code: "pair.read_only",
                state: HealthState::Degraded,
                text: say!(
                    "{node} is put into read-only mode for a switch-over.",
                    "{node} 因切换被设为只读模式。"
                ),
                by: by.to_owned(),
                cluster: Some(cluster.clone()),
                node: None,
            })
            .await;
        Ok(run)
    }

    /// Once a run that held something or let it go is over: an administrator served that run alone, and what the two
    /// hold once nobody pushes to the one is what a switch-over waits for.
    pub(super) async fn read_only_set(&self, body: RunBody, state: RunState) {
        for node in &body.spec.nodes {
            let owner = records::vault_owner(&body.vault, &node.name);
            if let Err(error) = records::forget(&self.store, &owner).await {
                tracing::warn!(%error, "an account that served a run could not be forgotten");
            }
        }
        let switches = body.steps.iter().any(|step| matches!(step.what, StepWhat::ReadOnly { .. }));
        if let Some(pair) = body.pair.filter(|_| switches && state == RunState::Succeeded) {
            self.begin_comparing(pair, Depth::Changed);
        }
    }

    /// Begins a run that signs in to one node with an account of its own.
    pub(super) async fn begin_as(
        &self,
        known: &Known,
        node: &NodeName,
        account: Account,
        steps: Vec<PlannedStep>,
        by: &str,
    ) -> Answered<RunId> {
        let cluster = &known.row.cluster_id;
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let of = spec.node(node).ok_or_else(|| no_node(node))?;
        let reach = Reach::new(&self.outside, &of.address, &of.tls, Some(account), None)
            .map_err(|error| Trouble::from(error).app_of(node))?;
        // Before anything is begun: a wrong password is told where it was typed, and a robot may not.
        reach
            .system
            .configurations()
            .await
            .map_err(|error| Trouble::from(error).app_of(node).at("account"))?;
        let accounts = BTreeMap::from([(node.clone(), reach)]);
        self.begin_with(cluster, RunKind::Fence, steps, Some(known.row.id.clone()), by, &accounts).await
    }
}

fn no_node(node: &NodeName) -> AppError {
    AppError::new(
        "pair.no_node",
        404,
        say!("{node} is not one of the two.", "{node} 不属于此配对。"),
        say!("Reload the page.", "请重新加载页面。"),
    )
    .at("node")
}
