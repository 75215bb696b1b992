//! Drift: what two Harbors hold that should be the same and is not.
//!
//! [`judge`] is the one place that decides. It is given one repository at a time: what each side holds, the [`Base`]
//! (what both sides were last read to hold alike), and the acts that the audit logs name. It reads no clock and
//! changes nothing, so that the same inputs give the same answer in a test, on the server and in a browser.

mod accepted;
mod history;
mod holding;
mod judge;
mod newest;
mod verified;
mod view;

use serde::{Deserialize, Serialize};

pub use accepted::{Acceptance, Accepted, Accepting, SeenRow};
pub use history::{DriftHistory, HistoryStep, KindCount};
pub use holding::{Artifact, Base, BaseTag, Holding, Tag};
pub use judge::{Question, Verdict, judge};
pub use verified::{Broken, BrokenHow, Verified};
pub use view::{
    Comparing, DriftPage, DriftQuery, DriftView, HeldView, KindTotal, PairView, ProjectView, ProjectsView,
};

use crate::digest::Digest;

/// One of the two Harbors of a pair; `A` is the source where images go one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Its place in an array of two.
    pub fn at(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }
}

/// Which way images go in a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Both take pushes, and each shall hold what the other took.
    Both,
    /// Only `A` takes pushes; `B` shall hold what `A` holds.
    AToB,
}

/// What a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Only on one side, and never on both: it was pushed and has not crossed.
    New,
    /// The tag stood for the same on both sides, and stands for something else on one now.
    Moved,
    /// It was on both sides, and a person deleted it on one.
    Deleted,
    /// Both sides changed, each in its own way: a person must decide.
    Conflict,
    /// Replication moved a tag back that a person had moved.
    PutBack,
    /// Replication brought something back that a person had deleted.
    Resurrected,
    /// It was on both sides and is gone from one, and no person's act says why.
    Vanished,
    /// Retention removed it on one side. That is a side's own housekeeping and is not carried.
    Retired,
    /// The side says it holds it, but a part of it (a platform's image, a signature) is missing.
    Incomplete,
    /// Only at the destination of a link that goes one way.
    Extra,
    /// Only on one side, at the first comparison: whether it was ever on the other nobody knows.
    NoHistory,
    /// It changed while the two were being read, which may be all that differs: the next comparison tells.
    Unstable,
    /// A person accepted it, whatever else it is: it stands until either side changes or its time is over.
    Accepted,
}

impl Kind {
    /// All, in the order of the filters.
    pub const ALL: [Self; 13] = [
        Self::New,
        Self::NoHistory,
        Self::Moved,
        Self::Deleted,
        Self::Conflict,
        Self::PutBack,
        Self::Resurrected,
        Self::Vanished,
        Self::Retired,
        Self::Incomplete,
        Self::Extra,
        Self::Unstable,
        Self::Accepted,
    ];

    /// The stable word in JSON, URLs and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Moved => "moved",
            Self::Deleted => "deleted",
            Self::Conflict => "conflict",
            Self::PutBack => "put-back",
            Self::Resurrected => "resurrected",
            Self::Vanished => "vanished",
            Self::Retired => "retired",
            Self::Incomplete => "incomplete",
            Self::Extra => "extra",
            Self::NoHistory => "no-history",
            Self::Unstable => "unstable",
            Self::Accepted => "accepted",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }

    /// Whether it counts as a difference: an accepted one does not.
    pub fn counts(self) -> bool {
        self != Self::Accepted
    }
}

/// How sure a judgement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// The base and an audited act say so.
    Certain,
    /// What is held says so; no act was found that contradicts it.
    Likely,
    /// It could be otherwise: a person decides.
    Open,
}

/// What would make both sides right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Action {
    /// Copy what is held on the other side to this one, which has nothing under that name.
    Copy {
        /// To this side.
        to: Side,
    },
    /// Copy what is held on the other side over the tag of this one.
    Move {
        /// To this side.
        to: Side,
    },
    /// Delete it on this side, if it is still what was read.
    Delete {
        /// On this side.
        on: Side,
    },
    /// Delete it on both.
    DeleteBoth,
    /// Nothing.
    Leave,
    /// Ask a person.
    Ask,
}

/// Who did something, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// A person, or a robot that works for people: whoever is none of the others.
    Person,
    /// The robot of a link: it came by replication.
    Link,
    /// Harbor's own job service: retention.
    Retention,
    /// Breakwater itself.
    Console,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// An image was pushed, or a tag was put on one.
    Push,
    /// A tag was deleted.
    DeleteTag,
    /// An artifact was deleted with all its tags.
    DeleteArtifact,
    /// The repository was deleted.
    DeleteRepository,
}

/// One line of an audit log that concerns a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Act {
    /// Harbor's id of the line.
    pub row: i64,
    /// When, UTC milliseconds by the console's clock.
    pub at_ms: i64,
    /// The account.
    pub by: String,
    /// What kind of account that is.
    pub author: Author,
    /// What.
    pub deed: Deed,
    /// The tag, where one is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The digest, where it is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// An act that a judgement rests on, with the side it was done on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// Where.
    pub side: Side,
    /// What.
    pub act: Act,
}

/// One difference of one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// The tag; `None` where an untagged artifact differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// The side on which it happened; `None` where both changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Side>,
    /// What each side holds.
    pub held: [Option<Digest>; 2],
    /// What both held when last read alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Digest>,
    /// What a person last wanted, where both sides hold something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Digest>,
    /// How sure that is.
    pub certainty: Certainty,
    /// What it rests on, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What would make it right.
    pub action: Action,
}
