//! The job service's monitor: pools, workers, queues, jobs.

use serde_json::{Value, json};

use super::Call;
use crate::clock::{Millis, rfc3339, whole_seconds};
use crate::fault::Component;
use crate::http::{Answer, Refusal, Reply};
use crate::node::lock;
use crate::state::{Pool, Running};

pub(super) fn serve(call: &Call<'_>, path: &[&str]) -> Answer {
    match (call.request.method.as_str(), path) {
        (_, ["pools"]) => {
            call.who.require("jobservice-monitor", "list")?;
            reachable(call)?;
            let now = call.node.now();
            let queue = lock(&call.node.jobs.queue);
            Ok(Reply::json(&queue.pools.iter().filter(|p| p.alive).map(|p| show(p, now)).collect()))
        }
        (_, ["pools", id, "workers"]) => workers(call, id),
        ("GET", ["queues"]) => queues(call),
        ("PUT", ["queues", kind]) => change(call, kind),
        (_, ["jobs", _, "log"]) => {
            call.who.require("jobservice-monitor", "list")?;
            // The log of an unknown job is a masked error; logs of tasks are read at their execution.
            Err(Refusal::internal())
        }
        (_, ["jobs", id]) => {
            call.request.json("actionRequest")?;
            call.who.require("jobservice-monitor", "stop")?;
            crate::jobs::stop_job(call.node, id);
            Ok(Reply::ok())
        }
        _ => Err(Refusal::internal()),
    }
}

fn reachable(call: &Call<'_>) -> Result<(), Refusal> {
    if call.node.is_sick(Component::Jobservice) { Err(Refusal::internal()) } else { Ok(()) }
}

fn workers(call: &Call<'_>, pool: &str) -> Answer {
    call.who.require("jobservice-monitor", "list")?;
    reachable(call)?;
    let queue = lock(&call.node.jobs.queue);
    let asked = queue.pools.iter().filter(|p| p.alive && (pool == "all" || pool == p.id));
    Ok(Reply::json(&asked.flat_map(|p| worker_rows(p, &queue.running)).collect()))
}

fn queues(call: &Call<'_>) -> Answer {
    call.who.require("jobservice-monitor", "list")?;
    reachable(call)?;
    let now = call.node.now();
    let queue = lock(&call.node.jobs.queue);
    let rows = crate::data::queues(call.node.version).into_iter().map(|kind| {
        let mut body = json!({"job_type": kind, "paused": queue.paused.contains(kind)});
        let waiting = if kind == "REPLICATION" { queue.waiting.len() } else { 0 };
        if waiting > 0 {
            body["count"] = json!(waiting);
            let oldest = queue.waiting.iter().map(|j| j.queued).min().unwrap_or(now);
            let latency = (now - oldest) / 1000;
            if latency > 0 {
                body["latency"] = json!(latency);
            }
        }
        body
    });
    Ok(Reply::json(&rows.collect()))
}

fn change(call: &Call<'_>, kind: &str) -> Answer {
    let body = call.request.json("actionRequest")?;
    let action = body["action"].as_str().unwrap_or_default();
    if !matches!(action, "stop" | "pause" | "resume") {
        return Err(Refusal::invalid_body("action in body should be one of [stop pause resume]"));
    }
    call.who.require("jobservice-monitor", "stop")?;
    match action {
        "stop" if matches!(kind, "REPLICATION" | "all") => crate::jobs::empty_queue(call.node),
        "stop" => {}
        _ => crate::jobs::pause(call.node, kind, action == "pause"),
    }
    Ok(Reply::ok())
}

fn show(pool: &Pool, now: Millis) -> Value {
    json!({
        "concurrency": 10,
        "heartbeat_at": rfc3339(whole_seconds(now)),
        "pid": pool.pid,
        "start_at": rfc3339(whole_seconds(pool.started)),
        "worker_pool_id": pool.id,
    })
}

fn worker_rows(pool: &Pool, running: &[Running]) -> Vec<Value> {
    let row =
        |(slot, id): (usize, &String)| match running.iter().find(|r| r.node == pool.node && r.slot == slot) {
            Some(run) => json!({
                "id": id, "pool_id": pool.id, "job_id": run.job, "job_name": "REPLICATION",
                "start_at": rfc3339(whole_seconds(run.started)),
            }),
            None => json!({"id": id, "pool_id": pool.id}),
        };
    pool.worker_ids.iter().enumerate().map(row).collect()
}
