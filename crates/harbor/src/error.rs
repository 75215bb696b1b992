//! What can go wrong between the console and one Harbor, each with a name.

mod classify;

use model::HarborVersion;

pub(crate) use classify::{answer, certificate_fault, is_html, not_json, transport};

/// What is wrong with a node's certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// Its time is over.
    #[error("the certificate has expired")]
    Expired,
    /// Its time has not begun: a wrong clock on either side.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// It is for other names.
    #[error("the certificate is for another host name")]
    WrongHost,
    /// Nobody we trust signed it (self-signed included).
    #[error("the certificate is signed by nobody known here")]
    UnknownIssuer,
    /// It is not the one that was pinned.
    #[error("the certificate is not the pinned one")]
    PinnedMismatch,
    /// It was revoked.
    #[error("the certificate has been revoked")]
    Revoked,
    /// Anything else TLS can fail at, in rustls' words.
    #[error("TLS failed: {0}")]
    Other(String),
}

/// Why a call did not give what was asked. Messages are Harbor's own words, shortened; no variant holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HarborError {
    /// The name has no address.
    #[error("the name {0} cannot be resolved")]
    Dns(String),
    /// Nothing listens on the port.
    #[error("the connection was refused")]
    Refused,
    /// No way to the host.
    #[error("the host cannot be reached")]
    Unreachable,
    /// No whole answer within the limit.
    #[error("no answer within {0} ms")]
    Timeout(u64),
    /// TLS could not be agreed on.
    #[error("{0}")]
    Tls(TlsFault),
    /// https was asked and plain http answered.
    #[error("https was asked, but plain http is spoken there")]
    PlainHttp,
    /// http was asked where https is needed.
    #[error("http was asked, but https is needed there")]
    NeedsHttps,
    /// Something answers, but no Harbor.
    #[error("what answers there is not a Harbor: {0}")]
    NotHarbor(String),
    /// A page with a login form instead of the API: a proxy stands before it.
    #[error("a login page answers instead of Harbor's API")]
    LoginProxy,
    /// The answer leads to another host; it was not followed.
    #[error("the answer redirects to {0}")]
    Redirected(String),
    /// A Harbor that is too old to work with.
    #[error("Harbor {0} is too old")]
    TooOld(HarborVersion),
    /// The credential was refused before; nothing is sent with it until another is set.
    #[error("the credential was refused before and is not tried again")]
    CredentialRefused,
    /// 401: the credential is wrong, or none was given where one is needed.
    #[error("not signed in, or the credential is wrong")]
    Unauthorized,
    /// 403, and 401 below `/v2/` for a credential that is good: the right is missing.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// 404.
    #[error("not found: {0}")]
    NotFound(String),
    /// 409: the name is taken.
    #[error("conflict: {0}")]
    Conflict(String),
    /// 412: still in use, disabled, immutable, not final.
    #[error("precondition failed: {0}")]
    Precondition(String),
    /// 400, 413, 422, or an input that cannot even be sent.
    #[error("refused as invalid: {0}")]
    Validation(String),
    /// 429.
    #[error("too many requests")]
    TooManyRequests,
    /// 5xx; Harbor hides the cause of its own behind "internal server error".
    #[error("server error {status}: {message}")]
    Server {
        /// The status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// The answer was longer than the limit; reading stopped there.
    #[error("the answer is longer than {0} bytes")]
    BodyTooLarge(usize),
    /// The connection ended before the answer did, or its JSON breaks off.
    #[error("the answer broke off")]
    Cut,
    /// The answer is not what the call gives.
    #[error("the answer cannot be read: {0}")]
    Garbled(String),
    /// A status that this call never has.
    #[error("unexpected status {0}")]
    Unexpected(u16),
    /// The caller's token was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The handle could not be built: a bad CA, fingerprint or proxy.
    #[error("cannot be set up: {0}")]
    Setup(String),
}

impl HarborError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Dns(_) => "harbor.dns",
            Self::Refused => "harbor.refused",
            Self::Unreachable => "harbor.unreachable",
            Self::Timeout(_) => "harbor.timeout",
            Self::Tls(fault) => match fault {
                TlsFault::Expired => "harbor.tls_expired",
                TlsFault::NotYetValid => "harbor.tls_not_yet_valid",
                TlsFault::WrongHost => "harbor.tls_wrong_host",
                TlsFault::UnknownIssuer => "harbor.tls_unknown_issuer",
                TlsFault::PinnedMismatch => "harbor.tls_pinned_mismatch",
                TlsFault::Revoked => "harbor.tls_revoked",
                TlsFault::Other(_) => "harbor.tls",
            },
            Self::PlainHttp => "harbor.plain_http",
            Self::NeedsHttps => "harbor.needs_https",
            Self::NotHarbor(_) => "harbor.not_harbor",
            Self::LoginProxy => "harbor.login_proxy",
            Self::Redirected(_) => "harbor.redirected",
            Self::TooOld(_) => "harbor.too_old",
            Self::CredentialRefused => "harbor.credential_refused",
            Self::Unauthorized => "harbor.unauthorized",
            Self::Forbidden(_) => "harbor.forbidden",
            Self::NotFound(_) => "harbor.not_found",
            Self::Conflict(_) => "harbor.conflict",
            Self::Precondition(_) => "harbor.precondition",
            Self::Validation(_) => "harbor.validation",
            Self::TooManyRequests => "harbor.too_many_requests",
            Self::Server { .. } => "harbor.server_error",
            Self::BodyTooLarge(_) => "harbor.body_too_large",
            Self::Cut => "harbor.cut",
            Self::Garbled(_) => "harbor.garbled",
            Self::Unexpected(_) => "harbor.unexpected_status",
            Self::Cancelled => "harbor.cancelled",
            Self::Setup(_) => "harbor.setup",
        }
    }

    /// The node did not answer as a Harbor at all: the fault lies on the way, not in the question.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Dns(_)
                | Self::Refused
                | Self::Unreachable
                | Self::Timeout(_)
                | Self::Tls(_)
                | Self::PlainHttp
                | Self::NeedsHttps
                | Self::Cut
        )
    }

    /// The same read may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Refused
                | Self::Unreachable
                | Self::Cut
                | Self::TooManyRequests
                | Self::Server { status: 502..=504, .. }
        )
    }

    /// A write that ended like this may or may not have been done: look before trying again.
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Timeout(_)
                | Self::Cut
                | Self::Server { .. }
                | Self::Cancelled
                | Self::BodyTooLarge(_)
                | Self::Garbled(_)
        )
    }
}
