//! `/api/…`: which paths exist with which methods, and the way to their handlers.

mod artifact_row;
pub(crate) mod artifacts;
mod audit;
mod executions;
mod gc;
mod immutables;
mod jobservice;
pub(crate) mod labels;
mod members;
mod policies;
mod projects;
mod quotas;
pub(crate) mod registries;
mod repositories;
mod retentions;
mod robots;
mod schedules;
mod search;
pub(crate) mod session;
mod system;
pub(crate) mod tags;
mod users;

use std::sync::Arc;

use http::Method;

pub(crate) use immutables::{protect, protects};

use crate::auth::Identity;
use crate::http::{Answer, Refusal, Reply, Request};
use crate::node::Node;
use crate::state::rows::Project;
use crate::version::Version;

/// A call on its way to a handler.
pub(crate) struct Call<'a> {
    pub(crate) node: &'a Arc<Node>,
    pub(crate) request: &'a Request,
    pub(crate) who: Identity,
}

/// Paths below `/api/v2.0` and their methods; `*` is one part.
const ROUTES: &[(&str, &[&str])] = &[
    ("ping", &["GET"]),
    ("health", &["GET"]),
    ("systeminfo", &["GET"]),
    ("systeminfo/volumes", &["GET"]),
    ("systeminfo/getcert", &["GET"]),
    ("statistics", &["GET"]),
    ("configurations", &["PUT", "GET"]),
    ("permissions", &["GET"]),
    ("search", &["GET"]),
    ("users", &["POST", "GET"]),
    ("users/current", &["GET"]),
    ("users/current/permissions", &["GET"]),
    ("users/*", &["DELETE", "GET"]),
    ("users/*/password", &["PUT"]),
    ("projects", &["POST", "GET", "HEAD"]),
    ("projects/*", &["DELETE", "PUT", "GET"]),
    ("projects/*/_deletable", &["GET"]),
    ("projects/*/summary", &["GET"]),
    ("projects/*/metadatas", &["POST", "GET"]),
    ("projects/*/metadatas/*", &["DELETE", "PUT", "GET"]),
    ("projects/*/members", &["POST", "GET"]),
    ("projects/*/members/*", &["DELETE", "GET"]),
    ("projects/*/repositories", &["GET"]),
    ("projects/*/repositories/*", &["DELETE", "PUT", "GET"]),
    ("projects/*/repositories/*/artifacts", &["POST", "GET"]),
    ("projects/*/repositories/*/artifacts/*", &["DELETE", "GET"]),
    ("projects/*/repositories/*/artifacts/*/tags", &["POST", "GET"]),
    ("projects/*/repositories/*/artifacts/*/tags/*", &["DELETE"]),
    ("projects/*/repositories/*/artifacts/*/labels", &["POST"]),
    ("projects/*/repositories/*/artifacts/*/labels/*", &["DELETE"]),
    ("projects/*/repositories/*/artifacts/*/accessories", &["GET"]),
    ("projects/*/repositories/*/artifacts/*/additions/*", &["GET"]),
    ("projects/*/artifacts", &["GET"]),
    ("projects/*/logs", &["GET"]),
    ("projects/*/auditlog-exts", &["GET"]),
    ("projects/*/immutabletagrules", &["POST", "GET"]),
    ("projects/*/immutabletagrules/*", &["DELETE", "PUT"]),
    ("repositories", &["GET"]),
    ("labels", &["POST", "GET"]),
    ("labels/*", &["DELETE", "GET"]),
    ("registries", &["POST", "GET"]),
    ("registries/ping", &["POST"]),
    ("registries/*", &["DELETE", "PUT", "GET"]),
    ("registries/*/info", &["GET"]),
    ("replication/adapters", &["GET"]),
    ("replication/adapterinfos", &["GET"]),
    ("replication/policies", &["POST", "GET"]),
    ("replication/policies/*", &["DELETE", "PUT", "GET"]),
    ("replication/executions", &["POST", "GET"]),
    ("replication/executions/*", &["PUT", "GET"]),
    ("replication/executions/*/tasks", &["GET"]),
    ("replication/executions/*/tasks/*/log", &["GET"]),
    ("robots", &["POST", "GET"]),
    ("robots/*", &["DELETE", "PUT", "GET", "PATCH"]),
    ("audit-logs", &["GET"]),
    ("auditlog-exts", &["GET"]),
    ("auditlog-exts/events", &["GET"]),
    ("jobservice/pools", &["GET"]),
    ("jobservice/pools/*/workers", &["GET"]),
    ("jobservice/queues", &["GET"]),
    ("jobservice/queues/*", &["PUT"]),
    ("jobservice/jobs/*", &["PUT"]),
    ("jobservice/jobs/*/log", &["GET"]),
    ("schedules", &["GET"]),
    ("schedules/*/paused", &["GET"]),
    ("quotas", &["GET"]),
    ("quotas/*", &["PUT", "GET"]),
    ("retentions", &["POST"]),
    ("retentions/*", &["DELETE", "PUT", "GET"]),
    ("system/gc", &["GET"]),
    ("system/gc/schedule", &["GET"]),
    ("system/purgeaudit", &["GET"]),
    ("system/purgeaudit/schedule", &["GET"]),
];

/// Paths that came with a version.
fn exists(route: &str, version: Version) -> bool {
    match route {
        "permissions" => version.rights_checked(),
        "projects/*/artifacts" => version.project_artifacts(),
        "auditlog-exts" | "auditlog-exts/events" | "projects/*/auditlog-exts" => version.audit_exts(),
        _ => true,
    }
}

/// The methods of a path; `None` when there is no such path.
fn methods(path: &[&str], version: Version) -> Option<&'static [&'static str]> {
    let fits = |route: &str| {
        let parts: Vec<&str> = route.split('/').collect();
        parts.len() == path.len() && parts.iter().zip(path).all(|(r, p)| *r == "*" || r == p)
    };
    // Fixed words come before placeholders in the table.
    ROUTES.iter().find(|(route, _)| fits(route)).filter(|(route, _)| exists(route, version)).map(|(_, m)| *m)
}

/// Answers a call under `/api`.
pub(crate) async fn serve(node: &Arc<Node>, request: &Request) -> Reply {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    if path == ["api", "version"] && !node.version.is_v1() {
        return Reply::typed(200, "text/plain; charset=utf-8", "{\"version\":\"v2.0\"}\n");
    }
    let Some(("api", ["v2.0", rest @ ..])) = path.split_first().map(|(a, b)| (*a, b)) else {
        return html_404();
    };
    if node.version.is_v1() {
        return html_404();
    }
    let Some(methods) = methods(rest, node.version) else {
        return Refusal::new(404, "NOT_FOUND", format!("path {} was not found", clean(&request.raw_path)))
            .reply();
    };
    if !methods.contains(&request.method.as_str()) {
        let text = format!("method {} is not allowed, but [{}] are", request.method, methods.join(","));
        return Refusal::new(405, "METHOD_NOT_ALLOWED", text).reply();
    }
    let who = crate::auth::identify(node, request).await;
    let call = Call { node, request, who };
    match route(&call, rest).await {
        Ok(reply) => reply,
        Err(refusal) => refusal.reply(),
    }
}

/// The page of core for paths outside the API.
pub(crate) fn html_404() -> Reply {
    Reply::typed(404, "text/html; charset=utf-8", include_str!("data/404.html"))
}

fn clean(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

async fn route(call: &Call<'_>, path: &[&str]) -> Answer {
    let method = call.request.method.as_str();
    match (method, path) {
        (_, ["registries", ..]) => registries::serve(call, method, &path[1..]).await,
        (_, ["replication", "policies", rest @ ..]) => policies::serve(call, method, rest).await,
        (_, ["replication", "executions", rest @ ..]) => executions::serve(call, method, rest),
        (_, ["replication", word]) => registries::adapters(call, word),
        (_, ["projects", p, "repositories", rest @ ..]) => match rest {
            [r, "artifacts", a, "tags", rest @ ..] => {
                tags::serve(call, method, &Place::read(call, p, r)?, a, rest)
            }
            [r, "artifacts", rest @ ..] => artifacts::serve(call, method, &Place::read(call, p, r)?, rest),
            _ => repositories::serve(call, method, p, rest),
        },
        (_, ["projects", p, "artifacts"]) => artifacts::of_project(call, p),
        (_, ["projects", p, "members", rest @ ..]) => members::serve(call, method, p, rest),
        (_, ["projects", p, "logs"]) => audit::of_project(call, p, false),
        (_, ["projects", p, "auditlog-exts"]) => audit::of_project(call, p, true),
        (_, ["projects", p, "immutabletagrules", rest @ ..]) => immutables::serve(call, method, p, rest),
        (_, ["projects", rest @ ..]) => projects::serve(call, method, rest),
        (_, ["repositories"]) => repositories::all(call),
        (_, ["labels", rest @ ..]) => labels::serve(call, method, rest),
        (_, ["robots", rest @ ..]) => robots::serve(call, method, rest),
        (_, ["users", rest @ ..]) => users::serve(call, method, rest),
        (_, ["audit-logs"]) => audit::all(call, false),
        (_, ["auditlog-exts"]) => audit::all(call, true),
        (_, ["auditlog-exts", _]) => audit::events(call),
        (_, ["jobservice", rest @ ..]) => jobservice::serve(call, rest),
        (_, ["schedules", rest @ ..]) => schedules::serve(call, rest),
        (_, ["quotas", rest @ ..]) => quotas::serve(call, method, rest),
        (_, ["retentions", rest @ ..]) => retentions::serve(call, method, rest),
        (_, ["system", ..]) => gc::serve(call, path),
        (_, ["search"]) => search::serve(call),
        _ => system::serve(call, method, path),
    }
}

/// A whole number in the path.
pub(crate) fn id_in_path(text: &str, name: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(&format!("{name} in path must be of type int64: \"{text}\"")))
}

/// The project of a path, by id or name, if the caller has the right there.
pub(crate) fn project_for(
    call: &Call<'_>,
    name_or_id: &str,
    resource: &str,
    action: &str,
) -> Result<Project, Refusal> {
    let named = call.request.header("x-is-resource-name").is_some_and(|v| v == "true");
    let found = {
        let db = call.node.db();
        match name_or_id.parse::<i64>() {
            Ok(id) if !named => db.projects.get(&id).cloned(),
            _ => db.project_by_name(name_or_id).cloned(),
        }
    };
    let refused = || {
        if call.who.is_anonymous() { Refusal::unauthorized() } else { Refusal::forbidden("forbidden") }
    };
    match found {
        Some(project) if call.who.may_in(call.node, &project, resource, action) => Ok(project),
        None if call.who.is_admin() => Err(Refusal::missing("project", name_or_id)),
        _ => Err(refused()),
    }
}

/// Project and repository of a path, before rights are looked at.
pub(crate) struct Place {
    pub(crate) project: String,
    /// With the project in front.
    pub(crate) repository: String,
}

impl Place {
    fn read(call: &Call<'_>, project: &str, repository: &str) -> Result<Self, Refusal> {
        // Clients encode the slash twice; the first layer is off already.
        let short = crate::http::percent_decode(repository);
        let db = call.node.db();
        let named = call.request.header("x-is-resource-name").is_some_and(|v| v == "true");
        let by_id = project.parse::<i64>().ok().filter(|_| !named);
        let name = by_id.and_then(|id| db.projects.get(&id)).map_or(project, |p| p.name.as_str());
        Ok(Self { project: name.to_owned(), repository: format!("{name}/{short}") })
    }
}

/// HEAD is GET without a body, where it exists at all.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
