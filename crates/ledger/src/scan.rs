//! Reading whole Harbors in few requests.
//!
//! Whole repositories are read in batches of about a thousand artifacts by `repository_id`, a large repository by
//! windows over its artifacts' ids: neither shifts when something is pushed or deleted meanwhile, and both cost a
//! fraction of paging by 100. `base=*` brings the children of indexes and spares Harbor a look at every tag.

use std::collections::{BTreeMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use harbor::{
    Harbor, HarborError, List, Page,
    api::{
        artifacts::{Artifact, With},
        projects::Repository,
    },
    query::PAGE,
};
use model::{Digest, HarborVersion, drift::Holding, scope::LabelFilter};
use tokio::sync::Semaphore;

use crate::{
    Inventory,
    parts::{self, BATCH, Part},
    rows,
};

/// How often a list of repositories is read at most while some are being deleted.
const LISTINGS: u32 = 3;

/// How one Harbor is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) harbor: &'a Harbor,
    /// Bounds the requests that run at once.
    pub(crate) gate: &'a Semaphore,
    /// What is read with each artifact.
    pub(crate) with: With,
    /// What a rule carries of it by its labels; they are read for it.
    pub(crate) labels: Option<&'a LabelFilter>,
}

/// What a side holds of a repository.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// As the ledger knows it.
    pub(crate) name: String,
    pub(crate) holding: Holding,
    /// What no rule carries for its labels.
    pub(crate) unlabelled: HashSet<Digest>,
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
    let reader = Reader { harbor, gate, with: With::TAGS, labels: None };
    let list = [reader.repositories().await?];
    let parts = parts::cut(list, version.has_project_artifact_list(), |_, name| name.to_owned());
    let width = gate.available_permits().max(1);
    let mut answers =
        stream::iter(parts).map(|part| async move { reader.read(&part, 0).await }).buffer_unordered(width);
    let mut inventory = Inventory::default();
    while let Some(read) = answers.try_next().await? {
        inventory.repositories.extend(read.into_iter().map(|held| (held.name.into(), held.holding)));
    }
    Ok(inventory)
}

impl Held {
    /// Of a repository that is not there.
    pub(crate) fn nothing(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl Reader<'_> {
    /// All repositories. An offset shifts when something before it is deleted: a list that came out shorter than it
    /// should be is read again.
    pub(crate) async fn repositories(&self) -> Result<Vec<Repository>, HarborError> {
        let mut all = BTreeMap::new();
        for _ in 0..LISTINGS {
            let total = self.list_repositories(&mut all).await?;
            if all.len() as u64 >= total {
                break;
            }
            all.clear();
        }
        Ok(all.into_values().collect())
    }

    async fn list_repositories(&self, all: &mut BTreeMap<i64, Repository>) -> Result<u64, HarborError> {
        let page = |n: u32| self.page(List::new().page(n, PAGE).sort("repository_id"));
        let first = page(1).await?;
        let (total, pages) = (first.total, first.total.div_ceil(u64::from(PAGE)));
        let rest: Vec<_> = stream::iter(2..=u32::try_from(pages).unwrap_or(u32::MAX))
            .map(page)
            .buffer_unordered(self.gate.available_permits().max(1))
            .try_collect()
            .await?;
        let rows = std::iter::once(first).chain(rest).flat_map(|p| p.rows);
        all.extend(rows.map(|repository| (repository.id, repository)));
        Ok(total)
    }

    /// A page of the repositories of all projects.
    pub(crate) async fn page(&self, list: List) -> Result<Page<Repository>, HarborError> {
        let _permit = self.permit().await?;
        self.harbor.all_repositories(&list).await
    }

    /// What a side holds of each repository of a part.
    pub(crate) async fn read<const N: usize>(
        &self,
        part: &Part<N>,
        side: usize,
    ) -> Result<Vec<Held>, HarborError> {
        let mut rows: Vec<Vec<Artifact>> = part.members.iter().map(|_| Vec::new()).collect();
        let places = part.places(side);
        for window in self.windows(part, side).await? {
            for row in self.rows(part, side, window).await? {
                if let Some(at) = places.of(&row) {
                    rows[at].push(row);
                }
            }
        }
        let held = |name: &String, rows: &[Artifact]| Held {
            name: name.clone(),
            holding: rows::holding(rows),
            unlabelled: self.labels.map(|filter| rows::unlabelled(rows, filter)).unwrap_or_default(),
        };
        Ok(part.members.iter().zip(rows).map(|(member, rows)| held(&member.name, &rows)).collect())
    }

    /// The same of repositories that are asked for by name: of a project that is not there, no side has any.
    pub(crate) async fn read_named<const N: usize>(
        &self,
        part: &Part<N>,
        side: usize,
    ) -> Result<Vec<Held>, HarborError> {
        match self.read(part, side).await {
            // To whoever is no administrator such a project is forbidden.
            Err(HarborError::NotFound(_) | HarborError::Forbidden(_)) => {
                Ok(part.members.iter().map(|m| Held::nothing(&m.name)).collect())
            }
            other => other,
        }
    }

    async fn rows<const N: usize>(
        &self,
        part: &Part<N>,
        side: usize,
        window: Option<(i64, i64)>,
    ) -> Result<Vec<Artifact>, HarborError> {
        let Some(q) = part.q(side, window) else { return Ok(Vec::new()) };
        let _permit = self.permit().await?;
        let list = List::new().sort("id").filter(q);
        let project = &part.projects[side];
        match &part.alone {
            None => self.harbor.project_artifacts_at_once(project, self.with, &list).await,
            Some(names) => self.harbor.artifacts_at_once(project, &names[side], self.with, &list).await,
        }
    }

    /// The ranges of ids that a part is read in; one without bounds where it is small.
    async fn windows<const N: usize>(
        &self,
        part: &Part<N>,
        side: usize,
    ) -> Result<Vec<Option<(i64, i64)>>, HarborError> {
        if part.is_small(side) {
            return Ok(vec![None]);
        }
        let end = |sort: &'static str| async move {
            let _permit = self.permit().await?;
            let list = List::new().page(1, 1).sort(sort).filter(part.q(side, None).unwrap_or_default());
            let project = &part.projects[side];
            match &part.alone {
                None => self.harbor.project_artifacts(project, With::default(), &list).await,
                Some(names) => self.harbor.artifacts(project, &names[side], With::default(), &list).await,
            }
        };
        let (first, last) = (end("id").await?, end("-id").await?);
        let (Some(low), Some(high)) = (first.rows.first(), last.rows.first()) else { return Ok(Vec::new()) };
        Ok(parts::windows(low.id, high.id, first.total.div_ceil(BATCH)).map(Some).collect())
    }

    async fn permit(&self) -> Result<tokio::sync::SemaphorePermit<'_>, HarborError> {
        self.gate.acquire().await.map_err(|_| HarborError::Cancelled)
    }
}
