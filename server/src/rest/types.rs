//! Bodies that only REST has; everything else is a `model` type as it stands.

use std::collections::BTreeMap;

use model::{
    finding::Finding,
    ids::RunId,
    names::NodeName,
    plan::Plan,
    spec::{ClusterSpec, CredentialKind},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A cluster as wished with the credentials of its nodes. Of a cluster that is kept, by its name, the difference is
/// planned and applied; credentials are then needed for its new nodes alone.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanRequest {
    pub(crate) cluster: ClusterSpec,
    /// By node.
    #[serde(default)]
    pub(crate) credentials: BTreeMap<NodeName, CredentialBody>,
    /// The writing probes may run: what they make is removed again.
    #[serde(default)]
    pub(crate) probes: bool,
    /// Accept every warning for this reason, which is kept with the cluster.
    #[serde(default)]
    pub(crate) accept_warnings: Option<String>,
}

/// What a node is signed in with. Has no `Debug`: it holds a secret for the time of one request.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialBody {
    #[serde(default)]
    pub(crate) kind: CredentialKind,
    pub(crate) username: String,
    pub(crate) secret: String,
    /// Make a robot with the least rights and keep only that.
    #[serde(default)]
    pub(crate) make_robot: bool,
}

/// Another account for a node. Has no `Debug`: it holds a secret for the time of one request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountBody {
    #[serde(default)]
    pub(crate) kind: CredentialKind,
    pub(crate) username: String,
    pub(crate) secret: String,
}

impl From<AccountBody> for clusters::Account {
    fn from(AccountBody { kind, username, secret }: AccountBody) -> Self {
        Self { kind, username, secret: secret.into() }
    }
}

/// Findings, and the plan where nothing stands in its way.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct PlanAnswer {
    pub(crate) findings: Vec<Finding>,
    pub(crate) plan: Option<Plan>,
}

/// The run that carries a plan out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RunStarted {
    pub(crate) run: RunId,
}

/// A run, where one was needed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct MaybeRun {
    pub(crate) run: Option<RunId>,
}
