//! One PostgreSQL: all tables and what several resources need from them.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::repository::{Artifact, Repository, is_child};
use super::rows::{
    Execution, ImmutableRule, Label, Policy, Project, Quota, Registry, Robot, Schedule, Status, Task, User,
};
use crate::clock::{Millis, NEVER};
use crate::version::Version;

/// One row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Rising number.
    pub id: i64,
    /// When, milliseconds since 1970.
    pub at: Millis,
    /// `create`, `delete`, `pull`, `update`, `login`, `logout`.
    pub operation: String,
    /// `artifact`, `tag`, `repository`, `project`, `robot`, `user`, `configuration`.
    pub resource_type: String,
    /// What it was done to.
    pub resource: String,
    /// Who did it.
    pub username: String,
    /// Only in the newer log.
    pub description: String,
    /// False when it was refused.
    pub ok: bool,
    /// Project of the resource; 0 for none.
    pub project: i64,
}

/// All tables.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) users: BTreeMap<i64, User>,
    pub(crate) projects: BTreeMap<i64, Project>,
    pub(crate) quotas: BTreeMap<i64, Quota>,
    pub(crate) repositories: BTreeMap<i64, Repository>,
    pub(crate) repository_ids: HashMap<String, i64>,
    pub(crate) registries: BTreeMap<i64, Registry>,
    pub(crate) policies: BTreeMap<i64, Policy>,
    pub(crate) schedules: BTreeMap<i64, Schedule>,
    pub(crate) executions: BTreeMap<i64, Execution>,
    pub(crate) tasks: BTreeMap<i64, Task>,
    pub(crate) robots: BTreeMap<i64, Robot>,
    pub(crate) labels: BTreeMap<i64, Label>,
    pub(crate) immutables: BTreeMap<i64, ImmutableRule>,
    /// Retention rules as they were sent, with their id.
    pub(crate) retentions: BTreeMap<i64, Value>,
    pub(crate) audit: Vec<AuditRow>,
    pub(crate) configuration: serde_json::Map<String, Value>,
    /// Names of rules whose POST never ended: their transaction stays open.
    pub(crate) wedged_policies: HashSet<String>,
    sequences: HashMap<&'static str, i64>,
}

impl Database {
    /// A fresh installation: `admin`, the public project `library`, the two system schedules.
    pub(crate) fn installed(admin_password: &str, version: Version, now: Millis) -> Self {
        let mut db = Self {
            users: BTreeMap::new(),
            projects: BTreeMap::new(),
            quotas: BTreeMap::new(),
            repositories: BTreeMap::new(),
            repository_ids: HashMap::new(),
            registries: BTreeMap::new(),
            policies: BTreeMap::new(),
            schedules: BTreeMap::new(),
            executions: BTreeMap::new(),
            tasks: BTreeMap::new(),
            robots: BTreeMap::new(),
            labels: BTreeMap::new(),
            immutables: BTreeMap::new(),
            retentions: BTreeMap::new(),
            audit: Vec::new(),
            configuration: crate::data::configuration(version),
            wedged_policies: HashSet::new(),
            sequences: HashMap::new(),
        };
        let admin = User {
            id: db.next("user"),
            name: "admin".to_owned(),
            password: admin_password.to_owned(),
            email: String::new(),
            realname: "system admin".to_owned(),
            comment: "admin user".to_owned(),
            admin: true,
            created: now,
            updated: now,
        };
        db.users.insert(admin.id, admin);
        // Row 2 is an internal account that no list shows.
        db.next("user");
        db.add_project("library", true, 1, "admin", -1, now);
        let sweep = if version.since(9, 0) { "0 0 0 * * *" } else { "0 0 * * * *" };
        db.add_schedule("SYSTEM_ARTIFACT_CLEANUP", 0, "0 0 0 * * *", now);
        db.add_schedule("EXECUTION_SWEEP", -1, sweep, now);
        db
    }

    /// The next id of a table. A refused create burns one too.
    pub(crate) fn next(&mut self, table: &'static str) -> i64 {
        self.reserve(table, 1)
    }

    /// The first of `count` new ids.
    pub(crate) fn reserve(&mut self, table: &'static str, count: i64) -> i64 {
        let last = self.sequences.entry(table).or_insert(0);
        let first = *last + 1;
        *last += count;
        first
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.values().find(|u| u.name == name)
    }

    pub(crate) fn robot(&self, name: &str) -> Option<&Robot> {
        self.robots.values().find(|r| r.name == name)
    }

    pub(crate) fn project_by_name(&self, name: &str) -> Option<&Project> {
        self.projects.values().find(|p| p.name == name)
    }

    /// Makes project and quota; returns the id.
    pub(crate) fn add_project(
        &mut self,
        name: &str,
        public: bool,
        owner: i64,
        owner_name: &str,
        limit: i64,
        now: Millis,
    ) -> i64 {
        let id = self.next("project");
        let allowlist = self.next("allowlist");
        let metadata = BTreeMap::from([("public".to_owned(), public.to_string())]);
        let member = super::rows::Member { id: self.next("member"), user: owner, role: 1 };
        let project = Project {
            id,
            name: name.to_owned(),
            owner,
            owner_name: owner_name.to_owned(),
            metadata,
            registry: 0,
            allowlist,
            members: vec![member],
            created: now,
            updated: now,
        };
        self.projects.insert(id, project);
        let quota = Quota { id: self.next("quota"), project: id, hard: limit, created: now, updated: now };
        self.quotas.insert(quota.id, quota);
        id
    }

    pub(crate) fn add_schedule(&mut self, vendor_type: &str, vendor_id: i64, cron: &str, now: Millis) {
        let next = crate::cron::Cron::parse(cron).and_then(|c| c.next_after(now));
        let id = self.next("schedule");
        let schedule = Schedule {
            id,
            vendor_type: vendor_type.to_owned(),
            vendor_id,
            cron: cron.to_owned(),
            updated: now,
            next,
        };
        self.schedules.insert(id, schedule);
    }

    pub(crate) fn remove_schedule(&mut self, vendor_type: &str, vendor_id: i64) {
        self.schedules.retain(|_, s| s.vendor_type != vendor_type || s.vendor_id != vendor_id);
    }

    pub(crate) fn repository(&self, name: &str) -> Option<&Repository> {
        self.repository_ids.get(name).and_then(|id| self.repositories.get(id))
    }

    pub(crate) fn repository_mut(&mut self, name: &str) -> Option<&mut Repository> {
        let id = *self.repository_ids.get(name)?;
        self.repositories.get_mut(&id)
    }

    pub(crate) fn add_repository(&mut self, project: i64, name: &str, now: Millis) -> i64 {
        if let Some(id) = self.repository_ids.get(name) {
            return *id;
        }
        let id = self.next("repository");
        self.insert_repository(Repository::new(id, project, name, now));
        id
    }

    pub(crate) fn insert_repository(&mut self, repository: Repository) {
        self.repository_ids.insert(repository.name.clone(), repository.id);
        self.repositories.insert(repository.id, repository);
    }

    pub(crate) fn remove_repository(&mut self, name: &str) {
        if let Some(id) = self.repository_ids.remove(name) {
            self.repositories.remove(&id);
        }
    }

    pub(crate) fn repositories_of(&self, project: i64) -> impl Iterator<Item = &Repository> {
        self.repositories.values().filter(move |r| r.project == project)
    }

    /// Bytes a project uses: each blob and manifest once. What was filled from a seed counts by the rule.
    pub(crate) fn used(&self, project: i64) -> i64 {
        let mut blobs: HashMap<String, u64> = HashMap::new();
        let mut bytes = 0;
        for repository in self.repositories_of(project) {
            if let Some(seeded) = repository.as_seeded() {
                bytes += seeded.bytes();
                continue;
            }
            for artifact in &repository.rows().artifacts {
                bytes += artifact.manifest_size;
                blobs.extend(artifact.facts.blobs.iter().cloned());
            }
        }
        i64::try_from(bytes + blobs.values().sum::<u64>()).unwrap_or(i64::MAX)
    }

    pub(crate) fn quota_of(&self, project: i64) -> Option<&Quota> {
        self.quotas.values().find(|q| q.project == project)
    }

    /// Removes an artifact with its tags, accessories and (untagged, otherwise unused) children. Returns what
    /// went, with the tags each had.
    pub(crate) fn remove_artifact(&mut self, repository: &str, id: i64) -> Vec<(Artifact, Vec<String>)> {
        let mut gone = Vec::new();
        let Some(repo) = self.repository_mut(repository) else { return gone };
        let rows = repo.rows_mut();
        let mut doomed = vec![id];
        while let Some(id) = doomed.pop() {
            let Some(at) = rows.artifacts.iter().position(|a| a.id == id) else { continue };
            let artifact = rows.artifacts.remove(at);
            let tags = rows.tags_of(id).map(|t| t.name.clone()).collect();
            rows.tags.retain(|t| t.artifact != id);
            doomed.extend(rows.artifacts.iter().filter(|a| a.subject == Some(id)).map(|a| a.id));
            for (child, _) in &artifact.children {
                if rows.tags_of(*child).next().is_none() && !is_child(rows, *child) {
                    doomed.push(*child);
                }
            }
            gone.push((artifact, tags));
        }
        gone
    }

    /// `total, succeed, failed, in_progress, stopped` of an execution's tasks.
    pub(crate) fn counts(&self, execution: i64) -> [i64; 5] {
        let mut counts = [0; 5];
        for task in self.tasks_of(execution) {
            counts[0] += 1;
            let at = match task.status {
                Status::Succeed => 1,
                Status::Failed => 2,
                Status::Pending | Status::InProgress => 3,
                Status::Stopped => 4,
            };
            counts[at] += 1;
        }
        counts
    }

    pub(crate) fn tasks_of(&self, execution: i64) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter(move |t| t.execution == execution)
    }

    /// Sets an execution's status to what its tasks say now.
    pub(crate) fn refresh_status(&mut self, execution: i64) {
        let [total, _, failed, in_progress, stopped] = self.counts(execution);
        let ended = self.tasks_of(execution).map(|t| t.ended).filter(|t| *t != NEVER).max().unwrap_or(NEVER);
        let Some(row) = self.executions.get_mut(&execution) else { return };
        if total == 0 {
            return;
        }
        row.status = match (in_progress, failed, stopped) {
            (1.., ..) => Status::InProgress,
            (_, 1.., _) => Status::Failed,
            (_, _, 1..) => Status::Stopped,
            _ => Status::Succeed,
        };
        row.ended = if row.status.is_final() { ended } else { NEVER };
    }

    /// Deletes a rule's executions and their tasks.
    pub(crate) fn drop_executions(&mut self, policy: i64) {
        let gone: HashSet<i64> =
            self.executions.values().filter(|e| e.policy == policy).map(|e| e.id).collect();
        self.executions.retain(|id, _| !gone.contains(id));
        self.tasks.retain(|_, t| !gone.contains(&t.execution));
    }

    /// The daily sweep: keeps the newest 50 executions of each rule.
    pub(crate) fn sweep_executions(&mut self) {
        let mut by_policy: HashMap<i64, Vec<i64>> = HashMap::new();
        for execution in self.executions.values().filter(|e| e.status.is_final()) {
            by_policy.entry(execution.policy).or_default().push(execution.id);
        }
        for ids in by_policy.values() {
            for id in &ids[..ids.len().saturating_sub(50)] {
                self.executions.remove(id);
                self.tasks.retain(|_, t| t.execution != *id);
            }
        }
    }

    pub(crate) fn config_bool(&self, key: &str) -> bool {
        self.configuration.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn config_text(&self, key: &str) -> String {
        self.configuration.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn audit(&mut self, row: AuditRow) {
        let id = self.next("audit");
        self.audit.push(AuditRow { id, ..row });
    }
}
