//! Replication rules as they stand on the Harbors, beside what they shall be; their executions and tasks.
//!
//! Harbor calls a rule a policy in its API and a rule in its portal; here it is a rule.

mod execution;
mod links;

use serde::{Deserialize, Serialize};

pub use execution::{
    ExecutionPage, ExecutionQuery, ExecutionState, ExecutionTrigger, ExecutionView, TaskPage, TaskState,
    TaskView,
};
pub use links::LinksView;

use crate::{
    AppError, HarborVersion, Link, Say, Topology,
    cron::Cron,
    finding::Finding,
    ids::{ClusterId, PairId, RunId},
    names::{ClusterName, EndpointName, NodeName},
    plan::{PlannedRule, cron_every, period_minutes, stagger},
    scope::Scope,
    spec::ReplicationSpec,
};

/// What starts a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Trigger {
    /// A person.
    Manual,
    /// Its cron.
    Scheduled {
        /// As Harbor keeps it; also one that the node's version no longer takes.
        cron: String,
    },
    /// Each push, and each deletion where it deletes.
    EventBased,
}

impl Trigger {
    /// The cron of a scheduled rule.
    pub fn cron(&self) -> Option<&str> {
        match self {
            Self::Scheduled { cron } => Some(cron),
            Self::Manual | Self::EventBased => None,
        }
    }
}

/// One filter of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleFilter {
    /// Harbor's word: `name`, `tag`, `label`, `resource`.
    pub kind: String,
    /// The pattern, or the labels with commas between.
    pub value: String,
    /// It names what is left out.
    pub excludes: bool,
}

/// A rule on a Harbor that copies between two nodes of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredRule {
    /// Harbor's id, on the node where it stands.
    pub id: i64,
    /// Harbor's name.
    pub name: String,
    /// Breakwater made it for this cluster.
    pub ours: bool,
    /// Which way it copies.
    pub link: Link,
    /// The destination pulls; else the source pushes.
    pub pulls: bool,
    /// Whether it runs.
    pub enabled: bool,
    /// What starts it.
    pub trigger: Trigger,
    /// What starts it, in words.
    pub schedule: Say,
    /// Empty is everything.
    pub filters: Vec<RuleFilter>,
    /// Put before the path at the destination; empty keeps the path.
    pub namespace: String,
    /// How many leading parts of the path the namespace replaces; -1 keeps only the last part.
    pub flattening: i32,
    /// It overwrites tags that stand for something else.
    pub r#override: bool,
    /// It carries deletions.
    pub deletion: bool,
    /// Kilobits per second; 0 or less is unlimited.
    pub speed: i32,
    /// Copies blobs in pieces.
    pub copy_by_chunk: bool,
    /// Skips a run while another is on.
    pub single_active_replication: bool,
    /// Harbor's name of the endpoint it copies over.
    pub endpoint: String,
    /// Whom the endpoint signs in as.
    pub account: String,
    /// What Harbor says of the endpoint: it asks every few minutes, and only whether it may sign in.
    pub endpoint_status: String,
    /// What somebody changed since Breakwater made it; empty for rules of others.
    pub differs: Vec<Differing>,
}

/// A field of a rule that is not as it was planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Differing {
    /// Harbor's label of the field.
    pub field: Say,
    /// What was planned.
    pub planned: Say,
    /// What is there.
    pub is: Say,
}

/// The rules on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeRules {
    /// Which.
    pub node: NodeName,
    /// Its version, which judges its crons; the one it had last where it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub version: Option<HarborVersion>,
    /// Why it could not be read; then it has no rules here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
    /// Those that copy to or from another node of the cluster.
    pub rules: Vec<StoredRule>,
}

/// What a cluster's nodes copy to each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RulesView {
    /// Which cluster.
    pub cluster: ClusterId,
    /// Grows with each change of the cluster.
    pub version: i64,
    /// Its name.
    pub name: ClusterName,
    /// How its nodes work together.
    pub topology: Topology,
    /// What is wished.
    pub wish: RulesWish,
    /// Which way images go, in the order in which the schedules are staggered.
    pub links: Vec<Link>,
    /// The pair of each link.
    pub pairs: Vec<PairId>,
    /// What Breakwater made, or waits to make.
    pub planned: Vec<PlannedRule>,
    /// What is there.
    pub nodes: Vec<NodeRules>,
    /// What is to be looked at, worst first; what is as it should be is not told.
    pub findings: Vec<Finding>,
    /// Whether the watchdog mends by itself what one safe press mends: a paused queue goes on, a rule is scheduled anew.
    pub mends: bool,
    /// Artifacts that a run looks at, as the ledger counted them; 0 where it has not.
    pub artifacts: u64,
    /// The change of these rules that goes on, or waits for a node to return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changing: Option<RulesChange>,
    /// When this was read, UTC milliseconds.
    pub read_ms: i64,
}

/// A change of the rules that is not through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RulesChange {
    /// The run.
    pub run: RunId,
    /// Where it stands.
    pub state: ChangeState,
}

/// Where a change of the rules stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum ChangeState {
    /// Being carried out.
    Running,
    /// A node does not answer; it goes on by itself once that is back.
    Waiting {
        /// Which.
        node: NodeName,
    },
    /// A Harbor refused something: a person retries it or takes it back.
    Stopped,
}

/// One row of the list of rules: a cluster whose nodes copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RulesRow {
    /// Which cluster.
    pub cluster: ClusterId,
    /// Its name.
    pub name: ClusterName,
    /// How its nodes work together.
    pub topology: Topology,
    /// What Breakwater made.
    pub planned: Vec<PlannedRule>,
    /// What is to be looked at, as the watchdog found it a minute ago at most.
    pub findings: u32,
    /// The newest execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<ExecutionView>,
}

/// What a person chooses about the rules of a cluster; the rest follows from its topology.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RulesWish {
    /// Six fields for the first link, the others are staggered; `None` is proposed from the inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Event rules beside the schedule.
    pub at_once: bool,
    /// Kilobits per second per task; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_kbps: Option<u32>,
    /// Copy blobs in pieces.
    pub copy_by_chunk: bool,
    /// Which images, and where they land.
    #[serde(skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
}

impl RulesWish {
    /// What a spec says of its rules.
    pub fn of(spec: &ReplicationSpec) -> Self {
        Self {
            cron: spec.cron.clone(),
            at_once: spec.at_once,
            speed_kbps: spec.speed_kbps,
            copy_by_chunk: spec.copy_by_chunk,
            scope: spec.scope.clone(),
        }
    }

    /// Puts it into a spec.
    pub fn put_into(&self, spec: &mut ReplicationSpec) {
        spec.cron = self.cron.as_deref().map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned);
        spec.at_once = self.at_once;
        spec.speed_kbps = self.speed_kbps.filter(|k| *k > 0);
        spec.copy_by_chunk = self.copy_by_chunk;
        spec.scope.clone_from(&self.scope);
    }
}

/// One thing done to the rules of a cluster; each is a run of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum RuleDeed {
    /// Every rule of Breakwater's is as planned again, and runs.
    Mend,
    /// The scheduled rule of a link is started once.
    Start {
        /// Which.
        link: Link,
    },
    /// An execution is stopped.
    Stop {
        /// Where it runs.
        node: NodeName,
        /// Harbor's id of it.
        execution: i64,
    },
    /// A rule is switched off; it is kept.
    SwitchOff {
        /// Where it stands.
        node: NodeName,
        /// Its name.
        name: String,
    },
    /// A rule is switched off and on, which makes Harbor schedule it anew.
    Reschedule {
        /// Where it stands.
        node: NodeName,
        /// Its name.
        name: String,
    },
    /// The robot of a link gets a new secret, and the endpoint that signs in with it is told at once.
    Rotate {
        /// Which.
        link: Link,
    },
    /// An endpoint gets another name; whatever copies over it goes on.
    RenameEndpoint {
        /// Where it stands.
        node: NodeName,
        /// Harbor's id of it.
        endpoint: i64,
        /// The new name.
        name: EndpointName,
    },
    /// A paused queue of the job service goes on.
    Resume {
        /// Where.
        node: NodeName,
        /// `REPLICATION`, `SCHEDULER`.
        queue: String,
    },
}

impl RuleDeed {
    /// Whether nothing is lost by it, whatever the reason was: the watchdog may do it by itself where the team says so.
    pub fn is_safe(&self) -> bool {
        matches!(self, Self::Reschedule { .. } | Self::Resume { .. })
    }
}

/// What the next run of a link's rule would do, from the last comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRun {
    /// Which way.
    pub link: Link,
    /// When the two were compared, UTC milliseconds; `None` where they were not.
    pub read_ms: Option<i64>,
    /// Tags that it would copy.
    pub copies: u64,
    /// Their bytes, as the source states them; layers that are there already are not sent.
    pub bytes: u64,
    /// Of those it copies, tags that somebody deleted at the destination: they would come back.
    pub brings_back: u64,
    /// Tags that it would overwrite.
    pub overwrites: u64,
    /// Tags that stand for something else there, and stay so because it does not overwrite.
    pub skips: u64,
    /// Tags that are the same on both.
    pub same: u64,
    /// Some of the tags that it would copy or overwrite, for looking.
    pub examples: Vec<String>,
}

/// The schedule that the link at `place` of `links` gets from what is wished, or from the size of the inventory where
/// nothing is; `None` where the version refuses it.
pub fn schedule_of(
    wish: Option<&str>,
    artifacts: u64,
    (place, links): (usize, usize),
    version: &HarborVersion,
) -> Option<Cron> {
    let Some(text) = wish else {
        let minutes = period_minutes(artifacts);
        return Cron::parse(&cron_every(minutes, stagger(minutes, place, links)), version).ok();
    };
    let cron = Cron::parse(text, version).ok()?;
    let minutes = cron.period_hint(0).map_or(0, |ms| u32::try_from(ms / 60_000).unwrap_or(0));
    match stagger(minutes, place, links) {
        0 => Some(cron),
        offset => cron.staggered(offset).or(Some(cron)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedule_of_is_staggered_by_the_links_place() {
        let version = HarborVersion::new(2, 15, 2);
        let text = |wish, place| {
            schedule_of(wish, 10_000, (place, 2), &version).map(|c| c.text().to_owned()).unwrap_or_default()
        };
        assert_eq!((text(None, 0).as_str(), text(None, 1).as_str()), ("0 */10 * * * *", "0 5/10 * * * *"));
        assert_eq!(text(Some("0 0 * * * *"), 1), "0 30 * * * *");
        assert_eq!(text(Some("*/10 * * * * *"), 0), "");
    }

    #[test]
    fn wish_survives_the_spec_and_drops_what_says_nothing() {
        let scope = serde_json::from_str(r#"{"names":"shop/**"}"#).unwrap();
        let wish = RulesWish {
            cron: Some("  ".into()),
            at_once: true,
            speed_kbps: Some(0),
            copy_by_chunk: true,
            scope,
        };
        let mut spec = ReplicationSpec::default();
        wish.put_into(&mut spec);
        let read = RulesWish::of(&spec);
        assert_eq!(read, RulesWish { cron: None, speed_kbps: None, ..wish });
    }
}
