//! The nodes of clusters.

use model::{
    ids::{ClusterId, CredentialId, NodeId},
    names::NodeName,
};
use serde_json::Value;

use crate::{
    Result, Store, StoreError,
    columns::{MaybeText, Text, to_json},
    db::found,
    new_id,
};

/// The table of nodes.
#[derive(Clone, Copy, Debug)]
pub struct Nodes<'a>(&'a Store);

/// A node as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct NodeRow {
    /// Its id.
    #[sqlx(try_from = "Text<NodeId>")]
    pub id: NodeId,
    /// Its cluster.
    #[sqlx(try_from = "Text<ClusterId>")]
    pub cluster_id: ClusterId,
    /// Its place in the cluster, from 0.
    pub position: i64,
    /// Its name, unique in the cluster.
    #[sqlx(try_from = "Text<NodeName>")]
    pub name: NodeName,
    /// Its address as `model::address` writes it.
    pub address: String,
    /// How its certificate is judged, as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub tls: Value,
    /// What it is in its topology, e.g. `source`; empty where all are equal.
    pub role: String,
    /// How far below the first it stands, from 0.
    pub tier: i64,
    /// The account for daily work.
    #[sqlx(try_from = "MaybeText<CredentialId>")]
    pub credential_id: Option<CredentialId>,
    /// UTC milliseconds.
    pub created_ms: i64,
}

/// A node to write; the fields are those of [`NodeRow`].
#[derive(Clone, Debug)]
pub struct NodeFields<'a> {
    /// Its place in the cluster, from 0.
    pub position: i64,
    /// Its name, unique in the cluster.
    pub name: &'a NodeName,
    /// Its address.
    pub address: &'a str,
    /// How its certificate is judged, as JSON.
    pub tls: Value,
    /// What it is in its topology.
    pub role: &'a str,
    /// How far below the first it stands, from 0.
    pub tier: i64,
}

macro_rules! columns {
    () => {
        "id, cluster_id, position, name, address, tls, role, tier, credential_id, created_ms"
    };
}

impl Store {
    /// The nodes of clusters.
    pub fn nodes(&self) -> Nodes<'_> {
        Nodes(self)
    }
}

impl Nodes<'_> {
    /// Adds a node to a cluster.
    ///
    /// # Errors
    /// `store.conflict` when the cluster has a node of that name; `store.not_found` when there is no such cluster.
    pub async fn insert(&self, cluster_id: &ClusterId, node: NodeFields<'_>) -> Result<NodeRow> {
        self.write(&new_id::<NodeId>(), cluster_id, node).await
    }

    async fn write(&self, id: &NodeId, cluster_id: &ClusterId, node: NodeFields<'_>) -> Result<NodeRow> {
        let tls = to_json(&node.tls)?;
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "INSERT INTO nodes (id, cluster_id, position, name, address, tls, role, tier, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ", columns!()))
            .bind(id.as_str())
            .bind(cluster_id.as_str())
            .bind(node.position)
            .bind(node.name.as_str())
            .bind(node.address)
            .bind(tls.as_str())
            .bind(node.role)
            .bind(node.tier)
            .bind(self.0.now_ms())
            .fetch_one(pool))
        .map_err(|e| e.or_taken("node name"))
    }

    /// Puts a removed node back under its own id, so that its history is its own again.
    ///
    /// # Errors
    /// `store.conflict` when the cluster has a node of that name or id; `store.not_found` when there is no such
    /// cluster.
    pub async fn put_back(
        &self,
        id: &NodeId,
        cluster_id: &ClusterId,
        node: NodeFields<'_>,
    ) -> Result<NodeRow> {
        self.write(id, cluster_id, node).await
    }

    /// One node.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn get(&self, id: &NodeId) -> Result<NodeRow> {
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM nodes WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        row.ok_or(StoreError::NotFound { what: "node" })
    }

    /// A cluster's nodes in their order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn of_cluster(&self, cluster_id: &ClusterId) -> Result<Vec<NodeRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM nodes WHERE cluster_id = $1 ORDER BY position, id"))
            .bind(cluster_id.as_str())
            .fetch_all(pool))
    }

    /// All nodes of all clusters, cluster by cluster in their order.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self) -> Result<Vec<NodeRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM nodes ORDER BY cluster_id, position, id"))
            .fetch_all(pool))
    }

    /// Changes a node.
    ///
    /// # Errors
    /// `store.conflict` when the name is taken, `store.not_found`.
    pub async fn update(&self, id: &NodeId, node: NodeFields<'_>) -> Result<NodeRow> {
        let tls = to_json(&node.tls)?;
        let row = on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "UPDATE nodes SET position = $1, name = $2, address = $3, tls = $4, role = $5, tier = $6
             WHERE id = $7 RETURNING ", columns!()))
            .bind(node.position)
            .bind(node.name.as_str())
            .bind(node.address)
            .bind(tls.as_str())
            .bind(node.role)
            .bind(node.tier)
            .bind(id.as_str())
            .fetch_optional(pool))
        .map_err(|e| e.or_taken("node name"))?;
        row.ok_or(StoreError::NotFound { what: "node" })
    }

    /// Sets the account for daily work.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_credential(&self, id: &NodeId, credential: Option<&CredentialId>) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE nodes SET credential_id = $1 WHERE id = $2")
            .bind(credential.map(CredentialId::as_str))
            .bind(id.as_str())
            .execute(pool))?;
        found(done, "node")
    }

    /// Removes a node with its credentials.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &NodeId) -> Result<()> {
        let done = in_tx!(&self.0.db, tx => {
            sqlx::query("DELETE FROM credentials WHERE owner = $1 OR id IN (SELECT credential_id FROM nodes WHERE id = $1)")
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
            sqlx::query("DELETE FROM nodes WHERE id = $1").bind(id.as_str()).execute(&mut *tx).await?.rows_affected()
        })?;
        found(done, "node")
    }
}
