//! Runs of the journal and their steps. The journal decides what follows what; here it is only kept.

use model::{
    ids::RunId,
    run::{RunState, StepState},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{MaybeText, Text, from_json, name_of, to_json},
    db::found,
};

/// The tables of runs and steps.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'a>(&'a Store);

/// A run as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct RunRow {
    /// Its id.
    #[sqlx(try_from = "Text<RunId>")]
    pub id: RunId,
    /// What it is for: a word of the caller's.
    pub kind: String,
    /// The draft or cluster it is for.
    pub scope: String,
    /// Who started it.
    pub owner: String,
    /// What its steps are rebuilt from, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
    /// Where it stands.
    #[sqlx(try_from = "Text<RunState>")]
    pub state: RunState,
    /// It takes back instead of making.
    pub undoing: bool,
    /// Somebody asked it to stop, perhaps on another replica.
    pub cancel_asked: bool,
    /// UTC milliseconds.
    pub started_ms: i64,
    /// UTC milliseconds, once it is over.
    pub ended_ms: Option<i64>,
    /// Grows with every change of the run or its steps. Steps read after this row are at least as new.
    pub revision: i64,
}

impl RunRow {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "run")
    }
}

/// A step as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct StepRow {
    /// Its place in the run, from 0.
    pub position: i64,
    /// Its key, unique in the run.
    pub key: String,
    /// Where it stands.
    #[sqlx(try_from = "Text<StepState>")]
    pub state: StepState,
    /// This run has begun to make it, so this run may take it back.
    pub made: bool,
    /// What it made or found, as JSON.
    #[sqlx(try_from = "MaybeText<Value>")]
    pub output: Option<Value>,
    /// Why it failed, as JSON.
    #[sqlx(try_from = "MaybeText<Value>")]
    pub error: Option<Value>,
    /// How often it was begun.
    pub attempts: i64,
    /// First begun, UTC milliseconds.
    pub started_ms: Option<i64>,
    /// Last ended, UTC milliseconds.
    pub ended_ms: Option<i64>,
}

/// How many runs of one scope stand in one state.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RunCount {
    /// The draft or cluster they are for.
    pub scope: String,
    /// Where they stand.
    #[sqlx(try_from = "Text<RunState>")]
    pub state: RunState,
    /// How many.
    pub count: i64,
}

/// What is known when a run begins.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// Its id, chosen by the caller, so that a call repeated after a lost answer makes no second run.
    pub id: &'a RunId,
    /// What it is for.
    pub kind: &'a str,
    /// The draft or cluster it is for.
    pub scope: &'a str,
    /// Who started it.
    pub owner: &'a str,
    /// What its steps are rebuilt from.
    pub body: &'a Value,
    /// The steps' keys in order.
    pub steps: &'a [String],
}

/// The next state of a step, stored before what it names begins.
#[derive(Clone, Debug)]
pub struct StepChange {
    /// Where it stands from now on.
    pub state: StepState,
    /// Whether this run has begun to make it.
    pub made: bool,
    /// What it made or found.
    pub output: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
    /// Counts as one more attempt.
    pub attempt: bool,
    /// The step is over for now.
    pub ended: bool,
}

macro_rules! run_columns {
    () => {
        "id, kind, scope, owner, body, state, undoing, cancel_asked, started_ms, ended_ms, revision"
    };
}

impl Store {
    /// The journal's runs.
    pub fn runs(&self) -> Runs<'_> {
        Runs(self)
    }
}

impl Runs<'_> {
    /// Begins a run with all its steps waiting.
    ///
    /// # Errors
    /// `store.conflict` when there is a run of that id, or a key stands twice.
    pub async fn insert(&self, new: NewRun<'_>) -> Result<RunRow> {
        let (body, state, waiting) =
            (to_json(new.body)?, name_of(&RunState::Running)?, name_of(&StepState::Waiting)?);
        in_tx!(&self.0.db, tx => {
            let row: RunRow = sqlx::query_as(concat!(
                "INSERT INTO runs (id, kind, scope, owner, body, state, undoing, cancel_asked, started_ms)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) RETURNING ", run_columns!()))
                .bind(new.id.as_str())
                .bind(new.kind)
                .bind(new.scope)
                .bind(new.owner)
                .bind(body.as_str())
                .bind(state.as_str())
                .bind(false)
                .bind(self.0.now_ms())
                .fetch_one(&mut *tx)
                .await?;
            for (position, key) in (0_i64..).zip(new.steps) {
                sqlx::query("INSERT INTO steps (run_id, position, key, state, made, attempts) VALUES ($1, $2, $3, $4, $5, 0)")
                    .bind(new.id.as_str())
                    .bind(position)
                    .bind(key.as_str())
                    .bind(waiting.as_str())
                    .bind(false)
                    .execute(&mut *tx)
                    .await?;
            }
            row
        })
        .map_err(|e: StoreError| e.or_taken("run"))
    }

    /// One run.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &RunId) -> Result<RunRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", run_columns!(), " FROM runs WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "run" })
    }

    /// A run's steps in order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn steps(&self, id: &RunId) -> Result<Vec<StepRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT position, key, state, made, output, error, attempts, started_ms, ended_ms FROM steps
             WHERE run_id = $1 ORDER BY position")
            .bind(id.as_str())
            .fetch_all(pool))
    }

    /// The runs of a draft or cluster, newest first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn of_scope(&self, scope: &str, limit: u32) -> Result<Vec<RunRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", run_columns!(), " FROM runs WHERE scope = $1 ORDER BY started_ms DESC, id DESC LIMIT $2"))
            .bind(scope)
            .bind(i64::from(limit))
            .fetch_all(pool))
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn newest(&self, limit: u32) -> Result<Vec<RunRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", run_columns!(), " FROM runs ORDER BY started_ms DESC, id DESC LIMIT $1"))
            .bind(i64::from(limit))
            .fetch_all(pool))
    }

    /// The runs in a state, oldest first: those that are running must be taken up again after a restart.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn in_state(&self, state: RunState) -> Result<Vec<RunRow>> {
        let state = name_of(&state)?;
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", run_columns!(), " FROM runs WHERE state = $1 ORDER BY started_ms, id"))
            .bind(state.as_str())
            .fetch_all(pool))
    }

    /// How many runs of a kind stand where, by scope.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn tally(&self, kind: &str) -> Result<Vec<RunCount>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT scope, state, COUNT(*) AS count FROM runs WHERE kind = $1 GROUP BY scope, state ORDER BY scope, state")
            .bind(kind)
            .fetch_all(pool))
    }

    /// Sets where a run stands and which way it goes. A running run has no end and nobody has asked it to stop.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_state(&self, id: &RunId, state: RunState, undoing: bool) -> Result<()> {
        let ended = state.is_final().then(|| self.0.now_ms());
        let state = name_of(&state)?;
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE runs SET state = $1, undoing = $2, ended_ms = $3, cancel_asked = $4, revision = revision + 1
             WHERE id = $5")
            .bind(state.as_str())
            .bind(undoing)
            .bind(ended)
            .bind(false)
            .bind(id.as_str())
            .execute(pool))?;
        found(done, "run")
    }

    /// Asks a run to stop, wherever it is carried out; tells whether it was running.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn ask_cancel(&self, id: &RunId) -> Result<bool> {
        let running = name_of(&RunState::Running)?;
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE runs SET cancel_asked = $1, revision = revision + 1 WHERE id = $2 AND state = $3")
            .bind(true)
            .bind(id.as_str())
            .bind(running.as_str())
            .execute(pool))?;
        Ok(done > 0)
    }

    /// Stores the next state of a step.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_step(&self, id: &RunId, position: i64, change: &StepChange) -> Result<()> {
        let now = self.0.now_ms();
        let state = name_of(&change.state)?;
        let output = change.output.as_ref().map(to_json).transpose()?;
        let error = change.error.as_ref().map(to_json).transpose()?;
        in_tx!(&self.0.db, tx => {
            let done = sqlx::query(
                "UPDATE steps SET state = $1, made = $2, output = $3, error = $4, attempts = attempts + $5,
                    started_ms = COALESCE(started_ms, $6), ended_ms = $7
                 WHERE run_id = $8 AND position = $9")
                .bind(state.as_str())
                .bind(change.made)
                .bind(output.as_deref())
                .bind(error.as_deref())
                .bind(i64::from(change.attempt))
                .bind(now)
                .bind(change.ended.then_some(now))
                .bind(id.as_str())
                .bind(position)
                .execute(&mut *tx)
                .await?;
            found(done.rows_affected(), "step")?;
            sqlx::query("UPDATE runs SET revision = revision + 1 WHERE id = $1")
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
        })
    }
}

/// So that callers can pass any serialisable value as a run's body.
///
/// # Errors
/// `store.internal` when it has no JSON form.
pub fn body<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| StoreError::Internal(Box::new(e)))
}
