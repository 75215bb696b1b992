//! What a cluster shall be: the result of the wizard, and the file that `breakwater cluster` reads.

use serde::{Deserialize, Serialize};

use crate::{
    AppError, Link, Topology,
    address::NodeAddress,
    finding::Finding,
    ids::{ClusterId, NodeId, RunId},
    names::{ClusterName, NodeName},
    plan::PlannedRule,
    say,
    scope::{Scope, two_way_labels, two_way_namespace},
};

/// A cluster as wished. Holds no secret: credentials are given beside it and sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClusterSpec {
    /// Unique in the console.
    pub name: ClusterName,
    /// How the nodes work together.
    pub topology: Topology,
    /// The Harbors; the first is the source of a one-to-many and the headquarters of a tiered cluster.
    pub nodes: Vec<NodeSpec>,
    /// The address that users pull from (load balancer, virtual address), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntrySpec>,
    /// What the rules shall be; unused for shared storage.
    #[serde(default)]
    pub replication: ReplicationSpec,
}

/// One Harbor of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeSpec {
    /// Unique in the cluster.
    pub name: NodeName,
    /// Where the console, and the other nodes, reach it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: NodeAddress,
    /// How its certificate is judged.
    #[serde(default)]
    pub tls: TlsChoice,
    /// The node that feeds this one (tiered only); the first node where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<NodeName>,
}

/// How a node's certificate is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "mode", deny_unknown_fields)]
pub enum TlsChoice {
    /// By the certificate authorities of the system and of the console's configuration.
    #[default]
    System,
    /// By this authority, PEM.
    CustomCa {
        /// One or more certificates.
        pem: String,
    },
    /// Only this leaf certificate.
    Pinned {
        /// SHA-256 of the leaf's DER form, 64 hexadecimal digits.
        sha256: String,
    },
    /// Not at all; shown as a lasting warning.
    Off,
}

/// The address that users pull from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EntrySpec {
    /// The load balancer or virtual address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: NodeAddress,
    /// How its certificate is judged.
    #[serde(default)]
    pub tls: TlsChoice,
}

/// What the rules between the nodes shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReplicationSpec {
    /// Six fields, judged by each node's version; empty means: proposed from the size of the inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Event rules beside the schedule, so that new pushes cross within seconds.
    pub at_once: bool,
    /// Kilobits per second per task (Harbor's own unit, behaviour `throttle-unit`); `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_kbps: Option<u32>,
    /// Copy blobs in pieces, for links that break in the middle of a large one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub copy_by_chunk: bool,
    /// When everything that differs at first is copied.
    pub first_copy: FirstCopy,
    /// Which images, and where they land; everything under its own name unless said otherwise.
    #[serde(skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
}

/// When the first copy runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "when")]
pub enum FirstCopy {
    /// When a person says so after the proof.
    #[default]
    Asked,
    /// By the schedule's own next run.
    BySchedule,
    /// At a time, UTC milliseconds.
    At {
        /// UTC milliseconds.
        ms: i64,
    },
}

/// What a node is signed in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A person's account with administrator's rights.
    #[default]
    Admin,
    /// A robot account.
    Robot,
}

/// A cluster that was adopted, as the console keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterView {
    /// Its id.
    pub id: ClusterId,
    /// Grows with each change.
    pub version: i64,
    /// When it was adopted, UTC milliseconds.
    pub created_ms: i64,
    /// What it is.
    pub spec: ClusterSpec,
    /// Its nodes, in the order of the spec.
    pub nodes: Vec<ClusterNode>,
    /// Warnings that were accepted, with the reasons.
    pub waived: Vec<Finding>,
    /// The rules that were made, each value with its reason.
    pub rules: Vec<PlannedRule>,
    /// Its runs, oldest first.
    pub runs: Vec<RunId>,
    /// When the first copy shall begin, UTC milliseconds; `None` once begun, or where no time was set.
    pub first_copy_at_ms: Option<i64>,
}

/// A node of a kept cluster, beside what its spec says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterNode {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: NodeName,
    /// Whom the console signs in as.
    pub account: Option<String>,
    /// Admin or robot.
    pub credential: Option<CredentialKind>,
}

impl ClusterSpec {
    /// The links the topology needs between these nodes.
    pub fn links(&self) -> Vec<Link> {
        let nodes: Vec<_> = self.nodes.iter().map(|n| (n.name.clone(), n.upstream.clone())).collect();
        self.topology.links(&nodes)
    }

    /// The node of that name.
    pub fn node(&self, name: &NodeName) -> Option<&NodeSpec> {
        self.nodes.iter().find(|n| &n.name == name)
    }

    /// Judges the whole: number of nodes, names and addresses used twice, upstreams that lead nowhere or round.
    ///
    /// # Errors
    /// Every fault found, each tied to its field (`nodes[1].address`), so that nothing has to be tried twice.
    pub fn judge(&self) -> Result<(), Vec<AppError>> {
        let mut faults = Vec::new();
        let (least, most) = self.topology.node_limits();
        let n = self.nodes.len();
        if n < least || n > most {
            faults.push(
                AppError::new(
                    "spec.node_count",
                    422,
                    say!(
                        "This topology takes {least} to {most} nodes; there are {n}.",
                        "该拓扑需要 {least} 到 {most} 个节点，现在有 {n} 个。"
                    ),
                    say!("Add or remove nodes.", "请增加或删除节点。"),
                )
                .at("nodes"),
            );
        }
        for (i, node) in self.nodes.iter().enumerate() {
            for earlier in &self.nodes[..i] {
                if earlier.name == node.name {
                    faults.push(
                        AppError::new(
                            "spec.name_twice",
                            422,
                            say!("Two nodes are called {}.", "有两个节点都叫 {}。", node.name),
                            say!("Give each node its own name.", "请为每个节点取不同的名称。"),
                        )
                        .at(format!("nodes[{i}].name")),
                    );
                }
                if earlier.address == node.address {
                    faults.push(
                        AppError::new(
                            "spec.address_twice",
                            422,
                            say!(
                                "{} and {} have the same address.",
                                "{} 与 {} 的地址相同。",
                                earlier.name,
                                node.name
                            ),
                            say!(
                                "Give each node's own address; the load balancer belongs in the entry field.",
                                "请填写每个节点自己的地址；负载均衡器应填在入口地址处。"
                            ),
                        )
                        .at(format!("nodes[{i}].address")),
                    );
                }
            }
            if let Err(fault) = self.judge_upstream(i) {
                faults.push(fault);
            }
        }
        if self.replication.scope.namespace.is_some() && self.goes_on() {
            faults.push(two_way_namespace().at("replication.scope.namespace"));
        }
        if self.replication.scope.labels.is_some() && self.goes_on() {
            faults.push(two_way_labels().at("replication.scope.labels"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Whether an image that arrived by one link goes on by another: between two masters, and from tier to tier.
    pub fn goes_on(&self) -> bool {
        crate::topology::goes_on(&self.links())
    }

    fn judge_upstream(&self, i: usize) -> Result<(), AppError> {
        if self.topology != Topology::Tiered {
            return Ok(());
        }
        let refuse = || {
            Err(AppError::new(
                "spec.upstream",
                422,
                say!(
                    "{} has no way up to the first node.",
                    "{} 无法逐级到达第一个节点。",
                    self.nodes[i].name
                ),
                say!("Choose another upstream node for it.", "请为它选择另一个上级节点。"),
            )
            .at(format!("nodes[{i}].upstream")))
        };
        let mut at = i;
        // A way up is never longer than the number of nodes; longer means it goes round.
        for _ in 0..=self.nodes.len() {
            if at == 0 {
                return Ok(());
            }
            at = match &self.nodes[at].upstream {
                None => 0,
                Some(up) => match self.nodes.iter().position(|n| &n.name == up) {
                    Some(next) => next,
                    None => return refuse(),
                },
            };
        }
        refuse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(topology: Topology, nodes: &[(&str, &str, Option<&str>)]) -> ClusterSpec {
        ClusterSpec {
            name: ClusterName::parse("Production").unwrap(),
            topology,
            nodes: nodes
                .iter()
                .map(|(name, address, up)| NodeSpec {
                    name: NodeName::parse(name).unwrap(),
                    address: NodeAddress::parse(address).unwrap(),
                    tls: TlsChoice::System,
                    upstream: up.map(|u| NodeName::parse(u).unwrap()),
                })
                .collect(),
            entry: None,
            replication: ReplicationSpec::default(),
        }
    }

    fn codes(spec: &ClusterSpec) -> Vec<(String, Option<String>)> {
        spec.judge().err().unwrap_or_default().into_iter().map(|e| (e.code, e.field)).collect()
    }

    #[test]
    fn judge_accepts_two_masters() {
        assert_eq!(codes(&spec(Topology::DualMaster, &[("a", "a.test", None), ("b", "b.test", None)])), []);
    }

    #[test]
    fn judge_refuses_a_namespace_where_images_go_on() {
        let mut tiers = spec(
            Topology::Tiered,
            &[("hq", "a.test", None), ("x", "b.test", None), ("y", "c.test", Some("x"))],
        );
        tiers.replication.scope = serde_json::from_str(r#"{"namespace":{"path":"mirror"}}"#).unwrap();
        assert_eq!(codes(&tiers)[0].0, "scope.two_way_namespace");
        tiers.nodes[2].upstream = None;
        assert_eq!(codes(&tiers), []);
        let mut masters = spec(Topology::DualMaster, &[("a", "a.test", None), ("b", "b.test", None)]);
        masters.replication.scope.clone_from(&tiers.replication.scope);
        let (code, field) = codes(&masters).remove(0);
        assert_eq!(
            (code.as_str(), field.as_deref()),
            ("scope.two_way_namespace", Some("replication.scope.namespace"))
        );
        masters.replication.scope = serde_json::from_str(r#"{"names":"shop/**"}"#).unwrap();
        assert_eq!(codes(&masters), []);
    }

    #[test]
    fn judge_refuses_labels_where_images_go_on() {
        let mut masters = spec(Topology::DualMaster, &[("a", "a.test", None), ("b", "b.test", None)]);
        masters.replication.scope = serde_json::from_str(r#"{"labels":{"names":["qa"]}}"#).unwrap();
        let found = codes(&masters);
        assert_eq!(found, [("scope.two_way_labels".into(), Some("replication.scope.labels".into()))]);
        masters.topology = Topology::OneToMany;
        assert_eq!(codes(&masters), []);
    }

    #[test]
    fn replication_that_was_kept_before_there_was_a_scope_is_read_and_written_as_it_was() {
        let before = serde_json::json!({ "at_once": true, "first_copy": { "when": "asked" } });
        let read: ReplicationSpec = serde_json::from_value(before.clone()).unwrap();
        assert!(read.scope.is_everything());
        assert_eq!(serde_json::to_value(&read).unwrap(), before);
    }

    #[test]
    fn judge_names_every_fault_with_its_field() {
        let faulty = spec(
            Topology::DualMaster,
            &[("a", "a.test", None), ("a", "https://a.test:443/", None), ("c", "c.test", None)],
        );
        let found = codes(&faulty);
        assert_eq!(
            found.iter().map(|(c, f)| (c.as_str(), f.as_deref().unwrap())).collect::<Vec<_>>(),
            [
                ("spec.node_count", "nodes"),
                ("spec.name_twice", "nodes[1].name"),
                ("spec.address_twice", "nodes[1].address")
            ]
        );
    }

    #[test]
    fn judge_refuses_an_upstream_that_goes_round() {
        let round = spec(
            Topology::Tiered,
            &[("hq", "a.test", None), ("x", "b.test", Some("y")), ("y", "c.test", Some("x"))],
        );
        assert_eq!(codes(&round).len(), 2);
        let lost = spec(Topology::Tiered, &[("hq", "a.test", None), ("x", "b.test", Some("nobody"))]);
        assert_eq!(codes(&lost)[0].0, "spec.upstream");
    }
}
