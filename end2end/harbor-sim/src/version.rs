//! Which Harbor a node pretends to be, and what that changes.

use std::fmt;
use std::str::FromStr;

/// A Harbor version such as 2.15.2. Behaviour follows the newest recorded version that is not newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number.
    pub patch: u16,
}

/// The text given is not `major.minor.patch`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0:?} is not a Harbor version such as 2.15.2")]
pub struct BadVersion(String);

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let bad = || BadVersion(text.to_owned());
        let core = text.trim_start_matches('v').split('-').next().unwrap_or_default();
        let mut numbers = core.split('.').map(|n| n.parse::<u16>());
        let mut next = || numbers.next().unwrap_or(Ok(0)).map_err(|_| bad());
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        if version.major == 0 { Err(bad()) } else { Ok(version) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// True when this version is `major.minor.patch` or newer.
    #[must_use]
    pub fn since(self, minor: u16, patch: u16) -> bool {
        (self.major, self.minor, self.patch) >= (2, minor, patch)
    }

    /// Harbor 1.x: other base path, `/api/version` is missing.
    #[must_use]
    pub fn is_v1(self) -> bool {
        self.major < 2
    }

    /// Cron fields are restricted (seconds `0`, minutes not `*`) from 2.9.
    pub(crate) fn strict_cron(self) -> bool {
        self.since(9, 0)
    }

    /// `/projects/{p}/artifacts` and `repository_name` in artifact rows.
    pub(crate) fn project_artifacts(self) -> bool {
        self.since(12, 0)
    }

    /// `/auditlog-exts` holds the rows, the old log stays empty.
    pub(crate) fn audit_exts(self) -> bool {
        self.since(13, 0)
    }

    /// `single_active_replication` is known.
    pub(crate) fn single_active(self) -> bool {
        self.since(14, 0)
    }

    /// The token realm follows the request's Host.
    pub(crate) fn realm_by_host(self) -> bool {
        self.since(14, 0)
    }

    /// `ca_certificate` of an endpoint is read.
    pub(crate) fn endpoint_ca(self) -> bool {
        self.since(15, 0)
    }

    /// `repository.update_time` moves with tags and deletions.
    pub(crate) fn update_time_moves(self) -> bool {
        self.since(15, 2)
    }

    /// `GET /permissions` exists and robots' rights are checked against it.
    pub(crate) fn rights_checked(self) -> bool {
        self.since(10, 0)
    }

    /// The endpoint rules of 2.16: a new url drops the secret, ping by id ignores the url.
    pub(crate) fn strict_endpoint_url(self) -> bool {
        self.since(16, 0)
    }
}
