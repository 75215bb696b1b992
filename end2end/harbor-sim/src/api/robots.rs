//! Robots.

use serde_json::{Map, Value, json};

use super::{Call, id_in_path, project_for};
use crate::auth::Identity;
use crate::clock::rfc3339;
use crate::http::{Answer, Refusal, Reply};
use crate::node::Event;
use crate::query::{Condition, Field, ListQuery};
use crate::state::rows::{Grant, Robot};

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call),
        ("POST", []) => create(call),
        (_, [id]) => one(call, method, id_in_path(id, "robot_id")?),
        _ => Err(Refusal::internal()),
    }
}

fn show(robot: &Robot) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    put("creation_time", json!(rfc3339(robot.created)));
    put("creator_ref", json!(robot.creator));
    put("creator_type", json!(if robot.creator_robot { "robot" } else { "local" }));
    if !robot.description.is_empty() {
        put("description", json!(robot.description));
    }
    put("disable", json!(robot.disabled));
    put("duration", json!(robot.duration));
    put("editable", json!(true));
    put("expires_at", json!(robot.expires));
    put("id", json!(robot.id));
    put("level", json!(robot.level));
    put("name", json!(robot.name));
    let grants: Vec<Value> = robot
        .grants
        .iter()
        .map(|g| {
            let access: Vec<Value> = g
                .access
                .iter()
                .map(|(resource, action)| json!({"action": action, "resource": resource}))
                .collect();
            json!({"access": access, "kind": g.kind, "namespace": g.namespace})
        })
        .collect();
    put("permissions", json!(grants));
    put("update_time", json!(rfc3339(robot.updated)));
    Value::Object(body)
}

/// The right on one robot: of the system or of its project.
fn require(call: &Call<'_>, robot: &Robot, action: &str) -> Result<(), Refusal> {
    if robot.level == "system" {
        return call.who.require("robot", action);
    }
    project_for(call, &robot.project.to_string(), "robot", action).map(|_| ())
}

fn list(call: &Call<'_>) -> Answer {
    let mut query = ListQuery::read(call.request)?;
    let text = |c: Option<Condition>| match c {
        Some(Condition::Exact(v)) => v,
        _ => String::new(),
    };
    let level = text(query.take("Level"));
    let project = text(query.take("ProjectID"));
    if level == "project" {
        project_for(call, &project, "robot", "list")?;
    } else {
        call.who.require("robot", "list")?;
    }
    let wanted = if level == "project" { project.parse().unwrap_or(-1) } else { 0 };
    let mut rows: Vec<Robot> =
        call.node.db().robots.values().filter(|r| r.project == wanted).cloned().collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let page = query.apply(rows, |r, key| match key {
        "name" => Some(Field::Text(r.name.clone())),
        "id" => Some(Field::Int(r.id)),
        "creation_time" => Some(Field::Time(r.created)),
        _ => None,
    });
    Ok(query.reply(page, |r| show(&r)))
}

/// Reads `permissions`, in the order of Harbor's own list, and refuses what no robot may have.
fn read_grants(call: &Call<'_>, body: &Value) -> Result<Vec<Grant>, Refusal> {
    let list = body["permissions"].as_array().cloned().unwrap_or_default();
    if list.is_empty() {
        return Err(Refusal::bad("bad request empty permission"));
    }
    let version = call.node.version;
    let mut grants = Vec::new();
    for entry in &list {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let (kind, namespace) = (text("kind"), text("namespace"));
        let known = crate::data::rights(&kind, version);
        let wanted: Vec<(String, String)> = entry["access"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|a| {
                let part = |key: &str| a[key].as_str().unwrap_or_default().to_owned();
                (part("resource"), part("action"))
            })
            .collect();
        if wanted.is_empty() {
            return Err(Refusal::bad("bad request empty access"));
        }
        let mut access = wanted;
        if version.rights_checked() {
            if let Some((resource, action)) = access.iter().find(|a| !known.contains(a)) {
                return Err(Refusal::bad(format!("bad request permission: {resource}:{action}")));
            }
            if version.since(15, 0) {
                access.sort_by_key(|a| known.iter().position(|k| k == a));
            }
        }
        grants.push(Grant { kind, namespace, access });
    }
    Ok(grants)
}

fn check_duration(duration: i64) -> Result<(), Refusal> {
    if duration == -1 || duration > 0 {
        return Ok(());
    }
    let text = format!(
        "bad request error duration input: {duration}, duration must be either -1(Never) or a positive integer"
    );
    Err(Refusal::bad(text))
}

fn expiry(now: i64, duration: i64) -> i64 {
    if duration == -1 { -1 } else { now / 1000 + duration * 86_400 }
}

fn create(call: &Call<'_>) -> Answer {
    let body = call.request.json("robot")?;
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (name, level) = (text("name"), text("level"));
    let namespace = body["permissions"][0]["namespace"].as_str().unwrap_or_default().to_owned();
    let mut project = 0;
    if level == "project" {
        project = project_for(call, &namespace, "robot", "create")?.id;
    } else {
        call.who.require("robot", "create")?;
    }
    let good = name.len() <= 255 && crate::oci::is_path_component(&name);
    if !good {
        return Err(Refusal::bad("robot name is not in lower case or contains illegal characters"));
    }
    if !matches!(level.as_str(), "system" | "project") {
        return Err(Refusal::bad(format!("bad request error level input: {level}")));
    }
    let duration = body["duration"].as_i64().unwrap_or(0);
    check_duration(duration)?;
    let grants = read_grants(call, &body)?;
    let secret = match body["secret"].as_str() {
        Some(given) if !given.is_empty() => {
            super::users::check_secret(call.node.version, given)?;
            given.to_owned()
        }
        _ => crate::random::secret(),
    };
    let now = call.node.now();
    let robot = {
        let mut db = call.node.db();
        let id = db.next("robot");
        if db.robots.values().any(|r| r.short == name && r.project == project) {
            return Err(Refusal::conflict(format!("robot account {project}:{name} already exists")));
        }
        let prefix = db.config_text("robot_name_prefix");
        let full =
            if project > 0 { format!("{prefix}{namespace}+{name}") } else { format!("{prefix}{name}") };
        let (creator, creator_robot) = match &call.who {
            Identity::User(user) => (user.id, false),
            Identity::Robot(robot) => (robot.id, true),
            _ => (0, false),
        };
        let robot = Robot {
            id,
            short: name,
            name: full,
            secret,
            level,
            project,
            description: text("description"),
            duration,
            expires: expiry(now, duration),
            disabled: body["disable"].as_bool().unwrap_or(false),
            creator,
            creator_robot,
            grants,
            created: now,
            updated: now,
        };
        db.robots.insert(id, robot.clone());
        robot
    };
    call.node.audit(Event::plain(call.who.name(), "create", "robot", &robot.name, project));
    let shown = json!({
        "creation_time": rfc3339(robot.created), "expires_at": robot.expires, "id": robot.id,
        "name": robot.name, "secret": robot.secret,
    });
    let location = Reply::created(call.request, robot.id);
    let mut reply = Reply::json(&shown);
    reply.status = 201;
    reply.headers = location.headers;
    Ok(reply)
}

fn one(call: &Call<'_>, method: &str, id: i64) -> Answer {
    let body = if matches!(method, "PUT" | "PATCH") { call.request.json("robot")? } else { Value::Null };
    let found = call.node.db().robots.get(&id).cloned();
    let Some(robot) = found else {
        // Without the right to know, the right is asked for first.
        call.who.require("robot", "read")?;
        return Err(Refusal::missing("robot", id));
    };
    match method {
        "GET" => {
            require(call, &robot, "read")?;
            Ok(Reply::json(&show(&robot)))
        }
        "PUT" => {
            require(call, &robot, "create")?;
            update(call, &robot, &body)
        }
        "PATCH" => {
            require(call, &robot, "create")?;
            // Whatever the body says: a new secret is made, and the old one ends.
            let secret = crate::random::secret();
            if let Some(row) = call.node.db().robots.get_mut(&id) {
                row.secret.clone_from(&secret);
            }
            Ok(Reply::json(&json!({"secret": secret})))
        }
        _ => {
            require(call, &robot, "delete")?;
            call.node.db().robots.remove(&id);
            call.node.audit(Event::plain(call.who.name(), "delete", "robot", &robot.name, robot.project));
            Ok(Reply::ok())
        }
    }
}

fn update(call: &Call<'_>, old: &Robot, body: &Value) -> Answer {
    if body["name"].as_str().is_some_and(|n| n != old.name)
        || body["level"].as_str().is_some_and(|l| l != old.level)
    {
        return Err(Refusal::bad("cannot update the level or name of robot"));
    }
    let duration = body["duration"].as_i64().unwrap_or(0);
    check_duration(duration)?;
    let grants = read_grants(call, body)?;
    let now = call.node.now();
    if let Some(row) = call.node.db().robots.get_mut(&old.id) {
        if duration != row.duration {
            row.expires = expiry(row.created, duration);
        }
        row.duration = duration;
        row.disabled = body["disable"].as_bool().unwrap_or(false);
        body["description"].as_str().unwrap_or_default().clone_into(&mut row.description);
        row.grants = grants;
        row.updated = now;
    }
    Ok(Reply::ok())
}
