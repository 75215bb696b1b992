//! The wizard's drafts: what was typed, and nothing secret (see [`crate::credentials`] for those).

use model::ids::DraftId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{Text, from_json, to_json},
    credentials::draft_owner,
    db::found,
    new_id,
};

/// The table of drafts.
#[derive(Clone, Copy, Debug)]
pub struct Drafts<'a>(&'a Store);

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct DraftRow {
    /// Its id.
    #[sqlx(try_from = "Text<DraftId>")]
    pub id: DraftId,
    /// Who types: a user's id.
    pub owner: String,
    /// What was typed, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
    /// Grows by one with each save.
    pub version: i64,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// Last save, UTC milliseconds.
    pub changed_ms: i64,
}

impl DraftRow {
    /// The body as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "draft")
    }
}

macro_rules! columns {
    () => {
        "id, owner, body, version, created_ms, changed_ms"
    };
}

impl Store {
    /// The wizard's drafts.
    pub fn drafts(&self) -> Drafts<'_> {
        Drafts(self)
    }
}

impl Drafts<'_> {
    /// Begins a draft at version 1.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn insert<T: Serialize + ?Sized>(&self, owner: &str, body: &T) -> Result<DraftRow> {
        let (id, body, now) = (new_id::<DraftId>(), to_json(body)?, self.0.now_ms());
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "INSERT INTO drafts (id, owner, body, version, created_ms, changed_ms) VALUES ($1, $2, $3, 1, $4, $4) RETURNING ", columns!()))
            .bind(id.as_str())
            .bind(owner)
            .bind(body.as_str())
            .bind(now)
            .fetch_one(pool))
    }

    /// One draft.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &DraftId) -> Result<DraftRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM drafts WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "draft" })
    }

    /// All drafts, last saved first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self) -> Result<Vec<DraftRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM drafts ORDER BY changed_ms DESC, id DESC"))
            .fetch_all(pool))
    }

    /// Saves over the version that the caller has seen; returns the new version.
    ///
    /// # Errors
    /// `store.conflict` when it was saved elsewhere since (nothing is lost: the caller still has what was typed),
    /// `store.not_found`.
    pub async fn save<T: Serialize + ?Sized>(
        &self,
        id: &DraftId,
        seen_version: i64,
        body: &T,
    ) -> Result<i64> {
        let body = to_json(body)?;
        let version: Option<i64> = on_db!(&self.0.db, pool => sqlx::query_scalar(
            "UPDATE drafts SET body = $1, changed_ms = $2, version = version + 1 WHERE id = $3 AND version = $4 RETURNING version")
            .bind(body.as_str())
            .bind(self.0.now_ms())
            .bind(id.as_str())
            .bind(seen_version)
            .fetch_optional(pool))?;
        match version {
            Some(version) => Ok(version),
            None => self.get(id).await.and(Err(StoreError::Conflict { what: "draft" })),
        }
    }

    /// Discards a draft with its secrets and findings.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &DraftId) -> Result<()> {
        let prefix = draft_owner(id, "");
        let done = in_tx!(&self.0.db, tx => {
            sqlx::query("DELETE FROM credentials WHERE substr(owner, 1, 37) = $1").bind(prefix.as_str()).execute(&mut *tx).await?;
            sqlx::query("DELETE FROM findings WHERE scope = $1").bind(id.as_str()).execute(&mut *tx).await?;
            sqlx::query("DELETE FROM drafts WHERE id = $1").bind(id.as_str()).execute(&mut *tx).await?.rows_affected()
        })?;
        found(done, "draft")
    }
}
