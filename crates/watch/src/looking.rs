//! Says that somebody looks, and forgets what is too old.

use std::time::Duration;

use store::intervals::KEPT_MS;
use tokio::time::{MissedTickBehavior, interval};

use crate::inner::Inner;

/// Well within the silence that [`store::intervals::SILENCE_MS`] allows.
const EVERY: Duration = Duration::from_secs(15);
const DAY: Duration = Duration::from_secs(86_400);

/// Writes one row every few seconds while this replica looks, so that a crash, a lost database or a machine that
/// slept leaves a gap in the history and not a lie.
pub(crate) async fn heartbeat(inner: &Inner) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = inner.stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if !inner.is_leading() {
            inner.heard();
            continue;
        }
        inner.break_silence();
        match inner.store.intervals().looking(&inner.looker()).await {
            Ok(()) => inner.heard(),
            Err(error) => {
                tracing::warn!(code = error.code(), "that health is watched cannot be written down now")
            }
        }
    }
}

/// Forgets history and activity older than 400 days, once a day.
pub(crate) async fn prune(inner: &Inner) {
    let mut tick = interval(DAY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = inner.stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let before = inner.now_ms().saturating_sub(KEPT_MS);
        for pruned in [inner.store.intervals().prune().await, inner.store.activity().prune(before).await] {
            if let Err(error) = pruned {
                tracing::warn!(code = error.code(), "old history cannot be removed now");
            }
        }
    }
}
