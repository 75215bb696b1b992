//! Healing: what is carried from one side of a pair to the other, frozen before it begins.

use serde::{Deserialize, Serialize};

use crate::{
    AppError, Digest, Link, Say,
    drift::{Kind, Side},
    ids::{LeftoverId, PairId, PlanId, RunId},
    names::{NodeName, project_of},
    plan::PlannedStep,
    say,
};

/// One tag that a heal carries, with what was read when the plan was made: what has changed since is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealItem {
    /// `project/repository`.
    pub repository: String,
    /// The tag; `None` for an untagged artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What the other side holds, where something is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Digest>,
    /// What is there, where something is overwritten or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Digest>,
    /// What the repository is called where something is written, where it lands under another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lands_on: Option<String>,
    /// Delete the artifact too, once no tag stands for it: that is what was done on the other side.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// It is left as it is where what it replaces cannot be kept: nobody looked at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_keep: bool,
}

impl HealItem {
    /// What the repository is called where something is written.
    pub fn written_to(&self) -> &str {
        self.lands_on.as_deref().unwrap_or(&self.repository)
    }

    /// The project where something is written, and the repository's name in it.
    pub fn place(&self) -> (&str, &str) {
        let name = self.written_to();
        name.split_once('/').unwrap_or((name, ""))
    }

    /// As people write it: `shop/cart:v1`.
    pub fn name(&self) -> String {
        match (&self.tag, self.there.or(self.from)) {
            (Some(tag), _) => format!("{}:{tag}", self.repository),
            (None, Some(digest)) => format!("{}@{}", self.repository, digest.short()),
            (None, None) => self.repository.clone(),
        }
    }
}

/// What Breakwater heals by itself in a cluster. Conflicts ask, unless the newest wins, and what was never on both sides is a first copy,
/// which a person starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HealPolicy {
    /// Nothing is compared by itself either.
    Off,
    /// Compared and shown; a person heals.
    #[default]
    Propose,
    /// Copies what is missing.
    Copies,
    /// Copies, moves, and deletes what a person's act proves.
    All,
}

impl HealPolicy {
    /// All, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Off, Self::Propose, Self::Copies, Self::All];

    /// The stable word in JSON and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Propose => "propose",
            Self::Copies => "copies",
            Self::All => "all",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == word)
    }

    /// Whether anything is healed without a person.
    pub fn acts(self) -> bool {
        matches!(self, Self::Copies | Self::All)
    }
}

/// How the heals of a cluster work, by a person's hand or by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HealSettings {
    /// For how many days what a heal replaces or deletes can be restored; 0 for not at all, at most
    /// [`HealSettings::MOST_DAYS`].
    pub keep_days: u16,
    /// After how many seconds a node that is away may not write to the other side before the two were compared, where
    /// something is healed by itself; 0 for never, at most [`HealSettings::MOST_SECONDS`].
    pub fence_after_s: u32,
    /// Of two pushes of people under one tag, the later one is kept by itself, where all is healed by itself.
    pub newest_wins: bool,
    /// The share of what both sides hold that is really pulled and hashed each day, in percent; 0 for none. A pull counts
    /// as one at Harbor: retention that keeps what was pulled lately sees it.
    pub verify_percent: u8,
    /// After how many hours everything is read again, not only what can have changed; 0 for as the load allows, at most
    /// [`HealSettings::MOST_HOURS`]. Where a side does not tell what has changed, everything is read each time.
    pub whole_hours: u16,
}

impl Default for HealSettings {
    fn default() -> Self {
        Self { keep_days: 7, fence_after_s: 60, newest_wins: false, verify_percent: 0, whole_hours: 0 }
    }
}

impl HealSettings {
    /// Longest time, in days: what is kept takes up storage.
    pub const MOST_DAYS: u16 = 365;

    /// Longest absence without a fence, in seconds: a day.
    pub const MOST_SECONDS: u32 = 86_400;

    /// Longest time between two readings of everything, in hours: 30 days.
    pub const MOST_HOURS: u16 = 720;

    /// After how many milliseconds everything is read again; `None` for as the load allows.
    pub fn whole_every_ms(&self) -> Option<i64> {
        (self.whole_hours > 0).then(|| i64::from(self.whole_hours) * 3_600_000)
    }

    /// Whether the newest wins by itself: it must be chosen, moves must be healed, and what loses must be kept.
    pub fn keeps_newest(&self, policy: HealPolicy) -> bool {
        self.newest_wins && self.keep_days > 0 && policy == HealPolicy::All
    }

    /// Judges what a person chose.
    ///
    /// # Errors
    /// `heal.settings` for a time that is too long, or more than all of it.
    pub fn judged(self) -> Result<Self, AppError> {
        let (days, seconds, hours) = (Self::MOST_DAYS, Self::MOST_SECONDS, Self::MOST_HOURS);
        let shorter = say!("Choose a shorter time.", "请选择更短的时间。");
        let (cause, next, field) = if self.keep_days > days {
            (say!("It can be kept for {days} days at most.", "最多可保留 {days} 天。"), shorter, "keep_days")
        } else if self.fence_after_s > seconds {
            (say!("It can be {seconds} seconds at most.", "最多为 {seconds} 秒。"), shorter, "fence_after_s")
        } else if self.whole_hours > hours {
            (say!("It can be {hours} hours at most.", "最多为 {hours} 小时。"), shorter, "whole_hours")
        } else if self.verify_percent > 100 {
            let smaller = say!("Choose a smaller share.", "请选择更小的比例。");
            (say!("It can be 100 percent at most.", "最多为 100%。"), smaller, "verify_percent")
        } else {
            return Ok(self);
        };
        Err(AppError::new("heal.settings", 422, cause, next).at(field))
    }
}

/// Something that a heal replaced or deleted, and that is kept for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptView {
    /// Its id.
    pub id: LeftoverId,
    /// Where it is kept.
    pub node: NodeName,
    /// `project/repository`.
    pub repository: String,
    /// The tag that stood for it; `None` for an untagged artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What it stood for.
    pub digest: Digest,
    /// The tag that keeps it.
    pub kept_as: String,
    /// Until when, UTC milliseconds.
    pub until_ms: i64,
    /// It is not kept any more.
    pub gone: bool,
}

/// Something that is held and that no run is about to let go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FenceView {
    /// Its id.
    pub id: LeftoverId,
    /// Where.
    pub node: NodeName,
    /// Harbor's name of the rule that is off, or of the robot that is disabled; the node's own where that takes no pushes.
    pub name: String,
    /// What it is.
    pub what: FenceWhat,
    /// Since when for sure, UTC milliseconds.
    pub since_ms: i64,
    /// The run that holds it.
    pub run: RunId,
    /// Who wants it left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_by: Option<String>,
}

impl FenceView {
    /// Whether a link copies nothing because of it: its rule stands at the source, its robot at the destination, and a
    /// node in read-only mode takes nothing.
    pub fn holds(&self, link: &Link) -> bool {
        let end = match self.what {
            FenceWhat::Rule => &link.source,
            FenceWhat::Robot | FenceWhat::ReadOnly => &link.destination,
        };
        self.kept_by.is_none() && self.node == *end
    }
}

/// What is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FenceWhat {
    /// A rule is off: a heal that did not end holds it.
    Rule,
    /// A robot is disabled: its node was away.
    Robot,
    /// The node itself is in Harbor's read-only mode, for a switch-over to the other.
    ReadOnly,
}

/// Which differences a heal shall carry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct HealChoice {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// What is searched for, as in [`crate::drift::DriftQuery`].
    pub text: String,
    /// Of this project only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Of this repository only, as `project/repository`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Only these; all that fit where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Picked>,
    /// Only what is copied: nothing is moved or deleted.
    pub copies_only: bool,
    /// Without a person: what was never on both sides is left.
    pub unattended: bool,
    /// Of conflicts of two pushes whose order is known, the newer is kept; the others ask.
    pub newest_wins: bool,
    /// Only what this heal was to carry and did not, where it is still the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_of: Option<RunId>,
    /// Only this one, as a person decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

impl HealChoice {
    /// Whether a difference is among those that were picked, by its project, its repository or itself.
    pub fn picks(&self, repository: &str, thing: &str) -> bool {
        let project = project_of(repository);
        self.project.as_deref().is_none_or(|wanted| wanted == project)
            && self.repository.as_deref().is_none_or(|wanted| wanted == repository)
            && (self.only.is_empty()
                || self.only.iter().any(|one| one.repository == repository && one.thing == thing))
    }
}

/// One difference that a person picked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Picked {
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
}

/// What a person decided about a difference that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
    /// What this side holds is right, and goes to the other; neither's where it shall be on no side.
    pub keep: Keep,
}

/// Whose a person keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The first side's; also where both hold the same.
    A,
    /// The second side's.
    B,
    /// Nothing: it is deleted where it is.
    Neither,
}

impl Keep {
    /// That side's.
    pub fn of(side: Side) -> Self {
        match side {
            Side::A => Self::A,
            Side::B => Self::B,
        }
    }

    /// The side; `None` where nothing is kept.
    pub fn side(self) -> Option<Side> {
        match self {
            Self::A => Some(Side::A),
            Self::B => Some(Side::B),
            Self::Neither => None,
        }
    }
}

/// What a heal was to carry and did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftByHeal {
    /// The pair.
    pub pair: PairId,
    /// How many tags and artifacts.
    pub count: u64,
}

/// What a heal will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealPlan {
    /// Its id: what is carried out is this plan and no other.
    pub id: PlanId,
    /// The pair.
    pub pair: PairId,
    /// The pair's `changes` when it was made: other differences make it stale.
    pub changes: i64,
    /// Tags that are copied.
    pub copies: u64,
    /// Tags that are moved.
    pub moves: u64,
    /// Tags and artifacts that are deleted.
    pub deletes: u64,
    /// Bytes that are copied; shared layers are counted for each.
    pub bytes: u64,
    /// Differences that a side's own settings refuse; they are left.
    #[serde(default)]
    pub refused: u64,
    /// In the order they are carried out.
    pub steps: Vec<PlannedStep>,
    /// What is left out and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Say>,
    /// When it was made, UTC milliseconds.
    pub made_ms: i64,
}
