//! Replication rules, which Harbor calls policies.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::registries::Registry;
use crate::{Harbor, HarborError, List, Page, inventory::calls, send::Ask, serial};

/// A stored rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Its id.
    pub id: i64,
    /// Its name, unique, case counts.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Where it copies from; id 0 is the node itself.
    pub src_registry: Registry,
    /// Where it copies to; id 0 is the node itself.
    pub dest_registry: Registry,
    /// Put before the path at the destination; empty keeps the path.
    pub dest_namespace: String,
    /// How many leading parts of the path the namespace replaces; -1 keeps only the last part.
    pub dest_namespace_replace_count: i32,
    /// When it runs.
    pub trigger: Option<Trigger>,
    /// What it copies; empty is everything.
    #[serde(deserialize_with = "serial::or_default")]
    pub filters: Vec<Filter>,
    /// Deletions are copied too. This is the field that Harbor reads; the other is its echo.
    pub deletion: bool,
    /// What Harbor echoes of [`Policy::deletion`].
    pub replicate_deletion: bool,
    /// Overwrite tags that point elsewhere at the destination.
    #[serde(rename = "override")]
    pub overwrite: bool,
    /// Whether it runs.
    pub enabled: bool,
    /// Kilobits per second; 0 or less is unlimited.
    pub speed: i32,
    /// Copy blobs in pieces.
    pub copy_by_chunk: bool,
    /// Skip a run while another is on; from 2.14.
    pub single_active_replication: Option<bool>,
    /// When it was made, ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub creation_time: Option<i64>,
    /// When it was last changed.
    #[serde(deserialize_with = "serial::time")]
    pub update_time: Option<i64>,
}

/// When a rule runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trigger {
    /// `manual`, `scheduled` or `event_based`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The cron of `scheduled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_settings: Option<TriggerSettings>,
}

/// The cron of a scheduled rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TriggerSettings {
    /// Six fields, UTC; see `model::cron`.
    pub cron: String,
}

impl Trigger {
    /// Started by hand only.
    pub fn manual() -> Self {
        Self { kind: "manual".to_owned(), trigger_settings: None }
    }

    /// At each push, tag and deletion.
    pub fn event_based() -> Self {
        Self { kind: "event_based".to_owned(), trigger_settings: None }
    }

    /// By cron.
    pub fn scheduled(cron: &str) -> Self {
        Self {
            kind: "scheduled".to_owned(),
            trigger_settings: Some(TriggerSettings { cron: cron.to_owned() }),
        }
    }

    /// The cron, where it has one.
    pub fn cron(&self) -> Option<&str> {
        self.trigger_settings.as_ref().map(|s| s.cron.as_str()).filter(|c| !c.is_empty())
    }
}

/// What a rule copies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// `name`, `tag`, `label` or `resource`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A pattern; a list of names for `label`.
    pub value: Value,
    /// `matches` or `excludes`, for tags and labels.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decoration: String,
}

impl Filter {
    /// Repositories by a doublestar pattern: `p/**`.
    pub fn name(pattern: &str) -> Self {
        Self { kind: "name".to_owned(), value: pattern.into(), decoration: String::new() }
    }

    /// Tags by a pattern.
    pub fn tag(pattern: &str) -> Self {
        Self { kind: "tag".to_owned(), value: pattern.into(), decoration: "matches".to_owned() }
    }

    /// Artifacts that bear all of these labels.
    pub fn labels<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self { kind: "label".to_owned(), value: names.collect(), decoration: "matches".to_owned() }
    }

    /// The same, but what fits is left out.
    #[must_use]
    pub fn excluding(self, excludes: bool) -> Self {
        if excludes { Self { decoration: "excludes".to_owned(), ..self } } else { self }
    }
}

/// An endpoint by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RegistryId {
    /// The id; 0 is the node itself.
    pub id: i64,
}

/// A rule to be stored. PUT replaces the whole of it: start from [`NewPolicy::from`] a stored one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewPolicy {
    /// Unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Set for a pull.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src_registry: Option<RegistryId>,
    /// Set for a push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_registry: Option<RegistryId>,
    /// Empty keeps the path.
    pub dest_namespace: String,
    /// Only with a namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dest_namespace_replace_count: Option<i32>,
    /// When it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// Empty is everything.
    pub filters: Vec<Filter>,
    /// Copy deletions.
    pub deletion: bool,
    /// The same; Harbor reads the other one, its documentation names this one.
    pub replicate_deletion: bool,
    /// Overwrite.
    #[serde(rename = "override")]
    pub overwrite: bool,
    /// Runs.
    pub enabled: bool,
    /// Kilobits per second; 0 is unlimited.
    pub speed: i32,
    /// In pieces.
    pub copy_by_chunk: bool,
    /// Only from 2.14, never with events (500); older ones drop it in silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_active_replication: Option<bool>,
}

impl NewPolicy {
    /// A push of everything to an endpoint, made disabled, without overwriting or deleting.
    pub fn push(name: &str, dest: i64, trigger: Trigger) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            src_registry: None,
            dest_registry: Some(RegistryId { id: dest }),
            dest_namespace: String::new(),
            dest_namespace_replace_count: None,
            trigger: Some(trigger),
            filters: Vec::new(),
            deletion: false,
            replicate_deletion: false,
            overwrite: false,
            enabled: false,
            speed: 0,
            copy_by_chunk: false,
            single_active_replication: None,
        }
    }
}

impl From<&Policy> for NewPolicy {
    /// Everything of a stored rule, so that a PUT changes only what is changed after this.
    fn from(stored: &Policy) -> Self {
        let id = |registry: &Registry| (registry.id != 0).then_some(RegistryId { id: registry.id });
        Self {
            name: stored.name.clone(),
            description: stored.description.clone(),
            src_registry: id(&stored.src_registry),
            dest_registry: id(&stored.dest_registry),
            dest_namespace: stored.dest_namespace.clone(),
            dest_namespace_replace_count: Some(stored.dest_namespace_replace_count),
            trigger: stored.trigger.clone(),
            filters: stored.filters.clone(),
            deletion: stored.deletion,
            replicate_deletion: stored.deletion,
            overwrite: stored.overwrite,
            enabled: stored.enabled,
            speed: stored.speed,
            copy_by_chunk: stored.copy_by_chunk,
            single_active_replication: stored.single_active_replication,
        }
    }
}

impl Harbor {
    /// One page of the rules.
    ///
    /// # Errors
    /// As any call.
    pub async fn policies(&self, list: &List) -> Result<Page<Policy>, HarborError> {
        self.page(Ask::new(&calls::POLICY_LIST), list).await
    }

    /// All rules.
    ///
    /// # Errors
    /// As any call.
    pub async fn all_policies(&self) -> Result<Vec<Policy>, HarborError> {
        self.all(&List::new(), || Ask::new(&calls::POLICY_LIST)).await
    }

    /// One rule.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn policy(&self, id: i64) -> Result<Policy, HarborError> {
        self.send(Ask::new(&calls::POLICY_GET).at("id", id)).await?.json()
    }

    /// Makes a rule and gives its id. Judge its cron with `model::cron` first: one that never comes true makes
    /// this hang and wedges Harbor's job service.
    ///
    /// # Errors
    /// [`HarborError::Validation`], [`HarborError::Conflict`] where the name is taken.
    pub async fn create_policy(&self, new: &NewPolicy) -> Result<i64, HarborError> {
        self.send(Ask::new(&calls::POLICY_CREATE).json(new)).await?.created()
    }

    /// Replaces a rule whole.
    ///
    /// # Errors
    /// As [`Harbor::create_policy`].
    pub async fn put_policy(&self, id: i64, new: &NewPolicy) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::POLICY_PUT).at("id", id).json(new)).await.map(drop)
    }

    /// Deletes a rule **with all its executions**.
    ///
    /// # Errors
    /// [`HarborError::Precondition`] while an execution is not final, for a while even after its stop.
    pub async fn delete_policy(&self, id: i64) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::POLICY_DELETE).at("id", id)).await.map(drop)
    }
}
