//! A database from a copy.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use futures::TryStreamExt;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::{
    lines::Reader,
    tables::{TABLES, Table},
};
use crate::{Result, Store, StoreError, db::Db, seal::CHECK};

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Rows in all tables.
    pub rows: u64,
}

/// Where rows come from.
enum Source {
    Lines(Reader<BufReader<File>>),
    Sqlite(Box<Copy>),
}

impl Store {
    /// Fills an empty database from a backup of either kind. Everything or nothing: on an error the database is as
    /// empty as before.
    ///
    /// # Errors
    /// `store.restore` when the database is not empty, or the file is no whole backup of this version's tables (an
    /// older SQLite file is brought up to date on the way); `store.key_missing` when the backup's secrets belong to
    /// another key file.
    pub async fn restore(&self, from: &Path) -> Result<Restored> {
        let mut source = Source::open(from, &self.data_dir).await?;
        let mut rows = 0;
        macro_rules! fill {
            ($pool:ident, $begin:literal) => {{
                let mut tx = $pool.begin_with($begin).await?;
                let there: i64 = sqlx::query_scalar(
                    "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM clusters) + (SELECT count(*) FROM drafts)
                     + (SELECT count(*) FROM settings WHERE key <> $1)",
                )
                .bind(CHECK)
                .fetch_one(&mut *tx)
                .await?;
                if there > 0 {
                    return Err(StoreError::Restore("the database is not empty".into()));
                }
                for table in TABLES.iter().rev() {
                    sqlx::query(AssertSqlSafe(format!("DELETE FROM {}", table.name))).execute(&mut *tx).await?;
                }
                while let Some((table, values)) = source.next().await? {
                    if table.name == "settings" && values.first().and_then(Value::as_str) == Some(CHECK) {
                        self.check_sealed_setting(&values)?;
                    }
                    table.bind(sqlx::query(AssertSqlSafe(table.insert())), values)?.execute(&mut *tx).await?;
                    rows += 1;
                }
                tx.commit().await?;
            }};
        }
        match &self.db {
            Db::Sqlite(pool) => fill!(pool, "BEGIN IMMEDIATE"),
            Db::Postgres(pool) => fill!(pool, "BEGIN"),
        }
        // A backup from before the proof was kept gets one now.
        self.check_keys().await?;
        Ok(Restored { rows })
    }

    fn check_sealed_setting(&self, values: &[Value]) -> Result<()> {
        let sealed =
            values.get(1).and_then(Value::as_str).and_then(|text| serde_json::from_str::<String>(text).ok());
        self.verify_check(sealed.unwrap_or_default())
    }
}

impl Source {
    async fn open(from: &Path, data_dir: &Path) -> Result<Self> {
        let file = |e| StoreError::file(from, e);
        let mut magic = [0; 16];
        let mut opened = File::open(from).map_err(file)?;
        let is_sqlite = opened.read_exact(&mut magic).is_ok() && magic.starts_with(b"SQLite format 3");
        if is_sqlite {
            return Ok(Self::Sqlite(Box::new(Copy::open(from, data_dir).await?)));
        }
        Ok(Self::Lines(Reader::new(BufReader::new(File::open(from).map_err(file)?))?))
    }

    async fn next(&mut self) -> Result<Option<(&'static Table, Vec<Value>)>> {
        match self {
            Self::Lines(reader) => reader.next(),
            Self::Sqlite(copy) => copy.next().await,
        }
    }
}

/// A private copy of a SQLite backup, brought up to date; removed when dropped.
struct Copy {
    path: PathBuf,
    pool: SqlitePool,
    tables: std::slice::Iter<'static, Table>,
    page: Option<(&'static Table, i64, std::vec::IntoIter<Vec<Value>>)>,
}

/// Rows read at once.
const PAGE: i64 = 1000;

impl Copy {
    async fn open(from: &Path, data_dir: &Path) -> Result<Self> {
        let path = data_dir.join(format!("restore-{}.db", uuid::Uuid::now_v7()));
        crate::open::make_private_file(&path)?;
        let options = SqliteConnectOptions::new().filename(&path).busy_timeout(Duration::from_secs(1));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
        let copy = Self { path, pool, tables: TABLES.iter(), page: None };
        std::fs::copy(from, &copy.path).map_err(|e| StoreError::file(from, e))?;
        crate::open::migrate(&Db::Sqlite(copy.pool.clone())).await?;
        Ok(copy)
    }

    async fn next(&mut self) -> Result<Option<(&'static Table, Vec<Value>)>> {
        loop {
            let (table, after) = match &mut self.page {
                Some((table, last, rows)) => match rows.next() {
                    Some(row) => return Ok(Some((table, row))),
                    None => (*table, *last),
                },
                None => match self.tables.next() {
                    Some(table) => (table, i64::MIN),
                    None => return Ok(None),
                },
            };
            let sql = format!(
                "SELECT {}, rowid AS place FROM {} WHERE rowid > $1 ORDER BY rowid LIMIT $2",
                table.names(),
                table.name
            );
            let mut stream = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(PAGE).fetch(&self.pool);
            let (mut rows, mut last) = (Vec::new(), after);
            while let Some(row) = stream.try_next().await? {
                last = sqlx::Row::try_get(&row, table.columns.len())?;
                rows.push(table.read(&row)?);
            }
            drop(stream);
            self.page = if rows.is_empty() { None } else { Some((table, last, rows.into_iter())) };
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            let _ = std::fs::remove_file(path);
        }
    }
}
