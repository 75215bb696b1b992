//! What an open page hears, for as long as its reader may.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::Stream;
use model::Locale;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{Live, Pages, Reader};

/// What is said at least so often, so that a page knows that it is live and proxies keep the line open.
const BEAT: Duration = Duration::from_secs(15);

/// SSE frames for one reader.
pub struct PageStream {
    pages: Pages,
    live: Arc<Live>,
    reader: Reader,
    locale: Locale,
    turns: watch::Receiver<u64>,
    changes: watch::Receiver<()>,
    stop: CancellationToken,
    beat: Instant,
    ended: bool,
}

impl PageStream {
    pub(crate) fn new(
        pages: Pages,
        live: Arc<Live>,
        reader: Reader,
        locale: Locale,
        changes: watch::Receiver<()>,
        stop: CancellationToken,
    ) -> Self {
        let turns = live.turns();
        Self { pages, live, reader, locale, turns, changes, stop, beat: Instant::now(), ended: false }
    }

    /// The next frame; `None` once the reader may not look any more, and when the console stops. Dropping the future
    /// loses nothing.
    pub async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                _ = self.changes.changed() => {
                    if !self.pages.may(&self.reader, &self.live) {
                        return Some(self.end());
                    }
                }
                _ = self.turns.changed() => return Some(self.live.frame(self.locale, self.pages.now_ms())),
                () = tokio::time::sleep_until(self.beat) => {
                    if !self.pages.may(&self.reader, &self.live) || !self.pages.is_known(&self.reader).await {
                        return Some(self.end());
                    }
                    self.beat = Instant::now() + BEAT;
                    return Some(self.live.beat(self.locale));
                }
            }
        }
    }

    fn end(&mut self) -> Bytes {
        self.ended = true;
        Bytes::from_static(b"event: ended\ndata: {}\n\n")
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Bytes> + Send + 'static {
        futures::stream::unfold(self, |mut page| async move { page.next().await.map(|frame| (frame, page)) })
    }
}
