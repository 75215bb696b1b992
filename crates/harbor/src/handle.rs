//! One node as the console holds it: address, TLS choice, credential, and what is known of the credential.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{NodeAddress, spec::TlsChoice};
use reqwest::Client;
use rustls::client::danger::ServerCertVerifier;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::{HarborError, Outside, tls};

/// Who we are to a node.
#[derive(Clone, Debug, Default)]
pub enum Credential {
    /// Nobody: enough for health and version.
    #[default]
    Anonymous,
    /// A person or a robot (its full name, as Harbor gave it) by basic authentication.
    Basic {
        /// The name.
        username: String,
        /// The password or the robot's secret.
        secret: SecretString,
    },
}

impl Credential {
    /// A name and its secret.
    pub fn basic(username: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self::Basic { username: username.into(), secret: secret.into() }
    }
}

/// How long a call may take in all, and how long its answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the last byte, tries included.
    pub time: Duration,
    /// Bytes of the answer's body; reading stops past it.
    pub body: usize,
}

/// What is known of one credential. A new credential gets a new one, so that a late answer to the old cannot
/// spoil it.
pub(crate) struct Login {
    pub(crate) credential: Credential,
    refused: AtomicBool,
    /// True once Harbor has shown that it knows us. Held while the first call asks, so that a wrong password is
    /// sent once even if many calls start together.
    pub(crate) proven: tokio::sync::Mutex<bool>,
}

impl Login {
    fn new(credential: Credential) -> Arc<Self> {
        Arc::new(Self { credential, refused: AtomicBool::new(false), proven: tokio::sync::Mutex::new(false) })
    }

    pub(crate) fn refused(&self) -> bool {
        self.refused.load(Ordering::Acquire)
    }

    pub(crate) fn refuse(&self) {
        self.refused.store(true, Ordering::Release);
    }
}

#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) address: NodeAddress,
    pub(crate) client: Client,
    pub(crate) outside: Outside,
    pub(crate) verifier: Arc<dyn ServerCertVerifier>,
    pub(crate) pinned: bool,
}

/// A handle to one Harbor. Clones share connections, credential and what is known of it.
#[derive(Clone)]
pub struct Harbor {
    pub(crate) node: Arc<Node>,
    pub(crate) login: Arc<RwLock<Arc<Login>>>,
    pub(crate) time: Option<Duration>,
    pub(crate) body: Option<usize>,
    pub(crate) cancel: Option<CancellationToken>,
}

impl Harbor {
    /// A handle; nothing is sent yet.
    ///
    /// # Errors
    /// [`HarborError::Setup`] where the TLS choice cannot be used (no PEM, no fingerprint).
    pub fn new(
        outside: &Outside,
        address: NodeAddress,
        tls: &TlsChoice,
        credential: Credential,
    ) -> Result<Self, HarborError> {
        let verifier = tls::verifier(tls, outside.system())?;
        let client = match tls {
            TlsChoice::System => outside.system_client()?,
            _ => outside.client(Arc::clone(&verifier))?,
        };
        let node = Node {
            client,
            address,
            outside: outside.clone(),
            verifier,
            pinned: matches!(tls, TlsChoice::Pinned { .. }),
        };
        let login = Arc::new(RwLock::new(Login::new(credential)));
        Ok(Self { node: Arc::new(node), login, time: None, body: None, cancel: None })
    }

    /// Where it is.
    pub fn address(&self) -> &NodeAddress {
        &self.node.address
    }

    /// The same node with another time limit for each call.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        Self { time: Some(time), ..self.clone() }
    }

    /// The same node with another limit on each answer's body, in bytes.
    #[must_use]
    pub fn up_to(&self, bytes: usize) -> Self {
        Self { body: Some(bytes), ..self.clone() }
    }

    /// The same node whose calls end with [`HarborError::Cancelled`] once the token is cancelled.
    #[must_use]
    pub fn cancelled_by(&self, token: CancellationToken) -> Self {
        Self { cancel: Some(token), ..self.clone() }
    }

    /// The same node as somebody else; the two know nothing of each other's credential.
    #[must_use]
    pub fn with_credential(&self, credential: Credential) -> Self {
        Self { login: Arc::new(RwLock::new(Login::new(credential))), ..self.clone() }
    }

    /// The same node as nobody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        self.with_credential(Credential::Anonymous)
    }

    /// Replaces the credential of this handle and all its clones, and forgets a refusal.
    pub fn set_credential(&self, credential: Credential) {
        *self.login.write().unwrap_or_else(PoisonError::into_inner) = Login::new(credential);
    }

    /// Whether the credential was refused and nothing more is sent with it.
    pub fn credential_refused(&self) -> bool {
        self.login().refused()
    }

    /// Whether a credential is set.
    pub fn signed_in(&self) -> bool {
        matches!(self.login().credential, Credential::Basic { .. })
    }

    /// The name we sign in with.
    pub fn username(&self) -> Option<String> {
        match &self.login().credential {
            Credential::Basic { username, .. } => Some(username.clone()),
            Credential::Anonymous => None,
        }
    }

    pub(crate) fn login(&self) -> Arc<Login> {
        Arc::clone(&self.login.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Harbor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harbor").field("address", &self.node.address).finish_non_exhaustive()
    }
}
