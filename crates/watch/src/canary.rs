//! A pull that shows whether images can be pulled, from the smallest tagged image that is found.
//!
//! It leaves no trace worth speaking of: a GET of a manifest is a pull in Harbor's audit log and moves the time of
//! the last pull, which retention rules look at, but a HEAD is not (`src/server/registry/manifest.go`), nor is a GET
//! of a blob. So the manifest is read once, when the canary is chosen, and then only its config is pulled.

use std::time::{Duration, Instant};

use harbor::{Harbor, HarborError, List, api::artifacts::With, oci::Oci};
use serde::Deserialize;

use crate::reason::Reason;

/// Repositories looked into while choosing, newest first.
const LOOK_INTO: u32 = 10;
/// Largest config that is pulled every minute.
const LARGEST: u64 = 256 * 1024;
/// A Harbor without any image is asked for one again after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
/// Longest wait for each answer.
const DEADLINE: Duration = Duration::from_secs(15);

/// What the last pull gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pulled {
    /// `project/repository:tag`.
    pub(crate) artifact: String,
    /// How long it took.
    pub(crate) ms: Option<u32>,
    /// Why it failed.
    pub(crate) reason: Option<Reason>,
}

/// The image that is pulled.
#[derive(Debug, Default)]
pub(crate) struct Canary {
    chosen: Option<Chosen>,
    /// When none was found.
    looked: Option<Instant>,
}

#[derive(Debug)]
struct Chosen {
    repository: String,
    tag: String,
    config: String,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    size: u64,
}

impl Canary {
    /// Pulls; `None` where there is nothing to pull, or no right to.
    pub(crate) async fn pull(&mut self, harbor: &Harbor) -> Result<Option<Pulled>, Pulled> {
        let harbor = harbor.within(DEADLINE);
        if self.chosen.is_none() {
            if self.looked.is_some_and(|at| at.elapsed() < LOOK_AGAIN) {
                return Ok(None);
            }
            // Not finding one is no news: what fails here is told by the polls.
            self.chosen = choose(&harbor).await.unwrap_or_default();
            self.looked = Some(Instant::now());
        }
        let Some(chosen) = &self.chosen else { return Ok(None) };
        let artifact = format!("{}:{}", chosen.repository, chosen.tag);
        let started = Instant::now();
        let result = async {
            let oci = open(&harbor, &chosen.repository).await?;
            oci.manifest_head(&chosen.tag).await?;
            oci.blob(&chosen.config).await
        };
        match result.await {
            Ok(_) => {
                let ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX).max(1);
                Ok(Some(Pulled { artifact, ms: Some(ms), reason: None }))
            }
            // Deleted, moved or out of bounds by now: choose another next time.
            Err(HarborError::NotFound(_) | HarborError::Forbidden(_)) => {
                *self = Self::default();
                Ok(None)
            }
            Err(error) => {
                let reason = Some(Reason::pull(&artifact, &error));
                Err(Pulled { artifact, ms: None, reason })
            }
        }
    }
}

async fn open(harbor: &Harbor, repository: &str) -> Result<Oci, HarborError> {
    let token = harbor.token(repository, "pull").await?;
    Ok(harbor.oci_with(repository, token.secret))
}

/// The smallest tagged image in the repositories looked into whose manifest names a small config.
async fn choose(harbor: &Harbor) -> Result<Option<Chosen>, HarborError> {
    let newest = List::new().page(1, LOOK_INTO).sort("-update_time");
    let mut found: Vec<(u64, String, String, String)> = Vec::new();
    for repository in harbor.all_repositories(&newest).await?.rows {
        let Some((project, name)) = repository.name.split_once('/') else { continue };
        let some = List::new().page(1, 10);
        let Ok(page) = harbor.artifacts(project, name, With::TAGS, &some).await else { continue };
        let tagged = page.rows.into_iter().filter_map(|artifact| {
            // An index has no config of its own.
            let tag = artifact.tags.into_iter().next().filter(|_| artifact.references.is_empty())?;
            Some((artifact.size, repository.name.clone(), tag.name, artifact.digest))
        });
        found.extend(tagged);
    }
    found.sort();
    for (_, repository, tag, digest) in found.into_iter().take(3) {
        let Ok(oci) = open(harbor, &repository).await else { continue };
        let Ok(manifest) = oci.manifest(&digest).await else { continue };
        let Ok(Manifest { config }) = serde_json::from_slice(&manifest.body) else { continue };
        if config.size <= LARGEST {
            return Ok(Some(Chosen { repository, tag, config: config.digest }));
        }
    }
    Ok(None)
}
