//! History as bars.

use model::health::{Bucket, HealthState, Interval, buckets};
use store::{Store, StoreError};

use crate::subject::Subject;

/// Most bars that can be asked for at once.
const MOST_BARS: usize = 1000;

/// The bars of a subject from `from_ms` to `to_ms`.
pub(crate) async fn bars(
    store: &Store,
    subject: &Subject,
    from_ms: i64,
    to_ms: i64,
    bars: usize,
) -> Result<Vec<Bucket>, StoreError> {
    let intervals = intervals(store, subject, from_ms, to_ms).await?;
    Ok(buckets(&intervals, from_ms, to_ms, bars.clamp(1, MOST_BARS)))
}

/// The stretches in which somebody looked, cut to `from_ms..to_ms`.
pub(crate) async fn intervals(
    store: &Store,
    subject: &Subject,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Interval>, StoreError> {
    let rows = store.intervals().range(&subject.to_string(), from_ms, to_ms).await?;
    let interval = |row: store::intervals::IntervalRow| Interval {
        from_ms: row.from_ms,
        to_ms: row.to_ms.unwrap_or(to_ms),
        state: HealthState::parse(&row.state),
    };
    Ok(rows.into_iter().map(interval).collect())
}
