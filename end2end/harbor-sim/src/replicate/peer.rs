//! Talking to a peer as Harbor does: version, token, API and registry.

use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::config::Timing;
use crate::node::lock;
use crate::state::rows::Registry;

/// Where a peer is and how to sign in.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) kind: String,
    pub(crate) insecure: bool,
    ca: String,
    user: String,
    secret: String,
}

impl Endpoint {
    pub(crate) fn with_secret(row: &Registry, secret: &str) -> Self {
        Self {
            url: row.url.clone(),
            kind: row.kind.clone(),
            insecure: row.insecure,
            ca: row.ca.clone(),
            user: row.access_key.clone(),
            secret: secret.to_owned(),
        }
    }

    fn has_credential(&self) -> bool {
        !self.user.is_empty()
    }
}

/// Why a peer cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum PeerError {
    /// It answers and refuses the credential, or is no Harbor.
    #[error("the registry is unhealthy")]
    Unhealthy,
    /// An answer with a status that is no success.
    #[error("http error: code {0}, message {1}")]
    Status(u16, String),
    /// No answer; the text is what Go's client would say.
    #[error("{0}")]
    Unreachable(String),
    /// A kind of endpoint this Harbor cannot talk to.
    #[error("adapter for {0} not found")]
    Unsupported(String),
}

/// The clients for peers. Each call has a connection of its own: so a peer that is gone refuses, instead of
/// resetting a connection that was kept.
#[derive(Debug)]
pub(crate) struct Peers {
    checked: Client,
    unchecked: Client,
    timeout: Duration,
}

fn builder(timeout: Duration) -> reqwest::ClientBuilder {
    Client::builder()
        .connect_timeout(Duration::from_secs(30))
        .timeout(timeout)
        .pool_max_idle_per_host(0)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
}

/// What Go's HTTP client says about the same failure.
fn go_error(method: &Method, url: &str, error: &reqwest::Error) -> PeerError {
    let mut causes = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes = format!("{causes}: {cause}");
        source = cause.source();
    }
    let host = url.split("://").nth(1).unwrap_or(url).split('/').next().unwrap_or_default();
    let verb = match method.as_str() {
        "GET" => "Get",
        "HEAD" => "Head",
        "POST" => "Post",
        "PUT" => "Put",
        "DELETE" => "Delete",
        _ => "Patch",
    };
    let reason = if causes.contains("refused") {
        format!("dial tcp {host}: connect: connection refused")
    } else if error.is_timeout() {
        format!("dial tcp {host}: i/o timeout")
    } else if causes.contains("reset") {
        // The port is the system's choice and not known here.
        format!("read tcp 127.0.0.1:{}->{host}: read: connection reset by peer", 40_000 + host.len())
    } else if causes.contains("certificate") {
        "tls: failed to verify certificate".to_owned()
    } else if causes.contains("dns") || causes.contains("lookup") {
        format!("dial tcp: lookup {}: no such host", host.split(':').next().unwrap_or(host))
    } else {
        "EOF".to_owned()
    };
    PeerError::Unreachable(format!("{verb} \"{url}\": {reason}"))
}

impl Peers {
    pub(crate) fn new(timing: &Timing) -> Result<Self, reqwest::Error> {
        let timeout = timing.peer_timeout;
        Ok(Self {
            checked: builder(timeout).build()?,
            unchecked: builder(timeout).danger_accept_invalid_certs(true).build()?,
            timeout,
        })
    }

    fn client(&self, endpoint: &Endpoint) -> Result<Client, PeerError> {
        if endpoint.insecure {
            return Ok(self.unchecked.clone());
        }
        if endpoint.ca.is_empty() {
            return Ok(self.checked.clone());
        }
        let bad = |e: reqwest::Error| PeerError::Unreachable(e.to_string());
        let ca = reqwest::Certificate::from_pem(endpoint.ca.as_bytes()).map_err(bad)?;
        builder(self.timeout).add_root_certificate(ca).build().map_err(bad)
    }

    /// Makes the adapter: for Harbor this asks for the API's version at once.
    pub(crate) async fn open(&self, endpoint: &Endpoint) -> Result<Remote, PeerError> {
        if !matches!(endpoint.kind.as_str(), "harbor" | "docker-registry") {
            return Err(PeerError::Unsupported(endpoint.kind.clone()));
        }
        let remote =
            Remote { client: self.client(endpoint)?, endpoint: endpoint.clone(), tokens: Mutex::default() };
        if endpoint.kind == "harbor" {
            let answer = remote.send(Method::GET, "/api/version", |r| r).await?;
            let status = answer.status();
            if status.is_server_error() {
                return Err(failure(answer).await);
            }
        }
        Ok(remote)
    }

    /// What "test connection" does. Without a credential it only shows that something answers.
    pub(crate) async fn ping(&self, endpoint: &Endpoint) -> Result<(), PeerError> {
        let remote = self.open(endpoint).await?;
        let anonymous = remote.send(Method::GET, "/v2/", |r| r).await?;
        let challenged = anonymous.headers().contains_key("www-authenticate");
        if anonymous.status().is_server_error() {
            return Err(failure(anonymous).await);
        }
        if !(anonymous.status().is_success() || challenged) {
            return Err(PeerError::Unhealthy);
        }
        if endpoint.has_credential() {
            let signed = remote.send(Method::GET, "/v2/", |r| remote.signed(r)).await?;
            if !signed.status().is_success() {
                return Err(PeerError::Unhealthy);
            }
        }
        Ok(())
    }
}

async fn failure(answer: Response) -> PeerError {
    let status = answer.status().as_u16();
    PeerError::Status(status, answer.text().await.unwrap_or_default())
}

/// A peer that answered.
#[derive(Debug)]
pub(crate) struct Remote {
    client: Client,
    pub(crate) endpoint: Endpoint,
    tokens: Mutex<std::collections::HashMap<String, String>>,
}

impl Remote {
    fn signed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        if !self.endpoint.has_credential() {
            return request;
        }
        let pair = STANDARD.encode(format!("{}:{}", self.endpoint.user, self.endpoint.secret));
        request.header("authorization", format!("Basic {pair}"))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        edit: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<Response, PeerError> {
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.endpoint.url) };
        let request = edit(self.client.request(method.clone(), &url));
        request.send().await.map_err(|e| go_error(&method, &url, &e))
    }

    /// A call of the peer's API, signed in.
    pub(crate) async fn api(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Response, PeerError> {
        let path = format!("/api/v2.0{path}");
        self.send(method, &path, |r| {
            let r = self.signed(r);
            match body {
                Some(body) => r.header("content-type", "application/json").body(body.to_string()),
                None => r,
            }
        })
        .await
    }

    /// GET of JSON; anything but success is an error.
    pub(crate) async fn json(&self, path: &str) -> Result<Value, PeerError> {
        let answer = self.api(Method::GET, path, None).await?;
        if !answer.status().is_success() {
            return Err(failure(answer).await);
        }
        let text = answer.text().await.map_err(|e| PeerError::Unreachable(e.to_string()))?;
        serde_json::from_str(&text)
            .map_err(|e| PeerError::Unreachable(format!("cannot read the answer: {e}")))
    }

    /// All rows of a list.
    pub(crate) async fn all(&self, path: &str) -> Result<Vec<Value>, PeerError> {
        let mut rows = Vec::new();
        for page in 1.. {
            let separator = if path.contains('?') { '&' } else { '?' };
            let list = self.json(&format!("{path}{separator}page={page}&page_size=100")).await?;
            let list = list.as_array().cloned().unwrap_or_default();
            let last = list.len() < 100;
            rows.extend(list);
            if last {
                break;
            }
        }
        Ok(rows)
    }

    /// A token for one repository, from where the peer says.
    async fn token(&self, repository: &str) -> Result<String, PeerError> {
        if let Some(token) = lock(&self.tokens).get(repository) {
            return Ok(token.clone());
        }
        let challenge = self.send(Method::GET, "/v2/", |r| r).await?;
        let header =
            challenge.headers().get("www-authenticate").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let realm = header.split("realm=\"").nth(1).and_then(|r| r.split('"').next()).unwrap_or_default();
        if !realm.starts_with("http") {
            return Ok(String::new());
        }
        let url = format!("{realm}?service=harbor-registry&scope=repository:{repository}:pull,push");
        let answer = self.send(Method::GET, &url, |r| self.signed(r)).await?;
        if !answer.status().is_success() {
            return Err(failure(answer).await);
        }
        let body: Value = serde_json::from_str(&answer.text().await.unwrap_or_default()).unwrap_or_default();
        let token = body["token"].as_str().unwrap_or_default().to_owned();
        lock(&self.tokens).insert(repository.to_owned(), token.clone());
        Ok(token)
    }

    /// A call of the peer's registry.
    async fn v2(
        &self,
        method: Method,
        repository: &str,
        path: &str,
        edit: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<Response, PeerError> {
        let token = self.token(repository).await?;
        let path =
            if path.starts_with("http") { path.to_owned() } else { format!("/v2/{repository}/{path}") };
        self.send(method, &path, |r| edit(r).header("authorization", format!("Bearer {token}"))).await
    }

    /// The digest a reference has at the peer.
    pub(crate) async fn head_manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<String>, PeerError> {
        let path = format!("manifests/{reference}");
        let accept = crate::oci::manifests::accept_all();
        let answer = self.v2(Method::HEAD, repository, &path, |r| r.header("accept", accept)).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            s if s.is_success() => {
                let digest = answer.headers().get("docker-content-digest").and_then(|v| v.to_str().ok());
                Ok(digest.map(str::to_owned))
            }
            s => Err(PeerError::Status(s.as_u16(), String::new())),
        }
    }

    /// Media type and bytes.
    pub(crate) async fn get_manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<(String, Bytes), PeerError> {
        let path = format!("manifests/{reference}");
        let accept = crate::oci::manifests::accept_all();
        let answer = self.v2(Method::GET, repository, &path, |r| r.header("accept", accept)).await?;
        if !answer.status().is_success() {
            return Err(failure(answer).await);
        }
        let kind =
            answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = answer.bytes().await.map_err(|e| PeerError::Unreachable(e.to_string()))?;
        Ok((kind, bytes))
    }

    pub(crate) async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<(), PeerError> {
        let path = format!("manifests/{reference}");
        let edit = |r: reqwest::RequestBuilder| r.header("content-type", media_type).body(bytes);
        let answer = self.v2(Method::PUT, repository, &path, edit).await?;
        if answer.status().is_success() { Ok(()) } else { Err(failure(answer).await) }
    }

    pub(crate) async fn has_blob(&self, repository: &str, digest: &str) -> Result<bool, PeerError> {
        let answer = self.v2(Method::HEAD, repository, &format!("blobs/{digest}"), |r| r).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(false),
            s if s.is_success() => Ok(true),
            s => Err(PeerError::Status(s.as_u16(), String::new())),
        }
    }

    pub(crate) async fn get_blob(&self, repository: &str, digest: &str) -> Result<Bytes, PeerError> {
        let answer = self.v2(Method::GET, repository, &format!("blobs/{digest}"), |r| r).await?;
        if !answer.status().is_success() {
            return Err(failure(answer).await);
        }
        answer.bytes().await.map_err(|e| PeerError::Unreachable(e.to_string()))
    }

    pub(crate) async fn put_blob(
        &self,
        repository: &str,
        digest: &str,
        bytes: Bytes,
    ) -> Result<(), PeerError> {
        let begun = self.v2(Method::POST, repository, "blobs/uploads/", |r| r).await?;
        if !begun.status().is_success() {
            return Err(failure(begun).await);
        }
        let place = begun.headers().get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let separator = if place.contains('?') { '&' } else { '?' };
        let place = format!("{place}{separator}digest={digest}");
        let edit =
            |r: reqwest::RequestBuilder| r.header("content-type", "application/octet-stream").body(bytes);
        let done = self.v2(Method::PUT, repository, &place, edit).await?;
        if done.status().is_success() { Ok(()) } else { Err(failure(done).await) }
    }

    /// DELETE in the API; what is not there is deleted already.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), PeerError> {
        let answer = self.api(Method::DELETE, path, None).await?;
        let gone = answer.status() == StatusCode::NOT_FOUND;
        if gone || answer.status().is_success() { Ok(()) } else { Err(failure(answer).await) }
    }

    /// Makes sure of a project.
    pub(crate) async fn ensure_project(&self, name: &str, public: bool) -> Result<(), PeerError> {
        let head = self.api(Method::HEAD, &format!("/projects?project_name={name}"), None).await?;
        if head.status().is_success() {
            return Ok(());
        }
        let body = json!({"project_name": name, "metadata": {"public": public.to_string()}});
        let made = self.api(Method::POST, "/projects", Some(body)).await?;
        let there = made.status() == StatusCode::CONFLICT;
        if there || made.status().is_success() { Ok(()) } else { Err(failure(made).await) }
    }
}
