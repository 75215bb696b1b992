//! Status pages as their settings, which this crate does not look into.

use model::ids::PageId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{Text, from_json, to_json},
    db::found,
    new_id,
};

/// The table of status pages.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a>(&'a Store);

/// A page as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PageRow {
    /// Its id.
    #[sqlx(try_from = "Text<PageId>")]
    pub id: PageId,
    /// What was set, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
    /// Grows by one with each change.
    pub version: i64,
    /// UTC milliseconds.
    pub changed_ms: i64,
}

impl PageRow {
    /// What was set, as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "status page")
    }
}

macro_rules! columns {
    () => {
        "id, body, version, changed_ms"
    };
}

impl Store {
    /// Status pages.
    pub fn pages(&self) -> Pages<'_> {
        Pages(self)
    }
}

impl Pages<'_> {
    /// Makes a page at version 1.
    ///
    /// # Errors
    /// `store.conflict` where another page has that slug.
    pub async fn insert<T: Serialize + ?Sized>(&self, slug: &str, body: &T) -> Result<PageRow> {
        let (id, body, now) = (new_id::<PageId>(), to_json(body)?, self.0.now_ms());
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "INSERT INTO status_pages (id, slug, body, version, created_ms, changed_ms)
             VALUES ($1, $2, $3, 1, $4, $4) RETURNING ", columns!()))
            .bind(id.as_str())
            .bind(slug)
            .bind(body.as_str())
            .bind(now)
            .fetch_one(pool))
    }

    /// One page.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &PageId) -> Result<PageRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM status_pages WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "status page" })
    }

    /// All pages, by slug.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self) -> Result<Vec<PageRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM status_pages ORDER BY slug")).fetch_all(pool))
    }

    /// Changes a page over the version that the caller has seen; returns it as it is then.
    ///
    /// # Errors
    /// `store.conflict` when it was changed elsewhere since, or another page has that slug; `store.not_found`.
    pub async fn save<T: Serialize + ?Sized>(
        &self,
        id: &PageId,
        seen_version: i64,
        slug: &str,
        body: &T,
    ) -> Result<PageRow> {
        let body = to_json(body)?;
        let row: Option<PageRow> = on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "UPDATE status_pages SET slug = $1, body = $2, changed_ms = $3, version = version + 1
             WHERE id = $4 AND version = $5 RETURNING ", columns!()))
            .bind(slug)
            .bind(body.as_str())
            .bind(self.0.now_ms())
            .bind(id.as_str())
            .bind(seen_version)
            .fetch_optional(pool))?;
        match row {
            Some(row) => Ok(row),
            None => self.get(id).await.and(Err(StoreError::Conflict { what: "status page" })),
        }
    }

    /// Removes a page and its links.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &PageId) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM status_pages WHERE id = $1").bind(id.as_str()).execute(pool))?;
        found(done, "status page")
    }
}
