//! Clusters that were adopted.

use std::collections::BTreeMap;

use model::{
    Link,
    finding::Finding,
    ids::{ClusterId, NodeId, PairId, RunId},
    names::NodeName,
    plan::PlannedStep,
    run::{RunKind, RunState},
    spec::{ClusterNode, ClusterSpec, ClusterView, CredentialKind},
};
use secrecy::SecretString;
use store::clusters::ClusterRow;

use super::{Answered, Clusters, checks::uuid_text, plans::offsets};
use crate::{
    announce::News,
    error, plan,
    reach::{Account, Reach},
    records::{self, RunBody},
    survey::NodeSurvey,
};

impl Clusters {
    /// All clusters, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn clusters(&self) -> Answered<Vec<ClusterView>> {
        let mut out = Vec::new();
        for row in self.store.clusters().list().await? {
            out.push(self.cluster_view(row).await?);
        }
        Ok(out)
    }

    /// One cluster.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn cluster(&self, id: &ClusterId) -> Answered<ClusterView> {
        self.cluster_view(self.store.clusters().get(id).await?).await
    }

    /// The account of each node for daily work, unsealed, by the node's id: for who watches the cluster.
    ///
    /// # Errors
    /// Those of reading and unsealing.
    pub async fn node_accounts(&self, id: &ClusterId) -> Answered<BTreeMap<NodeId, Account>> {
        let mut out = BTreeMap::new();
        for node in self.store.nodes().of_cluster(id).await? {
            if let Some(account) = records::account(&self.store, node.id.as_str()).await? {
                out.insert(node.id, account);
            }
        }
        Ok(out)
    }

    /// Switches the rules of one link or of all on, and starts each once.
    ///
    /// # Errors
    /// `store.not_found`; what goes wrong at a Harbor is in the run.
    pub async fn start_first_copy(&self, id: &ClusterId, link: Option<&Link>, by: &str) -> Answered<RunId> {
        self.start_copies(id, link.map(std::slice::from_ref), by).await
    }

    /// The same for the links that a change has made new.
    ///
    /// # Errors
    /// As [`Clusters::start_first_copy`]; `node.unknown` where the run made no link.
    pub async fn start_copy_after(&self, run: &RunId, by: &str) -> Answered<RunId> {
        let body: RunBody = self.store.runs().get(run).await?.body_as()?;
        let change = body.change.ok_or_else(error::no_node)?;
        self.start_copies(&change.before.cluster, Some(&change.new_links()), by).await
    }

    async fn start_copies(&self, id: &ClusterId, links: Option<&[Link]>, by: &str) -> Answered<RunId> {
        let mut record = records::cluster_record(&self.store, id).await?;
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let wanted = |link: &Link| links.is_none_or(|all| all.contains(link));
        let rules: Vec<_> = record.rules.iter().filter(|r| wanted(&r.link)).cloned().collect();
        if rules.is_empty() {
            return Err(error::no_node());
        }
        let run = self.begin_on(id, RunKind::Rule, plan::start_steps(&spec, &rules, true), None, by).await?;
        if links.is_none() && record.first_copy_at_ms.take().is_some() {
            records::put_cluster_record(&self.store, id, &record).await?;
        }
        Ok(run)
    }

    /// Removes a cluster from the console; with `take_back` also what its adoption made on the Harbors, by a run.
    ///
    /// # Errors
    /// `cluster.no_run` where it is not known what was made, `change.busy` while a run changes it.
    pub async fn remove_cluster(&self, id: &ClusterId, take_back: bool, by: &str) -> Answered<Option<RunId>> {
        let row = self.store.clusters().get(id).await?;
        self.refuse_busy(id).await?;
        if take_back {
            return self.take_back(id, by).await.map(Some);
        }
        records::forget_cluster(&self.store, &row).await?;
        self.announce.remove_cluster(id).await;
        let name = &row.name;
        self.announce
            .record(News {
                code: "cluster.removed",
                state: model::health::HealthState::Unknown,
                text: model::say!(
                    "The cluster {name} was removed from the console; its Harbors were left as they are.",
                    "集群 {name} 已从控制台移除；其 Harbor 保持原样。"
                ),
                by: by.to_owned(),
                cluster: Some(id.clone()),
                node: None,
            })
            .await;
        Ok(None)
    }

    /// Replaces the account of a node once the new one was tried there.
    ///
    /// # Errors
    /// What the node says to the new account; the old one then stays.
    pub async fn replace_credential(
        &self,
        id: &ClusterId,
        node: &NodeId,
        kind: CredentialKind,
        username: &str,
        secret: SecretString,
        by: &str,
    ) -> Answered<()> {
        let (spec, n) = self.node_of(id, node).await?;
        let account = Account { kind, username: username.trim().to_owned(), secret };
        self.try_out(&spec, n, Some(account.clone())).await?;
        let credential = records::put_account(&self.store, node.as_str(), &account).await?;
        // One account now does both kinds of work.
        records::forget(&self.store, &records::projects_owner(node)).await?;
        self.store.nodes().set_credential(node, Some(&credential)).await?;
        self.announce.set_cluster(id).await;
        tracing::info!(cluster = %id, %node, by, "a node's account was replaced");
        Ok(())
    }
}

impl Clusters {
    async fn cluster_view(&self, row: ClusterRow) -> Answered<ClusterView> {
        let spec: ClusterSpec = row.spec_as()?;
        let record = records::cluster_record(&self.store, &row.id).await?;
        let mut nodes = Vec::new();
        for node in self.store.nodes().of_cluster(&row.id).await? {
            let accounts = self.store.credentials().of_owner(node.id.as_str()).await?;
            nodes.push(ClusterNode {
                id: node.id,
                name: node.name,
                account: accounts.first().map(|a| a.username.clone()),
                credential: accounts.first().map(|a| a.kind),
            });
        }
        let rows = self.store.findings().list(row.id.as_str()).await?;
        let findings = super::drafts::merged(&spec, None, &rows);
        let waived: Vec<Finding> = findings.into_iter().filter(|f| f.waiver.is_some()).collect();
        Ok(ClusterView {
            id: row.id,
            version: row.version,
            created_ms: row.created_ms,
            spec,
            nodes,
            waived,
            rules: record.rules,
            runs: record.runs,
            first_copy_at_ms: record.first_copy_at_ms,
        })
    }

    /// The spec, and the node's place in it.
    async fn node_of(&self, id: &ClusterId, node: &NodeId) -> Answered<(ClusterSpec, usize)> {
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let row = self.store.nodes().get(node).await?;
        let place = spec.nodes.iter().position(|n| row.cluster_id == *id && n.name == row.name);
        Ok((spec, place.ok_or_else(error::no_node)?))
    }

    /// Signs in at a node as it would be from now on.
    async fn try_out(&self, spec: &ClusterSpec, n: usize, account: Option<Account>) -> Answered<()> {
        let node = &spec.nodes[n];
        let reach = Reach::new(&self.outside, &node.address, &node.tls, account, None)
            .map_err(|e| crate::trouble::Trouble::from(e).app_of(&node.name))?;
        let survey = NodeSurvey::new(node.clone(), reach);
        survey.account().await.map(|_| ()).map_err(|t| t.app_of(&node.name))
    }

    /// Takes back what the runs of a cluster made: by the undo of its adoption, or, where it was changed since, by a
    /// run that removes everything that bears a run's mark.
    async fn take_back(&self, id: &ClusterId, by: &str) -> Answered<RunId> {
        let record = records::cluster_record(&self.store, id).await?;
        if let [only] = record.runs.as_slice() {
            let stored = self.store.runs().get(only).await?;
            if stored.kind == "adopt" && stored.state == RunState::Succeeded {
                self.undo_run(only, by).await?;
                return Ok(only.clone());
            }
        }
        if record.runs.is_empty() {
            return Err(error::no_run());
        }
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let survey = self.survey(spec.clone(), &reach)?;
        let mut versions = BTreeMap::new();
        for node in survey.nodes() {
            if let Ok(basics) = node.basics().await {
                versions.insert(node.name().clone(), basics.version.clone());
            }
        }
        // For a node that is away both forms of the robot are looked for, once it is back.
        let oldest = || model::HarborVersion::new(2, 8, 0);
        let version_of = |node: &NodeName| versions.get(node).cloned().unwrap_or_else(oldest);
        let steps = plan::remove_all(&spec, &record.rules, version_of);
        self.begin_on(id, RunKind::Remove, steps, None, by).await
    }

    /// Begins a run on a cluster with its own accounts.
    pub(super) async fn begin_on(
        &self,
        id: &ClusterId,
        kind: RunKind,
        steps: Vec<PlannedStep>,
        pair: Option<PairId>,
        by: &str,
    ) -> Answered<RunId> {
        self.begin_with(id, kind, steps, pair, by, &BTreeMap::new()).await
    }

    /// Begins a run on a cluster with its own accounts, but for the nodes that are given here; those are sealed for it.
    pub(super) async fn begin_with(
        &self,
        id: &ClusterId,
        kind: RunKind,
        steps: Vec<PlannedStep>,
        pair: Option<PairId>,
        by: &str,
        accounts: &BTreeMap<NodeName, Reach>,
    ) -> Answered<RunId> {
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let survey = self.survey(spec.clone(), &reach)?;
        let mut versions = BTreeMap::new();
        let mut known = Vec::new();
        // A node that is away does not keep the others' rules from starting.
        for node in survey.nodes() {
            if let Ok(basics) = node.basics().await {
                versions.insert(node.name().clone(), basics.version.clone());
                known.push((node.name().clone(), basics));
            }
        }
        let body = RunBody {
            kind,
            scope: id.to_string(),
            draft: None,
            change: None,
            pair,
            cluster: Some(id.clone()),
            clock_offset_ms: offsets(&known),
            versions,
            make_robot: Default::default(),
            steps,
            rules: Vec::new(),
            vault: uuid_text(),
            by: by.to_owned(),
            made_ms: self.now_ms(),
            spec,
        };
        self.begin(body, accounts).await
    }
}
