//! Healing: what is carried from one side of a pair to the other, frozen before it begins.

use serde::{Deserialize, Serialize};

use crate::{
    Digest, Say,
    drift::Kind,
    ids::{PairId, PlanId},
    plan::PlannedStep,
};

/// One tag that a heal carries, with what was read when the plan was made: what has changed since is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealItem {
    /// `project/repository`.
    pub repository: String,
    /// The tag; `None` for an untagged artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What the other side holds, where something is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Digest>,
    /// What is there, where something is overwritten or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Digest>,
    /// Delete the artifact too, once no tag stands for it: that is what was done on the other side.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl HealItem {
    /// The project, and the repository's name in it.
    pub fn place(&self) -> (&str, &str) {
        self.repository.split_once('/').unwrap_or((&self.repository, ""))
    }

    /// As people write it: `shop/cart:v1`.
    pub fn name(&self) -> String {
        match (&self.tag, &self.there) {
            (Some(tag), _) => format!("{}:{tag}", self.repository),
            (None, Some(digest)) => format!("{}@{}", self.repository, digest.short()),
            (None, None) => self.repository.clone(),
        }
    }
}

/// Which differences a heal shall carry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct HealChoice {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// Whose `repository:tag` contains this.
    pub text: String,
}

/// What a heal will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealPlan {
    /// Its id: what is carried out is this plan and no other.
    pub id: PlanId,
    /// The pair.
    pub pair: PairId,
    /// The pair's `changes` when it was made: other differences make it stale.
    pub changes: i64,
    /// Tags that are copied.
    pub copies: u64,
    /// Tags that are moved.
    pub moves: u64,
    /// Tags and artifacts that are deleted.
    pub deletes: u64,
    /// Bytes that are copied; shared layers are counted for each.
    pub bytes: u64,
    /// In the order they are carried out.
    pub steps: Vec<PlannedStep>,
    /// What is left out and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Say>,
    /// When it was made, UTC milliseconds.
    pub made_ms: i64,
}
