//! Plans, frozen: a plan is never changed, only followed by a newer one.

use model::ids::PlanId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{Text, from_json, to_json},
    new_id,
};

/// The table of plans.
#[derive(Clone, Copy, Debug)]
pub struct Plans<'a>(&'a Store);

/// A plan as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PlanRow {
    /// Its id.
    #[sqlx(try_from = "Text<PlanId>")]
    pub id: PlanId,
    /// The draft or cluster it is for.
    pub scope: String,
    /// The plan as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
    /// Who asked for it: a user's id.
    pub made_by: String,
    /// UTC milliseconds.
    pub made_ms: i64,
}

impl PlanRow {
    /// The plan as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "plan")
    }
}

impl Store {
    /// Frozen plans.
    pub fn plans(&self) -> Plans<'_> {
        Plans(self)
    }
}

impl Plans<'_> {
    /// Freezes a plan.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn insert<T: Serialize + ?Sized>(
        &self,
        scope: &str,
        body: &T,
        made_by: &str,
    ) -> Result<PlanId> {
        let (id, body) = (new_id::<PlanId>(), to_json(body)?);
        run_on!(&self.0.db, pool => sqlx::query("INSERT INTO plans (id, scope, body, made_by, made_ms) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.as_str())
            .bind(scope)
            .bind(body.as_str())
            .bind(made_by)
            .bind(self.0.now_ms())
            .execute(pool))?;
        Ok(id)
    }

    /// One plan.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &PlanId) -> Result<PlanRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as("SELECT id, scope, body, made_by, made_ms FROM plans WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "plan" })
    }

    /// The newest plan of a draft or cluster.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn latest(&self, scope: &str) -> Result<Option<PlanRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT id, scope, body, made_by, made_ms FROM plans WHERE scope = $1 ORDER BY made_ms DESC, id DESC LIMIT 1")
            .bind(scope)
            .fetch_optional(pool))
    }
}
