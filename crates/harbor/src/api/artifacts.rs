//! Artifacts and tags.

use serde::{Deserialize, Serialize};

use super::projects::Label;
use crate::{Harbor, HarborError, List, Page, inventory::calls, send::Ask, serial};

/// An artifact. About 1.6 KB of each row (image config, links) is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Artifact {
    /// Its id: from a sequence, never reused, so windows over it miss nothing.
    pub id: i64,
    /// `sha256:…`.
    pub digest: String,
    /// `IMAGE`, `CHART`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Of the config.
    pub media_type: String,
    /// Of the manifest.
    pub manifest_media_type: String,
    /// From 2.12.
    pub artifact_type: String,
    /// Its repository.
    pub repository_id: i64,
    /// `project/repository`, from 2.12.
    pub repository_name: String,
    /// Its project.
    pub project_id: i64,
    /// Bytes, children included.
    pub size: u64,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub push_time: Option<i64>,
    /// ms since 1970; none if never pulled.
    #[serde(deserialize_with = "serial::time")]
    pub pull_time: Option<i64>,
    /// Empty for untagged ones.
    #[serde(deserialize_with = "serial::or_default")]
    pub tags: Vec<Tag>,
    /// Children of an index.
    #[serde(deserialize_with = "serial::or_default")]
    pub references: Vec<Reference>,
    /// Signatures and the like; only if asked for.
    #[serde(deserialize_with = "serial::or_default")]
    pub accessories: Vec<Accessory>,
    /// Of its project and of all; only if asked for.
    #[serde(deserialize_with = "serial::or_default")]
    pub labels: Vec<Label>,
}

/// A tag of an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The artifact it points to.
    pub artifact_id: i64,
    /// A rule protects it; only if asked for.
    pub immutable: bool,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub push_time: Option<i64>,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub pull_time: Option<i64>,
}

/// A child of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// `sha256:…`.
    pub child_digest: String,
    /// The child's id.
    pub child_id: i64,
}

/// A signature, SBOM or the like that belongs to an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Accessory {
    /// `sha256:…`.
    pub digest: String,
    /// `signature.cosign`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What it belongs to.
    pub subject_artifact_digest: String,
    /// Bytes.
    pub size: u64,
}

/// What to read with each artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct With {
    /// Tags: one query per artifact at Harbor, a third of the cost; there is no cheaper way.
    pub tags: bool,
    /// Signatures and the like: 20 to 30 % more.
    pub accessories: bool,
    /// Labels: one more query per artifact at Harbor.
    pub labels: bool,
}

impl With {
    /// Tags only.
    pub const TAGS: Self = Self { tags: true, accessories: false, labels: false };

    fn put_on(self, ask: Ask) -> Ask {
        let ask = ask.with("with_tag", self.tags);
        let ask = if self.accessories { ask.with("with_accessory", true) } else { ask };
        if self.labels { ask.with("with_label", true) } else { ask }
    }
}

#[derive(Serialize)]
struct NewTag<'a> {
    name: &'a str,
}

impl Harbor {
    /// One page of the artifacts of a whole project; see `HarborVersion::has_project_artifact_list`.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] for an unknown project, or on a version without this list.
    pub async fn project_artifacts(
        &self,
        project: &str,
        with: With,
        list: &List,
    ) -> Result<Page<Artifact>, HarborError> {
        self.page(with.put_on(Ask::new(&calls::ARTIFACT_LIST_PROJECT).at("project", project)), list).await
    }

    /// All rows that fit, in one answer where the node gives that. Bound the list with `q` (about 1000 rows): an
    /// unbounded one costs Harbor hundreds of MB.
    ///
    /// # Errors
    /// As [`Harbor::project_artifacts`].
    pub async fn project_artifacts_at_once(
        &self,
        project: &str,
        with: With,
        list: &List,
    ) -> Result<Vec<Artifact>, HarborError> {
        let make = || with.put_on(Ask::new(&calls::ARTIFACT_LIST_PROJECT).at("project", project));
        self.at_once(list, make).await
    }

    /// One page of the artifacts of a repository (its name without the project). An unknown repository is an
    /// empty list.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] for an unknown project.
    pub async fn artifacts(
        &self,
        project: &str,
        repository: &str,
        with: With,
        list: &List,
    ) -> Result<Page<Artifact>, HarborError> {
        self.page(with.put_on(of_repository(project, repository)), list).await
    }

    /// All rows of a repository that fit, as [`Harbor::project_artifacts_at_once`].
    ///
    /// # Errors
    /// As [`Harbor::artifacts`].
    pub async fn artifacts_at_once(
        &self,
        project: &str,
        repository: &str,
        with: With,
        list: &List,
    ) -> Result<Vec<Artifact>, HarborError> {
        self.at_once(list, || with.put_on(of_repository(project, repository))).await
    }

    /// One artifact by tag or digest.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn artifact(
        &self,
        project: &str,
        repository: &str,
        reference: &str,
    ) -> Result<Artifact, HarborError> {
        let ask = Ask::new(&calls::ARTIFACT_GET)
            .at("project", project)
            .at("repository", repository)
            .at("reference", reference);
        self.send(ask).await?.json()
    }

    /// Deletes an artifact **with all its tags**.
    ///
    /// # Errors
    /// [`HarborError::NotFound`], [`HarborError::Precondition`] where one of its tags is immutable.
    pub async fn delete_artifact(
        &self,
        project: &str,
        repository: &str,
        digest: &str,
    ) -> Result<(), HarborError> {
        let ask = Ask::new(&calls::ARTIFACT_DELETE)
            .at("project", project)
            .at("repository", repository)
            .at("reference", digest);
        self.send(ask).await.map(drop)
    }

    /// The tags of one artifact.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn tags(
        &self,
        project: &str,
        repository: &str,
        reference: &str,
    ) -> Result<Vec<Tag>, HarborError> {
        let make = || {
            Ask::new(&calls::TAG_LIST)
                .at("project", project)
                .at("repository", repository)
                .at("reference", reference)
        };
        self.all(&List::new(), make).await
    }

    /// Gives an artifact a tag.
    ///
    /// # Errors
    /// [`HarborError::Conflict`] where the tag exists on this or another artifact.
    pub async fn create_tag(
        &self,
        project: &str,
        repository: &str,
        reference: &str,
        tag: &str,
    ) -> Result<(), HarborError> {
        let ask = Ask::new(&calls::TAG_CREATE)
            .at("project", project)
            .at("repository", repository)
            .at("reference", reference)
            .json(&NewTag { name: tag });
        self.send(ask).await.map(drop)
    }

    /// Deletes a tag only if it still points to `digest`: compare and delete in one. Sibling tags stay.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] where it points elsewhere or is gone, [`HarborError::Precondition`] where it is
    /// immutable.
    pub async fn delete_tag_at(
        &self,
        project: &str,
        repository: &str,
        digest: &str,
        tag: &str,
    ) -> Result<(), HarborError> {
        let ask = Ask::new(&calls::TAG_DELETE)
            .at("project", project)
            .at("repository", repository)
            .at("reference", digest)
            .at("tag", tag);
        self.send(ask).await.map(drop)
    }
}

fn of_repository(project: &str, repository: &str) -> Ask {
    Ask::new(&calls::ARTIFACT_LIST).at("project", project).at("repository", repository)
}
