//! Projects, their metadata, repositories, retention and immutability rules.

use std::collections::BTreeMap;

use reqwest::header::HeaderName;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Harbor, HarborError, List, Page, Q, inventory::calls, send::Ask, serial};

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Project {
    /// Its id.
    pub project_id: i64,
    /// Its name.
    pub name: String,
    /// Who made it.
    pub owner_name: String,
    /// Set on a proxy-cache project; nothing can be replicated into one.
    pub registry_id: i64,
    /// Repositories in it.
    pub repo_count: u64,
    /// Strings, `public` above all.
    #[serde(deserialize_with = "serial::or_default")]
    pub metadata: Metadata,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub creation_time: Option<i64>,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub update_time: Option<i64>,
}

impl Project {
    /// Anyone may pull.
    pub fn is_public(&self) -> bool {
        self.metadata.get("public").is_some_and(|v| v == "true")
    }

    /// A cache of another registry.
    pub fn is_proxy_cache(&self) -> bool {
        self.registry_id > 0
    }

    /// Its retention policy's id.
    pub fn retention_id(&self) -> Option<i64> {
        self.metadata.get("retention_id")?.parse().ok()
    }
}

/// A project's settings; all values are strings.
pub type Metadata = BTreeMap<String, String>;

/// A project to be made.
#[derive(Clone, Debug, Serialize)]
pub struct NewProject {
    /// Lower case, digits, `.`, `_`, `-`.
    pub project_name: String,
    /// `public` as `"true"` or `"false"`.
    pub metadata: Metadata,
    /// Bytes; -1 is unlimited, absent is the system's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_limit: Option<i64>,
}

impl NewProject {
    /// A project with the system's default quota.
    pub fn new(name: &str, public: bool) -> Self {
        let metadata = Metadata::from([("public".to_owned(), public.to_string())]);
        Self { project_name: name.to_owned(), metadata, storage_limit: None }
    }
}

/// A repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Repository {
    /// Its id.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// `project/repository`.
    pub name: String,
    /// Artifacts in it, accessories not counted.
    pub artifact_count: u64,
    /// Pulls.
    pub pull_count: u64,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub creation_time: Option<i64>,
    /// ms since 1970; from 2.15.2 it moves with tags and deletions too (and with pulls).
    #[serde(deserialize_with = "serial::time")]
    pub update_time: Option<i64>,
}

/// A tag retention policy, as far as the console reads it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Its id.
    pub id: i64,
    /// Its rules, as Harbor has them.
    #[serde(deserialize_with = "serial::or_default")]
    pub rules: Vec<Value>,
    /// When it runs: `kind` and `settings.cron`.
    pub trigger: Value,
}

/// A rule that makes tags immutable.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ImmutableRule {
    /// Its id.
    pub id: i64,
    /// Switched off.
    pub disabled: bool,
    /// Which tags.
    #[serde(deserialize_with = "serial::or_default")]
    pub tag_selectors: Vec<Value>,
    /// Which repositories.
    pub scope_selectors: Value,
}

/// Who may do what in a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Member {
    /// The user's or group's name.
    pub entity_name: String,
    /// `u` for a user, `g` for a group.
    pub entity_type: String,
    /// `projectAdmin`, `maintainer`, `developer`, `guest`, `limitedGuest`.
    pub role_name: String,
}

/// A label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// `#` and hexadecimal digits.
    pub color: String,
    /// Free text.
    pub description: String,
}

/// Forces a project's name that is a number to be read as a name.
fn by_name(ask: Ask) -> Ask {
    ask.header(HeaderName::from_static("x-is-resource-name"), "true")
}

impl Harbor {
    /// One page of the projects that the caller sees.
    ///
    /// # Errors
    /// As any call.
    pub async fn projects(&self, list: &List) -> Result<Page<Project>, HarborError> {
        self.page(Ask::new(&calls::PROJECT_LIST), list).await
    }

    /// All projects that the caller sees.
    ///
    /// # Errors
    /// As any call.
    pub async fn all_projects(&self) -> Result<Vec<Project>, HarborError> {
        self.all(&List::new(), || Ask::new(&calls::PROJECT_LIST)).await
    }

    /// One project by its name.
    ///
    /// # Errors
    /// [`HarborError::NotFound`]; [`HarborError::Forbidden`] for an unknown one too where the caller is no
    /// administrator.
    pub async fn project(&self, name: &str) -> Result<Project, HarborError> {
        self.send(by_name(Ask::new(&calls::PROJECT_GET).at("project", name))).await?.json()
    }

    /// Whether a project exists.
    ///
    /// # Errors
    /// As any call, but for 404.
    pub async fn project_exists(&self, name: &str) -> Result<bool, HarborError> {
        match self.send(Ask::new(&calls::PROJECT_HEAD).with("project_name", name)).await {
            Ok(_) => Ok(true),
            Err(HarborError::NotFound(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Makes a project and gives its id.
    ///
    /// # Errors
    /// [`HarborError::Conflict`] where the name is taken.
    pub async fn create_project(&self, new: &NewProject) -> Result<i64, HarborError> {
        self.send(Ask::new(&calls::PROJECT_CREATE).json(new)).await?.created()
    }

    /// Deletes an empty project.
    ///
    /// # Errors
    /// [`HarborError::Precondition`] while it holds repositories.
    pub async fn delete_project(&self, name: &str) -> Result<(), HarborError> {
        self.send(by_name(Ask::new(&calls::PROJECT_DELETE).at("project", name))).await.map(drop)
    }

    /// A project's settings.
    ///
    /// # Errors
    /// As any call.
    pub async fn project_metadata(&self, name: &str) -> Result<Metadata, HarborError> {
        self.send(by_name(Ask::new(&calls::PROJECT_METADATA).at("project", name))).await?.json()
    }

    /// One page of the repositories of all projects; with `page_size` 1 the cheapest count.
    ///
    /// # Errors
    /// As any call.
    pub async fn all_repositories(&self, list: &List) -> Result<Page<Repository>, HarborError> {
        self.page(Ask::new(&calls::REPOSITORY_LIST_ALL), list).await
    }

    /// Repositories changed since a time (ms since 1970), newest first. Only where the version's `update_time` is
    /// complete.
    ///
    /// # Errors
    /// As any call.
    pub async fn repositories_since(&self, unix_ms: i64) -> Result<Vec<Repository>, HarborError> {
        let list = List::new().sort("-update_time").filter(Q::new().since("update_time", unix_ms));
        self.all(&list, || Ask::new(&calls::REPOSITORY_LIST_ALL)).await
    }

    /// All repositories of one project.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] for an unknown project.
    pub async fn repositories(&self, project: &str) -> Result<Vec<Repository>, HarborError> {
        let make = || by_name(Ask::new(&calls::REPOSITORY_LIST).at("project", project));
        self.all(&List::new().sort("name"), make).await
    }

    /// Deletes a repository with all its artifacts; `repository` without the project.
    ///
    /// # Errors
    /// [`HarborError::NotFound`], [`HarborError::Precondition`] where a tag is immutable.
    pub async fn delete_repository(&self, project: &str, repository: &str) -> Result<(), HarborError> {
        let ask = Ask::new(&calls::REPOSITORY_DELETE).at("project", project).at("repository", repository);
        self.send(by_name(ask)).await.map(drop)
    }

    /// A retention policy.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn retention(&self, id: i64) -> Result<Retention, HarborError> {
        self.send(Ask::new(&calls::RETENTION_GET).at("id", id)).await?.json()
    }

    /// The immutability rules of a project.
    ///
    /// # Errors
    /// As any call.
    pub async fn immutable_rules(&self, project: &str) -> Result<Vec<ImmutableRule>, HarborError> {
        let make = || by_name(Ask::new(&calls::IMMUTABLE_LIST).at("project", project));
        self.all(&List::new(), make).await
    }

    /// The members of a project; a robot needs `member:list`.
    ///
    /// # Errors
    /// [`HarborError::Forbidden`].
    pub async fn members(&self, project: &str) -> Result<Vec<Member>, HarborError> {
        let make = || by_name(Ask::new(&calls::MEMBER_LIST).at("project", project));
        self.all(&List::new(), make).await
    }

    /// The labels of a project, or with `None` those of all; a robot needs `label:list` for the former.
    ///
    /// # Errors
    /// [`HarborError::Forbidden`].
    pub async fn labels(&self, project: Option<i64>) -> Result<Vec<Label>, HarborError> {
        let make = || {
            let ask = Ask::new(&calls::LABEL_LIST);
            match project {
                Some(id) => ask.with("scope", "p").with("project_id", id),
                None => ask.with("scope", "g"),
            }
        };
        self.all(&List::new(), make).await
    }
}
