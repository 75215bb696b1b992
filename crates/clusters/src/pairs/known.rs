//! Which pairs there are, and a pair with the handles of its nodes.

use std::collections::BTreeMap;

use ledger::{LedgerError, Pair, PairSide, PairState};
use model::{
    AppError, Link,
    drift::Direction,
    ids::{ClusterId, NodeId, PairId},
    names::{ClusterName, NodeName},
    scope::Scope,
    spec::{ClusterSpec, CredentialKind},
};
use store::{Store, StoreError, ledger::PairRow};

use super::pairs_of;
use crate::{error, reach::Reach, records, survey::NodeSurvey, trouble::Trouble};

/// A pair with what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// As stored.
    pub row: PairRow,
    /// Its cluster's name.
    pub cluster_name: ClusterName,
    /// Its nodes.
    pub names: [NodeName; 2],
    /// Which way images go.
    pub direction: Direction,
    /// What its rules carry, and where it lands.
    pub scope: Scope,
}

impl Known {
    /// The links there are between its nodes.
    pub(crate) fn links(&self) -> Vec<Link> {
        let [a, b] = &self.names;
        let there = Link::new(a.clone(), b.clone());
        match self.direction {
            Direction::Both => vec![there, Link::new(b.clone(), a.clone())],
            Direction::AToB => vec![there],
        }
    }

    /// Grows whenever there are other differences than before, or other ones count.
    pub(crate) fn changes(&self, state: &PairState) -> i64 {
        state.changes + self.row.accepts
    }

    /// Whether the link is between its nodes, either way.
    pub(crate) fn joins(&self, link: &Link) -> bool {
        self.names.contains(&link.source) && self.names.contains(&link.destination)
    }
}

/// All pairs of all clusters; what is not stored yet is stored.
///
/// # Errors
/// Those of the database.
pub(crate) async fn all(store: &Store) -> Result<Vec<Known>, StoreError> {
    let rows = store.ledger().pairs().await?;
    let mut out = Vec::new();
    for cluster in store.clusters().list().await? {
        let spec: ClusterSpec = cluster.spec_as()?;
        let nodes: BTreeMap<NodeName, NodeId> =
            store.nodes().of_cluster(&cluster.id).await?.into_iter().map(|n| (n.name, n.id)).collect();
        for (a, b, direction) in pairs_of(&spec) {
            let (Some(id_a), Some(id_b)) = (nodes.get(&a), nodes.get(&b)) else { continue };
            let stored =
                |row: &&PairRow| (&row.cluster_id, &row.node_a, &row.node_b) == (&cluster.id, id_a, id_b);
            let row = match rows.iter().find(stored) {
                Some(row) => row.clone(),
                None => store.ledger().pair_of(&cluster.id, id_a, id_b, &PairState::default()).await?,
            };
            let scope = spec.replication.scope.clone();
            out.push(Known { row, cluster_name: cluster.name.clone(), names: [a, b], direction, scope });
        }
    }
    Ok(out)
}

/// The pairs of one cluster.
///
/// # Errors
/// Those of the database.
pub(crate) async fn of_cluster(store: &Store, id: &ClusterId) -> Result<Vec<Known>, StoreError> {
    Ok(all(store).await?.into_iter().filter(|known| known.row.cluster_id == *id).collect())
}

/// Artifacts that a run over a link looks at: the most that any of these pairs was counted to hold; 0 where none was.
///
/// # Errors
/// `store.corrupt` where what is kept of a pair cannot be read.
pub(crate) fn artifacts(known: &[Known]) -> Result<u64, StoreError> {
    let mut most = 0;
    for known in known {
        let state: PairState = known.row.state_as()?;
        most = state.compared.max(most);
    }
    Ok(most)
}

/// One pair.
///
/// # Errors
/// `store.not_found`, also where its nodes are no pair of their cluster any more.
pub(crate) async fn known(store: &Store, id: &PairId) -> Result<Known, AppError> {
    let row = store.ledger().pair(id).await?;
    let cluster = store.clusters().get(&row.cluster_id).await?;
    let spec: ClusterSpec = cluster.spec_as()?;
    let names = [store.nodes().get(&row.node_a).await?.name, store.nodes().get(&row.node_b).await?.name];
    let direction = pairs_of(&spec)
        .into_iter()
        .find(|(a, b, _)| [a, b] == [&names[0], &names[1]])
        .map(|(_, _, direction)| direction)
        .ok_or(StoreError::NotFound { what: "pair" })?;
    Ok(Known { row, cluster_name: cluster.name, names, direction, scope: spec.replication.scope })
}

/// A pair with the handles of its nodes, both asked who they are.
///
/// # Errors
/// What a node says, or that it does not answer.
pub(crate) async fn at_hand(
    store: &Store,
    known: &Known,
    spec: &ClusterSpec,
    reach: &BTreeMap<NodeName, Reach>,
) -> Result<Pair, AppError> {
    let mut sides = Vec::new();
    let [a, b] = &known.names;
    for (name, other, node) in [(a, b, &known.row.node_a), (b, a, &known.row.node_b)] {
        let (Some(reach), Some(there)) = (reach.get(name), spec.node(name)) else {
            return Err(error::no_node());
        };
        let basics =
            NodeSurvey::new(there.clone(), reach.clone()).basics().await.map_err(|t| t.app_of(name))?;
        let owner = records::link_owner(&known.cluster_name, &Link::new(other.clone(), name.clone()));
        sides.push(PairSide {
            node: node.clone(),
            name: name.clone(),
            projects: reach.projects.clone(),
            system: reach.system.clone(),
            version: basics.version.clone(),
            clock_offset_ms: basics.clock_offset_ms.unwrap_or(0),
            link_account: records::account(store, &owner).await?.map(|a| a.username),
            console_robot: console_robot(reach),
        });
    }
    let sides: [PairSide; 2] = sides.try_into().map_err(|_| error::no_node())?;
    let settings = records::cluster_record(store, &known.row.cluster_id).await?.settings;
    Ok(Pair {
        id: known.row.id.clone(),
        direction: known.direction,
        scope: known.scope.clone(),
        whole_every_ms: settings.whole_every_ms(),
        sides,
    })
}

fn console_robot(reach: &Reach) -> Option<String> {
    let account = reach.second.as_ref().or(reach.account.as_ref())?;
    (account.kind == CredentialKind::Robot).then(|| account.username.clone())
}

/// Why a comparison failed, as it leaves the house.
pub(crate) fn of_ledger(error: LedgerError) -> AppError {
    match error {
        LedgerError::Harbor { node, error } => Trouble::from(error).app_of(&node),
        LedgerError::Store(error) => error.into(),
    }
}
