//! A run in core: adapters, resources, projects at the destination, tasks. Whatever fails here ends the run with
//! no task, and nothing ever repeats it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::peer::{Endpoint, PeerError, Remote};
use super::select::{Resource, dest_name, local, remote};
use super::{Item, Operation, Side, Work};
use crate::clock::NEVER;
use crate::fault::Component;
use crate::node::Node;
use crate::state::rows::{Execution, Policy, Status, Task};

/// What an event is about; the rule's filters were looked at already.
#[derive(Clone, Debug)]
pub(crate) struct EventResource {
    pub(crate) operation: Operation,
    pub(crate) repository: String,
    pub(crate) item: Item,
}

/// Starts a run and returns its id. With `single_active` a second one is skipped.
pub(crate) fn start(
    node: &Arc<Node>,
    policy: Policy,
    trigger: &'static str,
    event: Option<EventResource>,
) -> i64 {
    let now = node.now();
    let (id, skipped) = {
        let mut db = node.db();
        let active = db.executions.values().any(|e| e.policy == policy.id && !e.status.is_final());
        let skipped = policy.single_active && active;
        let id = db.next("execution");
        let text = "Execution skipped: active replication still in progress.";
        let row = Execution {
            id,
            policy: policy.id,
            trigger,
            status: if skipped { Status::Failed } else { Status::InProgress },
            text: if skipped { text.to_owned() } else { String::new() },
            started: now,
            ended: if skipped { now } else { NEVER },
            stopping: false,
        };
        db.executions.insert(id, row);
        (id, skipped)
    };
    if !skipped {
        let node = Arc::clone(node);
        tokio::spawn(async move {
            tokio::select! {
                () = node.stop.cancelled() => {}
                () = prepare(&node, id, &policy, event) => {}
            }
        });
    }
    id
}

async fn prepare(node: &Arc<Node>, id: i64, policy: &Policy, event: Option<EventResource>) {
    // The semaphore is never closed.
    let Ok(_permit) = node.flows.acquire().await else { return };
    match plan(node, policy, event).await {
        Ok(works) if works.is_empty() => {
            finish(node, id, Status::Succeed, "no resources need to be replicated");
        }
        Ok(_) if node.is_sick(Component::Jobservice) => {
            let text = "Post \"http://jobservice:8080/api/v1/jobs\": dial tcp jobservice:8080: connect: connection \
                        refused";
            finish(node, id, Status::Failed, text);
        }
        Ok(works) => submit(node, id, works),
        Err(text) => finish(node, id, Status::Failed, &text),
    }
}

fn finish(node: &Node, id: i64, status: Status, text: &str) {
    let now = node.now();
    if let Some(row) = node.db().executions.get_mut(&id) {
        if !row.stopping {
            row.status = status;
        }
        text.clone_into(&mut row.text);
        row.ended = now;
    }
}

fn submit(node: &Arc<Node>, execution: i64, works: Vec<Work>) {
    for work in works {
        let job = crate::random::hex(12);
        let task = {
            let mut db = node.db();
            if !db.executions.contains_key(&execution) {
                return;
            }
            let id = db.next("task");
            let label = |repository: &str| format!("{repository} [{} item(s) in total]", count(&work));
            let row = Task {
                id,
                execution,
                job,
                operation: work.operation.word(),
                source: label(&work.source_repository),
                dest: label(&work.dest_repository),
                status: Status::Pending,
                started: NEVER,
                ended: NEVER,
                log: String::new(),
                log_node: None,
            };
            db.tasks.insert(id, row);
            id
        };
        crate::jobs::enqueue(node, execution, task, work);
    }
}

/// Tags, and artifacts without one.
fn count(work: &Work) -> usize {
    work.items.iter().map(|i| i.tags.len().max(1)).sum()
}

/// The endpoint of a rule, its password opened with this node's key.
fn endpoint(node: &Node, registry: i64) -> Option<Endpoint> {
    let db = node.db();
    let row = db.registries.get(&registry)?;
    let secret = row.secret.as_ref().map(|s| s.open(&node.secrets.secretkey)).unwrap_or_default();
    Some(Endpoint::with_secret(row, &secret))
}

async fn plan(node: &Arc<Node>, policy: &Policy, event: Option<EventResource>) -> Result<Vec<Work>, String> {
    let (registry, role) =
        if policy.is_push() { (policy.dest, "destination") } else { (policy.source, "source") };
    let endpoint = endpoint(node, registry).ok_or_else(|| format!("registry {registry} not found"))?;
    let opened = node.peers.open(&endpoint).await;
    let peer =
        opened.map_err(|e| format!("failed to create adapter for {role} registry {}: {e}", endpoint.url))?;
    let operation = event.as_ref().map_or(Operation::Copy, |e| e.operation);
    let resources = match event {
        Some(event) => {
            let project = event.repository.split('/').next().unwrap_or_default();
            let public = node.db().project_by_name(project).is_some_and(crate::state::rows::Project::public);
            vec![Resource { repository: event.repository, public, items: vec![event.item] }]
        }
        None if policy.is_push() => local(node, &policy.filters),
        None => {
            let fetched = remote(&peer, &policy.filters).await;
            fetched.map_err(|e| format!("failed to fetch artifacts: {e}"))?
        }
    };
    let mut works = Vec::new();
    let mut projects: BTreeMap<String, bool> = BTreeMap::new();
    for resource in resources {
        let dest = dest_name(policy, &resource.repository)?;
        let project = dest.split('/').next().unwrap_or_default().to_owned();
        let public = projects.entry(project).or_insert(true);
        *public = *public && resource.public;
        let remote = Side::Remote(endpoint.clone());
        let (source, dest_side) =
            if policy.is_push() { (Side::Local, remote) } else { (remote, Side::Local) };
        works.push(Work {
            operation,
            source,
            dest: dest_side,
            source_repository: resource.repository,
            dest_repository: dest,
            items: resource.items,
            overwrite: policy.overwrite,
            speed: policy.speed,
        });
    }
    if policy.is_push() && !works.is_empty() {
        prepare_peer(&peer, operation, &projects).await.map_err(|e| format!("failed to prepare: {e}"))?;
    } else if operation == Operation::Copy {
        prepare_here(node, &projects);
    }
    Ok(works)
}

async fn prepare_peer(
    peer: &Remote,
    operation: Operation,
    projects: &BTreeMap<String, bool>,
) -> Result<(), PeerError> {
    if peer.endpoint.kind != "harbor" {
        return Ok(());
    }
    peer.all("/labels?scope=g").await?;
    if operation == Operation::Copy {
        for (name, public) in projects {
            peer.ensure_project(name, *public).await?;
        }
    }
    Ok(())
}

fn prepare_here(node: &Node, projects: &BTreeMap<String, bool>) {
    let now = node.now();
    for (name, public) in projects {
        let made = {
            let mut db = node.db();
            match db.project_by_name(name) {
                Some(_) => None,
                None => Some(db.add_project(name, *public, 1, "admin", -1, now)),
            }
        };
        if let Some(id) = made {
            node.audit(crate::node::Event::plain("harbor-jobservice", "create", "project", name, id));
        }
    }
}
