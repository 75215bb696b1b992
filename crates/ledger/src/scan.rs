//! Reading a whole Harbor in few requests.
//!
//! Whole repositories are read in batches of about a thousand artifacts by `repository_id`, a large repository by
//! windows over its artifacts' ids: neither shifts when something is pushed or deleted meanwhile, and both cost a
//! fraction of paging by 100. `base=*` brings the children of indexes and spares Harbor a look at every tag.

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use harbor::{
    Harbor, HarborError, List, Q,
    api::{
        artifacts::{Artifact, With},
        projects::Repository,
    },
};
use model::HarborVersion;
use tokio::sync::Semaphore;

use crate::Inventory;

/// Artifacts per request; an answer is then about 1.6 MB.
const BATCH: u64 = 1000;
/// Ids per request: nginx refuses an address of more than about 8 KB.
const IDS: usize = 400;

/// What one request, or one series of windows, reads.
#[derive(Debug)]
struct Part {
    project: String,
    /// Without the project: one repository's own list, where the project's is missing (before 2.12.4).
    repository: Option<String>,
    /// The repositories it covers.
    ids: Vec<i64>,
    /// Artifacts in them as Harbor counts them, without the children of indexes.
    count: u64,
}

/// Reads all artifacts and tags that the handle's account may see.
///
/// `gate` bounds the requests that run at once; four is what a Harbor of two processors answers best.
///
/// # Errors
/// The first request that fails; a half-read inventory would look like missing images.
pub async fn scan(
    harbor: &Harbor,
    version: &HarborVersion,
    gate: &Semaphore,
) -> Result<Inventory, HarborError> {
    let repositories = repositories(harbor, gate).await?;
    let names: HashMap<i64, &str> = repositories.iter().map(|r| (r.id, r.name.as_str())).collect();
    let parts = parts(&repositories, version.has_project_artifact_list());
    let width = gate.available_permits().max(1);
    let mut answers = stream::iter(parts).map(|part| read(harbor, gate, part)).buffer_unordered(width);
    let mut inventory = Inventory::default();
    for name in names.values() {
        inventory.add(name, []);
    }
    while let Some(rows) = answers.try_next().await? {
        let mut by_repository: BTreeMap<&str, Vec<&Artifact>> = BTreeMap::new();
        for (id, row) in &rows {
            // A repository made since the list was read will be met by the next scan.
            if let Some(name) = names.get(id) {
                by_repository.entry(name).or_default().push(row);
            }
        }
        for (name, rows) in by_repository {
            inventory.add(name, rows);
        }
    }
    Ok(inventory)
}

async fn repositories(harbor: &Harbor, gate: &Semaphore) -> Result<Vec<Repository>, HarborError> {
    let page = |n: u32| async move {
        let _permit = gate.acquire().await.map_err(|_| HarborError::Cancelled)?;
        harbor.all_repositories(&List::new().page(n, harbor::query::PAGE).sort("id")).await
    };
    let first = page(1).await?;
    let pages = u32::try_from(first.total.div_ceil(u64::from(harbor::query::PAGE))).unwrap_or(u32::MAX);
    let rest: Vec<_> = stream::iter(2..=pages)
        .map(page)
        .buffer_unordered(gate.available_permits().max(1))
        .try_collect()
        .await?;
    let mut all: BTreeMap<i64, Repository> = BTreeMap::new();
    for repository in std::iter::once(first).chain(rest).flat_map(|p| p.rows) {
        all.insert(repository.id, repository);
    }
    Ok(all.into_values().collect())
}

/// Cuts the repositories into parts of about [`BATCH`] artifacts; a larger repository is a part of its own.
fn parts(repositories: &[Repository], by_project: bool) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    let mut open: HashMap<&str, Part> = HashMap::new();
    for Repository { id, name, artifact_count, .. } in repositories {
        let Some((project, name)) = name.split_once('/') else { continue };
        let part = |repository: Option<&str>| Part {
            project: project.to_owned(),
            repository: repository.map(str::to_owned),
            ids: vec![*id],
            count: *artifact_count,
        };
        if !by_project {
            out.push(part(Some(name)));
            continue;
        }
        match open.get_mut(project) {
            Some(batch) if batch.count + artifact_count <= BATCH && batch.ids.len() < IDS => {
                batch.ids.push(*id);
                batch.count += artifact_count;
            }
            _ => out.extend(open.insert(project, part(None))),
        }
    }
    out.extend(open.into_values());
    out
}

/// Rows with their repository's id.
async fn read(harbor: &Harbor, gate: &Semaphore, part: Part) -> Result<Vec<(i64, Artifact)>, HarborError> {
    let mut rows = Vec::new();
    for window in windows(harbor, gate, &part).await? {
        let _permit = gate.acquire().await.map_err(|_| HarborError::Cancelled)?;
        let list = List::new().sort("id").filter(part.q(window));
        rows.extend(match &part.repository {
            None => harbor.project_artifacts_at_once(&part.project, With::TAGS, &list).await?,
            Some(name) => harbor.artifacts_at_once(&part.project, name, With::TAGS, &list).await?,
        });
    }
    let alone = part.ids.first().copied().filter(|_| part.repository.is_some());
    Ok(rows.into_iter().map(|row| (alone.unwrap_or(row.repository_id), row)).collect())
}

/// The ranges of ids that the part is read in; one without bounds where it is small.
async fn windows(
    harbor: &Harbor,
    gate: &Semaphore,
    part: &Part,
) -> Result<Vec<Option<(i64, i64)>>, HarborError> {
    if part.count <= BATCH * 2 {
        return Ok(vec![None]);
    }
    let end = |sort: &'static str| async move {
        let _permit = gate.acquire().await.map_err(|_| HarborError::Cancelled)?;
        let list = List::new().page(1, 1).sort(sort).filter(part.q(None));
        match &part.repository {
            None => harbor.project_artifacts(&part.project, With::default(), &list).await,
            Some(name) => harbor.artifacts(&part.project, name, With::default(), &list).await,
        }
    };
    let (first, last) = (end("id").await?, end("-id").await?);
    let (Some(low), Some(high)) = (first.rows.first(), last.rows.first()) else { return Ok(Vec::new()) };
    Ok(cut(low.id, high.id, first.total.div_ceil(BATCH)).map(Some).collect())
}

/// `pieces` ranges that cover `low..=high` without gap or overlap.
fn cut(low: i64, high: i64, pieces: u64) -> impl Iterator<Item = (i64, i64)> {
    let pieces = i64::try_from(pieces.max(1)).unwrap_or(i64::MAX);
    let step = (high - low) / pieces + 1;
    (0..pieces).map(move |n| (low + n * step, (low + (n + 1) * step - 1).min(high))).filter(|(a, b)| a <= b)
}

impl Part {
    fn q(&self, window: Option<(i64, i64)>) -> Q {
        let q = Q::new().base();
        let q = if self.repository.is_none() { q.any_of("repository_id", &self.ids) } else { q };
        match window {
            Some((from, to)) => q.between("id", from, to),
            None => q,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(id: i64, name: &str, artifact_count: u64) -> Repository {
        Repository { id, name: name.to_owned(), artifact_count, ..Repository::default() }
    }

    #[test]
    fn parts_cover_every_repository_once() {
        let repositories: Vec<_> =
            (0..1000).map(|n| repository(n, &format!("p{}/r{n}", n % 3), (n as u64 * 37) % 1500)).collect();
        for by_project in [true, false] {
            let parts = parts(&repositories, by_project);
            let mut ids: Vec<i64> = parts.iter().flat_map(|p| p.ids.clone()).collect();
            ids.sort_unstable();
            assert_eq!(ids, (0..1000).collect::<Vec<_>>());
            assert!(parts.iter().all(|p| p.ids.len() <= IDS && (p.count <= BATCH || p.ids.len() == 1)));
        }
    }

    #[test]
    fn cut_leaves_no_gap() {
        for (low, high, pieces) in [(1, 1, 1), (7, 5006, 6), (1, 3, 10), (0, 999, 3)] {
            let ranges: Vec<_> = cut(low, high, pieces).collect();
            assert_eq!((ranges[0].0, ranges[ranges.len() - 1].1), (low, high));
            assert!(ranges.windows(2).all(|w| w[0].1 + 1 == w[1].0));
        }
    }
}
