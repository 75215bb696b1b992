//! Reading whole Harbors in few requests.
//!
//! Whole repositories are read in batches of about a thousand artifacts by `repository_id`, a large repository by
//! windows over its artifacts' ids: neither shifts when something is pushed or deleted meanwhile, and both cost a
//! fraction of paging by 100. `base=*` brings the children of indexes and spares Harbor a look at every tag.

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use harbor::{
    Harbor, HarborError, List,
    api::{
        artifacts::{Artifact, With},
        projects::Repository,
    },
};
use model::{HarborVersion, drift::Holding};
use tokio::sync::Semaphore;

use crate::{
    Inventory,
    parts::{self, BATCH, Part},
    rows,
};

/// How one Harbor is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) harbor: &'a Harbor,
    /// Bounds the requests that run at once.
    pub(crate) gate: &'a Semaphore,
    /// What is read with each artifact.
    pub(crate) with: With,
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
    let reader = Reader { harbor, gate, with: With::TAGS };
    let parts = parts::cut([reader.repositories().await?], version.has_project_artifact_list());
    let width = gate.available_permits().max(1);
    let mut answers =
        stream::iter(parts).map(|part| async move { reader.read(&part, 0).await }).buffer_unordered(width);
    let mut inventory = Inventory::default();
    while let Some(read) = answers.try_next().await? {
        inventory.repositories.extend(read.into_iter().map(|(name, holding)| (name.into(), holding)));
    }
    Ok(inventory)
}

impl Reader<'_> {
    /// All repositories.
    pub(crate) async fn repositories(&self) -> Result<Vec<Repository>, HarborError> {
        let page = |n: u32| async move {
            let _permit = self.permit().await?;
            self.harbor.all_repositories(&List::new().page(n, harbor::query::PAGE).sort("id")).await
        };
        let first = page(1).await?;
        let pages = u32::try_from(first.total.div_ceil(u64::from(harbor::query::PAGE))).unwrap_or(u32::MAX);
        let rest: Vec<_> = stream::iter(2..=pages)
            .map(page)
            .buffer_unordered(self.gate.available_permits().max(1))
            .try_collect()
            .await?;
        let mut all: BTreeMap<i64, Repository> = BTreeMap::new();
        for repository in std::iter::once(first).chain(rest).flat_map(|p| p.rows) {
            all.insert(repository.id, repository);
        }
        Ok(all.into_values().collect())
    }

    /// What a side holds of each repository of a part.
    pub(crate) async fn read<const N: usize>(
        &self,
        part: &Part<N>,
        side: usize,
    ) -> Result<Vec<(String, Holding)>, HarborError> {
        let mut by_id: HashMap<i64, Vec<Artifact>> = HashMap::new();
        let alone = part.alone.as_ref().and_then(|_| part.members.first()?.ids[side]);
        for window in self.windows(part, side).await? {
            for row in self.rows(part, side, window).await? {
                // A repository made since the list was read is in no part; the next comparison meets it.
                by_id.entry(alone.unwrap_or(row.repository_id)).or_default().push(row);
            }
        }
        let rows_of =
            |id: Option<i64>| id.and_then(|id| by_id.get(&id)).map(Vec::as_slice).unwrap_or_default();
        Ok(part.members.iter().map(|m| (m.name.clone(), rows::holding(rows_of(m.ids[side])))).collect())
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
        match &part.alone {
            None => self.harbor.project_artifacts_at_once(&part.project, self.with, &list).await,
            Some(name) => self.harbor.artifacts_at_once(&part.project, name, self.with, &list).await,
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
            match &part.alone {
                None => self.harbor.project_artifacts(&part.project, With::default(), &list).await,
                Some(name) => self.harbor.artifacts(&part.project, name, With::default(), &list).await,
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
