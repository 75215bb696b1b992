//! Carrying a run out.

use std::{sync::Arc, time::Duration};

use model::{
    AppError,
    ids::RunId,
    run::{RunState, StepState},
    say,
};
use serde_json::Value;
use store::{
    StoreError,
    runs::{StepChange, StepRow},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Cx, Journal, Look, Outputs, Step, StepResult};

/// How long a lease lasts without being renewed; it is renewed three times as often.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// The lease of a run.
pub(crate) fn lease(id: &RunId) -> String {
    format!("run:{id}")
}

/// A moment in a run at which a process may die. Tests stop at each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The step.
    pub key: String,
    /// What was just done: `stored looking`, `looked`, `stored applying`, `applied`, …
    pub after: String,
}

/// Why a run does not go on.
enum Stop {
    Failed,
    Cancelled,
    Lost(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Lost(error)
    }
}

impl Journal {
    /// Carries a run out to its end, or until it fails or is cancelled.
    pub(crate) async fn drive(
        &self,
        id: &RunId,
        steps: &[Arc<dyn Step>],
        cancel: &CancellationToken,
    ) -> Result<(), StoreError> {
        if !self.store.leases().take(&lease(id), &self.holder, self.lease).await? {
            // Another replica carries it out.
            return Ok(());
        }
        let run = self.store.runs().get(id).await?;
        if run.cancel_asked {
            cancel.cancel();
        }
        let work = async {
            if run.undoing {
                self.undo_all(id, steps, cancel).await
            } else {
                self.do_all(id, steps, cancel).await
            }
        };
        let outcome = tokio::select! {
            outcome = work => outcome,
            error = self.keep_lease(id, cancel) => Err(Stop::Lost(error)),
        };
        let state = match outcome {
            Ok(()) if run.undoing => RunState::Undone,
            Ok(()) => RunState::Succeeded,
            Err(Stop::Failed) => RunState::Failed,
            Err(Stop::Cancelled) => RunState::Cancelled,
            Err(Stop::Lost(error)) => return Err(error),
        };
        self.store.runs().set_state(id, state, run.undoing).await
    }

    /// Renews the lease and hears of a cancellation asked on another replica; returns only when the lease is lost.
    async fn keep_lease(&self, id: &RunId, cancel: &CancellationToken) -> StoreError {
        let mut held_since = Instant::now();
        loop {
            tokio::time::sleep(self.lease / 3).await;
            let asked = Instant::now();
            let left = (held_since + self.lease).saturating_duration_since(asked);
            let (leases, name) = (self.store.leases(), lease(id));
            match tokio::time::timeout(left, leases.take(&name, &self.holder, self.lease)).await {
                Ok(Ok(true)) => held_since = asked,
                Ok(Ok(false)) => return StoreError::Conflict { what: "run" },
                // The lease outlives a failed renewal. Once it is over another replica may begin, so this one ends.
                Ok(Err(error)) if error.is_transient() && !left.is_zero() => continue,
                Ok(Err(error)) => return error,
                Err(_) => return StoreError::Conflict { what: "run" },
            }
            if self.store.runs().get(id).await.is_ok_and(|run| run.cancel_asked) {
                cancel.cancel();
            }
        }
    }

    async fn do_all(
        &self,
        id: &RunId,
        steps: &[Arc<dyn Step>],
        cancel: &CancellationToken,
    ) -> Result<(), Stop> {
        let mut outputs = Outputs::new();
        for (step, row) in self.matched(id, steps).await? {
            let output = match row.state {
                StepState::Done | StepState::Adopted | StepState::Skipped => row.output.unwrap_or_default(),
                _ if cancel.is_cancelled() => return Err(Stop::Cancelled),
                _ => self.one(id, &*step, &row, outputs.clone(), cancel).await?,
            };
            outputs.insert(row.key, output);
        }
        Ok(())
    }

    /// One step: look, apply, verify. A step that was applying when the process died made what looking finds now.
    async fn one(
        &self,
        id: &RunId,
        step: &dyn Step,
        row: &StepRow,
        outputs: Outputs,
        cancel: &CancellationToken,
    ) -> Result<Value, Stop> {
        let cx = Cx { store: self.store.clone(), run: id.clone(), outputs, cancel: cancel.clone() };
        let at = |state, made| Change { state, made, output: None, error: None, attempt: false };
        let looking =
            Change { output: row.output.clone(), attempt: true, ..at(StepState::Looking, row.made) };
        self.put(id, row, looking).await?;
        let looked = self.guarded(cancel, step.look(&cx)).await;
        self.point(row, "looked").await;
        let found = match looked {
            None => return self.cancelled(id, row, row.made, row.output.clone()).await,
            Some(Err(error)) => return self.fail(id, row, row.made, row.output.clone(), error).await,
            Some(Ok(Look::Conflict(error))) => {
                return self.fail(id, row, row.made, row.output.clone(), error).await;
            }
            Some(Ok(Look::Skip)) => {
                self.put(id, row, at(StepState::Skipped, false)).await?;
                return Ok(Value::Null);
            }
            Some(Ok(Look::Present(found))) => {
                let state = if row.made { StepState::Done } else { StepState::Adopted };
                self.put(id, row, Change { output: Some(found.clone()), ..at(state, row.made) }).await?;
                return Ok(found);
            }
            Some(Ok(Look::Partial(found))) => Some(found),
            Some(Ok(Look::Absent)) => None,
        };
        self.put(id, row, at(StepState::Applying, true)).await?;
        let applied = self.guarded(cancel, step.apply(&cx, found)).await;
        self.point(row, "applied").await;
        let made = match applied {
            None => return self.cancelled(id, row, true, row.output.clone()).await,
            Some(Err(error)) => return self.fail(id, row, true, row.output.clone(), error).await,
            Some(Ok(made)) => made,
        };
        self.put(id, row, Change { output: Some(made.clone()), ..at(StepState::Verifying, true) }).await?;
        let verified = self.guarded(cancel, step.verify(&cx, made.clone())).await;
        self.point(row, "verified").await;
        match verified {
            None => self.cancelled(id, row, true, Some(made)).await,
            Some(Err(error)) => self.fail(id, row, true, Some(made), error).await,
            Some(Ok(output)) => {
                self.put(id, row, Change { output: Some(output.clone()), ..at(StepState::Done, true) })
                    .await?;
                Ok(output)
            }
        }
    }

    /// Takes back what the run made, last first.
    async fn undo_all(
        &self,
        id: &RunId,
        steps: &[Arc<dyn Step>],
        cancel: &CancellationToken,
    ) -> Result<(), Stop> {
        let matched = self.matched(id, steps).await?;
        let outputs: Outputs =
            matched.iter().filter_map(|(_, row)| Some((row.key.clone(), row.output.clone()?))).collect();
        for (step, row) in matched.into_iter().rev() {
            if !row.made || row.state == StepState::Undone {
                continue;
            }
            if cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let cx = Cx {
                store: self.store.clone(),
                run: id.clone(),
                outputs: outputs.clone(),
                cancel: cancel.clone(),
            };
            let output = row.output.clone();
            let undone = self.guarded(cancel, step.undo(&cx, output.clone().unwrap_or_default())).await;
            self.point(&row, "undone").await;
            match undone {
                None => return Err(Stop::Cancelled),
                Some(Err(error)) => return self.fail(id, &row, true, output, error).await,
                Some(Ok(())) => {
                    let change =
                        Change { state: StepState::Undone, made: false, output, error: None, attempt: false };
                    self.put(id, &row, change).await?;
                }
            }
        }
        Ok(())
    }

    /// The stored rows beside the steps that were rebuilt from the same plan.
    async fn matched(
        &self,
        id: &RunId,
        steps: &[Arc<dyn Step>],
    ) -> Result<Vec<(Arc<dyn Step>, StepRow)>, StoreError> {
        let rows = self.store.runs().steps(id).await?;
        let same =
            rows.len() == steps.len() && rows.iter().zip(steps).all(|(row, step)| row.key == step.key());
        if !same {
            return Err(StoreError::Corrupt {
                what: format!("the steps of run {id} are not those of its plan"),
            });
        }
        Ok(steps.iter().cloned().zip(rows).collect())
    }

    /// A part of a step, ended early by a cancellation.
    async fn guarded<T>(
        &self,
        cancel: &CancellationToken,
        part: impl Future<Output = StepResult<T>>,
    ) -> Option<StepResult<T>> {
        tokio::select! {
            biased;
            outcome = part => Some(outcome),
            () = cancel.cancelled() => None,
        }
    }

    /// A step that was stopped in the middle waits again; what it may have made is remembered.
    async fn cancelled<T>(
        &self,
        id: &RunId,
        row: &StepRow,
        made: bool,
        output: Option<Value>,
    ) -> Result<T, Stop> {
        let state = StepState::Waiting;
        self.put(id, row, Change { state, made, output, error: None, attempt: false }).await?;
        Err(Stop::Cancelled)
    }

    async fn fail<T>(
        &self,
        id: &RunId,
        row: &StepRow,
        made: bool,
        output: Option<Value>,
        error: AppError,
    ) -> Result<T, Stop> {
        if matches!(error.code.as_str(), "store.locked" | "store.unavailable") {
            // Our own database, not the step: the run stands where a crash would leave it, and is taken up again.
            return Err(Stop::Lost(StoreError::Unavailable(Box::new(error))));
        }
        tracing::warn!(run = %id, step = row.key, code = error.code, "a step failed");
        let error = serde_json::to_value(&error).unwrap_or_else(|_| unreadable());
        self.put(
            id,
            row,
            Change { state: StepState::Failed, made, output, error: Some(error), attempt: false },
        )
        .await?;
        Err(Stop::Failed)
    }

    async fn put(&self, id: &RunId, row: &StepRow, change: Change) -> Result<(), StoreError> {
        let Change { state, made, output, error, attempt } = change;
        let ended = !matches!(state, StepState::Looking | StepState::Applying | StepState::Verifying);
        let change = StepChange { state, made, output, error, attempt, ended };
        self.store.runs().set_step(id, row.position, &change).await?;
        let _ = self.moved.send(id.clone());
        self.point(row, &format!("stored {state:?}")).await;
        Ok(())
    }

    async fn point(&self, row: &StepRow, after: &str) {
        if let Some(hook) = &self.hook {
            hook(Point { key: row.key.clone(), after: after.to_lowercase() }).await;
        }
    }
}

struct Change {
    state: StepState,
    made: bool,
    output: Option<Value>,
    error: Option<Value>,
    attempt: bool,
}

fn unreadable() -> Value {
    let error = AppError::new(
        "journal.error",
        500,
        say!("The step failed, and its error could not be written down.", "步骤失败，且错误信息无法保存。"),
        say!("Look at the server's log.", "请查看服务器日志。"),
    );
    serde_json::to_value(error).unwrap_or_default()
}
