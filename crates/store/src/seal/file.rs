//! The key file: `keys.json`, mode 0600, beside the database.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use base64::Engine;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{BASE64, Key, KeyError};
use crate::Clock;

type Result<T> = std::result::Result<T, KeyError>;

/// The key file's name in the data folder.
pub const KEY_FILE: &str = "keys.json";
/// Larger is not a key file.
const MAX_BYTES: u64 = 1024 * 1024;

/// The keys that seal secrets. Cheap to clone; its `Debug` shows no key.
#[derive(Clone)]
pub struct KeyRing {
    path: Arc<Path>,
    keys: Arc<RwLock<Keys>>,
}

#[derive(Clone)]
struct Keys {
    current: String,
    all: Vec<Key>,
    /// Tells whether the file was replaced since: inode, size, and time of change.
    stamp: (u64, u64, i64, i64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    current: String,
    keys: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    made_ms: i64,
    key: Zeroizing<String>,
}

impl KeyRing {
    /// Reads `keys.json` in the data folder; makes folder and file with a new key where there is none.
    ///
    /// # Errors
    /// `store.key_wide` when others can read the file, `store.key_damaged`, `store.key_file`.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let path: Arc<Path> = data_dir.join(KEY_FILE).into();
        crate::open::make_private_dir(data_dir).map_err(|e| match e {
            crate::StoreError::File { path, source } => KeyError::File { path, source },
            other => KeyError::File { path: path.to_path_buf(), source: std::io::Error::other(other) },
        })?;
        let keys = match read(&path) {
            Err(KeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                let key = Key::generate(Clock::System.now_ms())?;
                let id = key.id.clone();
                write(&path, &id, &[key], false)?;
                // Another process may have been first: what is in the file counts.
                read(&path)?
            }
            other => other?,
        };
        Ok(Self { path, keys: Arc::new(RwLock::new(keys)) })
    }

    /// The key file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The id of the key that seals now.
    ///
    /// # Errors
    /// The key file was changed and cannot be read any more.
    pub fn current_id(&self) -> Result<String> {
        Ok(self.current()?.id)
    }

    /// The ids of all keys, oldest first.
    pub fn ids(&self) -> Vec<String> {
        self.snapshot().all.into_iter().map(|k| k.id).collect()
    }

    fn snapshot(&self) -> Keys {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reload(&self) -> Result<Keys> {
        let keys = read(&self.path)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(keys)
    }

    /// The key that seals, from the file as it is now: a rotation by another process is seen at once.
    pub(super) fn current(&self) -> Result<Key> {
        let mut keys = self.snapshot();
        if stamp(&self.path)? != keys.stamp {
            keys = self.reload()?;
        }
        self.find(&keys, &keys.current)
    }

    pub(super) fn key(&self, id: &str) -> Result<Key> {
        self.find(&self.snapshot(), id).or_else(|_| self.find(&self.reload()?, id))
    }

    fn find(&self, keys: &Keys, id: &str) -> Result<Key> {
        let found = keys.all.iter().find(|k| k.id == id).cloned();
        found.ok_or_else(|| KeyError::Missing { key_id: shown(id), path: self.path.to_path_buf() })
    }

    /// Adds a key, which seals from now on.
    pub(super) fn add_key(&self) -> Result<String> {
        let mut keys = self.reload()?;
        let key = Key::generate(Clock::System.now_ms())?;
        let id = key.id.clone();
        keys.all.push(key);
        write(&self.path, &id, &keys.all, true)?;
        self.reload()?;
        Ok(id)
    }

    /// Keeps only the keys named.
    pub(super) fn retain(&self, ids: &[String]) -> Result<()> {
        let mut keys = self.reload()?;
        keys.all.retain(|k| ids.contains(&k.id) || k.id == keys.current);
        write(&self.path, &keys.current, &keys.all, true)?;
        self.reload()?;
        Ok(())
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("path", &self.path).field("keys", &self.ids()).finish()
    }
}

/// A key id from a damaged row is arbitrary text; an error shows no more than an id's worth of it.
fn shown(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> KeyError + '_ {
    move |source| KeyError::File { path: path.to_path_buf(), source }
}

fn stamp(path: &Path) -> Result<(u64, u64, i64, i64)> {
    let meta = fs::metadata(path).map_err(at(path))?;
    Ok((meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec()))
}

fn read(path: &Path) -> Result<Keys> {
    let meta = fs::metadata(path).map_err(at(path))?;
    let mode = meta.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Wide { path: path.to_path_buf(), mode });
    }
    let damaged = |why| KeyError::Damaged { path: path.to_path_buf(), why };
    if !meta.is_file() || meta.size() > MAX_BYTES {
        return Err(damaged("not a small plain file"));
    }
    let stamp = stamp(path)?;
    let text = Zeroizing::new(fs::read(path).map_err(at(path))?);
    let stored: Stored = serde_json::from_slice(&text).map_err(|_| damaged("not the JSON of a key file"))?;
    if stored.format != 1 {
        return Err(damaged("a format this version does not know"));
    }
    let mut all = Vec::with_capacity(stored.keys.len());
    for key in stored.keys {
        let decoded = Zeroizing::new(
            BASE64.decode(key.key.as_bytes()).map_err(|_| damaged("a key that is not base64"))?,
        );
        let mut bytes = Zeroizing::new([0; 32]);
        if decoded.len() != bytes.len() {
            return Err(damaged("a key that is not 256 bits long"));
        }
        bytes.copy_from_slice(&decoded);
        all.push(Key { id: key.id, made_ms: key.made_ms, bytes });
    }
    if !all.iter().any(|k| k.id == stored.current) {
        return Err(damaged("its current key is not in it"));
    }
    Ok(Keys { current: stored.current, all, stamp })
}

/// Writes the whole file beside and puts it in place at once; `replace` false leaves an existing file alone.
fn write(path: &Path, current: &str, keys: &[Key], replace: bool) -> Result<()> {
    let stored = Stored {
        format: 1,
        current: current.to_owned(),
        keys: keys
            .iter()
            .map(|k| StoredKey {
                id: k.id.clone(),
                made_ms: k.made_ms,
                key: Zeroizing::new(BASE64.encode(k.bytes.as_slice())),
            })
            .collect(),
    };
    let text = serde_json::to_vec_pretty(&stored).map(Zeroizing::new);
    let text = text.map_err(|e| at(path)(std::io::Error::other(e)))?;
    let beside: PathBuf = path.with_extension(format!("{}.new", std::process::id()));
    let put = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        if replace {
            fs::rename(&beside, path)?;
        } else {
            let linked = fs::hard_link(&beside, path);
            fs::remove_file(&beside)?;
            match linked {
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(e),
                _ => {}
            }
        }
        // The new name must survive a power cut too.
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    put().map_err(at(path))
}
