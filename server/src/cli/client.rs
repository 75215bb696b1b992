//! The command line's own HTTP client for REST.

use std::time::Duration;

use model::{AppError, Locale};
use serde::{Serialize, de::DeserializeOwned};

use super::Remote;

/// Largest answer that is read, bytes.
const MOST: usize = 32 << 20;

/// A running console, reached with a token.
pub(crate) struct Client {
    http: reqwest::Client,
    server: url::Url,
    token: String,
    pub(crate) locale: Locale,
}

impl Client {
    /// A client for the console that the arguments name.
    ///
    /// # Errors
    /// No TLS to be had on this machine.
    pub(crate) fn new(remote: &Remote) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(120))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let locale = Locale::from_tag(&remote.lang).unwrap_or_default();
        Ok(Self { http, server: remote.server.clone(), token: remote.token.clone(), locale })
    }

    /// One call below `/api/v1`.
    ///
    /// # Errors
    /// The console's own error in the chosen language, or why it could not be reached.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> anyhow::Result<T> {
        let mut request = self
            .http
            .request(method, self.server.join(&format!("/api/v1{path}"))?)
            .bearer_auth(&self.token)
            .header("Accept-Language", self.locale.tag());
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut answer = request.send().await?;
        let status = answer.status();
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            anyhow::ensure!(text.len() + chunk.len() <= MOST, "the answer is larger than {MOST} bytes");
            text.extend_from_slice(&chunk);
        }
        if status.is_success() {
            let text = if text.is_empty() { b"null".to_vec() } else { text };
            return Ok(serde_json::from_slice(&text)?);
        }
        match serde_json::from_slice::<crate::rest::problem::Problem>(&text) {
            Ok(problem) => Err(AppError::from(problem).into()),
            Err(_) => anyhow::bail!("the console answers {status}"),
        }
    }
}
