//! What the projects of a node refuse, or take away again, of what is copied there.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use harbor::{HarborError, api::projects::Project};
use serde::{Deserialize, Serialize};

use crate::{
    immutable::TagRule,
    names,
    reach::Reach,
    trouble::{Trouble, within},
};

/// Projects that are asked one by one: one request each, a second where there is retention.
const MOST: usize = 500;
/// Requests at once (scan-costs.md section 2).
const AT_ONCE: usize = 4;
/// Longest time for one node.
const LIMIT: Duration = Duration::from_secs(30);

/// The projects of one node, by name.
pub(crate) type Limits = BTreeMap<String, ProjectLimits>;

/// One project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ProjectLimits {
    /// It is a cache of another registry.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub proxy_cache: bool,
    /// Which of its tags cannot be moved or deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub immutable: Vec<TagRule>,
    /// The retention rules that are on and when they run, as Harbor writes them; empty without.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub retention: String,
    /// Bytes that it may hold; `None` is unlimited, or not to be seen by the console's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
    /// Bytes that it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
}

/// A project that refuses nothing.
pub(crate) static UNLIMITED: ProjectLimits = ProjectLimits {
    proxy_cache: false,
    immutable: Vec::new(),
    retention: String::new(),
    quota: None,
    used: None,
};

/// Reads them; what the console's account may not see is left out.
///
/// # Errors
/// What the node says.
pub(crate) async fn read_limits(reach: &Reach) -> Result<Limits, Trouble> {
    let reading = async {
        let mut projects = reach.projects.all_projects().await?;
        projects.retain(|p| !p.name.starts_with(names::PREFIX));
        projects.truncate(MOST);
        let mut limits: Limits = stream::iter(projects)
            .map(|project| async move { Ok((project.name.clone(), of_project(reach, &project).await?)) })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for quota in seen(reach.system.quotas().await)? {
            if let Some(project) = limits.get_mut(&quota.project.name) {
                project.quota = u64::try_from(quota.hard.storage).ok();
                project.used = u64::try_from(quota.used.storage).ok();
            }
        }
        Ok::<_, HarborError>(limits)
    };
    within(LIMIT, reading).await
}

async fn of_project(reach: &Reach, project: &Project) -> Result<ProjectLimits, HarborError> {
    let rules = seen(reach.projects.immutable_rules(&project.name).await)?;
    let mut retention = String::new();
    if let Some(id) = project.retention_id() {
        let policy = seen(reach.projects.retention(id).await)?;
        // Two projects are retained alike where nothing but the ids differs.
        let mut rules: Vec<_> = policy.rules.into_iter().filter(|r| r["disabled"] != true).collect();
        rules.iter_mut().filter_map(|r| r.as_object_mut()).for_each(|r| drop(r.remove("id")));
        if !rules.is_empty() {
            retention = format!("{} {}", serde_json::Value::from(rules), policy.trigger["settings"]["cron"]);
        }
    }
    Ok(ProjectLimits {
        proxy_cache: project.is_proxy_cache(),
        immutable: TagRule::of(&rules),
        retention,
        quota: None,
        used: None,
    })
}

/// What was answered; nothing where the account may not see it, or it is not there any more.
fn seen<T: Default>(answer: Result<T, HarborError>) -> Result<T, HarborError> {
    match answer {
        Err(HarborError::Forbidden(_) | HarborError::Unauthorized | HarborError::NotFound(_)) => {
            Ok(T::default())
        }
        answer => answer,
    }
}
