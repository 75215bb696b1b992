//! People.

use serde_json::{Map, Value, json};

use super::{Call, id_in_path};
use crate::auth::Identity;
use crate::clock::rfc3339;
use crate::http::{Answer, Refusal, Reply};
use crate::node::Event;
use crate::query::{Field, ListQuery};
use crate::state::rows::User;
use crate::version::Version;

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", ["current"]) => current(call),
        ("GET", ["current", _]) => {
            if call.who.is_anonymous() {
                return Err(Refusal::unauthorized());
            }
            Ok(Reply::json(&json!([])))
        }
        ("POST", []) => create(call),
        ("GET", []) => list(call),
        ("GET", [id]) => {
            let id = id_in_path(id, "user_id")?;
            call.who.require("user", "read")?;
            let db = call.node.db();
            let user = db.users.get(&id).ok_or_else(|| Refusal::missing("user", id))?;
            Ok(Reply::json(&show(user)))
        }
        ("DELETE", [id]) => {
            let id = id_in_path(id, "user_id")?;
            call.who.require("user", "delete")?;
            let gone = call.node.db().users.remove(&id).ok_or_else(|| Refusal::missing("user", id))?;
            call.node.audit(Event::plain(call.who.name(), "delete", "user", &gone.name, 0));
            Ok(Reply::ok())
        }
        ("PUT", [id, "password"]) => change_password(call, id_in_path(id, "user_id")?),
        _ => Err(Refusal::internal()),
    }
}

fn show(user: &User) -> Value {
    let mut body = Map::new();
    body.insert("admin_role_in_auth".to_owned(), json!(false));
    for (key, value) in [("comment", &user.comment), ("email", &user.email), ("realname", &user.realname)] {
        if !value.is_empty() {
            body.insert(key.to_owned(), json!(value));
        }
    }
    body.insert("creation_time".to_owned(), json!(rfc3339(user.created)));
    body.insert("update_time".to_owned(), json!(rfc3339(user.updated)));
    body.insert("sysadmin_flag".to_owned(), json!(user.admin));
    body.insert("user_id".to_owned(), json!(user.id));
    body.insert("username".to_owned(), json!(user.name));
    Value::Object(body)
}

fn current(call: &Call<'_>) -> Answer {
    match &call.who {
        Identity::User(user) => Ok(Reply::json(&show(user))),
        Identity::Robot(_) => {
            Err(Refusal::precondition("get current user not available for security context: robot"))
        }
        _ => Err(Refusal::unauthorized()),
    }
}

fn list(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    call.who.require("user", "list")?;
    let rows: Vec<User> = call.node.db().users.values().cloned().collect();
    let page = query.apply(rows, |user, key| match key {
        "username" => Some(Field::Text(user.name.clone())),
        "email" => Some(Field::Text(user.email.clone())),
        "user_id" => Some(Field::Int(user.id)),
        _ => None,
    });
    Ok(query.reply(page, |user| show(&user)))
}

/// 8 to 128 characters with upper, lower and digit.
pub(super) fn check_secret(version: Version, text: &str) -> Result<(), Refusal> {
    let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
    let good = (8..=128).contains(&text.chars().count())
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit);
    if good {
        return Ok(());
    }
    let length =
        if version.since(9, 0) { "be 8-128, inclusively, characters long" } else { "be longer than 8 chars" };
    Err(Refusal::bad(format!(
        "the password or secret must {length} with at least 1 uppercase letter, 1 lowercase letter and 1 number"
    )))
}

fn create(call: &Call<'_>) -> Answer {
    let body = call.request.json("userReq")?;
    call.who.require("user", "create")?;
    let result = try_create(call, &body);
    let name = body["username"].as_str().unwrap_or_default();
    // A refused create is logged without its name.
    let logged = if result.is_ok() { name } else { "" };
    call.node.audit(Event {
        username: call.who.name(),
        operation: "create",
        resource_type: "user",
        resource: logged,
        description: format!("create user with name: {logged}"),
        project: 0,
        ok: result.is_ok(),
    });
    result.map(|id| Reply::created(call.request, id))
}

fn try_create(call: &Call<'_>, body: &Value) -> Result<i64, Refusal> {
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (name, email, password) = (text("username"), text("email"), text("password"));
    check_secret(call.node.version, &password)?;
    let now = call.node.now();
    let mut db = call.node.db();
    let id = db.next("user");
    if db.users.values().any(|u| u.name == name || (!email.is_empty() && u.email == email)) {
        return Err(Refusal::conflict(format!("user {name} or email {email} already exists")));
    }
    let user = User {
        id,
        name,
        password,
        email,
        realname: text("realname"),
        comment: text("comment"),
        admin: false,
        created: now,
        updated: now,
    };
    db.users.insert(id, user);
    Ok(id)
}

fn change_password(call: &Call<'_>, id: i64) -> Answer {
    let body = call.request.json("password")?;
    let own = matches!(&call.who, Identity::User(user) if user.id == id);
    if !own {
        call.who.require("user", "update")?;
    }
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let new = text("new_password");
    check_secret(call.node.version, &new)?;
    let mut db = call.node.db();
    let user = db.users.get_mut(&id).ok_or_else(|| Refusal::missing("user", id))?;
    if own && !call.who.is_admin() && user.password != text("old_password") {
        return Err(Refusal::forbidden("incorrect old_password"));
    }
    user.password = new;
    Ok(Reply::ok())
}
