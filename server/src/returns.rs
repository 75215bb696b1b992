//! Nodes that were away and are there again: `watch` sees them, and `clusters` carries what they missed.

use std::collections::BTreeSet;

use clusters::Clusters;
use model::{health::HealthState, ids::NodeId};
use tokio_util::sync::CancellationToken;
use watch::Watch;

/// Tells the clusters of each node that returns, until stopped. With several replicas each tells its own.
pub(crate) async fn tell(watch: &Watch, clusters: &Clusters, stop: &CancellationToken) {
    let mut news = watch.news();
    let mut away = Away::default();
    loop {
        let board = watch.board();
        let nodes = board.clusters.into_iter().flat_map(|cluster| cluster.nodes);
        for node in away.look(nodes.map(|node| (node.id, node.state))) {
            if let Err(error) = clusters.node_returned(&node).await {
                tracing::warn!(%node, code = %error.code, "a node's return could not be told");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            changed = news.changed() => if changed.is_err() { return },
        }
    }
}

/// The nodes that are away.
#[derive(Default)]
struct Away(BTreeSet<NodeId>);

impl Away {
    /// Takes how all nodes are, and gives those that are there again.
    fn look(&mut self, nodes: impl Iterator<Item = (NodeId, HealthState)>) -> Vec<NodeId> {
        let before = std::mem::take(&mut self.0);
        let mut back = Vec::new();
        for (node, state) in nodes {
            let was_away = before.contains(&node);
            // Where nobody has looked since, it still is.
            if state.is_away() || was_away && state == HealthState::Unknown {
                self.0.insert(node);
            } else if was_away {
                back.push(node);
            }
        }
        back
    }
}

#[cfg(test)]
mod tests {
    use HealthState::{Degraded, Down, Unknown, Unreachable, Up};

    use super::*;

    #[test]
    fn look_tells_each_return_once() {
        let mut away = Away::default();
        let ids = [store::new_id::<NodeId>(), store::new_id::<NodeId>()];
        let mut look = |a, b| {
            let back = away.look(ids.iter().cloned().zip([a, b]));
            back.iter().map(|id| usize::from(*id == ids[1])).collect::<Vec<_>>()
        };
        assert!(look(Unknown, Up).is_empty(), "the first look at a node is no return");
        assert!(look(Up, Unreachable).is_empty());
        assert!(look(Down, Unknown).is_empty());
        assert_eq!(look(Degraded, Unknown), [0]);
        assert_eq!(look(Up, Up), [1]);
        assert!(look(Up, Up).is_empty());
        assert!(away.look(std::iter::empty()).is_empty());
    }
}
