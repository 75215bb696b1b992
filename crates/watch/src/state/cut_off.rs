//! When every node of every cluster goes at once, the fault is more likely here than there.

use model::health::{HealthState, PollAnswer};

use super::{Effects, News, Node, State, news};
use crate::poll::Poll;

impl State {
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.clusters.values().flat_map(|c| &c.nodes)
    }

    /// Whether all nodes, at two addresses at least, became unreachable within `window_ms` of each other.
    fn looks_cut_off(&self, window_ms: i64) -> bool {
        // Asked after every poll: while one is there it must cost nothing to see it.
        let gone = || self.nodes().map(|n| &n.watched.tracker);
        if gone().any(|t| t.state() != HealthState::Unreachable) {
            return false;
        }
        let mut addresses = self.nodes().map(|n| n.spec.address.authority());
        let one = addresses.next();
        if addresses.all(|other| Some(other) == one) {
            return false;
        }
        let since = || gone().map(|t| t.since_ms());
        let (first, last) = (since().min().unwrap_or_default(), since().max().unwrap_or_default());
        // Once it is so it stays so, until one answers.
        self.cut_off || last - first <= window_ms
    }

    /// Judges after a poll whether the console is cut off, and lets go of the news that waited for it. News that one
    /// node is unreachable waits while it could still be the first sign: until another node has answered since, or
    /// all are known to be gone.
    pub(super) fn weigh(
        &mut self,
        told: Option<News>,
        poll: &Poll,
        at_ms: i64,
        window_ms: i64,
        effects: &mut Effects,
    ) {
        let was = self.cut_off;
        self.cut_off = self.looks_cut_off(window_ms);
        if let Some(told) = told {
            if told.state == HealthState::Unreachable {
                self.held.push(told);
            } else {
                effects.news.push(told);
            }
        }
        if self.cut_off && !was {
            self.held.clear();
            effects.news.push(news::cut_off(self.nodes().count()));
        } else if was && !self.cut_off {
            effects.news.insert(0, news::reconnected());
        }
        effects.all_changed = was != self.cut_off;
        let answers = !matches!(poll.answer, PollAnswer::Nothing { .. });
        if !self.held.is_empty() && (answers || !self.is_open(at_ms, window_ms)) {
            effects.news.append(&mut self.held);
        }
    }

    /// Whether it can still turn out that all nodes went at once: nobody has answered since the last one went, and
    /// not all are settled.
    fn is_open(&self, at_ms: i64, window_ms: i64) -> bool {
        let is_gone = |n: &&Node| n.watched.tracker.state() == HealthState::Unreachable;
        let Some(gone_ms) = self.nodes().filter(is_gone).map(|n| n.watched.tracker.since_ms()).max() else {
            return false;
        };
        let mut others = self.nodes().filter(|n| !is_gone(n)).peekable();
        others.peek().is_some()
            && others.all(|n| n.watched.answered_ms < gone_ms)
            && at_ms - gone_ms <= window_ms * 2
    }
}
