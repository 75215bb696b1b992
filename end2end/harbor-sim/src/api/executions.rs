//! Runs of rules, their tasks and logs.

use serde_json::{Value, json};

use super::{Call, id_in_path};
use crate::clock::rfc3339;
use crate::http::{Answer, Refusal, Reply};
use crate::query::{Field, ListQuery};
use crate::state::Database;
use crate::state::rows::{Execution, Task};

pub(super) fn serve(call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => list(call),
        ("POST", []) => start(call),
        ("GET", [id]) => {
            let id = id_in_path(id, "id")?;
            call.who.require("replication", "read")?;
            let db = call.node.db();
            Ok(Reply::json(&show(&db, find(&db, id)?)))
        }
        ("PUT", [id]) => {
            let id = id_in_path(id, "id")?;
            call.who.require("replication", "create")?;
            find(&call.node.db(), id)?;
            crate::jobs::stop_execution(call.node, id);
            Ok(Reply::json(&Value::Null))
        }
        ("GET", [id, "tasks"]) => tasks(call, id_in_path(id, "id")?),
        ("GET", [id, "tasks", task, "log"]) => log(call, id_in_path(id, "id")?, id_in_path(task, "task_id")?),
        _ => Err(Refusal::internal()),
    }
}

fn find(db: &Database, id: i64) -> Result<&Execution, Refusal> {
    db.executions.get(&id).ok_or_else(|| Refusal::missing("replication execution", id))
}

fn show(db: &Database, row: &Execution) -> Value {
    let [total, succeed, failed, in_progress, stopped] = db.counts(row.id);
    json!({
        "end_time": rfc3339(row.ended),
        "failed": failed,
        "id": row.id,
        "in_progress": in_progress,
        "policy_id": row.policy,
        "start_time": rfc3339(row.started),
        "status": row.status.word(),
        "status_text": row.text,
        "stopped": stopped,
        "succeed": succeed,
        "total": total,
        "trigger": row.trigger,
    })
}

/// `Success` is taken for `Succeed`; unknown words find nothing.
fn status_word(text: &str) -> &str {
    if text == "Success" { "Succeed" } else { text }
}

fn list(call: &Call<'_>) -> Answer {
    // This list takes no `q`: one is ignored in silence.
    let query = ListQuery::read(call.request)?.without_q();
    call.who.require("replication", "list")?;
    let param = |name: &str| call.request.param(name).filter(|v| !v.is_empty());
    let policy = param("policy_id").and_then(|v| v.parse::<i64>().ok());
    let db = call.node.db();
    let rows: Vec<&Execution> = db
        .executions
        .values()
        .rev()
        .filter(|e| policy.is_none_or(|id| e.policy == id))
        .filter(|e| param("status").is_none_or(|s| e.status.word() == status_word(s)))
        .filter(|e| param("trigger").is_none_or(|t| e.trigger == t))
        .collect();
    let page = query.apply(rows, |e, key| match key {
        "id" => Some(Field::Int(e.id)),
        "start_time" => Some(Field::Time(e.started)),
        "end_time" => Some(Field::Time(e.ended)),
        "status" => Some(Field::Text(e.status.word().to_owned())),
        _ => None,
    });
    Ok(query.reply(page, |e| show(&db, e)))
}

fn start(call: &Call<'_>) -> Answer {
    let body = call.request.json("execution")?;
    super::policies::check_types(&body, "execution", "StartReplicationExecution", &[("policy_id", "int64")])?;
    call.who.require("replication", "create")?;
    let id = body["policy_id"].as_i64().unwrap_or(0);
    let policy = call.node.db().policies.get(&id).cloned();
    let policy = policy.ok_or_else(|| Refusal::missing("replication policy", id))?;
    if !policy.enabled {
        return Err(Refusal::precondition(format!("the policy {id} is disabled")));
    }
    let execution = crate::replicate::start(call.node, policy, "manual", None);
    Ok(Reply::created(call.request, execution))
}

fn show_task(task: &Task) -> Value {
    json!({
        "dst_resource": task.dest,
        "end_time": rfc3339(task.ended),
        "execution_id": task.execution,
        "id": task.id,
        "job_id": task.job,
        "operation": task.operation,
        "resource_type": "artifact",
        "src_resource": task.source,
        "start_time": rfc3339(task.started),
        "status": task.status.word(),
    })
}

fn tasks(call: &Call<'_>, id: i64) -> Answer {
    let query = ListQuery::read(call.request)?.without_q();
    call.who.require("replication", "list")?;
    let param = |name: &str| call.request.param(name).filter(|v| !v.is_empty());
    let db = call.node.db();
    find(&db, id)?;
    let mut rows: Vec<&Task> = db
        .tasks_of(id)
        .filter(|t| param("status").is_none_or(|s| t.status.word() == status_word(s)))
        .filter(|_| param("resource_type").is_none_or(|kind| kind == "artifact"))
        .collect();
    rows.reverse();
    let page = query.apply(rows, |t, key| match key {
        "id" => Some(Field::Int(t.id)),
        "start_time" => Some(Field::Time(t.started)),
        "end_time" => Some(Field::Time(t.ended)),
        "status" => Some(Field::Text(t.status.word().to_owned())),
        _ => None,
    });
    Ok(query.reply(page, show_task))
}

fn log(call: &Call<'_>, execution: i64, id: i64) -> Answer {
    call.who.require("replication", "read")?;
    let db = call.node.db();
    find(&db, execution)?;
    let task = db.tasks.get(&id).filter(|t| t.execution == execution);
    let task = task.ok_or_else(|| Refusal::missing("replication task", id))?;
    // Logs lie on the disk of the node whose job service wrote them.
    if task.log_node.is_some_and(|n| n != call.node.index) {
        return Err(Refusal::internal());
    }
    Ok(Reply::typed(200, "text/plain", task.log.clone()))
}
