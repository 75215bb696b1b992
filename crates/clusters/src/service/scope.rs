//! Which repositories a scope takes: read from the sources, while it is typed and once more before it is saved.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, stream};
use harbor::{Harbor, HarborError, List, query::PAGE};
use model::{
    ids::ClusterId,
    names::NodeName,
    scope::{SourceLabels, SourceRepositories, landing, too_short},
    spec::ClusterSpec,
};

use super::{Answered, Clusters};
use crate::{
    reach::Reach,
    trouble::{Trouble, within},
};

/// Repositories read of each source for a look while typing.
const LOOKED_AT: usize = 2_000;
/// And before a namespace is saved: two that land on one name are then found in all but the largest registries.
const SAVED_OVER: usize = 20_000;
/// Projects whose labels are read.
const PROJECTS: usize = 200;
/// Requests that run at once on a source.
const AT_ONCE: usize = 4;
/// Longest time for reading them.
const LIMIT: Duration = Duration::from_secs(15);

impl Clusters {
    /// The repositories of the nodes that take pushes, by name: the first two thousand of each, and how many there are;
    /// and their labels.
    ///
    /// # Errors
    /// `store.not_found`; what a source says where none answers.
    pub async fn source_repositories(&self, id: &ClusterId) -> Answered<SourceRepositories> {
        let spec: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let mut found = SourceRepositories::default();
        let mut refused = None;
        let mut answered = false;
        for node in sources(&spec) {
            let Some(reach) = reach.get(&node) else { continue };
            let looking = tokio::join!(repositories(&reach.projects, LOOKED_AT), labels(reach));
            match looking {
                (Ok((names, of)), labels) => {
                    answered = true;
                    found.of = found.of.max(of);
                    found.names.extend(names);
                    found.labels = found.labels.and(labels);
                }
                (Err(trouble), _) => refused = Some(trouble.app_of(&node)),
            }
        }
        match refused {
            Some(error) if !answered => Err(error),
            error => Ok(SourceRepositories { error, ..found }),
        }
    }

    /// Refuses a scope by which two repositories of a source would land on one name, or one is too short for. A source
    /// that does not answer is looked at once it does: the lint tells.
    pub(super) async fn refuse_landing(
        &self,
        spec: &ClusterSpec,
        reach: &BTreeMap<NodeName, Reach>,
    ) -> Answered<()> {
        let scope = &spec.replication.scope;
        if scope.namespace.is_none() {
            return Ok(());
        }
        for node in sources(spec) {
            let Some(reach) = reach.get(&node) else { continue };
            let Ok((names, _)) = repositories(&reach.projects, SAVED_OVER).await else { continue };
            let found = landing(scope, names.iter().map(String::as_str), 0);
            if let Some(clash) = found.clashes.first() {
                return Err(clash.refusal());
            }
            if let Some(repository) = found.too_short.first() {
                return Err(too_short(repository));
            }
        }
        Ok(())
    }
}

/// The nodes that take pushes.
fn sources(spec: &ClusterSpec) -> Vec<NodeName> {
    let links = spec.links();
    let fed = |node: &NodeName| links.iter().any(|l| l.destination == *node);
    let all = spec.nodes.iter().map(|n| n.name.clone());
    if spec.topology.one_writer() { all.filter(|n| !fed(n)).collect() } else { all.collect() }
}

/// The labels of all and of projects. Those of a project that does not show them are missing, and counted.
async fn labels(reach: &Reach) -> SourceLabels {
    let mut found = SourceLabels::default();
    let reading = async {
        let global = reach.system.labels(None).await?;
        found.names.extend(global.into_iter().map(|label| label.name));
        let projects = reach.projects.all_projects().await?;
        found.unread = projects.len() as u64;
        let ids: Vec<i64> = projects.into_iter().map(|project| project.project_id).take(PROJECTS).collect();
        let mut answers =
            stream::iter(ids).map(|id| reach.projects.labels(Some(id))).buffer_unordered(AT_ONCE);
        while let Some(answer) = answers.next().await {
            if let Ok(labels) = answer {
                found.unread -= 1;
                found.names.extend(labels.into_iter().map(|label| label.name));
            }
        }
        Ok::<_, HarborError>(())
    };
    // What was read until the time was over is offered.
    drop(within(LIMIT, reading).await);
    found
}

/// The names of at most `most` repositories, and how many there are.
async fn repositories(harbor: &Harbor, most: usize) -> Result<(Vec<String>, u64), Trouble> {
    let reading = async {
        let (mut names, mut of) = (Vec::new(), 0);
        for n in 1.. {
            let page = harbor.all_repositories(&List::new().page(n, PAGE).sort("name")).await?;
            let full = page.rows.len() >= PAGE as usize;
            of = page.total;
            let ours = |name: &String| name.starts_with(model::names::OURS);
            names.extend(page.rows.into_iter().map(|r| r.name).filter(|name| !ours(name)));
            if !full || names.len() >= most {
                break;
            }
        }
        Ok::<_, HarborError>((names, of))
    };
    within(LIMIT, reading).await
}
