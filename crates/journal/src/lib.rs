//! Steps that survive a crash.
//!
//! A run is a list of [`Step`]s. Each state of a step is stored *before* what it names begins; a step always looks
//! first, and what is there already is adopted, not made twice. So a run can be taken up again after `kill -9` at any
//! moment: [`Journal::resume`] with the same steps goes on where the stored states say. What a run made, and only
//! that, can be taken back ([`Journal::undo`]). One process carries a run out at a time, by a lease.
//!
//! What a step does is its own business: this crate does not know what Harbor is. What is made for a while is
//! registered as a leftover before it is made ([`Cx::leftover`]) and struck off when it is gone; what a crash left
//! behind is listed by [`Journal::leftovers`].

mod drive;
mod step;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{ids::RunId, run::RunState};
use serde_json::Value;
use store::{
    Store, StoreError,
    leftovers::LeftoverRow,
    runs::{NewRun, RunRow, StepRow},
};
use tokio::sync::broadcast;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use drive::Point;
pub use step::{Cx, Look, Outputs, Step, StepResult};

/// A hook that a test waits in: it sees every [`Point`] before the run goes on.
pub type Hook = Arc<dyn Fn(Point) -> futures::future::BoxFuture<'static, ()> + Send + Sync>;

/// Carries runs out. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    store: Store,
    holder: Arc<str>,
    running: Arc<Mutex<HashMap<RunId, CancellationToken>>>,
    moved: broadcast::Sender<RunId>,
    tasks: TaskTracker,
    stop: CancellationToken,
    hook: Option<Hook>,
    lease: Duration,
}

/// What a run is, when it begins.
#[derive(Clone, Debug)]
pub struct Begin {
    /// A stable word: `adopt`, `probe`.
    pub kind: String,
    /// What it belongs to: the id of a draft or cluster.
    pub scope: String,
    /// Who started it.
    pub by: String,
    /// What its steps are made from again after a restart: the plan. Never a secret.
    pub body: Value,
}

/// A run as stored, with its steps in order.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The run.
    pub run: RunRow,
    /// Its steps.
    pub steps: Vec<StepRow>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("holder", &self.holder).finish_non_exhaustive()
    }
}

impl Journal {
    /// A journal over a database; `holder` names this process among the replicas that share it.
    pub fn new(store: Store, holder: &str) -> Self {
        Self {
            store,
            holder: holder.into(),
            running: Arc::default(),
            moved: broadcast::Sender::new(256),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            hook: None,
            lease: drive::LEASE,
        }
    }

    /// The same journal with a hook at every point, for tests that stop it there.
    #[must_use]
    pub fn with_hook(mut self, hook: Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The same journal with leases of another length, for tests that lose one.
    #[must_use]
    pub fn with_lease(mut self, length: Duration) -> Self {
        self.lease = length;
        self
    }

    /// Ids of runs that moved on; a slow listener may miss some and reads the run again.
    pub fn moved(&self) -> broadcast::Receiver<RunId> {
        self.moved.subscribe()
    }

    /// Stores a run and begins to carry it out.
    ///
    /// # Errors
    /// The database; nothing has begun then.
    pub async fn start(&self, begin: &Begin, steps: Vec<Arc<dyn Step>>) -> Result<RunId, StoreError> {
        let id = store::new_id::<RunId>();
        let keys: Vec<String> = steps.iter().map(|s| s.key().to_owned()).collect();
        let new = NewRun {
            id: &id,
            kind: &begin.kind,
            scope: &begin.scope,
            owner: &begin.by,
            body: &begin.body,
            steps: &keys,
        };
        self.store.runs().insert(new).await?;
        self.spawn(id.clone(), steps);
        Ok(id)
    }

    /// Takes a run up again after a restart; does nothing when it is being carried out or over.
    ///
    /// # Errors
    /// The database.
    pub async fn resume(&self, id: &RunId, steps: Vec<Arc<dyn Step>>) -> Result<(), StoreError> {
        if self.store.runs().get(id).await?.state == RunState::Running {
            self.spawn(id.clone(), steps);
        }
        Ok(())
    }

    /// Goes on with a run that failed or was cancelled, from its first step that is not done.
    ///
    /// # Errors
    /// `store.conflict` when it is running or over for good.
    pub async fn retry(&self, id: &RunId, steps: Vec<Arc<dyn Step>>) -> Result<(), StoreError> {
        self.again(id, false, &[RunState::Failed, RunState::Cancelled], steps).await
    }

    /// Takes back what a run made, last made first.
    ///
    /// # Errors
    /// `store.conflict` when it is running or undone already.
    pub async fn undo(&self, id: &RunId, steps: Vec<Arc<dyn Step>>) -> Result<(), StoreError> {
        let from = [RunState::Failed, RunState::Cancelled, RunState::Succeeded];
        self.again(id, true, &from, steps).await
    }

    async fn again(
        &self,
        id: &RunId,
        undoing: bool,
        from: &[RunState],
        steps: Vec<Arc<dyn Step>>,
    ) -> Result<(), StoreError> {
        if !from.contains(&self.store.runs().get(id).await?.state) {
            return Err(StoreError::Conflict { what: "run" });
        }
        self.store.runs().set_state(id, RunState::Running, undoing).await?;
        self.spawn(id.clone(), steps);
        Ok(())
    }

    /// Stops a run after what it is doing now; tells whether it was running. Works across replicas.
    ///
    /// # Errors
    /// The database.
    pub async fn cancel(&self, id: &RunId) -> Result<bool, StoreError> {
        let asked = self.store.runs().ask_cancel(id).await?;
        if let Some(token) = self.running().get(id) {
            token.cancel();
        }
        Ok(asked)
    }

    /// A run and its steps.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &RunId) -> Result<Stored, StoreError> {
        let run = self.store.runs().get(id).await?;
        let steps = self.store.runs().steps(id).await?;
        Ok(Stored { run, steps })
    }

    /// The runs of a draft or cluster, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn of_scope(&self, scope: &str, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.store.runs().of_scope(scope, limit).await
    }

    /// Runs that a stopped process left in the middle.
    ///
    /// # Errors
    /// The database.
    pub async fn interrupted(&self) -> Result<Vec<RunRow>, StoreError> {
        let all = self.store.runs().in_state(RunState::Running).await?;
        let running = self.running();
        Ok(all.into_iter().filter(|run| !running.contains_key(&run.id)).collect())
    }

    /// Things made for a while that are not known to be gone.
    ///
    /// # Errors
    /// The database.
    pub async fn leftovers(&self) -> Result<Vec<LeftoverRow>, StoreError> {
        self.store.leftovers().open().await
    }

    /// Waits until no run is being carried out by this process; for tests.
    pub async fn idle(&self, id: &RunId) {
        let mut moved = self.moved();
        while self.running().contains_key(id) {
            // A lag or a closed channel only means: look again.
            let _ = moved.recv().await;
        }
    }

    /// Stops all runs where they are, as a crash would; they are taken up again at the next start.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, id: RunId, steps: Vec<Arc<dyn Step>>) {
        let cancel = CancellationToken::new();
        if self.running().insert(id.clone(), cancel.clone()).is_some() {
            return;
        }
        let journal = self.clone();
        self.tasks.spawn(async move {
            let stopped = journal.stop.clone();
            tokio::select! {
                // Dropping the run in the middle is what a crash does; the next start takes it up.
                () = stopped.cancelled() => {}
                outcome = journal.drive(&id, &steps, &cancel) => {
                    if let Err(error) = outcome {
                        tracing::error!(run = %id, %error, "a run stopped because the database failed");
                    }
                }
            }
            journal.running().remove(&id);
            let _ = journal.store.leases().release(&drive::lease(&id), &journal.holder).await;
            let _ = journal.moved.send(id);
        });
    }
}
