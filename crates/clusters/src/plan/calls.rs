//! Listing HTTP calls as people may see them.

use model::{names::NodeName, plan::PlannedCall};
use serde::Serialize;
use serde_json::{Value, json};

use crate::bodies::{PROOF_REPOSITORY, PROOF_TAG, proof_project};

/// What stands for a secret.
const HIDDEN: &str = "•••";

/// Calls in the making.
#[derive(Default)]
pub(super) struct Calls {
    calls: Vec<PlannedCall>,
    at: Option<NodeName>,
}

impl Calls {
    /// What follows goes to that node.
    pub(super) fn at(mut self, node: &NodeName) -> Self {
        self.at = Some(node.clone());
        self
    }

    fn call(mut self, method: &str, path: &str, body: Option<Value>) -> Self {
        let node = self.at.clone();
        self.calls.push(PlannedCall { method: method.to_owned(), node, path: path.to_owned(), body });
        self
    }

    pub(super) fn post(self, path: &str, body: &impl Serialize) -> Self {
        self.call("POST", path, Some(hidden(body)))
    }

    pub(super) fn put(self, path: &str, body: &impl Serialize) -> Self {
        self.call("PUT", path, Some(hidden(body)))
    }

    pub(super) fn patch(self, path: &str, body: &impl Serialize) -> Self {
        self.call("PATCH", path, Some(hidden(body)))
    }

    pub(super) fn delete(self, path: &str) -> Self {
        self.call("DELETE", path, None)
    }

    /// An execution is asked to stop, which takes no body.
    pub(super) fn stop_execution(self) -> Self {
        self.call("PUT", "/api/v2.0/replication/executions/…", None)
    }

    /// A temporary project.
    pub(super) fn project(self, name: &str, public: bool) -> Self {
        self.post("/api/v2.0/projects", &proof_project(name, public))
    }

    /// A tiny image pushed into it.
    pub(super) fn image(self, project: &str) -> Self {
        let name = format!("{project}/{PROOF_REPOSITORY}");
        let uploads = format!("/v2/{name}/blobs/uploads/");
        // Two blobs: the layer and the config.
        self.call("POST", &uploads, None)
            .call("PUT", &format!("{uploads}…"), None)
            .call("POST", &uploads, None)
            .call("PUT", &format!("{uploads}…"), None)
            .call("PUT", &format!("/v2/{name}/manifests/{PROOF_TAG}"), None)
    }

    /// The project with what is in it removed.
    pub(super) fn remove_project(self, project: &str) -> Self {
        self.delete(&format!("/api/v2.0/projects/{project}/repositories/{PROOF_REPOSITORY}"))
            .delete(&format!("/api/v2.0/projects/{project}"))
    }

    pub(super) fn done(self) -> Vec<PlannedCall> {
        self.calls
    }
}

/// A body with its secrets hidden.
fn hidden(body: &impl Serialize) -> Value {
    let mut value = harbor::masked(body);
    hide(&mut value);
    value
}

fn hide(value: &mut Value) {
    match value {
        Value::String(text) if text == "*****" => HIDDEN.clone_into(text),
        Value::Object(map) => map.values_mut().for_each(hide),
        Value::Array(list) => list.iter_mut().for_each(hide),
        _ => {}
    }
}

/// A rule whose endpoint has no id yet: an earlier step makes it.
pub(super) fn without_ids(body: &impl Serialize) -> Value {
    let mut value = harbor::masked(body);
    if let Some(endpoint) = value.get_mut("dest_registry") {
        *endpoint = json!({"id": "…"});
    }
    value
}
