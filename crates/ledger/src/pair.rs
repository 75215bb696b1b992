//! A pair, where comparing it stands, and what is kept of a difference.

use harbor::{Harbor, HarborError};
use model::{
    HarborVersion,
    drift::{Accepted, Action, Certainty, Difference, Direction, Kind, Side},
    ids::{NodeId, PairId},
    names::NodeName,
    scope::{Landing, Scope},
};
use serde::{Deserialize, Serialize};
use store::{Store, ledger::NewDrift};

use crate::{
    LedgerError,
    acts::Mark,
    seen::{Seen, Tells},
};

/// A clock that is measured less than this from what it was stands as it did, milliseconds: far below what two audit
/// logs may be apart.
const CLOCK_STEP_MS: i64 = 500;

/// Two Harbors that should hold the same.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Its id.
    pub id: PairId,
    /// Which way images go.
    pub direction: Direction,
    /// What its rules carry, and where it lands on the second side.
    pub scope: Scope,
    /// After how many milliseconds everything is read again; `None` for as the load allows.
    pub whole_every_ms: Option<i64>,
    /// The two.
    pub sides: [PairSide; 2],
}

/// Repositories that are looked up at once among those that are known.
const PAGE: u32 = 500;

impl Pair {
    /// Goes through the repositories that were read before: by their names, with how many artifacts each side had.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn each_known(
        &self,
        store: &Store,
        mut visit: impl FnMut(String, [i64; 2]),
    ) -> Result<(), LedgerError> {
        let mut after = String::new();
        loop {
            let page = store.ledger().repositories(&self.id, &after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            page.into_iter().for_each(|(name, held)| visit(name, held));
        }
    }
}

/// One of the two.
#[derive(Clone, Debug)]
pub struct PairSide {
    /// Its id.
    pub node: NodeId,
    /// Its name.
    pub name: NodeName,
    /// The handle for artifacts.
    pub projects: Harbor,
    /// The handle for the audit log: the same account, but on 2.8.
    pub system: Harbor,
    /// Its version.
    pub version: HarborVersion,
    /// Its clock minus ours, milliseconds.
    pub clock_offset_ms: i64,
    /// The account that the other side writes with here: what it did came by replication.
    pub link_account: Option<String>,
    /// The robot that Breakwater writes with here; `None` where it works as an administrator, who may also be a
    /// person.
    pub console_robot: Option<String>,
}

/// Where comparing a pair stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PairState {
    /// When the last comparison began, UTC milliseconds; `None` before the first.
    pub read_ms: Option<i64>,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// When the last one that read everything began.
    pub whole_ms: Option<i64>,
    /// How long that took.
    pub whole_took_ms: i64,
    /// Tags and untagged artifacts that were compared.
    pub compared: u64,
    /// Those that both sides have, whatever they hold under it.
    #[serde(default)]
    pub copied: u64,
    /// Those that were alike.
    pub equal: u64,
    /// Repositories that were compared.
    pub repositories: u64,
    /// Tags on each side.
    pub held: [u64; 2],
    /// The same before: a side that is suddenly much smaller is nothing to follow.
    pub held_before: [u64; 2],
    /// Grows whenever there are other differences than before.
    pub changes: i64,
    /// The last line of each side's audit log that was taken over.
    pub marks: [Option<Mark>; 2],
    /// What was seen of each side's repositories; `None` before the first comparison.
    pub seen: [Option<Seen>; 2],
    /// How each side tells what has changed; `None` before the first comparison.
    pub tells: [Option<Tells>; 2],
    /// Each side's clock minus ours, milliseconds, as it is reckoned with.
    pub clocks_ms: [Option<i64>; 2],
    /// The reading of everything that has begun and not ended.
    pub under_way: Option<UnderWay>,
    /// When it was seen that a side's database had been restored, UTC milliseconds; until both hold the same again.
    pub restored_ms: [Option<i64>; 2],
    /// When the oldest was pushed of what each side has not got, UTC milliseconds; `None` where it has everything.
    pub behind_ms: [Option<i64>; 2],
    /// What was compared: with another, both sides meet as if for the first time.
    #[serde(skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
    /// What that takes of the repositories there were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<Landing>,
}

/// A reading of everything that goes on where it was broken off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// When it began, UTC milliseconds.
    pub began_ms: i64,
    /// How long it was at work, milliseconds.
    pub spent_ms: i64,
    /// What is up to this repository was compared.
    pub after: String,
}

impl PairState {
    /// The pair with the clocks that are reckoned with. A clock is measured a little otherwise each time: if that were
    /// followed, every difference would seem to be another one each time.
    pub(crate) fn steady(&mut self, pair: &Pair) -> Pair {
        let mut pair = pair.clone();
        for (side, known) in pair.sides.iter_mut().zip(&mut self.clocks_ms) {
            let measured = side.clock_offset_ms;
            let steady = known.filter(|known| (measured - known).abs() < CLOCK_STEP_MS).unwrap_or(measured);
            (side.clock_offset_ms, *known) = (steady, Some(steady));
        }
        pair
    }

    /// Whether the next comparison can read only what has changed, as far as both sides tell that.
    pub fn tells_changes(&self) -> bool {
        self.whole_ms.is_some() && self.tells.iter().all(|t| t.is_some_and(|t| t != Tells::Nothing))
    }

    /// What each side usually holds. A loss that nobody has settled yet does not become usual by being seen again.
    pub(crate) fn usual(&self) -> [u64; 2] {
        let settled = self.compared == self.equal;
        Side::BOTH.map(|side| {
            let (now, before) = (self.held[side.at()], self.held_before[side.at()]);
            if settled || now >= before / 2 { now } else { before }
        })
    }
}

/// What is kept of a difference beside its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The judgement.
    pub difference: Difference,
    /// Bytes of what each side holds, parts of an index included.
    pub bytes: [u64; 2],
    /// When each side's was pushed, UTC milliseconds by the console's clock; 0 where it is not known.
    pub pushed_ms: [i64; 2],
    /// Who pushed it, where the audit log was read when that happened.
    pub by: [Option<String>; 2],
    /// By whom it was accepted, why, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

impl Drift {
    /// Whether it can be healed without asking anybody.
    pub fn heals(&self) -> bool {
        self.accepted.is_none()
            && self.difference.certainty != Certainty::Open
            && !matches!(self.difference.action, Action::Ask | Action::Leave)
    }

    /// What it is about, as one word: a tag, or `@` and a digest.
    pub fn thing(&self) -> String {
        match &self.difference.tag {
            Some(tag) => tag.clone(),
            None => {
                let digest = self.difference.held.into_iter().flatten().next();
                digest.map(|d| format!("@{d}")).unwrap_or_default()
            }
        }
    }

    /// The row that is kept of it.
    pub fn row(&self) -> NewDrift {
        let to_copy = match self.difference.action {
            Action::Copy { to } | Action::Move { to } if self.accepted.is_none() => {
                self.bytes[to.other().at()]
            }
            _ => 0,
        };
        NewDrift {
            thing: self.thing(),
            kind: if self.accepted.is_some() { Kind::Accepted } else { self.difference.kind },
            heals: self.heals(),
            bytes: i64::try_from(to_copy).unwrap_or(i64::MAX),
            body: serde_json::to_value(self).unwrap_or_default(),
        }
    }
}

impl PairSide {
    pub(crate) fn fault(&self, error: HarborError) -> LedgerError {
        LedgerError::Harbor { node: self.name.clone(), error }
    }
}
