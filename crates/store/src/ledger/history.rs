//! How many differences a pair had over time: a row where that changed, and fewer of them the older they are.

use model::{drift::Kind, ids::PairId};
use serde_json::Value;

use super::Ledger;
use crate::{
    Result, StoreError,
    columns::{Text, from_json, to_json},
};

/// Two rows are at least so long apart, milliseconds, unless both sides come to hold the same or do no more: what changed
/// meanwhile is told by the next comparison.
const APART_MS: i64 = 60_000;
/// From this age on there are at most two rows in a span: the most there were, and what they were at its end. Both in
/// milliseconds.
const THINNED: [(i64, i64); 2] = [(86_400_000, 300_000), (14 * 86_400_000, 3_600_000)];
/// Rows are kept for so long, milliseconds: 90 days.
const KEEP_MS: i64 = 90 * 86_400_000;

/// How many differences there were of each kind; those that were none are left out.
pub type Counts = Vec<(Kind, u64)>;

/// What a pair came to from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// From when, UTC milliseconds.
    pub at_ms: i64,
    /// How many there were; `None` from when it was not compared.
    pub counts: Option<Counts>,
}

#[derive(sqlx::FromRow)]
struct Row {
    at_ms: i64,
    total: Option<i64>,
    #[sqlx(try_from = "Text<Value>")]
    kinds: Value,
}

impl TryFrom<Row> for HistoryRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let counts = row.total.map(|_| from_json(&row.kinds, "history")).transpose()?;
        Ok(Self { at_ms: row.at_ms, counts })
    }
}

impl Ledger<'_> {
    /// Keeps what a comparison came to, where that is something else than before. `unseen_since_ms` is the end of the
    /// comparison before, where that was too long ago to say what was meanwhile.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn note_history(
        &self,
        pair: &PairId,
        counts: &Counts,
        unseen_since_ms: Option<i64>,
    ) -> Result<()> {
        let now_ms = self.0.now_ms();
        let total: u64 = counts.iter().map(|(_, n)| n).sum();
        let (total, kinds) = (i64::try_from(total).unwrap_or(i64::MAX), to_json(counts)?);
        in_tx!(&self.0.db, tx => {
            let last: Option<(i64, Option<i64>, String)> = sqlx::query_as(
                "SELECT at_ms, total, kinds FROM drift_history WHERE pair_id = $1 ORDER BY at_ms DESC LIMIT 1")
                .bind(pair.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            // What that comparison came to was noted a moment after its end.
            let gap_ms = unseen_since_ms.zip(last.as_ref()).map(|(at, (noted_ms, ..))| at.max(noted_ms + 1));
            let stands = last.as_ref().is_some_and(|(at_ms, was, then)| {
                let turns = was.is_none_or(|was| (was == 0) != (total == 0));
                gap_ms.is_none() && ((*was == Some(total) && *then == kinds) || !turns && now_ms - at_ms < APART_MS)
            });
            if !stands {
                for (at_ms, total, kinds) in
                    gap_ms.map(|at| (at, None, "[]")).into_iter().chain([(now_ms, Some(total), kinds.as_str())])
                {
                    sqlx::query(
                        "INSERT INTO drift_history (pair_id, at_ms, total, kinds) VALUES ($1, $2, $3, $4)
                         ON CONFLICT (pair_id, at_ms) DO UPDATE SET total = excluded.total, kinds = excluded.kinds")
                        .bind(pair.as_str())
                        .bind(at_ms)
                        .bind(total)
                        .bind(kinds)
                        .execute(&mut *tx)
                        .await?;
                }
            }
        })
    }

    /// What a pair came to since then, oldest first: the first row is the one that stood at that time.
    ///
    /// # Errors
    /// Those of any read; `store.corrupt`.
    pub async fn history(&self, pair: &PairId, since_ms: i64) -> Result<Vec<HistoryRow>> {
        let rows: Vec<Row> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT at_ms, total, kinds FROM drift_history WHERE pair_id = $1 AND at_ms >= COALESCE(
                (SELECT MAX(at_ms) FROM drift_history WHERE pair_id = $1 AND at_ms <= $2), $2) ORDER BY at_ms")
            .bind(pair.as_str())
            .bind(since_ms)
            .fetch_all(pool))?;
        rows.into_iter().map(HistoryRow::try_from).collect()
    }

    /// Thins the rows by their age, and drops those that are too old. What stood at the end of a span stays, so that
    /// what follows it is not altered.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn thin_history(&self) -> Result<()> {
        let now_ms = self.0.now_ms();
        for (age_ms, span_ms) in THINNED {
            run_on!(&self.0.db, pool => sqlx::query(
                "DELETE FROM drift_history WHERE at_ms < $1
                 AND EXISTS (SELECT 1 FROM drift_history o WHERE o.pair_id = drift_history.pair_id
                    AND o.at_ms > drift_history.at_ms AND o.at_ms < drift_history.at_ms - drift_history.at_ms % $2 + $2)
                 AND EXISTS (SELECT 1 FROM drift_history o WHERE o.pair_id = drift_history.pair_id
                    AND o.at_ms >= drift_history.at_ms - drift_history.at_ms % $2
                    AND o.at_ms < drift_history.at_ms - drift_history.at_ms % $2 + $2
                    AND (COALESCE(o.total, -1) > COALESCE(drift_history.total, -1)
                        OR (COALESCE(o.total, -1) = COALESCE(drift_history.total, -1) AND o.at_ms < drift_history.at_ms)))")
                .bind(now_ms - age_ms)
                .bind(span_ms)
                .execute(pool))?;
        }
        run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM drift_history WHERE at_ms < $1 AND EXISTS (SELECT 1 FROM drift_history o
                WHERE o.pair_id = drift_history.pair_id AND o.at_ms > drift_history.at_ms AND o.at_ms <= $1)")
            .bind(now_ms - KEEP_MS)
            .execute(pool))?;
        Ok(())
    }
}
