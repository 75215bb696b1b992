//! Lint and watchdog: what is wrong with the rules as they stand, and with their running. One question each, one
//! file each; pure, from what was read. Only what is to be looked at becomes a finding.

mod cron_refused;
mod cure;
mod deletion_on;
mod destination;
mod destination_immutable;
mod destination_proxy_cache;
mod endpoint_account;
mod endpoint_unhealthy;
mod execution_stuck;
mod filter_matches_nothing;
mod job_service_away;
mod landing_clash;
mod loop_over_clusters;
mod override_between_masters;
mod override_off_one_writer;
mod period_too_short;
mod queue_paused;
mod quota_too_small;
mod retention_differs;
mod rule_changed;
mod rule_missing;
mod rule_off;
mod run_missed;
mod runs_fail;
mod schedule_lost;
mod schedules_collide;
mod tags_differ_already;
mod two_rules_one_link;
mod words;
mod wrong_way;

use std::collections::BTreeMap;

use model::{
    HarborVersion, Link, Say,
    cron::Cron,
    finding::{Finding, FindingState, Subject},
    ids::PairId,
    names::NodeName,
    plan::{PlannedRule, RUN_SECONDS_PER_ARTIFACT},
    rule::{ExecutionView, StoredRule, Trigger},
    scope::Landing,
    spec::ClusterSpec,
};

use crate::{findings::Answer, records::Noted, rules::Limits};

/// What the questions are answered from.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    /// The cluster as wished.
    pub spec: &'a ClusterSpec,
    /// The rules as planned.
    pub planned: &'a [PlannedRule],
    /// Its nodes; one that does not answer has no rules here, and nothing is said of it.
    pub nodes: &'a [NodeFacts],
    /// Its pairs.
    pub pairs: &'a [PairFacts],
    /// What the projects of each node refuse, as far as it was read.
    pub limits: &'a BTreeMap<NodeName, Limits>,
    /// What the console's other clusters copy, from host to host.
    pub other_links: &'a [(String, String)],
    /// Artifacts that a run looks at; 0 where nobody counted.
    pub artifacts: u64,
    /// UTC milliseconds.
    pub now_ms: i64,
}

/// What is known of a node.
#[derive(Clone, Debug)]
pub(crate) struct NodeFacts {
    /// Which.
    pub node: NodeName,
    /// Its version.
    pub version: HarborVersion,
    /// Where its own portal is.
    pub portal: String,
    /// Its rules that copy to or from another node of the cluster.
    pub rules: Vec<StoredRule>,
    /// Its job service; `None` where that could not be read.
    pub jobs: Option<JobFacts>,
    /// What was answered instead, where the account may read it.
    pub jobs_away: Option<Say>,
    /// Its newest executions.
    pub executions: Vec<ExecutionView>,
}

/// What a node's job service says.
#[derive(Clone, Debug, Default)]
pub(crate) struct JobFacts {
    /// The rules that have a row among the schedules, by id.
    pub scheduled: Vec<i64>,
    /// The queues that are paused.
    pub paused: Vec<String>,
}

/// How equal the two nodes of a pair are.
#[derive(Clone, Debug)]
pub(crate) struct PairFacts {
    /// Which.
    pub pair: PairId,
    /// Its nodes.
    pub nodes: [NodeName; 2],
    /// Tags that stand for something else on the two sides.
    pub differing: u64,
    /// What the rules' scope takes of the repositories there are; `None` where nobody has looked, or all is copied.
    pub landing: Option<Landing>,
    /// Tags of the source that the rules' scope takes; `None` where nobody has looked.
    pub carried: Option<u64>,
}

/// One question.
pub(crate) trait Lint: Sync {
    /// Stable, kebab-case.
    fn id(&self) -> &'static str;

    /// What is to be looked at; nothing where all is as it should be.
    fn look(&self, facts: &Facts<'_>) -> Vec<Found>;
}

/// What a question found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What it is about.
    pub subject: Subject,
    /// The sentence at its head: "The rule x overwrites".
    pub title: Say,
    /// What was seen, what it means, what mends it.
    pub answer: Answer,
}

/// Every question, in the order shown among findings of the same weight.
const ALL: [&dyn Lint; 27] = [
    &override_between_masters::OverrideBetweenMasters,
    &deletion_on::DeletionOn,
    &wrong_way::WrongWay,
    &job_service_away::JobServiceAway,
    &queue_paused::QueuePaused,
    &rule_missing::RuleMissing,
    &rule_off::RuleOff,
    &schedule_lost::ScheduleLost,
    &run_missed::RunMissed,
    &runs_fail::RunsFail,
    &endpoint_unhealthy::EndpointUnhealthy,
    &landing_clash::LandingClash,
    &destination_proxy_cache::DestinationProxyCache,
    &quota_too_small::QuotaTooSmall,
    &destination_immutable::DestinationImmutable,
    &filter_matches_nothing::FilterMatchesNothing,
    &cron_refused::CronRefused,
    &execution_stuck::ExecutionStuck,
    &override_off_one_writer::OverrideOffOneWriter,
    &tags_differ_already::TagsDifferAlready,
    &retention_differs::RetentionDiffers,
    &loop_over_clusters::LoopOverClusters,
    &rule_changed::RuleChanged,
    &endpoint_account::EndpointAccount,
    &schedules_collide::SchedulesCollide,
    &period_too_short::PeriodTooShort,
    &two_rules_one_link::TwoRulesOneLink,
];

/// The questions whose answer says that nothing is copied over the link.
const STOPS: [&str; 9] = [
    "job-service-away",
    "queue-paused",
    "rule-missing",
    "rule-off",
    "schedule-lost",
    "run-missed",
    "runs-fail",
    "endpoint-unhealthy",
    "execution-stuck",
];

/// The questions that cannot be answered while the job service does not say anything.
const OF_JOBS: [&str; 2] = ["queue-paused", "schedule-lost"];

/// The ids of all questions, in their order.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|lint| lint.id())
}

/// Whether what was found keeps a link from copying.
pub(crate) fn stops(found: &Noted, link: &Link) -> bool {
    let about = match &found.subject {
        Subject::Link { source, destination } => *source == link.source && *destination == link.destination,
        Subject::Node { node } => *node == link.source,
        Subject::Cluster | Subject::Entry => false,
    };
    about && found.state == FindingState::Failed && STOPS.contains(&found.id.as_str())
}

/// Whether the answer to a question needs what a node says of its job service.
pub(crate) fn is_of_jobs(id: &str) -> bool {
    OF_JOBS.contains(&id)
}

/// What is to be looked at, worst first.
pub(crate) fn look(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = ALL
        .iter()
        .flat_map(|lint| {
            lint.look(facts).into_iter().map(|found| {
                let waiting = Finding::waiting(lint.id(), found.subject, found.title, false);
                found.answer.into_finding(waiting, facts.now_ms, 0)
            })
        })
        .collect();
    found.sort_by_key(|f| f.state.rank());
    found
}

impl Facts<'_> {
    /// Every rule with the node on which it stands.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&NodeFacts, &StoredRule)> {
        self.nodes.iter().flat_map(|node| node.rules.iter().map(move |rule| (node, rule)))
    }

    /// Those that are switched on.
    fn enabled(&self) -> impl Iterator<Item = (&NodeFacts, &StoredRule)> {
        self.rules().filter(|(_, rule)| rule.enabled)
    }

    /// Those that are switched on and have a schedule that their node takes.
    fn scheduled(&self) -> impl Iterator<Item = (&NodeFacts, &StoredRule, Cron)> {
        self.enabled().filter_map(|(node, rule)| Some((node, rule, node.cron_of(rule)?)))
    }

    /// As what a rule was planned; `None` for those of others, and for ours that no link needs any more.
    fn planned_of(&self, rule: &StoredRule) -> Option<&PlannedRule> {
        self.planned.iter().find(|p| rule.ours && p.name == rule.name && p.link == rule.link)
    }

    /// Where a node is reached, host and port.
    fn host(&self, node: &NodeName) -> Option<String> {
        Some(self.spec.node(node)?.address.authority())
    }

    /// How long a run over everything keeps Harbor busy even when all is equal.
    fn run_ms(&self) -> i64 {
        (self.artifacts as f64 * RUN_SECONDS_PER_ARTIFACT * 1000.0) as i64
    }
}

impl NodeFacts {
    /// When a rule runs; `None` without a schedule, or with one that the node's version refuses.
    fn cron_of(&self, rule: &StoredRule) -> Option<Cron> {
        rule.trigger.cron().and_then(|cron| Cron::parse(cron, &self.version).ok())
    }

    /// What a rule did, newest first.
    fn runs_of(&self, rule: &StoredRule) -> Vec<&ExecutionView> {
        let mut runs: Vec<_> = self.executions.iter().filter(|e| e.rule == rule.name).collect();
        runs.sort_by_key(|e| std::cmp::Reverse((e.started_ms, e.id)));
        runs
    }

    /// The queues that replication needs and that are paused.
    fn paused(&self) -> impl Iterator<Item = &str> {
        let paused = self.jobs.iter().flat_map(|jobs| jobs.paused.iter().map(String::as_str));
        paused.filter(|queue| matches!(*queue, "REPLICATION" | "SCHEDULER"))
    }
}

/// Whether it starts by itself.
fn by_itself(rule: &StoredRule) -> bool {
    rule.trigger != Trigger::Manual
}

/// The subject of a pair: its first link.
fn on_pair(pair: &PairFacts) -> Subject {
    let [source, destination] = pair.nodes.clone();
    Subject::Link { source, destination }
}

/// The subject of a rule: the link it serves.
pub(crate) fn of_link(link: &Link) -> Subject {
    Subject::Link { source: link.source.clone(), destination: link.destination.clone() }
}

#[cfg(test)]
mod tests;
