//! What pages are made of: the board, the pairs and the histories, as `watch` and `clusters` tell them.

use std::collections::HashMap;

use model::{
    HistorySpan,
    drift::{DriftHistory, PairView},
    health::{Board, ClusterHealth, HealthState, Interval},
    ids::{ClusterId, PairId},
};
use tokio::sync::Mutex;
use watch::{Subject, Watch};

/// How far back a page looks.
pub(crate) const SPAN: HistorySpan = HistorySpan::Quarter;
/// A history is read again after this time, milliseconds; what is the case now is put at its end each time.
const HISTORY_FOR_MS: i64 = 15_000;

/// All that any page could need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) now_ms: i64,
    pub(crate) board: Board,
    pub(crate) pairs: Vec<PairView>,
    /// By subject.
    pub(crate) histories: HashMap<String, Known>,
    pub(crate) drift: HashMap<PairId, Compared>,
}

/// In which state something was when, back to [`SPAN`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) intervals: Vec<Interval>,
    /// When that was read.
    pub(crate) read_ms: i64,
}

/// What comparisons of a pair came to, back to [`SPAN`].
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) history: DriftHistory,
    /// When the last of them began; `None` before the first.
    pub(crate) read_ms: Option<i64>,
}

impl Facts {
    pub(crate) fn cluster(&self, id: &ClusterId) -> Option<&ClusterHealth> {
        self.board.clusters.iter().find(|cluster| cluster.id == *id)
    }

    /// The history of a subject, which is in `state` since then.
    pub(crate) fn history(&self, subject: &Subject, state: HealthState, since_ms: i64) -> Vec<Interval> {
        let Known { intervals: mut known, read_ms } =
            self.histories.get(&subject.to_string()).cloned().unwrap_or_default();
        // What has just changed may not have been written down yet.
        if state != HealthState::Unknown && since_ms < self.now_ms {
            known.retain(|i| i.from_ms < since_ms);
            if let Some(last) = known.last_mut() {
                // What stood when it was read went on until then: an outage ends when its node is back.
                let stood = last.to_ms + HISTORY_FOR_MS >= read_ms;
                last.to_ms = if stood { since_ms } else { last.to_ms.min(since_ms) };
            }
            known.push(Interval { from_ms: since_ms, to_ms: self.now_ms, state });
        }
        known
    }
}

/// Reads facts, and keeps what costs the database something.
#[derive(Default)]
pub(crate) struct Reader {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    read_ms: i64,
    of: Vec<ClusterId>,
    pairs: Vec<PairView>,
    histories: HashMap<String, Known>,
    drift: HashMap<PairId, Compared>,
}

impl Reader {
    /// Reads what is the case now of some clusters. What cannot be read is logged and stays as it was: a page is
    /// there also while the database is not.
    pub(crate) async fn read(
        &self,
        watch: &Watch,
        clusters: &clusters::Clusters,
        of: &[ClusterId],
        now_ms: i64,
    ) -> Facts {
        let mut board = watch.board();
        board.clusters.retain(|cluster| of.contains(&cluster.id));
        let mut kept = self.kept.lock().await;
        match clusters.pairs().await {
            Ok(pairs) => kept.pairs = pairs.into_iter().filter(|pair| of.contains(&pair.cluster)).collect(),
            Err(error) => tracing::warn!(code = error.code, "the pairs cannot be read for the status pages"),
        }
        let is_due = kept.of != of || now_ms - kept.read_ms >= HISTORY_FOR_MS;
        kept.read_histories(watch, &board, now_ms, is_due).await;
        kept.read_drift(clusters, is_due).await;
        if is_due {
            (kept.read_ms, kept.of) = (now_ms, of.to_vec());
        }
        let Kept { pairs, histories, drift, .. } = &*kept;
        Facts { now_ms, board, pairs: pairs.clone(), histories: histories.clone(), drift: drift.clone() }
    }
}

impl Kept {
    /// Reads the histories of what there is now: of all, or of what has changed since its own was read, so that an
    /// outage that is over stays on the page.
    async fn read_histories(&mut self, watch: &Watch, board: &Board, now_ms: i64, all: bool) {
        for cluster in &board.clusters {
            let nodes = cluster.nodes.iter().map(|node| (Subject::Node(node.id.clone()), node.since_ms));
            let entry = cluster.entry.iter().map(|e| (Subject::Entry(cluster.id.clone()), e.since_ms));
            for (subject, since_ms) in nodes.chain(entry) {
                let key = subject.to_string();
                let read_ms = self.histories.get(&key).map_or(0, |known| known.read_ms);
                if !all && !(read_ms + 1..=now_ms).contains(&since_ms) {
                    continue;
                }
                match watch.intervals(&subject, now_ms - SPAN.ms(), now_ms).await {
                    Ok(intervals) => _ = self.histories.insert(key, Known { intervals, read_ms: now_ms }),
                    Err(error) => warn(error.code()),
                }
            }
        }
    }

    /// Reads what comparisons came to: all, or those of pairs that were compared since.
    async fn read_drift(&mut self, clusters: &clusters::Clusters, all: bool) {
        for pair in &self.pairs {
            let is_told = |known: &Compared| known.read_ms == pair.read_ms;
            if !all && self.drift.get(&pair.id).is_some_and(is_told) {
                continue;
            }
            match clusters.pair_history(&pair.id, SPAN).await {
                Ok(history) => {
                    self.drift.insert(pair.id.clone(), Compared { history, read_ms: pair.read_ms });
                }
                Err(error) => warn(&error.code),
            }
        }
    }
}

fn warn(code: &str) {
    tracing::warn!(code, "a history cannot be read for the status pages");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_lets_what_stood_go_on_until_the_state_changed() {
        let subject = Subject::Entry(crate::sample::id(1));
        let away = Interval { from_ms: 100_000, to_ms: 120_000, state: HealthState::Down };
        let facts = |read_ms| Facts {
            now_ms: 200_000,
            histories: HashMap::from([(subject.to_string(), Known { intervals: vec![away], read_ms })]),
            ..Facts::default()
        };
        let ends = |facts: Facts| {
            let known = facts.history(&subject, HealthState::Up, 130_000);
            known.iter().map(|i| (i.to_ms, i.state)).collect::<Vec<_>>()
        };
        let up = (200_000, HealthState::Up);
        assert_eq!(ends(facts(121_000)), [(130_000, HealthState::Down), up], "it was read while it stood");
        assert_eq!(
            ends(facts(190_000)),
            [(120_000, HealthState::Down), up],
            "then nobody looked for a while"
        );
    }
}
