//! Rules: what stands on the Harbors, what is to be looked at, and editing the pair as one.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use ledger::PairState;
use model::{
    AppError, HarborVersion, Link,
    cron::Cron,
    drift::Kind,
    ids::{ClusterId, RunId},
    names::NodeName,
    plan::{FirstCopySize, PlannedRule},
    rule::{ChangeState, DryRun, NodeRules, RuleDeed, RulesChange, RulesRow, RulesView, RulesWish},
    run::{RunKind, RunState, StepState},
    say,
    spec::ClusterSpec,
};

use super::{Answered, Clusters, checks::uuid_text};
use crate::{
    change::{Before, Change},
    error, lint,
    pairs::{self, Known},
    plan::{self, GoneNodes, NodeFacts, PlanFacts},
    reach::Reach,
    records::{self, ClusterRecord, RunBody},
    rules::{self, NodeRead},
    survey::Rule,
    trouble::Trouble,
};

/// A tag that differs for so long is no tag on its way, milliseconds.
const LASTING_MS: i64 = 60_000;
/// Runs of a cluster among which a change of its rules is looked for.
const NEWEST: u32 = 20;

/// A cluster whose rules are looked at.
struct Looked {
    row: store::clusters::ClusterRow,
    spec: ClusterSpec,
    record: ClusterRecord,
    reach: BTreeMap<NodeName, Reach>,
}

impl Clusters {
    /// The clusters whose nodes copy, with what is known of their rules without asking a Harbor.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rules_list(&self) -> Answered<Vec<RulesRow>> {
        let mut out = Vec::new();
        for row in self.store.clusters().list().await? {
            let spec: ClusterSpec = row.spec_as()?;
            if !spec.topology.copies() {
                continue;
            }
            let record = records::cluster_record(&self.store, &row.id).await?;
            out.push(RulesRow {
                last: self.newest_execution(&row.id).await?,
                findings: self.harvests.findings(&row.id),
                cluster: row.id,
                name: row.name,
                topology: spec.topology,
                planned: record.rules,
            });
        }
        Ok(out)
    }

    /// The rules of a cluster as they stand on its Harbors now.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none` where its nodes copy nothing. That a node does not answer is told in its place.
    pub async fn rules(&self, id: &ClusterId) -> Answered<RulesView> {
        let looked = self.look_at_rules(id).await?;
        let Looked { row, spec, record, reach } = looked;
        let now_ms = self.now_ms();
        let read = read_all(&spec, &record.rules, &reach, now_ms).await;
        let known: Vec<Known> =
            pairs::all(&self.store).await?.into_iter().filter(|k| k.row.cluster_id == *id).collect();
        let (mut facts, mut artifacts) = (Vec::new(), 0);
        for pair in &known {
            let state: PairState = pair.row.state_as()?;
            artifacts = artifacts.max(state.compared);
            let totals = self.store.ledger().drift_totals(&pair.row.id).await?;
            let lasting = totals.iter().filter(|t| {
                matches!(t.kind, Kind::Moved | Kind::Conflict) && now_ms - t.oldest_ms >= LASTING_MS
            });
            facts.push(lint::PairFacts {
                pair: pair.row.id.clone(),
                nodes: pair.names.clone(),
                differing: lasting.map(|t| u64::try_from(t.count).unwrap_or(0)).sum(),
            });
        }
        // Rules that wait for the time of their first copy, or are held by a heal, are off on purpose.
        let mut held = record.first_copy_at_ms.is_some();
        for pair in &known {
            held |= self.healing(&pair.row.id).await?.is_some();
        }
        let planned = if held { &[] } else { record.rules.as_slice() };
        let nodes = node_facts(&spec, &read);
        let findings = lint::look(&lint::Facts {
            spec: &spec,
            planned,
            nodes: &nodes,
            pairs: &facts,
            artifacts,
            now_ms,
        });
        self.harvests.found(id, findings.len());
        let links = spec.links();
        let pair_of = |link: &Link| {
            let ends = |k: &&Known| k.names.contains(&link.source) && k.names.contains(&link.destination);
            known.iter().find(ends).map(|k| k.row.id.clone())
        };
        Ok(RulesView {
            cluster: row.id,
            version: row.version,
            name: row.name,
            topology: spec.topology,
            wish: RulesWish::of(&spec.replication),
            pairs: links.iter().filter_map(pair_of).collect(),
            links,
            planned: record.rules,
            nodes: read.into_iter().map(|(node, read)| node_view(node, read)).collect(),
            findings,
            artifacts,
            changing: self.changing(id).await?,
            read_ms: now_ms,
        })
    }

    /// Edits the rules of all links of a cluster as one. A node that is away gets its half once it is back.
    ///
    /// # Errors
    /// `rules.stale` where the cluster was changed meanwhile, `cron.…` where a node refuses the schedule,
    /// `change.nothing`, `change.busy`; what a node says where none answers.
    pub async fn save_rules(
        &self,
        id: &ClusterId,
        version: i64,
        wish: &RulesWish,
        by: &str,
    ) -> Answered<RunId> {
        let Looked { row, reach, record, .. } = self.look_at_rules(id).await?;
        if row.version != version {
            return Err(stale());
        }
        self.refuse_busy(id).await?;
        let before = self.before(row).await?;
        let mut spec = before.spec.clone();
        wish.put_into(&mut spec.replication);
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
        let nodes = plan_facts(&versions, &read, &record.rules);
        let first_copy = self.counted(id, &spec).await?;
        let facts = PlanFacts {
            spec: &spec,
            nodes: &nodes,
            first_copy: &first_copy,
            tag: &super::random_tag()?,
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

    /// Does one thing to the rules of a cluster, as a run.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none`, `node.unknown`; `change.busy` where all are made as planned while another run
    /// changes them. What goes wrong at a Harbor is in the run.
    pub async fn do_rule(&self, id: &ClusterId, deed: &RuleDeed, by: &str) -> Answered<RunId> {
        let Looked { spec, record, .. } = self.look_at_rules(id).await?;
        let at = |node: &NodeName| spec.node(node).map(|_| ()).ok_or_else(error::no_node);
        let steps = match deed {
            RuleDeed::Mend => {
                self.refuse_busy(id).await?;
                plan::mend(&spec, &record.rules)
            }
            RuleDeed::Start { link } => {
                let rule = record.rules.iter().find(|r| r.link == *link && r.cron.is_some());
                vec![plan::start(link, &rule.ok_or_else(error::no_node)?.name)]
            }
            RuleDeed::Stop { node, execution } => {
                at(node)?;
                vec![plan::stop(node, *execution)]
            }
            RuleDeed::SwitchOff { node, name } => {
                at(node)?;
                vec![plan::switch_off(node, name)]
            }
            RuleDeed::Reschedule { node, name } => {
                at(node)?;
                vec![plan::reschedule(node, name)]
            }
            RuleDeed::Rotate { link } => {
                if !spec.links().contains(link) {
                    return Err(error::no_node());
                }
                plan::rotate(&spec, link).to_vec()
            }
            RuleDeed::Resume { node, queue } => {
                at(node)?;
                if !matches!(queue.as_str(), "REPLICATION" | "SCHEDULER") {
                    return Err(error::no_node());
                }
                vec![plan::resume(node, queue)]
            }
        };
        self.begin_on(id, RunKind::Rule, steps, None, by).await
    }

    /// What the next run of each link's rule would do, as the last comparison found it; nothing is asked of a Harbor.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none`.
    pub async fn dry_run(&self, id: &ClusterId) -> Answered<Vec<DryRun>> {
        let Looked { spec, record, .. } = self.look_at_rules(id).await?;
        let known = pairs::all(&self.store).await?;
        let mut out = Vec::new();
        for link in spec.links() {
            let ends = |k: &&Known| k.names.contains(&link.source) && k.names.contains(&link.destination);
            let Some(pair) = known.iter().filter(|k| k.row.cluster_id == *id).find(ends) else { continue };
            let overrides = record.rules.iter().any(|r| r.link == link && r.r#override);
            out.push(pairs::dry_run(&self.store, pair, &link, overrides).await?);
        }
        Ok(out)
    }
}

impl Clusters {
    async fn look_at_rules(&self, id: &ClusterId) -> Answered<Looked> {
        let row = self.store.clusters().get(id).await?;
        let spec: ClusterSpec = row.spec_as()?;
        if !spec.topology.copies() {
            return Err(none());
        }
        let record = records::cluster_record(&self.store, id).await?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        Ok(Looked { row, spec, record, reach })
    }

    /// The newest change of the rules alone, where it is not through. One that began from another cluster than is kept
    /// now is past: going on with it would undo what was changed since.
    async fn changing(&self, id: &ClusterId) -> Answered<Option<RulesChange>> {
        let kept: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        for run in self.store.runs().of_scope(id.as_str(), NEWEST).await? {
            let body: RunBody = run.body_as()?;
            let Some(change) = body.change.as_ref().filter(|_| body.kind == RunKind::Change) else {
                continue;
            };
            let is_past = kept != change.before.spec && kept != change.spec;
            if run.state != RunState::Running && is_past {
                return Ok(None);
            }
            let state = match run.state {
                RunState::Running => ChangeState::Running,
                RunState::Failed if !run.undoing => {
                    let steps = self.store.runs().steps(&run.id).await?;
                    let stopped = body.steps.iter().zip(&steps).find(|(_, s)| s.state == StepState::Failed);
                    match stopped.filter(|(_, step)| is_away(step.error.as_ref())) {
                        Some((planned, _)) => ChangeState::Waiting { node: planned.node.clone() },
                        None => ChangeState::Stopped,
                    }
                }
                _ => return Ok(None),
            };
            return Ok(Some(RulesChange { run: run.id, state }));
        }
        Ok(None)
    }

    /// Goes on with changes of rules that wait for a node which is back.
    pub(super) async fn finish_halves(&self) -> Answered<()> {
        for row in self.store.clusters().list().await? {
            let Some(RulesChange { run, state: ChangeState::Waiting { node } }) =
                self.changing(&row.id).await?
            else {
                continue;
            };
            let spec: ClusterSpec = row.spec_as()?;
            let reach = self.reach(&spec, self.cluster_accounts(&row.id).await?)?;
            let answers = match reach.get(&node) {
                Some(reach) => reach.system.identify().await.is_ok(),
                None => false,
            };
            if answers && self.harvests.try_again(&run) {
                self.retry_run(&run, "breakwater").await?;
            }
        }
        Ok(())
    }

    /// The nodes' versions: as they answer, else as the newest run that asked them was told.
    async fn versions(
        &self,
        before: &Before,
        record: &ClusterRecord,
        read: &[(NodeName, Result<NodeRead, Trouble>)],
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
        let mut artifacts = 0;
        for known in pairs::all(&self.store).await?.into_iter().filter(|k| k.row.cluster_id == *id) {
            let state: PairState = known.row.state_as()?;
            artifacts = artifacts.max(state.compared);
        }
        let size = |link| FirstCopySize { link, artifacts, missing: 0, bytes: 0, differing: 0 };
        Ok(spec.links().into_iter().map(size).collect())
    }
}

async fn read_all(
    spec: &ClusterSpec,
    planned: &[PlannedRule],
    reach: &BTreeMap<NodeName, Reach>,
    now_ms: i64,
) -> Vec<(NodeName, Result<NodeRead, Trouble>)> {
    let asked = spec.nodes.iter().filter_map(|node| {
        let reach = reach.get(&node.name)?;
        Some(async move { (node.name.clone(), rules::read(reach, spec, node, planned, now_ms).await) })
    });
    join_all(asked).await
}

fn node_facts(spec: &ClusterSpec, read: &[(NodeName, Result<NodeRead, Trouble>)]) -> Vec<lint::NodeFacts> {
    read.iter()
        .filter_map(|(node, read)| {
            let read = read.as_ref().ok()?;
            Some(lint::NodeFacts {
                node: node.clone(),
                version: read.version.clone(),
                portal: spec.node(node).map(|n| n.address.origin()).unwrap_or_default(),
                rules: read.rules.clone(),
                jobs: read.jobs.clone(),
                executions: read.executions.clone(),
            })
        })
        .collect()
}

fn node_view(node: NodeName, read: Result<NodeRead, Trouble>) -> NodeRules {
    match read {
        Ok(read) => NodeRules { node, version: Some(read.version), error: None, rules: read.rules },
        Err(trouble) => {
            let error = Some(trouble.app_of(&node));
            NodeRules { node, version: None, error, rules: Vec::new() }
        }
    }
}

/// What the plan has to know of each node; of one that is away what was planned there.
fn plan_facts(
    versions: &BTreeMap<NodeName, HarborVersion>,
    read: &[(NodeName, Result<NodeRead, Trouble>)],
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
fn all_away(read: &[(NodeName, Result<NodeRead, Trouble>)]) -> Option<AppError> {
    if read.iter().any(|(_, read)| read.is_ok()) {
        return None;
    }
    read.iter().find_map(|(node, read)| read.as_ref().err().map(|trouble| trouble.app_of(node)))
}

/// Whether a step failed because its node did not answer, rather than by what it answered.
fn is_away(error: Option<&serde_json::Value>) -> bool {
    let read = |error: &serde_json::Value| serde_json::from_value::<AppError>(error.clone()).ok();
    error.and_then(read).is_some_and(|error| AWAY.contains(&error.code.as_str()))
}

/// The codes of a node that cannot be asked now.
const AWAY: [&str; 6] = [
    "harbor.dns",
    "harbor.refused",
    "harbor.unreachable",
    "harbor.timeout",
    "harbor.server_error",
    "harbor.cut",
];

fn none() -> AppError {
    AppError::new(
        "rules.none",
        404,
        say!(
            "The nodes of this cluster share their storage: nothing is copied.",
            "此集群的节点共享存储，无需复制。"
        ),
        say!("Rules belong to clusters whose nodes copy.", "只有互相复制的集群才有复制规则。"),
    )
}

fn stale() -> AppError {
    AppError::new(
        "rules.stale",
        409,
        error::changed_meanwhile().cause,
        say!("Reload the page, then edit again.", "请重新加载页面，然后再编辑。"),
    )
}
