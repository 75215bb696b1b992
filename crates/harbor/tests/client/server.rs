//! A server of one test: it answers each request by a function, keeps what it heard, and can misbehave.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use harbor::{Credential, Harbor, NodeAddress, Outside, TlsChoice};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What was heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// How to answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, String),
    Html(u16, String),
    /// Status, extra header lines, body.
    With(u16, Vec<(String, String)>, String),
    /// Bytes as they are, then the connection ends.
    Raw(Vec<u8>),
    /// Never.
    Hang,
    /// A body without an end.
    Endless,
}

impl Reply {
    pub(crate) fn ok(body: &str) -> Self {
        Self::Json(200, body.to_owned())
    }
}

pub(crate) struct Server {
    pub(crate) port: u16,
    scheme: &'static str,
    heard: Arc<Mutex<Vec<Request>>>,
}

/// The first byte of a TLS client; real servers that speak plain HTTP answer it with a 400.
const TLS_HANDSHAKE: u8 = 0x16;

type Handler = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(handler), None).await
    }

    pub(crate) async fn start_tls(
        acceptor: TlsAcceptor,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Arc::new(handler), Some(acceptor)).await
    }

    async fn listen(handler: Handler, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, heard, acceptor) = (Arc::clone(&handler), Arc::clone(&kept), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => converse(stream, handler, heard).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                converse(stream, handler, heard).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, scheme, heard }
    }

    pub(crate) fn heard(&self) -> Vec<Request> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn heard_paths(&self) -> Vec<String> {
        self.heard().into_iter().map(|r| format!("{} {}", r.method, r.path)).collect()
    }

    /// A handle to this server by IP address.
    pub(crate) fn handle(&self, credential: Credential) -> Harbor {
        handle(&format!("{}://127.0.0.1:{}", self.scheme, self.port), &TlsChoice::System, credential)
    }

    pub(crate) fn with_tls(&self, host: &str, tls: &TlsChoice) -> Harbor {
        handle(&format!("https://{host}:{}", self.port), tls, Credential::Anonymous)
    }
}

pub(crate) fn handle(address: &str, tls: &TlsChoice, credential: Credential) -> Harbor {
    let outside = Outside::new(None, &[]).unwrap();
    Harbor::new(&outside, NodeAddress::parse(address).unwrap(), tls, credential).unwrap()
}

pub(crate) fn admin() -> Credential {
    Credential::basic("admin", "Harbor12345")
}

/// What a signed-in caller sees of the system; the client asks for it before anything else.
pub(crate) fn systeminfo() -> Reply {
    Reply::ok(
        r#"{"harbor_version":"v2.15.2-x","current_time":"2026-11-23T08:11:20.758Z","auth_mode":"db_auth"}"#,
    )
}

/// Answers the proof of a login, and everything else by `rest`.
pub(crate) fn signed_in(
    rest: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| if request.path == "/api/v2.0/systeminfo" { systeminfo() } else { rest(request) }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    handler: Handler,
    heard: Arc<Mutex<Vec<Request>>>,
) {
    while let Some(request) = hear(&mut stream).await {
        heard.lock().unwrap().push(request.clone());
        let bytes = match handler(&request) {
            Reply::Json(status, body) => answer(status, "application/json", &[], &body),
            Reply::Html(status, body) => answer(status, "text/html", &[], &body),
            Reply::With(status, headers, body) => answer(status, "application/json", &headers, &body),
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Hang => {
                tokio::time::sleep(Duration::from_secs(600)).await;
                return;
            }
            Reply::Endless => return endless(&mut stream).await,
        };
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn endless<S: AsyncWrite + Unpin>(stream: &mut S) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10737418240\r\n\r\n[";
    let _ = stream.write_all(head.as_bytes()).await;
    let block = vec![b' '; 64 * 1024];
    while stream.write_all(&block).await.is_ok() {}
}

fn answer(status: u16, kind: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let mut text =
        format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if bytes.first() == Some(&TLS_HANDSHAKE) {
            let _ = stream.write_all(&answer(400, "text/plain", &[], "no HTTP")).await;
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|l| l.split_once(": "))
        .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
