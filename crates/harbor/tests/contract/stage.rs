//! What the recorder did between the calls it wrote down: images pushed, rules made, a relay taken away. Each step
//! stands beside the call it came before.

mod images;
mod projects;
mod robots;
mod runs;

pub(crate) use images::digest_of;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    mapping::collection,
    recording::Exchange,
    replay::{PASSWORD, Replay},
};

const POLICIES: &str = "/api/v2.0/replication/policies";

/// Topics in which a read may come before what it reads is done.
pub(crate) fn settles(topic: &str) -> bool {
    !matches!(topic, "01-discovery" | "02-auth" | "10-oci")
}

/// Before one exchange.
pub(crate) async fn before(replay: &mut Replay, exchange: &Exchange) {
    let id = exchange.id.as_str();
    replay.mapping.node.clone_from(&exchange.node);
    match replay.recording.topic {
        "02-auth" => auth(replay, id).await,
        "03-registries" => registries(replay, id).await,
        "04-policies" => policies(replay, exchange).await,
        "05-executions" => runs::executions(replay, id).await,
        "06-projects-artifacts" => projects::projects(replay, id).await,
        "07-audit" => projects::audit(replay, id).await,
        "08-jobservice-schedules" => runs::jobs(replay, id).await,
        "09-robots" => robots::robots(replay, id).await,
        "10-oci" => projects::oci(replay, id).await,
        _ => {}
    }
}

/// After one exchange: names that are used again later were taken away in between.
pub(crate) async fn after(replay: &mut Replay, exchange: &Exchange) {
    let (id, request) = (exchange.id.as_str(), &exchange.request);
    match replay.recording.topic {
        "04-policies" if id.starts_with("policy-get-") && policy_goes(replay, id) => {
            let path = replay.mapping.path(request.path_only());
            replay.admin("a", "DELETE", &path, &Value::Null).await;
        }
        "09-robots" if id.ends_with("/project-create") && exchange.response.status == 201 => {
            replay.admin("a", "DELETE", "/api/v2.0/projects/rec-rbnew", &Value::Null).await;
        }
        _ => {}
    }
}

/// Whether a rule read by this exchange is gone before the next: each was deleted after it was read, but for those
/// that the list at the end still shows.
fn policy_goes(replay: &Replay, id: &str) -> bool {
    let name =
        |id: &str| replay.recording.exchange(id)?.response.body.get("name")?.as_str().map(str::to_owned);
    let stay = ["rec-full", "rec-other"].map(|n| replay.mapping.apply(n));
    !id.contains("-after-") && name(id).is_some_and(|n| !stay.contains(&n))
}

async fn person(replay: &Replay, node: &str, name: &str) {
    let email = format!("{name}@example.test");
    let body = json!({ "username": name, "email": email, "realname": name, "password": PASSWORD });
    replay.admin(node, "POST", "/api/v2.0/users", &body).await;
}

async fn people(replay: &Replay) {
    for role in ["user", "padmin", "guest"] {
        person(replay, "a", &format!("rec-{role}")).await;
    }
}

async fn own_project(replay: &Replay) {
    let body = json!({ "project_name": "rec-own", "metadata": { "public": "false" } });
    replay.admin("a", "POST", "/api/v2.0/projects", &body).await;
    for (role, user) in [(1, "rec-padmin"), (3, "rec-guest")] {
        let member = json!({ "role_id": role, "member_user": { "username": user } });
        replay.admin("a", "POST", "/api/v2.0/projects/rec-own/members", &member).await;
    }
}

async fn auth(replay: &mut Replay, id: &str) {
    match id {
        // One person is made by the recorded calls, the others in between.
        "user-registries" => {
            people(replay).await;
            own_project(replay).await;
        }
        "lock-0-good" => {
            for node in ["a", "b"] {
                person(replay, node, "rec-lock").await;
            }
        }
        "lock-3-good-during" => replay.fail_to_sign_in_beside("rec-lock").await,
        "lock-4-good-after" => replay.wait_for_the_failure().await,
        _ => {}
    }
}

async fn registries(replay: &mut Replay, id: &str) {
    match id {
        "adapters" => replay.relay.down().await,
        "registry-create-relay" => replay.relay.up().await,
        "registry-get-relay-down" => replay.relay.down().await,
        // The rules that used the endpoints were deleted first.
        "registry-delete" => {
            let made =
                ["policy-create-relay-down", "policy-create-inuse"].map(|id| replay.recording.created_id(id));
            for policy in made.into_iter().flatten().filter_map(|id| replay.mapping.id("policies", id)) {
                replay.admin("a", "DELETE", &format!("{POLICIES}/{policy}"), &Value::Null).await;
            }
        }
        _ => {}
    }
}

async fn policies(replay: &mut Replay, exchange: &Exchange) {
    match exchange.id.as_str() {
        "policies-empty" => {
            let registry = replay.registry("a", "rec-b", "http://harbor-b.test").await;
            let recorded = replay.recording.sent_id("policy-create-minimal", "/dest_registry/id");
            replay.means("registries", recorded, registry);
        }
        "policies-list" => {
            let registry = replay.recording.sent_id("policy-create-minimal", "/dest_registry/id");
            let registry = registry.and_then(|r| replay.mapping.id("registries", r)).unwrap_or_default();
            for i in 0..12 {
                let rule = json!({
                    "name": format!("rec-many-{i:02}"),
                    "dest_registry": { "id": registry },
                    "trigger": { "type": "manual" },
                    "enabled": true,
                    "override": true,
                });
                replay.create("a", POLICIES, &rule).await;
            }
        }
        "policy-put-running" => {
            let body = replay
                .recording
                .exchange("policy-put-running")
                .map(|e| e.request.body.clone())
                .unwrap_or_default();
            replay.project("a", "rec-slow", false).await;
            replay.push_big("a", "rec-slow/big").await;
            let rule = replay.mapping.body(&body, "", "policies");
            let policy = replay.create("a", POLICIES, &rule).await;
            let run = replay.start_run("a", policy).await;
            replay.wait_run("a", run, false).await;
            let (rule, execution) = (
                replay.recording.path_id("policy-put-running"),
                replay.recording.path_id("execution-stop-before-delete"),
            );
            replay.means("policies", rule, policy);
            replay.means("executions", execution, run);
        }
        // The recorder tried until the run was final.
        "policy-delete-just-stopped" if exchange.response.status == 200 => {
            if let Some(run) = replay.recording.path_id("execution-stop-before-delete") {
                let run = replay.mapping.id("executions", run).unwrap_or_default();
                replay.wait_run("a", run, true).await;
            }
        }
        "policy-delete-after-stop" => {
            if let Some(run) = replay.recording.path_id("execution-stop-before-delete") {
                let run = replay.mapping.id("executions", run).unwrap_or_default();
                replay.wait_run("a", run, true).await;
            }
        }
        _ => {}
    }
}

impl Replay {
    /// A project made in a hidden step.
    pub(crate) async fn project(&self, node: &str, name: &str, public: bool) {
        let body = json!({ "project_name": name, "metadata": { "public": public.to_string() } });
        self.admin(node, "POST", "/api/v2.0/projects", &body).await;
    }

    /// When a repository was made, as the recording lists it.
    pub(crate) fn recorded_repository_time(&self, name: &str) -> String {
        let rows = self.recording.exchanges.iter().flat_map(|e| match &e.response.body {
            Value::Array(rows) => rows.clone(),
            other => vec![other.clone()],
        });
        let times =
            rows.filter(|r| r["name"] == name).filter_map(|r| r["creation_time"].as_str().map(str::to_owned));
        times.min().unwrap_or_default()
    }

    /// A project whose name may be a number, by what its address must be: its id.
    pub(crate) async fn named_project(&self, name: &str) -> String {
        let answer = self.admin("a", "GET", "/api/v2.0/projects?page_size=100", &Value::Null).await;
        let rows = answer.json().and_then(|v| v.as_array().cloned()).unwrap_or_default();
        let id = rows.iter().find(|r| r["name"] == name).map(|r| r["project_id"].to_string());
        id.unwrap_or_else(|| name.to_owned())
    }

    /// Names of all rows of one kind that the recording shows, e.g. of repositories.
    pub(crate) fn shown_names(&self, kind: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for exchange in self.recording.exchanges.iter().filter(|e| e.request.method == "GET") {
            if collection(exchange.request.path_only()) == kind {
                let rows = exchange
                    .response
                    .body
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![exchange.response.body.clone()]);
                names.extend(rows.iter().filter_map(|r| r.get("name")?.as_str().map(str::to_owned)));
            }
        }
        names
    }
}
