//! The table of keys. The README's configuration table is made from it (a test compares the two).

/// One key of the configuration.
pub(crate) struct Key {
    /// `snake_case` in the file; `BREAKWATER_` and capitals as a variable; hyphens as a flag.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// `None`: empty unless given.
    pub(crate) default: Option<&'static str>,
    /// Hidden wherever it is shown.
    pub(crate) secret: bool,
}

const fn key(name: &'static str, default: Option<&'static str>, help: &'static str) -> Key {
    Key { name, help, default, secret: false }
}

/// Every key, in the order they are shown.
pub(crate) const KEYS: &[Key] = &[
    key("listen", Some("0.0.0.0:8210"), "Address and port the console listens on; port 0 takes a free one."),
    key(
        "data_dir",
        Some("breakwater-data"),
        "Folder for the key file, the set-up code and the embedded database.",
    ),
    Key {
        name: "database_url",
        help: "PostgreSQL (postgres://user:password@host/database); an SQLite file in the data folder where it is missing.",
        default: None,
        secret: true,
    },
    key("site", Some("target/site"), "Folder with what the browser loads."),
    key(
        "public_address",
        None,
        "Address people open, like https://breakwater.example.org; otherwise what the first administrator gave.",
    ),
    key("trusted_proxies", None, "Networks whose X-Forwarded-For is believed, separated by commas."),
    key("outbound_proxy", None, "Proxy (http, https or socks5) for calls to the Harbors."),
    key("extra_ca_files", None, "PEM files with certificate authorities to trust beside the system's."),
    key("poll_seconds", Some("5"), "How often each node is asked, from 2 to 300."),
    key("log", Some("info"), "What is logged: error, warn, info, debug, or a filter by module."),
    key("log_format", Some("text"), "text or json."),
];
