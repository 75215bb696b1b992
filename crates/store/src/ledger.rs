//! Pairs of Harbors that are compared: what both were last read to hold alike, what differs, and the lines of their
//! audit logs. Which of it is right the ledger judges; here it is only kept.

mod accepted;
mod acts;
mod drifts;
mod history;
mod readings;
mod search;

use std::collections::HashMap;

use model::ids::{AcceptanceId, ClusterId, NodeId, PairId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use accepted::{AcceptanceRow, NewAcceptance, Recounted};
pub use acts::ActRow;
pub use drifts::{DriftFilter, DriftRow, DriftTotal, NewDrift, Place};
pub use history::{Counts, HistoryRow};
pub use readings::{Known, ProjectRow, Reading, Sums};

use crate::{
    Result, Store, StoreError,
    columns::{Text, from_json, to_json},
    new_id,
};

/// The tables of the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a>(&'a Store);

/// A pair as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct PairRow {
    /// Its id.
    #[sqlx(try_from = "Text<PairId>")]
    pub id: PairId,
    /// Its cluster.
    #[sqlx(try_from = "Text<ClusterId>")]
    pub cluster_id: ClusterId,
    /// The first node; the source where images go one way.
    #[sqlx(try_from = "Text<NodeId>")]
    pub node_a: NodeId,
    /// The second node.
    #[sqlx(try_from = "Text<NodeId>")]
    pub node_b: NodeId,
    /// Where comparing stands, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub state: Value,
    /// Grows with every change of the state.
    pub version: i64,
    /// Grows whenever something of it is accepted or counted again.
    pub accepts: i64,
}

impl PairRow {
    /// The state as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn state_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.state, "pair")
    }
}

/// What comparing one repository came to.
#[derive(Clone, Debug, Default)]
pub struct Compared<'a> {
    /// `project/repository`.
    pub repository: &'a str,
    /// Its base as bytes; `None` where that did not change, empty to forget it.
    pub base: Option<Vec<u8>>,
    /// What reading it came to; `None` where that did not change.
    pub reading: Option<Reading>,
    /// All its differences; `None` where there were none before and are none now.
    pub drifts: Option<Vec<NewDrift>>,
    /// The ids of the acceptances that its differences were judged with, in order. Where others stand by now, nothing
    /// of the repository is kept: it is judged again by the next comparison, since it differs.
    pub accepted: Vec<AcceptanceId>,
    /// Those of them that hold no more.
    pub over: Vec<AcceptanceId>,
}

macro_rules! columns {
    () => {
        "id, cluster_id, node_a, node_b, state, version, accepts"
    };
}

impl Store {
    /// Pairs that are compared.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger(self)
    }
}

impl Ledger<'_> {
    /// The pair of two nodes; made with this state where there is none.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn pair_of<T: Serialize + ?Sized>(
        &self,
        cluster: &ClusterId,
        a: &NodeId,
        b: &NodeId,
        state: &T,
    ) -> Result<PairRow> {
        let (id, state) = (new_id::<PairId>(), to_json(state)?);
        // The update changes nothing: it makes the row that is there come back.
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "INSERT INTO pairs (id, cluster_id, node_a, node_b, state, version) VALUES ($1, $2, $3, $4, $5, 1)
             ON CONFLICT (cluster_id, node_a, node_b) DO UPDATE SET node_a = excluded.node_a RETURNING ", columns!()))
            .bind(id.as_str())
            .bind(cluster.as_str())
            .bind(a.as_str())
            .bind(b.as_str())
            .bind(state.as_str())
            .fetch_one(pool))
    }

    /// One pair.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn pair(&self, id: &PairId) -> Result<PairRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM pairs WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "pair" })
    }

    /// Forgets what both sides of a pair were known to hold alike.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn forget_bases(&self, id: &PairId) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM bases WHERE pair_id = $1").bind(id.as_str()).execute(pool))?;
        Ok(())
    }

    /// All pairs, in a stable order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn pairs(&self) -> Result<Vec<PairRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM pairs ORDER BY id"))
            .fetch_all(pool))
    }

    /// Keeps where comparing stands.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_state<T: Serialize + ?Sized>(&self, id: &PairId, state: &T) -> Result<()> {
        let state = to_json(state)?;
        let done = run_on!(&self.0.db, pool => sqlx::query("UPDATE pairs SET state = $1, version = version + 1 WHERE id = $2")
            .bind(state.as_str())
            .bind(id.as_str())
            .execute(pool))?;
        crate::db::found(done, "pair")
    }

    /// Forgets a pair with its base and its drift.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn remove_pair(&self, id: &PairId) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM pairs WHERE id = $1").bind(id.as_str()).execute(pool))?;
        Ok(())
    }

    /// Keeps what comparing some repositories came to, in one transaction, and gives how many of them have other
    /// differences than before. A difference that stands already keeps the time at which it was found first.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn keep(&self, pair: &PairId, found: &[Compared<'_>]) -> Result<u64> {
        let now_ms = self.0.now_ms();
        in_tx!(&self.0.db, tx => {
            let mut changed = 0;
            for one in found {
                if one.drifts.is_some() {
                    let accepted: Vec<String> = sqlx::query_scalar(
                        "SELECT id FROM acceptances WHERE pair_id = $1 AND repository = $2 ORDER BY id")
                        .bind(pair.as_str())
                        .bind(one.repository)
                        .fetch_all(&mut *tx)
                        .await?;
                    if !accepted.iter().map(String::as_str).eq(one.accepted.iter().map(AcceptanceId::as_str)) {
                        continue;
                    }
                }
                for id in &one.over {
                    sqlx::query("DELETE FROM acceptances WHERE pair_id = $1 AND repository = $2 AND id = $3")
                        .bind(pair.as_str())
                        .bind(one.repository)
                        .bind(id.as_str())
                        .execute(&mut *tx)
                        .await?;
                }
                match one.base.as_deref() {
                    None => {}
                    Some([]) => {
                        sqlx::query("DELETE FROM bases WHERE pair_id = $1 AND repository = $2")
                            .bind(pair.as_str())
                            .bind(one.repository)
                            .execute(&mut *tx)
                            .await?;
                    }
                    Some(body) => {
                        sqlx::query(
                            "INSERT INTO bases (pair_id, repository, body) VALUES ($1, $2, $3)
                             ON CONFLICT (pair_id, repository) DO UPDATE SET body = excluded.body")
                            .bind(pair.as_str())
                            .bind(one.repository)
                            .bind(body)
                            .execute(&mut *tx)
                            .await?;
                    }
                }
                match &one.reading {
                    None => {}
                    Some(reading) if *reading == Reading::default() => {
                        sqlx::query("DELETE FROM readings WHERE pair_id = $1 AND repository = $2")
                            .bind(pair.as_str())
                            .bind(one.repository)
                            .execute(&mut *tx)
                            .await?;
                    }
                    Some(Reading { compared, copied, equal, tags, artifacts, behind_ms }) => {
                        sqlx::query(
                            "INSERT INTO readings (pair_id, repository, compared, equal, tags_a, tags_b, artifacts_a,
                                artifacts_b, behind_a_ms, behind_b_ms, copied)
                             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                             ON CONFLICT (pair_id, repository) DO UPDATE SET compared = excluded.compared,
                                copied = excluded.copied, equal = excluded.equal, tags_a = excluded.tags_a, tags_b = excluded.tags_b,
                                artifacts_a = excluded.artifacts_a, artifacts_b = excluded.artifacts_b,
                                behind_a_ms = excluded.behind_a_ms, behind_b_ms = excluded.behind_b_ms")
                            .bind(pair.as_str())
                            .bind(one.repository)
                            .bind(*compared)
                            .bind(*equal)
                            .bind(tags[0])
                            .bind(tags[1])
                            .bind(artifacts[0])
                            .bind(artifacts[1])
                            .bind(behind_ms[0])
                            .bind(behind_ms[1])
                            .bind(*copied)
                            .execute(&mut *tx)
                            .await?;
                    }
                }
                let Some(drifts) = &one.drifts else { continue };
                let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
                    "SELECT thing, kind, body, found_ms FROM drifts WHERE pair_id = $1 AND repository = $2")
                    .bind(pair.as_str())
                    .bind(one.repository)
                    .fetch_all(&mut *tx)
                    .await?;
                // A repository may differ in many thousands: each is looked up, not looked for.
                let before: HashMap<&str, (&str, &str, i64)> = rows
                    .iter()
                    .map(|(thing, kind, body, ms)| (thing.as_str(), (kind.as_str(), body.as_str(), *ms)))
                    .collect();
                let stands = |drift: &NewDrift| {
                    let body = drift.body.to_string();
                    before.get(drift.thing.as_str()).is_some_and(|(kind, was, _)| {
                        (*kind, *was) == (drift.kind.as_str(), body.as_str())
                    })
                };
                if before.len() == drifts.len() && drifts.iter().all(stands) {
                    continue;
                }
                changed += 1;
                sqlx::query("DELETE FROM drifts WHERE pair_id = $1 AND repository = $2")
                    .bind(pair.as_str())
                    .bind(one.repository)
                    .execute(&mut *tx)
                    .await?;
                for drift in drifts {
                    let known = before.get(drift.thing.as_str());
                    sqlx::query(
                        "INSERT INTO drifts (pair_id, repository, thing, kind, heals, bytes, body, found_ms)
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
                        .bind(pair.as_str())
                        .bind(one.repository)
                        .bind(drift.thing.as_str())
                        .bind(drift.kind.as_str())
                        .bind(drift.heals)
                        .bind(drift.bytes)
                        .bind(drift.body.to_string())
                        .bind(known.map_or(now_ms, |(.., ms)| *ms))
                        .execute(&mut *tx)
                        .await?;
                }
            }
            changed
        })
    }
}
