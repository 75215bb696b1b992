//! First start: nobody can claim the console without the code on the server's terminal.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf};

use model::{
    Locale,
    people::{PasswordRules, Role, UserName},
    say,
};
use secrecy::{ExposeSecret, SecretString};
use store::{
    StoreError,
    users::{NewUser, Refused},
};
use subtle::ConstantTimeEq;

use crate::{Access, AccessError, Result, SignedIn, random, slow};

const HASH: &str = "setup.code_sha256";
const CLAIMED: &str = "setup.claimed";
/// Settings that the first administrator gives.
pub(crate) const PUBLIC_ADDRESS: &str = "public_address";
pub(crate) const LOCALE: &str = "locale";

/// What the first administrator gives.
#[derive(Debug)]
pub struct Claim {
    /// The one-time code, as typed.
    pub code: String,
    /// The administrator's name.
    pub name: String,
    /// The password.
    pub password: SecretString,
    /// The console's language until a person chooses another.
    pub locale: Locale,
    /// The address people open, e.g. `https://breakwater.example.org`; empty for whatever they used.
    pub public_address: String,
}

impl Access {
    /// Whether somebody has claimed the console.
    ///
    /// # Errors
    /// The database.
    pub async fn is_claimed(&self) -> Result<bool> {
        Ok(self.store.settings().get::<bool>(CLAIMED).await?.unwrap_or(false)
            || self.store.users().count().await? > 0)
    }

    /// The code to show on the terminal of an unclaimed console, new at each start, also written to the file
    /// `setup-code` (0600) in the data folder; `None` once it is claimed.
    ///
    /// # Errors
    /// The database or the file.
    pub async fn setup_code(&self) -> Result<Option<SecretString>> {
        if self.is_claimed().await? {
            self.forget_code_file();
            return Ok(None);
        }
        let code = random::code()?;
        let hash = random::sha256(&random::normal_code(code.expose_secret()));
        self.store.settings().set(HASH, &hash).await?;
        let path = self.code_file();
        self.forget_code_file();
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| writeln!(file, "{}", code.expose_secret()))
            .map_err(|source| StoreError::File { path, source })?;
        Ok(Some(code))
    }

    /// Makes the first administrator and signs them in.
    ///
    /// # Errors
    /// A wrong code, somebody was faster, or what was given is not acceptable; wrong codes slow the address down.
    pub async fn claim(&self, claim: Claim, address: &str, user_agent: &str) -> Result<SignedIn> {
        if self.is_claimed().await? {
            return Err(AccessError::AlreadyClaimed);
        }
        let attempt = self.attempt(slow::code("setup", address)).await?;
        let wanted: String = self.store.settings().get(HASH).await?.unwrap_or_default();
        let given = random::sha256(&random::normal_code(&claim.code));
        if !bool::from(wanted.as_bytes().ct_eq(given.as_bytes())) {
            return Err(AccessError::WrongSetupCode);
        }
        // A name or password that is refused below costs no try of the code.
        self.succeeded(attempt).await?;
        let name = UserName::parse(&claim.name)?;
        PasswordRules::judge(claim.password.expose_secret(), &name)?;
        let public_address = public_address(&claim.public_address)?;
        let hash = self.passwords.hash(&claim.password).await?;
        let new = NewUser { name: &name, role: Role::Administrator, password_hash: Some(&hash) };
        let user = match self.store.users().insert_first(new).await? {
            Ok(user) => user,
            Err(Refused::NotFirst | Refused::LastAdministrator | Refused::WrongReset) => {
                return Err(AccessError::AlreadyClaimed);
            }
        };
        self.store.settings().set(CLAIMED, &true).await?;
        self.store.settings().set(PUBLIC_ADDRESS, &public_address).await?;
        if self.public_address().is_none() {
            self.set_public(public_address);
        }
        self.store.settings().set(LOCALE, &claim.locale).await?;
        self.store.settings().remove(HASH).await?;
        self.forget_code_file();
        let signed_in = self.new_session(user, address, user_agent).await?;
        let what = say!(
            "claimed the console and became its first administrator",
            "初始化了控制台，成为第一位管理员"
        );
        self.record(&signed_in.actor, "console.claimed", what, None, None).await;
        Ok(signed_in)
    }

    /// The console's language until a person chooses another.
    ///
    /// # Errors
    /// The database.
    pub async fn locale(&self) -> Result<Option<Locale>> {
        Ok(self.store.settings().get(LOCALE).await?)
    }

    fn code_file(&self) -> PathBuf {
        self.store.data_dir().join("setup-code")
    }

    fn forget_code_file(&self) {
        if let Err(error) = std::fs::remove_file(self.code_file())
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %error, "the set-up code's file could not be removed");
        }
    }
}

/// Judges the public address: an origin, or empty.
fn public_address(typed: &str) -> Result<String> {
    let typed = typed.trim().trim_end_matches('/');
    if typed.is_empty() {
        return Ok(String::new());
    }
    let host = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
    let is_origin = host.is_some_and(|h| !h.is_empty() && !h.contains(['/', '@', '?', '#', ' ']));
    if is_origin {
        return Ok(typed.to_owned());
    }
    Err(model::AppError::new(
        "access.public_address",
        422,
        say!("This is not an address that people can open.", "这不是可以打开的地址。"),
        say!(
            "Write it like https://breakwater.example.org, or leave it empty.",
            "请写成 https://breakwater.example.org 的形式，或留空。"
        ),
    )
    .at("public_address")
    .into())
}
