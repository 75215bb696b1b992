//! Certificates: what is refused, why, and what a person can do about it.

use std::sync::Arc;

use harbor::{TlsChoice, TlsFault};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::server::{Reply, Server};

struct Made {
    acceptor: TlsAcceptor,
    pem: String,
}

fn params(names: &[&str]) -> CertificateParams {
    let mut params =
        CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "harbor.test");
    params
}

fn acceptor(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A certificate that signs itself; `pem` is its own.
fn self_signed(params: &CertificateParams) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Made { acceptor: acceptor(vec![certificate.der().clone()], &key), pem: certificate.pem() }
}

/// A certificate signed by an authority; `pem` is the authority's.
fn signed(params: &CertificateParams) -> Made {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "Test authority");
    let issuer = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    Made { acceptor: acceptor(vec![certificate.der().clone()], &key), pem: issuer.pem() }
}

async fn serve(made: &Made) -> Server {
    Server::start_tls(made.acceptor.clone(), |_| Reply::ok(r#"{"status":"healthy"}"#)).await
}

async fn code(server: &Server, host: &str, choice: &TlsChoice) -> &'static str {
    server.with_tls(host, choice).health().await.map_or_else(|e| e.code(), |_| "ok")
}

fn ca(made: &Made) -> TlsChoice {
    TlsChoice::CustomCa { pem: made.pem.clone() }
}

#[tokio::test]
async fn certificate_of_a_given_authority_is_taken() {
    let made = signed(&params(&["localhost"]));
    let server = serve(&made).await;
    assert_eq!(code(&server, "localhost", &ca(&made)).await, "ok");
    assert_eq!(code(&server, "localhost", &TlsChoice::System).await, "harbor.tls_unknown_issuer");
}

#[tokio::test]
async fn certificate_for_another_name_is_refused() {
    let made = signed(&params(&["other.test"]));
    assert_eq!(code(&serve(&made).await, "localhost", &ca(&made)).await, "harbor.tls_wrong_host");
}

#[tokio::test]
async fn expired_certificate_is_refused_and_shown() {
    let mut params = params(&["localhost"]);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let made = signed(&params);
    let server = serve(&made).await;
    let harbor = server.with_tls("localhost", &ca(&made));
    assert_eq!(harbor.health().await.unwrap_err().code(), "harbor.tls_expired");
    let leaf = harbor.certificate().await.unwrap();
    assert_eq!(leaf.fault, Some(TlsFault::Expired));
    assert_eq!(leaf.not_after, 1_609_459_200_000);
    assert_eq!(leaf.names, ["localhost"]);
    assert!(leaf.subject.contains("harbor.test") && leaf.issuer.contains("Test authority"));
}

#[tokio::test]
async fn certificate_not_valid_yet_is_refused() {
    let mut params = params(&["localhost"]);
    params.not_before = date_time_ymd(2090, 1, 1);
    params.not_after = date_time_ymd(2091, 1, 1);
    let made = signed(&params);
    assert_eq!(code(&serve(&made).await, "localhost", &ca(&made)).await, "harbor.tls_not_yet_valid");
}

#[tokio::test]
async fn self_signed_certificate_is_refused_until_it_is_pinned() {
    let made = self_signed(&params(&["elsewhere.test"]));
    let server = serve(&made).await;
    let harbor = server.with_tls("localhost", &TlsChoice::System);
    assert_eq!(harbor.health().await.unwrap_err().code(), "harbor.tls_unknown_issuer");
    let sha256 = harbor.certificate().await.unwrap().sha256;
    let spaced = sha256
        .to_uppercase()
        .as_bytes()
        .chunks(2)
        .map(|c| String::from_utf8_lossy(c).into_owned())
        .collect::<Vec<_>>()
        .join(":");
    for sha256 in [sha256.clone(), spaced] {
        assert_eq!(code(&server, "localhost", &TlsChoice::Pinned { sha256 }).await, "ok");
    }
    let other = TlsChoice::Pinned { sha256: "0".repeat(64) };
    assert_eq!(code(&server, "localhost", &other).await, "harbor.tls_pinned_mismatch");
    let seen = server.with_tls("localhost", &other).certificate().await.unwrap();
    assert_eq!((seen.sha256, seen.fault), (sha256, Some(TlsFault::PinnedMismatch)));
}

#[tokio::test]
async fn self_signed_authority_pasted_as_its_own_ca_is_taken_for_its_name_only() {
    // What `openssl req -x509` makes: a leaf marked as an authority.
    let mut params = params(&["localhost"]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let made = self_signed(&params);
    let server = serve(&made).await;
    assert_eq!(code(&server, "localhost", &ca(&made)).await, "ok");
    assert_eq!(code(&server, "127.0.0.1", &ca(&made)).await, "harbor.tls_wrong_host");
    assert_eq!(code(&server, "localhost", &TlsChoice::System).await, "harbor.tls_unknown_issuer");
}

#[tokio::test]
async fn verification_off_takes_anything() {
    let server = serve(&self_signed(&params(&["elsewhere.test"]))).await;
    assert_eq!(code(&server, "localhost", &TlsChoice::Off).await, "ok");
}

#[tokio::test]
async fn extra_authority_of_the_console_is_trusted_beside_the_systems() {
    let made = signed(&params(&["localhost"]));
    let server = serve(&made).await;
    let outside = harbor::Outside::new(None, std::slice::from_ref(&made.pem)).unwrap();
    let address = format!("https://localhost:{}", server.port).parse().unwrap();
    let harbor =
        harbor::Harbor::new(&outside, address, &TlsChoice::System, harbor::Credential::Anonymous).unwrap();
    assert!(harbor.health().await.is_ok());
}

#[tokio::test]
async fn plain_http_where_https_was_asked_is_named() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    assert_eq!(code(&server, "localhost", &TlsChoice::Off).await, "harbor.plain_http");
    let harbor = server.with_tls("localhost", &TlsChoice::Off);
    assert_eq!(harbor.certificate().await.unwrap_err().code(), "harbor.plain_http");
}

#[tokio::test]
async fn http_where_https_is_needed_is_named_by_identify() {
    let made = self_signed(&params(&["localhost"]));
    let server = serve(&made).await;
    let harbor = crate::server::handle(
        &format!("http://localhost:{}", server.port),
        &TlsChoice::System,
        harbor::Credential::Anonymous,
    );
    assert_eq!(harbor.identify().await.unwrap_err().code(), "harbor.needs_https");
}

#[tokio::test]
async fn tls_choices_that_cannot_be_used_are_refused_at_once() {
    let outside = harbor::Outside::new(None, &[]).unwrap();
    let address: harbor::NodeAddress = "https://h".parse().unwrap();
    for choice in
        [TlsChoice::CustomCa { pem: "nothing".to_owned() }, TlsChoice::Pinned { sha256: "abc".to_owned() }]
    {
        let made = harbor::Harbor::new(&outside, address.clone(), &choice, harbor::Credential::Anonymous);
        assert_eq!(made.unwrap_err().code(), "harbor.setup");
    }
    assert_eq!(harbor::Outside::new(Some("not a url"), &[]).unwrap_err().code(), "harbor.setup");
}
