//! Clusters: name, topology and spec, with a version so that two people cannot overwrite each other unseen.

use model::{Topology, ids::ClusterId, names::ClusterName};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{Text, from_json, to_json},
    db::found,
    new_id,
};

/// The table of clusters.
#[derive(Clone, Copy, Debug)]
pub struct Clusters<'a>(&'a Store);

/// A cluster as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ClusterRow {
    /// Its id.
    #[sqlx(try_from = "Text<ClusterId>")]
    pub id: ClusterId,
    /// Its name; names that differ only in case are the same.
    #[sqlx(try_from = "Text<ClusterName>")]
    pub name: ClusterName,
    /// Its topology.
    #[sqlx(try_from = "Text<Topology>")]
    pub topology: Topology,
    /// The whole spec as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub spec: Value,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// Last change, UTC milliseconds.
    pub changed_ms: i64,
    /// Grows by one with each change.
    pub version: i64,
}

impl ClusterRow {
    /// The spec as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn spec_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.spec, "cluster spec")
    }
}

macro_rules! columns {
    () => {
        "id, name, topology, spec, created_ms, changed_ms, version"
    };
}

impl Store {
    /// Clusters.
    pub fn clusters(&self) -> Clusters<'_> {
        Clusters(self)
    }
}

impl Clusters<'_> {
    /// Makes a cluster at version 1.
    ///
    /// # Errors
    /// `store.conflict` when the name is taken.
    pub async fn insert<T: Serialize + ?Sized>(
        &self,
        name: &ClusterName,
        topology: Topology,
        spec: &T,
    ) -> Result<ClusterRow> {
        let (id, spec, now) = (new_id::<ClusterId>(), to_json(spec)?, self.0.now_ms());
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "INSERT INTO clusters (id, name, name_key, topology, spec, created_ms, changed_ms, version)
             VALUES ($1, $2, $3, $4, $5, $6, $6, 1) RETURNING ", columns!()))
            .bind(id.as_str())
            .bind(name.as_str())
            .bind(name.as_str().to_lowercase())
            .bind(topology.as_str())
            .bind(spec.as_str())
            .bind(now)
            .fetch_one(pool))
        .map_err(|e| e.or_taken("cluster name"))
    }

    /// One cluster.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &ClusterId) -> Result<ClusterRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM clusters WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "cluster" })
    }

    /// The cluster of that name, in whatever case it is written.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn find(&self, name: &ClusterName) -> Result<Option<ClusterRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM clusters WHERE name_key = $1"))
            .bind(name.as_str().to_lowercase())
            .fetch_optional(pool))
    }

    /// All clusters, by name.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self) -> Result<Vec<ClusterRow>> {
        let mut rows: Vec<ClusterRow> = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM clusters"))
            .fetch_all(pool))?;
        rows.sort_by_cached_key(|c| c.name.as_str().to_lowercase());
        Ok(rows)
    }

    /// Changes name and spec of the version that the caller has seen; returns the new version.
    ///
    /// # Errors
    /// `store.conflict` when it has been changed since, or the name is taken; `store.not_found`.
    pub async fn update<T: Serialize + ?Sized>(
        &self,
        id: &ClusterId,
        seen_version: i64,
        name: &ClusterName,
        spec: &T,
    ) -> Result<i64> {
        let spec = to_json(spec)?;
        let version: Option<i64> = on_db!(&self.0.db, pool => sqlx::query_scalar(
            "UPDATE clusters SET name = $1, name_key = $2, spec = $3, changed_ms = $4, version = version + 1
             WHERE id = $5 AND version = $6 RETURNING version")
            .bind(name.as_str())
            .bind(name.as_str().to_lowercase())
            .bind(spec.as_str())
            .bind(self.0.now_ms())
            .bind(id.as_str())
            .bind(seen_version)
            .fetch_optional(pool))
        .map_err(|e| e.or_taken("cluster name"))?;
        match version {
            Some(version) => Ok(version),
            // Tells "changed since" from "gone".
            None => self.get(id).await.and(Err(StoreError::Conflict { what: "cluster" })),
        }
    }

    /// Removes a cluster with its nodes, their credentials, and its findings. Runs, plans and activity stay.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &ClusterId) -> Result<()> {
        let done = in_tx!(&self.0.db, tx => {
            sqlx::query(
                "DELETE FROM credentials WHERE owner IN (SELECT id FROM nodes WHERE cluster_id = $1)
                 OR id IN (SELECT credential_id FROM nodes WHERE cluster_id = $1)")
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
            sqlx::query("DELETE FROM findings WHERE scope = $1").bind(id.as_str()).execute(&mut *tx).await?;
            sqlx::query("DELETE FROM clusters WHERE id = $1").bind(id.as_str()).execute(&mut *tx).await?.rows_affected()
        })?;
        found(done, "cluster")
    }
}
