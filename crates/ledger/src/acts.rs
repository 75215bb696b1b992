//! The audit logs: what was done to which repository, and by whom.

use std::collections::{BTreeSet, HashMap};

use harbor::{HarborError, List, Page, Q, api::audit::AuditRow, query::PAGE};
use model::{
    Digest,
    drift::{Act, Author, Deed, Side},
    ids::NodeId,
};
use serde::{Deserialize, Serialize};
use store::{Store, ledger::ActRow};

use crate::{LedgerError, PairSide};

/// How a log says that a repository was deleted.
const GONE: (&str, &str) = ("repository", "delete");
/// Whom Harbor's own job service acts as.
const JOB_SERVICE: &str = "harbor-jobservice";

/// A line of a log. Its time goes with it: a database that was restored counts on from an older line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Harbor's id of it.
    pub line: i64,
    /// When it was written, milliseconds by the node's clock; `None` for one that was only counted.
    pub at_ms: Option<i64>,
}

/// What the new lines of a log tell.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The last line there is; `None` where the log may not be seen.
    pub(crate) mark: Option<Mark>,
    /// Repositories that are named.
    pub(crate) named: BTreeSet<String>,
    /// Those of them that were deleted.
    pub(crate) deleted: BTreeSet<String>,
}

/// What was found in a log.
pub(crate) enum Harvest {
    /// Everything up to its last line.
    UpTo(Told),
    /// The line that was the last one is not there, or is another: the database was restored.
    Restored,
}

/// Takes over the lines of a side's log behind `after` that concern artifacts, and gives what they name.
/// With `None` nothing is taken over: what was before the first comparison judges nothing.
///
/// # Errors
/// What the Harbor says; the database.
pub(crate) async fn harvest(
    store: &Store,
    side: &PairSide,
    after: Option<Mark>,
) -> Result<Harvest, LedgerError> {
    let mut told = Told::default();
    let Some(first) = after else {
        told.mark = newest(side).await?;
        return Ok(Harvest::UpTo(told));
    };
    let mut last = first;
    loop {
        // From the last line itself: it must still be the one it was.
        let q = Q::new().from("id", last.line).any_of("operation", ["create", "delete"]);
        let page =
            side.audit(&List::new().page(1, PAGE).sort("id").filter(q)).await.map_err(|e| side.fault(e))?;
        let (rows, more) = (&page.rows, (page.rows.len() as u64) < page.total);
        let same = rows.iter().find(|row| row.id == last.line).map(|row| row.op_time);
        if same.is_some_and(|at| last.at_ms.is_some() && at != last.at_ms) {
            return Ok(Harvest::Restored);
        }
        let fresh: Vec<&AuditRow> = rows.iter().filter(|row| row.id > last.line).collect();
        let acts: Vec<ActRow> = fresh.iter().filter_map(|row| side.act(row)).collect();
        store.ledger().add_acts(&side.node, &acts).await?;
        let gone = fresh.iter().filter(|row| (row.resource_type.as_str(), row.operation.as_str()) == GONE);
        told.deleted.extend(gone.map(|row| row.resource.clone()));
        told.named.extend(acts.into_iter().map(|act| act.repository));
        match fresh.last() {
            Some(row) => last = Mark { line: row.id, at_ms: row.op_time },
            None if same.is_some() => return Ok(Harvest::UpTo(Told { mark: Some(last), ..told })),
            None => {
                // Harbor purges old lines, so that none may be left; one that is smaller was never behind us.
                let back = newest(side).await?.is_some_and(|newest| newest.line < last.line);
                let up_to = Harvest::UpTo(Told { mark: Some(last), ..told });
                return Ok(if back { Harvest::Restored } else { up_to });
            }
        }
        if !more {
            return Ok(Harvest::UpTo(Told { mark: Some(last), ..told }));
        }
    }
}

/// The last line of a log.
///
/// # Errors
/// What the Harbor says.
pub(crate) async fn newest(side: &PairSide) -> Result<Option<Mark>, LedgerError> {
    let newest = side.audit(&List::new().page(1, 1).sort("-id")).await.map_err(|e| side.fault(e))?;
    // A robot without the right to see it is shown an empty log, not a refusal.
    Ok(newest.rows.first().map(|row| Mark { line: row.id, at_ms: None }))
}

/// The kept acts of a repository, oldest first.
///
/// # Errors
/// The database.
pub(crate) async fn kept(store: &Store, side: &PairSide, repository: &str) -> Result<Vec<Act>, LedgerError> {
    let rows = store.ledger().acts(&side.node, repository).await?;
    let acts = rows.iter().map(ActRow::body_as).collect::<Result<Vec<Act>, _>>()?;
    let (noted, mut acts): (Vec<Act>, Vec<Act>) = acts.into_iter().partition(|act| act.row < 0);
    // What was noted here stands in no log: its time says where it belongs.
    for act in noted {
        let at = acts.iter().position(|other| other.at_ms > act.at_ms).unwrap_or(acts.len());
        acts.insert(at, act);
    }
    Ok(acts)
}

/// Forgets what people did to a tag or an untagged artifact (`@` and its digest) of a repository, by the repository's
/// name on each node: somebody has decided since, and what both sides hold alike from now on is right.
///
/// # Errors
/// The database.
pub async fn settle(store: &Store, nodes: [(&NodeId, &str); 2], thing: &str) -> Result<(), LedgerError> {
    let untagged = thing.strip_prefix('@').and_then(Digest::parse);
    let (tag, digest) = (untagged.is_none().then_some(thing), untagged);
    for (node, repository) in nodes {
        let rows = store.ledger().acts(node, repository).await?;
        let mut lines = Vec::new();
        for row in &rows {
            let act: Act = row.body_as()?;
            if act.tag.as_deref() == tag && (tag.is_some() || act.digest == digest) {
                lines.push(row.line);
            }
        }
        store.ledger().forget_lines(node, &lines).await?;
    }
    Ok(())
}

/// Notes that a person put a tag back to an image on one side, or an untagged artifact, and forgets what people did to
/// it before: the log names Breakwater's own robot, which wants nothing.
///
/// # Errors
/// The database.
pub async fn put_back(
    store: &Store,
    nodes: [&NodeId; 2],
    on: Side,
    (repository, tag): (&str, Option<&str>),
    digest: Digest,
    by: &str,
) -> Result<(), LedgerError> {
    let thing = tag.map_or_else(|| format!("@{digest}"), str::to_owned);
    settle(store, nodes.map(|node| (node, repository)), &thing).await?;
    let at_ms = store.clock().now_ms();
    let act = Act {
        // No line of any log has such a number.
        row: -at_ms,
        at_ms,
        by: by.to_owned(),
        author: Author::Person,
        deed: Deed::Push,
        tag: tag.map(str::to_owned),
        digest: Some(digest),
    };
    let body = serde_json::to_value(&act).unwrap_or_default();
    let row = ActRow { line: act.row, at_ms, repository: repository.to_owned(), body };
    Ok(store.ledger().add_acts(nodes[on.at()], &[row]).await?)
}

/// Accounts by the tag that they pushed last.
pub(crate) type Pushers<'a> = HashMap<&'a str, &'a str>;

/// Who pushed each tag last, by the kept acts.
pub(crate) fn pushers(acts: &[Act]) -> Pushers<'_> {
    let pushes = acts.iter().filter(|a| a.deed == Deed::Push);
    pushes.filter_map(|a| Some((a.tag.as_deref()?, a.by.as_str()))).collect()
}

impl PairSide {
    async fn audit(&self, list: &List) -> Result<Page<AuditRow>, HarborError> {
        self.system.audit(&self.version, list).await
    }

    /// A line as it is kept; `None` for one that changes nothing that is compared.
    fn act(&self, row: &AuditRow) -> Option<ActRow> {
        let (repository, deed, tag, digest) = read(row)?;
        let at_ms = row.op_time? - self.clock_offset_ms;
        let author = match row.username.as_str() {
            JOB_SERVICE => Author::Retention,
            name if self.link_account.as_deref() == Some(name) => Author::Link,
            name if self.console_robot.as_deref() == Some(name) => Author::Console,
            _ => Author::Person,
        };
        let act = Act { row: row.id, at_ms, by: row.username.clone(), author, deed, tag, digest };
        let body = serde_json::to_value(&act).ok()?;
        Some(ActRow { line: row.id, at_ms, repository, body })
    }
}

fn read(row: &AuditRow) -> Option<(String, Deed, Option<String>, Option<Digest>)> {
    let named = |deed| {
        let (repository, reference) = row.artifact()?;
        let by_digest = Digest::parse(reference);
        let tag = by_digest.is_none().then(|| reference.to_owned());
        Some((repository.to_owned(), deed, tag, by_digest.or_else(|| told(&row.operation_description))))
    };
    match (row.resource_type.as_str(), row.operation.as_str()) {
        ("artifact" | "tag", "create") => named(Deed::Push),
        ("tag", "delete") => named(Deed::DeleteTag),
        ("artifact", "delete") => named(Deed::DeleteArtifact),
        ("repository", "delete") => Some((row.resource.clone(), Deed::DeleteRepository, None, None)),
        _ => None,
    }
}

/// The digest that a description in words names: from 2.13 that of a push.
fn told(description: &str) -> Option<Digest> {
    const LENGTH: usize = "sha256:".len() + 64;
    let at = description.find("sha256:")?;
    Digest::parse(description.get(at..at + LENGTH)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, operation: &str, resource: &str) -> AuditRow {
        AuditRow {
            resource_type: kind.to_owned(),
            operation: operation.to_owned(),
            resource: resource.to_owned(),
            ..AuditRow::default()
        }
    }

    #[test]
    fn read_knows_pushes_and_deletions_of_every_version() {
        let digest = Digest::from_bytes([7; 32]);
        let pushed = AuditRow {
            operation_description: format!("push artifact: p/r@{digest}"),
            ..row("artifact", "create", "p/r:v1")
        };
        let tag = Some("v1".to_owned());
        assert_eq!(read(&pushed), Some(("p/r".into(), Deed::Push, tag.clone(), Some(digest))));
        // To 2.12 no digest is told.
        let old = row("artifact", "create", "p/r:v1");
        assert_eq!(read(&old), Some(("p/r".into(), Deed::Push, tag.clone(), None)));
        for resource in [format!("p/r:{digest}"), format!("p/r@{digest}")] {
            let deleted = row("artifact", "delete", &resource);
            assert_eq!(read(&deleted), Some(("p/r".into(), Deed::DeleteArtifact, None, Some(digest))));
        }
        let gone = row("repository", "delete", "p/r");
        assert_eq!(read(&gone), Some(("p/r".into(), Deed::DeleteRepository, None, None)));
        assert_eq!(read(&row("tag", "delete", "p/r:v1")), Some(("p/r".into(), Deed::DeleteTag, tag, None)));
        assert_eq!(read(&row("artifact", "pull", "p/r:v1")), None);
        assert_eq!(read(&row("project", "create", "p")), None);
    }
}
