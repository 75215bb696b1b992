//! How many differences a pair had over time.

use serde::{Deserialize, Serialize};

use super::Kind;

/// How many differences there were of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindCount {
    /// Which.
    pub kind: Kind,
    /// How many.
    pub count: u64,
}

/// A time in which as many differed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryStep {
    /// From when, UTC milliseconds.
    pub from_ms: i64,
    /// Until when, UTC milliseconds: the next step, or the last comparison before it was not compared for a while.
    pub until_ms: i64,
    /// How many differed; accepted ones do not count.
    pub total: u64,
    /// The same by kind.
    pub kinds: Vec<KindCount>,
}

/// How many differences a pair had in a span. Where nothing was compared there is no step. What is older than a day
/// tells the most there were in 5 minutes, what is older than 14 days the most in an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftHistory {
    /// When the span begins, UTC milliseconds.
    pub from_ms: i64,
    /// When it ends, UTC milliseconds: now.
    pub until_ms: i64,
    /// What stood when, oldest first.
    pub steps: Vec<HistoryStep>,
}

impl DriftHistory {
    /// Makes steps of what was noted: from when on how many differed, oldest first, and `None` from when it was not
    /// compared. `compared_ms` is the end of the last comparison: what was later nobody knows.
    pub fn new(
        from_ms: i64,
        until_ms: i64,
        compared_ms: i64,
        noted: &[(i64, Option<Vec<KindCount>>)],
    ) -> Self {
        let ends = noted.iter().skip(1).map(|(at_ms, _)| *at_ms).chain([compared_ms]);
        let steps = noted.iter().zip(ends).filter_map(|((at_ms, kinds), end_ms)| {
            let (begin_ms, kinds) = ((*at_ms).max(from_ms), kinds.clone()?);
            let total = kinds.iter().map(|kind| kind.count).sum();
            (end_ms >= begin_ms).then_some(HistoryStep { from_ms: begin_ms, until_ms: end_ms, total, kinds })
        });
        Self { from_ms, until_ms, steps: steps.collect() }
    }

    /// The step in which the most differed, the first of those.
    pub fn most(&self) -> Option<&HistoryStep> {
        self.steps.iter().rev().max_by_key(|step| step.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_leaves_out_what_was_not_compared_and_what_was_before() {
        let of = |n: u64| (n > 0).then(|| vec![KindCount { kind: Kind::New, count: n - 1 }]);
        let noted = [(10, of(1)), (50, of(4)), (60, of(0)), (90, of(2))];
        let history = DriftHistory::new(20, 110, 100, &noted);
        let steps: Vec<_> = history.steps.iter().map(|s| (s.from_ms, s.until_ms, s.total)).collect();
        assert_eq!(steps, [(20, 50, 0), (50, 60, 3), (90, 100, 1)]);
        assert_eq!(history.most().map(|most| most.from_ms), Some(50));
        assert!(DriftHistory::new(20, 110, 15, &[(10, of(1))]).steps.is_empty());
        assert_eq!(DriftHistory::new(0, 9, 9, &[]).steps, []);
    }
}
