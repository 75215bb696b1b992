//! For tests: the same test on SQLite and on PostgreSQL, and databases with a bad day.
//!
//! `BREAKWATER_TEST_POSTGRES` is the URL of a PostgreSQL that tests may make schemas in. Without it only SQLite is
//! tested, except in CI, where that is a failure.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

use std::{panic::AssertUnwindSafe, path::Path, time::Duration};

use futures::FutureExt;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{Clock, DatabaseUrl, KeyRing, Result, Store, db::Db, open::Tuning};

/// The variable with the URL of a PostgreSQL for tests.
pub const POSTGRES: &str = "BREAKWATER_TEST_POSTGRES";
/// What a test's clock shows at first.
pub const START_MS: i64 = 1_800_000_000_000;

/// A fresh database of one engine, gone after the test.
#[derive(Debug)]
pub struct TestDb {
    /// Open, with a clock that stands at [`START_MS`] until it is advanced.
    pub store: Store,
    /// Where it is.
    pub url: DatabaseUrl,
    /// Its data folder.
    pub dir: tempfile::TempDir,
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
}

impl TestDb {
    /// Moves the clock on.
    pub fn advance(&self, ms: i64) {
        self.store.clock.advance(ms);
    }

    /// Opens the same database once more, as another process would, with the same clock.
    pub async fn reopen(&self) -> Store {
        self.open_with(self.store.clock.clone()).await.unwrap()
    }

    /// Opens the same database once more with another clock.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_with(&self, clock: Clock) -> Result<Store> {
        open(&self.url, self.dir.path(), Tuning { clock, ..short() }).await
    }
}

/// Runs a test on a fresh SQLite and, where there is one, on a fresh schema of PostgreSQL.
///
/// # Panics
/// When the test does, or when CI has no PostgreSQL.
#[expect(clippy::print_stderr, reason = "a skipped or failed engine must be named in the test's output")]
pub async fn for_each_db(test: impl AsyncFn(TestDb)) {
    let postgres = std::env::var(POSTGRES).ok().filter(|url| !url.is_empty());
    if postgres.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{POSTGRES} must be set in CI");
        eprintln!("PostgreSQL skipped: {POSTGRES} is not set");
    }
    for base in [None, postgres] {
        let dir = tempfile::tempdir().unwrap();
        let (url, schema) = match &base {
            None => (DatabaseUrl::Embedded, String::new()),
            Some(base) => fresh_schema(base).await,
        };
        let engine = if base.is_some() { "postgres" } else { "sqlite" };
        let tuning = Tuning { clock: Clock::manual(START_MS), ..short() };
        let store = open(&url, dir.path(), tuning).await.unwrap();
        let kept = store.clone();
        let outcome = AssertUnwindSafe(test(TestDb { store, url, dir, engine })).catch_unwind().await;
        kept.close().await;
        if let Some(base) = &base {
            drop_schema(base, &schema).await;
        }
        if let Err(panic) = outcome {
            eprintln!("the test failed on {engine}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// A SQLite that is full soon: it may have `pages` pages of 4 KiB, of which about 60 are in use from the start.
///
/// # Errors
/// Those of [`Store::open`].
pub async fn open_small(dir: &Path, pages: u32) -> Result<Store> {
    open(&DatabaseUrl::Embedded, dir, Tuning { max_pages: Some(pages), ..short() }).await
}

/// Opens a database with short waits, so that a test of a bad day is over soon.
///
/// # Errors
/// Those of [`Store::open`].
pub async fn open_impatient(url: &DatabaseUrl, dir: &Path) -> Result<Store> {
    open(
        url,
        dir,
        Tuning { busy: Duration::from_millis(100), acquire: Duration::from_secs(2), ..Tuning::default() },
    )
    .await
}

/// Somebody else's transaction that writes: nobody can write to that SQLite until this is dropped.
#[derive(Debug)]
pub struct WriteLock {
    _held: sqlx::Transaction<'static, sqlx::Sqlite>,
}

/// Takes the write lock of a SQLite, as another process would; `None` on PostgreSQL, which has none.
///
/// # Errors
/// When somebody has it already.
pub async fn hold_writes(store: &Store) -> Result<Option<WriteLock>> {
    match &store.db {
        Db::Sqlite(pool) => Ok(Some(WriteLock { _held: pool.begin_with("BEGIN IMMEDIATE").await? })),
        Db::Postgres(_) => Ok(None),
    }
}

async fn open(url: &DatabaseUrl, dir: &Path, tuning: Tuning) -> Result<Store> {
    Store::open_tuned(url, dir, KeyRing::open(dir)?, tuning).await
}

fn short() -> Tuning {
    // Several tests at once share few cores: waits are longer than in life, not shorter.
    Tuning { acquire: Duration::from_secs(20), ..Tuning::default() }
}

async fn fresh_schema(base: &str) -> (DatabaseUrl, String) {
    let schema = format!("bw_{}", uuid::Uuid::now_v7().simple());
    run(base, format!("CREATE SCHEMA {schema}")).await;
    let mut url = url::Url::parse(base).unwrap();
    url.query_pairs_mut().append_pair("options", &format!("-c search_path={schema}"));
    let url: DatabaseUrl = url.as_str().parse().unwrap();
    debug_assert!(matches!(&url, DatabaseUrl::Postgres(u) if u.expose_secret().contains(&schema)));
    (url, schema)
}

async fn drop_schema(base: &str, schema: &str) {
    run(base, format!("DROP SCHEMA {schema} CASCADE")).await;
}

async fn run(base: &str, sql: String) {
    let mut connection = PgConnection::connect(base).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}
