//! Opening a database: connect, migrate, prove that its secrets can be unsealed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret;
use sqlx::{
    Connection, Executor,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Clock, DatabaseUrl, KeyRing, Result, StoreError, db::Db, events::Newest};

/// How long a writer of SQLite waits for another one.
const BUSY: Duration = Duration::from_secs(5);
/// How long a query waits for a connection, which includes making a new one.
const ACQUIRE: Duration = Duration::from_secs(5);
/// The key under which [`Store::ping`] writes for a moment, and how much.
const PING: &str = "ping";
const PING_BYTES: usize = 12_000;
/// Connections to SQLite: one writes at a time, the others read meanwhile. Each costs a thread.
const SQLITE_CONNECTIONS: u32 = 4;
/// Connections to PostgreSQL per replica.
const POSTGRES_CONNECTIONS: u32 = 10;

/// An open database. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) ring: KeyRing,
    pub(crate) clock: Clock,
    pub(crate) data_dir: Arc<Path>,
    pub(crate) newest: Newest,
}

/// What tests may set differently.
#[derive(Clone, Debug)]
pub(crate) struct Tuning {
    pub(crate) clock: Clock,
    pub(crate) busy: Duration,
    pub(crate) acquire: Duration,
    /// SQLite's own size limit in pages.
    pub(crate) max_pages: Option<u32>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { clock: Clock::System, busy: BUSY, acquire: ACQUIRE, max_pages: None }
    }
}

impl Store {
    /// Opens the database, makes it where there is none, and brings its tables up to date. A relative SQLite path
    /// is taken from `data_dir`, which is made where it is missing.
    ///
    /// # Errors
    /// `store.unavailable`, `store.denied`, `store.locked`, `store.corrupt`; `store.newer` for a database of a
    /// newer Breakwater; `store.key_missing` when its secrets were sealed with a key that `ring` has not got.
    pub async fn open(url: &DatabaseUrl, data_dir: &Path, ring: KeyRing) -> Result<Self> {
        Self::open_tuned(url, data_dir, ring, Tuning::default()).await
    }

    pub(crate) async fn open_tuned(
        url: &DatabaseUrl,
        data_dir: &Path,
        ring: KeyRing,
        tuning: Tuning,
    ) -> Result<Self> {
        make_private_dir(data_dir)?;
        let db = match url {
            DatabaseUrl::Postgres(secret) => {
                let options: PgConnectOptions = secret.expose_secret().parse()?;
                Db::Postgres(postgres(options, &tuning))
            }
            DatabaseUrl::Embedded | DatabaseUrl::Sqlite(_) => {
                let path = url.sqlite_path(data_dir).unwrap_or_default();
                make_private_file(&path)?;
                Db::Sqlite(sqlite(&path, &tuning))
            }
        };
        migrate(&db).await?;
        let newest = Newest::new(matches!(db, Db::Postgres(_)));
        let store = Self { db, ring, clock: tuning.clock, data_dir: data_dir.into(), newest };
        store.check_keys().await?;
        Ok(store)
    }

    /// UTC milliseconds by this store's clock.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The clock that rows are stamped with.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The folder for files beside the database.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Whether several replicas can share this database.
    pub fn is_shared(&self) -> bool {
        matches!(self.db, Db::Postgres(_))
    }

    /// Asks the database whether it keeps what it is given, for `/readyz`: a database that is locked or full still
    /// reads. What is written is gone with the same transaction, but it has been on the disk.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn ping(&self) -> Result<()> {
        in_tx!(&self.db, tx => {
            sqlx::query(
                "INSERT INTO settings (key, value, changed_ms) VALUES ($1, $2, $3)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_ms = excluded.changed_ms")
                .bind(PING)
                // Longer than a page of SQLite, so that it needs room and not only the row of the last time.
                .bind(format!("{:?}", ".".repeat(PING_BYTES)))
                .bind(self.now_ms())
                .execute(&mut *tx)
                .await?;
            sqlx::query("DELETE FROM settings WHERE key = $1").bind(PING).execute(&mut *tx).await?;
        })
    }

    /// The time by the clock that all users of this database share: PostgreSQL's own, else ours. Leases are
    /// measured by it, so that replicas whose clocks differ agree. This is the one place where the engines are
    /// asked differently.
    pub(crate) async fn database_ms(&self) -> Result<i64> {
        match (&self.db, &self.clock) {
            (Db::Postgres(pool), Clock::System) => {
                crate::db::limited(
                    sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
                        .fetch_one(pool),
                )
                .await
            }
            _ => Ok(self.now_ms()),
        }
    }

    /// Closes all connections after their present query. SQLite's write-ahead log is folded into its file.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(pool) => pool.close().await,
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

fn sqlite(path: &Path, tuning: &Tuning) -> sqlx::SqlitePool {
    let mut options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged is on the disk: a step's state must be there before the step begins.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(tuning.busy)
        .foreign_keys(true);
    if let Some(pages) = tuning.max_pages {
        options = options.pragma("max_page_count", pages.to_string());
    }
    SqlitePoolOptions::new()
        .max_connections(SQLITE_CONNECTIONS)
        .acquire_timeout(tuning.acquire)
        // A local file needs no sign of life.
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move {
                // SQLite ends a transaction by itself when the disk is full or cannot be read; sqlx then believes it
                // open for ever and refuses the next one. A rollback that is merely still to be done ends here.
                if connection.is_in_transaction() {
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .idle_timeout(Duration::from_secs(60))
        .max_lifetime(None)
        .connect_lazy_with(options)
}

fn postgres(options: PgConnectOptions, tuning: &Tuning) -> sqlx::PgPool {
    PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(tuning.acquire)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // Set here and not as start-up parameters, which poolers in between refuse.
                connection
                    .execute("SET statement_timeout = '20s'; SET idle_in_transaction_session_timeout = '60s'")
                    .await?;
                Ok(())
            })
        })
        .connect_lazy_with(options.application_name("breakwater"))
}

/// The migrations of each engine, equal in number.
pub(crate) async fn migrate(db: &Db) -> Result<()> {
    match db {
        Db::Sqlite(pool) => sqlx::migrate!("migrations/sqlite").run(pool).await?,
        Db::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await?,
    }
    Ok(())
}

/// Makes a folder that only its owner can enter, if there is none.
pub(crate) fn make_private_dir(dir: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| StoreError::file(dir, e))
}

/// Makes an empty file that only its owner can read, if there is none.
pub(crate) fn make_private_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(dir) = path.parent().filter(|d| *d != Path::new("")) {
        make_private_dir(dir)?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(StoreError::file(PathBuf::from(path), e)),
    }
}
