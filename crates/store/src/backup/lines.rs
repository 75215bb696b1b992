//! A backup as lines of JSON: a head, then per table its name and columns followed by its rows as arrays, then an
//! end with the number of rows, which tells a whole file from a cut one.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use super::tables::{SCHEMA, TABLES, Table};
use crate::{Result, StoreError};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    breakwater: String,
    format: u32,
    schema: i64,
    made_ms: i64,
}

/// Any line after it that is not a row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Mark {
    Table { table: String, columns: Vec<String> },
    End { end: u64 },
}

/// Writes a whole PostgreSQL as one moment shows it.
pub(super) async fn write(pool: &PgPool, path: &Path, made_ms: i64) -> Result<()> {
    let file = |e| StoreError::file(path, e);
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).map_err(file)?);
    let mut put = |value: &dyn erased::Line| -> Result<()> {
        let mut line = value.to_line()?;
        line.push(b'\n');
        out.write_all(&line).map_err(file)
    };
    put(&Head { breakwater: "backup".into(), format: 1, schema: SCHEMA, made_ms })?;
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // A large table may take longer than one query of the console ever does.
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *tx).await?;
    let mut rows = 0;
    for table in TABLES {
        let columns = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        put(&Mark::Table { table: table.name.into(), columns })?;
        let mut stream = sqlx::query(AssertSqlSafe(table.select())).fetch(&mut *tx);
        while let Some(row) = stream.try_next().await? {
            put(&table.read(&row)?)?;
            rows += 1;
        }
    }
    tx.rollback().await?;
    put(&Mark::End { end: rows })?;
    out.flush().map_err(file)
}

/// One closure writes lines of three types.
mod erased {
    use crate::{Result, StoreError};

    pub(super) trait Line {
        fn to_line(&self) -> Result<Vec<u8>>;
    }

    impl<T: serde::Serialize> Line for T {
        fn to_line(&self) -> Result<Vec<u8>> {
            serde_json::to_vec(self).map_err(|e| StoreError::Internal(Box::new(e)))
        }
    }
}

/// Reads a file row by row.
pub(super) struct Reader<R> {
    lines: std::io::Lines<R>,
    table: Option<&'static Table>,
    rows: u64,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// Checks the head.
    pub(super) fn new(from: R) -> Result<Self> {
        let mut lines = from.lines();
        let first = lines.next().transpose().ok().flatten().unwrap_or_default();
        let head: Head = serde_json::from_str(&first).map_err(|_| {
            StoreError::Restore("the file is neither a SQLite database nor a Breakwater backup".into())
        })?;
        if head.breakwater != "backup" || head.format != 1 {
            return Err(StoreError::Restore(
                "the file is a backup in a format this version does not know".into(),
            ));
        }
        if head.schema != SCHEMA {
            let found = head.schema;
            return Err(StoreError::Restore(format!(
                "the backup has schema {found}, this version has {SCHEMA}: restore it with the version that wrote it"
            )));
        }
        Ok(Self { lines, table: None, rows: 0, ended: false })
    }

    /// The next row with its table; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(&'static Table, Vec<Value>)>> {
        let damaged = |why: &str| StoreError::Restore(format!("the backup is damaged: {why}"));
        for line in self.lines.by_ref() {
            let line = line.map_err(|e| damaged(&e.to_string()))?;
            if line.starts_with('[') {
                let table = self.table.ok_or_else(|| damaged("a row before its table"))?;
                self.rows += 1;
                return Ok(Some((table, serde_json::from_str(&line).map_err(|_| damaged("a cut row"))?)));
            }
            match serde_json::from_str(&line).map_err(|_| damaged("a line that is no JSON"))? {
                Mark::Table { table: name, columns } => {
                    let table =
                        TABLES.iter().find(|t| t.name == name).ok_or_else(|| damaged("an unknown table"))?;
                    if !table.columns.iter().map(|(name, _)| *name).eq(columns.iter().map(String::as_str)) {
                        return Err(damaged("a table with other columns"));
                    }
                    self.table = Some(table);
                }
                Mark::End { end } if end == self.rows => self.ended = true,
                Mark::End { .. } => return Err(damaged("rows are missing")),
            }
        }
        if self.ended { Ok(None) } else { Err(damaged("it has no end")) }
    }
}
