//! Live events over SSE: `/live` for pages and `/api/v1/events` for machines are the same stream.

use std::{convert::Infallible, time::Duration};

use access::{Access, Actor};
use app::api::Services;
use axum::{
    body::Body,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use tokio::{
    sync::watch::Receiver,
    time::{Instant, Interval, interval_at},
};
use watch::LiveStream;

use crate::{http::identity::Listener, router::AppState};

/// A comment that keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// After how many of those a listener is asked after: a session may have ended by time, or elsewhere.
const ASKED_AFTER: u32 = 4;

/// Where a page that was just made begins to listen; a browser cannot send `Last-Event-ID` the first time.
#[derive(serde::Deserialize)]
pub(crate) struct From {
    after: Option<u64>,
}

/// Live events, from the one after `Last-Event-ID` or from now: one JSON value each, its `kind` says which.
///
/// The stream ends with its session or token.
#[utoipa::path(get, path = "/events", operation_id = "live_events", responses((status = 200, content_type = "text/event-stream"), (status = 401)))]
pub(crate) async fn events(
    listener: Listener,
    State(state): State<AppState>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let last = last.or(from.after);
    let Services { access, watch, .. } = &state.services;
    let frames = Frames {
        live: watch.subscribe(last),
        ticks: interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE),
        ticked: 0,
        endings: access.endings(),
        listener: listener.0,
        access: access.clone(),
    };
    stream_of(frames.into_stream())
}

/// An answer of frames as they come, after a hello at once, so that the browser knows it is connected.
pub(crate) fn stream_of(frames: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let hello = stream::once(async { Bytes::from_static(b"retry: 2000\n\n") });
    let mut response = Body::from_stream(hello.chain(frames).map(Ok::<_, Infallible>)).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx would otherwise collect events into blocks.
        (http::HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What one listener is sent.
struct Frames {
    live: LiveStream,
    ticks: Interval,
    /// Ticks so far.
    ticked: u32,
    endings: Receiver<()>,
    listener: Actor,
    access: Access,
}

impl Frames {
    /// The frames as they come, and a comment in quiet times. Ends when the console stops, or the listener is no longer
    /// known.
    fn into_stream(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(self, |mut frames| async move { Some((frames.next().await?, frames)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                Ok(()) = self.endings.changed() => {
                    if !self.is_known().await { return None }
                }
                frame = self.live.next() => return frame,
                _ = self.ticks.tick() => {
                    self.ticked += 1;
                    if self.ticked.is_multiple_of(ASKED_AFTER) && !self.is_known().await { return None }
                    return Some(Bytes::from_static(b": quiet\n\n"));
                }
            }
        }
    }

    /// A database that is away for a while shuts nobody out.
    async fn is_known(&self) -> bool {
        self.access.still(&self.listener).await.unwrap_or(true)
    }
}
