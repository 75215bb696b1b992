//! The configuration: one table of keys read from a TOML file, `BREAKWATER_*` variables and flags.
//!
//! Each value remembers where it came from, so that `print-config` can say it. An unknown key is an error that
//! names the nearest known one: a misspelt setting that is ignored is worse than one that is missing.

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use store::DatabaseUrl;

mod keys;
pub(crate) use keys::{KEYS, Key};

/// Everything the server needs to know before it starts.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: DatabaseUrl,
    pub(crate) site: PathBuf,
    pub(crate) public_address: Option<url::Url>,
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) outbound_proxy: Option<url::Url>,
    pub(crate) extra_ca_files: Vec<PathBuf>,
    pub(crate) poll_every: Duration,
    pub(crate) log: String,
    pub(crate) log_json: bool,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    File(PathBuf),
    Variable(String),
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// One value as text with its source; lists are joined by commas.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) source: Source,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ConfigError {
    #[error("{path}: {cause}", path = .path.display())]
    File { path: PathBuf, cause: String },
    #[error("unknown key `{key}` ({source_}){}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown { key: String, source_: String, nearest: Option<&'static str> },
    #[error("`{key}` ({source_}): {cause}")]
    Value { key: &'static str, source_: String, cause: String },
}

/// The values of all keys before they are judged.
#[derive(Debug, Default)]
pub(crate) struct Raw(BTreeMap<&'static str, Given>);

impl Raw {
    /// Collects defaults, then the file, then variables, then flags; later ones win.
    ///
    /// # Errors
    /// Every unknown key and unreadable file at once.
    pub(crate) fn collect(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        flags: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut raw = Self::default();
        let mut faults = Vec::new();
        for key in KEYS {
            if let Some(text) = key.default {
                raw.0.insert(key.name, Given { text: text.to_owned(), source: Source::Default });
            }
        }
        if let Some(path) = file {
            match read_file(path) {
                Ok(entries) => {
                    for (name, text) in entries {
                        raw.give(&name, text, &Source::File(path.to_owned()), &mut faults);
                    }
                }
                Err(fault) => faults.push(fault),
            }
        }
        for (variable, text) in variables {
            if let Some(name) = variable.strip_prefix("BREAKWATER_") {
                // Read by the test suite and by the command line itself, not settings of the server.
                if name.starts_with("TEST_") || matches!(name, "CONFIG" | "TOKEN" | "SERVER") {
                    continue;
                }
                raw.give(&name.to_ascii_lowercase(), text, &Source::Variable(variable.clone()), &mut faults);
            }
        }
        for (name, text) in flags {
            raw.give(&name, text, &Source::Flag, &mut faults);
        }
        if faults.is_empty() { Ok(raw) } else { Err(faults) }
    }

    fn give(&mut self, name: &str, text: String, source: &Source, faults: &mut Vec<ConfigError>) {
        match KEYS.iter().find(|k| k.name == name) {
            Some(key) => {
                self.0.insert(key.name, Given { text, source: source.clone() });
            }
            None => faults.push(ConfigError::Unknown {
                key: name.to_owned(),
                source_: source.to_string(),
                nearest: nearest(name),
            }),
        }
    }

    /// Every key with its value (secrets hidden) and source, in the order of the table.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&'static Key, Option<(String, Source)>)> {
        KEYS.iter().map(|key| {
            let given = self.0.get(key.name).map(|g| {
                let text = if key.secret { HIDDEN.to_owned() } else { without_password(&g.text) };
                (text, g.source.clone())
            });
            (key, given)
        })
    }

    /// Judges every value.
    ///
    /// # Errors
    /// Every faulty value at once.
    pub(crate) fn judge(&self) -> Result<Config, Vec<ConfigError>> {
        let mut faults = Vec::new();
        let config = Config {
            listen: self
                .required("listen", &mut faults, |t| {
                    t.parse().map_err(|_| "not an address with a port, like 0.0.0.0:8210".to_owned())
                })
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8210))),
            data_dir: self.text("data_dir").unwrap_or_default().into(),
            database_url: self
                .required("database_url", &mut faults, |t| {
                    t.parse().map_err(|e: store::StoreError| e.to_string())
                })
                .unwrap_or(DatabaseUrl::Embedded),
            site: self.text("site").unwrap_or_default().into(),
            public_address: self.required("public_address", &mut faults, http_url),
            trusted_proxies: self.list("trusted_proxies", &mut faults, |t| {
                t.parse().map_err(|()| format!("{t} is not an address or network"))
            }),
            outbound_proxy: self.required("outbound_proxy", &mut faults, proxy_url),
            extra_ca_files: self.list("extra_ca_files", &mut faults, |t| {
                Path::new(t).is_file().then(|| PathBuf::from(t)).ok_or_else(|| format!("{t} is not a file"))
            }),
            poll_every: Duration::from_secs(
                self.required("poll_seconds", &mut faults, |t| {
                    t.parse()
                        .ok()
                        .filter(|s| (2..=300).contains(s))
                        .ok_or_else(|| "not a number from 2 to 300".to_owned())
                })
                .unwrap_or(5),
            ),
            log: self.text("log").unwrap_or_default(),
            log_json: self
                .required("log_format", &mut faults, |t| match t {
                    "text" => Ok(false),
                    "json" => Ok(true),
                    _ => Err("neither text nor json".to_owned()),
                })
                .unwrap_or_default(),
        };
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|g| g.text.trim().to_owned()).filter(|t| !t.is_empty())
    }

    fn required<T>(
        &self,
        name: &'static str,
        faults: &mut Vec<ConfigError>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(name)?;
        read(&text).map_err(|cause| faults.push(self.fault(name, &cause))).ok()
    }

    fn list<T>(
        &self,
        name: &'static str,
        faults: &mut Vec<ConfigError>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .filter_map(|part| read(part).map_err(|cause| faults.push(self.fault(name, &cause))).ok())
            .collect()
    }

    fn fault(&self, key: &'static str, cause: &str) -> ConfigError {
        let source_ = self.0.get(key).map(|g| g.source.to_string()).unwrap_or_default();
        ConfigError::Value { key, source_, cause: cause.to_owned() }
    }
}

/// What stands in place of a secret.
const HIDDEN: &str = "•••";

/// The address of a proxy may hold its password.
fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => match url.set_password(None) {
            Ok(()) => url.as_str().replacen('@', &format!(":{HIDDEN}@"), 1),
            Err(()) => HIDDEN.to_owned(),
        },
        _ => text.to_owned(),
    }
}

fn http_url(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).map_err(|e| e.to_string())?;
    let plain = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    if plain && url.username().is_empty() {
        Ok(url)
    } else {
        Err("not an address like https://breakwater.example.org".to_owned())
    }
}

fn proxy_url(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).map_err(|e| e.to_string())?;
    if matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        Ok(url)
    } else {
        Err("not an http, https or socks5 address".to_owned())
    }
}

fn read_file(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let fault = |cause: String| ConfigError::File { path: path.to_owned(), cause };
    let text = std::fs::read_to_string(path).map_err(|e| fault(e.to_string()))?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| fault(e.message().to_owned()))?;
    table
        .into_iter()
        .map(|(key, value)| {
            let text = match value {
                toml::Value::Array(items) => {
                    items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|v| v.join(","))
                }
                other => scalar(&other),
            };
            text.map(|t| (key.clone(), t))
                .ok_or_else(|| fault(format!("`{key}` is neither a value nor a list of values")))
        })
        .collect()
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(s) => Some(s.clone()),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}

fn nearest(name: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|k| (strsim::jaro_winkler(k.name, name), k.name))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// An IP network in the form `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: std::net::IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether `ip` lies in it. An IPv4 address mapped into IPv6 counts as itself.
    pub(crate) fn contains(&self, ip: std::net::IpAddr) -> bool {
        use std::net::IpAddr::{V4, V6};
        match (self.address, ip.to_canonical()) {
            (V4(net), V4(ip)) => {
                same_bits(u128::from(net.to_bits()) << 96, u128::from(ip.to_bits()) << 96, self.prefix)
            }
            (V6(net), V6(ip)) => same_bits(net.to_bits(), ip.to_bits(), self.prefix),
            _ => false,
        }
    }
}

fn same_bits(a: u128, b: u128, prefix: u8) -> bool {
    prefix == 0 || (a ^ b) >> (128 - u32::from(prefix.min(128))) == 0
}

impl std::str::FromStr for Network {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: std::net::IpAddr = address.parse().map_err(|_| ())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |p| p.parse().map_err(|_| ()))?;
        if prefix > longest { Err(()) } else { Ok(Self { address, prefix }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn collect_prefers_flag_to_variable_to_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata_dir = \"/d\"\npoll_seconds = 9\n").unwrap();
        let raw = Raw::collect(
            Some(&file),
            flags(&[("BREAKWATER_LISTEN", "127.0.0.1:2"), ("BREAKWATER_DATA_DIR", "/v"), ("HOME", "/h")]),
            flags(&[("listen", "127.0.0.1:3")]),
        )
        .unwrap();
        let config = raw.judge().unwrap();
        assert_eq!(config.listen.port(), 3);
        assert_eq!(config.data_dir, Path::new("/v"));
        assert_eq!(config.poll_every, Duration::from_secs(9));
        let sources: BTreeMap<_, _> = raw.shown().filter_map(|(k, g)| Some((k.name, g?.1))).collect();
        assert_eq!(sources["poll_seconds"], Source::File(file));
        assert_eq!(sources["log"], Source::Default);
    }

    #[test]
    fn collect_names_the_nearest_key_for_an_unknown_one() {
        let faults = Raw::collect(None, flags(&[("BREAKWATER_TRUSTED_PROXY", "x")]), []).unwrap_err();
        assert_eq!(
            faults[0].to_string(),
            "unknown key `trusted_proxy` (variable BREAKWATER_TRUSTED_PROXY); did you mean `trusted_proxies`?"
        );
    }

    #[test]
    fn judge_names_every_faulty_value() {
        let raw = Raw::collect(
            None,
            [],
            flags(&[
                ("listen", "nowhere"),
                ("poll_seconds", "1"),
                ("public_address", "https://u:p@h/"),
                ("database_url", "mysql://x"),
            ]),
        )
        .unwrap();
        let keys: Vec<_> = raw
            .judge()
            .unwrap_err()
            .into_iter()
            .map(|f| match f {
                ConfigError::Value { key, .. } => key,
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(keys, ["listen", "database_url", "public_address", "poll_seconds"]);
    }

    #[test]
    fn shown_hides_secrets() {
        let raw = Raw::collect(None, [], flags(&[("database_url", "postgres://u:hunter2@h/db")])).unwrap();
        assert!(!format!("{:?}", raw.shown().map(|(_, g)| g).collect::<Vec<_>>()).contains("hunter2"));
        assert!(!format!("{:?}", raw.judge().unwrap()).contains("hunter2"));
    }

    #[test]
    fn network_contains_by_prefix() {
        let ten: Network = "10.0.0.0/8".parse().unwrap();
        assert!(ten.contains("10.9.8.7".parse().unwrap()));
        assert!(ten.contains("::ffff:10.9.8.7".parse().unwrap()));
        assert!(!ten.contains("11.0.0.1".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        let all: Network = "::/0".parse().unwrap();
        assert!(all.contains("fe80::1".parse().unwrap()));
    }
}
