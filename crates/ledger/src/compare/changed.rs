//! Reading only what can have changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

use futures::TryStreamExt;
use model::{
    drift::{Comparing, Side},
    names::OURS,
};

use super::Comparison;
use crate::{LedgerError, acts::Told, parts, scoped::Claims, seen::Look};

impl Comparison<'_> {
    /// Reads what can have changed since both were last looked at, and gives how many repositories that were. `None`
    /// where that cannot be told. `drifted` says whether that which differs is read again as well.
    pub(super) async fn read_changed(&mut self, drifted: bool) -> Result<Option<usize>, LedgerError> {
        let (both, read_ms) = (self.both, self.both.now_ms());
        let Some(told) = self.harvest().await? else { return Ok(None) };
        let looks = futures::try_join!(self.look(Side::A, &told[0]), self.look(Side::B, &told[1]))?;
        let looks: [Look; 2] = looks.into();
        // Without a log, the times alone show that a database was restored.
        if looks.iter().zip(&told).any(|(look, told)| look.set_back && told.mark.is_none()) {
            return Ok(None);
        }
        let Some((names, others)) = self.changed(&told, &looks, drifted).await? else { return Ok(None) };
        let (count, mut done) = (names.len(), 0);
        let progress = |done| Comparing { done, of: count as u64, ..Comparing::default() };
        (both.told)(progress(0));
        let parts = parts::of_names(names, both.by_project(), both.on());
        let mut reading = pin!(both.read(parts));
        while let Some((began_ms, read)) = reading.try_next().await? {
            self.state.changes += self.judging().judge(&read, began_ms).await?;
            done += read.len() as u64;
            (both.told)(progress(done));
        }
        self.clear(others).await?;
        self.state.marks = told.map(|told| told.mark);
        self.state.tells = Side::BOTH.map(|side| Some(self.tells(side)));
        self.state.seen = looks.map(|look| Some(look.seen));
        self.keep(read_ms).await?;
        Ok(Some(count))
    }

    async fn look(&self, side: Side, told: &Told) -> Result<Look, LedgerError> {
        let Some(seen) = &self.state.seen[side.at()] else { return Ok(Look::default()) };
        let (reader, began_ms) = (&self.both.readers[side.at()], self.both.now_there_ms(side));
        let look = seen.look(reader, self.tells(side), told, began_ms).await;
        look.map_err(|e| self.both.pair.sides[side.at()].fault(e))
    }

    /// The repositories that can have changed: those that a log names, or that a side shows, those that are gone, and
    /// those that differ; and with them those of which nothing is to be kept any more. `None` where two may have come
    /// to land on one name: that is seen when everything is read.
    async fn changed(
        &self,
        told: &[Told; 2],
        looks: &[Look; 2],
        drifted: bool,
    ) -> Result<Option<Changed>, LedgerError> {
        let (both, ledger) = (self.both, self.both.store.ledger());
        let mut names = BTreeSet::new();
        if drifted {
            names.extend(ledger.drifted(&both.pair.id).await?);
        }
        let mut claims = Claims::known(both.store, both.pair).await?;
        for side in Side::BOTH {
            let (told, look) = (&told[side.at()], &looks[side.at()]);
            // The source first: what it has now says where the other's came from.
            for name in told.named.iter().chain(look.changed.keys()) {
                let shown = look.changed.contains_key(name);
                if side == Side::A && shown && !claims.claim(name) {
                    return Ok(None);
                }
                names.extend(claims.known_as(side, name));
            }
            if look.some_gone {
                names.extend(both.gone(side).await?);
            }
        }
        let (names, others): (BTreeSet<_>, BTreeSet<_>) =
            names.into_iter().partition(|name| claims.may_hold(name));
        let mut out = BTreeMap::new();
        // Made for a while: nobody's images.
        for name in names.into_iter().filter(|name| !name.starts_with(OURS)) {
            let known = ledger.known(&both.pair.id, &name).await?.0.unwrap_or_default().artifacts;
            let counts = Side::BOTH.map(|side| {
                let there = both.pair.scope.name_on(side, &name);
                let shown = looks[side.at()].changed.get(&there).copied().unwrap_or(0);
                shown.max(u64::try_from(known[side.at()]).unwrap_or(0))
            });
            out.insert(name, counts);
        }
        Ok(Some((out, others.into_iter().collect())))
    }
}

/// What is to be read, with about how many artifacts each side has; and what is kept no more.
type Changed = (BTreeMap<String, [u64; 2]>, Vec<String>);
