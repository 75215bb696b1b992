//! Differences that a person accepted. Whether an acceptance still holds the ledger judges.

use model::ids::{AcceptanceId, PairId};
use serde_json::Value;

use super::{Ledger, NewDrift, Place};
use crate::{
    Result, StoreError,
    columns::{Text, from_json},
    new_id,
};

/// An acceptance as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AcceptanceRow {
    /// Its pair.
    #[sqlx(try_from = "Text<PairId>")]
    pub pair_id: PairId,
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
    /// Tells it from another acceptance of the same thing.
    #[sqlx(try_from = "Text<AcceptanceId>")]
    pub id: AcceptanceId,
    /// Until when, UTC milliseconds; `None` for one without an end.
    pub until_ms: Option<i64>,
    /// Everything else, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
}

impl AcceptanceRow {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "acceptance")
    }
}

/// An acceptance to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAcceptance {
    /// Until when, UTC milliseconds; `None` for one without an end.
    pub until_ms: Option<i64>,
    /// Everything else, as JSON.
    pub body: Value,
}

/// A difference that is accepted, or counts again.
#[derive(Clone, Debug, PartialEq)]
pub struct Recounted {
    /// `project/repository`.
    pub repository: String,
    /// Its body as it was read: another difference stands there by then where that is another one.
    pub before: Value,
    /// What stands in its place.
    pub drift: NewDrift,
    /// Its acceptance; `None` where it counts again.
    pub acceptance: Option<NewAcceptance>,
}

impl Ledger<'_> {
    /// The acceptances of a repository, by id.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn acceptances(&self, pair: &PairId, repository: &str) -> Result<Vec<AcceptanceRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT pair_id, repository, thing, id, until_ms, body FROM acceptances
             WHERE pair_id = $1 AND repository = $2 ORDER BY id")
            .bind(pair.as_str())
            .bind(repository)
            .fetch_all(pool))
    }

    /// The acceptances of all pairs whose time is over, at most `limit`, the first to end first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn ended_acceptances(&self, limit: u32) -> Result<Vec<(PairId, Place)>> {
        let rows: Vec<AcceptanceRow> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT pair_id, repository, thing, id, until_ms, body FROM acceptances
             WHERE until_ms <= $1 ORDER BY until_ms LIMIT $2")
            .bind(self.0.now_ms())
            .bind(i64::from(limit))
            .fetch_all(pool))?;
        let place = |row: AcceptanceRow| Place { repository: row.repository, thing: row.thing };
        Ok(rows.into_iter().map(|row| (row.pair_id.clone(), place(row))).collect())
    }

    /// Keeps that differences are accepted or count again: all of them, or none.
    ///
    /// # Errors
    /// `store.conflict` where one of them is another difference by now, or none.
    pub async fn recount(&self, pair: &PairId, rows: &[Recounted]) -> Result<()> {
        in_tx!(&self.0.db, tx => {
            for Recounted { repository, before, drift, acceptance } in rows {
                let done = sqlx::query(
                    "UPDATE drifts SET kind = $1, heals = $2, bytes = $3, body = $4
                     WHERE pair_id = $5 AND repository = $6 AND thing = $7 AND body = $8")
                    .bind(drift.kind.as_str())
                    .bind(drift.heals)
                    .bind(drift.bytes)
                    .bind(drift.body.to_string())
                    .bind(pair.as_str())
                    .bind(repository.as_str())
                    .bind(drift.thing.as_str())
                    .bind(before.to_string())
                    .execute(&mut *tx)
                    .await?;
                if done.rows_affected() == 0 {
                    return Err(StoreError::Conflict { what: "difference" });
                }
                sqlx::query("DELETE FROM acceptances WHERE pair_id = $1 AND repository = $2 AND thing = $3")
                    .bind(pair.as_str())
                    .bind(repository.as_str())
                    .bind(drift.thing.as_str())
                    .execute(&mut *tx)
                    .await?;
                let Some(NewAcceptance { until_ms, body }) = acceptance else { continue };
                sqlx::query(
                    "INSERT INTO acceptances (pair_id, repository, thing, id, until_ms, body)
                     VALUES ($1, $2, $3, $4, $5, $6)")
                    .bind(pair.as_str())
                    .bind(repository.as_str())
                    .bind(drift.thing.as_str())
                    .bind(new_id::<AcceptanceId>().as_str())
                    .bind(*until_ms)
                    .bind(body.to_string())
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query("UPDATE pairs SET accepts = accepts + 1, version = version + 1 WHERE id = $1")
                .bind(pair.as_str())
                .execute(&mut *tx)
                .await?;
        })
    }
}
