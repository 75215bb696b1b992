//! History as intervals: something was in one state from then to then. A row is written when something changes, so
//! the size grows with events and not with polling.
//!
//! "Nobody was looking" is the absence of an interval. To tell it from "nothing changed", whoever looks (a poller
//! process, named `looker`) says so every few seconds in one row of its own ([`Intervals::looking`]). The last state
//! of a looker that fell silent ends when it was heard last.

use serde::Serialize;
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{Text, to_json},
};

/// The table of intervals.
#[derive(Clone, Copy, Debug)]
pub struct Intervals<'a>(&'a Store);

/// Longest silence of a looker that still counts as looking, in milliseconds.
pub const SILENCE_MS: i64 = 60_000;
/// How long history is kept, in milliseconds: 400 days.
pub const KEPT_MS: i64 = 400 * 86_400_000;

/// A stretch of time in which something was in one state.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct IntervalRow {
    /// What: a text of the caller's, e.g. `node:…`.
    pub subject: String,
    /// UTC milliseconds.
    pub from_ms: i64,
    /// UTC milliseconds, exclusive; `None` while it lasts.
    pub to_ms: Option<i64>,
    /// A word of the caller's.
    pub state: String,
    /// More about it, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub detail: Value,
    /// Who saw it.
    pub looker: String,
}

macro_rules! columns {
    () => {
        "subject, from_ms, to_ms, state, detail, looker"
    };
}

impl Store {
    /// History of health.
    pub fn intervals(&self) -> Intervals<'_> {
        Intervals(self)
    }
}

impl Intervals<'_> {
    /// Says that this looker looks, now. To be called every few seconds, well within [`SILENCE_MS`].
    ///
    /// # Errors
    /// Those of any write.
    pub async fn looking(&self, looker: &str) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query(
            "INSERT INTO lookers (name, seen_ms) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seen_ms = excluded.seen_ms")
            .bind(looker)
            .bind(self.0.now_ms())
            .execute(pool))?;
        Ok(())
    }

    /// Records what a looker sees now. Nothing is written when it saw the same before and has not been silent since;
    /// true when an interval began.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn record<T: Serialize + ?Sized>(
        &self,
        looker: &str,
        subject: &str,
        state: &str,
        detail: &T,
    ) -> Result<bool> {
        // By way of a value, so that the order of a struct's fields makes no difference to what was read back.
        let detail = to_json(&serde_json::to_value(detail).map_err(|e| StoreError::Internal(Box::new(e)))?)?;
        let now = self.0.now_ms();
        if self.is_unchanged(looker, subject, state, &detail, now).await? {
            return Ok(false);
        }
        in_tx!(&self.0.db, tx => {
            // Saying so here too makes sure that a change is never newer than its looker's last word.
            let heard: Option<i64> = sqlx::query_scalar("SELECT seen_ms FROM lookers WHERE name = $1")
                .bind(looker)
                .fetch_optional(&mut *tx)
                .await?;
            sqlx::query("INSERT INTO lookers (name, seen_ms) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seen_ms = excluded.seen_ms")
                .bind(looker)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            let open: Option<IntervalRow> = sqlx::query_as(concat!(
                "SELECT ", columns!(), " FROM intervals WHERE subject = $1 AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1"))
                .bind(subject)
                .fetch_optional(&mut *tx)
                .await?;
            let mut same = false;
            if let Some(open) = &open {
                let heard = if open.looker == looker {
                    heard
                } else {
                    sqlx::query_scalar("SELECT seen_ms FROM lookers WHERE name = $1").bind(&open.looker).fetch_optional(&mut *tx).await?
                };
                let heard = heard.unwrap_or(open.from_ms);
                let unbroken = open.looker == looker && now.saturating_sub(heard) <= SILENCE_MS;
                same = unbroken && open.state == state && to_json(&open.detail)? == detail;
                if !same {
                    // A handover between lookers leaves no gap where both were heard lately.
                    let end = if now.saturating_sub(heard) <= SILENCE_MS { now } else { heard };
                    sqlx::query("UPDATE intervals SET to_ms = $1 WHERE subject = $2 AND to_ms IS NULL")
                        .bind(end.max(open.from_ms))
                        .bind(subject)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            if !same {
                // A clock that was set back must not begin an interval before the last one ended.
                let floor: Option<i64> = sqlx::query_scalar("SELECT max(to_ms) FROM intervals WHERE subject = $1")
                    .bind(subject)
                    .fetch_one(&mut *tx)
                    .await?;
                sqlx::query(
                    "INSERT INTO intervals (subject, from_ms, state, detail, looker) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (subject, from_ms) DO UPDATE
                     SET to_ms = NULL, state = excluded.state, detail = excluded.detail, looker = excluded.looker")
                    .bind(subject)
                    .bind(now.max(floor.unwrap_or(now)))
                    .bind(state)
                    .bind(detail.as_str())
                    .bind(looker)
                    .execute(&mut *tx)
                    .await?;
            }
            !same
        })
    }

    /// Whether the looker saw exactly this before and has spoken lately; then nothing need be written.
    async fn is_unchanged(
        &self,
        looker: &str,
        subject: &str,
        state: &str,
        detail: &str,
        now: i64,
    ) -> Result<bool> {
        let same: Option<String> = on_db!(&self.0.db, pool => sqlx::query_scalar(
            "SELECT i.subject FROM intervals i JOIN lookers l ON l.name = i.looker
             WHERE i.subject = $1 AND i.to_ms IS NULL AND i.looker = $2 AND i.state = $3 AND i.detail = $4
               AND i.from_ms <= $5 AND l.seen_ms BETWEEN $6 AND $5")
            .bind(subject)
            .bind(looker)
            .bind(state)
            .bind(detail)
            .bind(now)
            .bind(now.saturating_sub(SILENCE_MS / 2))
            .fetch_optional(pool))?;
        Ok(same.is_some())
    }

    /// Ends what a looker saw, when it stops looking: at a proper shutdown, or for one subject that it hands over.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn stop(&self, looker: &str, subject: Option<&str>) -> Result<()> {
        let now = self.0.now_ms();
        run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE intervals SET to_ms = CASE WHEN from_ms > $1 THEN from_ms ELSE $1 END
             WHERE looker = $2 AND to_ms IS NULL AND ($3 = '' OR subject = $3)")
            .bind(now)
            .bind(looker)
            .bind(subject.unwrap_or(""))
            .execute(pool))?;
        Ok(())
    }

    /// The intervals of a subject that touch `from_ms..to_ms`, cut to it, in order, each with an end. What is not
    /// covered is time in which nobody looked.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn range(&self, subject: &str, from_ms: i64, to_ms: i64) -> Result<Vec<IntervalRow>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            row: IntervalRow,
            heard_ms: Option<i64>,
        }
        let rows: Vec<Row> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT i.subject, i.from_ms, i.to_ms, i.state, i.detail, i.looker, l.seen_ms AS heard_ms
             FROM intervals i LEFT JOIN lookers l ON l.name = i.looker
             WHERE i.subject = $1 AND i.from_ms < $2 AND (i.to_ms IS NULL OR i.to_ms > $3)
             ORDER BY i.from_ms")
            .bind(subject)
            .bind(to_ms)
            .bind(from_ms)
            .fetch_all(pool))?;
        let now = self.0.now_ms();
        let cut = |Row { mut row, heard_ms }: Row| {
            let end = row.to_ms.unwrap_or_else(|| {
                let heard = heard_ms.unwrap_or(row.from_ms);
                if now.saturating_sub(heard) <= SILENCE_MS { now } else { heard }
            });
            row.from_ms = row.from_ms.max(from_ms);
            row.to_ms = Some(end.min(to_ms));
            (Some(row.from_ms) < row.to_ms).then_some(row)
        };
        Ok(rows.into_iter().filter_map(cut).collect())
    }

    /// The newest interval of a subject, as stored.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn latest(&self, subject: &str) -> Result<Option<IntervalRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM intervals WHERE subject = $1 ORDER BY from_ms DESC LIMIT 1"))
            .bind(subject)
            .fetch_optional(pool))
    }

    /// Forgets a subject's history.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn remove(&self, subject: &str) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM intervals WHERE subject = $1").bind(subject).execute(pool))?;
        Ok(())
    }

    /// Forgets what ended longer than [`KEPT_MS`] ago, and lookers of which nothing is left.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune(&self) -> Result<()> {
        let before = self.0.now_ms().saturating_sub(KEPT_MS);
        in_tx!(&self.0.db, tx => {
            sqlx::query("DELETE FROM intervals WHERE to_ms < $1").bind(before).execute(&mut *tx).await?;
            sqlx::query(
                "DELETE FROM lookers WHERE seen_ms < $1 AND NOT EXISTS
                 (SELECT looker FROM intervals WHERE intervals.looker = lookers.name AND to_ms IS NULL)")
                .bind(before)
                .execute(&mut *tx)
                .await?;
        })
    }
}
