//! Recorded bodies, read by the client's types.

use harbor::{
    api::{
        artifacts::{Artifact, Tag},
        audit::AuditRow,
        discovery::{Configurations, Health, Statistics, SystemInfo, Volumes},
        executions::{Execution, Task},
        identity::User,
        jobs::{Pool, Queue, Quota, Schedule, Worker},
        policies::{NewPolicy, Policy},
        projects::{Label, Member, Metadata, Project, Repository},
        registries::{Registry, RegistryInfo},
        robots::{CreatedRobot, Permissions, Robot},
    },
    inventory::find,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::recording::Exchange;

pub(crate) enum Outcome {
    Read,
    NotRead(String),
    /// No JSON, no success, or no call of the client's.
    Nothing,
}

/// A body without what the recorder put in place of long parts.
fn whole(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            list.iter().filter(|v| !v.as_str().is_some_and(|s| s.starts_with('…'))).map(whole).collect()
        }
        Value::Object(map) => {
            map.iter().filter(|(k, _)| !k.starts_with('…')).map(|(k, v)| (k.clone(), whole(v))).collect()
        }
        other => other.clone(),
    }
}

fn parse<T: DeserializeOwned>(body: &Value) -> Outcome {
    match serde_json::from_value::<T>(body.clone()) {
        Ok(_) => Outcome::Read,
        Err(e) => Outcome::NotRead(e.to_string()),
    }
}

/// A rule read and written back must say what it said: this is how the client changes one field of a rule.
fn policy(body: &Value) -> Outcome {
    let policy: Policy = match serde_json::from_value(body.clone()) {
        Ok(policy) => policy,
        Err(e) => return Outcome::NotRead(e.to_string()),
    };
    let written = serde_json::to_value(NewPolicy::from(&policy)).unwrap();
    for key in [
        "name",
        "description",
        "dest_namespace",
        "dest_namespace_replace_count",
        "trigger",
        "deletion",
        "override",
        "enabled",
        "speed",
        "copy_by_chunk",
        "single_active_replication",
    ] {
        let empty = |v: Option<&Value>| {
            v.is_none_or(|v| v.is_null() || *v == Value::Bool(false) || *v == "" || *v == 0)
        };
        let (was, is) = (body.get(key), written.get(key));
        if was != is && !(empty(was) && empty(is)) {
            return Outcome::NotRead(format!("{key} was {was:?} and would be written as {is:?}"));
        }
    }
    let filters = |v: &Value| v.get("filters").and_then(Value::as_array).cloned().unwrap_or_default();
    if filters(body) == filters(&written) {
        Outcome::Read
    } else {
        Outcome::NotRead("filters change when written back".to_owned())
    }
}

pub(crate) fn by_client(exchange: &Exchange) -> Outcome {
    let Some(call) = find(&exchange.request.method, exchange.request.path_only()) else {
        return Outcome::Nothing;
    };
    let body = whole(&exchange.response.body);
    if !(200..300).contains(&exchange.response.status) || !(body.is_object() || body.is_array()) {
        return Outcome::Nothing;
    }
    match call.name {
        "discovery.health" => parse::<Health>(&body),
        "discovery.systeminfo" | "discovery.systeminfo_1x" => parse::<SystemInfo>(&body),
        "discovery.volumes" => parse::<Volumes>(&body),
        "discovery.configurations" => parse::<Configurations>(&body),
        "discovery.statistics" => parse::<Statistics>(&body),
        "auth.current_user" => parse::<User>(&body),
        // Some recordings hold the rights shortened to words.
        "auth.permissions" if exchange.id.contains("compact") => Outcome::Nothing,
        "auth.permissions" => parse::<Permissions>(&body),
        "registry.list" => parse::<Vec<Registry>>(&body),
        "registry.get" => parse::<Registry>(&body),
        "registry.info" => parse::<RegistryInfo>(&body),
        "policy.list" => parse::<Vec<Policy>>(&body),
        "policy.get" => policy(&body),
        "execution.list" => parse::<Vec<Execution>>(&body),
        "execution.get" => parse::<Execution>(&body),
        "task.list" => parse::<Vec<Task>>(&body),
        "project.list" => parse::<Vec<Project>>(&body),
        "project.get" => parse::<Project>(&body),
        "project.metadata" => parse::<Metadata>(&body),
        "repository.list" | "repository.list_all" => parse::<Vec<Repository>>(&body),
        "artifact.list" | "artifact.list_project" => parse::<Vec<Artifact>>(&body),
        "artifact.get" => parse::<Artifact>(&body),
        "tag.list" => parse::<Vec<Tag>>(&body),
        "label.list" => parse::<Vec<Label>>(&body),
        "member.list" => parse::<Vec<Member>>(&body),
        "audit.logs" | "audit.exts" => parse::<Vec<AuditRow>>(&body),
        "schedule.list" => parse::<Vec<Schedule>>(&body),
        "queue.list" => parse::<Vec<Queue>>(&body),
        "pool.list" => parse::<Vec<Pool>>(&body),
        "worker.list" => parse::<Vec<Worker>>(&body),
        "quota.list" => parse::<Vec<Quota>>(&body),
        "robot.list" => parse::<Vec<Robot>>(&body),
        "robot.get" => parse::<Robot>(&body),
        "robot.create" => parse::<CreatedRobot>(&body),
        // The client keeps no type of its own for these few fields; calls.rs tests how they are read.
        "discovery.api_version"
        | "schedule.paused"
        | "auth.token"
        | "oci.base"
        | "oci.tags"
        | "manifest.get"
        | "blob.get" => Outcome::Read,
        other => Outcome::NotRead(format!("no type is named for {other}")),
    }
}
