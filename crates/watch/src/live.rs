//! Live events for any number of viewers.
//!
//! An event is serialised once into an SSE frame and put into a ring. A viewer is a cursor into that ring and a
//! handle that wakes it, so ten thousand cost little more than one, a slow one holds up nobody, and one who comes
//! back with a Last-Event-ID reads on where it stopped. Whoever asks for what the ring has forgotten gets a
//! [`LiveEvent::Reset`] and reads the page's data anew.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use futures::Stream;
use model::live::LiveEvent;
use tokio::sync::watch;

/// Wakes viewers for the last time.
const CLOSED: u64 = u64::MAX;

/// The ring of events.
#[derive(Clone)]
pub(crate) struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    ring: RwLock<Ring>,
    newest: watch::Sender<u64>,
    most_events: usize,
    most_bytes: usize,
}

struct Ring {
    /// The frames, the last of which has the id `newest`.
    frames: VecDeque<Bytes>,
    bytes: usize,
    newest: u64,
}

impl Hub {
    /// `start` is larger than any id given out before by this or another process: the time in milliseconds, shifted
    /// by ten bits, unless a process sent a thousand events per millisecond of its life.
    pub(crate) fn new(now_ms: i64, most_events: usize, most_bytes: usize) -> Self {
        let newest = u64::try_from(now_ms).unwrap_or(0) << 10;
        let ring = RwLock::new(Ring { frames: VecDeque::new(), bytes: 0, newest });
        Self { inner: Arc::new(Inner { ring, newest: watch::Sender::new(newest), most_events, most_bytes }) }
    }

    /// Sends an event to every viewer; returns its id.
    pub(crate) fn publish(&self, event: &LiveEvent) -> u64 {
        let json = match serde_json::to_string(event) {
            Ok(json) => json,
            Err(error) => {
                tracing::error!(%error, "a live event cannot be written as JSON");
                return self.newest();
            }
        };
        let id = {
            let mut ring = self.inner.ring.write().unwrap_or_else(PoisonError::into_inner);
            ring.newest += 1;
            let frame = frame(ring.newest, &json);
            ring.bytes += frame.len();
            ring.frames.push_back(frame);
            while ring.frames.len() > self.inner.most_events.max(1)
                || (ring.bytes > self.inner.most_bytes && ring.frames.len() > 1)
            {
                ring.bytes -= ring.frames.pop_front().map_or(0, |f| f.len());
            }
            ring.newest
        };
        self.inner.newest.send_if_modified(|newest| {
            let open = *newest != CLOSED;
            if open {
                *newest = id.max(*newest);
            }
            open
        });
        id
    }

    pub(crate) fn newest(&self) -> u64 {
        self.inner.ring.read().unwrap_or_else(PoisonError::into_inner).newest
    }

    /// Tells the id of the newest event.
    pub(crate) fn wake(&self) -> watch::Receiver<u64> {
        self.inner.newest.subscribe()
    }

    /// Ends every stream after what it still has to read.
    pub(crate) fn close(&self) {
        self.inner.newest.send_replace(CLOSED);
    }

    pub(crate) fn subscribe(&self, last_event_id: Option<u64>) -> LiveStream {
        let wake = self.inner.newest.subscribe();
        let cursor = last_event_id.unwrap_or_else(|| self.newest());
        LiveStream { hub: self.clone(), wake, cursor }
    }

    /// The frame after `cursor` and its id.
    fn after(&self, cursor: u64) -> Option<(u64, Bytes)> {
        let ring = self.inner.ring.read().unwrap_or_else(PoisonError::into_inner);
        if cursor == ring.newest {
            return None;
        }
        let oldest = ring.newest - ring.frames.len() as u64 + 1;
        // Larger than the newest: given out by another process.
        if cursor > ring.newest || cursor + 1 < oldest {
            return Some((ring.newest, reset(ring.newest)));
        }
        let at = usize::try_from(cursor + 1 - oldest).ok()?;
        ring.frames.get(at).map(|frame| (cursor + 1, frame.clone()))
    }
}

fn frame(id: u64, json: &str) -> Bytes {
    // JSON without indentation holds no line break, so it is one `data:` line.
    Bytes::from(format!("id: {id}\ndata: {json}\n\n"))
}

fn reset(id: u64) -> Bytes {
    frame(id, r#"{"kind":"reset"}"#)
}

/// What one viewer reads: SSE frames, ready to be sent as they are.
pub struct LiveStream {
    hub: Hub,
    wake: watch::Receiver<u64>,
    cursor: u64,
}

impl LiveStream {
    /// The next frame; `None` when the console shuts down. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Marked as seen before looking: what comes in between wakes at once.
            let closed = *self.wake.borrow_and_update() == CLOSED;
            if let Some((id, frame)) = self.hub.after(self.cursor) {
                self.cursor = id;
                return Some(frame);
            }
            if closed || self.wake.changed().await.is_err() {
                return None;
            }
        }
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Bytes> + Send + 'static {
        futures::stream::unfold(self, |mut live| async move { live.next().await.map(|frame| (frame, live)) })
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn beat(at_ms: i64) -> LiveEvent {
        LiveEvent::Seen { at_ms, clusters: Vec::new() }
    }

    fn hub(events: usize) -> Hub {
        Hub::new(1_700_000_000_000, events, 1 << 20)
    }

    fn now(stream: &mut LiveStream) -> Option<String> {
        let frame = stream.next().now_or_never()??;
        Some(String::from_utf8(frame.to_vec()).unwrap())
    }

    #[test]
    fn next_gives_each_viewer_the_same_bytes() {
        let hub = hub(8);
        let (mut a, mut b) = (hub.subscribe(None), hub.subscribe(None));
        let id = hub.publish(&beat(5));
        let frame = a.next().now_or_never().flatten().unwrap();
        assert_eq!(frame, format!("id: {id}\ndata: {{\"kind\":\"seen\",\"at_ms\":5,\"clusters\":[]}}\n\n"));
        let other = b.next().now_or_never().flatten().unwrap();
        assert_eq!(frame.as_ptr(), other.as_ptr());
        assert_eq!(now(&mut a), None);
    }

    #[test]
    fn subscribe_reads_on_after_the_last_id() {
        let hub = hub(8);
        let first = hub.publish(&beat(1));
        let second = hub.publish(&beat(2));
        let mut back = hub.subscribe(Some(first));
        assert!(now(&mut back).unwrap().starts_with(&format!("id: {second}\n")));
        assert_eq!(now(&mut back), None);
        assert_eq!(now(&mut hub.subscribe(None)), None);
    }

    #[test]
    fn subscribe_resets_when_the_ring_has_forgotten() {
        let hub = hub(3);
        let first = hub.publish(&beat(0));
        let mut slow = hub.subscribe(Some(first));
        for i in 1..=4 {
            hub.publish(&beat(i));
        }
        assert!(now(&mut slow).unwrap().contains(r#"{"kind":"reset"}"#));
        assert_eq!(now(&mut slow), None);
        let last = hub.publish(&beat(9));
        assert!(now(&mut slow).unwrap().starts_with(&format!("id: {last}\n")));
    }

    #[test]
    fn subscribe_resets_for_ids_of_another_process() {
        let hub = hub(3);
        for alien in [7, hub.newest() + 5] {
            assert!(now(&mut hub.subscribe(Some(alien))).unwrap().contains("reset"));
        }
    }

    #[test]
    fn publish_keeps_the_ring_below_its_bytes() {
        let hub = Hub::new(0, 1000, 400);
        let first = hub.publish(&beat(0));
        for i in 0..50 {
            hub.publish(&beat(i));
        }
        assert!(now(&mut hub.subscribe(Some(first))).unwrap().contains("reset"));
        let ring = hub.inner.ring.read().unwrap();
        assert!(ring.bytes <= 400 && !ring.frames.is_empty());
    }

    #[tokio::test]
    async fn close_ends_streams_after_the_last_event() {
        let hub = hub(8);
        let mut stream = hub.subscribe(None);
        hub.publish(&beat(1));
        hub.close();
        assert!(stream.next().await.is_some());
        assert!(stream.next().await.is_none());
    }

    #[test]
    fn a_viewer_is_small() {
        assert!(size_of::<LiveStream>() <= 64, "{}", size_of::<LiveStream>());
    }
}
