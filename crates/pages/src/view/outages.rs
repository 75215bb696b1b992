//! Outages of the past in facts: when, what was hit, how long until the copies were equal again.

use model::{
    health::{HealthState, Interval},
    page::{Serving, over_time, serving},
};

use super::{Looking, copies::OLD_MS};
use crate::facts::Compared;

/// So many are told, the newest.
const MOST: usize = 20;
/// Two of one kind that are nearer than this are one, milliseconds: a node that starts is up and down for a while.
const NEAR_MS: i64 = 60_000;

/// A time in which a node or the entry was away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// UTC milliseconds.
    pub(crate) from_ms: i64,
    /// UTC milliseconds; `None` while it goes on.
    pub(crate) until_ms: Option<i64>,
    /// What was away, by the names of the page, each once; `None` stands for the entry.
    pub(crate) hit: Vec<Option<String>>,
    /// How long nobody could pull, milliseconds.
    pub(crate) no_pull_ms: i64,
    /// How long nobody could push, milliseconds.
    pub(crate) no_push_ms: i64,
    /// When the copies were equal again.
    pub(crate) equal: Equal,
}

/// What became of the copies after an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Equal {
    /// Nothing is copied between what was hit, or nobody compared it.
    Unknown,
    /// They differ still.
    NotYet,
    /// Equal from then on, UTC milliseconds.
    At(i64),
}

impl Looking<'_> {
    /// The outages of a cluster, the newest first.
    pub(super) fn outages(&self, histories: &[Vec<Interval>]) -> Vec<Outage> {
        let away = over_time(histories, |states| {
            if states.iter().any(|s| s.is_away()) { HealthState::Down } else { HealthState::Up }
        });
        let mut spans: Vec<Interval> = Vec::new();
        for span in away.into_iter().filter(|span| span.state == HealthState::Down) {
            match spans.last_mut() {
                Some(last) if span.from_ms - last.to_ms < NEAR_MS => last.to_ms = span.to_ms,
                _ => spans.push(span),
            }
        }
        spans.iter().rev().take(MOST).map(|span| self.outage(span, histories)).collect()
    }

    fn outage(&self, span: &Interval, histories: &[Vec<Interval>]) -> Outage {
        let within = |i: &&Interval| i.from_ms < span.to_ms && i.to_ms > span.from_ms;
        let nodes = &self.cluster.nodes;
        let hit: Vec<usize> = (0..histories.len())
            .filter(|at| histories[*at].iter().filter(within).any(|i| i.state.is_away()))
            .collect();
        let served = |pick: fn(Serving) -> HealthState| {
            let cut: Vec<Vec<Interval>> = histories
                .iter()
                .map(|history| {
                    let cut = |i: &Interval| Interval {
                        from_ms: i.from_ms.max(span.from_ms),
                        to_ms: i.to_ms.min(span.to_ms),
                        ..*i
                    };
                    history.iter().filter(within).map(cut).collect()
                })
                .collect();
            let joined = over_time(&cut, |states| {
                let (nodes, entry) = states.split_at(nodes.len().min(states.len()));
                pick(serving(self.cluster.topology, nodes, entry.first().copied()))
            });
            joined.iter().filter(|i| i.state.is_away()).map(|i| i.to_ms - i.from_ms).sum()
        };
        let goes_on = span.to_ms >= self.facts.now_ms;
        Outage {
            from_ms: span.from_ms,
            until_ms: (!goes_on).then_some(span.to_ms),
            no_pull_ms: served(|s| s.pull),
            no_push_ms: served(|s| s.push),
            equal: if goes_on { Equal::Unknown } else { self.equal_after(span.to_ms, &hit) },
            hit: hit
                .iter()
                .map(|at| nodes.get(*at).map(|node| self.name_of(&node.name).to_string()))
                .collect(),
        }
    }

    /// When all pairs of what was hit were equal again.
    fn equal_after(&self, ms: i64, hit: &[usize]) -> Equal {
        let names = || hit.iter().filter_map(|at| self.cluster.nodes.get(*at)).map(|node| &node.name);
        let pairs = self.facts.pairs.iter().filter(|pair| {
            pair.cluster == self.cluster.id && names().any(|name| [&pair.a, &pair.b].contains(&name))
        });
        let each = pairs.map(|pair| {
            self.facts.drift.get(&pair.id).map_or(Equal::Unknown, |compared| equal_in(compared, ms))
        });
        each.reduce(|a, b| match (a, b) {
            (Equal::At(a), Equal::At(b)) => Equal::At(a.max(b)),
            (Equal::NotYet, _) | (_, Equal::NotYet) => Equal::NotYet,
            _ => Equal::Unknown,
        })
        .unwrap_or(Equal::Unknown)
    }
}

/// When a pair was compared and equal after a moment.
fn equal_in(Compared { history, read_ms }: &Compared, ms: i64) -> Equal {
    let after = &history.steps[history.steps.partition_point(|step| step.until_ms <= ms)..];
    let (before, later) = after.split_at(usize::from(after.first().is_some_and(|step| step.from_ms < ms)));
    // What stood before then says something of afterwards only if both were read again while it stood. A comparison that
    // was under way then may have read one side before it.
    let is_read = match later.first() {
        Some(next) => next.from_ms - ms > OLD_MS,
        None => read_ms.is_some_and(|read_ms| read_ms >= ms),
    };
    let before = before.iter().filter(|_| is_read);
    let mut known = before.chain(later).peekable();
    if known.peek().is_none() {
        return Equal::Unknown;
    }
    known.find(|step| step.total == 0).map_or(Equal::NotYet, |step| Equal::At(step.from_ms.max(ms)))
}

#[cfg(test)]
mod tests {
    use model::drift::{DriftHistory, HistoryStep};

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn equal(steps: &[(i64, i64, u64)], read_ms: i64) -> Equal {
        let step = |&(from_ms, until_ms, total)| HistoryStep { from_ms, until_ms, total, kinds: Vec::new() };
        let history =
            DriftHistory { from_ms: 0, until_ms: 90 * HOUR, steps: steps.iter().map(step).collect() };
        equal_in(&Compared { history, read_ms: Some(read_ms) }, 10 * HOUR)
    }

    #[test]
    fn equal_in_rests_on_comparisons_that_began_afterwards() {
        let ms = 10 * HOUR;
        assert_eq!(equal(&[], ms), Equal::Unknown);
        assert_eq!(equal(&[(0, ms - 1, 0)], ms - 2), Equal::Unknown);
        // One that was under way ended after it: what one side got meanwhile it did not see.
        assert_eq!(equal(&[(0, ms + 500, 0)], ms - 500), Equal::Unknown);
        assert_eq!(equal(&[(0, ms + 2_000, 0)], ms + 1_000), Equal::At(ms));
        // What was missed is seen, and then carried.
        let missed = [(0, ms + 2_000, 0), (ms + 2_000, ms + 9_000, 4)];
        assert_eq!(equal(&missed, ms + 1_000), Equal::NotYet);
        let carried = [missed[0], missed[1], (ms + 9_000, ms + 20_000, 0)];
        assert_eq!(equal(&carried, ms + 8_000), Equal::At(ms + 9_000));
        // What differs a day later has nothing to do with it.
        assert_eq!(equal(&[(0, ms + 24 * HOUR, 0), (ms + 24 * HOUR, ms + 25 * HOUR, 4)], ms), Equal::At(ms));
        assert_eq!(equal(&[(ms - 5, ms + HOUR, 3)], ms + HOUR), Equal::NotYet);
    }
}
