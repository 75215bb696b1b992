//! What all nodes share on the way out: the proxy, the console's own authorities, name resolution.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, Proxy,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use rustls::client::danger::ServerCertVerifier;

use crate::{HarborError, tls};

/// Longest time to get a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// The console's way out; built once, shared by every [`crate::Harbor`].
#[derive(Clone)]
pub struct Outside {
    inner: Arc<Inner>,
}

struct Inner {
    proxy: Option<Proxy>,
    system: Arc<dyn ServerCertVerifier>,
    system_client: OnceLock<Client>,
}

impl Outside {
    /// `proxy` is a URL (`http://`, `https://` or `socks5://`, a user name and password allowed); `extra_cas` are
    /// PEM texts trusted beside the system's authorities. The environment's proxy variables are not read: the
    /// console's configuration is the one place.
    ///
    /// # Errors
    /// [`HarborError::Setup`] where one of them cannot be used.
    pub fn new(proxy: Option<&str>, extra_cas: &[String]) -> Result<Self, HarborError> {
        let mut extra = Vec::new();
        for pem in extra_cas {
            extra.extend(tls::certificates(pem)?);
        }
        // The URL may hold a password: it is not repeated.
        let proxy = proxy
            .map(Proxy::all)
            .transpose()
            .map_err(|_| HarborError::Setup("the proxy's address cannot be used".to_owned()))?;
        let inner = Inner { proxy, system: tls::system(extra)?, system_client: OnceLock::new() };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(crate) fn system(&self) -> &Arc<dyn ServerCertVerifier> {
        &self.inner.system
    }

    pub(crate) fn client(&self, verifier: Arc<dyn ServerCertVerifier>) -> Result<Client, HarborError> {
        let mut builder = Client::builder()
            .user_agent(concat!("breakwater/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls::config(verifier)?)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .dns_resolver(Arc::new(System))
            .connect_timeout(CONNECT)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(4)
            .no_proxy();
        if let Some(proxy) = &self.inner.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder.build().map_err(|e| HarborError::Setup(e.to_string()))
    }

    /// The client that judges by the system's authorities. All nodes with that choice share it (a client of its own
    /// costs each about 100 KB), and so does the storage that a pinned node redirects to: the pin is the node's.
    pub(crate) fn system_client(&self) -> Result<Client, HarborError> {
        if let Some(client) = self.inner.system_client.get() {
            return Ok(client.clone());
        }
        let client = self.client(Arc::clone(self.system()))?;
        Ok(self.inner.system_client.get_or_init(|| client).clone())
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("proxy", &self.inner.proxy.is_some()).finish()
    }
}

/// A name without an address; kept apart from a refused connection.
#[derive(Debug)]
pub(crate) struct DnsError {
    pub(crate) name: String,
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no address for {}", self.name)
    }
}

impl std::error::Error for DnsError {}

struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found: Vec<_> = match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => found.collect(),
                Err(_) => Vec::new(),
            };
            if found.is_empty() {
                return Err(DnsError { name }.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
