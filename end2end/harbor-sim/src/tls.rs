//! Certificates: valid, expired and for another host, each signed by itself.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use crate::config::TlsMode;

/// All certificates of a node, made at its start.
#[derive(Clone)]
pub(crate) struct Certificates {
    good: (TlsAcceptor, String),
    expired: (TlsAcceptor, String),
    wrong_host: (TlsAcceptor, String),
}

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// rcgen refused.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// rustls refused.
    #[error("tls: {0}")]
    Tls(#[from] rustls::Error),
}

fn make(hosts: &[&str], expired: bool) -> Result<(TlsAcceptor, String), TlsError> {
    let names: Vec<String> = hosts.iter().map(|h| (*h).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    if expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let der = PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], der.into())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), certificate.pem()))
}

impl Certificates {
    pub(crate) fn new() -> Result<Self, TlsError> {
        let here = ["127.0.0.1", "localhost"];
        Ok(Self {
            good: make(&here, false)?,
            expired: make(&here, true)?,
            wrong_host: make(&["other.invalid"], false)?,
        })
    }

    fn of(&self, mode: TlsMode) -> &(TlsAcceptor, String) {
        match mode {
            TlsMode::SelfSigned => &self.good,
            TlsMode::Expired => &self.expired,
            TlsMode::WrongHost => &self.wrong_host,
        }
    }

    pub(crate) fn acceptor(&self, mode: TlsMode) -> TlsAcceptor {
        self.of(mode).0.clone()
    }

    /// PEM of the certificate, which is its own CA.
    pub(crate) fn pem(&self, mode: TlsMode) -> String {
        self.of(mode).1.clone()
    }
}
