//! What Apply will do, before it does it.

use serde::{Deserialize, Serialize};

use crate::{
    Link, Say,
    heal::{Decision, HealItem},
    ids::{LeftoverId, PairId},
    names::NodeName,
    scope::Scope,
};

/// Everything that Apply will do, frozen when it was made. The same value is shown, stored and carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    /// In the order they are carried out.
    pub steps: Vec<PlannedStep>,
    /// What each link's rule will be and why.
    pub rules: Vec<PlannedRule>,
    /// What must be copied at first, per link.
    pub first_copy: Vec<FirstCopySize>,
    /// What will *not* cross with these rules, and other things to know.
    pub notes: Vec<Say>,
    /// When it was made, UTC milliseconds.
    pub made_ms: i64,
}

/// One step: looks first, then makes what is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedStep {
    /// Unique in the plan and stable: `robot:beijing:shanghai`.
    pub key: String,
    /// The Harbor it changes.
    pub node: NodeName,
    /// What it makes: "Robot for what shanghai sends".
    pub title: Say,
    /// The calls that may change something, in order; looking is not listed.
    pub calls: Vec<PlannedCall>,
    /// What exists already and will be adopted instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopts: Option<Say>,
    /// What the step needs to know, for the service alone; never a secret.
    pub what: StepWhat,
}

/// The kinds of step of a run, with what each needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum StepWhat {
    /// A console robot on `node` with the least rights.
    ConsoleRobot,
    /// The robot on the link's destination that the source signs in with.
    LinkRobot {
        /// The link.
        link: Link,
    },
    /// The endpoint on the link's source that points at its destination.
    Endpoint {
        /// The link.
        link: Link,
        /// Harbor's name for it.
        name: String,
    },
    /// The replication policy on the link's source, made disabled.
    Rule {
        /// The link.
        link: Link,
        /// Which rule.
        rule: Box<PlannedRule>,
    },
    /// A tiny image pushed to the link's source arrives at its destination by a narrow temporary rule.
    Proof {
        /// The link.
        link: Link,
        /// Part of the temporary objects' names.
        tag: String,
    },
    /// A tiny image pushed through one node of a shared storage is pulled through every other.
    SharedProof {
        /// Where it is pushed.
        node: NodeName,
        /// Part of the temporary objects' names.
        tag: String,
    },
    /// A tiny image on every node is pulled through the entry.
    EntryProof {
        /// Part of the temporary objects' names.
        tag: String,
    },
    /// The rule is switched on.
    Enable {
        /// The link.
        link: Link,
        /// Harbor's name of the rule.
        name: String,
    },
    /// The cluster is kept in the console and watched from then on; changes no Harbor.
    Keep,
    /// The changed cluster is kept in place of what it was; changes no Harbor.
    KeepChange,
    /// Something that Breakwater made for a link that is no more, or for itself, is removed.
    Remove {
        /// What it is.
        part: RemovedPart,
        /// Harbor's name for it, a robot's without the prefix.
        name: String,
        /// The link it served; `None` for the console's own robot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<Link>,
    },
    /// The console forgets the accounts of a node that is no longer in the cluster; changes no Harbor.
    Forget,
    /// The console forgets the cluster; changes no Harbor.
    ForgetCluster,
    /// The rule is started once, by hand.
    Start {
        /// The link.
        link: Link,
        /// Harbor's name of the rule.
        name: String,
    },
    /// The robot of a link gets a new secret. The step that tells its endpoint follows at once.
    NewSecret {
        /// The link.
        link: Link,
    },
    /// An endpoint gets another name.
    RenameEndpoint {
        /// Harbor's id of it.
        endpoint: i64,
        /// Its name before.
        from: String,
        /// Its new name.
        to: String,
    },
    /// A rule is switched off.
    SwitchOff {
        /// Harbor's name of the rule.
        name: String,
    },
    /// A rule is switched off and on again, so that Harbor schedules it anew.
    Reschedule {
        /// Harbor's name of the rule.
        name: String,
    },
    /// An execution is stopped.
    StopExecution {
        /// Harbor's id of it.
        execution: i64,
    },
    /// A paused queue of the job service goes on.
    ResumeQueue {
        /// Harbor's word for it.
        queue: String,
    },
    /// One of the temporary objects that the probes of a shared storage stand on.
    Bench {
        /// Which.
        part: BenchPart,
        /// Part of the temporary objects' names.
        tag: String,
    },
    /// A writing probe asks its question.
    Ask {
        /// The finding's id.
        finding: String,
        /// Part of the temporary objects' names.
        tag: String,
    },
    /// The rules of a link are switched off while a heal is at work, and their unfinished executions are stopped: a
    /// late copy of theirs would undo what the heal does.
    Fence {
        /// The link.
        link: Link,
    },
    /// The robot with which a link's source writes to its destination is disabled: the source was away, and what it
    /// still has under way would undo what was done since.
    FenceLink {
        /// The pair.
        pair: PairId,
        /// The link.
        link: Link,
    },
    /// The node is put into Harbor's read-only mode, so that the other side can become equal to it for a switch-over.
    ReadOnly {
        /// The pair.
        pair: PairId,
    },
    /// What is held is let go, because a person wants it so.
    Release {
        /// What.
        fences: Vec<LeftoverId>,
    },
    /// Everything that is missing is copied over a link by one run of a temporary rule with the filters of the cluster's:
    /// what a step that follows would copy is then there already.
    CarryAll {
        /// The link.
        link: Link,
        /// Part of the temporary rule's name, the same for all steps of the run.
        tag: String,
    },
    /// Tags are copied over a link by a narrow temporary rule.
    Carry {
        /// The link.
        link: Link,
        /// Part of the temporary rule's name, the same for all steps of the run.
        tag: String,
        /// Copy over what is there: the tags stand for something else.
        r#override: bool,
        /// For how many days what is copied over is kept; 0 for not at all.
        #[serde(default)]
        keep_days: u16,
        /// What.
        items: Vec<HealItem>,
    },
    /// Tags and artifacts are deleted on `node`, where they are still what was read.
    DeleteThere {
        /// For how many days what is deleted is kept; 0 for not at all.
        #[serde(default)]
        keep_days: u16,
        /// What.
        items: Vec<HealItem>,
    },
    /// A tag that a heal moved or deleted stands again for what it stood for, because a person wants it so.
    PutBack {
        /// The pair.
        pair: PairId,
        /// The tag, and what it shall stand for in `from`.
        item: HealItem,
        /// For how many days what it stands for now is kept; 0 for not at all.
        keep_days: u16,
    },
    /// The temporary rule goes, and the rules that the fence has switched off are switched on again.
    LiftFence {
        /// The link.
        link: Link,
        /// Part of the temporary rule's name.
        tag: String,
    },
    /// The pair is compared again; changes no Harbor.
    CompareAgain {
        /// The pair.
        pair: PairId,
        /// How many differences there were when the heal was planned.
        before: u64,
        /// What a person decided: what people did to it before is settled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decided: Option<Decision>,
    },
    /// What the probes stood on is removed.
    Clean {
        /// Part of the temporary objects' names.
        tag: String,
    },
}

impl StepWhat {
    /// The tags that a step of a heal carries or deletes.
    pub fn items(&self) -> &[HealItem] {
        match self {
            Self::Carry { items, .. } | Self::DeleteThere { items, .. } => items,
            Self::PutBack { item, .. } => std::slice::from_ref(item),
            _ => &[],
        }
    }
}

/// What is removed when a node leaves a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RemovedPart {
    /// A rule on the link's source.
    Rule,
    /// The endpoint on the link's source.
    Endpoint,
    /// The robot on the link's destination.
    LinkRobot,
    /// The console's own robot.
    ConsoleRobot,
}

/// What the probes of a shared storage stand on, in the order it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BenchPart {
    /// A private project.
    Project,
    /// A robot that may pull and push in it.
    Robot,
    /// A tiny image.
    Image,
    /// An endpoint that points at the first node with that robot.
    Endpoint,
    /// A rule that copies the project onto itself.
    Rule,
}

/// One HTTP call that a step may make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedCall {
    /// `POST`, `PUT`, `DELETE`.
    pub method: String,
    /// The Harbor it goes to, where that is not the step's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
    /// Path below the node's address.
    pub path: String,
    /// JSON body with secrets as `•••`; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
}

/// A replication policy as it will be, with Harbor's field names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedRule {
    /// Harbor's name of the policy.
    pub name: String,
    /// The link it serves.
    pub link: Link,
    /// Six fields for a scheduled rule; `None` for an event rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// The schedule in words.
    pub schedule: Say,
    /// Whether it overwrites a tag that differs at the destination.
    pub r#override: bool,
    /// Whether deletions at the source delete at the destination; always off in our rules.
    pub deletion: bool,
    /// Kilobits per second per task; -1 is unlimited.
    pub speed: i32,
    /// Copy blobs in pieces.
    #[serde(default)]
    pub copy_by_chunk: bool,
    /// Skip a run while one is active, where the version knows it (2.14 on).
    pub single_active_replication: bool,
    /// Which images, and where they land.
    #[serde(default, skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
    /// Why each value is what it is, in the order they are shown.
    pub reasons: Vec<Reason>,
}

/// One value with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reason {
    /// The field.
    #[serde(default)]
    pub about: RuleField,
    /// Harbor's label of the field: "Trigger".
    pub field: Say,
    /// The value: "every 10 minutes".
    pub value: Say,
    /// Why.
    pub why: Say,
}

/// A field of a rule, in the order of Harbor's own form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RuleField {
    /// Push or pull.
    #[default]
    Mode,
    /// What is copied.
    Filter,
    /// Where it lands.
    Namespace,
    /// What starts it.
    Trigger,
    /// Whether it deletes.
    Deletion,
    /// Whether it overwrites.
    Override,
    /// How fast.
    Bandwidth,
    /// Whether blobs are copied in pieces.
    CopyByChunk,
    /// Whether executions may overlap.
    SingleActive,
}

/// What a link must copy at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstCopySize {
    /// The link.
    pub link: Link,
    /// Artifacts the source has.
    pub artifacts: u64,
    /// Artifacts the destination has not got.
    pub missing: u64,
    /// Their size in bytes, as the source states it (shared layers counted for each).
    pub bytes: u64,
    /// Tags that stand for another digest at the destination.
    pub differing: u64,
}

/// Seconds that Harbor needs per artifact of a run even when nothing differs (scan-costs.md section 7).
pub const RUN_SECONDS_PER_ARTIFACT: f64 = 0.027;

/// The shortest period in minutes whose runs do not overlap, with the same again as headroom, for an inventory
/// of `artifacts`: from 10 minutes for a small registry up to a day.
pub fn period_minutes(artifacts: u64) -> u32 {
    const STEPS: [u32; 9] = [10, 15, 20, 30, 60, 120, 240, 480, 720];
    let needed = artifacts as f64 * RUN_SECONDS_PER_ARTIFACT / 60.0 * 2.0;
    STEPS.into_iter().find(|m| f64::from(*m) >= needed).unwrap_or(1440)
}

/// Harbor's cron for every `minutes` (one of the steps of [`period_minutes`]), begun `offset` minutes later.
pub fn cron_every(minutes: u32, offset: u32) -> String {
    if minutes < 60 {
        let first = offset % minutes;
        if first == 0 { format!("0 */{minutes} * * * *") } else { format!("0 {first}/{minutes} * * * *") }
    } else {
        let hours = minutes / 60;
        let minute = offset % 60;
        match hours {
            1 => format!("0 {minute} * * * *"),
            24.. => format!("0 {minute} {} * * *", offset / 60 % 24),
            h => match offset / 60 % h {
                0 => format!("0 {minute} */{h} * * *"),
                first => format!("0 {minute} {first}/{h} * * *"),
            },
        }
    }
}

/// How many minutes after the first link's the schedule of the link at `place` runs, so that they do not meet.
pub fn stagger(period_minutes: u32, place: usize, links: usize) -> u32 {
    let links = u32::try_from(links.max(1)).unwrap_or(1);
    period_minutes * u32::try_from(place).unwrap_or(0) / links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn period_grows_with_the_inventory() {
        assert_eq!(period_minutes(0), 10);
        assert_eq!(period_minutes(10_482), 10);
        // 45 minutes a run: two hours leave headroom.
        assert_eq!(period_minutes(100_000), 120);
        assert_eq!(period_minutes(5_000_000), 1440);
    }

    #[test]
    fn cron_every_staggers_the_second_side() {
        assert_eq!(cron_every(10, 0), "0 */10 * * * *");
        assert_eq!(cron_every(10, 5), "0 5/10 * * * *");
        assert_eq!(cron_every(60, 30), "0 30 * * * *");
        assert_eq!(cron_every(120, 60), "0 0 1/2 * * *");
        assert_eq!(cron_every(1440, 720), "0 0 12 * * *");
    }
}
