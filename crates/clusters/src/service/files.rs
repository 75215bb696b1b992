//! The same way for REST and the command line: a spec from a file instead of a draft from the wizard.

use std::time::Duration;

use model::{
    draft::{Draft, DraftNode, DraftView},
    finding::FindingState,
    ids::{DraftId, RunId},
    names::NodeName,
    run::RunState,
    spec::{ClusterSpec, CredentialKind},
};
use secrecy::SecretString;

use super::{Answered, Clusters, first_fault};

/// The account of one node, given beside a spec.
#[derive(Clone, Debug)]
pub struct SpecAccount {
    /// Which node.
    pub node: NodeName,
    /// Admin or robot.
    pub kind: CredentialKind,
    /// Its name.
    pub username: String,
    /// Its secret.
    pub secret: SecretString,
    /// Make a robot with the least rights and keep only that.
    pub make_robot: bool,
}

/// How far to go with a spec.
#[derive(Clone, Debug, Default)]
pub struct SpecOptions {
    /// The calls of the writing probes were confirmed.
    pub probes: bool,
    /// Accept all warnings for this reason.
    pub accept_warnings: Option<String>,
}

impl Clusters {
    /// Asks everything about a spec and plans it; changes no Harbor, unless probes were confirmed.
    ///
    /// # Errors
    /// A spec that is none, and what keeps the plan from being made. What the checks found is in the answer.
    pub async fn plan_spec(
        &self,
        spec: &ClusterSpec,
        accounts: &[SpecAccount],
        options: &SpecOptions,
        by: &str,
    ) -> Answered<DraftView> {
        let id = self.draft_of(spec, accounts, options, by).await?;
        let settled = self.settle(&id, options, by).await;
        let planned = match settled {
            Ok(()) => self.plan(&id, by).await.map(|_| ()),
            Err(fault) => Err(fault),
        };
        let view = self.draft(&id).await;
        self.discard_draft(&id).await?;
        planned?;
        view
    }

    /// Asks everything about a spec, plans it and carries it out.
    ///
    /// # Errors
    /// As [`Clusters::plan_spec`]; `apply.blocked` where a check is in the way. Nothing was changed then.
    pub async fn apply_spec(
        &self,
        spec: &ClusterSpec,
        accounts: &[SpecAccount],
        options: &SpecOptions,
        by: &str,
    ) -> Answered<RunId> {
        let id = self.draft_of(spec, accounts, options, by).await?;
        let begun = async {
            self.settle(&id, options, by).await?;
            self.plan(&id, by).await?;
            self.apply(&id, by).await
        }
        .await;
        if begun.is_err() {
            self.discard_draft(&id).await?;
        }
        begun
    }

    async fn draft_of(
        &self,
        spec: &ClusterSpec,
        accounts: &[SpecAccount],
        options: &SpecOptions,
        by: &str,
    ) -> Answered<DraftId> {
        spec.judge().map_err(first_fault)?;
        // The file of a cluster that is kept says what it shall become.
        let kept = match self.store.clusters().find(&spec.name).await? {
            Some(row) => Some(self.edited(row, spec).await?),
            None => None,
        };
        let nodes = spec.nodes.iter().enumerate().map(|(n, node)| {
            let known = kept.as_ref().and_then(|(draft, change)| {
                let id = change.id_of(&node.name)?;
                // An account of a node that stays is used only where the kept one may not do.
                let spared = !change.is_touched(&node.name) && !change.needs_robots(&node.name);
                Some((draft.nodes.iter().find(|d| d.node.as_ref() == Some(id))?, spared))
            });
            let account = accounts.iter().find(|a| a.node == node.name);
            let account = account.filter(|_| !known.is_some_and(|(_, spared)| spared));
            let known = known.map(|(draft, _)| draft);
            DraftNode {
                key: known.map_or_else(|| format!("n{n}"), |k| k.key.clone()),
                node: known.and_then(|k| k.node.clone()),
                name: node.name.to_string(),
                address: node.address.origin(),
                tls: node.tls.clone(),
                credential: account
                    .map(|a| a.kind)
                    .or(known.map(|k| k.credential))
                    .unwrap_or(CredentialKind::Admin),
                username: account
                    .map(|a| a.username.clone())
                    .or(known.map(|k| k.username.clone()))
                    .unwrap_or_default(),
                has_secret: account.is_some(),
                // For a node that stays, an administrator serves this change alone.
                make_robot: known.is_some() || account.is_some_and(|a| a.make_robot),
                upstream: node.upstream.as_ref().map_or_else(String::new, ToString::to_string),
            }
        });
        let draft = Draft {
            cluster: kept.as_ref().and_then(|(draft, _)| draft.cluster.clone()),
            topology: Some(spec.topology),
            name: kept.as_ref().map_or_else(|| spec.name.to_string(), |(draft, _)| draft.name.clone()),
            nodes: nodes.collect(),
            entry: spec.entry.as_ref().map_or_else(String::new, |e| e.address.origin()),
            entry_tls: spec.entry.as_ref().map(|e| e.tls.clone()).unwrap_or_default(),
            replication: spec.replication.clone(),
            probes_confirmed: options.probes,
        };
        let id = self.store.drafts().insert(by, &draft).await?.id;
        for (typed, node) in draft.nodes.iter().zip(&spec.nodes).filter(|(typed, _)| typed.has_secret) {
            if let Some(account) = accounts.iter().find(|a| a.node == node.name) {
                self.set_secret(&id, &typed.key, account.secret.clone()).await?;
            }
        }
        Ok(id)
    }

    /// Waits until every check has its answer, and accepts warnings where that was asked.
    async fn settle(&self, id: &DraftId, options: &SpecOptions, by: &str) -> Answered<()> {
        self.run_checks(id, None).await?;
        self.wait_while(id, |view| {
            view.findings.iter().any(|f| !f.writes && f.state == FindingState::Waiting)
        })
        .await?;
        let probes = self.draft(id).await?.findings.iter().any(|f| f.writes);
        if options.probes && probes {
            let run = self.run_probes(id, by).await?;
            while self.run(&run).await?.state == RunState::Running {
                tokio::time::sleep(LOOK).await;
            }
        }
        if let Some(reason) = &options.accept_warnings {
            for finding in self.draft(id).await?.findings {
                if finding.state == FindingState::Warning {
                    self.waive(id, &finding.id, &finding.subject, reason, by).await?;
                }
            }
        }
        Ok(())
    }

    async fn wait_while(&self, id: &DraftId, waits: impl Fn(&DraftView) -> bool) -> Answered<()> {
        while waits(&self.draft(id).await?) {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

/// How often a draft's answers are looked at.
const LOOK: Duration = Duration::from_millis(200);
