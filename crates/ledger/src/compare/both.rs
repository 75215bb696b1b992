//! Both sides of a pair, to be read.

use std::collections::HashSet;

use futures::{Stream, StreamExt, stream};
use harbor::api::projects::Repository;
use model::{
    drift::{Comparing, Side},
    names::OURS,
};
use store::Store;

use crate::{
    LedgerError, Pair,
    judging::Read,
    parts::Part,
    scan::{Held, Reader},
    scoped,
};

/// Parts that are read before they are judged: bounds what is in memory.
const AHEAD: usize = 3;

/// A pair with what it takes to read it.
pub(super) struct Both<'a> {
    pub(super) store: &'a Store,
    pub(super) pair: &'a Pair,
    pub(super) told: &'a (dyn Fn(Comparing) + Send + Sync),
    pub(super) readers: [Reader<'a>; 2],
}

impl Both<'_> {
    pub(super) fn now_ms(&self) -> i64 {
        self.store.clock().now_ms()
    }

    /// Now, by a side's clock.
    pub(super) fn now_there_ms(&self, side: Side) -> i64 {
        self.now_ms() + self.pair.sides[side.at()].clock_offset_ms
    }

    /// Whether both list the artifacts of a whole project at once.
    pub(super) fn by_project(&self) -> bool {
        self.pair.sides.iter().all(|side| side.version.has_project_artifact_list())
    }

    /// What a repository is called on a side.
    pub(super) fn on(&self) -> impl Fn(usize, &str) -> String + '_ {
        |side, name| self.pair.scope.name_on(if side == Side::A.at() { Side::A } else { Side::B }, name)
    }

    /// All repositories of a side.
    pub(super) async fn list(&self, side: Side) -> Result<Vec<Repository>, LedgerError> {
        let list = self.readers[side.at()].repositories().await;
        let mut list = list.map_err(|e| self.pair.sides[side.at()].fault(e))?;
        // Made for a while: nobody's images.
        list.retain(|r| !r.name.starts_with(OURS));
        Ok(list)
    }

    /// The repositories of which a side had something, and that it does not list any more.
    pub(super) async fn gone(&self, side: Side) -> Result<Vec<String>, LedgerError> {
        let listed: HashSet<String> = self.list(side).await?.into_iter().map(|r| r.name).collect();
        let here = |name: &str| listed.contains(&self.pair.scope.name_on(side, name));
        self.known(|name, artifacts| artifacts[side.at()] > 0 && !here(name)).await
    }

    /// The repositories that were read before and that fit, told their names and how many artifacts each side had.
    pub(super) async fn known(
        &self,
        fits: impl Fn(&str, [i64; 2]) -> bool,
    ) -> Result<Vec<String>, LedgerError> {
        let mut out = Vec::new();
        self.pair.each_known(self.store, |name, held| out.extend(fits(&name, held).then_some(name))).await?;
        Ok(out)
    }

    /// Parts as they were read, in their order, each with the time at which reading it began.
    pub(super) fn read(
        &self,
        parts: Vec<Part<2>>,
    ) -> impl Stream<Item = Result<(i64, Vec<Read>), LedgerError>> + Send {
        stream::iter(parts).map(|part| self.read_part(part)).buffered(AHEAD)
    }

    async fn read_part(&self, part: Part<2>) -> Result<(i64, Vec<Read>), LedgerError> {
        // What was done before is in what is read: it is not done again since.
        let began_ms = self.now_ms();
        let (here, there) = futures::try_join!(self.read_side(&part, 0), self.read_side(&part, 1))?;
        let both = here.into_iter().zip(there).map(|(a, b)| scoped::carried(&self.pair.scope, [a, b]));
        Ok((began_ms, both.collect()))
    }

    async fn read_side(&self, part: &Part<2>, at: usize) -> Result<Vec<Held>, LedgerError> {
        // What nobody knows the source's name of is not there.
        if part.projects[at].contains('*') {
            return Ok(part.members.iter().map(|m| Held::nothing(&m.name)).collect());
        }
        let reader = &self.readers[at];
        let read = if part.by_name { reader.read_named(part, at).await } else { reader.read(part, at).await };
        read.map_err(|e| self.pair.sides[at].fault(e))
    }
}
