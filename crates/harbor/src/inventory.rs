//! Every call the client makes: its name, method, path and limits. Nothing can be sent that does not stand here,
//! so what is listed before a change is what is sent, and the contract test grows with the client.

use std::time::Duration;

use reqwest::Method;

use crate::{HarborError, Limits, encode};

/// One call of Harbor's that the client makes.
#[derive(Debug)]
pub struct Call {
    /// Stable name, `topic.action`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Path with `{parts}`.
    pub path: &'static str,
    /// What it is about.
    pub topic: Topic,
    class: Class,
}

/// What a call is about; the recordings of real Harbors are sorted the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Version, health, settings.
    Discovery,
    /// Sessions and tokens.
    Auth,
    /// Endpoints.
    Registries,
    /// Rules.
    Policies,
    /// Runs and tasks.
    Executions,
    /// Projects, repositories, artifacts, tags.
    Projects,
    /// The audit log.
    Audit,
    /// Queues, pools, schedules, quotas.
    Jobs,
    /// Robots.
    Robots,
    /// The registry itself.
    Oci,
}

/// How long and how large an answer may be.
#[derive(Clone, Copy, Debug)]
enum Class {
    /// Answers at once or is ill: never tried again.
    Probe,
    /// A row or a page.
    Read,
    /// A list without an end: 25 000 artifacts came as 41 MB.
    Bulk,
    /// A change.
    Write,
    /// Harbor asks another host before it answers; a black hole costs it 30 s.
    Peer,
    /// Image data.
    Blob,
}

const KB: usize = 1024;
const MB: usize = 1024 * KB;

impl Call {
    /// The limits it has unless told otherwise.
    pub fn limits(&self) -> Limits {
        let (seconds, body) = match self.class {
            Class::Probe => (8, 256 * KB),
            Class::Read => (20, 8 * MB),
            Class::Bulk => (90, 128 * MB),
            Class::Write => (30, MB),
            Class::Peer => (45, MB),
            Class::Blob => (300, 64 * MB),
        };
        Limits { time: Duration::from_secs(seconds), body }
    }

    /// Whether it changes nothing at the other end.
    pub fn reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    pub(crate) fn may_retry(&self) -> bool {
        self.reads() && matches!(self.class, Class::Read | Class::Bulk)
    }

    /// The path with its parts filled in and encoded.
    ///
    /// # Errors
    /// [`HarborError::Validation`] where a part is empty, missing, or would climb out of its place.
    pub fn fill(&self, params: &[(&str, String)]) -> Result<String, HarborError> {
        encode::fill(self.path, params)
    }

    /// Whether a request (path without query) is this call.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_str() == method && fits(self.path, path)
    }
}

/// Whether a path fits a template; `{name}` may span segments, all others one.
fn fits(template: &str, path: &str) -> bool {
    let Some((before, rest)) = template.split_once('{') else { return template == path };
    let Some((key, after)) = rest.split_once('}') else { return false };
    let Some(value) = path.strip_prefix(before) else { return false };
    let wide = matches!(key, "name" | "upload");
    let ends = value.char_indices().map(|(i, c)| (i + c.len_utf8(), c));
    ends.take_while(|(_, c)| wide || *c != '/').any(|(end, _)| fits(after, &value[end..]))
}

/// The call a request is, if the client makes it.
pub fn find(method: &str, path: &str) -> Option<&'static Call> {
    // A path without parts is looked for first: `/registries/ping` is no registry.
    let mut fitting: Vec<_> = INVENTORY.iter().copied().filter(|call| call.matches(method, path)).collect();
    fitting.sort_by_key(|call| call.path.matches('{').count());
    fitting.first().copied()
}

macro_rules! inventory {
    ($($ident:ident $name:literal $method:ident $path:literal $topic:ident $class:ident;)*) => {
        /// The calls, by name.
        pub mod calls {
            use super::{Call, Class, Method, Topic};
            $(
                #[doc = concat!("`", stringify!($method), " ", $path, "`")]
                pub static $ident: Call = Call {
                    name: $name,
                    method: Method::$method,
                    path: $path,
                    topic: Topic::$topic,
                    class: Class::$class,
                };
            )*
        }

        /// All of them.
        pub static INVENTORY: &[&Call] = &[$(&calls::$ident),*];
    };
}

inventory! {
    API_VERSION "discovery.api_version" GET "/api/version" Discovery Probe;
    ONE_SYSTEMINFO "discovery.systeminfo_1x" GET "/api/systeminfo" Discovery Probe;
    PING "discovery.ping" GET "/api/v2.0/ping" Discovery Probe;
    HEALTH "discovery.health" GET "/api/v2.0/health" Discovery Probe;
    SYSTEMINFO "discovery.systeminfo" GET "/api/v2.0/systeminfo" Discovery Probe;
    VOLUMES "discovery.volumes" GET "/api/v2.0/systeminfo/volumes" Discovery Read;
    CONFIGURATIONS "discovery.configurations" GET "/api/v2.0/configurations" Discovery Read;
    CONFIGURE "discovery.configure" PUT "/api/v2.0/configurations" Discovery Write;
    STATISTICS "discovery.statistics" GET "/api/v2.0/statistics" Discovery Read;

    USERS_CURRENT "auth.current_user" GET "/api/v2.0/users/current" Auth Probe;
    PERMISSIONS "auth.permissions" GET "/api/v2.0/permissions" Auth Read;
    LOGIN "auth.login" POST "/c/login" Auth Write;
    LOGOUT "auth.logout" GET "/c/log_out" Auth Probe;
    TOKEN "auth.token" GET "/service/token" Auth Read;

    REGISTRY_LIST "registry.list" GET "/api/v2.0/registries" Registries Read;
    REGISTRY_GET "registry.get" GET "/api/v2.0/registries/{id}" Registries Read;
    REGISTRY_CREATE "registry.create" POST "/api/v2.0/registries" Registries Peer;
    REGISTRY_PUT "registry.put" PUT "/api/v2.0/registries/{id}" Registries Peer;
    REGISTRY_DELETE "registry.delete" DELETE "/api/v2.0/registries/{id}" Registries Write;
    REGISTRY_PING "registry.ping" POST "/api/v2.0/registries/ping" Registries Peer;
    REGISTRY_INFO "registry.info" GET "/api/v2.0/registries/{id}/info" Registries Peer;

    POLICY_LIST "policy.list" GET "/api/v2.0/replication/policies" Policies Read;
    POLICY_GET "policy.get" GET "/api/v2.0/replication/policies/{id}" Policies Read;
    POLICY_CREATE "policy.create" POST "/api/v2.0/replication/policies" Policies Write;
    POLICY_PUT "policy.put" PUT "/api/v2.0/replication/policies/{id}" Policies Write;
    POLICY_DELETE "policy.delete" DELETE "/api/v2.0/replication/policies/{id}" Policies Write;

    EXECUTION_LIST "execution.list" GET "/api/v2.0/replication/executions" Executions Read;
    EXECUTION_GET "execution.get" GET "/api/v2.0/replication/executions/{id}" Executions Read;
    EXECUTION_START "execution.start" POST "/api/v2.0/replication/executions" Executions Write;
    EXECUTION_STOP "execution.stop" PUT "/api/v2.0/replication/executions/{id}" Executions Write;
    TASK_LIST "task.list" GET "/api/v2.0/replication/executions/{id}/tasks" Executions Read;
    TASK_LOG "task.log" GET "/api/v2.0/replication/executions/{id}/tasks/{task}/log" Executions Bulk;

    PROJECT_LIST "project.list" GET "/api/v2.0/projects" Projects Read;
    PROJECT_GET "project.get" GET "/api/v2.0/projects/{project}" Projects Read;
    PROJECT_HEAD "project.head" HEAD "/api/v2.0/projects" Projects Read;
    PROJECT_CREATE "project.create" POST "/api/v2.0/projects" Projects Write;
    PROJECT_DELETE "project.delete" DELETE "/api/v2.0/projects/{project}" Projects Write;
    PROJECT_METADATA "project.metadata" GET "/api/v2.0/projects/{project}/metadatas/" Projects Read;
    REPOSITORY_LIST_ALL "repository.list_all" GET "/api/v2.0/repositories" Projects Bulk;
    REPOSITORY_LIST "repository.list" GET "/api/v2.0/projects/{project}/repositories" Projects Bulk;
    REPOSITORY_DELETE "repository.delete" DELETE "/api/v2.0/projects/{project}/repositories/{repository}" Projects Write;
    ARTIFACT_LIST_PROJECT "artifact.list_project" GET "/api/v2.0/projects/{project}/artifacts" Projects Bulk;
    ARTIFACT_LIST "artifact.list" GET "/api/v2.0/projects/{project}/repositories/{repository}/artifacts" Projects Bulk;
    ARTIFACT_GET "artifact.get" GET "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}" Projects Read;
    ARTIFACT_DELETE "artifact.delete" DELETE "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}" Projects Write;
    TAG_LIST "tag.list" GET "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}/tags" Projects Read;
    TAG_CREATE "tag.create" POST "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}/tags" Projects Write;
    TAG_DELETE "tag.delete" DELETE "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}/tags/{tag}" Projects Write;
    RETENTION_GET "retention.get" GET "/api/v2.0/retentions/{id}" Projects Read;
    IMMUTABLE_LIST "immutable.list" GET "/api/v2.0/projects/{project}/immutabletagrules" Projects Read;
    MEMBER_LIST "member.list" GET "/api/v2.0/projects/{project}/members" Projects Read;
    LABEL_LIST "label.list" GET "/api/v2.0/labels" Projects Read;

    AUDIT_LOGS "audit.logs" GET "/api/v2.0/audit-logs" Audit Read;
    AUDIT_EXTS "audit.exts" GET "/api/v2.0/auditlog-exts" Audit Read;

    SCHEDULE_LIST "schedule.list" GET "/api/v2.0/schedules" Jobs Read;
    SCHEDULE_PAUSED "schedule.paused" GET "/api/v2.0/schedules/all/paused" Jobs Read;
    QUEUE_LIST "queue.list" GET "/api/v2.0/jobservice/queues" Jobs Read;
    QUEUE_ACT "queue.act" PUT "/api/v2.0/jobservice/queues/{queue}" Jobs Write;
    POOL_LIST "pool.list" GET "/api/v2.0/jobservice/pools" Jobs Read;
    WORKER_LIST "worker.list" GET "/api/v2.0/jobservice/pools/{pool}/workers" Jobs Read;
    QUOTA_LIST "quota.list" GET "/api/v2.0/quotas" Jobs Read;

    ROBOT_LIST "robot.list" GET "/api/v2.0/robots" Robots Read;
    ROBOT_GET "robot.get" GET "/api/v2.0/robots/{id}" Robots Read;
    ROBOT_CREATE "robot.create" POST "/api/v2.0/robots" Robots Write;
    ROBOT_PUT "robot.put" PUT "/api/v2.0/robots/{id}" Robots Write;
    ROBOT_REFRESH "robot.refresh" PATCH "/api/v2.0/robots/{id}" Robots Write;
    ROBOT_DELETE "robot.delete" DELETE "/api/v2.0/robots/{id}" Robots Write;

    OCI_BASE "oci.base" GET "/v2/" Oci Probe;
    UPLOAD_START "upload.start" POST "/v2/{name}/blobs/uploads/" Oci Write;
    UPLOAD_PUT "upload.put" PUT "/v2/{name}/blobs/uploads/{upload}" Oci Blob;
    BLOB_HEAD "blob.head" HEAD "/v2/{name}/blobs/{digest}" Oci Read;
    BLOB_GET "blob.get" GET "/v2/{name}/blobs/{digest}" Oci Blob;
    MANIFEST_HEAD "manifest.head" HEAD "/v2/{name}/manifests/{reference}" Oci Read;
    MANIFEST_GET "manifest.get" GET "/v2/{name}/manifests/{reference}" Oci Read;
    MANIFEST_PUT "manifest.put" PUT "/v2/{name}/manifests/{reference}" Oci Write;
    MANIFEST_DELETE "manifest.delete" DELETE "/v2/{name}/manifests/{reference}" Oci Write;
    OCI_TAGS "oci.tags" GET "/v2/{name}/tags/list" Oci Read;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_knows_a_call_by_its_path() {
        let name = |method, path| find(method, path).map(|c| c.name);
        assert_eq!(name("POST", "/api/v2.0/registries/ping"), Some("registry.ping"));
        assert_eq!(name("GET", "/api/v2.0/registries/5"), Some("registry.get"));
        assert_eq!(name("GET", "/api/v2.0/registries/5/info"), Some("registry.info"));
        assert_eq!(name("GET", "/api/v2.0/projects/p/repositories/a%252Fb/artifacts"), Some("artifact.list"));
        assert_eq!(name("GET", "/v2/p/a/b/tags/list"), Some("oci.tags"));
        assert_eq!(name("POST", "/v2/p/a/blobs/uploads/"), Some("upload.start"));
        assert_eq!(name("GET", "/v2/p/a/blobs/sha256:1"), Some("blob.get"));
        assert_eq!(name("GET", "/api/v2.0/projects/p/x/repositories"), None);
        assert_eq!(name("PATCH", "/api/v2.0/registries/5"), None);
    }

    #[test]
    fn inventory_has_no_name_or_request_twice() {
        let mut names: Vec<_> = INVENTORY.iter().map(|c| c.name).collect();
        let mut requests: Vec<_> = INVENTORY.iter().map(|c| (c.method.as_str(), c.path)).collect();
        names.sort_unstable();
        requests.sort_unstable();
        assert!(names.windows(2).all(|w| w[0] != w[1]));
        assert!(requests.windows(2).all(|w| w[0] != w[1]));
    }
}
