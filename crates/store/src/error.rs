//! What can go wrong, told apart by what helps.

use std::path::PathBuf;

use sqlx::{postgres::PgDatabaseError, sqlite::SqliteError};

use crate::seal::KeyError;

/// A cause from below, kept for the log only.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what was asked. Texts never hold values of rows, addresses with passwords or
/// secrets.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process or transaction holds what is needed; waiting did not help. Try again.
    #[error("the database is locked by another process")]
    Locked(#[source] Cause),
    /// No room on the disk of the database (or its own size limit is reached).
    #[error("the disk of the database is full")]
    DiskFull(#[source] Cause),
    /// The database refuses writes: a read-only file or file system, or a PostgreSQL standby.
    #[error("the database is read-only")]
    ReadOnly(#[source] Cause),
    /// The database cannot be reached now. It is tried anew with every call.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Cause),
    /// The PostgreSQL server refuses the account, its password or its rights.
    #[error("the database refuses this account")]
    Denied(#[source] Cause),
    /// Somebody else was faster: the name is taken, or the row has another version by now.
    #[error("{what} has been changed or taken in the meantime")]
    Conflict {
        /// Which kind of thing, e.g. `cluster`.
        what: &'static str,
    },
    /// There is no such row.
    #[error("there is no such {what}")]
    NotFound {
        /// Which kind of thing, e.g. `cluster`.
        what: &'static str,
    },
    /// The file is not a database, is damaged, or holds what this version never wrote.
    #[error("the database is damaged: {what}")]
    Corrupt {
        /// What was found.
        what: String,
    },
    /// The database was written by a newer Breakwater.
    #[error("the database was written by a newer version of Breakwater")]
    Newer,
    /// A backup cannot be restored here.
    #[error("the backup cannot be restored: {0}")]
    Restore(String),
    /// A backup cannot be written there.
    #[error("the backup cannot be written: {0}")]
    Backup(String),
    /// The database's address cannot be understood.
    #[error("the database address cannot be used: {0}")]
    BadUrl(String),
    /// A secret cannot be sealed or unsealed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file or folder beside the database.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A fault of Breakwater itself.
    #[error("the database did not understand Breakwater")]
    Internal(#[source] Cause),
}

impl StoreError {
    /// The stable code for logs, REST and translations.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked(_) => "store.locked",
            Self::DiskFull(_) => "store.disk_full",
            Self::ReadOnly(_) => "store.read_only",
            Self::Unavailable(_) => "store.unavailable",
            Self::Denied(_) => "store.denied",
            Self::Conflict { .. } => "store.conflict",
            Self::NotFound { .. } => "store.not_found",
            Self::Corrupt { .. } => "store.corrupt",
            Self::Newer => "store.newer",
            Self::Restore(_) => "store.restore",
            Self::Backup(_) => "store.backup",
            Self::BadUrl(_) => "store.bad_url",
            Self::Key(key) => key.code(),
            Self::File { .. } => "store.file",
            Self::Internal(_) => "store.internal",
        }
    }

    /// Whether the same call may well succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Locked(_) | Self::Unavailable(_))
    }

    pub(crate) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull(Box::new(source))
            }
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(Box::new(source)),
            _ => Self::File { path: path.into(), source },
        }
    }

    /// The same error, where a broken rule of uniqueness means that `what` is taken.
    pub(crate) fn or_taken(self, what: &'static str) -> Self {
        match self {
            Self::Conflict { .. } => Self::Conflict { what },
            other => other,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        if let E::Database(db) = &error {
            if db.is_unique_violation() {
                return Self::Conflict { what: "record" };
            }
            if db.is_foreign_key_violation() {
                return Self::NotFound { what: "record" };
            }
            if let Some(pg) = db.try_downcast_ref::<PgDatabaseError>() {
                return postgres(pg.code().to_owned().as_str(), error);
            }
            if db.try_downcast_ref::<SqliteError>().is_some() {
                let code = db.code().and_then(|c| c.parse::<u32>().ok()).unwrap_or_default();
                return sqlite(code, error);
            }
        }
        match error {
            E::RowNotFound => Self::NotFound { what: "record" },
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => {
                Self::Unavailable(Box::new(error))
            }
            E::Configuration(cause) => Self::BadUrl(cause.to_string()),
            E::ColumnDecode { index, source } => Self::Corrupt { what: format!("column {index}: {source}") },
            E::Decode(source) => Self::Corrupt { what: source.to_string() },
            E::Migrate(migrate) => (*migrate).into(),
            other => Self::Internal(Box::new(other)),
        }
    }
}

/// SQLite's result codes, the low byte of the extended ones (sqlite.org/rescode.html).
fn sqlite(code: u32, error: sqlx::Error) -> StoreError {
    let cause: Cause = Box::new(error);
    match code & 0xff {
        5 | 6 => StoreError::Locked(cause),
        8 => StoreError::ReadOnly(cause),
        13 => StoreError::DiskFull(cause),
        10 | 14 => StoreError::Unavailable(cause),
        11 | 26 => StoreError::Corrupt { what: "SQLite cannot read the file".into() },
        _ => StoreError::Internal(cause),
    }
}

/// PostgreSQL's SQLSTATE classes (appendix A of its manual).
fn postgres(state: &str, error: sqlx::Error) -> StoreError {
    let cause: Cause = Box::new(error);
    match state {
        // Serialization failure, deadlock, lock not available, cancelled by a time limit.
        "40001" | "40P01" | "55P03" | "57014" => StoreError::Locked(cause),
        "53100" => StoreError::DiskFull(cause),
        "25006" => StoreError::ReadOnly(cause),
        "28000" | "28P01" | "42501" => StoreError::Denied(cause),
        "XX001" | "XX002" => StoreError::Corrupt { what: "PostgreSQL reports damaged data".into() },
        // No such database, connection troubles, resources, shut-down and start-up.
        "3D000" => StoreError::Unavailable(cause),
        s if s.starts_with("08") || s.starts_with("53") || s.starts_with("57P") || s.starts_with("58") => {
            StoreError::Unavailable(cause)
        }
        _ => StoreError::Internal(cause),
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError as M;
        match error {
            M::Execute(cause) | M::ExecuteMigration(cause, _) => cause.into(),
            M::VersionMissing(_) | M::VersionTooNew(..) => Self::Newer,
            M::VersionMismatch(number) | M::Dirty(number) => {
                Self::Corrupt { what: format!("migration {number} is not the one this version knows") }
            }
            other => Self::Internal(Box::new(other)),
        }
    }
}
