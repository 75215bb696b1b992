//! Robots and their rights.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Harbor, HarborError, List, inventory::calls, send::Ask, serial};

/// A stored robot, whole: PUT wants it back whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Robot {
    /// Its id.
    pub id: i64,
    /// With its prefix: `robot$name`.
    pub name: String,
    /// Free text.
    pub description: String,
    /// `system` or `project`.
    pub level: String,
    /// Days; -1 is for ever.
    pub duration: i64,
    /// Seconds since 1970; -1 is never.
    pub expires_at: i64,
    /// Switched off: everything it is the account of is refused. This is the fence of a link.
    pub disable: bool,
    /// False for robots of the old kind.
    pub editable: bool,
    /// What it may do.
    #[serde(deserialize_with = "serial::or_default")]
    pub permissions: Vec<Permission>,
    /// ms since 1970; not sent back.
    #[serde(deserialize_with = "serial::time", skip_serializing)]
    pub creation_time: Option<i64>,
}

/// Rights in the system or in projects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permission {
    /// `system` or `project`.
    pub kind: String,
    /// `/` for the system, a project's name, or `*` for all.
    pub namespace: String,
    /// The rights.
    #[serde(deserialize_with = "serial::or_default")]
    pub access: Vec<Access>,
}

/// One right.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// What.
    pub resource: String,
    /// `create`, `read`, `update`, `delete`, `list`, `push`, `pull`, `stop`.
    pub action: String,
}

impl Permission {
    /// Rights in the system, each `resource:action`.
    pub fn system(rights: &[&str]) -> Self {
        Self { kind: "system".to_owned(), namespace: "/".to_owned(), access: access(rights) }
    }

    /// Rights in one project, or in all with `*`, each `resource:action`.
    pub fn project(namespace: &str, rights: &[&str]) -> Self {
        Self { kind: "project".to_owned(), namespace: namespace.to_owned(), access: access(rights) }
    }
}

fn access(rights: &[&str]) -> Vec<Access> {
    let one = |right: &&str| {
        let (resource, action) = right.split_once(':').unwrap_or((right, ""));
        Access { resource: resource.to_owned(), action: action.to_owned() }
    };
    rights.iter().map(one).collect()
}

/// What the console's own robot needs in the system: endpoints, rules, runs, queues, quotas, the audit log.
pub const CONSOLE_SYSTEM: [&str; 22] = [
    "audit-log:list",
    "jobservice-monitor:list",
    "jobservice-monitor:stop",
    "project:create",
    "project:list",
    "quota:list",
    "quota:read",
    "registry:create",
    "registry:delete",
    "registry:list",
    "registry:read",
    "registry:update",
    "replication-adapter:list",
    "replication-policy:create",
    "replication-policy:delete",
    "replication-policy:list",
    "replication-policy:read",
    "replication-policy:update",
    "replication:create",
    "replication:list",
    "replication:read",
    "system-volumes:read",
];

/// What the console's own robot needs in every project: to compare, and for its proofs to push, pull and delete.
pub const CONSOLE_PROJECT: [&str; 19] = [
    "accessory:list",
    "artifact:create",
    "artifact:delete",
    "artifact:list",
    "artifact:read",
    "immutable-tag:list",
    "metadata:list",
    "metadata:read",
    "project:delete",
    "project:read",
    "repository:delete",
    "repository:list",
    "repository:pull",
    "repository:push",
    "repository:read",
    "tag-retention:read",
    "tag:create",
    "tag:delete",
    "tag:list",
];

/// And where robots may be given it, to see what Harbor never replicates.
pub const CONSOLE_SETTINGS: [&str; 2] = ["label:list", "member:list"];

/// What the account of a peer's endpoint needs in the system: projects that do not exist yet are made by it.
pub const LINK_SYSTEM: [&str; 2] = ["project:create", "project:list"];

/// What the account of a peer's endpoint needs in every project to be copied to.
pub const LINK_PROJECT: [&str; 10] = [
    "artifact:create",
    "artifact:list",
    "artifact:read",
    "project:read",
    "repository:list",
    "repository:pull",
    "repository:push",
    "repository:read",
    "tag:create",
    "tag:list",
];

/// A robot to be made.
#[derive(Clone, Debug, Serialize)]
pub struct NewRobot {
    /// Without the prefix: lower case, digits, single `.`, `_`, `-` inside.
    pub name: String,
    /// Free text.
    pub description: String,
    /// `system` or `project`.
    pub level: &'static str,
    /// Days; -1 is for ever, 0 is refused.
    pub duration: i64,
    /// What it may do; at least one right.
    pub permissions: Vec<Permission>,
}

impl NewRobot {
    /// A system robot without an end.
    pub fn system(name: &str, description: &str, permissions: Vec<Permission>) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            level: "system",
            duration: -1,
            permissions,
        }
    }
}

/// What Harbor answers to a new robot; the secret is shown this once.
#[derive(Clone, Debug, Deserialize)]
pub struct CreatedRobot {
    /// Its id.
    pub id: i64,
    /// The name to sign in with, prefix and all: never built by hand.
    pub name: String,
    /// Its secret.
    pub secret: SecretString,
}

/// What robots may be given; administrators only, from 2.10.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// In the system; null for a project's administrator.
    #[serde(deserialize_with = "serial::or_default")]
    pub system: Vec<Access>,
    /// In a project.
    #[serde(deserialize_with = "serial::or_default")]
    pub project: Vec<Access>,
}

#[derive(Deserialize)]
struct Refreshed {
    secret: SecretString,
}

#[derive(Serialize)]
struct Refresh {}

impl Harbor {
    /// All system robots.
    ///
    /// # Errors
    /// As any call.
    pub async fn robots(&self) -> Result<Vec<Robot>, HarborError> {
        self.all(&List::new(), || Ask::new(&calls::ROBOT_LIST)).await
    }

    /// One robot.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn robot(&self, id: i64) -> Result<Robot, HarborError> {
        self.send(Ask::new(&calls::ROBOT_GET).at("id", id)).await?.json()
    }

    /// Makes a robot.
    ///
    /// # Errors
    /// [`HarborError::Validation`] for a name or right that Harbor does not take, [`HarborError::Conflict`].
    pub async fn create_robot(&self, new: &NewRobot) -> Result<CreatedRobot, HarborError> {
        self.send(Ask::new(&calls::ROBOT_CREATE).json(new)).await?.json()
    }

    /// Replaces a robot whole; its secret stays. With `disable` this is how a fence is set and lifted.
    ///
    /// # Errors
    /// As any call.
    pub async fn put_robot(&self, robot: &Robot) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::ROBOT_PUT).at("id", robot.id).json(robot)).await.map(drop)
    }

    /// Gives a robot a new secret, made by Harbor; whatever used the old one fails from then on.
    ///
    /// # Errors
    /// As any call.
    pub async fn refresh_robot(&self, id: i64) -> Result<SecretString, HarborError> {
        let Refreshed { secret } =
            self.send(Ask::new(&calls::ROBOT_REFRESH).at("id", id).json(&Refresh {})).await?.json()?;
        Ok(secret)
    }

    /// Deletes a robot.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn delete_robot(&self, id: i64) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::ROBOT_DELETE).at("id", id)).await.map(drop)
    }

    /// What robots may be given.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] before 2.10, [`HarborError::Forbidden`] for who is no administrator.
    pub async fn permissions(&self) -> Result<Permissions, HarborError> {
        self.send(Ask::new(&calls::PERMISSIONS)).await?.json()
    }
}
