//! `/v2/` and `/service/token`: pushing and pulling as docker does it.

mod blobs;
pub(crate) mod manifests;
mod uploads;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::auth::Identity;
use crate::clock::rfc3339;
use crate::fault::Component;
use crate::http::{Refusal, Reply, Request};
use crate::node::Node;
use crate::state::rows::Project;
use crate::token::{Claims, LIFE, make_token};

const VERSION: (&str, &str) = ("docker-distribution-api-version", "registry/2.0");

/// Lower case letters and digits, joined by one `.`, one or two `_`, or dashes.
pub(crate) fn is_path_component(text: &str) -> bool {
    let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = String::new();
    let mut last_alnum = false;
    for c in text.chars() {
        if alnum(c) {
            let fits = separators.is_empty()
                || matches!(separators.as_str(), "." | "_" | "__")
                || separators.chars().all(|s| s == '-');
            if !fits || (!last_alnum && !separators.is_empty() && separators.len() == text.len()) {
                return false;
            }
            separators.clear();
            last_alnum = true;
        } else if "._-".contains(c) && last_alnum {
            separators.push(c);
        } else {
            return false;
        }
    }
    last_alnum && separators.is_empty()
}

/// An error of the registry itself: with `detail` and the version header.
fn registry_error(status: u16, code: &str, message: &str, detail: Option<Value>) -> Reply {
    let mut error = json!({"code": code, "message": message});
    if let Some(detail) = detail {
        error["detail"] = detail;
    }
    let body = json!({"errors": [error]});
    Reply::typed(status, "application/json; charset=utf-8", format!("{body}\n")).with(VERSION.0, VERSION.1)
}

/// 401 of the token check: Harbor says everything twice here.
fn denied(message: &str, challenge: &str) -> Reply {
    let refusal = Refusal::new(401, "UNAUTHORIZED", format!("{message}: {message}"));
    refusal.reply().with("www-authenticate", challenge).with(VERSION.0, VERSION.1)
}

/// Where tokens are had: the external URL to 2.13, from 2.14 the request's Host with its scheme.
fn realm(node: &Node, request: &Request) -> String {
    if !node.version.realm_by_host() || request.host().is_empty() {
        return format!("{}/service/token", node.external_url);
    }
    let scheme = node.external_url.split("://").next().unwrap_or("http");
    format!("{scheme}://{}/service/token", request.host())
}

fn challenge(node: &Node, request: &Request, scope: Option<&str>) -> String {
    let realm = realm(node, request);
    let scope = scope.map(|s| format!(",scope=\"{s}\"")).unwrap_or_default();
    format!("Bearer realm=\"{realm}\",service=\"harbor-registry\"{scope}")
}

/// A `/v2/` call taken apart.
struct Target<'a> {
    repository: String,
    /// `manifests`, `blobs`, `uploads`, `tags`, `referrers`.
    kind: &'static str,
    reference: &'a str,
}

fn target(path: &[String]) -> Option<Target<'_>> {
    let (name, kind, reference) = match path {
        [name @ .., kind, reference] if kind == "manifests" => (name, "manifests", reference.as_str()),
        [name @ .., a, b, id] if a == "blobs" && b == "uploads" => (name, "uploads", id.as_str()),
        [name @ .., a, b] if a == "blobs" && b == "uploads" => (name, "uploads", ""),
        [name @ .., kind, digest] if kind == "blobs" => (name, "blobs", digest.as_str()),
        [name @ .., a, b] if a == "tags" && b == "list" => (name, "tags", ""),
        [name @ .., kind, digest] if kind == "referrers" => (name, "referrers", digest.as_str()),
        _ => return None,
    };
    Some(Target { repository: name.join("/"), kind, reference })
}

pub(crate) async fn serve(node: &Arc<Node>, request: &Request) -> Reply {
    let path = &request.segments[1..];
    if let Some(t) = target(path)
        && !t.repository.contains('/')
    {
        let text = format!("bad request: invalid repository name: {}", t.repository);
        return Refusal::bad(text).reply().bare();
    }
    let who = crate::auth::identify(node, request).await;
    let sent = request.header("authorization").is_some();
    if path.is_empty() {
        return match (who.is_anonymous(), sent) {
            (false, _) => {
                Reply::typed(200, "application/json; charset=utf-8", "{}").with(VERSION.0, VERSION.1)
            }
            (true, true) => denied("unauthorized", "Basic realm=\"harbor\""),
            (true, false) => denied("unauthorized", &challenge(node, request, None)),
        };
    }
    if path == ["_catalog"] {
        if !who.may("catalog", "read") {
            return denied("unauthorized to list catalog", "Basic realm=\"harbor\"");
        }
        return catalog(node, request);
    }
    let Some(t) = target(path) else {
        return Refusal::new(404, "NOT_FOUND", format!("path {} was not found", request.raw_path)).reply();
    };
    if !t.repository.split('/').all(is_path_component) {
        let text = format!("un-recognized request: {} {}", request.method, request.raw_path);
        return denied(&text, "");
    }
    let project = match authorize(node, request, &who, &t, sent) {
        Ok(project) => project,
        Err(reply) => return *reply,
    };
    if node.is_sick(Component::Registry) && t.kind != "tags" {
        return Reply::typed(502, "text/plain; charset=utf-8", "");
    }
    match t.kind {
        "manifests" => manifests::serve(node, request, &who, &project, &t.repository, t.reference),
        "blobs" => blobs::serve(node, request, &t.repository, t.reference),
        "uploads" => uploads::serve(node, request, &project, &t.repository, t.reference),
        "tags" => tags(node, request, &t.repository),
        _ => {
            let body =
                json!({"schemaVersion": 2, "mediaType": crate::state::image::OCI_INDEX, "manifests": []});
            Reply::typed(200, crate::state::image::OCI_INDEX, format!("{body}\n")).with("x-total-count", "0")
        }
    }
}

fn action_of(request: &Request) -> &'static str {
    match request.method.as_str() {
        "GET" | "HEAD" => "pull",
        "DELETE" => "delete",
        _ => "push",
    }
}

/// Whether `who` may do `action` in a repository.
fn allows(node: &Node, who: &Identity, project: &Project, repository: &str, action: &str) -> bool {
    match who {
        Identity::Token(claims) => claims.allows(repository, action),
        _ => who.may_in(node, project, "repository", action),
    }
}

fn authorize(
    node: &Node,
    request: &Request,
    who: &Identity,
    target: &Target<'_>,
    sent: bool,
) -> Result<Project, Box<Reply>> {
    let action = action_of(request);
    let repository = target.repository.as_str();
    let no_access = |repository: &str, action: &str| {
        Box::new(denied(
            &format!("unauthorized to access repository: {repository}, action: {action}"),
            "Basic realm=\"harbor\"",
        ))
    };
    if who.is_anonymous() && !sent {
        let actions = if action == "push" { "pull,push" } else { action };
        let scope = format!("repository:{repository}:{actions}");
        let text = if action == "pull" {
            "authorize header needed to send HEAD to repository".to_owned()
        } else {
            format!("unauthorized to access repository: {repository}, action: {action}")
        };
        return Err(Box::new(denied(&text, &challenge(node, request, Some(&scope)))));
    }
    let find = |repository: &str| {
        let name = repository.split('/').next().unwrap_or_default();
        let found = node.db().project_by_name(name).cloned();
        found.ok_or_else(|| Box::new(denied(&format!("project {name} not found"), "")))
    };
    let project = find(repository)?;
    if !allows(node, who, &project, repository, action) {
        return Err(no_access(repository, action));
    }
    if target.kind == "uploads"
        && let Some(from) = request.param("from").filter(|_| request.param("mount").is_some())
    {
        let source = find(from)?;
        if !allows(node, who, &source, from, "pull") {
            return Err(no_access(from, "pull"));
        }
    }
    Ok(project)
}

fn page(request: &Request, all: Vec<String>, path: &str) -> (Vec<String>, Option<String>) {
    let last = request.param("last").unwrap_or_default().to_owned();
    let mut rest: Vec<String> = all.into_iter().filter(|name| *name > last).collect();
    let n = request.param("n").and_then(|n| n.parse::<usize>().ok()).unwrap_or(usize::MAX);
    if rest.len() <= n {
        return (rest, None);
    }
    rest.truncate(n);
    let last = rest.last().cloned().unwrap_or_default();
    let encoded: String = url::form_urlencoded::byte_serialize(last.as_bytes()).collect();
    (rest, Some(format!("<{path}?last={encoded}&n={n}>; rel=\"next\"")))
}

fn names(key: &str, request: &Request, all: Vec<String>, mut body: serde_json::Map<String, Value>) -> Reply {
    let (names, link) = page(request, all, &request.raw_path);
    body.insert(key.to_owned(), json!(names));
    let text = format!("{}\n", Value::Object(body));
    let reply = Reply::typed(200, "application/json; charset=utf-8", text);
    match link {
        Some(link) => reply.with("link", link),
        None => reply,
    }
}

fn catalog(node: &Node, request: &Request) -> Reply {
    let mut all: Vec<String> = {
        let db = node.db();
        db.repositories.values().filter(|r| r.artifact_count() > 0).map(|r| r.name.clone()).collect()
    };
    all.sort();
    names("repositories", request, all, serde_json::Map::new())
}

fn tags(node: &Node, request: &Request, repository: &str) -> Reply {
    let mut all: Vec<String> = {
        let db = node.db();
        let Some(row) = db.repository(repository) else {
            return Refusal::missing("repository", repository).reply();
        };
        row.rows().tags.iter().map(|t| t.name.clone()).collect()
    };
    all.sort();
    let body = serde_json::Map::from_iter([("name".to_owned(), json!(repository))]);
    names("tags", request, all, body)
}

/// `/service/token`. A wrong password gets an anonymous token, after the delay.
pub(crate) async fn token(node: &Arc<Node>, request: &Request) -> Reply {
    let plain = |status, text: &str| Reply::typed(status, "text/plain; charset=utf-8", text.to_owned());
    if request.segments.get(1).map(String::as_str) != Some("token") {
        return crate::api::html_404();
    }
    if !crate::api::is_read(&request.method) {
        return plain(405, "Method Not Allowed\n");
    }
    let service = request.param("service").unwrap_or_default();
    if service != "harbor-registry" {
        return plain(400, &format!("Unable to handle service: {service}"));
    }
    let who = crate::auth::identify(node, request).await;
    let mut access = Vec::new();
    for (_, scope) in request.query.iter().filter(|(k, _)| k == "scope") {
        for one in scope.split(' ') {
            let mut parts = one.rsplitn(2, ':');
            let (_, Some(rest)) = (parts.next(), parts.next()) else { continue };
            let Some(repository) = rest.strip_prefix("repository:") else { continue };
            let project = repository.split('/').next().unwrap_or_default();
            let found = node.db().project_by_name(project).cloned();
            let actions = found.map(|p| who.actions(node, &p)).unwrap_or_default();
            access.push((repository.to_owned(), actions));
        }
    }
    let subject = if who.is_anonymous() { String::new() } else { who.name().to_owned() };
    let token = make_token(node, &Claims { subject, access });
    let issued = rfc3339(crate::clock::whole_seconds(node.now())).replace(".000Z", "Z");
    let body = json!({"token": token, "access_token": "", "expires_in": LIFE, "issued_at": issued});
    Reply::typed(200, "application/json; charset=utf-8", format!("{body}\n"))
}
