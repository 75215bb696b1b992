//! Which database.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use secrecy::{ExposeSecret, SecretString};

use crate::StoreError;

/// The name of the embedded database's file in the data folder.
pub const EMBEDDED_FILE: &str = "breakwater.db";

/// Which database to open. Its `Debug` and `Display` never show the password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// SQLite in the data folder, the default.
    Embedded,
    /// SQLite in a file of its own.
    Sqlite(PathBuf),
    /// PostgreSQL 13 or newer.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// Where the SQLite file is; `None` for PostgreSQL.
    pub fn sqlite_path(&self, data_dir: &Path) -> Option<PathBuf> {
        match self {
            Self::Embedded => Some(data_dir.join(EMBEDDED_FILE)),
            Self::Sqlite(path) => Some(data_dir.join(path)),
            Self::Postgres(_) => None,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    /// Reads `postgres://…`, `postgresql://…`, `sqlite:path` and `sqlite://path`; an empty text is the embedded
    /// one.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Embedded);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // Parsed here too, so that a slip is named at start and not with the first query.
            url::Url::parse(text).map_err(|e| StoreError::BadUrl(e.to_string()))?;
            return Ok(Self::Postgres(text.into()));
        }
        match text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
            Some(":memory:") => {
                Err(StoreError::BadUrl("a database in memory would forget everything; give a file".into()))
            }
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err(StoreError::BadUrl("it must begin with postgres:// or sqlite:".into())),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded SQLite"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(secret) => match url::Url::parse(secret.expose_secret()) {
                Ok(url) => {
                    let host = url.host_str().unwrap_or("localhost");
                    let port = url.port().unwrap_or(5432);
                    write!(f, "postgres://{}@{host}:{port}{}", url.username(), url.path())
                }
                Err(_) => f.write_str("postgres://"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_understands_both_engines() {
        let dir = Path::new("data");
        let path = |text: &str| text.parse::<DatabaseUrl>().unwrap().sqlite_path(dir);
        assert_eq!(path(""), Some("data/breakwater.db".into()));
        assert_eq!(path("sqlite:other.db"), Some("data/other.db".into()));
        assert_eq!(path("sqlite:///srv/bw.db"), Some("/srv/bw.db".into()));
        assert_eq!(path("postgres://bw@db/bw"), None);
    }

    #[test]
    fn parse_refuses_what_it_cannot_open() {
        for bad in ["mysql://x", "sqlite:", "sqlite::memory:", "postgres://[", "C:\\bw.db"] {
            assert_eq!(bad.parse::<DatabaseUrl>().unwrap_err().code(), "store.bad_url", "{bad}");
        }
    }

    #[test]
    fn display_hides_the_password() {
        let url: DatabaseUrl =
            "postgres://bw:s3cret-pass@db.example:6432/bw?password=s3cret-pass".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://bw@db.example:6432/bw");
        assert!(!format!("{url:?}").contains("s3cret"));
    }
}
