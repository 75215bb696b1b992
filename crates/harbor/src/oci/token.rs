//! Tokens for the registry.

use secrecy::SecretString;
use serde::Deserialize;

use crate::{Harbor, HarborError, inventory::calls, send::Ask, serial};

/// A token for one repository.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub secret: SecretString,
    /// When it was given, by the node's clock, ms since 1970.
    pub issued_at: Option<i64>,
    /// Seconds it lasts.
    pub expires_in: u64,
}

#[derive(Deserialize)]
struct Given {
    token: SecretString,
    #[serde(default)]
    expires_in: u64,
    #[serde(default, deserialize_with = "serial::time")]
    issued_at: Option<i64>,
}

impl Harbor {
    /// A token for a repository (`project/repository`) and actions (`pull`, `pull,push`). Asked for at this node,
    /// whatever realm it names: a credential goes to no other host. Rights that the caller lacks are left out of
    /// the token in silence.
    ///
    /// # Errors
    /// As any call.
    pub async fn token(&self, name: &str, actions: &str) -> Result<Token, HarborError> {
        let ask = Ask::new(&calls::TOKEN)
            .with("service", "harbor-registry")
            .with("scope", format!("repository:{name}:{actions}"));
        let Given { token, expires_in, issued_at } = self.send(ask).await?.json()?;
        Ok(Token { secret: token, issued_at, expires_in })
    }

    /// Whether this node's registry takes a token; one of another node is taken only if both sign with one key.
    ///
    /// # Errors
    /// Anything but a refusal.
    pub async fn takes_token(&self, token: &Token) -> Result<bool, HarborError> {
        match self.send(Ask::new(&calls::OCI_BASE).with_bearer(&token.secret)).await {
            Ok(_) => Ok(true),
            Err(HarborError::Unauthorized | HarborError::Forbidden(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
