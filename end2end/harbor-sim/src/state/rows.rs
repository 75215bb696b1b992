//! The rows of the database, as plain data.

use std::collections::BTreeMap;

use crate::clock::Millis;

/// Somebody who signs in with a password of their own.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) email: String,
    pub(crate) realname: String,
    pub(crate) comment: String,
    pub(crate) admin: bool,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

/// A project member; role 1 is project admin, 3 guest.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) role: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) owner: i64,
    pub(crate) owner_name: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) registry: i64,
    pub(crate) allowlist: i64,
    pub(crate) members: Vec<Member>,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

impl Project {
    pub(crate) fn public(&self) -> bool {
        self.metadata.get("public").is_some_and(|v| v == "true")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Quota {
    pub(crate) id: i64,
    pub(crate) project: i64,
    pub(crate) hard: i64,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

/// A secret as the database holds it: only the same `secretkey` reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    key: String,
    value: String,
}

impl Sealed {
    pub(crate) fn new(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), value: value.to_owned() }
    }

    /// With a wrong key: garbage, never an error.
    pub(crate) fn open(&self, key: &str) -> String {
        if self.key == key { self.value.clone() } else { format!("garbage-{}", self.value.len()) }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Registry {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) url: String,
    pub(crate) kind: String,
    pub(crate) insecure: bool,
    pub(crate) ca: String,
    pub(crate) credential_type: String,
    pub(crate) access_key: String,
    pub(crate) secret: Option<Sealed>,
    pub(crate) healthy: bool,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) kind: String,
    pub(crate) value: serde_json::Value,
    pub(crate) decoration: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) kind: String,
    pub(crate) cron: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) source: i64,
    pub(crate) dest: i64,
    pub(crate) dest_namespace: String,
    pub(crate) replace_count: i64,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) deletion: bool,
    pub(crate) overwrite: bool,
    pub(crate) enabled: bool,
    pub(crate) speed: i64,
    pub(crate) copy_by_chunk: bool,
    pub(crate) single_active: bool,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

impl Policy {
    /// Source is this Harbor.
    pub(crate) fn is_push(&self) -> bool {
        self.source == 0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) id: i64,
    pub(crate) vendor_type: String,
    pub(crate) vendor_id: i64,
    pub(crate) cron: String,
    pub(crate) updated: Millis,
    /// Next tick; kept in the job service's Redis, so a flush forgets it.
    pub(crate) next: Option<Millis>,
}

/// Status of an execution or task, in the words of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    InProgress,
    Succeed,
    Failed,
    Stopped,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeed => "Succeed",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }

    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Succeed | Self::Failed | Self::Stopped)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) id: i64,
    pub(crate) policy: i64,
    pub(crate) trigger: &'static str,
    pub(crate) status: Status,
    pub(crate) text: String,
    pub(crate) started: Millis,
    pub(crate) ended: Millis,
    /// A stop was asked; the making of tasks may win the race.
    pub(crate) stopping: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: i64,
    pub(crate) execution: i64,
    pub(crate) job: String,
    pub(crate) operation: &'static str,
    pub(crate) source: String,
    pub(crate) dest: String,
    pub(crate) status: Status,
    pub(crate) started: Millis,
    pub(crate) ended: Millis,
    pub(crate) log: String,
    /// Index of the node that has the log on its disk.
    pub(crate) log_node: Option<usize>,
}

/// Rights of a robot on one namespace; `*` is every project, `/` the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    /// `(resource, action)`.
    pub(crate) access: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Robot {
    pub(crate) id: i64,
    /// As asked for, without prefix.
    pub(crate) short: String,
    /// With prefix and project: what it signs in with.
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) level: String,
    pub(crate) project: i64,
    pub(crate) description: String,
    pub(crate) duration: i64,
    pub(crate) expires: i64,
    pub(crate) disabled: bool,
    pub(crate) creator: i64,
    pub(crate) creator_robot: bool,
    pub(crate) grants: Vec<Grant>,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) color: String,
    pub(crate) scope: String,
    pub(crate) project: i64,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

/// An immutable-tag rule: patterns of repositories (without project) and tags.
#[derive(Clone, Debug)]
pub(crate) struct ImmutableRule {
    pub(crate) id: i64,
    pub(crate) project: i64,
    pub(crate) disabled: bool,
    pub(crate) body: serde_json::Value,
    pub(crate) repositories: Vec<(String, bool)>,
    pub(crate) tags: Vec<(String, bool)>,
}
