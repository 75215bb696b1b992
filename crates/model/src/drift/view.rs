//! Drift as people see it.

use serde::{Deserialize, Serialize};

use super::{Accepted, Action, Certainty, Direction, Kind, Side, Verified};
use crate::{
    AppError, Link, Say,
    heal::{FenceView, HealPolicy, HealSettings},
    ids::{ClusterId, PairId, RunId},
    names::{ClusterName, NodeName},
};

/// A pair and how equal it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairView {
    /// Its id.
    pub id: PairId,
    /// Grows with every change: of two views of one pair, the greater is the newer.
    pub version: i64,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Its cluster's name.
    pub cluster_name: ClusterName,
    /// The first node; the source where images go one way.
    pub a: NodeName,
    /// The second node.
    pub b: NodeName,
    /// Which way images go.
    pub direction: Direction,
    /// When the last comparison began, UTC milliseconds; `None` before the first.
    pub read_ms: Option<i64>,
    /// When the last one that read everything began, UTC milliseconds.
    #[serde(default)]
    pub whole_ms: Option<i64>,
    /// What is read between two of those, and what is not seen then; `None` before the first comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Say>,
    /// The watermark of each side: the time up to which it holds everything that the other one sends, UTC
    /// milliseconds; `None` before the first comparison, and for a side that is sent nothing.
    #[serde(default)]
    pub holds_ms: [Option<i64>; 2],
    /// Tags and untagged artifacts that were compared then.
    pub compared: u64,
    /// Those that both sides have, whatever they hold under it.
    #[serde(default)]
    pub copied: u64,
    /// Those that were alike.
    pub equal: u64,
    /// Grows whenever there are other differences than before: a list that was read is then out of date.
    pub changes: i64,
    /// Differences by kind.
    pub totals: Vec<KindTotal>,
    /// How far the comparison under way has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparing: Option<Comparing>,
    /// Why the last try gave no comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
    /// What is healed by itself in its cluster.
    pub policy: HealPolicy,
    /// How its cluster's heals work.
    #[serde(default)]
    pub settings: HealSettings,
    /// Why nothing was healed by itself, though the policy allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<Say>,
    /// What is held between the two, and no run is about to let go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fences: Vec<FenceView>,
    /// The heal that is being carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healing: Option<RunId>,
    /// What was really pulled and hashed; `None` where that was never asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

impl PairView {
    /// Takes over what was read or heard, unless it is older than what is known.
    pub fn follow(&mut self, heard: Self) {
        if heard.id != self.id || heard.version >= self.version {
            *self = heard;
        }
    }

    /// Whether a link is between its nodes, either way.
    pub fn joins(&self, link: &Link) -> bool {
        [&self.a, &self.b].contains(&&link.source) && [&self.a, &self.b].contains(&&link.destination)
    }

    /// The watermark of one of its nodes.
    pub fn holds_ms_of(&self, node: &NodeName) -> Option<i64> {
        let sides = [&self.a, &self.b].into_iter().zip(self.holds_ms);
        sides.filter(|(side, _)| *side == node).find_map(|(_, ms)| ms)
    }

    /// How many differences there are; accepted ones are not counted.
    pub fn differences(&self) -> u64 {
        self.totals.iter().filter(|t| t.kind.counts()).map(|t| t.count).sum()
    }

    /// How many of them can be healed without asking.
    pub fn healable(&self) -> u64 {
        self.totals.iter().filter(|t| t.heals).map(|t| t.count).sum()
    }

    /// How many are of a kind.
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.totals.iter().filter(|t| t.kind == kind).map(|t| t.count).sum()
    }
}

/// How far the projects of a pair are, those that differ first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectsView {
    /// The first of them.
    pub projects: Vec<ProjectView>,
    /// How many more there are.
    pub more: u64,
}

/// How far one project is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectView {
    /// Its name, at the source where the two call it otherwise.
    pub name: String,
    /// Tags and untagged artifacts that were compared.
    pub compared: u64,
    /// Those that both sides have, whatever they hold under it.
    pub copied: u64,
    /// Those that were alike.
    pub equal: u64,
    /// Artifacts that a side lists and could not give when they were pulled.
    pub broken: u64,
}

impl ProjectView {
    /// How many differ.
    pub fn differ(&self) -> u64 {
        self.compared.saturating_sub(self.equal)
    }
}

/// How many differences of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindTotal {
    /// Which.
    pub kind: Kind,
    /// Whether they can be healed without asking.
    pub heals: bool,
    /// How many.
    pub count: u64,
    /// Bytes that healing them would copy; shared layers are counted for each.
    pub bytes: u64,
}

/// How far a comparison has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparing {
    /// Repositories that were compared.
    pub done: u64,
    /// Repositories that are to be compared.
    pub of: u64,
    /// About how long it goes on, milliseconds; `None` before that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_ms: Option<u64>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftView {
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
    /// What it is.
    pub kind: Kind,
    /// The side on which it happened.
    pub on: Option<Side>,
    /// What it is, in two or three words: "Moved on shanghai".
    pub what: Say,
    /// Why, in a sentence.
    pub why: Say,
    /// What each side holds.
    pub held: [Option<HeldView>; 2],
    /// How sure that is.
    pub certainty: Certainty,
    /// What would make it right.
    pub action: Action,
    /// Whether that can be done without asking.
    pub heals: bool,
    /// Why the other side would refuse it: an immutable tag, a quota, a proxy cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Say>,
    /// When it was found first, UTC milliseconds.
    pub found_ms: i64,
    /// By whom it was accepted, why, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// What one side holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldView {
    /// `sha256:…`.
    pub digest: String,
    /// Bytes.
    pub bytes: u64,
    /// When it was pushed, UTC milliseconds; 0 where it is not known.
    pub pushed_ms: i64,
    /// Who pushed it, where that is known.
    pub by: Option<String>,
}

/// Which differences are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DriftQuery {
    /// Of this kind only; accepted ones are given only where that is asked for.
    pub kind: Option<Kind>,
    /// Those in a repository whose name contains this, and those whose tag or digest begins with it; of `left:right` those
    /// in a repository whose name contains the left and whose tag begins with the right.
    pub text: String,
    /// Behind this one: repository and thing of the last row of the page before.
    pub after: Option<(String, String)>,
}

/// A page of differences, by repository and thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftPage {
    /// The rows.
    pub rows: Vec<DriftView>,
    /// There is more behind the last one.
    pub more: bool,
}
