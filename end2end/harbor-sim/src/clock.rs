//! The simulator's time: real time plus an offset that tests move, so that schedules need no waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::watch;

/// Milliseconds since 1970, UTC.
pub type Millis = i64;

/// Harbor's "never": the zero time of Go, `0001-01-01T00:00:00.000Z`.
pub const NEVER: Millis = i64::MIN;

/// A settable clock shared by all nodes of a simulation.
#[derive(Clone)]
pub struct Clock {
    offset: Arc<AtomicI64>,
    moved: watch::Sender<u64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: Arc::default(), moved: watch::Sender::new(0) }
    }
}

fn real() -> Millis {
    Timestamp::now().as_millisecond()
}

impl Clock {
    /// Now, in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Millis {
        real() + self.offset.load(Ordering::SeqCst)
    }

    /// Moves time forward; schedules that fall due run at once.
    pub fn advance(&self, by: Duration) {
        self.offset.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        self.moved.send_modify(|n| *n += 1);
    }

    /// Sets the time to `at`; it then runs on at the usual speed.
    pub fn set(&self, at: Millis) {
        self.offset.store(at - real(), Ordering::SeqCst);
        self.moved.send_modify(|n| *n += 1);
    }

    /// Wakes whoever waits for a moment in simulated time.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }
}

/// `2026-11-23T08:11:20.758Z`, or the zero time for [`NEVER`].
#[must_use]
pub fn rfc3339(at: Millis) -> String {
    if at == NEVER {
        return "0001-01-01T00:00:00.000Z".to_owned();
    }
    let Ok(stamp) = Timestamp::from_millisecond(at) else { return "0001-01-01T00:00:00.000Z".to_owned() };
    stamp.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// The HTTP form, `Mon, 23 Nov 2026 20:11:46 GMT`.
pub(crate) fn http_date(at: Millis) -> String {
    Timestamp::from_millisecond(at)
        .map(|t| t.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

/// Job service times have whole seconds.
pub(crate) fn whole_seconds(at: Millis) -> Millis {
    at.div_euclid(1000) * 1000
}
