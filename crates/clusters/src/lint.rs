//! Lint and watchdog: what is wrong with the rules as they stand, and with their running. One question each, one
//! file each; pure, from what was read. Only what is to be looked at becomes a finding.

mod override_between_masters;

use model::{
    HarborVersion, Say,
    finding::{Finding, Subject},
    ids::PairId,
    names::NodeName,
    plan::PlannedRule,
    rule::{ExecutionView, StoredRule},
    spec::ClusterSpec,
};

use crate::findings::Answer;

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
const ALL: [&dyn Lint; 1] = [&override_between_masters::OverrideBetweenMasters];

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
}

/// The subject of a rule: the link it serves.
pub(crate) fn of_link(link: &model::Link) -> Subject {
    Subject::Link { source: link.source.clone(), destination: link.destination.clone() }
}

#[cfg(test)]
mod tests;
