//! Live events over SSE: `/live` for pages and `/api/v1/events` for machines are the same stream.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use tokio::time::{Instant, interval_at};
use watch::LiveStream;

use crate::{http::identity::Viewer, router::AppState};

/// A comment that keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where a page that was just made begins to listen; a browser cannot send `Last-Event-ID` the first time.
#[derive(serde::Deserialize)]
pub(crate) struct From {
    after: Option<u64>,
}

/// Live events, from the one after `Last-Event-ID` or from now: one JSON value each, its `kind` says which.
#[utoipa::path(get, path = "/events", operation_id = "live_events", responses((status = 200, content_type = "text/event-stream"), (status = 401)))]
pub(crate) async fn events(
    _: Viewer,
    State(state): State<AppState>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let last = last.or(from.after);
    let frames = kept_alive(state.services.watch.subscribe(last)).map(Ok::<_, Infallible>);
    let mut response = Body::from_stream(frames).into_response();
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

/// The frames as they come, a hello at once (so that the browser knows it is connected) and a comment in quiet
/// times. Ends when the console stops.
fn kept_alive(live: LiveStream) -> impl Stream<Item = Bytes> + Send {
    let ticks = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    let quiet = stream::unfold((live, ticks), |(mut live, mut ticks)| async move {
        let frame = tokio::select! {
            biased;
            frame = live.next() => frame?,
            _ = ticks.tick() => Bytes::from_static(b": quiet\n\n"),
        };
        Some((frame, (live, ticks)))
    });
    stream::once(async { Bytes::from_static(b"retry: 2000\n\n") }).chain(quiet)
}
