//! Events: each push, deletion and tag deletion starts its own run of every rule that wants it. They live in
//! memory only: nothing is kept for later.

use std::sync::Arc;

use super::select::{labels_pass, name_passes, tags_passing};
use super::{EventResource, Item, Operation, start};
use crate::node::Node;
use crate::state::rows::Policy;

/// A manifest was put, or a tag made. Fires also when nothing changed.
pub(crate) fn pushed(node: &Arc<Node>, repository: &str, digest: &str, tag: Option<&str>) {
    let tags = tag.map(str::to_owned).into_iter().collect();
    fire(node, Operation::Copy, repository, Item { digest: digest.to_owned(), tags });
}

/// An artifact is gone, with these tags.
pub(crate) fn artifact_deleted(node: &Arc<Node>, repository: &str, digest: &str, tags: &[String]) {
    fire(node, Operation::Deletion, repository, Item { digest: digest.to_owned(), tags: tags.to_vec() });
}

/// A tag is gone.
pub(crate) fn tag_deleted(node: &Arc<Node>, repository: &str, digest: &str, tag: &str) {
    let item = Item { digest: digest.to_owned(), tags: vec![tag.to_owned()] };
    fire(node, Operation::TagDeletion, repository, item);
}

/// Rules that want this event. The filters only decide whether; what is copied is the event's artifact.
fn wanting(node: &Node, operation: Operation, repository: &str, item: &Item) -> Vec<Policy> {
    let db = node.db();
    let proxy =
        db.repository(repository).and_then(|r| db.projects.get(&r.project)).is_some_and(|p| p.registry > 0);
    if proxy {
        return Vec::new();
    }
    let labels: Vec<String> = db
        .repository(repository)
        .and_then(|r| r.rows().by_digest(&item.digest).map(|a| a.labels.clone()))
        .unwrap_or_default()
        .iter()
        .filter_map(|l| db.labels.get(l).map(|l| l.name.clone()))
        .collect();
    let wants = |p: &&Policy| {
        p.enabled
            && p.is_push()
            && p.trigger.as_ref().is_some_and(|t| t.kind == "event_based")
            && (operation == Operation::Copy || p.deletion)
            && name_passes(&p.filters, repository)
            && tags_passing(&p.filters, &item.tags).is_some()
            && (operation != Operation::Copy || labels_pass(&p.filters, &labels))
    };
    db.policies.values().filter(wants).cloned().collect()
}

fn fire(node: &Arc<Node>, operation: Operation, repository: &str, item: Item) {
    let policies = wanting(node, operation, repository, &item);
    if policies.is_empty() {
        return;
    }
    let node = Arc::clone(node);
    let repository = repository.to_owned();
    tokio::spawn(async move {
        tokio::time::sleep(node.timing.event_delay).await;
        for policy in policies {
            let event = EventResource { operation, repository: repository.clone(), item: item.clone() };
            start(&node, policy, "event_based", Some(event));
        }
    });
}
