//! What was really pulled and hashed: a registry can claim a blob that its storage has lost.

use serde::{Deserialize, Serialize};

use super::Side;
use crate::Digest;

/// How far a pass over a share of what both sides hold has come, and what could not be given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Verified {
    /// When the pass began, UTC milliseconds.
    pub began_ms: i64,
    /// When it ended; `None` while it goes on.
    pub ended_ms: Option<i64>,
    /// The share that is pulled, in percent.
    pub percent: u8,
    /// Artifacts that were pulled whole, on both sides together.
    pub artifacts: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be given, oldest first.
    pub broken: Vec<Broken>,
}

/// An artifact that a side lists and cannot give whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Broken {
    /// Which side.
    pub side: Side,
    /// `project/repository`, called as at the source.
    pub repository: String,
    /// A tag that stands for it; `None` for an untagged artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The artifact.
    pub artifact: Digest,
    /// The part of it, a blob or a manifest, that is not given.
    pub part: String,
    /// How.
    pub how: BrokenHow,
    /// When that was seen first, UTC milliseconds.
    pub found_ms: i64,
}

/// What is wrong with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BrokenHow {
    /// It is not there.
    Missing,
    /// Its bytes have another digest.
    Altered,
    /// The registry fails when it is asked for it.
    Failing,
}

impl Broken {
    /// Whether it is the same artifact on the same side, whichever part was asked for first.
    pub fn is(&self, other: &Self) -> bool {
        (self.side, &self.repository, &self.artifact) == (other.side, &other.repository, &other.artifact)
    }

    /// As people write it: `shop/cart:v1`.
    pub fn name(&self) -> String {
        match &self.tag {
            Some(tag) => format!("{}:{tag}", self.repository),
            None => format!("{}@{}", self.repository, self.artifact.short()),
        }
    }
}

impl Verified {
    /// Most that is kept of what is broken: beyond that it is the storage as a whole.
    pub const MOST: usize = 100;

    /// Takes over what is broken, with the time when it was seen first.
    pub fn note(&mut self, found: Broken) {
        if let Some(known) = self.broken.iter_mut().find(|known| known.is(&found)) {
            *known = Broken { found_ms: known.found_ms, ..found };
        } else if self.broken.len() < Self::MOST {
            self.broken.push(found);
        }
    }
}
