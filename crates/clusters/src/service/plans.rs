//! The plan, and carrying it out.

use std::collections::BTreeMap;

use model::{
    Topology,
    ids::{DraftId, RunId},
    names::NodeName,
    plan::{FirstCopySize, Plan},
    run::RunKind,
};

use super::{Answered, Clusters, checks::uuid_text, drafts::PlanBody, random_tag, robot_nodes};
use crate::{
    error,
    plan::{self, NodeFacts, PlanFacts},
    records::{FindingFacts, RunBody},
    survey::Survey,
};

impl Clusters {
    /// Makes the plan for what is typed, and freezes it.
    ///
    /// # Errors
    /// A node that does not answer, a cron that cannot be used, a name that is taken.
    pub async fn plan(&self, id: &DraftId, by: &str) -> Answered<Plan> {
        let (draft, spec, accounts) = self.typed(id).await?;
        if self.store.clusters().find(&spec.name).await?.is_some() {
            return Err(error::name_taken());
        }
        for node in &spec.nodes {
            if accounts.get(&node.name).is_none_or(|(account, _)| account.is_none()) {
                return Err(error::no_account(&node.name));
            }
        }
        let reach = self.reach(&spec, accounts)?;
        let survey = self.survey(spec.clone(), &reach)?;
        let robots = robot_nodes(&draft);
        let mut nodes = BTreeMap::new();
        for node in survey.nodes() {
            let facts = node_facts(node, robots.contains(node.name())).await;
            nodes.insert(node.name().clone(), facts.map_err(|t| t.app_of(node.name()))?);
        }
        let first_copy = self.first_copies(id, &survey).await?;
        let plan = plan::make(&PlanFacts {
            spec: &spec,
            nodes: &nodes,
            first_copy: &first_copy,
            tag: &random_tag()?,
            now_ms: self.now_ms(),
        })?;
        self.store.plans().insert(id.as_str(), &PlanBody { spec, plan: plan.clone() }, by).await?;
        Ok(plan)
    }

    /// Carries the frozen plan out.
    ///
    /// # Errors
    /// `plan.stale` where something was typed since, `apply.blocked` where a check is in the way, `apply.has_run`.
    pub async fn apply(&self, id: &DraftId, by: &str) -> Answered<RunId> {
        let view = self.draft(id).await?;
        if view.run.is_some() {
            return Err(error::has_run());
        }
        let (draft, spec, accounts) = self.typed(id).await?;
        let plan = view.plan.ok_or_else(error::stale_plan)?;
        if let Some(blocking) = view.findings.iter().find(|f| f.blocks()) {
            return Err(error::blocked(&blocking.title));
        }
        if self.store.clusters().find(&spec.name).await?.is_some() {
            return Err(error::name_taken());
        }
        let reach = self.reach(&spec, accounts)?;
        let survey = self.survey(spec.clone(), &reach)?;
        let basics = survey.all_basics().await.map_err(|(node, t)| t.app_of(&node))?;
        let body = RunBody {
            kind: RunKind::Adopt,
            scope: id.to_string(),
            draft: Some(id.clone()),
            cluster: None,
            versions: basics.iter().map(|(n, b)| (n.clone(), b.version.clone())).collect(),
            clock_offset_ms: offsets(&basics),
            make_robot: robot_nodes(&draft),
            steps: plan.steps,
            rules: plan.rules,
            vault: uuid_text(),
            by: by.to_owned(),
            made_ms: self.now_ms(),
            spec,
        };
        self.begin(body, &reach).await
    }
}

/// The nodes' clocks minus ours.
pub(super) fn offsets(
    basics: &[(NodeName, std::sync::Arc<crate::survey::Basics>)],
) -> BTreeMap<NodeName, i64> {
    basics.iter().filter_map(|(n, b)| Some((n.clone(), b.clock_offset_ms?))).collect()
}

async fn node_facts(node: &crate::survey::NodeSurvey, make_robot: bool) -> crate::survey::Seen<NodeFacts> {
    let basics = node.basics().await?;
    let (endpoints, rules, robots) = tokio::join!(node.endpoints(), node.rules(), node.robots());
    let robots = match robots {
        Ok(robots) => robots.iter().map(|(_, name)| name.clone()).collect(),
        // Looking again before each step tells what is there.
        Err(trouble) if trouble.is_forbidden() => Vec::new(),
        Err(trouble) => return Err(trouble),
    };
    Ok(NodeFacts {
        version: basics.version.clone(),
        endpoints: endpoints?.to_vec(),
        rules: rules?.to_vec(),
        robots,
        make_robot,
    })
}

impl Clusters {
    /// What each link must copy: as the checks counted it, else counted now.
    async fn first_copies(&self, id: &DraftId, survey: &Survey) -> Answered<Vec<FirstCopySize>> {
        if survey.spec().topology == Topology::SharedStorage {
            return Ok(Vec::new());
        }
        let rows = self.store.findings().list(id.as_str()).await?;
        let known: Vec<FirstCopySize> = rows
            .iter()
            .filter(|r| r.key.finding() == "tags-differ")
            .filter_map(|r| r.facts_as::<FindingFacts>().ok()?.first_copy)
            .collect();
        let mut out = Vec::new();
        for link in survey.spec().links() {
            out.push(match known.iter().find(|c| c.link == link) {
                Some(counted) => counted.clone(),
                None => survey.first_copy(&link).await.map_err(|(node, t)| t.app_of(&node))?,
            });
        }
        Ok(out)
    }
}
