//! How a node is reached: its handles, and the account they sign in with.

use harbor::{Credential, Harbor, HarborError, Outside};
use model::{
    HarborVersion, NodeAddress,
    spec::{CredentialKind, TlsChoice},
};
use secrecy::SecretString;

/// An account on a node.
#[derive(Clone, Debug)]
pub struct Account {
    /// Admin or robot.
    pub kind: CredentialKind,
    /// The full name, a robot's with its prefix.
    pub username: String,
    /// The password or the robot's secret.
    pub secret: SecretString,
}

impl Account {
    /// The same for the client.
    pub fn credential(&self) -> Credential {
        Credential::basic(&self.username, self.secret.clone())
    }
}

/// The handles of one node. On 2.8 a robot cannot hold system and project rights together, so that two sign in.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// For the system: endpoints, rules, queues, robots.
    pub system: Harbor,
    /// For projects, artifacts and the registry.
    pub projects: Harbor,
    /// Whom [`Reach::system`] signs in as.
    pub account: Option<Account>,
    /// Whom [`Reach::projects`] signs in as, where that is somebody else.
    pub second: Option<Account>,
}

impl Reach {
    /// Handles for a node; nothing is sent yet.
    ///
    /// # Errors
    /// Where the TLS choice cannot be used.
    pub(crate) fn new(
        outside: &Outside,
        address: &NodeAddress,
        tls: &TlsChoice,
        account: Option<Account>,
        projects: Option<Account>,
    ) -> Result<Self, HarborError> {
        let credential = account.as_ref().map(Account::credential).unwrap_or_default();
        let system = Harbor::new(outside, address.clone(), tls, credential)?;
        let second = projects;
        let projects = match &second {
            Some(second) => system.with_credential(second.credential()),
            None => system.clone(),
        };
        Ok(Self { system, projects, account, second })
    }
}

/// What a source's Harbor needs to know to verify its peer's certificate: `insecure` and the authority.
///
/// A pinned certificate cannot be told to Harbor, nor an authority before 2.15: it then does not verify.
pub(crate) fn peer_tls(choice: &TlsChoice, source: &HarborVersion) -> (bool, Option<String>) {
    match choice {
        TlsChoice::System => (false, None),
        TlsChoice::CustomCa { pem } if source.ca_certificate() => (false, Some(pem.clone())),
        TlsChoice::CustomCa { .. } | TlsChoice::Pinned { .. } | TlsChoice::Off => (true, None),
    }
}
