//! Editing the rules of all links of a cluster as one.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AppError, HarborVersion,
    cron::Cron,
    ids::{ClusterId, RunId},
    names::NodeName,
    plan::{FirstCopySize, PlannedRule},
    rule::RulesWish,
    run::RunKind,
    say,
    spec::ClusterSpec,
};

use super::{
    super::{Answered, Clusters, checks::uuid_text, random_tag},
    Kept, NodesRead, read_all,
};
use crate::{
    change::{Before, Change},
    error, pairs,
    plan::{self, GoneNodes, NodeFacts, PlanFacts},
    records::{ClusterRecord, RunBody},
    survey::Rule,
};

impl Clusters {
    /// Edits the rules of all links of a cluster as one. A node that is away gets its half once it is back.
    ///
    /// # Errors
    /// `rules.stale` where the cluster was changed meanwhile, `cron.…` where a node refuses the schedule,
    /// `scope.…` where what is copied would not land as meant, `change.nothing`, `change.busy`; what a node says where
    /// none answers.
    pub async fn save_rules(
        &self,
        id: &ClusterId,
        version: i64,
        wish: &RulesWish,
        by: &str,
    ) -> Answered<RunId> {
        let Kept { row, record, .. } = self.kept(id).await?;
        if row.version != version {
            return Err(stale());
        }
        self.refuse_busy(id).await?;
        let before = self.before(row).await?;
        let mut spec = before.spec.clone();
        wish.put_into(&mut spec.replication);
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let read = read_all(&spec, &record.rules, &reach, self.now_ms()).await;
        if let Some(fault) = all_away(&read) {
            return Err(fault);
        }
        let versions = self.versions(&before, &record, &read).await?;
        if let Some(cron) = &spec.replication.cron {
            for version in versions.values() {
                Cron::parse(cron, version).map_err(|fault| AppError::from(fault).at("cron"))?;
            }
        }
        let ids = before.ids.iter().cloned().map(Some).collect();
        let change = Change::of(before, spec.clone(), ids)?;
        if change.is_empty() {
            return Err(error::nothing_to_do());
        }
        if let Some(fault) = spec.judge().err().and_then(|all| all.into_iter().next()) {
            return Err(fault);
        }
        self.refuse_landing(&spec, &reach).await?;
        let nodes = plan_facts(&versions, &read, &record.rules);
        let first_copy = self.counted(id, &spec).await?;
        let facts = PlanFacts {
            spec: &spec,
            nodes: &nodes,
            first_copy: &first_copy,
            tag: &random_tag()?,
            now_ms: self.now_ms(),
        };
        let plan = plan::make_change(&facts, &change, &GoneNodes::new())?;
        let body = RunBody {
            kind: RunKind::Change,
            scope: id.to_string(),
            draft: None,
            cluster: Some(id.clone()),
            change: Some(change),
            pair: None,
            versions,
            clock_offset_ms: BTreeMap::new(),
            make_robot: BTreeSet::new(),
            steps: plan.steps,
            rules: plan.rules,
            vault: uuid_text(),
            by: by.to_owned(),
            made_ms: self.now_ms(),
            spec,
        };
        self.begin(body, &BTreeMap::new()).await
    }
}

impl Clusters {
    /// The nodes' versions: as they answer, else as the newest run that asked them was told.
    async fn versions(
        &self,
        before: &Before,
        record: &ClusterRecord,
        read: &NodesRead,
    ) -> Answered<BTreeMap<NodeName, HarborVersion>> {
        let mut versions: BTreeMap<NodeName, HarborVersion> = read
            .iter()
            .filter_map(|(node, read)| Some((node.clone(), read.as_ref().ok()?.version.clone())))
            .collect();
        for run in record.runs.iter().rev() {
            if versions.len() == before.spec.nodes.len() {
                break;
            }
            let body: RunBody = self.store.runs().get(run).await?.body_as()?;
            for (node, version) in body.versions {
                if before.spec.node(&node).is_some() {
                    versions.entry(node).or_insert(version);
                }
            }
        }
        Ok(versions)
    }

    /// What a run over each link looks at, as the ledger counted it.
    async fn counted(&self, id: &ClusterId, spec: &ClusterSpec) -> Answered<Vec<FirstCopySize>> {
        let artifacts = pairs::artifacts(&pairs::of_cluster(&self.store, id).await?)?;
        let size = |link| FirstCopySize { link, artifacts, missing: 0, bytes: 0, differing: 0 };
        Ok(spec.links().into_iter().map(size).collect())
    }
}

/// What the plan has to know of each node; of one that is away what was planned there.
fn plan_facts(
    versions: &BTreeMap<NodeName, HarborVersion>,
    read: &NodesRead,
    planned: &[PlannedRule],
) -> BTreeMap<NodeName, NodeFacts> {
    let mut nodes = BTreeMap::new();
    for (node, read) in read {
        let Some(version) = versions.get(node) else { continue };
        let names: Vec<&str> = match read {
            Ok(read) => read.rules.iter().map(|r| r.name.as_str()).collect(),
            Err(_) => planned.iter().filter(|r| r.link.source == *node).map(|r| r.name.as_str()).collect(),
        };
        let rule = |name: &str| Rule {
            name: name.to_owned(),
            enabled: true,
            pushes_to: None,
            pulls_from: None,
            r#override: false,
            deletion: false,
        };
        let facts = NodeFacts {
            version: version.clone(),
            endpoints: Vec::new(),
            rules: names.into_iter().map(rule).collect(),
            robots: None,
            make_robot: false,
        };
        nodes.insert(node.clone(), facts);
    }
    nodes
}

/// The first trouble, where no node answers.
fn all_away(read: &NodesRead) -> Option<AppError> {
    if read.iter().any(|(_, read)| read.is_ok()) {
        return None;
    }
    read.iter().find_map(|(node, read)| read.as_ref().err().map(|trouble| trouble.app_of(node)))
}

fn stale() -> AppError {
    AppError::new(
        "rules.stale",
        409,
        error::changed_meanwhile().cause,
        say!("Reload the page, then edit again.", "请重新加载页面，然后再编辑。"),
    )
}
