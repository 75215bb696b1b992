//! What the last reading of each repository came to, and its base.

use std::collections::BTreeMap;

use model::{ids::PairId, names::project_of};

use super::Ledger;
use crate::Result;

/// What the last reading of a repository came to. All zero for one that neither side has any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Tags and untagged artifacts that were compared.
    pub compared: i64,
    /// Those that both sides had, whatever they held under it.
    pub copied: i64,
    /// Those that were alike.
    pub equal: i64,
    /// Tags on each side.
    pub tags: [i64; 2],
    /// Artifacts on each side, the children of indexes included.
    pub artifacts: [i64; 2],
    /// When the oldest was pushed of what each side has not got, UTC milliseconds; `None` where it has everything.
    pub behind_ms: [Option<i64>; 2],
}

impl Reading {
    /// Whether there were differences.
    pub fn differs(&self) -> bool {
        self.compared > self.equal
    }
}

/// The figures of all repositories of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Repositories that one side at least has.
    pub repositories: i64,
    /// What all of them came to; `behind_ms` is the oldest.
    pub all: Reading,
}

/// The figures of all repositories of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its name.
    pub name: String,
    /// Tags and untagged artifacts that were compared.
    pub compared: i64,
    /// Those that both sides had, whatever they held under it.
    pub copied: i64,
    /// Those that were alike.
    pub equal: i64,
}

/// Rows that are read at once.
const AT_ONCE: i64 = 1000;

/// What is known of a repository: what its last reading came to, and its base as bytes.
pub type Known = (Option<Reading>, Option<Vec<u8>>);

#[derive(sqlx::FromRow)]
struct Row {
    compared: i64,
    copied: i64,
    equal: i64,
    tags_a: i64,
    tags_b: i64,
    artifacts_a: i64,
    artifacts_b: i64,
    behind_a_ms: Option<i64>,
    behind_b_ms: Option<i64>,
}

impl From<Row> for Reading {
    fn from(row: Row) -> Self {
        Self {
            compared: row.compared,
            copied: row.copied,
            equal: row.equal,
            tags: [row.tags_a, row.tags_b],
            artifacts: [row.artifacts_a, row.artifacts_b],
            behind_ms: [row.behind_a_ms, row.behind_b_ms],
        }
    }
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    #[sqlx(flatten)]
    reading: Row,
    body: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct SumRow {
    repositories: i64,
    #[sqlx(flatten)]
    all: Row,
}

impl Ledger<'_> {
    /// What is known of one repository.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn known(&self, pair: &PairId, repository: &str) -> Result<Known> {
        let row: Option<KnownRow> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT r.compared, r.copied, r.equal, r.tags_a, r.tags_b, r.artifacts_a, r.artifacts_b, r.behind_a_ms, r.behind_b_ms, b.body
             FROM readings r LEFT JOIN bases b ON b.pair_id = r.pair_id AND b.repository = r.repository
             WHERE r.pair_id = $1 AND r.repository = $2")
            .bind(pair.as_str())
            .bind(repository)
            .fetch_optional(pool))?;
        Ok(row.map(|row| (Some(row.reading.into()), row.body)).unwrap_or_default())
    }

    /// Repositories that were read, with how many artifacts each side had, behind `after`, at most `limit`, in order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn repositories(
        &self,
        pair: &PairId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, [i64; 2])>> {
        let rows: Vec<(String, i64, i64)> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT repository, artifacts_a, artifacts_b FROM readings WHERE pair_id = $1 AND repository > $2
             ORDER BY repository LIMIT $3")
            .bind(pair.as_str())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(pool))?;
        Ok(rows.into_iter().map(|(name, a, b)| (name, [a, b])).collect())
    }

    /// The figures of the projects of a pair, by name.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn projects(&self, pair: &PairId) -> Result<Vec<ProjectRow>> {
        // What lies between two repositories of a project may be another's, where a database sorts by words.
        let mut out: BTreeMap<String, ProjectRow> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let rows: Vec<(String, i64, i64, i64)> = on_db!(&self.0.db, pool => sqlx::query_as(
                "SELECT repository, compared, copied, equal FROM readings WHERE pair_id = $1 AND repository > $2
                 ORDER BY repository LIMIT $3")
                .bind(pair.as_str())
                .bind(after.as_str())
                .bind(AT_ONCE)
                .fetch_all(pool))?;
            let whole = rows.len() as i64 == AT_ONCE;
            for (repository, compared, copied, equal) in rows {
                let name = project_of(&repository);
                let project = out.entry(name.to_owned()).or_default();
                project.compared += compared;
                project.copied += copied;
                project.equal += equal;
                after = repository;
            }
            if !whole {
                return Ok(out.into_iter().map(|(name, row)| ProjectRow { name, ..row }).collect());
            }
        }
    }

    /// Repositories with differences, in order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn drifted(&self, pair: &PairId) -> Result<Vec<String>> {
        on_db!(&self.0.db, pool => sqlx::query_scalar(
            "SELECT repository FROM readings WHERE pair_id = $1 AND compared > equal ORDER BY repository")
            .bind(pair.as_str())
            .fetch_all(pool))
    }

    /// The figures of all repositories of a pair.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn sums(&self, pair: &PairId) -> Result<Sums> {
        let row: SumRow = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT COUNT(*) AS repositories, CAST(COALESCE(SUM(compared), 0) AS BIGINT) AS compared,
                CAST(COALESCE(SUM(copied), 0) AS BIGINT) AS copied,
                CAST(COALESCE(SUM(equal), 0) AS BIGINT) AS equal, CAST(COALESCE(SUM(tags_a), 0) AS BIGINT) AS tags_a,
                CAST(COALESCE(SUM(tags_b), 0) AS BIGINT) AS tags_b,
                CAST(COALESCE(SUM(artifacts_a), 0) AS BIGINT) AS artifacts_a,
                CAST(COALESCE(SUM(artifacts_b), 0) AS BIGINT) AS artifacts_b,
                MIN(behind_a_ms) AS behind_a_ms, MIN(behind_b_ms) AS behind_b_ms
             FROM readings WHERE pair_id = $1")
            .bind(pair.as_str())
            .fetch_one(pool))?;
        Ok(Sums { repositories: row.repositories, all: row.all.into() })
    }
}
