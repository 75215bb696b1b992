//! Findings of drafts and clusters: the last answer to each question, and why somebody accepted a warning.

use model::{
    finding::{FindingState, Waiver},
    ids::FindingKey,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{MaybeText, Text, from_json, name_of, to_json},
    db::found,
};

/// The table of findings.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a>(&'a Store);

/// A finding as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingRow {
    /// Which question about what.
    pub key: FindingKey,
    /// The answer.
    pub state: FindingState,
    /// Everything measured, as JSON.
    pub facts: Value,
    /// When, UTC milliseconds.
    pub measured_ms: i64,
    /// Why somebody accepted it; survives a new answer.
    pub waiver: Option<Waiver>,
}

impl FindingRow {
    /// The facts as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when they are none.
    pub fn facts_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.facts, "finding")
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    finding: String,
    subject: String,
    #[sqlx(try_from = "Text<FindingState>")]
    state: FindingState,
    #[sqlx(try_from = "Text<Value>")]
    facts: Value,
    measured_ms: i64,
    #[sqlx(try_from = "MaybeText<Value>")]
    waiver: Option<Value>,
}

impl TryFrom<Row> for FindingRow {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            key: FindingKey::new(&row.finding, &row.subject)
                .ok_or_else(|| StoreError::Corrupt { what: "a finding without a proper id".into() })?,
            state: row.state,
            facts: row.facts,
            measured_ms: row.measured_ms,
            waiver: row.waiver.map(|w| from_json(&w, "waiver")).transpose()?,
        })
    }
}

impl Store {
    /// Findings of drafts and clusters.
    pub fn findings(&self) -> Findings<'_> {
        Findings(self)
    }
}

impl Findings<'_> {
    /// Keeps an answer; a waiver given before stays. The scope is the id of a draft or of a cluster.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn put<T: Serialize + ?Sized>(
        &self,
        scope: &str,
        key: &FindingKey,
        state: FindingState,
        facts: &T,
        measured_ms: i64,
    ) -> Result<()> {
        let (state, facts) = (name_of(&state)?, to_json(facts)?);
        run_on!(&self.0.db, pool => sqlx::query(
            "INSERT INTO findings (scope, finding, subject, state, facts, measured_ms) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (scope, finding, subject) DO UPDATE
             SET state = excluded.state, facts = excluded.facts, measured_ms = excluded.measured_ms")
            .bind(scope)
            .bind(key.finding())
            .bind(key.subject())
            .bind(state.as_str())
            .bind(facts.as_str())
            .bind(measured_ms)
            .execute(pool))?;
        Ok(())
    }

    /// All findings of a draft or cluster, in a stable order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self, scope: &str) -> Result<Vec<FindingRow>> {
        let rows: Vec<Row> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT finding, subject, state, facts, measured_ms, waiver FROM findings WHERE scope = $1")
            .bind(scope)
            .fetch_all(pool))?;
        let mut rows: Vec<FindingRow> = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(rows)
    }

    /// Accepts a finding with a reason, or takes that back.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_waiver(&self, scope: &str, key: &FindingKey, waiver: Option<&Waiver>) -> Result<()> {
        let waiver = waiver.map(to_json).transpose()?;
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE findings SET waiver = $1 WHERE scope = $2 AND finding = $3 AND subject = $4")
            .bind(waiver.as_deref())
            .bind(scope)
            .bind(key.finding())
            .bind(key.subject())
            .execute(pool))?;
        found(done, "finding")
    }

    /// Forgets one finding; it is no error when it is gone already.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn remove(&self, scope: &str, key: &FindingKey) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM findings WHERE scope = $1 AND finding = $2 AND subject = $3")
            .bind(scope)
            .bind(key.finding())
            .bind(key.subject())
            .execute(pool))?;
        Ok(())
    }

    /// Forgets all findings of a draft or cluster, waivers too.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn clear(&self, scope: &str) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM findings WHERE scope = $1").bind(scope).execute(pool))?;
        Ok(())
    }

    /// Gives the findings of a draft to the cluster that came of it.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn move_to(&self, from_scope: &str, to_scope: &str) -> Result<()> {
        in_tx!(&self.0.db, tx => {
            sqlx::query("DELETE FROM findings WHERE scope = $1").bind(to_scope).execute(&mut *tx).await?;
            sqlx::query("UPDATE findings SET scope = $1 WHERE scope = $2").bind(to_scope).bind(from_scope).execute(&mut *tx).await?;
        })
    }
}
