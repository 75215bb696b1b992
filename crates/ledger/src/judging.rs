//! Judging repositories that were read, and keeping what came of it.

use std::collections::BTreeMap;

use model::{
    drift::{Acceptance, Difference, Direction, Holding, Kind, Question, Side, judge},
    ids::AcceptanceId,
};
use store::{
    Store,
    ledger::{AcceptanceRow, Compared, NewDrift, Reading},
};

use crate::{
    Drift, LedgerError, Pair,
    acts::{self, Pushers},
    base,
};

/// A repository with what each side holds of it.
pub(crate) type Read = (String, [Holding; 2]);

/// Judges the repositories of a pair.
pub(crate) struct Judging<'a> {
    pub(crate) store: &'a Store,
    pub(crate) pair: &'a Pair,
    /// Whether the pair was compared before.
    pub(crate) history: bool,
    /// When the logs were read, UTC milliseconds.
    pub(crate) heard_ms: i64,
}

impl Judging<'_> {
    /// Judges repositories that were read from `began_ms` on, keeps what came of it, and gives how many of them have
    /// other differences than before.
    ///
    /// # Errors
    /// The database.
    pub(crate) async fn judge(&self, read: &[Read], began_ms: i64) -> Result<i64, LedgerError> {
        let mut kept: Vec<Compared<'_>> = Vec::new();
        for (repository, holdings) in read {
            let (before, bytes) = self.store.ledger().known(&self.pair.id, repository).await?;
            // A base that cannot be read is none: what differs is then asked about.
            let known = bytes.as_deref().and_then(base::decode).unwrap_or_default();
            let [a, b] = &self.pair.sides;
            let there = self.pair.scope.name_on(Side::B, repository);
            let acts =
                [acts::kept(self.store, a, repository).await?, acts::kept(self.store, b, &there).await?];
            let verdict = judge(&Question {
                direction: self.pair.direction,
                history: self.history,
                base: &known,
                sides: [&holdings[0], &holdings[1]],
                acts: [&acts[0], &acts[1]],
                clock_error_ms: CLOCK_ERROR_MS,
                heard_ms: self.heard_ms,
                began_ms: Side::BOTH.map(|side| began_ms + self.pair.sides[side.at()].clock_offset_ms),
            });
            let before = before.unwrap_or_default();
            let mut reading = Reading {
                compared: number(verdict.compared),
                copied: number(verdict.copied),
                equal: number(verdict.equal),
                tags: Side::BOTH.map(|side| number(holdings[side.at()].tags().len() as u64)),
                artifacts: Side::BOTH.map(|side| number(holdings[side.at()].artifacts().len() as u64)),
                behind_ms: [None; 2],
            };
            let base = verdict.base_changed.then(|| base::encode(&verdict.base));
            let differs = !verdict.differences.is_empty();
            let pushers = [acts::pushers(&acts[0]), acts::pushers(&acts[1])];
            let differed = differs || before.differs();
            let stored = match differed {
                true => self.store.ledger().acceptances(&self.pair.id, repository).await?,
                false => Vec::new(),
            };
            let mut acceptances = self.acceptances(&stored);
            let drifts: Vec<NewDrift> = verdict
                .differences
                .into_iter()
                .map(|difference| {
                    let mut drift = self.drift(difference, holdings, &pushers);
                    acceptances.apply(&mut drift);
                    self.note_behind(&drift, &mut reading);
                    drift.row()
                })
                .collect();
            let drifts = differed.then_some(drifts);
            let reading = (reading != before).then_some(reading);
            if base.is_some() || drifts.is_some() || reading.is_some() {
                let over = acceptances.over();
                let accepted = stored.into_iter().map(|row| row.id).collect();
                kept.push(Compared { repository, base, reading, drifts, accepted, over });
            }
        }
        if kept.is_empty() {
            return Ok(0);
        }
        Ok(number(self.store.ledger().keep(&self.pair.id, &kept).await?))
    }

    fn drift(&self, difference: Difference, holdings: &[Holding; 2], pushers: &[Pushers<'_>; 2]) -> Drift {
        let mut drift =
            Drift { difference, bytes: [0; 2], pushed_ms: [0; 2], by: [None, None], accepted: None };
        for side in Side::BOTH {
            let at = side.at();
            let (holding, offset) = (&holdings[at], self.pair.sides[at].clock_offset_ms);
            let Some(digest) = drift.difference.held[at] else { continue };
            let artifact = holding.artifact(&digest);
            drift.bytes[at] = artifact.map_or(0, |a| a.size);
            let tag = drift.difference.tag.as_deref();
            let pushed = tag.and_then(|t| holding.tag(t)).map(|t| t.pushed_ms);
            let pushed = pushed.or(artifact.map(|a| a.pushed_ms)).filter(|ms| *ms > 0);
            drift.pushed_ms[at] = pushed.map_or(0, |ms| ms - offset);
            drift.by[at] = tag.and_then(|t| pushers[at].get(t)).map(|by| (*by).to_owned());
        }
        drift
    }

    fn acceptances<'r>(&self, stored: &'r [AcceptanceRow]) -> Acceptances<'r> {
        let by_thing = stored.iter().map(|row| (row.thing.as_str(), row)).collect();
        Acceptances { by_thing, now_ms: self.store.clock().now_ms() }
    }

    /// A side is behind from the time on at which the oldest was pushed that it has not got.
    fn note_behind(&self, drift: &Drift, reading: &mut Reading) {
        let found = &drift.difference;
        let counts = drift.accepted.is_none();
        if !counts || !matches!(found.kind, Kind::New | Kind::Moved | Kind::NoHistory | Kind::Conflict) {
            return;
        }
        for to in Side::BOTH {
            let (there, here) = (found.held[to.other().at()], found.held[to.at()]);
            let pushed = drift.pushed_ms[to.other().at()];
            let carries = self.pair.direction == Direction::Both || to == Side::B;
            if carries && there.is_some() && there != here && pushed > 0 {
                let oldest = &mut reading.behind_ms[to.at()];
                *oldest = Some(oldest.map_or(pushed, |ms| ms.min(pushed)));
            }
        }
    }
}

/// What of a repository was accepted, by thing; what is left holds no more.
struct Acceptances<'r> {
    by_thing: BTreeMap<&'r str, &'r AcceptanceRow>,
    now_ms: i64,
}

impl Acceptances<'_> {
    /// Marks a difference that is accepted.
    fn apply(&mut self, drift: &mut Drift) {
        if self.by_thing.is_empty() {
            return;
        }
        let thing = drift.thing();
        let Some(row) = self.by_thing.get(thing.as_str()) else { return };
        // One that cannot be read is none: the difference counts.
        let Ok(acceptance) = row.body_as::<Acceptance>() else { return };
        if acceptance.holds(&drift.difference, self.now_ms) {
            self.by_thing.remove(thing.as_str());
            drift.accepted = Some(acceptance.accepted);
        }
    }

    /// Those that none of the differences bears out.
    fn over(&self) -> Vec<AcceptanceId> {
        self.by_thing.values().map(|row| row.id.clone()).collect()
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// How far the times of two audit logs may be apart and still be the same moment: each side's clock is known to
/// about a second, and Harbor writes its log after the fact.
pub const CLOCK_ERROR_MS: i64 = 3_000;
