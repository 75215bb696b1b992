//! Argon2id, one or two at a time.

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OnceCell, Semaphore};

use crate::{AccessError, Result};

/// Each hash takes 19 MiB and a core for some 20 ms; more at once would let strangers starve the pollers.
const AT_ONCE: usize = 2;

/// Hashes and verifies passwords with the crate's defaults: Argon2id, 19 MiB, 2 passes, 1 lane.
#[derive(Debug)]
pub(crate) struct Passwords {
    places: Semaphore,
    /// Verified against where there is no account, so that a wrong name costs the same as a wrong password.
    nobody: OnceCell<SecretString>,
    verified: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE), nobody: OnceCell::new(), verified: AtomicU64::new(0) }
    }
}

impl Passwords {
    pub(crate) async fn hash(&self, password: &SecretString) -> Result<SecretString> {
        let _place = self.places.acquire().await.map_err(|_| AccessError::Crypto("closed"))?;
        let password = password.clone();
        tokio::task::spawn_blocking(move || {
            Argon2::default()
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash| SecretString::from(hash.to_string()))
        })
        .await
        .map_err(|_| AccessError::Crypto("hashing was stopped"))?
        .map_err(|_| AccessError::Crypto("hashing failed"))
    }

    /// Whether the password fits the hash; without a hash the same work is done and the answer is no.
    pub(crate) async fn verify(&self, password: &SecretString, hash: Option<&SecretString>) -> Result<bool> {
        let nobody = self
            .nobody
            .get_or_try_init(async || self.hash(&SecretString::from("nobody has this password")).await)
            .await?;
        let _place = self.places.acquire().await.map_err(|_| AccessError::Crypto("closed"))?;
        self.verified.fetch_add(1, Ordering::Relaxed);
        let exists = hash.is_some();
        let (password, hash) = (password.clone(), hash.unwrap_or(nobody).clone());
        let fits = tokio::task::spawn_blocking(move || {
            PasswordHash::new(hash.expose_secret()).map(|hash| {
                Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
            })
        })
        .await
        .map_err(|_| AccessError::Crypto("verifying was stopped"))?
        .map_err(|_| AccessError::Crypto("a stored hash cannot be read"))?;
        Ok(fits && exists)
    }

    /// How many verifications were made, for the test that every answer costs one.
    #[cfg(test)]
    pub(crate) fn verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }
}
