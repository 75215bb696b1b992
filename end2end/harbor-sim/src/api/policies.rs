//! Replication rules. PUT replaces the whole rule.

use serde_json::{Map, Value, json};

use super::{Call, id_in_path};
use crate::clock::rfc3339;
use crate::cron::Cron;
use crate::fault::Component;
use crate::http::{Answer, Refusal, Reply};
use crate::node::{Node, lock};
use crate::query::{Field, ListQuery};
use crate::state::rows::{Filter, Policy, Trigger};

pub(super) async fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call),
        ("POST", []) => create(call).await,
        ("GET", [id]) => {
            let id = id_in_path(id, "id")?;
            call.who.require("replication-policy", "read")?;
            let found = call.node.db().policies.get(&id).cloned();
            Ok(Reply::json(&show(call.node, &found.ok_or_else(|| missing(id))?)))
        }
        ("PUT", [id]) => update(call, id_in_path(id, "id")?).await,
        ("DELETE", [id]) => delete(call, id_in_path(id, "id")?),
        _ => Err(Refusal::internal()),
    }
}

fn missing(id: i64) -> Refusal {
    Refusal::missing("replication policy", id)
}

/// `false`, `0` and empty texts are left out, but not all of them.
fn show(node: &Node, policy: &Policy) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| {
        body.insert(key.to_owned(), value);
    };
    put("copy_by_chunk", json!(policy.copy_by_chunk));
    put("creation_time", json!(rfc3339(policy.created)));
    if policy.deletion {
        put("deletion", json!(true));
        put("replicate_deletion", json!(true));
    }
    for (key, text) in [("description", &policy.description), ("dest_namespace", &policy.dest_namespace)] {
        if !text.is_empty() {
            put(key, json!(text));
        }
    }
    put("dest_namespace_replace_count", json!(policy.replace_count));
    put("dest_registry", super::registries::show_by_id(node, policy.dest).unwrap_or_default());
    put("src_registry", super::registries::show_by_id(node, policy.source).unwrap_or_default());
    for (key, on) in [("enabled", policy.enabled), ("override", policy.overwrite)] {
        if on {
            put(key, json!(true));
        }
    }
    let filters: Vec<Value> = policy.filters.iter().map(show_filter).collect();
    put("filters", if filters.is_empty() { Value::Null } else { json!(filters) });
    put("id", json!(policy.id));
    put("name", json!(policy.name));
    if node.version.single_active() {
        put("single_active_replication", json!(policy.single_active));
    }
    put("speed", json!(policy.speed));
    if let Some(trigger) = &policy.trigger {
        let mut shown = json!({"type": trigger.kind});
        if !trigger.cron.is_empty() {
            shown["trigger_settings"] = json!({"cron": trigger.cron});
        }
        put("trigger", shown);
    }
    put("update_time", json!(rfc3339(policy.updated)));
    Value::Object(body)
}

fn show_filter(filter: &Filter) -> Value {
    let mut body = json!({"type": filter.kind, "value": filter.value});
    if !filter.decoration.is_empty() {
        body["decoration"] = json!(filter.decoration);
    }
    body
}

fn list(call: &Call<'_>) -> Answer {
    let query = ListQuery::read(call.request)?;
    call.who.require("replication-policy", "list")?;
    let name = call.request.param("name").unwrap_or_default();
    let mut rows: Vec<Policy> =
        call.node.db().policies.values().filter(|p| p.name.contains(name)).cloned().collect();
    rows.sort_by_key(|p| std::cmp::Reverse(p.id));
    let page = query.apply(rows, |p, key| match key {
        "id" => Some(Field::Int(p.id)),
        "name" => Some(Field::Text(p.name.clone())),
        "enabled" => Some(Field::Bool(p.enabled)),
        "dest_registry_id" => Some(Field::Int(p.dest)),
        "src_registry_id" => Some(Field::Int(p.source)),
        "creation_time" => Some(Field::Time(p.created)),
        "update_time" => Some(Field::Time(p.updated)),
        _ => None,
    });
    Ok(query.reply(page, |p| show(call.node, &p)))
}

/// 422 for a value of another type, in the words of Go's decoder.
pub(super) fn check_types(
    body: &Value,
    name: &str,
    structure: &str,
    fields: &[(&str, &str)],
) -> Result<(), Refusal> {
    for (field, wanted) in fields {
        let value = &body[*field];
        let fits = |low: i64, high: i64| value.as_i64().is_some_and(|n| (low..=high).contains(&n));
        let good = match *wanted {
            "bool" => value.is_boolean(),
            "string" => value.is_string(),
            "int8" => fits(-128, 127),
            "int32" => fits(i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => value.is_i64(),
        };
        if good || value.is_null() {
            continue;
        }
        let got = match value {
            Value::Bool(_) => "bool".to_owned(),
            Value::Number(_) if matches!(*wanted, "bool" | "string") => "number".to_owned(),
            Value::Number(n) => format!("number {n}"),
            Value::String(_) => "string".to_owned(),
            Value::Array(_) => "array".to_owned(),
            _ => "object".to_owned(),
        };
        let text = format!(
            "parsing {name} body from \"\" failed, because json: cannot unmarshal {got} into Go struct field \
             {structure}.{field} of type {wanted}"
        );
        return Err(Refusal::invalid(&text));
    }
    Ok(())
}

const FIELDS: [(&str, &str); 11] = [
    ("name", "string"),
    ("description", "string"),
    ("dest_namespace", "string"),
    ("dest_namespace_replace_count", "int8"),
    ("enabled", "bool"),
    ("override", "bool"),
    ("deletion", "bool"),
    ("replicate_deletion", "bool"),
    ("copy_by_chunk", "bool"),
    ("single_active_replication", "bool"),
    ("speed", "int32"),
];

fn read_filter(value: &Value) -> Result<Filter, Refusal> {
    let kind = value["type"].as_str().unwrap_or_default().to_owned();
    let decoration = value["decoration"].as_str().unwrap_or_default().to_owned();
    let content = value["value"].clone();
    match kind.as_str() {
        "resource" | "name" | "tag" => {
            let Some(text) = content.as_str() else {
                return Err(Refusal::bad("the type of filter value isn't string"));
            };
            if kind == "resource" && !matches!(text, "image" | "artifact") {
                return Err(Refusal::bad(format!("invalid resource filter: {text}")));
            }
        }
        "label" => {
            let texts = content.as_array().is_some_and(|list| list.iter().all(Value::is_string));
            if !texts {
                return Err(Refusal::bad("the type of label filter value isn't string slice"));
            }
        }
        _ => return Err(Refusal::bad("invalid filter type")),
    }
    if !decoration.is_empty() {
        if !matches!(kind.as_str(), "tag" | "label") {
            return Err(Refusal::bad("only tag and label filter support decoration"));
        }
        if !matches!(decoration.as_str(), "matches" | "excludes") {
            return Err(Refusal::bad(format!("invalid filter decoration, :{decoration}")));
        }
    }
    Ok(Filter { kind, value: content, decoration })
}

fn read_trigger(node: &Node, value: &Value) -> Result<Option<Trigger>, Refusal> {
    if value.is_null() {
        return Ok(None);
    }
    let kind = value["type"].as_str().unwrap_or_default().to_owned();
    let cron = value["trigger_settings"]["cron"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "manual" | "event_based" => {}
        "scheduled" => {
            if let Some(text) = crate::cron::refusal(&cron, node.version) {
                return Err(Refusal::bad(text));
            }
        }
        _ => return Err(Refusal::bad("invalid trigger type")),
    }
    Ok(Some(Trigger { kind, cron }))
}

/// Reads and checks a rule in the order Harbor does.
fn read(call: &Call<'_>, body: &Value) -> Result<Policy, Refusal> {
    let node = call.node;
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let on = |key: &str| body[key].as_bool().unwrap_or(false);
    let name = text("name");
    if name.is_empty() {
        return Err(Refusal::bad("empty name"));
    }
    let source = body["src_registry"]["id"].as_i64().unwrap_or(0);
    let dest = body["dest_registry"]["id"].as_i64().unwrap_or(0);
    if (source == 0) == (dest == 0) {
        let text =
            "either src_registry or dest_registry should be empty and the other one shouldn't be empty";
        return Err(Refusal::bad(text));
    }
    let dest_namespace = text("dest_namespace");
    if !dest_namespace.is_empty() && !dest_namespace.split('/').all(crate::oci::is_path_component) {
        return Err(Refusal::bad(format!("invalid destination namespace: {dest_namespace}")));
    }
    let filters = body["filters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let filters = filters.iter().map(read_filter).collect::<Result<Vec<_>, _>>()?;
    let trigger = read_trigger(node, &body["trigger"])?;
    let registry = if source == 0 { dest } else { source };
    if !node.db().registries.contains_key(&registry) {
        return Err(Refusal::missing("registry", registry));
    }
    let event = trigger.as_ref().is_some_and(|t| t.kind == "event_based");
    let single_active = node.version.single_active() && on("single_active_replication");
    let stored: Value = filters.iter().map(show_filter).collect();
    let too_long =
        name.chars().count() > 256 || dest_namespace.len() > 256 || stored.to_string().len() > 1024;
    if too_long || (single_active && event) {
        return Err(Refusal::internal());
    }
    let now = node.now();
    Ok(Policy {
        id: 0,
        name,
        description: text("description"),
        source,
        dest,
        dest_namespace,
        replace_count: body["dest_namespace_replace_count"].as_i64().unwrap_or(-1),
        trigger,
        filters,
        // The other name, `replicate_deletion`, is what the description prefers and the server ignores.
        deletion: on("deletion"),
        overwrite: on("override"),
        enabled: on("enabled"),
        speed: body["speed"].as_i64().unwrap_or(0).max(0),
        copy_by_chunk: on("copy_by_chunk"),
        single_active,
        created: now,
        updated: now,
    })
}

fn scheduled(policy: &Policy) -> Option<&str> {
    let trigger = policy.trigger.as_ref().filter(|t| t.kind == "scheduled" && policy.enabled)?;
    Some(&trigger.cron)
}

/// A scheduled rule needs a working job service. A cron that never comes true is taken, and the call then never
/// ends: the job service spins until it is restarted.
async fn arrange(node: &Node, policy: &Policy) -> Result<(), Refusal> {
    if node.db().wedged_policies.contains(&policy.name) {
        std::future::pending::<()>().await;
    }
    let Some(cron) = scheduled(policy) else { return Ok(()) };
    if node.is_sick(Component::Jobservice) {
        return Err(Refusal::internal());
    }
    if Cron::parse(cron).and_then(|c| c.next_after(node.now())).is_none() {
        node.db().wedged_policies.insert(policy.name.clone());
        lock(&node.jobs.queue).wedged = true;
        std::future::pending::<()>().await;
    }
    Ok(())
}

async fn create(call: &Call<'_>) -> Answer {
    let body = call.request.json("policy")?;
    check_types(&body, "policy", "ReplicationPolicy", &FIELDS)?;
    call.who.require("replication-policy", "create")?;
    let mut policy = read(call, &body)?;
    arrange(call.node, &policy).await?;
    let mut db = call.node.db();
    policy.id = db.next("policy");
    if db.policies.values().any(|p| p.name == policy.name) {
        return Err(Refusal::conflict(format!("replication policy {} already exists", policy.name)));
    }
    if let Some(cron) = scheduled(&policy) {
        db.add_schedule("REPLICATION", policy.id, cron, policy.created);
    }
    let id = policy.id;
    db.policies.insert(id, policy);
    Ok(Reply::created(call.request, id))
}

async fn update(call: &Call<'_>, id: i64) -> Answer {
    let body = call.request.json("policy")?;
    check_types(&body, "policy", "ReplicationPolicy", &FIELDS)?;
    call.who.require("replication-policy", "update")?;
    let old = call.node.db().policies.get(&id).cloned().ok_or_else(|| missing(id))?;
    let mut policy = read(call, &body)?;
    arrange(call.node, &policy).await?;
    policy.id = id;
    policy.created = old.created;
    let mut db = call.node.db();
    if db.policies.values().any(|p| p.id != id && p.name == policy.name) {
        return Err(Refusal::conflict(format!("replication policy {} already exists", policy.name)));
    }
    db.remove_schedule("REPLICATION", id);
    if let Some(cron) = scheduled(&policy) {
        db.add_schedule("REPLICATION", id, cron, policy.updated);
    }
    db.policies.insert(id, policy);
    Ok(Reply::ok())
}

fn delete(call: &Call<'_>, id: i64) -> Answer {
    call.who.require("replication-policy", "delete")?;
    let mut db = call.node.db();
    if !db.policies.contains_key(&id) {
        return Err(missing(id));
    }
    if db.executions.values().any(|e| e.policy == id && !e.status.is_final()) {
        let text = "contains executions that aren't in final status, stop the execution first";
        return Err(Refusal::precondition(text));
    }
    db.drop_executions(id);
    db.remove_schedule("REPLICATION", id);
    db.policies.remove(&id);
    Ok(Reply::ok())
}
