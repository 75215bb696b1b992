//! Runs as people see them: progress, stopping, going on, taking back, and the receipt.

use std::sync::{Arc, PoisonError};

use model::{
    AppError, Locale, Say,
    finding::Finding,
    heal::KeptView,
    ids::{ClusterId, DraftId, RunId},
    live::LiveEvent,
    plan::PlannedStep,
    run::{RunKind, RunState, RunStep, RunView, StepState},
    say,
};
use serde::Serialize;
use store::runs::{RunRow, StepRow};

use super::{Answered, Clusters};
use crate::{
    announce::News,
    error,
    records::{self, RunBody},
    steps::{self, Made},
};

/// Which runs to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunFilter {
    /// Those of a draft.
    Draft(DraftId),
    /// Those of a cluster, its adoption too.
    Cluster(ClusterId),
    /// Those being carried out.
    Running,
    /// All; at most so many of the newest.
    Newest(u32),
}

/// Everything a run was and did, for reading later.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// The run with the outcome of each step.
    pub run: RunView,
    /// The cluster it was for.
    pub spec: model::spec::ClusterSpec,
    /// The steps as they were planned, with their calls.
    pub planned: Vec<PlannedStep>,
    /// The rules, each value with its reason.
    pub rules: Vec<model::plan::PlannedRule>,
    /// Answers of the checks with the waivers given.
    pub findings: Vec<Finding>,
    /// What it replaced or deleted and keeps for a time.
    pub kept: Vec<KeptView>,
}

impl Clusters {
    /// One run.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn run(&self, id: &RunId) -> Answered<RunView> {
        let stored = self.journal.get(id).await?;
        view(&stored.run, &stored.steps, self.now_ms())
    }

    /// Runs, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn runs(&self, filter: &RunFilter) -> Answered<Vec<RunView>> {
        let rows = match filter {
            RunFilter::Draft(id) => self.store.runs().of_scope(id.as_str(), 200).await?,
            RunFilter::Running => self.store.runs().in_state(RunState::Running).await?,
            RunFilter::Newest(limit) => self.store.runs().newest(*limit).await?,
            RunFilter::Cluster(id) => {
                let mut rows = self.store.runs().of_scope(id.as_str(), 200).await?;
                for run in records::cluster_record(&self.store, id).await?.runs {
                    if !rows.iter().any(|r| r.id == run) {
                        rows.push(self.store.runs().get(&run).await?);
                    }
                }
                rows.sort_by_key(|r| std::cmp::Reverse(r.started_ms));
                rows
            }
        };
        let mut out = Vec::new();
        for row in rows {
            let steps = self.store.runs().steps(&row.id).await?;
            out.push(view(&row, &steps, self.now_ms())?);
        }
        Ok(out)
    }

    /// Stops a run after what it is doing now; tells whether it was running.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn cancel_run(&self, id: &RunId, by: &str) -> Answered<bool> {
        tracing::info!(run = %id, by, "a run was asked to stop");
        Ok(self.journal.cancel(id).await?)
    }

    /// Goes on with a run that failed or was stopped.
    ///
    /// # Errors
    /// `store.conflict` where it is running or over for good.
    pub async fn retry_run(&self, id: &RunId, by: &str) -> Answered<()> {
        tracing::info!(run = %id, by, "a run goes on");
        let carried = self.carried(&self.store.runs().get(id).await?).await?;
        Ok(self.journal.retry(id, carried).await?)
    }

    /// Takes back what this run made, and nothing else.
    ///
    /// # Errors
    /// `store.conflict` where it is running or taken back already.
    pub async fn undo_run(&self, id: &RunId, by: &str) -> Answered<()> {
        let run = self.store.runs().get(id).await?;
        let body: RunBody = run.body_as()?;
        match body.kind {
            RunKind::Remove => return Err(error::final_run()),
            RunKind::Heal | RunKind::Fence | RunKind::Restore => return Err(error::final_heal()),
            RunKind::Adopt | RunKind::Change | RunKind::Probe | RunKind::Rule => {}
        }
        if self.is_built_upon(id, &body).await? {
            return Err(error::built_upon());
        }
        tracing::info!(run = %id, by, "a run is taken back");
        let carried = self.carried(&self.store.runs().get(id).await?).await?;
        Ok(self.journal.undo(id, carried).await?)
    }

    /// Whether the cluster that this run made or changed was changed again later.
    async fn is_built_upon(&self, id: &RunId, body: &RunBody) -> Answered<bool> {
        let cluster = match &body.cluster {
            Some(cluster) => Some(cluster.clone()),
            None => self.store.clusters().find(&body.spec.name).await?.map(|row| row.id),
        };
        let Some(cluster) = cluster else { return Ok(false) };
        let runs = records::cluster_record(&self.store, &cluster).await?.runs;
        Ok(runs.iter().position(|run| run == id).is_some_and(|at| at + 1 < runs.len()))
    }

    /// Gives a run the account of one of its nodes again: taking a robot back may need an administrator whose
    /// password was forgotten.
    ///
    /// # Errors
    /// Those of sealing.
    pub async fn give_run_account(
        &self,
        id: &RunId,
        node: &model::names::NodeName,
        account: &crate::reach::Account,
    ) -> Answered<()> {
        let body: RunBody = self.store.runs().get(id).await?.body_as()?;
        let owner = records::vault_owner(&body.vault, node);
        records::put_account(&self.store, &owner, account).await?;
        Ok(())
    }

    /// Everything a run was and did, as JSON.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn receipt(&self, id: &RunId) -> Answered<Receipt> {
        let stored = self.journal.get(id).await?;
        let body: RunBody = stored.run.body_as()?;
        let mut scope = body.scope.clone();
        if let Some(cluster) = self.store.clusters().find(&body.spec.name).await?
            && body.draft.is_some()
        {
            // A draft's answers went over to the cluster that came of it.
            scope = cluster.id.to_string();
        }
        let rows = self.store.findings().list(&scope).await?;
        Ok(Receipt {
            run: view(&stored.run, &stored.steps, self.now_ms())?,
            findings: super::drafts::merged(&body.spec, body.change.as_ref(), &rows),
            spec: body.spec,
            planned: body.steps,
            rules: body.rules,
            kept: self.kept_by_heal(id).await?,
        })
    }

    /// The same as a text to read and keep.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn receipt_text(&self, id: &RunId, locale: Locale) -> Answered<String> {
        Ok(self.receipt(id).await?.text(locale))
    }
}

impl Receipt {
    /// The receipt in one language.
    pub fn text(&self, locale: Locale) -> String {
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        let name = &self.spec.name;
        line(say!("Breakwater, cluster {name}", "Breakwater，集群 {name}").pick(locale));
        line(&format!("{} · {:?} · {}", self.run.id, self.run.state, self.run.by));
        line("");
        for step in &self.run.steps {
            line(&format!("[{:?}] {}: {}", step.state, step.node, step.title.pick(locale)));
            if let Some(outcome) = &step.outcome {
                line(&format!("    {}", outcome.pick(locale)));
            }
            if let Some(error) = &step.error {
                line(&format!("    {} {}", error.cause.pick(locale), error.next.pick(locale)));
            }
        }
        for rule in &self.rules {
            line("");
            line(&format!("{} ({})", rule.name, rule.link));
            for reason in &rule.reasons {
                let (field, value) = (reason.field.pick(locale), reason.value.pick(locale));
                line(&format!("    {field}: {value} ({})", reason.why.pick(locale)));
            }
        }
        for finding in self.findings.iter().filter(|f| f.waiver.is_some()) {
            if let Some(waiver) = &finding.waiver {
                let title = finding.title.pick(locale);
                line(&format!("{title}: {} ({})", waiver.reason, waiver.by));
            }
        }
        out
    }
}

/// A stored run as people see it; a step that has not ended takes until now.
fn view(run: &RunRow, rows: &[StepRow], now_ms: i64) -> Answered<RunView> {
    let body: RunBody = run.body_as()?;
    let steps = body.steps.iter().zip(rows).map(|(planned, row)| {
        let took = row.started_ms.map(|from| (row.ended_ms.unwrap_or(now_ms) - from).max(0));
        RunStep {
            key: row.key.clone(),
            node: planned.node.clone(),
            title: planned.title.clone(),
            state: row.state,
            outcome: row.output.as_ref().and_then(outcome),
            error: row.error.clone().and_then(|e| serde_json::from_value::<AppError>(e).ok()),
            took_ms: took.unwrap_or(0),
        }
    });
    Ok(RunView {
        id: run.id.clone(),
        revision: run.revision,
        kind: body.kind,
        cluster: body.spec.name,
        state: run.state,
        undoing: run.undoing,
        stopping: run.cancel_asked && run.state == RunState::Running,
        by: run.owner.clone(),
        started_ms: run.started_ms,
        ended_ms: run.ended_ms,
        steps: steps.collect(),
    })
}

fn outcome(output: &serde_json::Value) -> Option<Say> {
    serde_json::from_value::<Made>(output.clone()).ok().map(|m| m.outcome).filter(|o| !o.en.is_empty())
}

impl Clusters {
    /// The steps of a stored run, built anew.
    pub(super) async fn carried(&self, run: &RunRow) -> Answered<Vec<Arc<dyn journal::Step>>> {
        let body: RunBody = run.body_as()?;
        Ok(steps::carried(&self.shared(body).await?))
    }

    /// Whether what follows from the end of a run has not been done yet; a run that goes on has another end later.
    fn is_first_end(&self, id: &RunId, revision: i64) -> bool {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.insert(id.clone(), revision) != Some(revision)
    }

    /// Tells every open page where a run stands, and does what its end calls for.
    pub(super) async fn run_moved(&self, id: &RunId) -> Answered<()> {
        let stored = self.journal.get(id).await?;
        let run = view(&stored.run, &stored.steps, self.now_ms())?;
        let (kind, state) = (run.kind, run.state);
        let failed = run.steps.iter().find(|s| s.state == StepState::Failed).cloned();
        // The journal says twice that a run is over: when its state is stored, and when its lease is given back.
        let ends = state.is_final() && self.is_first_end(id, run.revision);
        if kind == RunKind::Heal && ends {
            let body: RunBody = stored.run.body_as()?;
            self.tell_heal(&body, &run).await;
            if let Some(pair) = &body.pair {
                self.tell_pair(pair).await;
            }
        }
        if kind == RunKind::Fence && ends {
            let body: RunBody = stored.run.body_as()?;
            self.tell_fence(&body).await;
            self.read_only_set(body, state).await;
        }
        if kind == RunKind::Restore && ends {
            let body: RunBody = stored.run.body_as()?;
            self.put_back(&body, state).await;
        }
        self.announce.publish(LiveEvent::Run { run: Box::new(run) });
        if !ends {
            return Ok(());
        }
        let of = stored.run.body_as::<RunBody>()?.cluster;
        of.iter().for_each(|cluster| self.harvests.watch_soon(cluster));
        if kind == RunKind::Probe && matches!(state, RunState::Failed | RunState::Cancelled) {
            // What probes made is nobody's wish: it is removed at once, and again later if that fails too.
            let body: RunBody = stored.run.body_as()?;
            let why = match &failed {
                Some(step) => step.error.as_ref().map_or_else(|| step.title.clone(), |e| e.cause.clone()),
                None => say!("stopped", "已停止"),
            };
            if let Some(draft) = &body.draft {
                self.settle_probes(draft, &body.spec, why).await?;
            }
            if !stored.run.undoing {
                self.journal.undo(id, self.carried(&stored.run).await?).await?;
            }
        }
        if let (RunKind::Adopt | RunKind::Change, RunState::Failed, Some(step)) = (kind, state, failed) {
            let body: RunBody = stored.run.body_as()?;
            let (name, Say { en, zh }) = (&body.spec.name, &step.title);
            let (code, text) = if kind == RunKind::Adopt {
                let text =
                    say!("Adopting the cluster {name} stopped at: {en}.", "接管集群 {name} 时停在：{zh}。");
                ("cluster.adoption_failed", text)
            } else {
                let text =
                    say!("Changing the cluster {name} stopped at: {en}.", "更改集群 {name} 时停在：{zh}。");
                ("cluster.change_failed", text)
            };
            self.announce
                .record(News {
                    code,
                    state: model::health::HealthState::Degraded,
                    text,
                    by: body.by.clone(),
                    cluster: body.cluster.clone(),
                    node: None,
                })
                .await;
        }
        Ok(())
    }
}
