//! Differences: pages, totals.

use model::{drift::Kind, ids::PairId};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Ledger;
use crate::{
    Result,
    columns::{Text, from_json},
};

/// A difference to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDrift {
    /// A tag, or `@` and a digest.
    pub thing: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it can be healed without asking.
    pub heals: bool,
    /// Bytes that healing it would copy; shared layers are counted for each.
    pub bytes: i64,
    /// Everything else, as JSON.
    pub body: Value,
}

/// A difference as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DriftRow {
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
    /// What it is.
    #[sqlx(try_from = "Text<Kind>")]
    pub kind: Kind,
    /// Whether it can be healed without asking.
    pub heals: bool,
    /// Bytes that healing it would copy.
    pub bytes: i64,
    /// Everything else, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
    /// When it was found first, UTC milliseconds.
    pub found_ms: i64,
}

impl DriftRow {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "difference")
    }
}

/// Where a page of differences ends: the next one begins behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
}

/// Which differences; `None` and empty mean any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftFilter {
    /// Of this kind; where there is none, of all that count.
    pub kind: Option<Kind>,
    /// Accepted ones too, where there is no kind.
    pub accepted: bool,
    /// What is searched for, as in [`model::drift::DriftQuery`].
    pub text: String,
}

/// How many there are of a kind.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DriftTotal {
    /// Which.
    #[sqlx(try_from = "Text<Kind>")]
    pub kind: Kind,
    /// Whether they can be healed without asking.
    pub heals: bool,
    /// How many.
    pub count: i64,
    /// Bytes that healing them would copy.
    pub bytes: i64,
    /// When the oldest of them was found, UTC milliseconds.
    pub oldest_ms: i64,
}

macro_rules! page {
    ($kind:literal) => {
        concat!(
            "SELECT repository, thing, kind, heals, bytes, body, found_ms FROM drifts
             WHERE pair_id = $1 AND (repository, thing) > ($2, $3) AND ",
            $kind,
            " ORDER BY repository, thing LIMIT $5"
        )
    };
}

impl Ledger<'_> {
    /// A page of differences behind `after`, by repository and thing.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn drifts(
        &self,
        pair: &PairId,
        filter: &DriftFilter,
        after: &Place,
        limit: u32,
    ) -> Result<Vec<DriftRow>> {
        if let Some(rows) = self.found(pair, filter, after, limit).await? {
            return Ok(rows);
        }
        // Three texts: behind an OR no engine sees that the index by kind fits.
        let sql = match (filter.kind, filter.accepted) {
            (Some(_), _) => page!("kind = $4"),
            (None, false) => page!("$4 = '' AND kind <> 'accepted'"),
            (None, true) => page!("$4 = ''"),
        };
        on_db!(&self.0.db, pool => sqlx::query_as(sql)
            .bind(pair.as_str())
            .bind(after.repository.as_str())
            .bind(after.thing.as_str())
            .bind(filter.kind.map_or("", Kind::as_str))
            .bind(i64::from(limit))
            .fetch_all(pool))
    }

    /// One difference; `None` where it is none by now.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn drift(&self, pair: &PairId, at: &Place) -> Result<Option<DriftRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT repository, thing, kind, heals, bytes, body, found_ms FROM drifts
             WHERE pair_id = $1 AND repository = $2 AND thing = $3")
            .bind(pair.as_str())
            .bind(at.repository.as_str())
            .bind(at.thing.as_str())
            .fetch_optional(pool))
    }

    /// How many differences a pair has, by kind.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn drift_totals(&self, pair: &PairId) -> Result<Vec<DriftTotal>> {
        let mut totals: Vec<DriftTotal> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT kind, heals, COUNT(*) AS count, CAST(SUM(bytes) AS BIGINT) AS bytes, MIN(found_ms) AS oldest_ms FROM drifts WHERE pair_id = $1 GROUP BY kind, heals")
            .bind(pair.as_str())
            .fetch_all(pool))?;
        totals.sort_by_key(|t| (t.kind, t.heals));
        Ok(totals)
    }
}
