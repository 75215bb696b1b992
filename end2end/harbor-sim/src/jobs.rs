//! The job service of a node: takes queued tasks, ticks schedules, checks endpoints.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{NEVER, whole_seconds};
use crate::cron::Cron;
use crate::fault::Component;
use crate::node::{Node, lock};
use crate::replicate::{Endpoint, PeerError, Work};
use crate::state::rows::{Policy, Status};
use crate::state::{Job, Running};

/// Workers of one job service.
const WORKERS: usize = 10;
/// A job is run so often at most.
const RUNS: u32 = 3;

fn wake(node: &Node) {
    node.jobs.wake.send_modify(|n| *n += 1);
}

/// Puts a task into the queue; the pools take them in turn.
pub(crate) fn enqueue(node: &Node, execution: i64, task: i64, work: Work) {
    let queued = node.now();
    let mut queue = lock(&node.jobs.queue);
    let pool = queue.next_pool().unwrap_or(node.index);
    queue.waiting.push_back(Job { task, execution, runs: 0, queued, pool, work });
    drop(queue);
    wake(node);
}

/// Tells the queue whether this node's job service is up.
pub(crate) fn pools_changed(node: &Node) {
    let alive = !node.is_sick(Component::Jobservice);
    for pool in lock(&node.jobs.queue).pools.iter_mut().filter(|p| p.node == node.index) {
        pool.alive = alive;
    }
    wake(node);
}

/// Takes a job that is this node's turn, or whose own job service is gone.
fn take(node: &Node) -> Option<(Job, usize)> {
    let mut queue = lock(&node.jobs.queue);
    if queue.paused.contains("REPLICATION") || !queue.is_alive(node.index) {
        return None;
    }
    let slot = (0..WORKERS).find(|s| !queue.running.iter().any(|r| r.node == node.index && r.slot == *s))?;
    let at = queue.waiting.iter().position(|j| j.pool == node.index || !queue.is_alive(j.pool))?;
    let job = queue.waiting.remove(at)?;
    let started = node.now();
    let name = node.db().tasks.get(&job.task).map(|t| t.job.clone()).unwrap_or_default();
    queue.running.push(Running { job: name, node: node.index, started, slot });
    Some((job, slot))
}

/// The loop of a job service.
pub(crate) async fn run(node: Arc<Node>) {
    let mut woken = node.jobs.wake.subscribe();
    loop {
        while let Some((job, slot)) = take(&node) {
            let node = Arc::clone(&node);
            tokio::spawn(async move {
                tokio::select! {
                    () = node.stop.cancelled() => {}
                    () = work(&node, job, slot) => {}
                }
            });
        }
        tokio::select! {
            () = node.stop.cancelled() => return,
            result = woken.changed() => if result.is_err() { return },
        }
    }
}

async fn work(node: &Arc<Node>, job: Job, slot: usize) {
    let now = whole_seconds(node.now());
    let runs = {
        let mut db = node.db();
        match db.tasks.get_mut(&job.task) {
            Some(task) if task.status != Status::Stopped => {
                task.status = Status::InProgress;
                task.started = now;
                task.ended = NEVER;
                task.log_node = Some(node.index);
                true
            }
            _ => false,
        }
    };
    if runs {
        refresh_later(node, job.execution);
        let stopped = || node.db().tasks.get(&job.task).is_none_or(|t| t.status == Status::Stopped);
        let result = crate::replicate::run(node, job.task, &job.work, stopped).await;
        finish(node, &job, result.is_ok());
    }
    lock(&node.jobs.queue).running.retain(|r| r.node != node.index || r.slot != slot);
    wake(node);
}

fn finish(node: &Arc<Node>, job: &Job, ok: bool) {
    let now = whole_seconds(node.now());
    let mut again = false;
    if let Some(task) = node.db().tasks.get_mut(&job.task).filter(|t| t.status != Status::Stopped) {
        task.status = if ok { Status::Succeed } else { Status::Failed };
        task.ended = now;
        again = !ok && job.runs + 1 < RUNS;
    }
    refresh_later(node, job.execution);
    if again {
        lock(&node.jobs.queue).retrying += 1;
        let node = Arc::clone(node);
        let mut job = job.clone();
        job.runs += 1;
        tokio::spawn(async move {
            tokio::time::sleep(node.timing.job_retry * job.runs).await;
            let mut queue = lock(&node.jobs.queue);
            queue.retrying -= 1;
            job.pool = queue.next_pool().unwrap_or(node.index);
            queue.waiting.push_back(job);
            drop(queue);
            wake(&node);
        });
    }
}

/// An execution's status follows its tasks only after a while.
fn refresh_later(node: &Arc<Node>, execution: i64) {
    let node = Arc::clone(node);
    tokio::spawn(async move {
        tokio::time::sleep(node.timing.status_lag).await;
        let mut db = node.db();
        let raced = db.executions.get(&execution).is_some_and(|e| e.stopping && e.status == Status::Stopped);
        if !raced {
            db.refresh_status(execution);
        }
    });
}

/// Stop: waiting tasks never run, running ones notice between two blobs. Asked before there are tasks, it loses
/// the race: the run says Stopped and everything is copied all the same.
pub(crate) fn stop_execution(node: &Arc<Node>, id: i64) {
    let now = node.now();
    lock(&node.jobs.queue).waiting.retain(|j| j.execution != id);
    {
        let mut db = node.db();
        let [total, ..] = db.counts(id);
        let Some(row) = db.executions.get_mut(&id) else { return };
        if row.status.is_final() {
            return;
        }
        if total == 0 {
            row.stopping = true;
            row.status = Status::Stopped;
            row.ended = now;
            return;
        }
        for task in db.tasks.values_mut().filter(|t| t.execution == id && !t.status.is_final()) {
            if task.status == Status::InProgress {
                task.ended = whole_seconds(now);
            }
            task.status = Status::Stopped;
        }
    }
    refresh_later(node, id);
}

/// Stops one job by its id; an unknown one is no error.
pub(crate) fn stop_job(node: &Arc<Node>, job: &str) {
    let found = node.db().tasks.values().find(|t| t.job == job).map(|t| t.execution);
    if let Some(execution) = found {
        stop_execution(node, execution);
    }
}

/// Throws everything out of the REPLICATION queue.
pub(crate) fn empty_queue(node: &Arc<Node>) {
    let gone: Vec<Job> = lock(&node.jobs.queue).waiting.drain(..).collect();
    for job in gone {
        if let Some(task) = node.db().tasks.get_mut(&job.task) {
            task.status = Status::Stopped;
        }
        refresh_later(node, job.execution);
    }
}

/// Pauses or resumes a queue; unknown names are taken too.
pub(crate) fn pause(node: &Node, name: &str, paused: bool) {
    let mut queue = lock(&node.jobs.queue);
    let names: Vec<String> = if name == "all" {
        crate::data::queues(node.version).into_iter().map(str::to_owned).collect()
    } else {
        vec![name.to_owned()]
    };
    for name in names {
        if paused {
            queue.paused.insert(name);
        } else {
            queue.paused.remove(&name);
        }
    }
    drop(queue);
    wake(node);
}

/// FLUSHDB: queued jobs and the ticks of schedules are gone; the database knows nothing of it.
pub(crate) fn flush(node: &Node) {
    let mut queue = lock(&node.jobs.queue);
    queue.waiting.clear();
    queue.paused.clear();
    drop(queue);
    for schedule in node.db().schedules.values_mut() {
        schedule.next = None;
    }
}

/// A restart of core and job service: schedules come back from the database, what spins stops.
pub(crate) fn restart(node: &Node) {
    lock(&node.locks).clear();
    let now = node.now();
    {
        let mut queue = lock(&node.jobs.queue);
        queue.wedged = false;
        for pool in queue.pools.iter_mut().filter(|p| p.node == node.index) {
            pool.started = now;
        }
    }
    let mut db = node.db();
    db.wedged_policies.clear();
    for schedule in db.schedules.values_mut().filter(|s| s.next.is_none()) {
        schedule.next = Cron::parse(&schedule.cron).and_then(|c| c.next_after(now));
    }
    drop(db);
    wake(node);
}

/// Ticks schedules as simulated time passes.
pub(crate) async fn tick(node: Arc<Node>) {
    let mut moved = node.clock.watch();
    loop {
        for due in due(&node) {
            fire(&node, due);
        }
        let wait = next_tick(&node).unwrap_or(Duration::from_secs(1)).min(Duration::from_secs(1));
        tokio::select! {
            () = node.stop.cancelled() => return,
            () = tokio::time::sleep(wait.max(Duration::from_millis(5))) => {}
            result = moved.changed() => if result.is_err() { return },
        }
    }
}

fn next_tick(node: &Node) -> Option<Duration> {
    let now = node.now();
    let next = node.db().schedules.values().filter_map(|s| s.next).min()?;
    Some(Duration::from_millis(u64::try_from(next - now).unwrap_or(0)))
}

enum Due {
    Replication(Box<Policy>),
    Sweep,
}

/// Schedules whose time has come; each is moved on, so that nodes on one database do not both run it.
fn due(node: &Node) -> Vec<Due> {
    let able = {
        let queue = lock(&node.jobs.queue);
        queue.is_alive(node.index) && !queue.wedged && !queue.paused.contains("SCHEDULER")
    };
    if !able {
        return Vec::new();
    }
    let now = node.now();
    let mut db = node.db();
    let mut all = Vec::new();
    let mut rules = Vec::new();
    for schedule in db.schedules.values_mut().filter(|s| s.next.is_some_and(|at| at <= now)) {
        schedule.next = Cron::parse(&schedule.cron).and_then(|c| c.next_after(now));
        match schedule.vendor_type.as_str() {
            "REPLICATION" => rules.push(schedule.vendor_id),
            "EXECUTION_SWEEP" => all.push(Due::Sweep),
            _ => {}
        }
    }
    let policies = rules.iter().filter_map(|id| db.policies.get(id)).filter(|p| p.enabled);
    all.extend(policies.cloned().map(Box::new).map(Due::Replication));
    all
}

fn fire(node: &Arc<Node>, due: Due) {
    match due {
        Due::Replication(policy) => {
            crate::replicate::start(node, *policy, "scheduled", None);
        }
        Due::Sweep => node.db().sweep_executions(),
    }
}

/// The regular check of endpoints.
pub(crate) async fn check_endpoints(node: Arc<Node>) {
    loop {
        tokio::select! {
            () = node.stop.cancelled() => return,
            () = tokio::time::sleep(node.timing.endpoint_check) => {}
        }
        check_endpoints_once(&node).await;
    }
}

/// One after the other. A peer that cannot be reached keeps its status: only a refused credential shows.
pub(crate) async fn check_endpoints_once(node: &Arc<Node>) {
    let rows: Vec<_> = node.db().registries.values().cloned().collect();
    for row in rows {
        let secret = row.secret.as_ref().map(|s| s.open(&node.secrets.secretkey)).unwrap_or_default();
        let healthy = match node.peers.ping(&Endpoint::with_secret(&row, &secret)).await {
            Ok(()) => true,
            Err(PeerError::Unhealthy) => false,
            Err(_) => continue,
        };
        if let Some(stored) = node.db().registries.get_mut(&row.id) {
            stored.healthy = healthy;
        }
    }
}
