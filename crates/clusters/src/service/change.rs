//! Changing a kept cluster: the same draft, checks, plan and run as an adoption, of the difference alone.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Topology,
    draft::{ChangeStart, Draft, DraftNode, DraftView},
    ids::{ClusterId, NodeId},
    names::NodeName,
    run::{RunKind, RunState},
    spec::{ClusterSpec, CredentialKind, FirstCopy, NodeSpec},
};
use store::{clusters::ClusterRow, nodes::NodeRow};

use super::{Accounts, Answered, Clusters, drafts::Typed};
use crate::{
    change::{Before, Change},
    error,
    plan::{GoneFacts, GoneNodes},
    reach::Reach,
    records::{self, RunBody},
    survey::NodeSurvey,
};

impl Clusters {
    /// Begins a draft that changes a kept cluster. Nothing has to be typed again for the nodes that stay.
    ///
    /// # Errors
    /// `store.not_found`, `node.unknown`.
    pub async fn begin_change(&self, id: &ClusterId, start: &ChangeStart, by: &str) -> Answered<DraftView> {
        let before = self.before(self.store.clusters().get(id).await?).await?;
        let mut draft = self.draft_of_kept(&before).await?;
        let place = |draft: &Draft, node: &NodeId| {
            draft.nodes.iter().position(|n| n.node.as_ref() == Some(node)).ok_or_else(error::no_node)
        };
        let fresh = || DraftNode {
            key: format!("new-{}", store::new_id::<NodeId>()),
            make_robot: true,
            ..DraftNode::default()
        };
        match start {
            ChangeStart::Edit => {}
            ChangeStart::Add => draft.nodes.push(fresh()),
            ChangeStart::Retire { node } => {
                let at = place(&draft, node)?;
                draft.nodes.remove(at);
            }
            ChangeStart::Replace { node, keep_name } => {
                let at = place(&draft, node)?;
                let old = &draft.nodes[at];
                let name = if *keep_name { old.name.clone() } else { String::new() };
                draft.nodes[at] = DraftNode { name, upstream: old.upstream.clone(), ..fresh() };
            }
        }
        let row = self.store.drafts().insert(by, &draft).await?;
        self.view(row).await
    }
}

impl Clusters {
    /// A cluster as it is kept.
    pub(super) async fn before(&self, row: ClusterRow) -> Answered<Before> {
        let spec: ClusterSpec = row.spec_as()?;
        let record = records::cluster_record(&self.store, &row.id).await?;
        let rows = self.store.nodes().of_cluster(&row.id).await?;
        let id_of = |node: &NodeSpec| rows.iter().find(|r| r.name == node.name).map(|r| r.id.clone());
        let ids = spec.nodes.iter().map(|n| id_of(n).ok_or_else(error::no_node)).collect::<Answered<_>>()?;
        let waiting = record.first_copy_at_ms.is_some();
        Ok(Before { cluster: row.id, spec, ids, rules: record.rules, waiting })
    }

    /// The draft that says what is.
    async fn draft_of_kept(&self, before: &Before) -> Answered<Draft> {
        let spec = &before.spec;
        let mut nodes = Vec::new();
        for (node, id) in spec.nodes.iter().zip(&before.ids) {
            let account = self.store.credentials().of_owner(id.as_str()).await?.into_iter().next();
            // An administrator typed for a node that has a robot serves this change, and is then forgotten.
            let kind = account.as_ref().map_or(CredentialKind::Robot, |a| a.kind);
            nodes.push(DraftNode {
                key: id.to_string(),
                node: Some(id.clone()),
                name: node.name.to_string(),
                address: node.address.origin(),
                tls: node.tls.clone(),
                credential: account.as_ref().map_or(CredentialKind::Admin, |a| a.kind),
                username: account.map(|a| a.username).unwrap_or_default(),
                has_secret: false,
                make_robot: kind != CredentialKind::Admin,
                upstream: node.upstream.as_ref().map_or_else(String::new, ToString::to_string),
            });
        }
        let mut replication = spec.replication.clone();
        if !before.waiting {
            // The time of a copy that was begun long ago says nothing about the next one.
            replication.first_copy = FirstCopy::Asked;
        }
        Ok(Draft {
            cluster: Some(before.cluster.clone()),
            topology: Some(spec.topology),
            name: spec.name.to_string(),
            nodes,
            entry: spec.entry.as_ref().map_or_else(String::new, |e| e.address.origin()),
            entry_tls: spec.entry.as_ref().map(|e| e.tls.clone()).unwrap_or_default(),
            replication,
            probes_confirmed: false,
        })
    }

    /// What a draft changes; `None` for one of a cluster that is to be.
    pub(super) async fn change_of(&self, draft: &Draft, spec: &ClusterSpec) -> Answered<Option<Change>> {
        let Some(id) = &draft.cluster else { return Ok(None) };
        let before = self.before(self.store.clusters().get(id).await?).await?;
        let claimed = draft.nodes.iter().map(|n| n.node.clone()).collect();
        Change::of(before, spec.clone(), claimed).map(Some)
    }

    /// The draft of an edited spec from a file: its nodes are the kept ones of their names.
    pub(super) async fn edited(&self, row: ClusterRow, spec: &ClusterSpec) -> Answered<(Draft, Change)> {
        let before = self.before(row).await?;
        let mut spec = spec.clone();
        spec.name = before.spec.name.clone();
        let id_of = |name: &NodeName| {
            let at = before.spec.nodes.iter().position(|n| n.name == *name)?;
            before.ids.get(at).cloned()
        };
        let claimed = spec.nodes.iter().map(|n| id_of(&n.name)).collect();
        let draft = self.draft_of_kept(&before).await?;
        Ok((draft, Change::of(before, spec, claimed)?))
    }

    /// The kept row of a draft's node, where what is kept for it may be used: the same account is meant, and an
    /// administrator's password is never sent to another host than the one it was given for.
    pub(super) async fn kept_row(&self, draft: &Draft, typed: &DraftNode) -> Answered<Option<NodeRow>> {
        let (Some(cluster), Some(node)) = (&draft.cluster, &typed.node) else { return Ok(None) };
        let rows = self.store.nodes().of_cluster(cluster).await?;
        let Some(row) = rows.into_iter().find(|r| r.id == *node) else { return Ok(None) };
        let accounts = self.store.credentials().of_owner(node.as_str()).await?;
        let Some(account) = accounts.first() else { return Ok(None) };
        let meant = account.kind == typed.credential && account.username == typed.username.trim();
        let host = |text: &str| model::NodeAddress::parse(text).ok().map(|a| a.authority());
        let at_home = account.kind == CredentialKind::Robot || host(&row.address) == host(&typed.address);
        Ok((meant && at_home).then_some(row))
    }

    /// The accounts that a run must have sealed for itself: of new nodes, of those for which another was typed. What
    /// is kept for the others is at hand.
    pub(super) async fn sealed_for(
        &self,
        draft: &Draft,
        spec: &ClusterSpec,
        reach: &BTreeMap<NodeName, Reach>,
    ) -> Answered<BTreeMap<NodeName, Reach>> {
        let mut sealed = BTreeMap::new();
        for (typed, node) in draft.nodes.iter().zip(&spec.nodes) {
            let Some(reach) = reach.get(&node.name) else { continue };
            let kept = match self.kept_row(draft, typed).await? {
                Some(row) => records::account(&self.store, row.id.as_str()).await?,
                None => None,
            };
            let same = kept.zip(reach.account.as_ref()).is_some_and(|(kept, account)| {
                use secrecy::ExposeSecret as _;
                kept.username == account.username
                    && kept.secret.expose_secret() == account.secret.expose_secret()
            });
            if !same {
                sealed.insert(node.name.clone(), reach.clone());
            }
        }
        Ok(sealed)
    }

    /// The nodes that leave: their handles, and whether each answers.
    pub(super) async fn look_at_gone(
        &self,
        change: &Change,
    ) -> Answered<(BTreeMap<NodeName, Reach>, GoneNodes)> {
        let mut accounts = Accounts::new();
        for gone in change.gone() {
            let account = records::account(&self.store, gone.id.as_str()).await?;
            let second = records::account(&self.store, &records::projects_owner(&gone.id)).await?;
            accounts.insert(gone.called, (account, second));
        }
        let reach = self.reach_gone(change, &mut accounts)?;
        let mut nodes = GoneNodes::new();
        for gone in change.gone() {
            let Some(reach) = reach.get(&gone.called) else { continue };
            let survey = NodeSurvey::new(NodeSpec { name: gone.called.clone(), ..gone.spec }, reach.clone());
            let facts = match (survey.basics().await, survey.account().await) {
                (Ok(basics), Ok(_)) => GoneFacts::Answers {
                    version: basics.version.clone(),
                    robots: !survey.is_robot() || basics.version.robot_may_manage_people(),
                },
                (Err(trouble), _) | (_, Err(trouble)) => GoneFacts::Away(trouble.of_node(&gone.called)),
            };
            nodes.insert(gone.called, facts);
        }
        Ok((reach, nodes))
    }

    /// The nodes on which a robot of the console's is made. On a shared database the robot that the others use is
    /// known to a new node as well, and none is made.
    pub(super) async fn robots_to_make(&self, typed: &Typed) -> Answered<(BTreeSet<NodeName>, bool)> {
        let mut wanted = super::robot_nodes(&typed.draft);
        let Some(change) = &typed.change else { return Ok((wanted, true)) };
        // A node that stays gets one only where an administrator was typed for it.
        let mut administrators = BTreeSet::new();
        for (node, (account, _)) in &typed.accounts {
            let kind = account.as_ref().map(|a| a.kind);
            let kept = match change.id_of(node) {
                Some(id) => self.store.credentials().of_owner(id.as_str()).await?.first().map(|a| a.kind),
                None => None,
            };
            if kind == Some(CredentialKind::Admin) && kept != Some(CredentialKind::Admin) {
                administrators.insert(node.clone());
            }
        }
        wanted.retain(|node| administrators.contains(node));
        if typed.spec.topology != Topology::SharedStorage || wanted.is_empty() {
            return Ok((wanted, true));
        }
        let mut shared = false;
        for id in typed.spec.nodes.iter().filter_map(|n| change.id_of(&n.name)) {
            let accounts = self.store.credentials().of_owner(id.as_str()).await?;
            shared |= accounts.first().is_some_and(|a| a.kind == CredentialKind::Robot);
        }
        if !shared && let Some(first) = typed.spec.nodes.first() {
            wanted.insert(first.name.clone());
        }
        Ok((wanted, !shared))
    }

    /// Refuses while another run changes the cluster.
    pub(super) async fn refuse_busy(&self, cluster: &ClusterId) -> Answered<()> {
        for run in self.store.runs().in_state(RunState::Running).await? {
            let body: RunBody = run.body_as()?;
            let works = !matches!(body.kind, RunKind::Probe | RunKind::Rule);
            if works && body.cluster.as_ref() == Some(cluster) {
                return Err(error::busy());
            }
        }
        Ok(())
    }
}
