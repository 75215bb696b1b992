//! One simulated Harbor: its own settings and faults, and the backends it may share with others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Millis};
use crate::config::{Secrets, Timing, TlsMode};
use crate::fault::{Component, Faults};
use crate::replicate::Peers;
use crate::state::{AuditRow, Database, JobStore, Sessions, Storage};
use crate::version::Version;

/// State of one node.
pub(crate) struct Node {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) secrets: Secrets,
    pub(crate) timing: Timing,
    pub(crate) clock: Clock,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) external_url: String,
    pub(crate) tls: Option<TlsMode>,
    pub(crate) certificates: Option<crate::tls::Certificates>,
    pub(crate) db: Arc<Mutex<Database>>,
    pub(crate) storage: Arc<Mutex<Storage>>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) jobs: Arc<JobStore>,
    pub(crate) faults: Mutex<Faults>,
    /// Rises at each change of the faults, so that the listener and hanging calls notice.
    pub(crate) faults_changed: watch::Sender<u64>,
    /// True once the listener is closed.
    pub(crate) listener_closed: watch::Sender<bool>,
    /// Names locked by a failed login.
    pub(crate) locks: Mutex<HashMap<String, Instant>>,
    /// Core prepares at most ten runs at once.
    pub(crate) flows: tokio::sync::Semaphore,
    pub(crate) peers: Arc<Peers>,
    pub(crate) stop: CancellationToken,
    /// Requests answered so far; for tests that count.
    pub(crate) served: std::sync::atomic::AtomicU64,
}

/// A lock that survives a panicking test.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Node {
    pub(crate) fn db(&self) -> MutexGuard<'_, Database> {
        lock(&self.db)
    }

    pub(crate) fn storage(&self) -> MutexGuard<'_, Storage> {
        lock(&self.storage)
    }

    /// This node's clock, wrong if so ordered.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now() + lock(&self.faults).clock_offset * 1000
    }

    pub(crate) fn is_sick(&self, part: Component) -> bool {
        lock(&self.faults).is_sick(part)
    }

    pub(crate) fn is_frozen(&self, part: Component) -> bool {
        lock(&self.faults).frozen.contains(&part)
    }

    /// Read-only by setting or by fault.
    pub(crate) fn read_only(&self) -> bool {
        // One lock at a time: others ask the clock, which looks at the faults, while they hold the database.
        let by_fault = lock(&self.faults).read_only;
        by_fault || self.db().config_bool("read_only")
    }

    /// Waits until the faults change.
    pub(crate) async fn until<F: Fn(&Faults) -> bool + Send>(&self, done: F) {
        let mut changed = self.faults_changed.subscribe();
        while !done(&lock(&self.faults)) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Writes a row of the audit log, in the words of this version.
    pub(crate) fn audit(&self, event: Event<'_>) {
        let exts = self.version.audit_exts();
        let old = matches!(
            (event.operation, event.resource_type),
            ("create" | "delete" | "pull", "artifact" | "tag" | "repository" | "project")
        );
        if !exts && !old {
            return;
        }
        let mut resource = event.resource.to_owned();
        if !self.version.since(12, 0) {
            resource = resource.replace('@', ":");
        }
        let at = self.now();
        let mut db = self.db();
        let off = db.config_text("disabled_audit_log_event_types");
        let kind = format!("{}_{}", event.operation, event.resource_type);
        if off.split(',').any(|t| t.trim() == kind) {
            return;
        }
        db.audit(AuditRow {
            id: 0,
            at,
            operation: event.operation.to_owned(),
            resource_type: event.resource_type.to_owned(),
            resource,
            username: event.username.to_owned(),
            description: event.description,
            ok: event.ok,
            project: event.project,
        });
    }
}

/// An event for the audit log.
pub(crate) struct Event<'a> {
    pub(crate) username: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) resource_type: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) description: String,
    pub(crate) project: i64,
    pub(crate) ok: bool,
}

impl<'a> Event<'a> {
    /// An event described as `<operation> <resource_type>: <resource>`.
    pub(crate) fn plain(
        username: &'a str,
        operation: &'a str,
        resource_type: &'a str,
        resource: &'a str,
        project: i64,
    ) -> Self {
        let description = format!("{operation} {resource_type}: {resource}");
        Self { username, operation, resource_type, resource, description, project, ok: true }
    }
}
