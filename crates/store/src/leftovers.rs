//! Temporary things that stand on nodes: written down before they are made, ticked off when they are gone.

use model::ids::{LeftoverId, RunId};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{MaybeText, Text, to_json},
    db::found,
    new_id,
};

/// The table of leftovers.
#[derive(Clone, Copy, Debug)]
pub struct Leftovers<'a>(&'a Store);

/// A leftover as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct LeftoverRow {
    /// Its id.
    #[sqlx(try_from = "Text<LeftoverId>")]
    pub id: LeftoverId,
    /// Where it stands: a text of the caller's that finds the node again.
    pub node: String,
    /// What it is, e.g. `rule`, `robot`, `artifact`.
    pub kind: String,
    /// Its name there.
    pub name: String,
    /// What finds it there, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub reference: Value,
    /// The run that makes it.
    #[sqlx(try_from = "MaybeText<RunId>")]
    pub run_id: Option<RunId>,
    /// Written down, UTC milliseconds.
    pub made_ms: i64,
    /// Gone since, UTC milliseconds.
    pub removed_ms: Option<i64>,
    /// How often removing it was tried in vain.
    pub attempts: i64,
    /// Why it is still there.
    pub last_error: Option<String>,
    /// From when on it is to be removed, UTC milliseconds; `None` for what goes as soon as its run is over.
    pub due_ms: Option<i64>,
}

macro_rules! columns {
    () => {
        "id, node, kind, name, reference, run_id, made_ms, removed_ms, attempts, last_error, due_ms"
    };
}

impl Store {
    /// Temporary things that stand on nodes.
    pub fn leftovers(&self) -> Leftovers<'_> {
        Leftovers(self)
    }
}

impl Leftovers<'_> {
    /// Writes down what is about to be made. What the same run wrote down before, and is not gone, keeps its row and
    /// gets the new reference: a second call adds the id that the node gave it.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn register(
        &self,
        node: &str,
        kind: &str,
        name: &str,
        reference: &Value,
        run_id: Option<&RunId>,
        due_ms: Option<i64>,
    ) -> Result<LeftoverId> {
        let (new, reference) = (new_id::<LeftoverId>(), to_json(reference)?);
        let run = run_id.map_or("", RunId::as_str);
        let id: String = in_tx!(&self.0.db, tx => {
            let known: Option<String> = sqlx::query_scalar(
                "UPDATE leftovers SET reference = $1, due_ms = $6 WHERE node = $2 AND kind = $3 AND name = $4
                 AND COALESCE(run_id, '') = $5 AND removed_ms IS NULL RETURNING id")
                .bind(reference.as_str())
                .bind(node)
                .bind(kind)
                .bind(name)
                .bind(run)
                .bind(due_ms)
                .fetch_optional(&mut *tx)
                .await?;
            match known {
                Some(id) => id,
                None => sqlx::query_scalar(
                    "INSERT INTO leftovers (id, node, kind, name, reference, run_id, made_ms, attempts, due_ms)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) RETURNING id")
                    .bind(new.as_str())
                    .bind(node)
                    .bind(kind)
                    .bind(name)
                    .bind(reference.as_str())
                    .bind(run_id.map(RunId::as_str))
                    .bind(self.0.now_ms())
                    .bind(due_ms)
                    .fetch_one(&mut *tx)
                    .await?,
            }
        })?;
        LeftoverId::parse(&id)
            .ok_or_else(|| StoreError::Corrupt { what: "a leftover without a proper id".into() })
    }

    /// Ticks off what is gone.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn removed(&self, id: &LeftoverId) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE leftovers SET removed_ms = COALESCE(removed_ms, $1), last_error = NULL WHERE id = $2")
            .bind(self.0.now_ms())
            .bind(id.as_str())
            .execute(pool))?;
        found(done, "leftover")
    }

    /// Notes why it could not be removed.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn failed(&self, id: &LeftoverId, error: &str) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE leftovers SET attempts = attempts + 1, last_error = $1 WHERE id = $2").bind(error).bind(id.as_str()).execute(pool))?;
        found(done, "leftover")
    }

    /// What still stands and should not, oldest first; not what is kept for a time that is not over.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn open(&self) -> Result<Vec<LeftoverRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM leftovers WHERE removed_ms IS NULL AND COALESCE(due_ms, 0) <= $1
             ORDER BY made_ms, id")).bind(self.0.now_ms()).fetch_all(pool))
    }

    /// One leftover.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &LeftoverId) -> Result<LeftoverRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM leftovers WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "leftover" })
    }

    /// All of a kind and name that stand, on whichever node.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn standing(&self, kind: &str, name: &str) -> Result<Vec<LeftoverRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM leftovers WHERE kind = $1 AND name = $2 AND removed_ms IS NULL
             ORDER BY made_ms, id")).bind(kind).bind(name).fetch_all(pool))
    }

    /// All of a kind that stand.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn all_standing(&self, kind: &str) -> Result<Vec<LeftoverRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM leftovers WHERE kind = $1 AND removed_ms IS NULL
             ORDER BY made_ms, id")).bind(kind).fetch_all(pool))
    }

    /// What a run wrote down, gone or not, in order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn of_run(&self, run_id: &RunId) -> Result<Vec<LeftoverRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM leftovers WHERE run_id = $1 ORDER BY made_ms, id")).bind(run_id.as_str()).fetch_all(pool))
    }
}
