//! Secrets sealed at rest: XChaCha20-Poly1305 with keys from a file beside the database.
//!
//! A sealed text is `key id . base64(nonce ‖ ciphertext)`. Table, column and row id go in as associated data, so a
//! sealed secret that is copied to another row cannot be unsealed there. Backups hold sealed secrets only; the key
//! file is kept apart from them.

mod file;
mod rotate;

use std::path::PathBuf;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretString};
use zeroize::{Zeroize, Zeroizing};

pub use file::{KEY_FILE, KeyRing};
pub use rotate::Rotation;

use crate::{Result, Store, StoreError};

const NONCE: usize = 24;
/// The setting that proves at start that the key file belongs to the database.
pub(crate) const CHECK: &str = "seal.check";
/// What is sealed in it.
const CHECK_TEXT: &str = "breakwater";

/// Why a secret cannot be sealed or unsealed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others than the owner can read the key file.
    #[error("{path} can be read by others (mode {mode:04o}); run: chmod 600 {path}")]
    Wide {
        /// The key file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The database's secrets were sealed with a key that is not in the key file.
    #[error("key {key_id} is not in {path}; bring back the key file that belongs to this database")]
    Missing {
        /// The key that is wanted.
        key_id: String,
        /// The key file.
        path: PathBuf,
    },
    /// The key file is not one.
    #[error("{path} is not a key file: {why}")]
    Damaged {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it; never its content.
        why: &'static str,
    },
    /// The sealed text was changed, or belongs to another row.
    #[error("the sealed secret in {place} was changed or belongs elsewhere")]
    Tampered {
        /// Table, column and row.
        place: String,
    },
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The key file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

impl KeyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wide { .. } => "store.key_wide",
            Self::Missing { .. } => "store.key_missing",
            Self::Damaged { .. } => "store.key_damaged",
            Self::Tampered { .. } => "store.key_tampered",
            Self::File { .. } => "store.key_file",
            Self::Random => "store.key_random",
        }
    }
}

/// Where a sealed text stands; it can be unsealed nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's id.
    pub row: &'a str,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.table, self.column, self.row)
    }
}

/// A sealed text: safe to store and to show to nobody in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key it was sealed with.
    pub fn key_id(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl From<String> for Sealed {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

/// One key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) made_ms: i64,
    pub(crate) bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    /// A new random key.
    fn generate(made_ms: i64) -> std::result::Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
        let mut id = [0; 4];
        getrandom::fill(&mut id).map_err(|_| KeyError::Random)?;
        Ok(Self { id: format!("k{:08x}", u32::from_be_bytes(id)), made_ms, bytes })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.bytes).into())
    }

    fn seal(&self, place: Place<'_>, secret: &SecretString) -> std::result::Result<Sealed, KeyError> {
        let mut sealed = vec![0; NONCE];
        getrandom::fill(&mut sealed).map_err(|_| KeyError::Random)?;
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| KeyError::Random)?;
        let aad = place.to_string();
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: aad.as_bytes() };
        // Encryption fails only for texts of more than 256 GiB.
        let tampered = |_| KeyError::Tampered { place: place.to_string() };
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(tampered)?);
        Ok(Sealed(format!("{}.{}", self.id, BASE64.encode(sealed))))
    }

    fn unseal(&self, place: Place<'_>, sealed: &Sealed) -> std::result::Result<SecretString, KeyError> {
        let tampered = || KeyError::Tampered { place: place.to_string() };
        let (_, text) = sealed.0.split_once('.').ok_or_else(tampered)?;
        let bytes = BASE64.decode(text).map_err(|_| tampered())?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE).ok_or_else(tampered)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| tampered())?;
        let aad = place.to_string();
        let payload = Payload { msg: ciphertext, aad: aad.as_bytes() };
        let plain = self.cipher().decrypt(&nonce, payload).map_err(|_| tampered())?;
        String::from_utf8(plain).map(SecretString::from).map_err(|e| {
            e.into_bytes().zeroize();
            tampered()
        })
    }
}

impl KeyRing {
    /// Seals a secret for one place, with the current key.
    ///
    /// # Errors
    /// The key file was changed and cannot be read any more.
    pub fn seal(&self, place: Place<'_>, secret: &SecretString) -> std::result::Result<Sealed, KeyError> {
        self.current()?.seal(place, secret)
    }

    /// Unseals what was sealed for that place. Looks into the key file once more for a key it does not know, since
    /// another process may have rotated.
    ///
    /// # Errors
    /// `store.key_missing`, `store.key_tampered`.
    pub fn unseal(&self, place: Place<'_>, sealed: &Sealed) -> std::result::Result<SecretString, KeyError> {
        self.key(sealed.key_id())?.unseal(place, sealed)
    }
}

impl Store {
    /// Proves that the key file belongs to this database; a new database gets its proof here.
    pub(crate) async fn check_keys(&self) -> Result<()> {
        if let Some(sealed) = self.settings().get::<String>(CHECK).await? {
            return self.verify_check(sealed);
        }
        let sealed = self.ring.seal(CHECK_PLACE, &CHECK_TEXT.into())?;
        self.settings().set_if_absent(CHECK, &sealed.as_str()).await?;
        // Another replica may have been first, with another key file.
        match self.settings().get::<String>(CHECK).await? {
            Some(sealed) => self.verify_check(sealed),
            None => Err(StoreError::NotFound { what: "proof of the key file" }),
        }
    }

    pub(crate) fn verify_check(&self, sealed: String) -> Result<()> {
        self.ring.unseal(CHECK_PLACE, &sealed.into())?;
        Ok(())
    }
}

const CHECK_PLACE: Place<'static> = Place { table: "settings", column: "value", row: CHECK };
