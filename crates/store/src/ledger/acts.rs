//! Lines of audit logs, kept because Harbor purges its own.

use model::ids::NodeId;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Ledger;
use crate::{
    Result,
    columns::{Text, from_json},
};

/// A line.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ActRow {
    /// Harbor's id of it.
    pub line: i64,
    /// When, UTC milliseconds by the console's clock.
    pub at_ms: i64,
    /// `project/repository`.
    pub repository: String,
    /// What was done by whom, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
}

impl ActRow {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "act")
    }
}

impl Ledger<'_> {
    /// Keeps lines of a node's log; a line that is kept already stays as it is.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn add_acts(&self, node: &NodeId, acts: &[ActRow]) -> Result<()> {
        in_tx!(&self.0.db, tx => {
            for act in acts {
                sqlx::query(
                    "INSERT INTO acts (node_id, line, at_ms, repository, body) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (node_id, line) DO NOTHING")
                    .bind(node.as_str())
                    .bind(act.line)
                    .bind(act.at_ms)
                    .bind(act.repository.as_str())
                    .bind(act.body.to_string())
                    .execute(&mut *tx)
                    .await?;
            }
        })
    }

    /// The lines that concern one repository, oldest first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn acts(&self, node: &NodeId, repository: &str) -> Result<Vec<ActRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT line, at_ms, repository, body FROM acts WHERE node_id = $1 AND repository = $2 ORDER BY line")
            .bind(node.as_str())
            .bind(repository)
            .fetch_all(pool))
    }

    /// Forgets the lines of a node's log: its database was restored, and its ids begin again.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn forget_acts(&self, node: &NodeId) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM acts WHERE node_id = $1").bind(node.as_str()).execute(pool))?;
        Ok(())
    }

    /// Forgets single lines of a node's log: what they say has been settled.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn forget_lines(&self, node: &NodeId, lines: &[i64]) -> Result<()> {
        in_tx!(&self.0.db, tx => {
            for line in lines {
                sqlx::query("DELETE FROM acts WHERE node_id = $1 AND line = $2")
                    .bind(node.as_str())
                    .bind(*line)
                    .execute(&mut *tx)
                    .await?;
            }
        })
    }

    /// Forgets lines older than a time, UTC milliseconds.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune_acts(&self, before_ms: i64) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM acts WHERE at_ms < $1").bind(before_ms).execute(pool))?;
        Ok(())
    }
}
