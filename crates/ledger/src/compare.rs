//! Comparing a pair: what can have changed is read, and everything once in a while.

mod both;
mod changed;
mod whole;

use both::Both;
use harbor::api::artifacts::With;
use model::drift::{Comparing, Side};
use store::Store;
use tokio::sync::Semaphore;

use crate::{
    LedgerError, Pair, PairState, Tells,
    acts::{self, Harvest, Told},
    judging::Judging,
    scan::Reader,
};

/// Requests that run at once on one Harbor: more only lengthen each (scan-costs.md section 2).
const AT_ONCE: usize = 4;
/// Unless the team set a period, everything is read again after so many times the time that reading it took: that costs
/// a Harbor three percent of its time.
const REST: i64 = 30;
/// And never sooner, milliseconds: it finds what no time and no log tells, such as what garbage collection removed
/// before 2.15.2, or what was done while a kind of event was not logged.
const WHOLE_SOONEST_MS: i64 = 15 * 60_000;

/// How much of a pair is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What can have changed; everything where that is due.
    Due,
    /// What can have changed, also where everything is due: a side was away, and what happened meanwhile comes first.
    Changed,
    /// Everything.
    Whole,
}

/// Compares what both sides hold, and keeps what came of it. Everything is read at first, where a side does not tell
/// what has changed, where it is due, and where `depth` says so; a reading of everything that was broken off goes on
/// where it was.
///
/// # Errors
/// The first request that fails, or the database. What was compared until then is kept; what has changed is read
/// again by the next comparison.
pub async fn compare_pair(
    store: &Store,
    pair: &Pair,
    depth: Depth,
    told: &(dyn Fn(Comparing) + Send + Sync),
) -> Result<PairState, LedgerError> {
    let before: PairState = store.ledger().pair(&pair.id).await?.state_as()?;
    let before = if before.scope == pair.scope { before } else { begun_anew(store, pair, before).await? };
    let gates = [Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE)];
    let readers = Side::BOTH.map(|side| {
        // Labels do not cross: only the source's say what is carried.
        let labels = pair.scope.labels.as_ref().filter(|_| side == Side::A);
        let with = With { tags: true, accessories: true, labels: labels.is_some() };
        Reader { harbor: &pair.sides[side.at()].projects, gate: &gates[side.at()], with, labels }
    });
    let mut state = PairState { held_before: before.usual(), ..before };
    let pair = &state.steady(pair);
    let changes = state.changes;
    let both = Both { store, pair, told, readers };
    let mut comparison =
        Comparison { both: &both, history: state.read_ms.is_some(), heard_ms: both.now_ms(), state };
    let done = comparison.read(depth).await;
    if done.is_err() && comparison.state.changes > changes {
        // Other differences were kept than those that a plan was made of.
        let stored: PairState = store.ledger().pair(&pair.id).await?.state_as()?;
        let state = PairState { changes: comparison.state.changes, ..stored };
        store.ledger().set_state(&pair.id, &state).await?;
    }
    done.map(|()| comparison.state)
}

/// What is left of a state when something else is to be compared: what both held alike was under other names, or was
/// not looked at.
async fn begun_anew(store: &Store, pair: &Pair, before: PairState) -> Result<PairState, LedgerError> {
    store.ledger().forget_bases(&pair.id).await?;
    let PairState { changes, marks, clocks_ms, restored_ms, .. } = before;
    Ok(PairState {
        changes,
        marks,
        clocks_ms,
        restored_ms,
        scope: pair.scope.clone(),
        ..PairState::default()
    })
}

/// A comparison under way.
struct Comparison<'a> {
    both: &'a Both<'a>,
    /// Whether the pair was compared before this comparison.
    history: bool,
    /// When the logs were read last, UTC milliseconds.
    heard_ms: i64,
    state: PairState,
}

impl<'a> Comparison<'a> {
    async fn read(&mut self, depth: Depth) -> Result<(), LedgerError> {
        let told = self.can_tell() && self.read_changed(true).await?.is_some();
        if !told || depth == Depth::Whole || depth == Depth::Due && self.is_due() {
            self.read_everything(told).await?;
        }
        Ok(())
    }

    /// Whether it is time to read everything again.
    fn is_due(&self) -> bool {
        let as_load_allows = (self.state.whole_took_ms * REST).max(WHOLE_SOONEST_MS);
        let rest_ms = self.both.pair.whole_every_ms.unwrap_or(as_load_allows);
        self.state.whole_ms.is_none_or(|at| self.both.now_ms() - at >= rest_ms)
    }

    fn tells(&self, side: Side) -> Tells {
        Tells::of(&self.both.pair.sides[side.at()].version, self.state.marks[side.at()].is_some())
    }

    /// Whether both sides tell what has changed since they were last looked at.
    fn can_tell(&self) -> bool {
        let began = self.state.whole_ms.is_some() || self.state.under_way.is_some();
        let tells = |side: Side| {
            let tells = self.tells(side);
            // Another version counts otherwise.
            let as_before = self.state.tells[side.at()] == Some(tells);
            self.state.seen[side.at()].is_some() && as_before && tells != Tells::Nothing
        };
        // Whose the images at a place are where two land, only both together tell.
        let apart = self.state.landing.as_ref().is_none_or(|landing| landing.clashes.is_empty());
        began && apart && Side::BOTH.into_iter().all(tells)
    }

    fn judging(&self) -> Judging<'a> {
        Judging {
            store: self.both.store,
            pair: self.both.pair,
            history: self.history,
            heard_ms: self.heard_ms,
        }
    }

    /// What the logs tell. Before the images: an act that is told later than it shows is read again next time, the
    /// other way round not. `None` where a side's database was restored: what both were known to hold alike says
    /// nothing any more, base and acts are forgotten, and the two meet as if for the first time.
    async fn harvest(&mut self) -> Result<Option<[Told; 2]>, LedgerError> {
        let (store, [a, b], [mark_a, mark_b]) = (self.both.store, &self.both.pair.sides, self.state.marks);
        self.heard_ms = self.both.now_ms();
        let (log_a, log_b) =
            futures::try_join!(acts::harvest(store, a, mark_a), acts::harvest(store, b, mark_b))?;
        let mut told = <[Told; 2]>::default();
        let mut restored = self.state.restored_ms;
        let mut void = false;
        for (at, log) in [log_a, log_b].into_iter().enumerate() {
            match log {
                Harvest::UpTo(up_to) => told[at] = up_to,
                Harvest::Restored => {
                    let side = &self.both.pair.sides[at];
                    store.ledger().forget_acts(&side.node).await?;
                    (void, restored[at]) = (true, Some(self.both.now_ms()));
                    told[at].mark = acts::newest(side).await?;
                }
            }
        }
        if !void {
            return Ok(Some(told));
        }
        store.ledger().forget_bases(&self.both.pair.id).await?;
        let marks = told.map(|told| told.mark);
        let PairState { changes, clocks_ms, .. } = self.state;
        self.history = false;
        let scope = self.both.pair.scope.clone();
        self.state =
            PairState { changes, clocks_ms, restored_ms: restored, marks, scope, ..PairState::default() };
        Ok(None)
    }

    /// How many differences a person accepted: both hold the same but for those.
    async fn accepted(&self) -> Result<u64, LedgerError> {
        let totals = self.both.store.ledger().drift_totals(&self.both.pair.id).await?;
        let accepted: i64 = totals.iter().filter(|t| !t.kind.counts()).map(|t| t.count).sum();
        Ok(u64::try_from(accepted).unwrap_or(0))
    }

    /// Keeps the figures of all repositories, whichever were read, and where comparing stands.
    async fn keep(&mut self, read_ms: i64) -> Result<(), LedgerError> {
        if self.state.whole_ms.is_some() {
            let sums = self.both.store.ledger().sums(&self.both.pair.id).await?;
            let count = |n: i64| u64::try_from(n).unwrap_or(0);
            let state = &mut self.state;
            state.read_ms = Some(read_ms);
            (state.compared, state.equal) = (count(sums.all.compared), count(sums.all.equal));
            state.copied = count(sums.all.copied);
            (state.repositories, state.held) = (count(sums.repositories), sums.all.tags.map(count));
            state.behind_ms = sums.all.behind_ms;
            let left = state.compared.saturating_sub(state.equal);
            if state.restored_ms != [None; 2] && left == self.accepted().await? {
                self.state.restored_ms = [None; 2];
            }
        }
        self.state.ended_ms = Some(self.both.now_ms());
        Ok(self.both.store.ledger().set_state(&self.both.pair.id, &self.state).await?)
    }
}
