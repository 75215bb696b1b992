//! The address of a node or an entry, read from whatever a person pastes.
//!
//! Names with letters outside ASCII are turned into their `xn--` form with UTS 46. Its tables are too large for
//! the browser's WebAssembly budget, so there such a name is left to the server ([`AddressError::International`]);
//! the `xn--` form is read everywhere and shown with its letters.

mod wording;

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme as it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// 80 or 443.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port of a Harbor. Two of them are equal if they name the same origin: lower case, default
/// port dropped, `xn--` form, IP addresses in their shortest writing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeAddress {
    scheme: Scheme,
    host: String,
    port: u16,
}

/// Why a text is no address of a Harbor. Carries nothing that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// Nothing was given.
    Empty,
    /// A scheme other than http and https.
    Scheme(String),
    /// A user name or password stood in it; they belong in their own fields.
    Credentials,
    /// A path that is not one of Harbor's own pages: Harbor must own the root of its name.
    Path(String),
    /// Not a host name or IP address.
    Host(String),
    /// Not a port from 1 to 65535.
    Port(String),
    /// Letters outside ASCII that cannot be a host name, or that this build cannot translate: the `xn--` form works.
    International(String),
}

impl AddressError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "address.empty",
            Self::Scheme(_) => "address.scheme",
            Self::Credentials => "address.credentials",
            Self::Path(_) => "address.path",
            Self::Host(_) => "address.host",
            Self::Port(_) => "address.port",
            Self::International(_) => "address.international",
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "an address is needed"),
            Self::Scheme(s) => write!(f, "{s:?} is neither http nor https"),
            Self::Credentials => write!(f, "an address must not carry a user name or password"),
            Self::Path(p) => write!(f, "Harbor must own the root of its name, but a path was given: {p:?}"),
            Self::Host(h) => write!(f, "{h:?} is not a host name or IP address"),
            Self::Port(p) => write!(f, "{p:?} is not a port"),
            Self::International(h) => write!(f, "{h:?} must be given in its xn-- form"),
        }
    }
}

impl std::error::Error for AddressError {}

/// First path segments of Harbor's own pages and interfaces; a link copied from any of them names the node.
const HARBOR_PATHS: [&str; 9] =
    ["harbor", "account", "api", "v2", "c", "service", "devcenter-api-2.0", "sign-in", "oidc-onboard"];

impl NodeAddress {
    /// Reads a host, `host:port`, an origin or a link into Harbor's portal. Without a scheme it is https, except
    /// on port 80.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim().trim_matches(['"', '\'', '`', '<', '>']).trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((s, rest)) if s.eq_ignore_ascii_case("https") => (Some(Scheme::Https), rest),
            Some((s, rest)) if s.eq_ignore_ascii_case("http") => (Some(Scheme::Http), rest),
            Some((s, _)) if !s.contains(['/', '@', '?', '#']) => return Err(AddressError::Scheme(short(s))),
            _ => (None, text),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        // Looked for in the whole text: a password may itself hold a slash.
        if authority.contains('@') || tail.split(['?', '#']).next().is_some_and(|path| path.contains('@')) {
            return Err(AddressError::Credentials);
        }
        check_path(tail)?;
        let (host, port) = split_port(authority)?;
        let host = normal_host(host)?;
        let scheme = scheme.unwrap_or(if port == Some(80) { Scheme::Http } else { Scheme::Https });
        Ok(Self { scheme, host, port: port.unwrap_or(scheme.default_port()) })
    }

    /// http or https.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The same host and port under another scheme.
    #[must_use]
    pub fn with_scheme(&self, scheme: Scheme) -> Self {
        Self { scheme, ..self.clone() }
    }

    /// The host in ASCII; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as people read it: `xn--` labels as their letters.
    pub fn shown_host(&self) -> String {
        let shown = |label: &str| {
            let letters = label.strip_prefix("xn--").and_then(idna::punycode::decode_to_string);
            letters.filter(|l| !l.is_ascii() && l.chars().all(char::is_alphanumeric))
        };
        let labels: Vec<String> =
            self.host.split('.').map(|l| shown(l).unwrap_or_else(|| l.to_owned())).collect();
        labels.join(".")
    }

    /// The port, given or default.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A name to offer for the node: the first label of the host, or the IP address and its port.
    pub fn short_name(&self) -> String {
        if self.ip().is_some() {
            return self.authority();
        }
        self.host.split('.').next().unwrap_or_default().to_owned()
    }

    /// The IP address, where the host is one.
    pub fn ip(&self) -> Option<std::net::IpAddr> {
        self.host.parse().ok()
    }

    /// `scheme://host[:port]` in ASCII, without a trailing slash and without a default port.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.authority())
    }

    /// `host[:port]` as it stands in a `Host` header.
    pub fn authority(&self) -> String {
        self.with_port(&self.host)
    }

    /// The origin as people read it.
    pub fn shown(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.with_port(&self.shown_host()))
    }

    fn with_port(&self, host: &str) -> String {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn check_path(tail: &str) -> Result<(), AddressError> {
    let path = tail.split(['?', '#']).next().unwrap_or_default().replace('\\', "/");
    let first = path.split('/').find(|s| !s.is_empty());
    match first {
        None => Ok(()),
        Some(first) if HARBOR_PATHS.contains(&first) => Ok(()),
        Some(_) => Err(AddressError::Path(short(&path))),
    }
}

/// Splits `host:port`, `[v6]:port` and a bare IPv6 address.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), AddressError> {
    let read = |p: &str| match p.parse::<u16>() {
        Ok(n) if n > 0 && p.bytes().all(|b| b.is_ascii_digit()) => Ok(Some(n)),
        _ => Err(AddressError::Port(short(p))),
    };
    if let Some(inner) = authority.strip_prefix('[') {
        let (host, rest) = inner.split_once(']').ok_or_else(|| AddressError::Host(short(authority)))?;
        return match rest.strip_prefix(':') {
            _ if host.parse::<Ipv6Addr>().is_err() => Err(AddressError::Host(short(host))),
            Some("") => Ok((host, None)),
            Some(p) => Ok((host, read(p)?)),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(AddressError::Host(short(authority))),
        };
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok((authority, None));
    }
    match authority.split_once(':') {
        None => Ok((authority, None)),
        Some((host, "")) => Ok((host, None)),
        Some((host, p)) => Ok((host, read(p)?)),
    }
}

fn normal_host(host: &str) -> Result<String, AddressError> {
    if let Ok(ip) = host.parse::<Ipv6Addr>() {
        return Ok(ip.to_string());
    }
    let host = if host.is_ascii() { host.to_ascii_lowercase() } else { to_ascii(host)? };
    let host = host.strip_suffix('.').unwrap_or(&host);
    let refuse = || AddressError::Host(short(host));
    if host.is_empty() || host.len() > 253 {
        return Err(refuse());
    }
    let good = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    if !host.split('.').all(good) {
        return Err(refuse());
    }
    // Resolvers read a name that ends in a number as an IP address in odd forms (`10.1`, `0x7f.1`): only the plain one passes.
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err(refuse());
    }
    Ok(host.to_owned())
}

#[cfg(not(target_arch = "wasm32"))]
fn to_ascii(host: &str) -> Result<String, AddressError> {
    idna::domain_to_ascii_strict(host).map_err(|_| AddressError::International(short(host)))
}

#[cfg(target_arch = "wasm32")]
fn to_ascii(host: &str) -> Result<String, AddressError> {
    Err(AddressError::International(short(host)))
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

impl FromStr for NodeAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

/// As its [`NodeAddress::origin`].
impl Serialize for NodeAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NodeAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// What was typed as an address without the user name and password in it: these are refused, and what is refused must
/// not be kept either.
pub fn without_credentials(typed: &str) -> String {
    let start = typed.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = typed.split_at(start);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}{}", &rest[at + 1..]),
        None => typed.to_owned(),
    }
}

#[cfg(test)]
#[path = "address/tests.rs"]
mod tests;
