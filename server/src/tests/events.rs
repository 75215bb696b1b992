//! Live events: what a page's `EventSource` and a program hear, and how both come back.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use http::{Method, Request, StatusCode, header};
use model::{ids::ClusterId, live::LiveEvent, people::Role};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::console::{PATIENCE, TestConsole, VIEWER};

/// An open stream.
struct Heard {
    stream: BodyDataStream,
    text: String,
}

impl Heard {
    /// As a browser: with its session.
    async fn live(console: &TestConsole, last: Option<&str>) -> Self {
        let mut request = console.request(VIEWER, Method::GET, "/live");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Self::begun(console, request.body(Body::empty()).unwrap()).await
    }

    /// As a program: with a token.
    async fn rest(console: &TestConsole, last: Option<&str>) -> Self {
        let token = console.token(Role::Viewer, 1).await;
        let mut request = Request::builder()
            .uri("/api/v1/events")
            .header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Self::begun(console, request.body(Body::empty()).unwrap()).await
    }

    async fn begun(console: &TestConsole, request: Request<Body>) -> Self {
        let (parts, body) = console.stream(request).await.into_parts();
        assert_eq!(parts.status, StatusCode::OK);
        assert_eq!(parts.headers["content-type"], "text/event-stream");
        assert_eq!(parts.headers["cache-control"], "no-store");
        assert_eq!(parts.headers["x-accel-buffering"], "no");
        let mut heard = Self { stream: body.into_data_stream(), text: String::new() };
        // Said at once, so that the browser knows it is connected.
        assert_eq!(heard.frame().await.as_deref(), Some("retry: 2000"));
        heard
    }

    /// The next frame; `None` when the stream ends.
    async fn frame(&mut self) -> Option<String> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(frame);
            }
            let bytes = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("silence")?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next event that is no beat, with its id.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            let frame = self.frame().await?;
            if frame.starts_with(':') {
                continue;
            }
            let (id, data) = frame.split_once("\ndata: ").unwrap();
            let value: Value = serde_json::from_str(data).unwrap();
            if value["kind"] != "seen" {
                return Some((id.strip_prefix("id: ").unwrap().to_owned(), value));
            }
        }
    }
}

fn event(n: u32) -> (LiveEvent, Value) {
    let id = format!("0193a1b2-0000-7000-8000-{n:012}");
    (
        LiveEvent::ClusterGone { id: ClusterId::parse(&id).unwrap() },
        serde_json::json!({"kind": "cluster-gone", "id": id}),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn event_reaches_pages_and_programs_alike() {
    let console = TestConsole::start().await;
    let (mut page, mut program) = (Heard::live(&console, None).await, Heard::rest(&console, None).await);
    for n in 1..=3 {
        let (sent, expected) = event(n);
        console.open.services.watch.publish(&sent);
        let heard = page.next().await.unwrap();
        assert_eq!(heard.1, expected);
        assert_eq!(program.next().await.unwrap(), heard);
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_goes_on_after_the_last_event_id() {
    let console = TestConsole::start().await;
    let publish = |n| console.open.services.watch.publish(&event(n).0);
    let mut page = Heard::live(&console, None).await;
    publish(1);
    let (first, _) = page.next().await.unwrap();
    drop(page);
    publish(2);
    publish(3);
    for rest in [false, true] {
        let mut back = if rest {
            Heard::rest(&console, Some(&first)).await
        } else {
            Heard::live(&console, Some(&first)).await
        };
        for n in 2..=3 {
            assert_eq!(back.next().await.unwrap().1, event(n).1);
        }
    }
    // What was forgotten, or given out by a process before this one: the page reads its data anew.
    let mut old = Heard::live(&console, Some("7")).await;
    assert_eq!(old.next().await.unwrap().1["kind"], "reset");
    publish(4);
    assert_eq!(old.next().await.unwrap().1, event(4).1);
    // No id at all: from now on.
    let mut fresh = Heard::live(&console, Some("<script>")).await;
    publish(5);
    assert_eq!(fresh.next().await.unwrap().1, event(5).1);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_beats_while_nothing_happens() {
    let console = TestConsole::start().await;
    let mut page = Heard::live(&console, None).await;
    let frame = page.frame().await.unwrap();
    assert!(frame.contains("\"kind\":\"seen\""), "{frame}");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_ends_when_the_console_stops() {
    let console = TestConsole::start().await;
    let mut page = Heard::live(&console, None).await;
    let watch = console.open.services.watch.clone();
    tokio::time::timeout(Duration::from_secs(30), watch.shutdown()).await.unwrap();
    assert!(page.next().await.is_none());
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_ends_with_its_session_or_token_and_no_sooner() {
    let console = TestConsole::start().await;
    let access = &console.open.services.access;
    let viewer = console.person(Role::Viewer);
    let (mut page, mut program) = (Heard::live(&console, None).await, Heard::rest(&console, None).await);

    // Somebody else's end wakes both, and ends neither.
    access.sign_out(console.person(Role::Operator)).await.unwrap();
    console.open.services.watch.publish(&event(1).0);
    assert_eq!(page.next().await.unwrap().1, event(1).1);
    assert_eq!(program.next().await.unwrap().1, event(1).1);

    let token = access.tokens(viewer).await.unwrap().remove(0);
    access.revoke_token(viewer, &token.id).await.unwrap();
    assert_eq!(program.next().await, None);

    access.set_disabled(console.person(Role::Administrator), &viewer.user.id, true).await.unwrap();
    assert_eq!(page.next().await, None);
    console.close().await;
}
