//! An address that speaks for a node or for the entry.

use harbor::{Harbor, HarborError};
use model::{NodeAddress, address::Scheme, draft::TlsSeen, spec::TlsChoice};
use tokio::sync::OnceCell;

use super::Seen;
use crate::{reach::Account, trouble::Trouble};

/// An address, its TLS choice, and what it answers to nobody.
pub(crate) struct Place {
    harbor: Harbor,
    tls: TlsChoice,
    certificate: OnceCell<Seen<Option<TlsSeen>>>,
    realm: OnceCell<Seen<String>>,
}

impl Place {
    pub(super) fn new(harbor: &Harbor, tls: TlsChoice) -> Self {
        Self { harbor: harbor.anonymous(), tls, certificate: OnceCell::new(), realm: OnceCell::new() }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &NodeAddress {
        self.harbor.address()
    }

    /// How its certificate is judged.
    pub(crate) fn tls(&self) -> &TlsChoice {
        &self.tls
    }

    /// Its certificate; `None` for http.
    ///
    /// # Errors
    /// Where no handshake came about.
    pub(crate) async fn certificate(&self) -> Seen<Option<TlsSeen>> {
        let ask = || async {
            if self.address().scheme() == Scheme::Http {
                return Ok(None);
            }
            let leaf = self.harbor.certificate().await?;
            Ok(Some(TlsSeen {
                sha256: leaf.sha256,
                not_after_ms: leaf.not_after,
                issuer: leaf.issuer,
                // An end in the past is told by the date; here it is about whose it is.
                trusted: matches!(leaf.fault, None | Some(harbor::TlsFault::Expired)),
            }))
        };
        self.certificate.get_or_init(ask).await.clone()
    }

    /// Where docker is sent for its token.
    ///
    /// # Errors
    /// Where `/v2/` gives no challenge.
    pub(crate) async fn realm(&self) -> Seen<String> {
        let ask = || async { Ok(self.harbor.challenge().await?.realm) };
        self.realm.get_or_init(ask).await.clone()
    }
}

/// The entry being looked at.
pub(crate) struct EntrySurvey {
    place: Place,
    harbor: Harbor,
    accounts: Vec<Account>,
    fingerprint: OnceCell<Seen<Fingerprint>>,
}

/// What tells which Harbor stands behind an address.
#[derive(Clone, Debug)]
pub(crate) struct Fingerprint {
    /// The ids of its worker pools; `None` where none of the nodes' accounts was taken there.
    pub pools: Option<Vec<String>>,
}

impl EntrySurvey {
    pub(super) fn new(harbor: Harbor, tls: TlsChoice, accounts: Vec<Account>) -> Self {
        Self { place: Place::new(&harbor, tls), harbor, accounts, fingerprint: OnceCell::new() }
    }

    /// Its address.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Which Harbor answers there.
    ///
    /// # Errors
    /// Where none answers.
    pub(crate) async fn fingerprint(&self) -> Seen<Fingerprint> {
        self.fingerprint.get_or_init(|| self.look()).await.clone()
    }

    async fn look(&self) -> Seen<Fingerprint> {
        self.harbor.api_version().await?;
        for account in &self.accounts {
            match self.harbor.with_credential(account.credential()).pools().await {
                Ok(pools) => {
                    let ids = pools.into_iter().map(|p| p.worker_pool_id).collect();
                    return Ok(Fingerprint { pools: Some(ids) });
                }
                // Another node's account, or one without the right: the next may do.
                Err(HarborError::Unauthorized | HarborError::Forbidden(_) | HarborError::Server { .. }) => {}
                Err(other) => return Err(Trouble::from(other)),
            }
        }
        Ok(Fingerprint { pools: None })
    }
}
