//! Who is asking, and what they may do.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Refusal, Request};
use crate::node::{Event, Node, lock};
use crate::state::rows::{Grant, Project, Robot, User};
use crate::token::{Claims, read_token};

/// The caller.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    Anonymous,
    User(User),
    Robot(Robot),
    /// Only for `/v2/`.
    Token(Claims),
}

impl Identity {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(user) => &user.name,
            Self::Robot(robot) => &robot.name,
            Self::Token(claims) => &claims.subject,
        }
    }

    pub(crate) fn is_admin(&self) -> bool {
        matches!(self, Self::User(user) if user.admin)
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }

    fn grants(&self, kind: &str) -> impl Iterator<Item = &Grant> {
        let grants = match self {
            Self::Robot(robot) => robot.grants.as_slice(),
            _ => &[],
        };
        grants.iter().filter(move |g| g.kind == kind)
    }

    /// A right on the system.
    pub(crate) fn may(&self, resource: &str, action: &str) -> bool {
        self.is_admin() || self.grants("system").any(|g| has(g, resource, action))
    }

    /// 401, 403 or nothing.
    pub(crate) fn require(&self, resource: &str, action: &str) -> Result<(), Refusal> {
        if self.may(resource, action) {
            Ok(())
        } else if self.is_anonymous() {
            Err(Refusal::unauthorized())
        } else {
            Err(Refusal::forbidden(self.name()))
        }
    }

    /// Signed in, whoever it is. Harbor leaves the message empty here.
    pub(crate) fn require_login(&self) -> Result<(), Refusal> {
        if self.is_anonymous() { Err(Refusal::new(401, "UNAUTHORIZED", "")) } else { Ok(()) }
    }

    /// The role in a project: 1 admin, 2 developer, 3 guest, 4 maintainer.
    pub(crate) fn role(&self, project: &Project) -> Option<i64> {
        match self {
            Self::User(user) if user.admin => Some(1),
            Self::User(user) => project.members.iter().find(|m| m.user == user.id).map(|m| m.role),
            _ => None,
        }
    }

    /// A right inside a project.
    pub(crate) fn may_in(&self, node: &Node, project: &Project, resource: &str, action: &str) -> bool {
        if self.is_admin() {
            return true;
        }
        if project.public() && public_right(resource, action) {
            return true;
        }
        match self {
            Self::User(_) => self.role(project).is_some_and(|role| role_right(node, role, resource, action)),
            Self::Robot(robot) => {
                // One robot with both kinds of rights is refused inside every project there.
                let mixed = !node.version.since(10, 0)
                    && robot.grants.iter().any(|g| g.kind == "system")
                    && robot.grants.iter().any(|g| g.kind == "project");
                !mixed
                    && self
                        .grants("project")
                        .filter(|g| g.namespace == "*" || g.namespace == project.name)
                        .any(|g| has(g, resource, action))
            }
            Self::Anonymous | Self::Token(_) => false,
        }
    }

    /// Projects that lists show.
    pub(crate) fn sees(&self, project: &Project) -> bool {
        if self.is_admin() || project.public() {
            return true;
        }
        match self {
            Self::User(_) => self.role(project).is_some(),
            Self::Robot(_) => {
                self.may("project", "list")
                    || self.grants("project").any(|g| g.namespace == "*" || g.namespace == project.name)
            }
            _ => false,
        }
    }

    /// The grants on a project, for tokens.
    pub(crate) fn actions(&self, node: &Node, project: &Project) -> Vec<String> {
        let all = [("delete", "delete"), ("pull", "pull"), ("push", "push")];
        let may = |action: &str| self.may_in(node, project, "repository", action);
        all.iter().filter(|(_, action)| may(action)).map(|(word, _)| (*word).to_owned()).collect()
    }
}

fn has(grant: &Grant, resource: &str, action: &str) -> bool {
    grant.access.iter().any(|(r, a)| (r == resource || r == "*") && (a == action || a == "*"))
}

fn public_right(resource: &str, action: &str) -> bool {
    matches!(
        (resource, action),
        ("project" | "metadata" | "label" | "quota", "read")
            | ("repository", "list" | "read" | "pull")
            | ("artifact" | "label", "list")
            | ("artifact" | "artifact-addition", "read")
            | ("tag" | "accessory", "list")
    )
}

fn role_right(node: &Node, role: i64, resource: &str, action: &str) -> bool {
    let read = matches!(action, "read" | "list" | "pull");
    match role {
        1 => true,
        4 => read || !matches!(resource, "member" | "robot" | "project"),
        2 => {
            read && resource != "robot"
                || matches!(
                    (resource, action),
                    ("repository", "push") | ("artifact", "create") | ("tag", "create" | "delete")
                )
        }
        // Guests lost the project's log with the newer audit log.
        3 => read && resource != "robot" && (resource != "log" || !node.version.audit_exts()),
        _ => matches!(action, "read" | "pull") && resource != "robot",
    }
}

/// Name and password of the `Authorization: Basic` header.
pub(crate) fn basic(request: &Request) -> Option<(String, String)> {
    let value = request.header("authorization")?;
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// Finds out who is asking. A wrong password costs [`crate::Timing::login_delay`] and leaves the caller anonymous.
pub(crate) async fn identify(node: &Node, request: &Request) -> Identity {
    if request.segments.first().is_some_and(|s| s == "v2")
        && let Some(token) = request.header("authorization").and_then(|v| v.strip_prefix("Bearer "))
    {
        return read_token(node, token).map_or(Identity::Anonymous, Identity::Token);
    }
    if let Some((name, password)) = basic(request) {
        let identity = sign_in(node, &name, &password).await;
        if !identity.is_anonymous() {
            return identity;
        }
    }
    session_user(node, request).map_or(Identity::Anonymous, Identity::User)
}

fn session_user(node: &Node, request: &Request) -> Option<User> {
    let sid = request.cookie("sid")?;
    let id = (*lock(&node.sessions.by_id).get(&sid)?)?;
    node.db().users.get(&id).cloned()
}

/// Checks a name and password; a failure is delayed and locks the name at this node.
pub(crate) async fn sign_in(node: &Node, name: &str, password: &str) -> Identity {
    if let Some(robot) = robot_of(node, name, password) {
        return Identity::Robot(robot);
    }
    let locked = lock(&node.locks).get(name).is_some_and(|until| *until > Instant::now());
    if locked {
        return Identity::Anonymous;
    }
    let found = node.db().user(name).cloned();
    if let Some(user) = found.filter(|u| same(&u.password, password)) {
        return Identity::User(user);
    }
    lock(&node.locks).insert(name.to_owned(), Instant::now() + node.timing.login_delay);
    tokio::time::sleep(node.timing.login_delay).await;
    Identity::Anonymous
}

fn robot_of(node: &Node, name: &str, password: &str) -> Option<Robot> {
    let now = node.now() / 1000;
    let robot = node.db().robot(name).cloned()?;
    let alive = !robot.disabled && (robot.expires == -1 || robot.expires > now);
    (alive && same(&robot.secret, password)).then_some(robot)
}

fn same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Writes a sign-in to the audit log.
pub(crate) fn log_sign_in(node: &Node, name: &str, ok: bool) {
    let description = if ok { format!("login user: {name}") } else { format!("login user: {name} failed") };
    node.audit(Event {
        username: name,
        operation: "login",
        resource_type: "user",
        resource: name,
        description,
        project: 0,
        ok,
    });
}
