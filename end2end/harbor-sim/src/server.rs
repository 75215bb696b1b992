//! Listening, faults of the wire, and what every call goes through before its handler.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{Method, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::fault::Component;
use crate::http::{Refusal, Reply, Request};
use crate::node::{Node, lock};

/// Largest body a node takes.
const BODY_LIMIT: usize = 1 << 30;

type Body = BoxBody<Bytes, io::Error>;

/// Binds a port of 127.0.0.1; 0 takes a free one.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    socket.listen(1024)
}

/// Accepts connections until the node stops; closes the listener while connecting is to be refused.
pub(crate) async fn listen(node: Arc<Node>, first: TcpListener) {
    let mut listener = Some(first);
    let mut changed = node.faults_changed.subscribe();
    let mut connections = CancellationToken::new();
    loop {
        let refuse = lock(&node.faults).refuse;
        if refuse && listener.is_some() {
            listener = None;
            connections.cancel();
            connections = CancellationToken::new();
            node.listener_closed.send_replace(true);
        } else if !refuse && listener.is_none() {
            match bind(node.address.port()) {
                Ok(again) => {
                    listener = Some(again);
                    node.listener_closed.send_replace(false);
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot listen again, trying once more");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            }
        }
        tokio::select! {
            () = node.stop.cancelled() => break,
            result = changed.changed() => if result.is_err() { break },
            accepted = accept(listener.as_ref()) => if let Ok(stream) = accepted {
                let node = Arc::clone(&node);
                let cut = connections.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = cut.cancelled() => {}
                        () = node.stop.cancelled() => {}
                        () = connection(&node, stream) => {}
                    }
                });
            },
        }
    }
    connections.cancel();
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

async fn connection(node: &Arc<Node>, stream: TcpStream) {
    // A peer that is slow to close is no reason to fail here.
    let _ = stream.set_nodelay(true);
    let (drop, hang) = {
        let faults = lock(&node.faults);
        (faults.drop, faults.hang)
    };
    if drop {
        return;
    }
    if hang {
        node.until(|f| !f.hang).await;
    }
    match (&node.certificates, node.tls) {
        (Some(certificates), Some(mode)) => {
            let mode = lock(&node.faults).certificate.unwrap_or(mode);
            if let Ok(tls) = certificates.acceptor(mode).accept(stream).await {
                speak(node, tls).await;
            }
        }
        _ => speak(node, stream).await,
    }
}

async fn speak(node: &Arc<Node>, io: impl AsyncRead + AsyncWrite + Unpin) {
    let service = service_fn(|request: http::Request<Incoming>| {
        let node = Arc::clone(node);
        async move { answer(node, request).await }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    // Cut connections and half bodies are ordered faults; there is nobody to tell.
    let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(io), service).await;
}

async fn answer(node: Arc<Node>, request: http::Request<Incoming>) -> io::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(io::Error::other)?.to_bytes();
    let request = Request::new(parts.method, &parts.uri, parts.headers, body);
    node.served.fetch_add(1, Ordering::Relaxed);
    let faults = lock(&node.faults).clone();
    if faults.drop {
        return Err(io::Error::from(io::ErrorKind::ConnectionReset));
    }
    if faults.hang {
        node.until(|f| !f.hang).await;
    }
    if let Some(by) = faults.slow {
        tokio::time::sleep(by).await;
    }
    if faults.endless {
        return Ok(endless());
    }
    let reply = if faults.status_500 {
        Refusal::internal().reply()
    } else if faults.bad_gateway || faults.is_sick(Component::Core) {
        Reply::html(502, "502 Bad Gateway")
    } else if faults.html {
        Reply::typed(200, "text/html; charset=utf-8", "<!doctype html><html><title>Sign in</title></html>")
            .bare()
    } else {
        through(&node, &request).await
    };
    Ok(respond(&request, reply, faults.cut_json))
}

fn endless() -> Response<Body> {
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    let frames = stream::repeat_with(move || Ok(Frame::data(chunk.clone())));
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(frames)));
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}

fn respond(request: &Request, reply: Reply, cut: bool) -> Response<Body> {
    let length = reply.body.len();
    let mut builder = Response::builder()
        .status(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    if let Some(kind) = &reply.content_type {
        builder = builder.header("content-type", kind);
    }
    let named = reply.headers.iter().any(|(name, _)| *name == "content-length");
    for (name, value) in &reply.headers {
        builder = builder.header(*name, value);
    }
    let silent = request.method == Method::HEAD && length == 0;
    if !named && !silent && reply.status != 204 {
        builder = builder.header("content-length", length);
    }
    let is_json = reply.content_type.as_deref().is_some_and(|k| k.starts_with("application/json"));
    let body: Body = if request.method == Method::HEAD {
        Full::new(Bytes::new()).map_err(never).boxed()
    } else if cut && is_json && length > 1 {
        let half = reply.body.slice(..length / 2);
        let frames =
            stream::iter([Ok(Frame::data(half)), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
        BodyExt::boxed(StreamBody::new(frames))
    } else {
        Full::new(reply.body).map_err(never).boxed()
    };
    builder.body(body).unwrap_or_else(|_| {
        let mut broken = Response::new(Full::new(Bytes::new()).map_err(never).boxed());
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

fn never(error: Infallible) -> io::Error {
    match error {}
}

/// The way of a call through nginx and core.
async fn through(node: &Arc<Node>, request: &Request) -> Reply {
    let first = request.segments.first().map_or("", String::as_str);
    if request.raw_path == "/v2" {
        let place = format!("{}/v2/", base_of(node, request));
        return Reply::html(301, "301 Moved Permanently").with("location", place);
    }
    if !["api", "v2", "c", "service"].contains(&first) {
        return portal(node, request);
    }
    let ping = matches!(request.segments.get(2).map(String::as_str), Some("ping")) && first == "api";
    if node.is_frozen(Component::Redis) || (node.is_frozen(Component::Database) && !ping) {
        node.until(|f| f.frozen.is_empty()).await;
    }
    let id = request.header("x-request-id").map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    let mut reply = core(node, request, ping).await;
    reply.headers.push(("x-request-id", id));
    reply
}

/// What is left for the portal's web server: its page, and 404 for the rest.
fn portal(node: &Node, request: &Request) -> Reply {
    if node.is_sick(Component::Portal) {
        return Reply::html(502, "502 Bad Gateway");
    }
    if request.segments.is_empty() {
        return Reply::typed(200, "text/html", "<!doctype html><html><title>Harbor</title></html>").bare();
    }
    Reply::html(404, "404 Not Found")
}

/// Scheme and host as the client sees them.
pub(crate) fn base_of(node: &Node, request: &Request) -> String {
    let scheme = match request.header("x-forwarded-proto") {
        Some(scheme) => scheme,
        None if node.tls.is_some() => "https",
        None => "http",
    };
    format!("{scheme}://{}", request.host())
}

async fn core(node: &Arc<Node>, request: &Request, ping: bool) -> Reply {
    let changes = !matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && node.read_only() && !always_writable(request) {
        let text = "The system is in read only mode. Any modification is prohibited.";
        return Refusal::new(403, "DENIED", text).reply().bare();
    }
    let csrf = crate::csrf::check(node, request);
    let mut reply = match csrf.refused {
        Some(refusal) => refusal.reply().bare(),
        None if node.is_sick(Component::Database) && !ping && !is_health(request) => {
            Refusal::internal().reply()
        }
        None => handle(node, request).await,
    };
    if let Some(token) = csrf.token {
        reply.headers.push(("x-harbor-csrf-token", token));
    }
    reply.headers.extend(csrf.cookie.map(|cookie| ("set-cookie", cookie)));
    let has_sid = reply.headers.iter().any(|(n, v)| *n == "set-cookie" && v.starts_with("sid="));
    if !reply.bare && !has_sid && !known_session(node, request) {
        reply.headers.push(("set-cookie", new_session(node, None)));
    }
    reply
}

fn is_health(request: &Request) -> bool {
    request.segments.first().is_some_and(|s| s == "api")
        && request.segments.last().is_some_and(|s| s == "health" || s == "version")
}

fn always_writable(request: &Request) -> bool {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    matches!(path[..], ["c", ..] | ["api", _, "configurations"])
}

fn known_session(node: &Node, request: &Request) -> bool {
    request.cookie("sid").is_some_and(|sid| lock(&node.sessions.by_id).contains_key(&sid))
}

/// Makes a session and the cookie that names it.
pub(crate) fn new_session(node: &Node, user: Option<i64>) -> String {
    let sid = crate::random::hex(16);
    let mut sessions = lock(&node.sessions.by_id);
    if sessions.len() >= 5_000 {
        // Real ones expire; here only signed-in sessions are worth keeping.
        sessions.retain(|_, user| user.is_some());
    }
    sessions.insert(sid.clone(), user);
    format!("sid={sid}; Path=/; HttpOnly")
}

async fn handle(node: &Arc<Node>, request: &Request) -> Reply {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let result: Pin<Box<dyn Future<Output = Reply> + Send + '_>> = match path[..] {
        ["v2", ..] => Box::pin(crate::oci::serve(node, request)),
        ["service", ..] => Box::pin(crate::oci::token(node, request)),
        ["c", ..] => Box::pin(crate::api::session::serve(node, request)),
        _ => Box::pin(crate::api::serve(node, request)),
    };
    result.await
}
