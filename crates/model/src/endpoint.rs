//! Endpoints as they stand on the Harbors: where a node's rules lead, and as whom it signs in there.
//!
//! Harbor calls an endpoint a registry in its API and an endpoint in its portal; here it is an endpoint.

use serde::{Deserialize, Serialize};

use crate::{
    AppError, Link, Say,
    ids::ClusterId,
    names::{ClusterName, NodeName},
};

/// The endpoints on a cluster's nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointsView {
    /// Which cluster.
    pub cluster: ClusterId,
    /// Its name.
    pub name: ClusterName,
    /// Its nodes, in their order.
    pub nodes: Vec<NodeEndpoints>,
    /// When this was read, UTC milliseconds.
    pub read_ms: i64,
}

/// The endpoints on one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeEndpoints {
    /// Which.
    pub node: NodeName,
    /// Why they could not be read; then there are none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
    /// By name.
    pub endpoints: Vec<EndpointView>,
}

/// One endpoint; its secret is not even read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointView {
    /// Harbor's id, on the node where it stands.
    pub id: i64,
    /// Harbor's name.
    pub name: String,
    /// Where it points.
    pub url: String,
    /// Harbor's word: `harbor`, `docker-hub`, …
    pub kind: String,
    /// Whom it signs in as; empty for nobody.
    pub account: String,
    /// The certificate there is not verified.
    pub insecure: bool,
    /// What Harbor says of it. It looks every five minutes, and `healthy` stays while nobody answers there.
    pub status: String,
    /// It bears the mark of a run.
    pub ours: bool,
    /// The link of this cluster that it serves, where it was made for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// The node of the cluster that it points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<NodeName>,
    /// The rules that copy over it, by name.
    pub used_by: Vec<EndpointUse>,
    /// The proxy cache projects that fetch from it, by name.
    #[serde(default)]
    pub caches: Vec<String>,
}

/// A rule that copies over an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointUse {
    /// Its name.
    pub rule: String,
    /// Whether it runs.
    pub enabled: bool,
    /// It copies from there; else to there.
    pub pulls: bool,
}

/// What came of having a node try an endpoint of its own, with the secret it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointTest {
    /// Where it stands.
    pub node: NodeName,
    /// Harbor's id of it.
    pub endpoint: i64,
    /// Whether its account was let in; without an account, whether a Harbor answers there.
    pub works: bool,
    /// What came of it.
    pub said: Say,
    /// What to do about it, or what it does not prove.
    pub next: Say,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// How long that took, milliseconds.
    pub took_ms: u64,
}
