//! The plan, and carrying it out.

use std::collections::BTreeMap;

use model::{
    Link, Topology,
    ids::{DraftId, RunId},
    names::NodeName,
    plan::{FirstCopySize, Plan},
    run::RunKind,
    spec::ClusterSpec,
};

use super::{
    Answered, Clusters,
    checks::uuid_text,
    drafts::{PlanBody, Typed},
    random_tag,
};
use crate::{
    change::Change,
    error,
    plan::{self, GoneFacts, NodeFacts, PlanFacts},
    records::{FindingFacts, RunBody},
    survey::Survey,
};

impl Clusters {
    /// Makes the plan for what is typed, and freezes it.
    ///
    /// # Errors
    /// A node that does not answer, a cron that cannot be used, a name that is taken; `scope.…` where two repositories of
    /// a source would land on one name, or one is too short.
    pub async fn plan(&self, id: &DraftId, by: &str) -> Answered<Plan> {
        let typed = self.typed(id).await?;
        let (robots, made) = self.robots_to_make(&typed).await?;
        let Typed { spec, accounts, change, .. } = typed;
        self.refuse_taken(&spec, change.as_ref()).await?;
        let concerned = |node: &NodeName| change.as_ref().is_none_or(|c| c.concerned().contains(node));
        for node in spec.nodes.iter().filter(|n| concerned(&n.name)) {
            if accounts.get(&node.name).is_none_or(|(account, _)| account.is_none()) {
                return Err(error::no_account(&node.name));
            }
        }
        let reach = self.reach(&spec, accounts)?;
        self.refuse_landing(&spec, &reach).await?;
        let survey = self.survey(spec.clone(), &reach)?;
        let mut nodes = BTreeMap::new();
        for node in survey.nodes().iter().filter(|n| concerned(n.name())) {
            let facts = node_facts(node, made && robots.contains(node.name())).await;
            nodes.insert(node.name().clone(), facts.map_err(|t| t.app_of(node.name()))?);
        }
        let first_copy = self.first_copies(id, &survey, change.as_ref()).await?;
        let facts = PlanFacts {
            spec: &spec,
            nodes: &nodes,
            first_copy: &first_copy,
            tag: &random_tag()?,
            now_ms: self.now_ms(),
        };
        let plan = match &change {
            None => plan::make(&facts)?,
            Some(change) => {
                let (_, gone) = self.look_at_gone(change).await?;
                plan::make_change(&facts, change, &gone)?
            }
        };
        self.store.plans().insert(id.as_str(), &PlanBody { spec, change, plan: plan.clone() }, by).await?;
        Ok(plan)
    }

    /// Carries the frozen plan out.
    ///
    /// # Errors
    /// `plan.stale` where something was typed since, `apply.blocked` where a check is in the way, `apply.has_run`;
    /// of a changed cluster also `change.nothing` and `change.busy`.
    pub async fn apply(&self, id: &DraftId, by: &str) -> Answered<RunId> {
        let view = self.draft(id).await?;
        if view.run.is_some() {
            return Err(error::has_run());
        }
        let typed = self.typed(id).await?;
        let plan = view.plan.ok_or_else(error::stale_plan)?;
        if let Some(blocking) = view.findings.iter().find(|f| f.blocks()) {
            return Err(error::blocked(&blocking.title));
        }
        let (make_robot, _) = self.robots_to_make(&typed).await?;
        let Typed { draft, spec, accounts, change } = typed;
        self.refuse_taken(&spec, change.as_ref()).await?;
        let reach = self.reach(&spec, accounts)?;
        let mut sealed = self.sealed_for(&draft, &spec, &reach).await?;
        let survey = self.survey(spec.clone(), &reach)?;
        let mut known = Vec::new();
        for node in survey.nodes() {
            match node.basics().await {
                Ok(basics) => known.push((node.name().clone(), basics)),
                // A node that the change does not concern may be away.
                Err(_) if change.as_ref().is_some_and(|c| !c.concerned().contains(node.name())) => {}
                Err(trouble) => return Err(trouble.app_of(node.name())),
            }
        }
        let mut versions: BTreeMap<_, _> =
            known.iter().map(|(n, b)| (n.clone(), b.version.clone())).collect();
        if let Some(change) = &change {
            if plan.steps.is_empty() {
                return Err(error::nothing_to_do());
            }
            self.refuse_busy(&change.before.cluster).await?;
            let (reach, gone) = self.look_at_gone(change).await?;
            for (node, facts) in gone {
                if let GoneFacts::Answers { version, .. } = facts {
                    versions.insert(node, version);
                }
            }
            // Their accounts leave the cluster before what was made there is removed.
            sealed.extend(reach);
        }
        let body = RunBody {
            pair: None,
            kind: if change.is_some() { RunKind::Change } else { RunKind::Adopt },
            scope: id.to_string(),
            draft: Some(id.clone()),
            cluster: change.as_ref().map(|c| c.before.cluster.clone()),
            change,
            versions,
            clock_offset_ms: offsets(&known),
            make_robot,
            steps: plan.steps,
            rules: plan.rules,
            vault: uuid_text(),
            by: by.to_owned(),
            made_ms: self.now_ms(),
            spec,
        };
        self.begin(body, &sealed).await
    }

    /// Refuses the name of another cluster; a cluster that is changed does not stand in its own way.
    async fn refuse_taken(&self, spec: &ClusterSpec, change: Option<&Change>) -> Answered<()> {
        let there = self.store.clusters().find(&spec.name).await?;
        let own = change.map(|c| &c.before.cluster);
        if there.is_some_and(|row| Some(&row.id) != own) { Err(error::name_taken()) } else { Ok(()) }
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
        Ok(robots) => Some(robots.iter().map(|(_, name)| name.clone()).collect()),
        // Looking again before each step tells what is there.
        Err(trouble) if trouble.is_forbidden() => None,
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
    async fn first_copies(
        &self,
        id: &DraftId,
        survey: &Survey,
        change: Option<&Change>,
    ) -> Answered<Vec<FirstCopySize>> {
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
        // Links that go on have been copied, and their inventory matters only where their rules are made anew.
        let counted = |link: &Link| change.is_none_or(|c| c.rules_changed() || c.new_links().contains(link));
        for link in survey.spec().links().into_iter().filter(counted) {
            out.push(match known.iter().find(|c| c.link == link) {
                Some(counted) => counted.clone(),
                None => survey.first_copy(&link).await.map_err(|(node, t)| t.app_of(&node))?,
            });
        }
        Ok(out)
    }
}
