//! How a node's certificate is judged: by authorities, by one pinned leaf, or not at all.

mod verifiers;

use std::sync::Arc;

use model::spec::TlsChoice;
use rustls::{
    ClientConfig, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use sha2::{Digest, Sha256};

use verifiers::{AnyCertificate, OwnAuthority, Pinned};
pub(crate) use verifiers::{Recorder, Seen};

use crate::HarborError;

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// SHA-256 of a certificate's DER form, as 64 lower-case hexadecimal digits.
pub(crate) fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|b| format!("{b:02x}")).collect()
}

/// The certificates of a PEM text; at least one.
pub(crate) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, HarborError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(HarborError::Setup("no certificate in PEM form was found".to_owned())),
    }
}

/// The verifier of the system's authorities and the console's own.
pub(crate) fn system(
    extra: Vec<CertificateDer<'static>>,
) -> Result<Arc<dyn ServerCertVerifier>, HarborError> {
    rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider())
        .map(|v| Arc::new(v) as Arc<dyn ServerCertVerifier>)
        .map_err(|e| HarborError::Setup(format!("the system's certificate authorities cannot be read: {e}")))
}

/// The verifier for a choice; `system` is shared by all nodes.
pub(crate) fn verifier(
    choice: &TlsChoice,
    system: &Arc<dyn ServerCertVerifier>,
) -> Result<Arc<dyn ServerCertVerifier>, HarborError> {
    Ok(match choice {
        TlsChoice::System => Arc::clone(system),
        TlsChoice::CustomCa { pem } => {
            let given = certificates(pem)?;
            let mut roots = RootCertStore::empty();
            for certificate in &given {
                let added = roots.add(certificate.clone());
                added.map_err(|e| HarborError::Setup(format!("the authority cannot be used: {e}")))?;
            }
            let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
                .build()
                .map_err(|e| HarborError::Setup(format!("the authority cannot be used: {e}")))?;
            Arc::new(OwnAuthority::new(inner, given))
        }
        TlsChoice::Pinned { sha256 } => {
            let wanted: String = sha256.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
            if wanted.len() != 64 || !wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(HarborError::Setup("a SHA-256 fingerprint has 64 hexadecimal digits".to_owned()));
            }
            Arc::new(Pinned::new(wanted.to_ascii_lowercase(), provider()))
        }
        TlsChoice::Off => Arc::new(AnyCertificate::new(provider())),
    })
}

/// A client configuration with this verifier; HTTP/1.1 only, which is all that Harbor speaks.
pub(crate) fn config(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, HarborError> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| HarborError::Setup(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
