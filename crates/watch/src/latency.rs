//! Answer times of the last hour.

use std::collections::VecDeque;

/// How far back answer times are kept, milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// The median is counted anew after so long: it moves slowly, and counting it costs more than a poll's bookkeeping.
const RECOUNT_MS: i64 = 60_000;

/// Answer times of one node: 8 bytes each, so 6 KB for an hour of polls every 5 s.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latency {
    /// The time that the samples' offsets count from.
    origin_ms: i64,
    /// Milliseconds after the origin, answer time in milliseconds.
    samples: VecDeque<(u32, u32)>,
    usual_ms: Option<u32>,
    counted_ms: i64,
}

impl Latency {
    pub(crate) fn add(&mut self, at_ms: i64, latency_ms: u32) {
        if self.samples.is_empty() {
            self.origin_ms = at_ms;
        }
        let Ok(offset) = u32::try_from(at_ms - self.origin_ms) else {
            // A clock that was set back, or a node watched for seven weeks without a pause: begin anew.
            *self = Self::default();
            return self.add(at_ms, latency_ms);
        };
        self.samples.push_back((offset, latency_ms));
        while self
            .samples
            .front()
            .is_some_and(|(first, _)| self.origin_ms + i64::from(*first) < at_ms - HOUR_MS)
        {
            self.samples.pop_front();
        }
        let due = !(0..RECOUNT_MS).contains(&(at_ms - self.counted_ms));
        if due || self.samples.len() <= 12 {
            self.counted_ms = at_ms;
            self.usual_ms = self.median();
        }
    }

    /// The median; `None` before there are enough answers to speak of usual.
    fn median(&self) -> Option<u32> {
        const ENOUGH: usize = 5;
        let mut times: Vec<u32> = self.samples.iter().map(|(_, ms)| *ms).collect();
        let middle = times.len() / 2;
        (times.len() >= ENOUGH).then(|| *times.select_nth_unstable(middle).1)
    }

    pub(crate) fn usual_ms(&self) -> Option<u32> {
        self.usual_ms
    }

    /// Time (UTC milliseconds) and answer time, oldest first.
    pub(crate) fn line(&self) -> Vec<(i64, u32)> {
        self.samples.iter().map(|(offset, ms)| (self.origin_ms + i64::from(*offset), *ms)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_is_the_median_once_there_are_enough() {
        let mut latency = Latency::default();
        for (i, ms) in [40, 41, 900, 39].into_iter().enumerate() {
            latency.add(i as i64 * 5000, ms);
        }
        assert_eq!(latency.usual_ms(), None);
        latency.add(20_000, 42);
        assert_eq!(latency.usual_ms(), Some(41));
    }

    #[test]
    fn add_forgets_what_is_older_than_an_hour() {
        let mut latency = Latency::default();
        for i in 0..1000 {
            latency.add(1_700_000_000_000 + i * 5000, 10);
        }
        let line = latency.line();
        assert_eq!(line.len(), 721);
        assert_eq!(line.last(), Some(&(1_700_000_000_000 + 999 * 5000, 10)));
    }

    #[test]
    fn add_begins_anew_when_the_clock_was_set_back() {
        let mut latency = Latency::default();
        latency.add(10_000, 1);
        latency.add(5000, 2);
        assert_eq!(latency.line(), [(5000, 2)]);
    }
}
