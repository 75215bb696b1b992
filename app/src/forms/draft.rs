//! The wizard's form: what stands in its fields, and the [`Draft`] that is made of it each time it is kept.

use leptos::prelude::*;
use model::{
    AppError, NodeAddress, Topology,
    address::without_credentials,
    draft::{Draft, DraftNode},
    ids::{ClusterId, NodeId},
    scope::Scope,
    spec::{CredentialKind, FirstCopy, ReplicationSpec, TlsChoice},
};

use super::cron::{typed_cron, typed_speed};
use crate::clock::Clock;

/// Everything that is typed in the wizard.
#[derive(Clone, Copy)]
pub(crate) struct DraftForm {
    /// Nodes that are added later live as long as the form, not as the step they were added in.
    owner: StoredValue<Owner>,
    /// The kept cluster that is changed: its name and topology stay.
    pub(crate) cluster: StoredValue<Option<ClusterId>>,
    pub(crate) topology: RwSignal<Option<Topology>>,
    pub(crate) name: RwSignal<String>,
    pub(crate) nodes: RwSignal<Vec<NodeForm>>,
    pub(crate) entry: RwSignal<String>,
    pub(crate) entry_tls: TlsForm,
    pub(crate) cron: RwSignal<String>,
    pub(crate) at_once: RwSignal<bool>,
    /// Kilobits per second; empty for no limit.
    pub(crate) speed: RwSignal<String>,
    /// Chosen on the page of the rules; a draft only carries it on.
    copy_by_chunk: StoredValue<bool>,
    /// The same.
    scope: StoredValue<Scope>,
    pub(crate) first_copy: RwSignal<String>,
    /// What `<input type="datetime-local">` holds.
    pub(crate) first_copy_at: RwSignal<String>,
    pub(crate) probes_confirmed: RwSignal<bool>,
}

/// The fields of one node.
#[derive(Clone, Copy)]
pub(crate) struct NodeForm {
    key: StoredValue<String>,
    /// Which kept node it is and stays.
    kept: StoredValue<Option<NodeId>>,
    pub(crate) name: RwSignal<String>,
    pub(crate) address: RwSignal<String>,
    pub(crate) tls: TlsForm,
    /// `admin` or `robot`.
    pub(crate) credential: RwSignal<String>,
    pub(crate) username: RwSignal<String>,
    /// What is being typed; goes to the server by itself and is never part of the draft.
    pub(crate) secret: RwSignal<String>,
    pub(crate) has_secret: RwSignal<bool>,
    pub(crate) make_robot: RwSignal<bool>,
    pub(crate) upstream: RwSignal<String>,
}

/// How a certificate is judged.
#[derive(Clone, Copy)]
pub(crate) struct TlsForm {
    /// `system`, `custom-ca`, `pinned`, `off`.
    pub(crate) mode: RwSignal<String>,
    pub(crate) pem: RwSignal<String>,
    pub(crate) sha256: RwSignal<String>,
}

/// First copy when a person says so.
pub(crate) const FIRST_ASKED: &str = "asked";
/// First copy by the schedule.
pub(crate) const FIRST_SCHEDULE: &str = "by-schedule";
/// First copy at a time.
pub(crate) const FIRST_AT: &str = "at";

impl DraftForm {
    /// The form as the draft says.
    pub(crate) fn of(draft: &Draft) -> Self {
        let form = Self {
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            cluster: StoredValue::new(draft.cluster.clone()),
            topology: RwSignal::new(None),
            name: RwSignal::default(),
            nodes: RwSignal::default(),
            entry: RwSignal::default(),
            entry_tls: TlsForm::of(&TlsChoice::System),
            cron: RwSignal::default(),
            at_once: RwSignal::default(),
            speed: RwSignal::default(),
            copy_by_chunk: StoredValue::new(false),
            scope: StoredValue::default(),
            first_copy: RwSignal::default(),
            first_copy_at: RwSignal::default(),
            probes_confirmed: RwSignal::default(),
        };
        form.load(draft);
        form
    }

    /// Puts another draft into the fields.
    pub(crate) fn load(self, draft: &Draft) {
        self.topology.set(draft.topology);
        self.name.set(draft.name.clone());
        self.nodes.set(draft.nodes.iter().map(|n| self.fields_of(n)).collect());
        self.entry.set(draft.entry.clone());
        self.entry_tls.load(&draft.entry_tls);
        let ReplicationSpec { cron, at_once, speed_kbps, copy_by_chunk, first_copy, scope } =
            &draft.replication;
        self.cron.set(cron.clone().unwrap_or_default());
        self.at_once.set(*at_once);
        self.copy_by_chunk.set_value(*copy_by_chunk);
        self.scope.set_value(scope.clone());
        self.speed.set(speed_kbps.map(|s| s.to_string()).unwrap_or_default());
        self.first_copy.set(
            match first_copy {
                FirstCopy::Asked => FIRST_ASKED,
                FirstCopy::BySchedule => FIRST_SCHEDULE,
                FirstCopy::At { .. } => FIRST_AT,
            }
            .to_owned(),
        );
        self.first_copy_at.set(match first_copy {
            FirstCopy::At { ms } => untrack(|| Clock::current().local(*ms).input()),
            _ => String::new(),
        });
        self.probes_confirmed.set(draft.probes_confirmed);
    }

    /// What is typed now; follows every field.
    pub(crate) fn draft(self) -> Draft {
        let mut draft = self.typed();
        for node in &mut draft.nodes {
            node.address = without_credentials(&node.address);
        }
        draft.entry = without_credentials(&draft.entry);
        draft
    }

    /// The same with what is refused and may not be kept: passwords in addresses.
    fn typed(self) -> Draft {
        Draft {
            cluster: self.cluster.get_value(),
            topology: self.topology.get(),
            name: self.name.get(),
            nodes: self.nodes.get().into_iter().map(NodeForm::node).collect(),
            entry: self.entry.get(),
            entry_tls: self.entry_tls.choice(),
            replication: ReplicationSpec {
                cron: typed_cron(&self.cron.get()),
                at_once: self.at_once.get(),
                speed_kbps: typed_speed(&self.speed.get()),
                copy_by_chunk: self.copy_by_chunk.get_value(),
                first_copy: match self.first_copy.get().as_str() {
                    FIRST_SCHEDULE => FirstCopy::BySchedule,
                    FIRST_AT => local_ms(&self.first_copy_at.get())
                        .map_or(FirstCopy::Asked, |ms| FirstCopy::At { ms }),
                    _ => FirstCopy::Asked,
                },
                scope: self.scope.get_value(),
            },
            probes_confirmed: self.probes_confirmed.get(),
        }
    }

    /// Chooses a topology; nodes are added up to its least number, none is taken away.
    pub(crate) fn choose(self, topology: Topology) {
        let mut draft = untrack(|| self.draft());
        let (there, mut fresh) = (draft.nodes.len(), Vec::new());
        draft.choose(topology, || {
            let key = new_key(there + fresh.len());
            fresh.push(key.clone());
            key
        });
        self.topology.set(Some(topology));
        let added: Vec<NodeForm> =
            draft.nodes.iter().filter(|n| fresh.contains(&n.key)).map(|n| self.fields_of(n)).collect();
        if !added.is_empty() {
            self.nodes.update(|all| all.extend(added));
        }
    }

    fn fields_of(self, node: &DraftNode) -> NodeForm {
        self.owner.with_value(|owner| owner.with(|| NodeForm::of(node)))
    }

    /// Adds an empty node.
    pub(crate) fn add_node(self) {
        let key = new_key(self.nodes.with_untracked(Vec::len));
        let node = DraftNode { key, make_robot: true, ..DraftNode::default() };
        let fields = self.fields_of(&node);
        self.nodes.update(|all| all.push(fields));
    }

    /// The place of the node with that key; follows the list.
    pub(crate) fn place_of(self, key: &str) -> Option<usize> {
        self.nodes.with(|all| all.iter().position(|n| n.key() == key))
    }

    /// Takes a node out.
    pub(crate) fn remove_node(self, key: &str) {
        self.nodes.update(|all| all.retain(|n| n.key() != key));
    }

    /// Whether a kept cluster is changed.
    pub(crate) fn is_change(self) -> bool {
        self.cluster.with_value(Option::is_some)
    }

    /// Every fault of what is typed that this browser can judge; follows every field. Names with letters outside
    /// ASCII are left to the server, whose tables are too large for a page.
    pub(crate) fn faults(self) -> Vec<AppError> {
        let mut faults = self.typed().spec().err().unwrap_or_default();
        faults.retain(|f| f.code != "address.international");
        faults
    }
}

impl NodeForm {
    fn of(node: &DraftNode) -> Self {
        Self {
            key: StoredValue::new(node.key.clone()),
            kept: StoredValue::new(node.node.clone()),
            name: RwSignal::new(node.name.clone()),
            address: RwSignal::new(node.address.clone()),
            tls: TlsForm::of(&node.tls),
            credential: RwSignal::new(kind_word(node.credential).to_owned()),
            username: RwSignal::new(node.username.clone()),
            secret: RwSignal::default(),
            has_secret: RwSignal::new(node.has_secret),
            make_robot: RwSignal::new(node.make_robot),
            upstream: RwSignal::new(node.upstream.clone()),
        }
    }

    fn node(self) -> DraftNode {
        DraftNode {
            key: self.key(),
            node: self.kept.get_value(),
            name: self.name.get(),
            address: self.address.get(),
            tls: self.tls.choice(),
            credential: kind(&self.credential.get()),
            username: self.username.get(),
            has_secret: self.has_secret.get(),
            make_robot: self.make_robot.get(),
            upstream: self.upstream.get(),
        }
    }

    /// Stays the same while everything else is edited.
    pub(crate) fn key(self) -> String {
        self.key.get_value()
    }

    /// Whether it is a node of the kept cluster, and stays.
    pub(crate) fn stays(self) -> bool {
        self.kept.with_value(Option::is_some)
    }

    /// The name it goes by now: typed, or from its address; may be empty.
    pub(crate) fn shown_name(self) -> String {
        self.node().shown_name()
    }

    /// Whether its address says plain http.
    pub(crate) fn is_http(self) -> bool {
        NodeAddress::parse(&self.address.get()).is_ok_and(|a| a.scheme() == model::address::Scheme::Http)
    }
}

impl TlsForm {
    fn of(choice: &TlsChoice) -> Self {
        let form = Self { mode: RwSignal::default(), pem: RwSignal::default(), sha256: RwSignal::default() };
        form.load(choice);
        form
    }

    fn load(self, choice: &TlsChoice) {
        let mode = match choice {
            TlsChoice::System => "system",
            TlsChoice::CustomCa { pem } => {
                self.pem.set(pem.clone());
                "custom-ca"
            }
            TlsChoice::Pinned { sha256 } => {
                self.sha256.set(sha256.clone());
                "pinned"
            }
            TlsChoice::Off => "off",
        };
        self.mode.set(mode.to_owned());
    }

    /// The choice made.
    pub(crate) fn choice(self) -> TlsChoice {
        match self.mode.get().as_str() {
            "custom-ca" => TlsChoice::CustomCa { pem: self.pem.get() },
            "pinned" => {
                TlsChoice::Pinned { sha256: self.sha256.get().trim().to_ascii_lowercase().replace(':', "") }
            }
            "off" => TlsChoice::Off,
            _ => TlsChoice::System,
        }
    }

    /// Accepts this certificate and no other.
    pub(crate) fn pin(self, sha256: String) {
        self.sha256.set(sha256);
        self.mode.set("pinned".to_owned());
    }
}

/// The word of a credential's kind in a list.
pub(crate) fn kind_word(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Admin => "admin",
        CredentialKind::Robot => "robot",
    }
}

/// Reads that word.
pub(crate) fn kind(word: &str) -> CredentialKind {
    if word == "robot" { CredentialKind::Robot } else { CredentialKind::Admin }
}

/// A key for the `nth` node that no node of this draft had before, also not one that was removed.
fn new_key(nth: usize) -> String {
    #[cfg(not(feature = "ssr"))]
    let now = js_sys::Date::now() as i64;
    #[cfg(feature = "ssr")]
    let now = crate::clock::system_ms();
    format!("n{now:x}-{nth}")
}

/// What a person means by a local time, UTC milliseconds.
fn local_ms(text: &str) -> Option<i64> {
    #[cfg(not(feature = "ssr"))]
    {
        let ms = js_sys::Date::parse(text);
        ms.is_finite().then_some(ms as i64)
    }
    #[cfg(feature = "ssr")]
    {
        let _ = text;
        None
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use model::scope::{NamePattern, Scope};

    use super::*;

    fn typed() -> Draft {
        Draft {
            topology: Some(Topology::DualMaster),
            name: "Production".into(),
            nodes: vec![
                DraftNode {
                    key: "a".into(),
                    address: "a.test".into(),
                    tls: TlsChoice::Pinned { sha256: "ab".repeat(32) },
                    credential: CredentialKind::Robot,
                    has_secret: true,
                    ..DraftNode::default()
                },
                DraftNode {
                    key: "b".into(),
                    address: "b.test".into(),
                    tls: TlsChoice::Off,
                    ..DraftNode::default()
                },
            ],
            entry: "hub.test".into(),
            replication: ReplicationSpec {
                cron: Some("0 */10 * * * *".into()),
                at_once: true,
                scope: Scope { names: NamePattern::parse("shop/**").ok(), ..Scope::default() },
                ..Default::default()
            },
            ..Draft::default()
        }
    }

    #[test]
    fn draft_comes_back_from_the_fields_as_it_went_in() {
        let owner = Owner::new();
        owner.set();
        let form = DraftForm::of(&typed());
        assert_eq!(form.draft(), typed());
        assert!(form.faults().is_empty());
    }

    #[test]
    fn choose_adds_nodes_and_takes_none_away() {
        let owner = Owner::new();
        owner.set();
        let form = DraftForm::of(&Draft::default());
        form.choose(Topology::DualMaster);
        assert_eq!(form.nodes.get_untracked().len(), 2);
        form.add_node();
        form.choose(Topology::SharedStorage);
        let keys: std::collections::BTreeSet<_> =
            form.nodes.get_untracked().iter().map(|n| n.key()).collect();
        assert_eq!(keys.len(), 3);
    }
}
