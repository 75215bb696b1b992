//! Reading everything, in the order of the names, so that what was broken off goes on behind the last one.

use std::{
    collections::{BTreeMap, HashSet},
    pin::pin,
    time::Instant,
};

use futures::TryStreamExt;
use harbor::api::projects::Repository;
use model::drift::{Comparing, Holding, Side};

use super::Comparison;
use crate::{
    LedgerError, Seen, UnderWay, parts,
    scoped::{self, Within},
};

/// A reading of everything that was broken off goes on within this time, milliseconds.
const RESUMED_WITHIN_MS: i64 = 6 * 3_600_000;
/// After so many artifacts it is noted how far it is.
const NOTED_EVERY: usize = parts::BATCH as usize;
/// After everything was read, what has changed meanwhile is read so often at most; what then still moves is the next
/// comparison's.
const CLOSING: u32 = 2;

impl Comparison<'_> {
    /// Reads everything, or what is left of it, and then what has changed meanwhile. `told` says that what can have
    /// changed has just been read.
    pub(super) async fn read_everything(&mut self, told: bool) -> Result<(), LedgerError> {
        let (started, read_ms) = (Instant::now(), self.both.now_ms());
        if !told && let Some(told) = self.harvest().await? {
            self.state.marks = told.map(|told| told.mark);
        }
        let times = Side::BOTH.map(|side| self.both.now_there_ms(side));
        let lists: [Vec<Repository>; 2] =
            futures::try_join!(self.both.list(Side::A), self.both.list(Side::B))?.into();
        if !told {
            self.state.seen = Side::BOTH.map(|side| Some(Seen::of(&lists[side.at()], times[side.at()])));
        }
        self.state.tells = Side::BOTH.map(|side| Some(self.tells(side)));
        // Where a side could not tell, what was read before may have changed since.
        let goes_on = |way: &UnderWay| told && read_ms - way.began_ms < RESUMED_WITHIN_MS;
        let begun = UnderWay { began_ms: read_ms, ..UnderWay::default() };
        let way = self.state.under_way.take().filter(goes_on).unwrap_or(begun);
        let spent_before_ms = way.spent_ms;
        let mut noting = Noting { way, spent_before_ms, started, artifacts: 0 };
        self.state.under_way = Some(noting.way.clone());
        self.both.store.ledger().set_state(&self.both.pair.id, &self.state).await?;

        let within = scoped::within(self.both.store, self.both.pair, lists).await?;
        self.state.landing = Some(within.landing.clone()).filter(|_| !self.both.pair.scope.is_everything());
        self.read_lists(within, &mut noting).await?;

        self.state.under_way = None;
        self.state.whole_ms = Some(noting.way.began_ms);
        self.state.whole_took_ms = noting.spent_ms();
        self.keep(read_ms).await?;
        for _ in 0..CLOSING {
            if !self.can_tell() || self.read_changed(false).await?.is_none_or(|read| read == 0) {
                break;
            }
        }
        Ok(())
    }

    async fn read_lists(&mut self, within: Within<'_>, noting: &mut Noting) -> Result<(), LedgerError> {
        let both = self.both;
        let Within { lists, claims, .. } = within;
        let listed: HashSet<String> = lists.iter().flatten().map(|r| r.name.clone()).collect();
        let done = listed.iter().filter(|name| **name <= noting.way.after).count();
        let mut progress = Comparing { done: done as u64, of: listed.len() as u64, ..Comparing::default() };
        (both.told)(progress);
        let lists = lists.map(|mut list| {
            list.retain(|r| r.name > noting.way.after);
            list
        });
        // Whom neither lists any more is looked for by name.
        let gone = both.known(|name, _| !listed.contains(name)).await?;
        drop(listed);
        let (gone, others): (Vec<_>, Vec<_>) = gone.into_iter().partition(|name| claims.may_hold(name));
        let mut reading = pin!(both.read(parts::cut(lists, both.by_project(), both.on())));
        while let Some((began_ms, read)) = reading.try_next().await? {
            self.state.changes += self.judging().judge(&read, began_ms).await?;
            progress.done += read.len() as u64;
            (both.told)(progress);
            if let Some((last, _)) = read.last() {
                noting.way.after.clone_from(last);
                noting.artifacts += read
                    .iter()
                    .map(|(_, [a, b])| a.artifacts().len().max(b.artifacts().len()))
                    .sum::<usize>();
                self.note(noting).await?;
            }
        }
        let gone: BTreeMap<String, [u64; 2]> = gone.into_iter().map(|name| (name, [0; 2])).collect();
        let mut reading = pin!(both.read(parts::of_names(gone, both.by_project(), both.on())));
        while let Some((began_ms, read)) = reading.try_next().await? {
            self.state.changes += self.judging().judge(&read, began_ms).await?;
        }
        self.clear(others).await
    }

    /// Keeps nothing any more of what is not compared.
    pub(super) async fn clear(&mut self, names: Vec<String>) -> Result<(), LedgerError> {
        let read: Vec<_> = names.into_iter().map(|name| (name, <[Holding; 2]>::default())).collect();
        self.state.changes += self.judging().judge(&read, self.both.now_ms()).await?;
        Ok(())
    }

    /// Notes how far it is, from time to time.
    async fn note(&mut self, noting: &mut Noting) -> Result<(), LedgerError> {
        if noting.artifacts < NOTED_EVERY {
            return Ok(());
        }
        noting.artifacts = 0;
        noting.way.spent_ms = noting.spent_ms();
        self.state.under_way = Some(noting.way.clone());
        Ok(self.both.store.ledger().set_state(&self.both.pair.id, &self.state).await?)
    }
}

/// How far a reading of everything is.
struct Noting {
    way: UnderWay,
    /// What it took before it was broken off.
    spent_before_ms: i64,
    started: Instant,
    /// Artifacts that were read since it was noted.
    artifacts: usize,
}

impl Noting {
    fn spent_ms(&self) -> i64 {
        self.spent_before_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}
