//! Which repositories of a side can have changed since it was last looked at.
//!
//! From 2.15.2 a repository's `update_time` moves with everything that is compared. Before, new repositories are known
//! by their ids and all else by the audit log. A repository that is gone is missed in the count (scan-costs.md sections
//! 4 and 5).

use std::collections::BTreeMap;

use harbor::{HarborError, List, Q, api::projects::Repository, query::PAGE};
use model::HarborVersion;
use serde::{Deserialize, Serialize};

use crate::{acts::Told, scan::Reader};

/// How long a push may take between the time that Harbor gives it and the moment at which it shows, milliseconds.
const OVERLAP_MS: i64 = 60_000;
/// After so long nothing shows any more with the time of what was newest, even where the database's clock is behind
/// the node's; milliseconds.
const SETTLED_MS: i64 = 600_000;
/// How far the node's clock may be from what is known of it, milliseconds.
const CLOCK_ERROR_MS: i64 = 2_000;
/// Rows that are looked at first where nothing is known to have happened.
const FEW: usize = 10;

/// How a side tells which of its repositories have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tells {
    /// By the time of each repository.
    Times,
    /// By its audit log only: what that does not name is seen when everything is read.
    Log,
    /// Not at all: everything must be read.
    Nothing,
}

impl Tells {
    /// How a version tells it, where its audit log may be read or not.
    pub fn of(version: &HarborVersion, log: bool) -> Self {
        match (version.update_time_complete(), log) {
            (true, _) => Self::Times,
            (false, true) => Self::Log,
            (false, false) => Self::Nothing,
        }
    }
}

/// What was seen of a side's repositories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// How many there were.
    repositories: u64,
    /// The largest id.
    last_id: i64,
    /// The newest `update_time`, milliseconds by the node's clock.
    newest_ms: i64,
    /// From this time on what changes next may bear it, milliseconds by the node's clock.
    from_ms: i64,
    /// Ids and times of what was seen from then on.
    recent: Vec<(i64, i64)>,
}

/// What a side tells now.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) seen: Seen,
    /// What can have changed, with how many artifacts it has.
    pub(crate) changed: BTreeMap<String, u64>,
    /// More are gone than the log names.
    pub(crate) some_gone: bool,
    /// What was the newest is not there any more: deleted, or the database was restored.
    pub(crate) set_back: bool,
}

impl Seen {
    /// What there is by a whole list that was read from `began_ms` on, by the node's clock.
    pub(crate) fn of(list: &[Repository], began_ms: i64) -> Self {
        let seen = Self { repositories: list.len() as u64, ..Self::default() };
        seen.with(list, began_ms)
    }

    fn with(self, rows: &[Repository], began_ms: i64) -> Self {
        let times = rows.iter().map(|r| (r.id, r.update_time.unwrap_or(0)));
        let newest_ms = times.clone().map(|(_, at)| at).max().unwrap_or(0).max(self.newest_ms);
        let settled = began_ms - newest_ms >= SETTLED_MS;
        let from_ms = if settled { newest_ms + 1_000 } else { newest_ms - OVERLAP_MS };
        // What changes once more in the same moment would not be told from what was seen.
        let known = |at: i64| at >= from_ms && at < began_ms - CLOCK_ERROR_MS;
        Self {
            last_id: rows.iter().map(|r| r.id).max().unwrap_or(0).max(self.last_id),
            newest_ms,
            from_ms,
            recent: times.filter(|(_, at)| known(*at)).collect(),
            ..self
        }
    }

    /// What a side tells since then, `told` by its log among it; looked at from `began_ms` on, by the node's clock.
    ///
    /// # Errors
    /// What the Harbor says.
    pub(crate) async fn look(
        &self,
        reader: &Reader<'_>,
        tells: Tells,
        told: &Told,
        began_ms: i64,
    ) -> Result<Look, HarborError> {
        let (total, rows) = match tells {
            Tells::Times => self.by_times(reader, told.named.len()).await?,
            Tells::Log | Tells::Nothing => self.by_ids(reader).await?,
        };
        let added = rows.iter().filter(|r| r.id > self.last_id).count() as u64;
        let gone = (self.repositories + added).saturating_sub(total);
        let newest = rows.iter().filter_map(|r| r.update_time).max();
        let is_known = |r: &Repository| self.recent.contains(&(r.id, r.update_time.unwrap_or(0)));
        let changed = rows.iter().filter(|r| !is_known(r)).map(|r| (r.name.clone(), r.artifact_count));
        Ok(Look {
            changed: changed.collect(),
            some_gone: gone > told.deleted.len() as u64,
            set_back: tells == Tells::Times && newest.is_none_or(|at| at < self.newest_ms) && gone > 0,
            seen: Self { repositories: total, ..self.clone() }.with(&rows, began_ms),
        })
    }

    /// How many there are, and those whose time is not older than `from_ms`. The first page tells both where little
    /// has happened; counting the artifacts of each row is what it costs.
    async fn by_times(
        &self,
        reader: &Reader<'_>,
        named: usize,
    ) -> Result<(u64, Vec<Repository>), HarborError> {
        let size = (self.recent.len() + named + FEW).min(PAGE as usize);
        let size = u32::try_from(size).unwrap_or(PAGE);
        let newest = reader.page(List::new().page(1, size).sort("-update_time")).await?;
        let is_new = |r: &Repository| r.update_time.unwrap_or(0) >= self.from_ms;
        let rows = if newest.rows.len() as u64 == newest.total || !newest.rows.iter().all(is_new) {
            newest.rows.into_iter().filter(is_new).collect()
        } else {
            behind(reader, 0, |q| q.since("update_time", self.from_ms)).await?
        };
        Ok((newest.total, rows))
    }

    /// How many there are, and those that are new.
    async fn by_ids(&self, reader: &Reader<'_>) -> Result<(u64, Vec<Repository>), HarborError> {
        let last = reader.page(List::new().page(1, 1).sort("-repository_id")).await?;
        let is_new = last.rows.first().is_some_and(|r| r.id > self.last_id);
        let rows = if is_new { behind(reader, self.last_id, |q| q).await? } else { Vec::new() };
        Ok((last.total, rows))
    }
}

/// All repositories that fit, with ids behind `after`: page by page by id, which does not shift.
async fn behind(
    reader: &Reader<'_>,
    mut after: i64,
    fits: impl Fn(Q) -> Q,
) -> Result<Vec<Repository>, HarborError> {
    let mut all = Vec::new();
    loop {
        let q = fits(Q::new().from("repository_id", after + 1));
        let page = reader.page(List::new().page(1, PAGE).sort("repository_id").filter(q)).await?;
        let more = (page.rows.len() as u64) < page.total;
        let last = page.rows.iter().map(|r| r.id).max();
        all.extend(page.rows);
        match last {
            Some(last) if more && last > after => after = last,
            _ => return Ok(all),
        }
    }
}
