//! What tests do with a node without going through HTTP.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use crate::fault::Fault;
use crate::fill::{Difference, Fill};
use crate::node::{Node, lock};
use crate::state::{AuditRow, Image};

/// A node's database at some time.
#[derive(Clone, Debug)]
pub struct Backup(crate::state::Database);

/// A running node. Cheap to clone.
#[derive(Clone)]
pub struct NodeHandle {
    node: Arc<Node>,
}

impl NodeHandle {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// The name given at the start.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.node.name
    }

    /// The version it pretends to be.
    #[must_use]
    pub fn version(&self) -> String {
        self.node.version.to_string()
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.node.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.node.address)
    }

    /// PEM that verifies a self-signed node; `None` without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        let mode = self.node.tls?;
        self.node.certificates.as_ref().map(|c| c.pem(mode))
    }

    /// Requests answered since the start.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.node.served.load(Ordering::Relaxed)
    }

    /// Sets a fault. With [`Fault::Refuse`] the listener is closed when this returns.
    pub async fn fault(&self, fault: Fault) {
        let closes = fault == Fault::Refuse;
        self.change(|f| f.set(&fault));
        if closes {
            self.listener_is(true).await;
        }
    }

    /// Takes one fault away (its value does not matter).
    pub async fn clear(&self, fault: &Fault) {
        self.change(|f| f.clear(fault));
        if *fault == Fault::Refuse {
            self.listener_is(false).await;
        }
    }

    /// Takes all faults away; the node listens when this returns.
    pub async fn heal(&self) {
        self.change(|f| *f = crate::fault::Faults::default());
        self.listener_is(false).await;
    }

    /// The faults set, in the words of the control port.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        lock(&self.node.faults).names()
    }

    fn change(&self, edit: impl FnOnce(&mut crate::fault::Faults)) {
        edit(&mut lock(&self.node.faults));
        self.node.faults_changed.send_modify(|n| *n += 1);
        crate::jobs::pools_changed(&self.node);
    }

    async fn listener_is(&self, closed: bool) {
        let mut state = self.node.listener_closed.subscribe();
        // The listener outlives every handle except when the simulation stops, and then nobody waits for it.
        let _ = tokio::select! {
            result = state.wait_for(|c| *c == closed) => result.map(|_| ()).map_err(|_| ()),
            () = self.node.stop.cancelled() => Ok(()),
        };
    }

    /// Makes a project if it is missing.
    pub fn create_project(&self, name: &str, public: bool) {
        let now = self.node.now();
        let mut db = self.node.db();
        if db.project_by_name(name).is_none() {
            db.add_project(name, public, 1, "admin", -1, now);
        }
    }

    /// Loses the storage's blob, or spoils its bytes; what lists it goes on listing it. False when there is none.
    pub fn lose_blob(&self, digest: &str, spoil: bool) -> bool {
        let mut storage = self.node.storage();
        match (storage.blobs.get_mut(digest), spoil) {
            (Some(bytes), true) => *bytes = Bytes::from_static(b"spoilt"),
            (Some(_), false) => drop(storage.blobs.remove(digest)),
            (None, _) => return false,
        }
        true
    }

    /// Makes a project that is a cache of the registry with this id, if it is missing.
    pub fn create_proxy_cache(&self, name: &str, registry: i64) {
        self.create_project(name, true);
        let mut db = self.node.db();
        let id = db.project_by_name(name).map(|p| p.id);
        if let Some(project) = id.and_then(|id| db.projects.get_mut(&id)) {
            project.registry = registry;
        }
    }

    /// Makes the tags of a doublestar pattern immutable in a project. Nothing happens without the project.
    pub fn protect_tags(&self, project: &str, pattern: &str) {
        let mut db = self.node.db();
        if let Some(id) = db.project_by_name(project).map(|p| p.id) {
            crate::api::protect(&mut db, id, pattern);
        }
    }

    /// Pushes an image of one layer as admin would: with events and audit rows. Makes the project if it is
    /// missing. Returns the manifest's digest; equal layers give equal digests.
    pub fn push_image(&self, repository: &str, tag: &str, layer: impl Into<Bytes>) -> String {
        let project = repository.split('/').next().unwrap_or_default();
        self.create_project(project, false);
        let image = Image::new(layer);
        self.node.storage().put_image(repository, &image);
        crate::oci::manifests::store(
            &self.node,
            "admin",
            repository,
            tag,
            &image.media_type,
            &image.manifest,
        );
        image.digest
    }

    /// Makes a label of all, if it is missing, and puts it on an artifact, or takes it off again: without an event, as
    /// Harbor has none for it. False when there is no such artifact.
    pub fn label(&self, repository: &str, tag: &str, name: &str, on: bool) -> bool {
        crate::api::labels::put(&self.node, repository, tag, name, on)
    }

    /// Deletes one tag with its event. False when there is none.
    pub fn delete_tag(&self, repository: &str, tag: &str) -> bool {
        crate::api::tags::remove(&self.node, "admin", repository, tag)
    }

    /// Deletes an artifact by tag or digest with its event. False when there is none.
    pub fn delete_artifact(&self, repository: &str, reference: &str) -> bool {
        crate::api::artifacts::remove(&self.node, "admin", repository, reference)
    }

    /// Garbage collection with "delete untagged" on one repository: no event and no row of the audit log
    /// (scan-costs.md section 4). Returns how many artifacts went.
    pub fn collect_untagged(&self, repository: &str) -> usize {
        crate::api::artifacts::collect_untagged(&self.node, repository)
    }

    /// The digest a tag points to.
    #[must_use]
    pub fn tag_digest(&self, repository: &str, tag: &str) -> Option<String> {
        let db = self.node.db();
        db.repository(repository)?.rows().by_reference(tag).map(|a| a.digest.clone())
    }

    /// All `(repository, tag, digest)` of a project, sorted.
    #[must_use]
    pub fn tags(&self, project: &str) -> Vec<(String, String, String)> {
        let db = self.node.db();
        let Some(id) = db.project_by_name(project).map(|p| p.id) else { return Vec::new() };
        let mut all = Vec::new();
        for repository in db.repositories_of(id) {
            let rows = repository.rows();
            for tag in &rows.tags {
                let digest = rows.by_id(tag.artifact).map(|a| a.digest.clone()).unwrap_or_default();
                all.push((repository.name.clone(), tag.name.clone(), digest));
            }
        }
        all.sort();
        all
    }

    /// The audit log, oldest first.
    #[must_use]
    pub fn audit(&self) -> Vec<AuditRow> {
        self.node.db().audit.clone()
    }

    /// `(id, policy id, trigger, status, status text, tasks)` of all executions, oldest first.
    #[must_use]
    pub fn executions(&self) -> Vec<(i64, i64, String, String, String, usize)> {
        let db = self.node.db();
        let row = |e: &crate::state::rows::Execution| {
            let tasks = db.tasks_of(e.id).count();
            (e.id, e.policy, e.trigger.to_owned(), e.status.word().to_owned(), e.text.clone(), tasks)
        };
        db.executions.values().map(row).collect()
    }

    /// No task waits or runs and every execution has its final status.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let queue = lock(&self.node.jobs.queue);
        let idle = queue.waiting.is_empty() && queue.running.is_empty() && queue.retrying == 0;
        drop(queue);
        idle && self.node.db().executions.values().all(|e| e.status.is_final())
    }

    /// Makes `fill.artifacts` artifacts from a seed; equal seeds give equal content.
    pub fn fill(&self, fill: &Fill) {
        crate::fill::fill(&self.node, fill);
    }

    /// Changes `count` rows of what [`NodeHandle::fill`] made and says how.
    pub fn diverge(&self, fill: &Fill, count: usize) -> Vec<Difference> {
        crate::fill::diverge(&self.node, fill, count)
    }

    /// The database as it is now, for [`NodeHandle::restore`].
    #[must_use]
    pub fn backup(&self) -> Backup {
        Backup(self.node.db().clone())
    }

    /// Puts an earlier database back: ids and the audit log count on from there. The storage keeps its blobs.
    pub fn restore(&self, backup: &Backup) {
        *self.node.db() = backup.0.clone();
    }

    /// What a restart does: locks are gone, schedules are read from the database again, a job service that
    /// spins stops.
    pub fn restart(&self) {
        crate::jobs::restart(&self.node);
    }

    /// FLUSHDB of the job service's Redis: queued jobs and schedules' ticks are gone.
    pub fn flush_jobs(&self) {
        crate::jobs::flush(&self.node);
    }

    /// Pauses or resumes a queue such as `REPLICATION` or `SCHEDULER`.
    pub fn pause_queue(&self, name: &str, paused: bool) {
        crate::jobs::pause(&self.node, name, paused);
    }

    /// Runs the check that refreshes endpoints' status now.
    pub async fn check_endpoints(&self) {
        crate::jobs::check_endpoints_once(&self.node).await;
    }
}
