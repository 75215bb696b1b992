//! The audit log, from whichever source the version has.

use model::{HarborVersion, version::AuditSource};
use serde::Deserialize;

use crate::{Harbor, HarborError, List, Page, inventory::calls, send::Ask, serial};

/// One line of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AuditRow {
    /// Its id, growing.
    pub id: i64,
    /// Who; a robot by its full name. Replication writes under the endpoint's account.
    pub username: String,
    /// What it is about: `repo:tag`, `repo@digest`, a project.
    pub resource: String,
    /// `artifact`, `tag`, `project`, `user`, …
    pub resource_type: String,
    /// `create`, `delete`, `pull`, `login`, …
    pub operation: String,
    /// In words, from 2.13; names the digest of a push.
    pub operation_description: String,
    /// From 2.13.
    pub operation_result: bool,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub op_time: Option<i64>,
}

impl AuditRow {
    /// The repository and the digest or tag of an artifact's line. To 2.10 a digest follows a colon, later an at.
    pub fn artifact(&self) -> Option<(&str, &str)> {
        if let Some(pair) = self.resource.split_once('@') {
            return Some(pair);
        }
        if let Some((repository, _)) = self.resource.split_once(":sha256:") {
            return Some((repository, &self.resource[repository.len() + 1..]));
        }
        self.resource.rsplit_once(':')
    }
}

impl Harbor {
    /// One page of the audit log. Bound it with `q` on `id` or `op_time`: an unbounded one counts every row.
    ///
    /// Without the right `audit-log:list` a robot gets an **empty list** here, not an error.
    ///
    /// # Errors
    /// As any call.
    pub async fn audit(&self, version: &HarborVersion, list: &List) -> Result<Page<AuditRow>, HarborError> {
        let call = match version.audit_source() {
            AuditSource::AuditLogs => &calls::AUDIT_LOGS,
            AuditSource::AuditLogExts => &calls::AUDIT_EXTS,
        };
        self.page(Ask::new(call), list).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifact_reads_both_separators() {
        let row = |resource: &str| AuditRow { resource: resource.to_owned(), ..AuditRow::default() };
        assert_eq!(row("p/r:sha256:ab").artifact(), Some(("p/r", "sha256:ab")));
        assert_eq!(row("p/r@sha256:ab").artifact(), Some(("p/r", "sha256:ab")));
        assert_eq!(row("p/r:v1").artifact(), Some(("p/r", "v1")));
        assert_eq!(row("project").artifact(), None);
    }
}
