//! A copy of a running database, and a database from a copy.
//!
//! SQLite copies itself into one file (`VACUUM INTO`); PostgreSQL is written as lines of JSON from one snapshot. Both
//! kinds restore into either engine, which is also the way from one to the other. Secrets stay sealed: a backup is
//! worth nothing without the key file, and must be kept apart from it.

mod lines;
mod restore;
mod tables;

use std::{
    fs::File,
    path::{Path, PathBuf},
};

pub use restore::Restored;

use crate::{Result, Store, StoreError, db::Db, open::make_private_file};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupInfo {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

impl Store {
    /// Writes a consistent copy while everything runs. The file can be read by its owner only, and appears under its
    /// name when it is complete.
    ///
    /// # Errors
    /// `store.backup` when something of that name exists; `store.disk_full`, `store.file`.
    pub async fn backup(&self, to: &Path) -> Result<BackupInfo> {
        if to.symlink_metadata().is_ok() {
            return Err(StoreError::Backup(format!("{} exists already", to.display())));
        }
        let mut part = to.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // What an earlier attempt left behind.
        let _ = std::fs::remove_file(&part);
        make_private_file(&part)?;
        let written = match &self.db {
            Db::Sqlite(pool) => {
                let path = part.to_str().ok_or_else(|| StoreError::Backup("the path is not text".into()))?;
                sqlx::query("VACUUM INTO $1")
                    .bind(path)
                    .execute(pool)
                    .await
                    .map(drop)
                    .map_err(StoreError::from)
            }
            Db::Postgres(pool) => lines::write(pool, &part, self.now_ms()).await,
        };
        if let Err(error) = written {
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
        let file = |e| StoreError::file(to, e);
        let bytes =
            File::open(&part).and_then(|f| f.sync_all().and_then(|()| f.metadata())).map_err(file)?.len();
        std::fs::rename(&part, to).map_err(file)?;
        Ok(BackupInfo { path: to.to_owned(), bytes })
    }
}
