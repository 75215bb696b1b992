//! Drafts: what was typed, kept on the server, so that closing the browser loses nothing.

use std::collections::BTreeMap;

use model::{
    draft::{Draft, DraftNode, DraftView, NodeTest},
    finding::{Finding, Subject, Waiver},
    ids::{DraftId, RunId},
    plan::Plan,
    run::RunState,
    spec::ClusterSpec,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::{StoreError, credentials::draft_owner, drafts::DraftRow};

use super::{Answered, Clusters, first_fault};
use crate::{
    change::Change,
    error, findings,
    reach::Account,
    records::{self, FindingFacts, NODE_TEST, RunBody},
};

/// The entry's test, where a node's key would stand.
pub(super) const ENTRY_KEY: &str = "entry";

/// A plan with what it was made for: another spec makes it stale.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlanBody {
    pub(super) spec: ClusterSpec,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<Change>,
    pub(super) plan: Plan,
}

/// What was typed, judged.
pub(super) struct Typed {
    pub(super) draft: Draft,
    pub(super) spec: ClusterSpec,
    /// The account of each node that has one.
    pub(super) accounts: super::Accounts,
    /// What is changed, where the draft is of a kept cluster.
    pub(super) change: Option<Change>,
}

impl Clusters {
    /// Begins an empty draft.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn create_draft(&self, by: &str) -> Answered<DraftView> {
        let row = self.store.drafts().insert(by, &Draft::default()).await?;
        self.view(row).await
    }

    /// The drafts that are not applied yet, last saved first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts(&self) -> Answered<Vec<DraftView>> {
        let mut out = Vec::new();
        for row in self.store.drafts().list().await? {
            let view = self.view(row).await?;
            let done = match &view.run {
                Some(run) => self.store.runs().get(run).await?.state == RunState::Succeeded,
                None => false,
            };
            if !done {
                out.push(view);
            }
        }
        Ok(out)
    }

    /// One draft with everything the server knows about it.
    ///
    /// # Errors
    /// `store.not_found`, and those of the database.
    pub async fn draft(&self, id: &DraftId) -> Answered<DraftView> {
        self.view(self.store.drafts().get(id).await?).await
    }

    /// Saves what was typed over the version that the caller has seen. Answers about nodes that changed are
    /// forgotten. What is kept already is kept, whichever version was seen: a page that goes says again what it
    /// had on its way.
    ///
    /// # Errors
    /// `store.conflict` where it was saved elsewhere since; the caller still has what was typed.
    pub async fn save_draft(&self, id: &DraftId, version: i64, mut draft: Draft) -> Answered<DraftView> {
        let before = self.as_typed(id).await?;
        draft.cluster.clone_from(&before.cluster);
        if before.cluster.is_some() {
            // What was made on the Harbors is called after the name, and follows from the topology.
            draft.name.clone_from(&before.name);
            draft.topology = before.topology;
        }
        match self.store.drafts().save(id, version, &draft).await {
            Err(StoreError::Conflict { .. }) if self.as_typed(id).await?.says_the_same(&draft) => {
                return self.draft(id).await;
            }
            saved => saved?,
        };
        if asked_about(&before) != asked_about(&draft) {
            self.forget_answers(id, &before, &draft).await?;
        }
        for node in before.nodes.iter().filter(|n| draft.node(&n.key).is_none()) {
            records::forget(&self.store, &draft_owner(id, &node.key)).await?;
        }
        self.draft(id).await
    }

    pub(super) async fn as_typed(&self, id: &DraftId) -> Answered<Draft> {
        Ok(self.store.drafts().get(id).await?.body_as()?)
    }

    /// Forgets a draft with its secrets and answers. What a run of it made stays.
    ///
    /// # Errors
    /// `store.not_found`, and those of the database.
    pub async fn discard_draft(&self, id: &DraftId) -> Answered<()> {
        if let Some(asking) = self.asking().remove(id) {
            asking.cancel();
        }
        Ok(self.store.drafts().remove(id).await?)
    }

    /// Seals the secret of a node's account.
    ///
    /// # Errors
    /// `node.unknown` for a key that the draft has not.
    pub async fn set_secret(&self, id: &DraftId, node_key: &str, secret: SecretString) -> Answered<()> {
        let draft = self.as_typed(id).await?;
        let node = draft.node(node_key).ok_or_else(error::no_node)?;
        let account = Account { kind: node.credential, username: node.username.clone(), secret };
        records::put_account(&self.store, &draft_owner(id, node_key), &account).await?;
        self.forget_test(id, node_key).await
    }

    /// Accepts a warning with a reason, which is kept.
    ///
    /// # Errors
    /// `waiver.empty`, `waiver.no_warning`.
    pub async fn waive(
        &self,
        id: &DraftId,
        finding: &str,
        subject: &Subject,
        reason: &str,
        by: &str,
    ) -> Answered<DraftView> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(error::bad_waiver(true));
        }
        let view = self.draft(id).await?;
        let found = view.findings.iter().find(|f| f.id == finding && f.subject == *subject);
        if found.is_none_or(|f| f.state != model::finding::FindingState::Warning) {
            return Err(error::bad_waiver(false));
        }
        let key = records::finding_key(finding, subject)?;
        let waiver = Waiver { reason: reason.to_owned(), by: by.to_owned(), at_ms: self.now_ms() };
        self.store.findings().set_waiver(id.as_str(), &key, Some(&waiver)).await?;
        self.draft(id).await
    }
}

/// What answers depend on; the cluster's name and the rules' wishes do not count.
fn asked_about(draft: &Draft) -> impl PartialEq {
    let nodes: Vec<_> = draft
        .nodes
        .iter()
        .map(|n| {
            (
                n.key.clone(),
                n.shown_name(),
                n.address.clone(),
                n.tls.clone(),
                (n.credential, n.username.clone()),
                n.upstream.clone(),
            )
        })
        .collect();
    (draft.topology, nodes, draft.entry.clone(), draft.entry_tls.clone())
}

impl Clusters {
    async fn forget_answers(&self, id: &DraftId, before: &Draft, now: &Draft) -> Answered<()> {
        let scope = id.as_str();
        for row in self.store.findings().list(scope).await? {
            if row.key.finding() != NODE_TEST {
                self.store.findings().remove(scope, &row.key).await?;
            }
        }
        for node in &before.nodes {
            let same = now.node(&node.key).is_some_and(|n| {
                (&n.address, &n.tls, &n.username) == (&node.address, &node.tls, &node.username)
            });
            if !same {
                self.forget_test(id, &node.key).await?;
            }
        }
        if before.entry != now.entry || before.entry_tls != now.entry_tls {
            self.forget_test(id, ENTRY_KEY).await?;
        }
        Ok(())
    }

    async fn forget_test(&self, id: &DraftId, node_key: &str) -> Answered<()> {
        if let Some(key) = model::ids::FindingKey::new(NODE_TEST, node_key) {
            self.store.findings().remove(id.as_str(), &key).await?;
        }
        Ok(())
    }

    pub(super) async fn view(&self, row: DraftRow) -> Answered<DraftView> {
        let mut draft: Draft = row.body_as()?;
        let kept = self.store.credentials().of_draft(&row.id).await?;
        let mut has = Vec::new();
        for node in &draft.nodes {
            let owner = draft_owner(&row.id, &node.key);
            has.push(kept.iter().any(|c| c.owner == owner) || self.kept_row(&draft, node).await?.is_some());
        }
        for (node, has) in draft.nodes.iter_mut().zip(has) {
            node.has_secret = has;
        }
        let rows = self.store.findings().list(row.id.as_str()).await?;
        let test_of = |key: &str| {
            let stored = rows.iter().find(|r| r.key.finding() == NODE_TEST && r.key.subject() == key);
            stored.and_then(|r| r.facts_as::<NodeTest>().ok())
        };
        let tests = draft.nodes.iter().map(|n| test_of(&n.key)).collect();
        let spec = draft.spec().ok();
        let run = self.adopt_run(&row.id).await?;
        // Once a run has changed the cluster, what was asked and planned is what stands in that run.
        let judged = match (&spec, &run) {
            (Some(_), Some(run)) => Ok(self.store.runs().get(run).await?.body_as::<RunBody>()?.change),
            (Some(spec), None) => self.change_of(&draft, spec).await,
            _ => Ok(None),
        };
        let (change, refusal) = match judged {
            Ok(change) => (change, None),
            Err(fault) => (None, Some(fault)),
        };
        let findings = match &spec {
            Some(spec) if refusal.is_none() => merged(spec, change.as_ref(), &rows),
            _ => Vec::new(),
        };
        let plan = match (&spec, self.store.plans().latest(row.id.as_str()).await?) {
            (Some(spec), Some(stored)) => {
                let fits = |p: &PlanBody| p.spec == *spec && p.change == change;
                stored.body_as::<PlanBody>().ok().filter(fits).map(|p| p.plan)
            }
            _ => None,
        };
        Ok(DraftView {
            tests,
            refusal,
            findings,
            plan,
            run,
            id: row.id,
            version: row.version,
            draft,
            saved_ms: row.changed_ms,
        })
    }

    /// The newest run that applies the draft and was not taken back.
    pub(super) async fn adopt_run(&self, id: &DraftId) -> Answered<Option<RunId>> {
        let runs = self.store.runs().of_scope(id.as_str(), 50).await?;
        Ok(runs
            .into_iter()
            .find(|r| matches!(r.kind.as_str(), "adopt" | "change") && r.state != RunState::Undone)
            .map(|r| r.id))
    }

    /// What was typed as a spec, with the account of each node that has one.
    pub(super) async fn typed(&self, id: &DraftId) -> Answered<Typed> {
        let draft = self.as_typed(id).await?;
        let spec = draft.spec().map_err(first_fault)?;
        let mut accounts = BTreeMap::new();
        for (typed, node) in draft.nodes.iter().zip(&spec.nodes) {
            accounts.insert(node.name.clone(), self.draft_account(id, &draft, typed).await?);
        }
        let change = self.change_of(&draft, &spec).await?;
        Ok(Typed { draft, spec, accounts, change })
    }

    /// A draft node's account: the name as typed now, with the secret as sealed; else, for a node that stays, what
    /// is kept for it, with the second account that 2.8 needs.
    pub(super) async fn draft_account(
        &self,
        id: &DraftId,
        draft: &Draft,
        typed: &DraftNode,
    ) -> Answered<(Option<Account>, Option<Account>)> {
        if let Some(stored) = records::account(&self.store, &draft_owner(id, &typed.key)).await? {
            let (kind, username) = (typed.credential, typed.username.trim().to_owned());
            return Ok((Some(Account { kind, username, secret: stored.secret }), None));
        }
        match self.kept_row(draft, typed).await? {
            Some(row) => Ok((
                records::account(&self.store, row.id.as_str()).await?,
                records::account(&self.store, &records::projects_owner(&row.id)).await?,
            )),
            None => Ok((None, None)),
        }
    }
}

/// Every question of the spec with its stored answer, or waiting.
pub(super) fn merged(
    spec: &ClusterSpec,
    change: Option<&Change>,
    rows: &[store::findings::FindingRow],
) -> Vec<Finding> {
    let mut all = findings::waiting(spec, change);
    for finding in &mut all {
        let Ok(key) = records::finding_key(&finding.id, &finding.subject) else { continue };
        let Some(row) = rows.iter().find(|r| r.key == key) else { continue };
        if let Ok(facts) = row.facts_as::<FindingFacts>() {
            *finding = facts.finding;
            if finding.state == model::finding::FindingState::Warning {
                finding.waiver.clone_from(&row.waiver);
            }
        }
    }
    all
}
