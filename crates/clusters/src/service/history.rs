//! How many differences a pair had over time.

use std::{collections::BTreeMap, time::Duration};

use ledger::PairState;
use model::{
    HistorySpan,
    drift::{DriftHistory, Kind, KindCount},
    ids::PairId,
};
use store::ledger::{Counts, DriftTotal};

use super::{Answered, Clusters};

/// What was not compared for so long is a gap: nobody knows what was meanwhile.
const GAP: Duration = Duration::from_secs(300);
/// And for so many times the time that comparing takes: a large pair rests thirty times that between two.
const RESTS: u32 = 60;

impl Clusters {
    /// How many differences a pair had, back to then.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn pair_history(&self, id: &PairId, span: HistorySpan) -> Answered<DriftHistory> {
        let state: PairState = self.store.ledger().pair(id).await?.state_as()?;
        let now_ms = self.now_ms();
        let from_ms = now_ms - span.ms();
        let rows = self.store.ledger().history(id, from_ms).await?;
        let counted = |counts: Counts| counts.into_iter().map(|(kind, count)| KindCount { kind, count });
        let mut noted: Vec<(i64, Option<Vec<KindCount>>)> =
            rows.into_iter().map(|row| (row.at_ms, row.counts.map(|c| counted(c).collect()))).collect();
        let compared_ms = state.ended_ms.unwrap_or(from_ms);
        // What came of the last comparison is noted a minute later, and by the next one.
        if let Some((at_ms, Some(last))) = noted.last() {
            let now = counted(counts(&self.store.ledger().drift_totals(id).await?)).collect();
            if *last != now && *at_ms < compared_ms {
                noted.push((compared_ms, Some(now)));
            }
        }
        Ok(DriftHistory::new(from_ms, now_ms, compared_ms, &noted))
    }

    /// Notes what a comparison that began then came to, and what was known before it: after an outage that says
    /// nothing of what was until now.
    pub(super) async fn note_history(
        &self,
        id: &PairId,
        before_ms: Option<i64>,
        began_ms: i64,
        after_outage: bool,
    ) -> Answered<()> {
        let took_ms = u64::try_from(self.now_ms() - began_ms).unwrap_or(0);
        let gap = (Duration::from_millis(took_ms) * RESTS).max(GAP);
        let is_long = |at: &i64| u128::try_from(began_ms - at).is_ok_and(|ms| ms > gap.as_millis());
        let unseen = before_ms.filter(|at| after_outage || is_long(at));
        let counts = counts(&self.store.ledger().drift_totals(id).await?);
        Ok(self.store.ledger().note_history(id, &counts, unseen).await?)
    }
}

/// How many there are of each kind that counts.
fn counts(totals: &[DriftTotal]) -> Counts {
    let mut all = BTreeMap::<Kind, u64>::new();
    for total in totals.iter().filter(|total| total.kind.counts()) {
        *all.entry(total.kind).or_default() += u64::try_from(total.count).unwrap_or(0);
    }
    all.into_iter().collect()
}
