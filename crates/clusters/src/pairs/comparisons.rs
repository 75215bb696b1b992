//! The comparisons under way: when the next one is due, how much it reads, how far it is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use ledger::Depth;
use model::{
    AppError, Say,
    drift::{Comparing, Side},
    ids::{ClusterId, PairId},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The comparisons that this process is making, and why the last one of a pair failed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparisons {
    last: Arc<Mutex<HashMap<PairId, Last>>>,
    turns: Arc<Mutex<HashMap<ClusterId, Turn>>>,
    woken: Arc<Notify>,
}

/// Whoever holds it compares a pair of that cluster.
type Turn = Arc<tokio::sync::Mutex<()>>;

#[derive(Clone, Debug, Default)]
struct Last {
    now: Option<UnderWay>,
    error: Option<AppError>,
    ended: Option<(Instant, Duration)>,
    told: Option<Instant>,
    /// When a person stopped one.
    stopped: Option<Instant>,
    /// The `changes` of the last heal by itself, and when it began.
    healed: Option<(i64, Instant)>,
    held_back: Option<Say>,
    /// When a person had something put back, UTC milliseconds; until that was carried to the other side.
    put_back_ms: Option<i64>,
    /// Since when each side has been away.
    away: [Option<Instant>; 2],
    /// A side is there again, and nothing was begun since.
    returned: bool,
}

/// Names a comparison that failed: the moment it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed(Instant);

/// A comparison that begins.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Stops it.
    pub(crate) stop: CancellationToken,
    /// A side was away since the last one that came to its end.
    pub(crate) after_outage: bool,
}

/// A comparison under way.
#[derive(Clone, Debug)]
struct UnderWay {
    at: Comparing,
    stop: CancellationToken,
    /// Where it was when its speed was looked at first: what is read then is of another size each time.
    since: (Instant, Comparing),
}

/// A registry is compared again after so many times the time that comparing it took: what a comparison costs a
/// Harbor stays below three percent of its time.
const REST: u32 = 30;
/// And never sooner: a change is judged within this time while both are up.
const SOONEST: Duration = Duration::from_secs(15);
/// What failed is tried again after this time at the latest, however long it took to fail.
const LATEST: Duration = Duration::from_secs(60);
/// A heal by itself that did not help is tried again after this time.
const AGAIN: Duration = Duration::from_secs(600);
/// For so long nobody reads everything of a pair after a person stopped that.
const STOPPED_FOR: Duration = Duration::from_secs(3600);
/// A speed is told after this time.
const MEASURED: Duration = Duration::from_secs(2);
/// What a page is told while a comparison goes on, at most so often.
const TELL_EVERY: Duration = Duration::from_millis(500);

impl Comparisons {
    /// The turn of a cluster's pairs, one after the other.
    pub(crate) fn turn(&self, cluster: &ClusterId) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(cluster.clone()).or_default())
    }

    /// Notes the beginning; `None` where one is under way.
    pub(crate) fn begin(&self, pair: &PairId) -> Option<Begun> {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        if last.now.is_some() {
            return None;
        }
        let (now, stop) = (Instant::now(), CancellationToken::new());
        let at = Comparing::default();
        last.now = Some(UnderWay { at, stop: stop.clone(), since: (now, at) });
        last.told = Some(now);
        let after_outage = last.was_away();
        last.returned = false;
        Some(Begun { stop, after_outage })
    }

    /// Notes how far one is; true where pages should hear of it.
    pub(crate) fn advance(&self, pair: &PairId, now: Comparing) -> bool {
        let mut all = self.all();
        let Some(last) = all.get_mut(pair) else { return false };
        if let Some(way) = &mut last.now {
            way.advance(now);
        }
        let due = last.told.is_none_or(|at| at.elapsed() >= TELL_EVERY);
        if due {
            last.told = Some(Instant::now());
        }
        due
    }

    /// Stops one; what was compared until then stays.
    pub(crate) fn stop(&self, pair: &PairId) {
        if let Some(last) = self.all().get_mut(pair)
            && let Some(way) = &last.now
        {
            way.stop.cancel();
            last.stopped = Some(Instant::now());
        }
    }

    /// How much the next one reads, where nobody says it. The first of this process, and the first after a side was
    /// away, look at what has changed meanwhile: that is what people wait for.
    pub(crate) fn depth(&self, pair: &PairId) -> Depth {
        let all = self.all();
        let at_rest = |last: &Last| last.stopped.is_some_and(|at| at.elapsed() < STOPPED_FOR);
        match all.get(pair) {
            Some(last) if last.ended.is_some() && !last.was_away() && !at_rest(last) => Depth::Due,
            _ => Depth::Changed,
        }
    }

    /// Notes the end.
    pub(crate) fn end(&self, pair: &PairId, took: Duration, error: Option<AppError>) {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        (last.now, last.error, last.ended) = (None, error, Some((Instant::now(), took)));
    }

    /// Notes that a side was away and is there again: the next comparison is due soon, also where none failed meanwhile.
    pub(crate) fn note_return(&self, pair: &PairId) {
        self.all().entry(pair.clone()).or_default().returned = true;
    }

    /// Whether a side came back that no comparison has looked at since.
    pub(crate) fn has_returned(&self, pair: &PairId) -> bool {
        self.all().get(pair).is_some_and(|last| last.returned)
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

    /// Notes that a person had something put back.
    pub(crate) fn note_put_back(&self, pair: &PairId, now_ms: i64) {
        self.all().entry(pair.clone()).or_default().put_back_ms = Some(now_ms);
    }

    /// Whether a comparison that began at `read_ms` is the first that shows what a person had put back.
    pub(crate) fn put_back(&self, pair: &PairId, read_ms: Option<i64>) -> bool {
        let mut all = self.all();
        let last = all.entry(pair.clone()).or_default();
        let shown = last.put_back_ms.is_some_and(|at| read_ms.is_some_and(|read| read >= at));
        if shown {
            last.put_back_ms = None;
        }
        shown
    }

    /// Notes whether a side is away, and tells for how long it has been.
    pub(crate) fn away(&self, pair: &PairId, side: Side, away: bool) -> Option<Duration> {
        let mut all = self.all();
        let since = &mut all.entry(pair.clone()).or_default().away[side.at()];
        *since = away.then(|| since.unwrap_or_else(Instant::now));
        since.map(|since| since.elapsed())
    }

    /// Notes that both sides are there.
    pub(crate) fn all_here(&self, pair: &PairId) {
        self.all().entry(pair.clone()).or_default().away = [None; 2];
    }

    /// Notes why nothing is healed by itself.
    pub(crate) fn hold_back(&self, pair: &PairId, why: Option<Say>) {
        self.all().entry(pair.clone()).or_default().held_back = why;
    }

    /// Whether it is time to compare a pair again; `partly` says that not everything must be read for that.
    pub(crate) fn is_due(&self, pair: &PairId, partly: bool) -> bool {
        let all = self.all();
        let Some(last) = all.get(pair) else { return true };
        if !partly && last.stopped.is_some_and(|at| at.elapsed() < STOPPED_FOR) {
            return false;
        }
        let longest = match (last.returned, last.error.is_some()) {
            (true, _) => SOONEST,
            (false, true) => LATEST,
            (false, false) => Duration::MAX,
        };
        let rested = |(at, took): (Instant, Duration)| {
            at.elapsed() >= took.saturating_mul(REST).clamp(SOONEST, longest)
        };
        last.now.is_none() && last.ended.is_none_or(rested)
    }

    /// The comparison that failed last; `None` where one is under way, or the last one did not fail.
    pub(crate) fn failed(&self, pair: &PairId) -> Option<Failed> {
        let all = self.all();
        let last = all.get(pair).filter(|last| last.now.is_none() && last.error.is_some())?;
        last.ended.map(|(at, _)| Failed(at))
    }

    /// Lets a pair be compared at once, where nothing was tried since that failed.
    pub(crate) fn try_again(&self, pair: &PairId, failed: Failed) {
        let mut all = self.all();
        if let Some(last) = all.get_mut(pair)
            && last.now.is_none()
            && last.ended.is_some_and(|(at, _)| Failed(at) == failed)
        {
            last.ended = None;
            self.woken.notify_one();
        }
    }

    /// Waits until a pair is to be compared at once.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// How far the comparison under way is, why the last one failed, and why nothing is healed by itself.
    pub(crate) fn of(&self, pair: &PairId) -> (Option<Comparing>, Option<AppError>, Option<Say>) {
        let told =
            |last: &Last| (last.now.as_ref().map(|way| way.at), last.error.clone(), last.held_back.clone());
        self.all().get(pair).map(told).unwrap_or_default()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<PairId, Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Last {
    fn was_away(&self) -> bool {
        self.error.is_some() || self.returned
    }
}

impl UnderWay {
    fn advance(&mut self, now: Comparing) {
        let (began, first) = self.since;
        // Another list: what is read after everything, or before it.
        if now.of != first.of || now.done < self.at.done {
            self.since = (Instant::now(), now);
            self.at = now;
            return;
        }
        let (took, done) = (began.elapsed(), now.done.saturating_sub(first.done));
        let left = (took >= MEASURED && done > 0).then(|| {
            let left = took.as_secs_f64() / done as f64 * now.of.saturating_sub(now.done) as f64;
            (left * 1000.0) as u64
        });
        self.at = Comparing { left_ms: left, ..now };
    }
}

#[cfg(test)]
mod tests {
    use model::say;

    use super::*;

    fn failed() -> AppError {
        AppError::new("x", 502, say!("x", "x"), say!("x", "x"))
    }

    #[test]
    fn depth_is_what_has_changed_at_the_start_and_after_an_outage() {
        let (all, pair) = (Comparisons::default(), store::new_id::<PairId>());
        assert_eq!(all.depth(&pair), Depth::Changed, "the first of this process");
        assert!(all.begin(&pair).is_some_and(|begun| !begun.after_outage) && all.begin(&pair).is_none());
        all.end(&pair, Duration::ZERO, None);
        assert_eq!(all.depth(&pair), Depth::Due);
        all.begin(&pair).unwrap();
        all.end(&pair, Duration::ZERO, Some(failed()));
        assert_eq!(all.depth(&pair), Depth::Changed, "a side was away");
        assert!(all.begin(&pair).unwrap().after_outage);
        all.end(&pair, Duration::ZERO, None);
        assert_eq!(all.depth(&pair), Depth::Due);
        assert!(!all.begin(&pair).unwrap().after_outage);
    }

    #[test]
    fn note_return_counts_for_the_next_that_begins_also_where_none_failed() {
        let (all, pair) = (Comparisons::default(), store::new_id::<PairId>());
        let slow = Duration::from_secs(10);
        all.begin(&pair).unwrap();
        all.note_return(&pair);
        all.end(&pair, slow, None);
        assert!(all.has_returned(&pair), "that one had begun before");
        assert!(!all.is_due(&pair, true), "a node that comes and goes is not compared all the time");
        all.all().get_mut(&pair).unwrap().ended = Instant::now().checked_sub(SOONEST).map(|at| (at, slow));
        assert!(all.is_due(&pair, true) && all.depth(&pair) == Depth::Changed);
        assert!(all.begin(&pair).unwrap().after_outage && !all.has_returned(&pair));
        all.end(&pair, slow, None);
        assert!(!all.begin(&pair).unwrap().after_outage);
    }

    #[test]
    fn stop_keeps_everything_from_being_read_again_for_a_while() {
        let (all, pair) = (Comparisons::default(), store::new_id::<PairId>());
        all.stop(&pair);
        let stop = all.begin(&pair).unwrap().stop;
        all.stop(&pair);
        assert!(stop.is_cancelled());
        all.end(&pair, Duration::ZERO, None);
        assert_eq!(all.depth(&pair), Depth::Changed);
        let long_ago = Instant::now().checked_sub(SOONEST);
        all.all().get_mut(&pair).unwrap().ended = long_ago.map(|at| (at, Duration::ZERO));
        assert!(all.is_due(&pair, true) && !all.is_due(&pair, false));
    }

    #[test]
    fn try_again_ends_the_rest_after_the_failure_that_it_names_and_no_other() {
        let (all, pair) = (Comparisons::default(), store::new_id::<PairId>());
        all.begin(&pair).unwrap();
        assert_eq!(all.failed(&pair), None, "under way");
        all.end(&pair, Duration::ZERO, Some(failed()));
        let first = all.failed(&pair).unwrap();
        assert!(!all.is_due(&pair, false));
        all.try_again(&pair, first);
        assert!(all.is_due(&pair, false) && all.depth(&pair) == Depth::Changed);
        all.begin(&pair).unwrap();
        all.end(&pair, Duration::ZERO, Some(failed()));
        all.try_again(&pair, first);
        assert!(!all.is_due(&pair, false), "that was another one");
        all.begin(&pair).unwrap();
        all.end(&pair, Duration::ZERO, None);
        assert_eq!(all.failed(&pair), None);
    }

    #[test]
    fn is_due_soon_after_a_comparison_that_failed_slowly() {
        let (all, pair) = (Comparisons::default(), store::new_id::<PairId>());
        let a_while_ago = Instant::now().checked_sub(LATEST).unwrap();
        for (error, due) in [(Some(failed()), true), (None, false)] {
            all.begin(&pair).unwrap();
            all.end(&pair, Duration::ZERO, error);
            all.all().get_mut(&pair).unwrap().ended = Some((a_while_ago, Duration::from_secs(10)));
            assert_eq!(all.is_due(&pair, false), due);
        }
    }

    #[test]
    fn advance_tells_how_long_it_goes_on_once_it_is_measured() {
        let began = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let at = |done, of| Comparing { done, of, left_ms: None };
        let mut way =
            UnderWay { at: at(100, 1000), stop: CancellationToken::new(), since: (began, at(100, 1000)) };
        way.advance(at(200, 1000));
        // A hundred in ten seconds.
        assert!(way.at.left_ms.is_some_and(|ms| (80_000..90_000).contains(&ms)), "{way:?}");
        way.advance(at(0, 7));
        assert_eq!(way.at, at(0, 7), "another list is measured anew");
    }
}
