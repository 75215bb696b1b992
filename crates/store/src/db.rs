//! The two engines, and the macros that let one SQL text run on either.

use std::{future::Future, time::Duration};

use sqlx::{PgPool, SqlitePool};

use crate::{Result, StoreError};

/// Longest that one query or transaction may take. A PostgreSQL whose packets vanish would else hold its caller
/// for as long as the kernel keeps trying.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// An open database.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs one query on whichever engine is open: `run_on!(db, pool => sqlx::query(…).execute(pool))`.
macro_rules! on_db {
    ($db:expr, $pool:ident => $query:expr) => {
        match $db {
            $crate::db::Db::Sqlite($pool) => $crate::db::limited($query).await,
            $crate::db::Db::Postgres($pool) => $crate::db::limited($query).await,
        }
    };
}

/// Runs one statement on whichever engine is open and gives the number of rows it changed.
macro_rules! run_on {
    ($db:expr, $pool:ident => $query:expr) => {
        match $db {
            $crate::db::Db::Sqlite($pool) => {
                $crate::db::limited($query).await.map(|done| done.rows_affected())
            }
            $crate::db::Db::Postgres($pool) => {
                $crate::db::limited($query).await.map(|done| done.rows_affected())
            }
        }
    };
}

/// Runs a block in a transaction that commits when the block ends and rolls back on `?`. SQLite takes its write
/// lock at the beginning: a transaction that reads first and then writes could not wait for it.
macro_rules! in_tx {
    ($db:expr, $tx:ident => $body:block) => {
        match $db {
            $crate::db::Db::Sqlite(pool) => {
                $crate::db::limited_tx(async {
                    let mut $tx = pool.begin_with("BEGIN IMMEDIATE").await?;
                    let out = $body;
                    $tx.commit().await?;
                    Ok(out)
                })
                .await
            }
            $crate::db::Db::Postgres(pool) => {
                $crate::db::limited_tx(async {
                    let mut $tx = pool.begin().await?;
                    let out = $body;
                    $tx.commit().await?;
                    Ok(out)
                })
                .await
            }
        }
    };
}

/// Inside `in_tx!`: the next number of a series. Other transactions that ask for the same series wait until this
/// one ends, so numbers appear to readers in order, and rules that span rows can be checked without races.
macro_rules! next_number {
    ($tx:ident, $series:literal) => {
        sqlx::query_scalar::<_, i64>("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind($series)
            .fetch_one(&mut *$tx)
            .await?
    };
}

pub(crate) async fn limited<T>(query: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    limited_tx(async { Ok(query.await?) }).await
}

pub(crate) async fn limited_tx<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(LIMIT, work).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Unavailable(
            format!("the database gave no answer within {} s", LIMIT.as_secs()).into(),
        )),
    }
}

/// No row changed: there is none of that id.
pub(crate) fn found(rows: u64, what: &'static str) -> Result<()> {
    if rows > 0 { Ok(()) } else { Err(StoreError::NotFound { what }) }
}
