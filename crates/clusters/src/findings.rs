//! Findings: one question each, one file each. A finding knows its question, whom it concerns, and how to answer.
//!
//! The list below is the order in which they are shown. Answers never carry a secret, and every one but `ok` says
//! what it means and what mends it, in both languages.

mod answer;
mod auth_mode_equal;
mod certificate_expiry;
mod clock_offset;
mod credential_rights;
mod destination_limits;
mod entry_answers;
mod job_queues;
mod link_existing;
mod link_reach;
mod node_reachable;
mod not_one_instance;
mod project_clashes;
mod quotas;
mod read_only;
mod realm_usable;
mod shared_core_secret;
mod shared_csrf_key;
mod shared_database;
mod shared_jobservice_secret;
mod shared_pools;
mod shared_secretkey;
mod shared_session;
mod shared_storage;
mod shared_token_key;
mod storage_space;
mod tags_differ;
mod versions_equal;

use async_trait::async_trait;
use model::{
    Say,
    finding::{Finding, Subject},
    spec::ClusterSpec,
};

pub(crate) use self::{
    answer::Answer,
    destination_limits::{immutable_tags, retention_differs},
    project_clashes::proxy_cache,
    quotas::is_nearly_full,
};

use crate::{change::Change, survey::Survey};

/// One question about a cluster.
#[async_trait]
pub(crate) trait Check: Send + Sync {
    /// Stable, kebab-case; with the subject it names the finding.
    fn id(&self) -> &'static str;

    /// The question as a statement that holds when the answer is ok.
    fn title(&self, subject: &Subject) -> Say;

    /// Whom the question concerns in this cluster; empty where it does not arise.
    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject>;

    /// Whether asking makes something on a Harbor for a while. Such a check is asked only inside a probe run,
    /// where [`Survey::bench`] is there.
    fn writes(&self) -> bool {
        false
    }

    /// Answers it. Reads through `survey`, which asks each Harbor each thing once.
    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer;
}

/// Every check, in the order shown.
pub(crate) fn all() -> &'static [&'static dyn Check] {
    &[
        &node_reachable::NodeReachable,
        &credential_rights::CredentialRights,
        &certificate_expiry::CertificateExpiry,
        &realm_usable::RealmUsable,
        &read_only::ReadOnly,
        &job_queues::JobQueues,
        &storage_space::StorageSpace,
        &quotas::Quotas,
        &versions_equal::VersionsEqual,
        &auth_mode_equal::AuthModeEqual,
        &clock_offset::ClockOffset,
        &entry_answers::EntryAnswers,
        &not_one_instance::NotOneInstance,
        &link_reach::LinkReach,
        &link_existing::LinkExisting,
        &project_clashes::ProjectClashes,
        &destination_limits::DestinationLimits,
        &tags_differ::TagsDiffer,
        &shared_pools::SharedPools,
        &shared_database::SharedDatabase,
        &shared_storage::SharedStorage,
        &shared_session::SharedSession,
        &shared_csrf_key::SharedCsrfKey,
        &shared_secretkey::SharedSecretkey,
        &shared_token_key::SharedTokenKey,
        &shared_jobservice_secret::SharedJobserviceSecret,
        &shared_core_secret::SharedCoreSecret,
    ]
}

/// The check of that id.
pub(crate) fn by_id(id: &str) -> Option<&'static dyn Check> {
    all().iter().copied().find(|c| c.id() == id)
}

/// Every question of this cluster; of a changed one those alone that arise because of the change.
pub(crate) fn asked(spec: &ClusterSpec, change: Option<&Change>) -> Vec<(&'static dyn Check, Subject)> {
    let arises = |subject: &Subject| change.is_none_or(|c| c.concerns(subject));
    all()
        .iter()
        .flat_map(|check| check.subjects(spec).into_iter().map(|subject| (*check, subject)))
        .filter(|(_, subject)| arises(subject))
        .collect()
}

/// The same, waiting for their answers.
pub(crate) fn waiting(spec: &ClusterSpec, change: Option<&Change>) -> Vec<Finding> {
    let wait = |(check, subject): (&'static dyn Check, Subject)| {
        let title = check.title(&subject);
        Finding::waiting(check.id(), subject, title, check.writes())
    };
    asked(spec, change).into_iter().map(wait).collect()
}

/// One subject per node.
fn each_node(spec: &ClusterSpec) -> Vec<Subject> {
    spec.nodes.iter().map(|n| Subject::Node { node: n.name.clone() }).collect()
}

/// One subject per link.
fn each_link(spec: &ClusterSpec) -> Vec<Subject> {
    spec.links().into_iter().map(|l| Subject::Link { source: l.source, destination: l.destination }).collect()
}

/// The cluster as a whole, where `here` says the question arises.
fn cluster_if(here: bool) -> Vec<Subject> {
    if here { vec![Subject::Cluster] } else { Vec::new() }
}

/// The first few of many, and how many more: "a, b, c and 12 more".
pub(crate) fn some(all: &[String]) -> Say {
    const SHOWN: usize = 3;
    let first = all.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => Say::same(first),
        more => model::say!("{first} and {more} more", "{first} 等，另有 {more} 个"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_name_their_file() {
        let ids: BTreeSet<_> = all().iter().map(|c| c.id()).collect();
        assert_eq!(ids.len(), all().len());
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/findings");
        for id in ids {
            assert!(folder.join(format!("{}.rs", id.replace('-', "_"))).exists(), "{id}");
        }
    }
}
