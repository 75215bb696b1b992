//! The wizard's draft: what was typed, as it was typed, so that nothing is ever lost.

use serde::{Deserialize, Serialize};

use crate::{
    AppError, Say, Topology,
    address::{AddressError, NodeAddress},
    finding::Finding,
    ids::{ClusterId, DraftId, NodeId, RunId},
    names::{ClusterName, NodeName},
    plan::Plan,
    say,
    spec::{ClusterSpec, CredentialKind, EntrySpec, NodeSpec, ReplicationSpec, TlsChoice},
};

/// The wizard's five steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WizardStep {
    /// Which of the four.
    #[default]
    Topology,
    /// Which Harbors.
    Nodes,
    /// What is wrong before anything is changed.
    Checks,
    /// What will be done.
    Review,
    /// Doing it, and proving it.
    Apply,
}

impl WizardStep {
    /// In order.
    pub const ALL: [Self; 5] = [Self::Topology, Self::Nodes, Self::Checks, Self::Review, Self::Apply];

    /// The stable word in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Topology => "topology",
            Self::Nodes => "nodes",
            Self::Checks => "checks",
            Self::Review => "review",
            Self::Apply => "apply",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// With what the change of a cluster begins; everything else is edited in the draft that is begun so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "begin")]
pub enum ChangeStart {
    /// As it is: addresses, certificates, the entry and the rules may be edited.
    #[default]
    Edit,
    /// With an empty node at the end.
    Add,
    /// With an empty node in place of one.
    Replace {
        /// Which.
        node: NodeId,
        /// The new node takes over its name.
        keep_name: bool,
    },
    /// Without a node.
    Retire {
        /// Which.
        node: NodeId,
    },
}

/// What a person typed so far. Texts are kept as typed; [`Draft::spec`] judges them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Draft {
    /// The cluster that it changes; `None` for one that is to be. Name and topology are then the cluster's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// The topology, once chosen.
    pub topology: Option<Topology>,
    /// The cluster's name.
    pub name: String,
    /// The nodes, in order.
    pub nodes: Vec<DraftNode>,
    /// The entry's address; empty for none.
    pub entry: String,
    /// How the entry's certificate is judged.
    pub entry_tls: TlsChoice,
    /// Rules.
    pub replication: ReplicationSpec,
    /// The calls of the writing probes were listed and confirmed.
    pub probes_confirmed: bool,
}

/// One node as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DraftNode {
    /// Stays the same while everything else is edited; also the key of its sealed secret.
    pub key: String,
    /// Which node of the changed cluster it is and stays; `None` for a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// Its name; empty means the host's first label.
    pub name: String,
    /// Whatever was pasted.
    pub address: String,
    /// How its certificate is judged.
    pub tls: TlsChoice,
    /// Admin or robot.
    pub credential: CredentialKind,
    /// The account's name.
    pub username: String,
    /// A secret is kept on the server; it is never sent back.
    pub has_secret: bool,
    /// Make a robot with the least rights and keep only that (offered for admins).
    pub make_robot: bool,
    /// Name of the node that feeds it (tiered).
    pub upstream: String,
}

impl Draft {
    /// Chooses a topology and adds empty nodes up to its least number. Nodes beyond its limit stay, so that
    /// changing one's mind loses nothing; [`Draft::spec`] names the fault.
    pub fn choose(&mut self, topology: Topology, mut new_key: impl FnMut() -> String) {
        self.topology = Some(topology);
        while self.nodes.len() < topology.node_limits().0 {
            self.nodes.push(DraftNode { key: new_key(), make_robot: true, ..DraftNode::default() });
        }
    }

    /// Whether two say the same. Whether a secret is kept does not count: the server alone knows.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let bare = |draft: &Self| {
            let mut draft = draft.clone();
            draft.nodes.iter_mut().for_each(|n| n.has_secret = false);
            draft
        };
        bare(self) == bare(other)
    }

    /// Judges everything typed so far.
    ///
    /// # Errors
    /// Every fault with its field: `topology`, `name`, `nodes[0].address`, `entry` …
    pub fn spec(&self) -> Result<ClusterSpec, Vec<AppError>> {
        let mut faults = Vec::new();
        let topology = self.topology;
        if topology.is_none() {
            faults.push(
                AppError::new(
                    "draft.topology",
                    422,
                    say!("No topology is chosen.", "还没有选择拓扑。"),
                    say!("Choose one of the four.", "请在四种拓扑中选择一种。"),
                )
                .at("topology"),
            );
        }
        let name = ClusterName::parse(&self.name).map_err(|e| faults.push(e.at("name"))).ok();
        let mut nodes = Vec::new();
        for (i, typed) in self.nodes.iter().enumerate() {
            match typed.node() {
                Ok(node) => nodes.push(node),
                Err((field, fault)) => faults.push(fault.at(format!("nodes[{i}].{field}"))),
            }
        }
        let entry = if self.entry.trim().is_empty() {
            None
        } else {
            NodeAddress::parse(&self.entry)
                .map(|address| EntrySpec { address, tls: self.entry_tls.clone() })
                .map_err(|e| faults.push(address_fault(&e).at("entry")))
                .ok()
        };
        match (topology, name) {
            (Some(topology), Some(name)) if faults.is_empty() => {
                let spec =
                    ClusterSpec { name, topology, nodes, entry, replication: self.replication.clone() };
                spec.judge().map(|()| spec)
            }
            _ => Err(faults),
        }
    }

    /// The node with that key.
    pub fn node(&self, key: &str) -> Option<&DraftNode> {
        self.nodes.iter().find(|n| n.key == key)
    }
}

impl DraftNode {
    /// Judges one node; an empty name becomes the first label of its host.
    ///
    /// # Errors
    /// The first fault with the field it belongs to.
    pub fn node(&self) -> Result<NodeSpec, (&'static str, AppError)> {
        let address = NodeAddress::parse(&self.address).map_err(|e| ("address", address_fault(&e)))?;
        let name = NodeName::parse(&self.shown_name()).map_err(|e| ("name", e))?;
        let upstream = match self.upstream.trim() {
            "" => None,
            up => Some(NodeName::parse(up).map_err(|e| ("upstream", e))?),
        };
        Ok(NodeSpec { name, address, tls: self.tls.clone(), upstream })
    }

    /// The name typed, or the first label of the host (with the port where the host is a number).
    pub fn shown_name(&self) -> String {
        let typed = self.name.trim();
        if !typed.is_empty() {
            return typed.to_owned();
        }
        NodeAddress::parse(&self.address).map(|a| short_name(&a)).unwrap_or_default()
    }
}

/// The first label of a host name; an IP address or a loopback name with its port, which tells it apart.
fn short_name(address: &NodeAddress) -> String {
    let host = address.shown_host();
    match address.ip() {
        Some(_) => address.authority(),
        None if host == "localhost" => address.authority(),
        None => host.split('.').next().unwrap_or_default().to_owned(),
    }
}

fn address_fault(fault: &AddressError) -> AppError {
    let (cause, next) = match fault {
        AddressError::Empty => (
            say!("The address is empty.", "地址为空。"),
            say!(
                "Give the host or the link you open Harbor with.",
                "请填写 Harbor 的主机名或平时打开的链接。"
            ),
        ),
        AddressError::Scheme(scheme) => (
            say!("{scheme} is neither http nor https.", "{scheme} 既不是 http 也不是 https。"),
            say!("Start the address with https:// or http://.", "请以 https:// 或 http:// 开头。"),
        ),
        AddressError::Credentials => (
            say!("The address has a user name or password in it.", "地址中含有用户名或密码。"),
            say!(
                "Put them into their own fields; they were not kept.",
                "请填在各自的输入框中；地址里的内容没有保存。"
            ),
        ),
        AddressError::Path(path) => (
            say!("{path} is not a page of Harbor's.", "{path} 不是 Harbor 的页面。"),
            say!(
                "Harbor must own the root of its name: give the host alone.",
                "Harbor 必须占用域名的根路径：请只填写主机名。"
            ),
        ),
        AddressError::Host(host) => (
            say!("{host} is not a host name or IP address.", "{host} 不是主机名或 IP 地址。"),
            say!("Check it for blanks and typing errors.", "请检查是否有空格或拼写错误。"),
        ),
        AddressError::Port(port) => (
            say!("{port} is not a port.", "{port} 不是端口号。"),
            say!("A port is a number from 1 to 65535.", "端口是 1 到 65535 之间的数字。"),
        ),
        AddressError::International(host) => (
            say!("{host} cannot be used as a host name.", "{host} 不能用作主机名。"),
            say!("Give its xn-- form.", "请填写它的 xn-- 形式。"),
        ),
    };
    AppError::new(fault.code(), 422, cause, next)
}

/// A draft as the wizard gets it: what was typed, and everything the server knows about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftView {
    /// Its id.
    pub id: DraftId,
    /// Grows with each save; a save against an older one is refused, so that two tabs cannot undo each other.
    pub version: i64,
    /// What was typed.
    pub draft: Draft,
    /// When it was saved last, UTC milliseconds.
    pub saved_ms: i64,
    /// What each node answered when it was tested last, in the order of the nodes.
    pub tests: Vec<Option<NodeTest>>,
    /// Why a kept cluster cannot be changed so; nothing is asked then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<AppError>,
    /// Findings so far.
    pub findings: Vec<Finding>,
    /// The plan, once the checks are settled.
    pub plan: Option<Plan>,
    /// The run that applies it.
    pub run: Option<RunId>,
}

/// What the "Test" button of a node shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeTest {
    /// The address that was asked.
    pub address: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why nothing more could be learned; empty when it answered as a Harbor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<AppError>,
    /// Its certificate; `None` for http.
    pub tls: Option<TlsSeen>,
    /// Answer time of `/ping`, milliseconds.
    pub latency_ms: Option<u32>,
    /// Harbor's version without the commit.
    pub version: Option<String>,
    /// Who we are there: "admin (administrator)", "robot$breakwater".
    pub who: Option<Say>,
    /// The account may do all that Breakwater needs.
    pub rights_ok: bool,
    /// What it may or may not do, in words.
    pub rights: Option<Say>,
    /// Its clock minus ours, milliseconds.
    pub clock_offset_ms: Option<i64>,
}

/// A server's certificate as seen on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TlsSeen {
    /// SHA-256 of the leaf, 64 hexadecimal digits.
    pub sha256: String,
    /// Its end, UTC milliseconds.
    pub not_after_ms: i64,
    /// Who issued it.
    pub issuer: String,
    /// Verified by the choice made for this node.
    pub trusted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(name: &str, address: &str) -> DraftNode {
        DraftNode { key: name.into(), name: name.into(), address: address.into(), ..DraftNode::default() }
    }

    #[test]
    fn spec_takes_names_from_hosts_where_none_was_typed() {
        let draft = Draft {
            topology: Some(Topology::DualMaster),
            name: "Production".into(),
            nodes: vec![
                typed("", "shanghai.example.cn"),
                typed("", "https://beijing.example.cn/harbor/projects"),
            ],
            ..Draft::default()
        };
        let spec = draft.spec().unwrap();
        let names: Vec<_> = spec.nodes.iter().map(|n| n.name.as_str()).collect();
        assert_eq!(names, ["shanghai", "beijing"]);
    }

    #[test]
    fn spec_names_every_field_at_once() {
        let draft =
            Draft { nodes: vec![typed("a", "ftp://x")], entry: "http://u:p@h".into(), ..Draft::default() };
        let fields: Vec<_> = draft.spec().unwrap_err().into_iter().filter_map(|e| e.field).collect();
        assert_eq!(fields, ["topology", "name", "nodes[0].address", "entry"]);
    }
}
