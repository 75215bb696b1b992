//! What an edited cluster differs in from the one that is kept: which nodes stay, are new, are gone, and which links.
//!
//! A node stays by its id, not by its name: a new Harbor may take over the name of the one it replaces, and then
//! nothing that was made for the old one is taken for its own.

use std::collections::BTreeSet;

use model::{
    AppError, Link, NodeAddress,
    finding::Subject,
    ids::{ClusterId, NodeId},
    names::{NAME_MAX, NodeName},
    plan::PlannedRule,
    spec::{ClusterSpec, NodeSpec, ReplicationSpec},
};
use serde::{Deserialize, Serialize};

use crate::error;

/// The cluster as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Before {
    /// Which.
    pub cluster: ClusterId,
    /// What it is.
    pub spec: ClusterSpec,
    /// The ids of its nodes, in the order of the spec.
    pub ids: Vec<NodeId>,
    /// Its rules.
    pub rules: Vec<PlannedRule>,
    /// Its rules are off until the time set for the first copy.
    #[serde(default)]
    pub waiting: bool,
}

/// A node that leaves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gone {
    /// Its id.
    pub id: NodeId,
    /// What it is called in this run: its name, unless a new node takes that over.
    pub called: NodeName,
    /// What it was.
    pub spec: NodeSpec,
}

/// A kept cluster beside what it shall become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// As it is.
    pub before: Before,
    /// As it shall be.
    pub spec: ClusterSpec,
    /// For each node of the new spec the one that it stays.
    ids: Vec<Option<NodeId>>,
}

impl Change {
    /// Judges an edited cluster; `claimed` says for each of its nodes which kept one it is.
    ///
    /// # Errors
    /// `change.topology`, `change.renamed`, `change.nothing_stays`, `change.first_retired`.
    pub(crate) fn of(
        before: Before,
        spec: ClusterSpec,
        claimed: Vec<Option<NodeId>>,
    ) -> Result<Self, AppError> {
        if spec.topology != before.spec.topology {
            return Err(error::other_topology());
        }
        let mut taken = BTreeSet::new();
        let mut ids: Vec<Option<NodeId>> = claimed
            .into_iter()
            .map(|id| id.filter(|id| before.ids.contains(id) && taken.insert(id.clone())))
            .collect();
        ids.resize(spec.nodes.len(), None);
        // Somebody took a node out and typed it in again: it is the same Harbor.
        for (id, node) in ids.iter_mut().zip(&spec.nodes).filter(|(id, _)| id.is_none()) {
            let same = before.ids.iter().zip(&before.spec.nodes).find(|(id, there)| {
                !taken.contains(*id) && there.name == node.name && there.address == node.address
            });
            if let Some((there, _)) = same {
                taken.insert(there.clone());
                *id = Some(there.clone());
            }
        }
        let change = Self { before, spec, ids };
        for (n, node) in change.spec.nodes.iter().enumerate() {
            if let Some(kept) = change.kept(&node.name)
                && kept.name != node.name
            {
                return Err(error::renamed(&kept.name).at(format!("nodes[{n}].name")));
            }
        }
        if change.ids.iter().all(Option::is_none) {
            return Err(error::nothing_stays());
        }
        let first = (change.before.ids.first(), change.ids.first().and_then(Option::as_ref));
        if let (Some(was), Some(is)) = first
            && change.spec.topology.one_writer()
            && was != is
        {
            return Err(error::first_retired(&change.before.spec.nodes[0].name));
        }
        Ok(change)
    }

    /// The kept node that a node of the new spec is.
    fn kept(&self, name: &NodeName) -> Option<&NodeSpec> {
        let at = self.spec.nodes.iter().position(|n| n.name == *name)?;
        let id = self.ids.get(at)?.as_ref()?;
        let there = self.before.ids.iter().position(|i| i == id)?;
        self.before.spec.nodes.get(there)
    }

    /// The id of a node that stays.
    pub(crate) fn id_of(&self, name: &NodeName) -> Option<&NodeId> {
        let at = self.spec.nodes.iter().position(|n| n.name == *name)?;
        self.ids.get(at)?.as_ref()
    }

    /// Whether the node of that name was in the cluster and stays.
    pub(crate) fn stays(&self, name: &NodeName) -> bool {
        self.id_of(name).is_some()
    }

    /// The nodes that are new.
    pub(crate) fn added(&self) -> impl Iterator<Item = &NodeSpec> {
        self.spec.nodes.iter().filter(|n| !self.stays(&n.name))
    }

    /// Whether a node that stays is reached otherwise than before.
    pub(crate) fn is_touched(&self, name: &NodeName) -> bool {
        let now = self.spec.node(name);
        self.kept(name).zip(now).is_some_and(|(was, is)| was.address != is.address || was.tls != is.tls)
    }

    /// The address that a node which stays, or the node whose name is taken over, had before.
    pub(crate) fn former_address(&self, name: &NodeName) -> Option<&NodeAddress> {
        self.before.spec.node(name).map(|n| &n.address)
    }

    /// The nodes that leave.
    pub(crate) fn gone(&self) -> Vec<Gone> {
        let leaving = self.before.ids.iter().zip(&self.before.spec.nodes);
        leaving
            .filter(|(id, _)| !self.ids.iter().flatten().any(|i| i == *id))
            .map(|(id, spec)| Gone { id: id.clone(), called: self.called(&spec.name), spec: spec.clone() })
            .collect()
    }

    fn called(&self, name: &NodeName) -> NodeName {
        let mut tail = " (old)".to_owned();
        let mut called = name.clone();
        while self.spec.node(&called).is_some() {
            let head: String =
                name.as_str().chars().take(NAME_MAX.saturating_sub(tail.chars().count())).collect();
            match NodeName::parse(&format!("{head}{tail}")) {
                Ok(other) => called = other,
                Err(_) => break,
            }
            tail.insert(tail.len() - 1, '+');
        }
        called
    }

    /// Where the end of a former link is met in this run: under its name, or as [`Gone::called`].
    pub(crate) fn place_of(&self, name: &NodeName) -> NodeName {
        let gone = self.gone().into_iter().find(|g| g.spec.name == *name);
        gone.map_or_else(|| name.clone(), |g| g.called)
    }

    /// Links that were there and go on between the same two nodes.
    pub(crate) fn kept_links(&self) -> Vec<Link> {
        let before = self.before.spec.links();
        let mut links = self.spec.links();
        links.retain(|l| before.contains(l) && self.stays(&l.source) && self.stays(&l.destination));
        links
    }

    /// Links that are new.
    pub(crate) fn new_links(&self) -> Vec<Link> {
        let kept = self.kept_links();
        let mut links = self.spec.links();
        links.retain(|l| !kept.contains(l));
        links
    }

    /// Links that go on, one of whose ends is reached otherwise.
    pub(crate) fn touched_links(&self) -> Vec<Link> {
        let mut links = self.kept_links();
        links.retain(|l| self.is_touched(&l.source) || self.is_touched(&l.destination));
        links
    }

    /// Links that are no more, by the names their ends had.
    pub(crate) fn gone_links(&self) -> Vec<Link> {
        let kept = self.kept_links();
        let mut links = self.before.spec.links();
        links.retain(|l| !kept.contains(l));
        links
    }

    /// Whether the rules are wished otherwise than before; when to copy first is no property of a rule.
    pub(crate) fn rules_changed(&self) -> bool {
        let (before, now) = (&self.before.spec.replication, &self.spec.replication);
        ReplicationSpec { first_copy: now.first_copy, ..before.clone() } != *now
    }

    fn entry_changed(&self) -> bool {
        self.before.spec.entry != self.spec.entry
    }

    /// Whether the entry leads somewhere else than what was proven.
    pub(crate) fn entry_to_prove(&self) -> bool {
        self.spec.entry.is_some() && (self.entry_changed() || self.nodes_differ())
    }

    /// Whether a node is new or is reached otherwise.
    pub(crate) fn nodes_differ(&self) -> bool {
        self.spec.nodes.iter().any(|n| !self.stays(&n.name) || self.is_touched(&n.name))
    }

    /// Whether nothing would change.
    pub(crate) fn is_empty(&self) -> bool {
        !self.nodes_differ()
            && self.gone().is_empty()
            && self.new_links().is_empty()
            && !(self.rules_changed() && self.spec.topology.copies())
            && !self.entry_changed()
    }

    /// The nodes without which the change cannot be carried out.
    pub(crate) fn concerned(&self) -> BTreeSet<NodeName> {
        let copies = self.spec.topology.copies();
        let names = self.spec.nodes.iter().map(|n| n.name.clone());
        if self.entry_to_prove() && copies || self.nodes_differ() && !copies {
            return names.collect();
        }
        let mut concerned: BTreeSet<NodeName> =
            names.filter(|n| !self.stays(n) || self.is_touched(n)).collect();
        let mut links = self.new_links();
        links.extend(self.touched_links());
        links.extend(self.gone_links());
        if self.rules_changed() {
            links.extend(self.kept_links());
        }
        for link in links {
            concerned.extend([link.source, link.destination].into_iter().filter(|n| self.stays(n)));
        }
        concerned
    }

    /// Whether a question about the new cluster arises because of the change.
    pub(crate) fn concerns(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Cluster => self.nodes_differ(),
            Subject::Node { node } => self.concerned().contains(node),
            Subject::Entry => self.entry_to_prove(),
            Subject::Link { source, destination } => {
                let link = Link::new(source.clone(), destination.clone());
                self.rules_changed()
                    || self.new_links().contains(&link)
                    || self.touched_links().contains(&link)
            }
        }
    }

    /// Whether robots are made or removed on a node, which before 2.12.4 needs an administrator.
    pub(crate) fn needs_robots(&self, node: &NodeName) -> bool {
        let mut links = self.new_links();
        links.extend(self.gone_links());
        !self.stays(node) || links.iter().any(|l| l.destination == *node)
    }

    /// The rules of the changed cluster: those that go on, and those that were planned.
    pub(crate) fn rules_after(&self, planned: &[PlannedRule]) -> Vec<PlannedRule> {
        let kept = self.kept_links();
        let replaced = |rule: &PlannedRule| {
            planned.iter().any(|p| p.name == rule.name && p.link.source == rule.link.source)
        };
        let dropped = |rule: &PlannedRule| rule.cron.is_none() && !self.spec.replication.at_once;
        let going_on =
            self.before.rules.iter().filter(|r| kept.contains(&r.link) && !replaced(r) && !dropped(r));
        let mut rules: Vec<PlannedRule> = going_on.chain(planned).cloned().collect();
        let links = self.spec.links();
        rules.sort_by_key(|r| links.iter().position(|l| *l == r.link));
        rules
    }
}

#[cfg(test)]
mod tests;
