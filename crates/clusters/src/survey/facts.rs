//! What is remembered of a node's answers.

use std::time::Duration;

use harbor::{HarborError, api::identity::Who};
use model::{HarborVersion, Say};

use crate::trouble::Trouble;

/// What a node says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Basics {
    /// Its version.
    pub version: HarborVersion,
    /// Answer time of `/ping`.
    pub latency_ms: u32,
    /// How people sign in.
    pub auth_mode: String,
    /// Its clock minus ours, where it told.
    pub clock_offset_ms: Option<i64>,
    /// Whether it takes writes, where it told.
    pub read_only: Option<bool>,
    /// `filesystem`, `s3` …, where it told.
    pub storage: Option<String>,
    pub(super) who: Who,
}

/// Who we are on a node, and what we may not do there.
#[derive(Clone, Debug)]
pub(crate) struct AccountSeen {
    /// In words.
    pub who: Say,
    /// May do everything.
    pub admin: bool,
    /// Harbor's names of the rights that are missing.
    pub missing: Vec<String>,
}

/// One worker pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// Its id, random and the same through every node on one Redis.
    pub id: String,
    /// When it was heard of last, by the node's clock.
    pub heartbeat_ms: i64,
}

/// A project's quota in bytes; -1 is unlimited.
#[derive(Clone, Debug)]
pub(crate) struct ProjectQuota {
    /// The project.
    pub project: String,
    /// The limit.
    pub hard: i64,
    /// What is used.
    pub used: i64,
}

impl ProjectQuota {
    /// Bytes left.
    pub(crate) fn free(&self) -> u64 {
        if self.hard < 0 { u64::MAX } else { (self.hard - self.used).max(0).unsigned_abs() }
    }
}

/// A project as the checks see it.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// Its name.
    pub name: String,
    /// Anyone may pull.
    pub public: bool,
    /// A cache of another registry.
    pub proxy_cache: bool,
    /// Its retention policy.
    pub retention: Option<i64>,
}

/// A stored endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where it points.
    pub url: String,
    /// Free text; of ours it says for what it was made.
    pub description: String,
}

/// A stored rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// The endpoint it pushes to.
    pub pushes_to: Option<i64>,
    /// The endpoint it pulls from.
    pub pulls_from: Option<i64>,
    /// It overwrites.
    pub r#override: bool,
    /// It deletes.
    pub deletion: bool,
}

/// What came of a ping that a node made to a peer.
#[derive(Clone, Debug)]
pub(crate) enum PeerPing {
    /// The peer answered as a Harbor, after so many milliseconds.
    Reached(u128),
    /// It answered, and the node calls it unhealthy: no Harbor, or a wrong credential.
    Unhealthy,
    /// No connection.
    Unreached,
    /// No answer within so many seconds.
    Silent(u64),
    /// The node itself could not be asked.
    NotAsked(Trouble),
}

impl PeerPing {
    pub(super) fn judge(result: Result<(), HarborError>, took: Duration) -> Self {
        match result {
            Ok(()) => Self::Reached(took.as_millis()),
            Err(HarborError::Validation(_)) => Self::Unhealthy,
            // Harbor masks its own failure to connect as 500 and passes a proxy's 502 through.
            Err(HarborError::Server { .. }) => Self::Unreached,
            Err(HarborError::Timeout(_)) => Self::Silent(took.as_secs()),
            Err(other) => Self::NotAsked(other.into()),
        }
    }
}
