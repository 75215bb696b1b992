//! What has a history.

use std::fmt;

use model::ids::{ClusterId, NodeId};

/// Something that is in one state at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A node.
    Node(NodeId),
    /// The entry of a cluster.
    Entry(ClusterId),
    /// A cluster as its users see it.
    Cluster(ClusterId),
}

/// As it is stored.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "node:{id}"),
            Self::Entry(id) => write!(f, "entry:{id}"),
            Self::Cluster(id) => write!(f, "cluster:{id}"),
        }
    }
}
