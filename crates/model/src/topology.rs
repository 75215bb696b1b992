//! The four ways to arrange Harbors, and the links each needs.

use serde::{Deserialize, Serialize};

use crate::names::NodeName;

/// How the Harbors of a cluster work together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// Two independent Harbors push to each other; both take pushes.
    DualMaster,
    /// Several Harbors on one storage, one PostgreSQL and one Redis; nothing is copied.
    SharedStorage,
    /// One Harbor takes pushes and feeds several others.
    OneToMany,
    /// A tree of Harbors: headquarters, branches, branches of branches.
    Tiered,
}

impl Topology {
    /// All four, in the order the wizard shows them.
    pub const ALL: [Self; 4] = [Self::SharedStorage, Self::DualMaster, Self::OneToMany, Self::Tiered];

    /// The stable word in JSON, YAML, URLs and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DualMaster => "dual-master",
            Self::SharedStorage => "shared-storage",
            Self::OneToMany => "one-to-many",
            Self::Tiered => "tiered",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == word)
    }

    /// Least and most nodes. Fifty is what the wizard, the checks and the pictures are tested with.
    pub fn node_limits(self) -> (usize, usize) {
        match self {
            Self::DualMaster => (2, 2),
            Self::SharedStorage | Self::OneToMany | Self::Tiered => (2, 50),
        }
    }

    /// Whether images are copied between the nodes, so that links, endpoints and rules exist.
    pub fn copies(self) -> bool {
        !matches!(self, Self::SharedStorage)
    }

    /// Whether each link has one writer, so that its rule may overwrite what it finds at the destination.
    /// Between two masters nothing of Harbor's may (the side with the old tag would put it back).
    pub fn one_writer(self) -> bool {
        matches!(self, Self::OneToMany | Self::Tiered)
    }

    /// The links between `nodes`, given each node's upstream. In a dual-master there are two, one each way;
    /// elsewhere one from each node's upstream (the first node where none is named) to the node.
    pub fn links(self, nodes: &[(NodeName, Option<NodeName>)]) -> Vec<Link> {
        match self {
            Self::SharedStorage => Vec::new(),
            Self::DualMaster => match nodes {
                [(a, _), (b, _)] => {
                    vec![Link::new(a.clone(), b.clone()), Link::new(b.clone(), a.clone())]
                }
                _ => Vec::new(),
            },
            Self::OneToMany | Self::Tiered => {
                let Some((first, _)) = nodes.first() else { return Vec::new() };
                nodes
                    .iter()
                    .skip(1)
                    .map(|(node, upstream)| {
                        let source = match (self, upstream) {
                            (Self::Tiered, Some(up)) => up.clone(),
                            _ => first.clone(),
                        };
                        Link::new(source, node.clone())
                    })
                    .collect()
            }
        }
    }
}

impl std::fmt::Display for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An ordered pair of nodes: what is pushed to the source shall reach the destination.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// Where images come from; its Harbor holds the endpoint and the rule (push mode).
    pub source: NodeName,
    /// Where they go; its Harbor holds the link robot.
    pub destination: NodeName,
}

impl Link {
    /// The link from `source` to `destination`.
    pub fn new(source: NodeName, destination: NodeName) -> Self {
        Self { source, destination }
    }
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {}", self.source, self.destination)
    }
}

/// Whether an image that arrives by one of the links goes on by another.
pub fn goes_on(links: &[Link]) -> bool {
    links.iter().any(|link| links.iter().any(|next| next.source == link.destination))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[(&str, Option<&str>)]) -> Vec<(NodeName, Option<NodeName>)> {
        names
            .iter()
            .map(|(n, up)| (NodeName::parse(n).unwrap(), up.map(|u| NodeName::parse(u).unwrap())))
            .collect()
    }

    fn shown(links: &[Link]) -> Vec<String> {
        links.iter().map(Link::to_string).collect()
    }

    #[test]
    fn links_of_a_dual_master_go_both_ways() {
        let nodes = named(&[("a", None), ("b", None)]);
        assert_eq!(shown(&Topology::DualMaster.links(&nodes)), ["a → b", "b → a"]);
    }

    #[test]
    fn links_of_tiers_follow_the_upstream() {
        let nodes = named(&[("hq", None), ("gz", Some("hq")), ("sz", Some("gz")), ("zh", Some("gz"))]);
        assert_eq!(shown(&Topology::Tiered.links(&nodes)), ["hq → gz", "gz → sz", "gz → zh"]);
        assert_eq!(shown(&Topology::OneToMany.links(&nodes)), ["hq → gz", "hq → sz", "hq → zh"]);
    }

    #[test]
    fn shared_storage_copies_nothing() {
        assert!(Topology::SharedStorage.links(&named(&[("a", None), ("b", None)])).is_empty());
    }

    #[test]
    fn words_read_back() {
        for topology in Topology::ALL {
            assert_eq!(Topology::parse(topology.as_str()), Some(topology));
            assert_eq!(serde_json::to_value(topology).unwrap(), topology.as_str());
        }
    }
}
