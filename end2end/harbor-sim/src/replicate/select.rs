//! What a run takes: filters over repositories, tags and labels, and the names it gives at the other end.

use serde_json::Value;

use super::Item;
use super::peer::{PeerError, Remote};
use crate::glob::matches;
use crate::node::Node;
use crate::state::rows::{Filter, Policy};

/// A repository with what of it is to be copied.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) repository: String,
    pub(crate) public: bool,
    pub(crate) items: Vec<Item>,
}

fn text(filter: &Filter) -> &str {
    filter.value.as_str().unwrap_or_default()
}

/// The name filters; none, an empty one and `**` take everything.
pub(crate) fn name_passes(filters: &[Filter], repository: &str) -> bool {
    filters.iter().filter(|f| f.kind == "name" && !text(f).is_empty()).all(|f| matches(text(f), repository))
}

/// The tags of an artifact that pass; `None` when the artifact as a whole does not.
pub(crate) fn tags_passing(filters: &[Filter], tags: &[String]) -> Option<Vec<String>> {
    let mut left = tags.to_vec();
    for filter in filters.iter().filter(|f| f.kind == "tag" && !text(f).is_empty()) {
        let excludes = filter.decoration == "excludes";
        if left.is_empty() {
            // Untagged artifacts pass `**` and every exclusion.
            if excludes || text(filter) == "**" {
                continue;
            }
            return None;
        }
        left.retain(|t| matches(text(filter), t) != excludes);
        if left.is_empty() {
            return None;
        }
    }
    Some(left)
}

/// All labels of a filter must be there; with `excludes` not all may. A filter without labels is none.
pub(crate) fn labels_pass(filters: &[Filter], labels: &[String]) -> bool {
    filters.iter().filter(|f| f.kind == "label").all(|f| {
        let wanted: Vec<&str> = f.value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let has = |name: &&str| labels.iter().any(|l| l == name);
        wanted.is_empty() || wanted.iter().all(has) != (f.decoration == "excludes")
    })
}

/// What a full push takes from this Harbor. Proxy-cache projects are left out.
pub(crate) fn local(node: &Node, filters: &[Filter]) -> Vec<Resource> {
    let db = node.db();
    let mut all = Vec::new();
    for repository in db.repositories.values().filter(|r| name_passes(filters, &r.name)) {
        let Some(project) = db.projects.get(&repository.project).filter(|p| p.registry == 0) else {
            continue;
        };
        let rows = repository.rows();
        let mut artifacts: Vec<_> = rows.artifacts.iter().filter(|a| a.subject.is_none()).collect();
        artifacts.sort_by_key(|a| std::cmp::Reverse((a.pushed, a.id)));
        let mut items = Vec::new();
        for artifact in artifacts {
            let mut tags: Vec<String> = rows.tags_of(artifact.id).map(|t| t.name.clone()).collect();
            let child = tags.is_empty() && crate::state::repository::is_child(&rows, artifact.id);
            let labels: Vec<String> =
                artifact.labels.iter().filter_map(|l| db.labels.get(l)).map(|l| l.name.clone()).collect();
            tags.reverse();
            if child || !labels_pass(filters, &labels) {
                continue;
            }
            if let Some(tags) = tags_passing(filters, &tags) {
                items.push(Item { digest: artifact.digest.clone(), tags });
            }
        }
        if !items.is_empty() {
            all.push(Resource { repository: repository.name.clone(), public: project.public(), items });
        }
    }
    all.sort_by(|a, b| b.repository.cmp(&a.repository));
    all
}

/// The projects a pull looks into: those the filters name, or all that the peer shows.
async fn projects(peer: &Remote, filters: &[Filter]) -> Result<Vec<Value>, PeerError> {
    let Some(names) = project_names(filters) else { return peer.all("/projects").await };
    let mut found = Vec::new();
    for name in names {
        match peer.json(&format!("/projects/{name}")).await {
            Ok(project) => found.push(project),
            Err(PeerError::Status(404, _)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The first components of a name filter when they have no wildcard.
fn project_names(filters: &[Filter]) -> Option<Vec<String>> {
    let filter = filters.iter().find(|f| f.kind == "name" && !text(f).is_empty())?;
    let first = text(filter).split('/').next()?;
    let names = crate::glob::choices(first)?;
    if names.iter().any(|n| n.contains(['*', '?', '['])) { None } else { Some(names) }
}

/// What a full pull takes from a peer, through its API.
pub(crate) async fn remote(peer: &Remote, filters: &[Filter]) -> Result<Vec<Resource>, PeerError> {
    let mut all = Vec::new();
    for project in projects(peer, filters).await? {
        let name = project["name"].as_str().unwrap_or_default();
        let public = project["metadata"]["public"].as_str() == Some("true");
        for row in peer.all(&format!("/projects/{name}/repositories")).await? {
            let repository = row["name"].as_str().unwrap_or_default().to_owned();
            if !name_passes(filters, &repository) {
                continue;
            }
            let short = repository.split_once('/').map_or("", |(_, s)| s).replace('/', "%252F");
            let path =
                format!("/projects/{name}/repositories/{short}/artifacts?with_label=true&with_tag=true");
            let mut items = Vec::new();
            for artifact in peer.all(&path).await? {
                let names = |key: &str| -> Vec<String> {
                    let list = artifact[key].as_array().into_iter().flatten();
                    list.filter_map(|v| v["name"].as_str().map(str::to_owned)).collect()
                };
                if !labels_pass(filters, &names("labels")) {
                    continue;
                }
                if let Some(tags) = tags_passing(filters, &names("tags")) {
                    items.push(Item {
                        digest: artifact["digest"].as_str().unwrap_or_default().to_owned(),
                        tags,
                    });
                }
            }
            if !items.is_empty() {
                all.push(Resource { repository, public, items });
            }
        }
    }
    Ok(all)
}

/// The name at the destination; an error when more components are to be replaced than there are.
pub(crate) fn dest_name(policy: &Policy, repository: &str) -> Result<String, String> {
    let namespace = policy.dest_namespace.as_str();
    if namespace.is_empty() {
        return Ok(repository.to_owned());
    }
    let parts: Vec<&str> = repository.split('/').collect();
    let count = policy.replace_count;
    if count < 0 {
        // The old way: only the last component is kept.
        return Ok(format!("{namespace}/{}", parts[parts.len() - 1]));
    }
    let count = usize::try_from(count).unwrap_or(0);
    if count >= parts.len() {
        let text = format!(
            "invalid replacement count {count} for the destination namespace {namespace}: the repository {repository} \
             has only {} components",
            parts.len()
        );
        return Err(text);
    }
    Ok(format!("{namespace}/{}", parts[count..].join("/")))
}
