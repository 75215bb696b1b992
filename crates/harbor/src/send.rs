//! The one way out.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    Call, Credential, Harbor, HarborError, Limits, encode,
    error::{self, not_json},
    handle::Login,
    inventory::calls,
    oci::as_digest,
};

/// Tries of a read that failed on the way, and the pause before the second; it doubles.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(250);

/// Who a request is sent as.
enum As {
    Login,
    Nobody,
    Bearer(SecretString),
    /// A `Cookie` header made by hand, for the probe of sessions.
    Session(SecretString),
}

/// One request in the making.
pub(crate) struct Ask {
    call: &'static Call,
    params: Vec<(&'static str, String)>,
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    sender: As,
    fault: Option<HarborError>,
    /// A status taken as good beside 2xx.
    also: Option<StatusCode>,
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and names read better at the callers by value")]
impl Ask {
    pub(crate) fn new(call: &'static Call) -> Self {
        Self {
            call,
            params: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            sender: As::Login,
            fault: None,
            also: None,
        }
    }

    /// Fills one part of the path.
    pub(crate) fn at(mut self, key: &'static str, value: impl ToString) -> Self {
        self.params.push((key, value.to_string()));
        self
    }

    /// Adds to the query.
    pub(crate) fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.query.push((key, value.to_string()));
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => {
                self.fault = Some(HarborError::Validation("a header holds what it must not".to_owned()))
            }
        }
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Some(bytes.into()),
            Err(e) => self.fault = Some(HarborError::Validation(e.to_string())),
        }
        self.header(CONTENT_TYPE, "application/json")
    }

    pub(crate) fn bytes(mut self, body: Bytes, content_type: &str) -> Self {
        self.body = Some(body);
        self.header(CONTENT_TYPE, content_type)
    }

    /// Without any credential.
    pub(crate) fn by_nobody(mut self) -> Self {
        self.sender = As::Nobody;
        self
    }

    pub(crate) fn with_bearer(mut self, token: &SecretString) -> Self {
        self.sender = As::Bearer(token.clone());
        self
    }

    pub(crate) fn with_cookies(mut self, cookies: SecretString) -> Self {
        self.sender = As::Session(cookies);
        self
    }

    /// Takes one more status as good.
    pub(crate) fn taking(mut self, status: StatusCode) -> Self {
        self.also = Some(status);
        self
    }

    pub(crate) fn failing(mut self, fault: HarborError) -> Self {
        self.fault = Some(fault);
        self
    }

    fn url(&self, origin: &str) -> Result<Url, HarborError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let mut url = format!("{origin}{}", self.call.fill(&self.params)?);
        for (i, (key, value)) in self.query.iter().enumerate() {
            url.push(if i == 0 { '?' } else { '&' });
            url.push_str(key);
            url.push('=');
            url.push_str(&encode::once(value));
        }
        url.parse().map_err(|_| HarborError::Validation("the request has no valid address".to_owned()))
    }
}

/// A whole answer with a good status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, HarborError> {
        serde_json::from_slice(&self.body).map_err(|e| {
            let starts = self.body.iter().find(|b| !b.is_ascii_whitespace());
            match starts {
                Some(b'{' | b'[') if e.is_eof() => HarborError::Cut,
                Some(b'{' | b'[' | b'n' | b'"') => HarborError::Garbled(e.to_string()),
                _ => not_json(&self.body),
            }
        })
    }

    /// The body as text; not a page.
    pub(crate) fn text(&self) -> Result<String, HarborError> {
        if error::is_html(&self.body) {
            return Err(not_json(&self.body));
        }
        Ok(String::from_utf8_lossy(&self.body).into_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The id at the end of `Location`, which is how Harbor answers a create.
    pub(crate) fn created(&self) -> Result<i64, HarborError> {
        let location = self.header(LOCATION.as_str()).unwrap_or_default();
        let id = location.rsplit('/').next().and_then(|id| id.parse().ok());
        id.ok_or_else(|| HarborError::Garbled("the answer to a create names no id".to_owned()))
    }
}

impl Harbor {
    /// Sends one call of the inventory and gives its answer if the status is good.
    pub(crate) async fn send(&self, ask: Ask) -> Result<Answer, HarborError> {
        let limits = ask.call.limits();
        let limits =
            Limits { time: self.time.unwrap_or(limits.time), body: self.body.unwrap_or(limits.body) };
        // On the heap, and only while it runs: inside the futures of all who call it would take kilobytes of each.
        let tries = Box::pin(self.tries(&ask, limits.body));
        self.or_cancelled(within(limits.time, tries)).await
    }

    /// Reads a body of any length to its end and gives its digest and length; nothing of it is kept. Not tried again.
    /// The call's time is that of each piece.
    pub(crate) async fn hash(&self, ask: Ask) -> Result<(String, u64), HarborError> {
        let limits = ask.call.limits();
        let reading = async {
            let (_, request) = self.request(&ask, None)?;
            let good = async { self.good(&ask, request.send().await, false, limits.body).await };
            let mut response = within(limits.time, good).await?;
            let (mut hash, mut length) = (Sha256::new(), 0);
            let next = |e| error::transport(&e);
            while let Some(piece) =
                within(limits.time, async { response.chunk().await.map_err(next) }).await?
            {
                hash.update(&piece);
                length += piece.len() as u64;
            }
            Ok((as_digest(&hash.finalize()), length))
        };
        self.or_cancelled(reading).await
    }

    async fn or_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T, HarborError>>,
    ) -> Result<T, HarborError> {
        match &self.cancel {
            None => work.await,
            Some(token) => tokio::select! {
                biased;
                () = token.cancelled() => Err(HarborError::Cancelled),
                result = work => result,
            },
        }
    }

    /// The `WWW-Authenticate` header of a call that is to be refused.
    pub(crate) async fn challenged(&self, ask: Ask) -> Result<Option<String>, HarborError> {
        let answer = self.send(ask.taking(StatusCode::UNAUTHORIZED)).await?;
        Ok(answer.header("www-authenticate").map(str::to_owned))
    }

    async fn tries(&self, ask: &Ask, body_limit: usize) -> Result<Answer, HarborError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.once(ask, body_limit).await {
                Err(e) if e.is_transient() && ask.call.may_retry() => tokio::time::sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.once(ask, body_limit).await
    }

    async fn once(&self, ask: &Ask, body_limit: usize) -> Result<Answer, HarborError> {
        let As::Login = ask.sender else { return self.exchange(ask, None, body_limit).await };
        let login = self.login();
        if let Credential::Anonymous = login.credential {
            return self.exchange(ask, None, body_limit).await;
        }
        self.prove(&login).await?;
        let result = self.exchange(ask, Some(&login), body_limit).await;
        if let Err(HarborError::Unauthorized) = result {
            login.refuse();
        }
        result
    }

    /// Makes sure that Harbor knows us before anything else is sent with this credential. A wrong password is no
    /// error where anonymous callers may read (they get a shorter view, after a delay that locks the account), so
    /// the system's time, which is shown after a login only, is asked for first.
    async fn prove(&self, login: &Login) -> Result<(), HarborError> {
        if login.refused() {
            return Err(HarborError::CredentialRefused);
        }
        let mut proven = login.proven.lock().await;
        if login.refused() {
            return Err(HarborError::CredentialRefused);
        }
        if *proven {
            return Ok(());
        }
        let ask = Ask::new(&calls::SYSTEMINFO);
        let limits = ask.call.limits();
        let refused = match self.exchange(&ask, Some(login), limits.body).await {
            Ok(answer) => answer.json::<serde_json::Value>()?.get("current_time").is_none(),
            Err(HarborError::Unauthorized) => true,
            Err(other) => return Err(other),
        };
        if refused {
            login.refuse();
            return Err(HarborError::Unauthorized);
        }
        *proven = true;
        Ok(())
    }

    /// A request and its id in the node's logs.
    fn request(&self, ask: &Ask, login: Option<&Login>) -> Result<(String, RequestBuilder), HarborError> {
        let url = ask.url(&self.node.address.origin())?;
        let id = uuid::Uuid::now_v7().simple().to_string();
        let mut request = self
            .node
            .client
            .request(ask.call.method.clone(), url)
            .header(ACCEPT, "application/json")
            .header("x-request-id", &id)
            .headers(ask.headers.clone());
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        if let Some(header) = authorization(ask, login)? {
            request = request.header(AUTHORIZATION, header);
        }
        if let As::Session(cookies) = &ask.sender {
            request = request.header(COOKIE, secret_header(cookies.expose_secret())?);
        }
        Ok((id, request))
    }

    /// One request and its whole answer.
    async fn exchange(
        &self,
        ask: &Ask,
        login: Option<&Login>,
        body_limit: usize,
    ) -> Result<Answer, HarborError> {
        let (id, request) = self.request(ask, login)?;
        let started = Instant::now();
        let result = self.receive(ask, request.send().await, login.is_some(), body_limit).await;
        let took = started.elapsed().as_millis();
        match &result {
            Ok(answer) => {
                tracing::debug!(call = ask.call.name, node = %self.node.address, request = id, status = answer.status.as_u16(), took, "answered")
            }
            Err(e) => {
                tracing::debug!(call = ask.call.name, node = %self.node.address, request = id, code = e.code(), took, "failed")
            }
        }
        result
    }

    async fn receive(
        &self,
        ask: &Ask,
        sent: Result<Response, reqwest::Error>,
        signed_in: bool,
        body_limit: usize,
    ) -> Result<Answer, HarborError> {
        let response = self.good(ask, sent, signed_in, body_limit).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: read(response, body_limit).await? })
    }

    /// An answer with a good status, its body still to be read; that of a refusal is read here.
    async fn good(
        &self,
        ask: &Ask,
        sent: Result<Response, reqwest::Error>,
        signed_in: bool,
        body_limit: usize,
    ) -> Result<Response, HarborError> {
        let mut response = sent.map_err(|e| error::transport(&e))?;
        if response.status().is_redirection() {
            let to = redirect_target(&response, &self.node.address.origin())?;
            if std::ptr::eq(ask.call, &raw const calls::BLOB_GET) && to.origin() != response.url().origin() {
                response = self.storage_answer(to).await?;
            } else {
                return Err(self.judge_redirect(&to));
            }
        }
        let status = response.status();
        if status.is_success() || ask.also == Some(status) {
            return Ok(response);
        }
        let body = read(response, body_limit).await?;
        let api = !ask.call.path.starts_with("/v2/");
        let bearer = matches!(ask.sender, As::Bearer(_));
        Err(error::answer(status, &body, api, signed_in || bearer))
    }

    /// Follows a blob's redirect to its storage, once and without any credential.
    async fn storage_answer(&self, to: Url) -> Result<Response, HarborError> {
        let client: Client =
            if self.node.pinned { self.node.outside.system_client()? } else { self.node.client.clone() };
        let response = client.get(to).send().await.map_err(|e| error::transport(&e))?;
        if response.status().is_redirection() {
            return Err(HarborError::Redirected("another storage".to_owned()));
        }
        Ok(response)
    }

    fn judge_redirect(&self, to: &Url) -> HarborError {
        let address = &self.node.address;
        let same_host = to.host_str().map(|h| h.trim_matches(['[', ']'])) == Some(address.host());
        if !same_host {
            HarborError::Redirected(to.origin().ascii_serialization())
        } else if to.scheme() == "https" && address.scheme() == model::address::Scheme::Http {
            HarborError::NeedsHttps
        } else {
            HarborError::LoginProxy
        }
    }
}

/// The work, or that it took too long.
async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, HarborError>>,
) -> Result<T, HarborError> {
    match tokio::time::timeout(time, work).await {
        Ok(result) => result,
        Err(_) => Err(HarborError::Timeout(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))),
    }
}

fn authorization(ask: &Ask, login: Option<&Login>) -> Result<Option<HeaderValue>, HarborError> {
    if let As::Bearer(token) = &ask.sender {
        return secret_header(&format!("Bearer {}", token.expose_secret())).map(Some);
    }
    match login.map(|l| &l.credential) {
        Some(Credential::Basic { username, secret }) => {
            let pair = BASE64_STANDARD.encode(format!("{username}:{}", secret.expose_secret()));
            secret_header(&format!("Basic {pair}")).map(Some)
        }
        _ => Ok(None),
    }
}

fn secret_header(text: &str) -> Result<HeaderValue, HarborError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| HarborError::Validation("a credential holds what no header can".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn redirect_target(response: &Response, origin: &str) -> Result<Url, HarborError> {
    let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
    let target = location.and_then(|l| response.url().join(l).ok());
    target.ok_or_else(|| HarborError::Redirected(origin.to_owned()))
}

/// Reads a body and stops at the limit, whatever length was announced.
async fn read(mut response: Response, limit: usize) -> Result<Bytes, HarborError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| error::transport(&e))? {
        if body.len() + chunk.len() > limit {
            return Err(HarborError::BodyTooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
