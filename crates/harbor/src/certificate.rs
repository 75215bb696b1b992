//! A node's certificate, read from a handshake even where it would be refused, so that a person can look at it and
//! choose to pin it.

use std::sync::Arc;

use model::address::Scheme;
use x509_parser::{extensions::GeneralName, prelude::X509Certificate};

use crate::{
    Harbor, HarborError, TlsFault,
    handle::{Credential, Node},
    tls::{Recorder, Seen, fingerprint},
};

/// The leaf certificate of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// SHA-256 of its DER form, 64 lower-case hexadecimal digits: what is pinned.
    pub sha256: String,
    /// Whom it names.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names and addresses it is for.
    pub names: Vec<String>,
    /// Valid from, ms since 1970.
    pub not_before: i64,
    /// Valid to, ms since 1970.
    pub not_after: i64,
    /// What the node's TLS choice finds wrong with it.
    pub fault: Option<TlsFault>,
}

impl Harbor {
    /// The certificate that the node shows, with what this handle's TLS choice thinks of it. Asks over https even
    /// where the address is http (at the same port), and sends no credential.
    ///
    /// # Errors
    /// [`HarborError::PlainHttp`] where no TLS is spoken, or whatever stands in the way.
    pub async fn certificate(&self) -> Result<Leaf, HarborError> {
        let recorder = Arc::new(Recorder::new(Arc::clone(&self.node.verifier)));
        let looking = self.looking_with(Arc::clone(&recorder))?;
        let result = looking.ping().await;
        match (recorder.seen(), result) {
            (Some(seen), _) => leaf(&seen),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(HarborError::PlainHttp),
        }
    }

    /// Whether a TLS handshake works at the node's port.
    pub(crate) async fn speaks_tls(&self) -> bool {
        self.certificate().await.is_ok()
    }

    fn looking_with(&self, recorder: Arc<Recorder>) -> Result<Self, HarborError> {
        let outside = &self.node.outside;
        let address = match self.node.address.scheme() {
            Scheme::Https => self.node.address.clone(),
            Scheme::Http => self.node.address.with_scheme(Scheme::Https),
        };
        let node = Node { client: outside.client(recorder)?, address, ..Node::clone(&self.node) };
        Ok(Self { node: Arc::new(node), ..self.with_credential(Credential::Anonymous) })
    }
}

fn leaf(seen: &Seen) -> Result<Leaf, HarborError> {
    let bad = || HarborError::Garbled("the certificate cannot be read".to_owned());
    let (_, parsed) = x509_parser::parse_x509_certificate(&seen.der).map_err(|_| bad())?;
    Ok(Leaf {
        sha256: fingerprint(&seen.der),
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        names: names(&parsed),
        not_before: parsed.validity().not_before.timestamp().saturating_mul(1000),
        not_after: parsed.validity().not_after.timestamp().saturating_mul(1000),
        fault: seen.fault.clone(),
    })
}

fn names(parsed: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternative)) = parsed.subject_alternative_name() else { return Vec::new() };
    let shown = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match **bytes {
            [a, b, c, d] => Some(format!("{a}.{b}.{c}.{d}")),
            ref long => <[u8; 16]>::try_from(long).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string()),
        },
        _ => None,
    };
    alternative.value.general_names.iter().filter_map(shown).collect()
}
