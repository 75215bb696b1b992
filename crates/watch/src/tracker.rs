//! From polls to a state: it takes two in a row to call something down or back.

use std::cmp::Ordering;

use model::health::HealthState;

/// What is known of a node or an entry from its polls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tracker {
    state: HealthState,
    since_ms: i64,
    seen_ms: i64,
    /// What the last poll said, if that is not the state, and when.
    pending: Option<(HealthState, i64)>,
}

/// A state that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) from: HealthState,
    pub(crate) to: HealthState,
    /// How long the old state lasted, milliseconds.
    pub(crate) after_ms: i64,
}

impl Tracker {
    pub(crate) fn state(&self) -> HealthState {
        self.state
    }

    /// When the present state began: the first of the polls that made it.
    pub(crate) fn since_ms(&self) -> i64 {
        self.since_ms
    }

    /// The last poll; 0 for none.
    pub(crate) fn seen_ms(&self) -> i64 {
        self.seen_ms
    }

    /// Whether the last poll disagreed with the state.
    pub(crate) fn checking(&self) -> bool {
        self.pending.is_some()
    }

    /// What the last poll said.
    pub(crate) fn last(&self) -> HealthState {
        self.pending.map_or(self.state, |(verdict, _)| verdict)
    }

    /// The state while the last poll is not older than `stale_ms`.
    pub(crate) fn shown(&self, now_ms: i64, stale_ms: i64) -> HealthState {
        if self.seen_ms == 0 || now_ms - self.seen_ms > stale_ms { HealthState::Unknown } else { self.state }
    }

    /// Takes the verdict of a poll. Good news of something never seen need no second poll.
    pub(crate) fn observe(&mut self, verdict: HealthState, at_ms: i64) -> Option<Change> {
        self.seen_ms = at_ms;
        if verdict == self.state {
            self.pending = None;
            return None;
        }
        let (settled, since_ms) = match self.pending {
            _ if self.state == HealthState::Unknown && verdict.is_serving() => (Some(verdict), at_ms),
            Some((earlier, at)) => (self.agree(earlier, verdict), at),
            None => (None, at_ms),
        };
        let Some(to) = settled else {
            self.pending = Some((verdict, at_ms));
            return None;
        };
        let change = Change { from: self.state, to, after_ms: (since_ms - self.since_ms).max(0) };
        self.state = to;
        self.since_ms = since_ms;
        self.pending = (to != verdict).then_some((verdict, at_ms));
        Some(change)
    }

    /// What two polls in a row agree on against the present state: both better or both worse. Of two that go
    /// equally far the newer counts, else the one nearer to the present.
    fn agree(&self, earlier: HealthState, newer: HealthState) -> Option<HealthState> {
        if self.state == HealthState::Unknown {
            // Neither serves, or it would have been settled at once.
            return Some(newer);
        }
        let side = |s: HealthState| level(s).cmp(&level(self.state));
        if side(earlier) != side(newer) {
            return None;
        }
        let earlier_is_nearer = match side(newer) {
            Ordering::Less => level(earlier) > level(newer),
            Ordering::Equal => false,
            Ordering::Greater => level(earlier) < level(newer),
        };
        Some(if earlier_is_nearer { earlier } else { newer })
    }
}

fn level(state: HealthState) -> u8 {
    match state {
        HealthState::Up => 2,
        HealthState::Degraded => 1,
        HealthState::Down | HealthState::Unreachable | HealthState::Unknown => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthState::{Degraded, Down, Unknown, Unreachable, Up};

    /// The states after each poll of a node that was up.
    fn after(polls: &[HealthState]) -> Vec<HealthState> {
        let mut tracker = Tracker::default();
        tracker.observe(Up, 0);
        let mut states = Vec::new();
        for (i, poll) in polls.iter().enumerate() {
            tracker.observe(*poll, (i as i64 + 1) * 5000);
            states.push(tracker.state());
        }
        states
    }

    #[test]
    fn observe_takes_two_polls_to_call_down_and_two_to_call_back() {
        assert_eq!(after(&[Unreachable, Unreachable, Up, Up]), [Up, Unreachable, Unreachable, Up]);
    }

    #[test]
    fn observe_forgives_one_lost_poll() {
        assert_eq!(after(&[Unreachable, Up, Unreachable, Up]), [Up, Up, Up, Up]);
    }

    #[test]
    fn observe_settles_on_what_both_polls_say_at_least() {
        assert_eq!(after(&[Degraded, Down, Down]), [Up, Degraded, Down]);
        assert_eq!(after(&[Down, Degraded]), [Up, Degraded]);
        assert_eq!(after(&[Down, Unreachable, Unreachable]), [Up, Unreachable, Unreachable]);
        assert_eq!(after(&[Down, Down, Up, Degraded, Up, Up]), [Up, Down, Down, Degraded, Degraded, Up]);
    }

    #[test]
    fn observe_does_not_settle_while_polls_point_both_ways() {
        assert_eq!(
            after(&[Degraded, Degraded, Up, Down, Up, Down]),
            [Up, Degraded, Degraded, Degraded, Degraded, Degraded]
        );
    }

    #[test]
    fn observe_tells_since_when_by_the_first_poll() {
        let mut tracker = Tracker::default();
        tracker.observe(Up, 1000);
        assert_eq!(tracker.observe(Unreachable, 6000), None);
        assert!(tracker.checking());
        assert_eq!(tracker.last(), Unreachable);
        let change = tracker.observe(Unreachable, 8000);
        assert_eq!(change, Some(Change { from: Up, to: Unreachable, after_ms: 5000 }));
        assert_eq!((tracker.since_ms(), tracker.seen_ms(), tracker.checking()), (6000, 8000, false));
    }

    #[test]
    fn observe_needs_two_bad_polls_of_something_never_seen() {
        let mut tracker = Tracker::default();
        tracker.observe(Down, 1000);
        assert_eq!((tracker.state(), tracker.checking()), (Unknown, true));
        tracker.observe(Unreachable, 2000);
        assert_eq!(tracker.state(), Unreachable);
        let mut other = Tracker::default();
        other.observe(Degraded, 1000);
        assert_eq!(other.state(), Degraded);
    }

    #[test]
    fn shown_is_unknown_when_not_polled_lately() {
        let mut tracker = Tracker::default();
        assert_eq!(tracker.shown(1000, 30_000), Unknown);
        tracker.observe(Up, 1000);
        assert_eq!(tracker.shown(31_000, 30_000), Up);
        assert_eq!(tracker.shown(31_001, 30_000), Unknown);
    }
}
