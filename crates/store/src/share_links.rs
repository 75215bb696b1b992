//! Links that show a status page. The key is the SHA-256 of a link's secret; the secret itself is nowhere.

use model::{
    Locale,
    ids::{PageId, ShareLinkId},
    page::{LinkName, ShareLink},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Result, Store,
    columns::{MaybeText, Text, name_of},
    db::found,
    new_id,
};

/// The table of share links.
#[derive(Clone, Copy, Debug)]
pub struct ShareLinks<'a>(&'a Store);

/// A link as stored.
#[derive(Clone, Debug)]
pub struct ShareLinkRow {
    /// Hex SHA-256 of its secret.
    pub token_hash: String,
    /// Which page it shows.
    pub page: PageId,
    /// Hash of its password, where it has one.
    pub password_hash: Option<SecretString>,
    /// What its page lists.
    pub link: ShareLink,
}

#[derive(sqlx::FromRow)]
struct Row {
    token_hash: String,
    #[sqlx(try_from = "Text<ShareLinkId>")]
    id: ShareLinkId,
    #[sqlx(try_from = "Text<PageId>")]
    page_id: PageId,
    #[sqlx(try_from = "Text<LinkName>")]
    name: LinkName,
    #[sqlx(try_from = "MaybeText<Locale>")]
    locale: Option<Locale>,
    password_hash: Option<String>,
    created_ms: i64,
    expires_ms: Option<i64>,
    seen_ms: Option<i64>,
    views: i64,
}

impl From<Row> for ShareLinkRow {
    fn from(row: Row) -> Self {
        Self {
            token_hash: row.token_hash,
            page: row.page_id,
            link: ShareLink {
                id: row.id,
                name: row.name,
                has_password: row.password_hash.is_some(),
                locale: row.locale,
                created_ms: row.created_ms,
                expires_ms: row.expires_ms,
                seen_ms: row.seen_ms,
                views: u64::try_from(row.views).unwrap_or(0),
            },
            password_hash: row.password_hash.map(Into::into),
        }
    }
}

/// What is known when a link is made.
#[derive(Clone, Debug)]
pub struct NewShareLink<'a> {
    /// Hex SHA-256 of its secret.
    pub token_hash: &'a str,
    /// Which page it shows.
    pub page: &'a PageId,
    /// Whom it is for.
    pub name: &'a LinkName,
    /// The language of the page behind it.
    pub locale: Option<Locale>,
    /// Hash of its password.
    pub password_hash: Option<&'a SecretString>,
    /// UTC milliseconds.
    pub expires_ms: Option<i64>,
}

macro_rules! columns {
    () => {
        "token_hash, id, page_id, name, locale, password_hash, created_ms, expires_ms, seen_ms, views"
    };
}

impl Store {
    /// Links that show a status page.
    pub fn share_links(&self) -> ShareLinks<'_> {
        ShareLinks(self)
    }
}

impl ShareLinks<'_> {
    /// Makes a link.
    ///
    /// # Errors
    /// `store.not_found` when the page is gone.
    pub async fn insert(&self, new: NewShareLink<'_>) -> Result<ShareLinkRow> {
        let locale = new.locale.as_ref().map(name_of).transpose()?;
        let row: Row = on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "INSERT INTO share_links (token_hash, id, page_id, name, locale, password_hash, created_ms, expires_ms, views)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) RETURNING ", columns!()))
            .bind(new.token_hash)
            .bind(new_id::<ShareLinkId>().as_str())
            .bind(new.page.as_str())
            .bind(new.name.as_str())
            .bind(locale.as_deref())
            .bind(new.password_hash.map(ExposeSecret::expose_secret))
            .bind(self.0.now_ms())
            .bind(new.expires_ms)
            .fetch_one(pool))?;
        Ok(row.into())
    }

    /// All links of all pages, newest first, also those that have expired.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self) -> Result<Vec<ShareLinkRow>> {
        let rows: Vec<Row> = on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM share_links ORDER BY id DESC")).fetch_all(pool))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Notes that a page was looked at by a link so many times more, the last time then. A link that is gone is not
    /// missed.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn seen(&self, id: &ShareLinkId, views: u64, at_ms: i64) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE share_links SET views = views + $1, seen_ms = $2 WHERE id = $3")
            .bind(i64::try_from(views).unwrap_or(i64::MAX))
            .bind(at_ms)
            .bind(id.as_str())
            .execute(pool))?;
        Ok(())
    }

    /// Revokes a link.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &ShareLinkId) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM share_links WHERE id = $1").bind(id.as_str()).execute(pool))?;
        found(done, "share link")
    }
}
