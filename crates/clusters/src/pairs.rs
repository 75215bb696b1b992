//! The pairs of a cluster's nodes that should hold the same, and the comparisons under way.

mod dry_run;
mod guards;
mod known;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use model::{
    AppError, Say, Topology,
    drift::{Comparing, Direction, DriftView, HeldView, Kind, Side},
    ids::{ClusterId, PairId},
    names::NodeName,
    say,
    say::count,
    spec::ClusterSpec,
};
use store::{
    Result,
    ledger::{DriftRow, DriftTotal},
};

pub(crate) use dry_run::dry_run;
pub(crate) use guards::guard;
pub(crate) use known::{Known, all, artifacts, at_hand, known, of_cluster, of_ledger};

use crate::announce::LinkTrouble;

/// The pairs of a cluster: first node, second node, which way images go. None where nothing is copied.
pub(crate) fn pairs_of(spec: &ClusterSpec) -> Vec<(NodeName, NodeName, Direction)> {
    let links = spec.links();
    if spec.topology == Topology::DualMaster {
        let first = links.into_iter().next();
        return first.map(|l| (l.source, l.destination, Direction::Both)).into_iter().collect();
    }
    links.into_iter().map(|l| (l.source, l.destination, Direction::AToB)).collect()
}

/// What is new crosses within this time where the rules run at once, milliseconds.
const CROSSING_MS: i64 = 60_000;

/// What the drawing says of a pair; what needs nothing is not counted.
pub(crate) fn differs(totals: &[DriftTotal], now_ms: i64) -> Option<LinkTrouble> {
    let counted = totals.iter().filter(|t| !matches!(t.kind, Kind::Extra | Kind::Retired));
    let (n, oldest_ms) = counted.fold((0, i64::MAX), |(n, ms), t| (n + t.count, ms.min(t.oldest_ms)));
    let shown = count(u64::try_from(n).unwrap_or(0));
    (n > 0).then(|| LinkTrouble {
        label: say!("{shown} differ", "{shown} 处差异"),
        lasting: now_ms - oldest_ms >= CROSSING_MS,
    })
}

/// The same with whether a rule does not run: such a link is not green, equal as its ends may be.
pub(crate) fn trouble(differs: Option<LinkTrouble>, stopped: bool) -> Option<LinkTrouble> {
    if !stopped {
        return differs;
    }
    let label = differs.map_or_else(|| say!("rule does not run", "规则未执行"), |differs| differs.label);
    Some(LinkTrouble { label, lasting: true })
}

/// A difference as people see it.
///
/// # Errors
/// `store.corrupt` where it is none.
pub(crate) fn drift_view(row: DriftRow, names: [&NodeName; 2]) -> Result<DriftView> {
    let drift: ledger::Drift = row.body_as()?;
    let held = Side::BOTH.map(|side| {
        let at = side.at();
        drift.difference.held[at].map(|digest| HeldView {
            digest: digest.to_string(),
            bytes: drift.bytes[at],
            pushed_ms: drift.pushed_ms[at],
            by: drift.by[at].clone(),
        })
    });
    Ok(DriftView {
        what: words::what(&drift.difference, names),
        why: words::why(&drift.difference, names),
        repository: row.repository,
        thing: row.thing,
        kind: row.kind,
        on: drift.difference.on,
        held,
        certainty: drift.difference.certainty,
        action: drift.difference.action,
        heals: row.heals,
        found_ms: row.found_ms,
    })
}

/// The comparisons that this process is making, and why the last one of a pair failed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparisons {
    last: Arc<Mutex<HashMap<PairId, Last>>>,
    turns: Arc<Mutex<HashMap<ClusterId, Turn>>>,
}

/// Whoever holds it compares a pair of that cluster.
type Turn = Arc<tokio::sync::Mutex<()>>;

#[derive(Clone, Debug, Default)]
struct Last {
    now: Option<Comparing>,
    error: Option<AppError>,
    ended: Option<(Instant, Duration)>,
    told: Option<Instant>,
    /// The `changes` of the last heal by itself, and when it began.
    healed: Option<(i64, Instant)>,
    held_back: Option<Say>,
}

/// A registry is compared again after so many times the time that comparing it took: what a comparison costs a
/// Harbor stays below three percent of its time.
const REST: u32 = 30;
/// And never sooner: a change is judged within this time while both are up.
const SOONEST: Duration = Duration::from_secs(15);
/// A heal by itself that did not help is tried again after this time.
const AGAIN: Duration = Duration::from_secs(600);
/// What a page is told while a comparison goes on, at most so often.
const TELL_EVERY: Duration = Duration::from_millis(500);

impl Comparisons {
    /// The turn of a cluster's pairs, one after the other.
    pub(crate) fn turn(&self, cluster: &ClusterId) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(cluster.clone()).or_default())
    }

    /// Notes the beginning; false where one is under way.
    pub(crate) fn begin(&self, pair: &PairId) -> bool {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        if last.now.is_some() {
            return false;
        }
        (last.now, last.told) = (Some(Comparing::default()), Some(Instant::now()));
        true
    }

    /// Notes how far one is; true where pages should hear of it.
    pub(crate) fn advance(&self, pair: &PairId, now: Comparing) -> bool {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        last.now = Some(now);
        let due = last.told.is_none_or(|at| at.elapsed() >= TELL_EVERY);
        if due {
            last.told = Some(Instant::now());
        }
        due
    }

    /// Notes the end; true where the comparison before had failed: a side was away.
    pub(crate) fn end(&self, pair: &PairId, took: Duration, error: Option<AppError>) -> bool {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        let was_away = last.error.is_some();
        (last.now, last.error, last.ended) = (None, error, Some((Instant::now(), took)));
        was_away
    }

    /// Notes a heal by itself; false where the same was tried a short while ago.
    pub(crate) fn try_healing(&self, pair: &PairId, changes: i64) -> bool {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        if last.healed.is_some_and(|(of, at)| of == changes && at.elapsed() < AGAIN) {
            return false;
        }
        last.healed = Some((changes, Instant::now()));
        true
    }

    /// Notes why nothing is healed by itself.
    pub(crate) fn hold_back(&self, pair: &PairId, why: Option<Say>) {
        self.all().entry(pair.clone()).or_default().held_back = why;
    }

    /// Whether it is time to compare a pair again.
    pub(crate) fn is_due(&self, pair: &PairId) -> bool {
        let all = self.all();
        let Some(last) = all.get(pair) else { return true };
        let rested = |(at, took): (Instant, Duration)| at.elapsed() >= (took * REST).max(SOONEST);
        last.now.is_none() && last.ended.is_none_or(rested)
    }

    /// How far the comparison under way is, why the last one failed, and why nothing is healed by itself.
    pub(crate) fn of(&self, pair: &PairId) -> (Option<Comparing>, Option<AppError>, Option<Say>) {
        let told = |last: &Last| (last.now, last.error.clone(), last.held_back.clone());
        self.all().get(pair).map(told).unwrap_or_default()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<PairId, Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
