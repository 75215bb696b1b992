//! Who did what in the console, and what happened by itself.

use model::{
    ids::{ClusterId, NodeId, TokenId, UserId},
    people::{ActivityBy, ActivityEntry},
};
use serde_json::Value;

use crate::{
    Result, Store,
    columns::{MaybeText, Text, to_json},
};

/// The table of activity.
#[derive(Clone, Copy, Debug)]
pub struct Activity<'a>(&'a Store);

/// What is written down.
#[derive(Clone, Debug)]
pub struct NewActivity<'a> {
    /// Who did it.
    pub by: &'a ActivityBy,
    /// From where; empty for Breakwater itself.
    pub address: &'a str,
    /// Stable code, e.g. `session.created`.
    pub code: &'a str,
    /// What the sentence of that code needs; never a secret.
    pub params: Value,
    /// The cluster it belongs to.
    pub cluster: Option<&'a ClusterId>,
    /// The node it belongs to.
    pub node: Option<&'a NodeId>,
}

/// Which entries to list; `None` means any.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// Done by this person, by hand or through a token.
    pub user: Option<UserId>,
    /// Of this cluster.
    pub cluster: Option<ClusterId>,
    /// Of this node.
    pub node: Option<NodeId>,
    /// Codes that begin so, e.g. `session.`.
    pub code_prefix: Option<String>,
    /// At this time or later, UTC milliseconds.
    pub from_ms: Option<i64>,
    /// Before this time, UTC milliseconds.
    pub to_ms: Option<i64>,
    /// Older than this entry: the last id of the page before.
    pub before: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at_ms: i64,
    #[sqlx(try_from = "MaybeText<UserId>")]
    user_id: Option<UserId>,
    #[sqlx(try_from = "MaybeText<TokenId>")]
    token_id: Option<TokenId>,
    by_name: String,
    address: String,
    code: String,
    #[sqlx(try_from = "Text<Value>")]
    params: Value,
    #[sqlx(try_from = "MaybeText<ClusterId>")]
    cluster_id: Option<ClusterId>,
    #[sqlx(try_from = "MaybeText<NodeId>")]
    node_id: Option<NodeId>,
}

impl From<Row> for ActivityEntry {
    fn from(row: Row) -> Self {
        let by = match (row.token_id, row.user_id) {
            (Some(id), _) => ActivityBy::Token { id, name: row.by_name },
            (None, Some(id)) => ActivityBy::User { id, name: row.by_name },
            (None, None) => ActivityBy::System,
        };
        Self {
            id: row.id,
            at_ms: row.at_ms,
            by,
            address: row.address,
            code: row.code,
            params: row.params,
            cluster: row.cluster_id,
            node: row.node_id,
        }
    }
}

impl Store {
    /// Who did what.
    pub fn activity(&self) -> Activity<'_> {
        Activity(self)
    }
}

impl Activity<'_> {
    /// Writes an entry down and returns it. `owner` is the person behind a token, so that a filter by person finds
    /// what the person's tokens did.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn add(&self, new: NewActivity<'_>, owner: Option<&UserId>) -> Result<ActivityEntry> {
        let params = to_json(&new.params)?;
        let at_ms = self.0.now_ms();
        let (user, token, name) = match new.by {
            ActivityBy::User { id, name } => (Some(id), None, name.as_str()),
            ActivityBy::Token { id, name } => (owner, Some(id), name.as_str()),
            ActivityBy::System => (None, None, ""),
        };
        let id: i64 = in_tx!(&self.0.db, tx => {
            let id = next_number!(tx, "activity");
            sqlx::query(
                "INSERT INTO activity (id, at_ms, user_id, token_id, by_name, address, code, params, cluster_id, node_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
                .bind(id)
                .bind(at_ms)
                .bind(user.map(UserId::as_str))
                .bind(token.map(TokenId::as_str))
                .bind(name)
                .bind(new.address)
                .bind(new.code)
                .bind(params.as_str())
                .bind(new.cluster.map(ClusterId::as_str))
                .bind(new.node.map(NodeId::as_str))
                .execute(&mut *tx)
                .await?;
            id
        })?;
        Ok(ActivityEntry {
            id,
            at_ms,
            by: new.by.clone(),
            address: new.address.to_owned(),
            code: new.code.to_owned(),
            params: new.params,
            cluster: new.cluster.cloned(),
            node: new.node.cloned(),
        })
    }

    /// Entries that fit, newest first, at most `limit`. The next page begins `before` the last one's id.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self, filter: &ActivityFilter, limit: u32) -> Result<Vec<ActivityEntry>> {
        let rows: Vec<Row> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT id, at_ms, user_id, token_id, by_name, address, code, params, cluster_id, node_id FROM activity
             WHERE id < $1 AND at_ms >= $2 AND at_ms < $3
               AND ($4 = '' OR user_id = $4)
               AND ($5 = '' OR cluster_id = $5)
               AND ($6 = '' OR node_id = $6)
               AND substr(code, 1, length($7)) = $7
             ORDER BY id DESC LIMIT $8")
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(filter.from_ms.unwrap_or(i64::MIN))
            .bind(filter.to_ms.unwrap_or(i64::MAX))
            .bind(filter.user.as_ref().map_or("", UserId::as_str))
            .bind(filter.cluster.as_ref().map_or("", ClusterId::as_str))
            .bind(filter.node.as_ref().map_or("", NodeId::as_str))
            .bind(filter.code_prefix.as_deref().unwrap_or(""))
            .bind(i64::from(limit))
            .fetch_all(pool))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Forgets entries older than `before_ms`.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune(&self, before_ms: i64) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM activity WHERE at_ms < $1").bind(before_ms).execute(pool))?;
        Ok(())
    }
}
