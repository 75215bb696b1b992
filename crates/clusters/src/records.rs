//! What the clusters keep in the console's database, and under which names.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    HarborVersion, Link, Say,
    finding::{Finding, FindingState, Subject},
    heal::{HealPolicy, HealSettings},
    ids::{ClusterId, CredentialId, DraftId, FindingKey, NodeId, PairId, RunId},
    names::{ClusterName, NodeName},
    plan::{FirstCopySize, PlannedRule, PlannedStep},
    run::RunKind,
    spec::{ClusterSpec, CredentialKind},
};
use serde::{Deserialize, Serialize};
use store::{Result, Store, StoreError, clusters::ClusterRow, nodes::NodeFields};

use crate::{change::Change, reach::Account, rules::Limits, service::Verifying};

/// The stored answers of the "Test" buttons stand among the findings under this id.
pub(crate) const NODE_TEST: &str = "node-test";

/// What a run is rebuilt from after a restart. Holds no secret: accounts are sealed under the vault's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunBody {
    /// What it is for.
    pub kind: RunKind,
    /// The draft or cluster it is for.
    pub scope: String,
    /// The draft, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
    /// The cluster, where there is one already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// What is changed, where the cluster is kept already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The pair that is healed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<PairId>,
    /// The cluster as wished.
    pub spec: ClusterSpec,
    /// The nodes' versions when it was planned.
    pub versions: BTreeMap<NodeName, HarborVersion>,
    /// The nodes' clocks minus ours when it was planned, milliseconds.
    #[serde(default)]
    pub clock_offset_ms: BTreeMap<NodeName, i64>,
    /// Nodes on which a robot of the console's own is made.
    #[serde(default)]
    pub make_robot: BTreeSet<NodeName>,
    /// The steps, as they were shown.
    pub steps: Vec<PlannedStep>,
    /// The rules, as they were shown.
    #[serde(default)]
    pub rules: Vec<PlannedRule>,
    /// Where the run's accounts are sealed.
    pub vault: String,
    /// Who started it.
    pub by: String,
    /// When, UTC milliseconds.
    pub made_ms: i64,
}

/// What is known of a cluster beside its spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClusterRecord {
    /// Its runs, oldest first.
    pub runs: Vec<RunId>,
    /// Its rules, as they were planned.
    pub rules: Vec<PlannedRule>,
    /// What is healed by itself.
    #[serde(default)]
    pub heals: HealPolicy,
    /// How that is done.
    #[serde(default)]
    pub settings: HealSettings,
    /// Whether the watchdog mends by itself what one safe press mends.
    #[serde(default)]
    pub mends: bool,
    /// When the first copy shall begin, UTC milliseconds; `None` once begun, or where nobody set a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_copy_at_ms: Option<i64>,
}

/// What is to be looked at among the rules of a cluster, as far as it was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
    /// The question's id.
    pub id: String,
    /// What it is about.
    pub subject: Subject,
    /// How grave.
    pub state: FindingState,
    /// The sentence at its head, which names the rule, the queue or the endpoint.
    pub title: Say,
}

impl Noted {
    /// Whether it is the same thing, however grave it is now.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (&self.id, &self.subject, &self.title) == (&other.id, &other.subject, &other.title)
    }
}

/// What is kept with a finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FindingFacts {
    /// The answer, whole.
    pub finding: Finding,
    /// What the first copy will carry, from the comparison of all tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_copy: Option<FirstCopySize>,
}

/// The account of a node for the time of a run.
pub(crate) fn vault_owner(vault: &str, node: &NodeName) -> String {
    format!("vault/{vault}/{node}")
}

/// The robot of a probe run.
pub(crate) fn probe_owner(vault: &str) -> String {
    format!("vault/{vault}//probe")
}

/// The console's own robot on a node, before the cluster is kept; the second on 2.8.
pub(crate) fn console_owner(cluster: &ClusterName, node: &NodeName, second: bool) -> String {
    let tail = if second { "/projects" } else { "" };
    format!("console/{cluster}/{node}{tail}")
}

/// The robot that a link's source signs in with at its destination.
pub(crate) fn link_owner(cluster: &ClusterName, link: &Link) -> String {
    format!("link/{cluster}/{}/{}", link.source, link.destination)
}

/// The second robot of a kept node, on 2.8.
pub(crate) fn projects_owner(node: &NodeId) -> String {
    format!("{node}/projects")
}

/// An owner's account, the robot before the administrator.
///
/// # Errors
/// Those of reading and unsealing.
pub(crate) async fn account(store: &Store, owner: &str) -> Result<Option<Account>> {
    let rows = store.credentials().of_owner(owner).await?;
    let robot = rows.iter().find(|r| r.kind == CredentialKind::Robot);
    let Some(row) = robot.or(rows.first()) else { return Ok(None) };
    let unsealed = store.credentials().unseal(&row.id).await?;
    Ok(Some(Account { kind: unsealed.row.kind, username: unsealed.row.username, secret: unsealed.secret }))
}

/// Seals an account as the only one of its owner.
///
/// # Errors
/// Those of sealing and writing.
pub(crate) async fn put_account(store: &Store, owner: &str, account: &Account) -> Result<CredentialId> {
    let id = store.credentials().put(owner, account.kind, &account.username, &account.secret).await?;
    for row in store.credentials().of_owner(owner).await? {
        if row.id != id {
            store.credentials().remove(&row.id).await?;
        }
    }
    Ok(id)
}

/// Forgets everything of an owner.
///
/// # Errors
/// Those of writing.
pub(crate) async fn forget(store: &Store, owner: &str) -> Result<()> {
    for row in store.credentials().of_owner(owner).await? {
        store.credentials().remove(&row.id).await?;
    }
    Ok(())
}

/// The key of a finding in the database.
pub(crate) fn finding_key(id: &str, subject: &Subject) -> Result<FindingKey> {
    let subject = serde_json::to_string(subject).unwrap_or_default();
    FindingKey::new(id, &subject).ok_or_else(|| StoreError::Corrupt { what: format!("the finding {id}") })
}

/// Keeps an answer.
///
/// # Errors
/// Those of writing.
pub(crate) async fn put_finding(store: &Store, scope: &str, finding: &Finding) -> Result<()> {
    put_facts(store, scope, &FindingFacts { finding: finding.clone(), first_copy: None }).await
}

/// Keeps an answer with what was counted on the way.
///
/// # Errors
/// Those of writing.
pub(crate) async fn put_facts(store: &Store, scope: &str, facts: &FindingFacts) -> Result<()> {
    let finding = &facts.finding;
    let key = finding_key(&finding.id, &finding.subject)?;
    store.findings().put(scope, &key, finding.state, facts, finding.at_ms).await
}

/// Forgets a kept cluster with everything sealed for it; its Harbors stay as they are.
///
/// # Errors
/// Those of the database.
pub(crate) async fn forget_cluster(store: &Store, row: &ClusterRow) -> Result<()> {
    for node in store.nodes().of_cluster(&row.id).await? {
        forget(store, &projects_owner(&node.id)).await?;
        for second in [false, true] {
            forget(store, &console_owner(&row.name, &node.name, second)).await?;
        }
    }
    let spec: ClusterSpec = row.spec_as()?;
    for link in spec.links() {
        forget(store, &link_owner(&row.name, &link)).await?;
    }
    store.clusters().remove(&row.id).await?;
    remove_cluster_record(store, &row.id).await
}

fn record_key(id: &ClusterId) -> String {
    format!("cluster.{id}")
}

/// What is known of a cluster beside its spec.
///
/// # Errors
/// Those of reading.
pub(crate) async fn cluster_record(store: &Store, id: &ClusterId) -> Result<ClusterRecord> {
    Ok(store.settings().get(&record_key(id)).await?.unwrap_or_default())
}

/// Keeps it.
///
/// # Errors
/// Those of writing.
pub(crate) async fn put_cluster_record(store: &Store, id: &ClusterId, record: &ClusterRecord) -> Result<()> {
    store.settings().set(&record_key(id), record).await
}

/// Forgets it.
///
/// # Errors
/// Those of writing.
pub(crate) async fn remove_cluster_record(store: &Store, id: &ClusterId) -> Result<()> {
    store.settings().remove(&noted_key(id)).await?;
    store.settings().remove(&limits_key(id)).await?;
    store.settings().remove(&verify_key(id)).await?;
    store.settings().remove(&record_key(id)).await.map(drop)
}

fn noted_key(id: &ClusterId) -> String {
    format!("rules.{id}")
}

/// What is to be looked at among the rules of a cluster; `None` before it was looked at.
///
/// # Errors
/// Those of reading.
pub(crate) async fn noted(store: &Store, id: &ClusterId) -> Result<Option<Vec<Noted>>> {
    store.settings().get(&noted_key(id)).await
}

/// Keeps it.
///
/// # Errors
/// Those of writing.
pub(crate) async fn put_noted(store: &Store, id: &ClusterId, noted: &Vec<Noted>) -> Result<()> {
    store.settings().set(&noted_key(id), noted).await
}

fn limits_key(id: &ClusterId) -> String {
    format!("limits.{id}")
}

/// What the projects of a cluster's nodes refuse, as it was read last; nothing of a node that was never read.
///
/// # Errors
/// Those of any read.
pub(crate) async fn limits(store: &Store, id: &ClusterId) -> Result<BTreeMap<NodeName, Limits>> {
    Ok(store.settings().get(&limits_key(id)).await?.unwrap_or_default())
}

/// Keeps it.
///
/// # Errors
/// Those of writing.
pub(crate) async fn put_limits(
    store: &Store,
    id: &ClusterId,
    limits: &BTreeMap<NodeName, Limits>,
) -> Result<()> {
    store.settings().set(&limits_key(id), limits).await
}

fn verify_key(id: &ClusterId) -> String {
    format!("verify.{id}")
}

/// Where pulling and hashing stands in the pairs of a cluster; nothing of a pair for which that was never asked.
///
/// # Errors
/// Those of any read.
pub(crate) async fn verifying(store: &Store, id: &ClusterId) -> Result<BTreeMap<PairId, Verifying>> {
    Ok(store.settings().get(&verify_key(id)).await?.unwrap_or_default())
}

/// Keeps it.
///
/// # Errors
/// Those of writing.
pub(crate) async fn put_verifying(
    store: &Store,
    id: &ClusterId,
    verifying: &BTreeMap<PairId, Verifying>,
) -> Result<()> {
    store.settings().set(&verify_key(id), verifying).await
}

/// The row of the `n`th node of a spec; `address` is that node's own.
pub(crate) fn node_fields<'a>(spec: &'a ClusterSpec, n: usize, address: &'a str) -> NodeFields<'a> {
    use model::Topology;
    let node = &spec.nodes[n];
    let role = match (spec.topology, n) {
        (Topology::OneToMany | Topology::Tiered, 0) => "source",
        (Topology::OneToMany | Topology::Tiered, _) => "destination",
        (Topology::DualMaster | Topology::SharedStorage, _) => "",
    };
    let mut tier = 0;
    let mut at = node;
    while spec.topology == Topology::Tiered && at.name != spec.nodes[0].name && tier < spec.nodes.len() {
        tier += 1;
        at = at.upstream.as_ref().and_then(|up| spec.node(up)).unwrap_or(&spec.nodes[0]);
    }
    NodeFields {
        position: i64::try_from(n).unwrap_or(i64::MAX),
        name: &node.name,
        address,
        tls: serde_json::to_value(&node.tls).unwrap_or_default(),
        role,
        tier: i64::try_from(tier).unwrap_or(0),
    }
}
