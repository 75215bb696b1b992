//! Executions of rules, kept because Harbor keeps few of its own.

use model::{
    ids::{ClusterId, NodeId},
    rule::ExecutionState,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Result, Store,
    columns::{Text, from_json},
};

/// The table of executions.
#[derive(Clone, Copy, Debug)]
pub struct Executions<'a>(&'a Store);

/// An execution as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ExecutionRow {
    /// The node on which it ran.
    #[sqlx(try_from = "Text<NodeId>")]
    pub node_id: NodeId,
    /// Harbor's id of it, unique on that node.
    pub id: i64,
    /// When it started, UTC milliseconds by the node's clock.
    pub started_ms: i64,
    /// Where it stands.
    #[sqlx(try_from = "Text<ExecutionState>")]
    pub state: ExecutionState,
    /// Everything else, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
}

impl ExecutionRow {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "execution")
    }

    /// Where it stands among the others.
    pub fn place(&self) -> (i64, NodeId, i64) {
        (self.started_ms, self.node_id.clone(), self.id)
    }
}

/// Which executions; `None` means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// In this state.
    pub state: Option<ExecutionState>,
    /// On this node.
    pub node: Option<NodeId>,
    /// Behind this one: when it started, its node and its id.
    pub after: Option<(i64, NodeId, i64)>,
}

impl Store {
    /// Executions of rules.
    pub fn executions(&self) -> Executions<'_> {
        Executions(self)
    }
}

impl Executions<'_> {
    /// Keeps executions of a cluster's nodes; what is kept already is replaced.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn put(&self, cluster: &ClusterId, rows: &[ExecutionRow]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        in_tx!(&self.0.db, tx => {
            for row in rows {
                sqlx::query(
                    "INSERT INTO executions (node_id, id, cluster_id, started_ms, state, body)
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (node_id, id) DO UPDATE
                     SET started_ms = excluded.started_ms, state = excluded.state, body = excluded.body")
                    .bind(row.node_id.as_str())
                    .bind(row.id)
                    .bind(cluster.as_str())
                    .bind(row.started_ms)
                    .bind(row.state.as_str())
                    .bind(row.body.to_string())
                    .execute(&mut *tx)
                    .await?;
            }
        })
    }

    /// A page of a cluster's executions, newest first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn page(
        &self,
        cluster: &ClusterId,
        filter: &ExecutionFilter,
        limit: u32,
    ) -> Result<Vec<ExecutionRow>> {
        let (ms, node, id) = match &filter.after {
            Some((ms, node, id)) => (*ms, node.as_str(), *id),
            None => (i64::MAX, "", i64::MAX),
        };
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT node_id, id, started_ms, state, body FROM executions
             WHERE cluster_id = $1 AND (started_ms, node_id, id) < ($2, $3, $4)
             AND ($5 = '' OR state = $5) AND ($6 = '' OR node_id = $6)
             ORDER BY started_ms DESC, node_id DESC, id DESC LIMIT $7")
            .bind(cluster.as_str())
            .bind(ms)
            .bind(node)
            .bind(id)
            .bind(filter.state.map_or("", ExecutionState::as_str))
            .bind(filter.node.as_ref().map_or("", NodeId::as_str))
            .bind(i64::from(limit))
            .fetch_all(pool))
    }

    /// One execution.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn find(&self, node: &NodeId, id: i64) -> Result<Option<ExecutionRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT node_id, id, started_ms, state, body FROM executions WHERE node_id = $1 AND id = $2")
            .bind(node.as_str())
            .bind(id)
            .fetch_optional(pool))
    }

    /// Forgets executions that started before a time, UTC milliseconds.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune(&self, before_ms: i64) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM executions WHERE started_ms < $1").bind(before_ms).execute(pool))?;
        Ok(())
    }
}
