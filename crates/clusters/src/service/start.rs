//! What happens at the start and in the background: interrupted runs, leftovers, first copies at a set time.

use std::time::Duration;

use model::run::RunState;
use store::leftovers::LeftoverRow;
use tokio::sync::broadcast::error::RecvError;

use super::{Answered, BY_ITSELF, Clusters, checks::uuid_text};
use crate::{
    records::{self, RunBody},
    steps::{self, Cx, FENCE, Held, READ_ONLY, ROBOT_FENCE},
};

/// How often leftovers and set times are looked at.
const EVERY: Duration = Duration::from_secs(30);
/// How long the lines of audit logs are kept, milliseconds: 90 days.
const KEEP_ACTS_MS: i64 = 90 * 86_400_000;
/// How often it is looked whether executions are to be read again.
const LOOK_AT_EXECUTIONS: Duration = Duration::from_secs(5);
/// How long executions are kept, milliseconds: 90 days.
const KEEP_EXECUTIONS_MS: i64 = 90 * 86_400_000;
/// How often it is looked whether rules are to be looked at again.
const LOOK_AT_RULES: Duration = Duration::from_secs(5);
/// How often a little of each pair is pulled and hashed, where a team wants that.
const PULL_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether a pair is to be compared again.
const LOOK_AT_PAIRS: Duration = Duration::from_secs(3);

impl Clusters {
    /// Takes up what a stopped process left: runs go on where they stood, leftovers are removed, and from now on
    /// open pages hear of every step.
    ///
    /// # Errors
    /// Those of the database; single runs that cannot be taken up are logged.
    pub async fn resume_all(&self) -> Answered<()> {
        let listening = self.clone();
        let mut moved = self.journal.moved();
        self.spawn(async move {
            loop {
                match moved.recv().await {
                    Ok(id) => {
                        if let Err(fault) = listening.run_moved(&id).await {
                            tracing::warn!(run = %id, %fault, "a run's progress could not be told");
                        }
                    }
                    // The run is read whole each time: what was missed is in the next one.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        });
        self.take_up().await?;
        let ticking = self.clone();
        let holder = uuid_text();
        self.spawn(async move {
            loop {
                // Also those of a replica that died, once its lease is over.
                if let Err(fault) = ticking.take_up().await {
                    tracing::warn!(%fault, "interrupted runs could not be taken up");
                }
                if let Err(fault) = ticking.tick(&holder).await {
                    tracing::warn!(%fault, "leftovers and set times could not be looked at");
                }
                tokio::time::sleep(EVERY).await;
            }
        });
        let (harvesting, holder) = (self.clone(), uuid_text());
        self.spawn(async move {
            loop {
                if let Err(fault) = harvesting.harvest_alone(&holder).await {
                    tracing::warn!(%fault, "executions could not be read");
                }
                tokio::time::sleep(LOOK_AT_EXECUTIONS).await;
            }
        });
        let (watching, holder) = (self.clone(), uuid_text());
        self.spawn(async move {
            loop {
                if let Err(fault) = watching.watch_alone(&holder).await {
                    tracing::warn!(%fault, "rules could not be looked at");
                }
                tokio::time::sleep(LOOK_AT_RULES.min(watching.watching)).await;
            }
        });
        let (verifying, holder) = (self.clone(), uuid_text());
        self.spawn(async move {
            loop {
                if let Err(fault) = verifying.verify_due(&holder).await {
                    tracing::warn!(%fault, "nothing could be pulled and hashed");
                }
                tokio::time::sleep(PULL_EVERY.min(verifying.watching)).await;
            }
        });
        let comparing = self.clone();
        self.spawn(async move {
            loop {
                if let Err(fault) = comparing.compare_due().await {
                    tracing::warn!(%fault, "pairs could not be looked at");
                }
                if let Err(fault) = comparing.end_acceptances().await {
                    tracing::warn!(%fault, "accepted differences could not be looked at");
                }
                tokio::select! {
                    () = tokio::time::sleep(LOOK_AT_PAIRS) => {}
                    () = comparing.comparisons.woken() => {}
                }
            }
        });
        Ok(())
    }

    async fn take_up(&self) -> Answered<()> {
        for run in self.journal.interrupted().await? {
            let resumed = match self.carried(&run).await {
                Ok(carried) => self.journal.resume(&run.id, carried).await.map_err(Into::into),
                Err(fault) => Err(fault),
            };
            if let Err(fault) = resumed {
                tracing::error!(run = %run.id, %fault, "an interrupted run could not be taken up");
            }
        }
        Ok(())
    }

    /// One replica at a time removes leftovers and starts what is due.
    async fn tick(&self, holder: &str) -> Answered<()> {
        if self.store.leases().take("clusters.tick", holder, EVERY * 2).await? {
            self.sweep_leftovers().await?;
            self.start_due_copies().await?;
            self.store.executions().prune(self.now_ms() - KEEP_EXECUTIONS_MS).await?;
            self.store.ledger().prune_acts(self.now_ms() - KEEP_ACTS_MS).await?;
            self.store.ledger().thin_history().await?;
        }
        Ok(())
    }

    /// One replica at a time reads what the rules did, and goes on with changes that waited for a node.
    async fn harvest_alone(&self, holder: &str) -> Answered<()> {
        if self.store.leases().take("clusters.harvest", holder, EVERY * 2).await? {
            self.harvest_due().await?;
            self.finish_halves().await?;
        }
        Ok(())
    }

    /// One replica at a time asks what is wrong with the rules.
    async fn watch_alone(&self, holder: &str) -> Answered<()> {
        if self.store.leases().take("clusters.watchdog", holder, EVERY * 2).await? {
            self.watch_due().await?;
        }
        Ok(())
    }

    async fn start_due_copies(&self) -> Answered<()> {
        for row in self.store.clusters().list().await? {
            let record = records::cluster_record(&self.store, &row.id).await?;
            if record.first_copy_at_ms.is_some_and(|at| at <= self.now_ms()) {
                self.start_first_copy(&row.id, None, BY_ITSELF).await?;
            }
        }
        Ok(())
    }
}

impl Clusters {
    /// Removes what runs that are over have left behind. A node that is away keeps its leftovers until it is back.
    pub(super) async fn sweep_leftovers(&self) -> Answered<()> {
        for row in self.journal.leftovers().await? {
            let Some(id) = &row.run_id else { continue };
            let run = self.store.runs().get(id).await?;
            if run.state == RunState::Running {
                continue;
            }
            let body: RunBody = run.body_as()?;
            if !self.goes_by_itself(&row, &body).await? {
                continue;
            }
            let cx = Cx { run: id.clone(), shared: self.shared(body).await? };
            match steps::remove_leftover(&cx, &row).await {
                Ok(()) => self.store.leftovers().removed(&row.id).await?,
                Err(fault) => self.store.leftovers().failed(&row.id, &fault.to_string()).await?,
            }
        }
        Ok(())
    }

    /// Whether a leftover is removed without a person. What is held is let go by itself only where the team lets things
    /// be healed by themselves, and a node that was away may write again once the two were compared.
    async fn goes_by_itself(&self, row: &LeftoverRow, body: &RunBody) -> Answered<bool> {
        match row.kind.as_str() {
            // An administrator ends read-only mode.
            ROBOT_FENCE | READ_ONLY => Ok(false),
            FENCE => match &body.cluster {
                Some(cluster) => {
                    let acts = records::cluster_record(&self.store, cluster).await?.heals.acts();
                    Ok(acts && Held::of(row).kept_by.is_none())
                }
                None => Ok(true),
            },
            _ => Ok(true),
        }
    }
}
