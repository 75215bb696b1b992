//! API tokens: `bw_` and a secret, shown once.

use model::{
    ids::TokenId,
    people::{Role, TokenInfo, UserName},
    say,
};
use secrecy::{ExposeSecret, SecretString};
use store::{StoreError, tokens::NewToken};

use crate::{Access, Actor, Result, Via, random};

/// Longest life of a token, days.
const MOST_DAYS: u32 = 3650;
const DAY: i64 = 24 * 60 * 60_000;
const MINUTE: i64 = 60_000;

/// A token that was just made; its secret is shown once and kept nowhere.
#[derive(Debug)]
pub struct Issued {
    /// Its id.
    pub id: TokenId,
    /// For the `Authorization: Bearer` header.
    pub secret: SecretString,
}

impl Access {
    /// Makes a token for the actor with their role or less.
    ///
    /// # Errors
    /// A role above the actor's, an empty name, or a life of 0 or more than 3650 days.
    pub async fn issue_token(&self, actor: &Actor, name: &str, role: Role, days: u32) -> Result<Issued> {
        actor.session()?;
        actor.require(role)?;
        let issued = self.issue(&actor.user.id, name, role, days).await?;
        let what =
            say!("made the token {name:?} ({role}, {days} days)", "创建了令牌 {name:?}（{role}，{days} 天）");
        self.record(actor, "token.created", what, None, None).await;
        Ok(issued)
    }

    /// The same for the server's command line, for the account of that name.
    ///
    /// # Errors
    /// No such account, or as above.
    pub async fn issue_token_from_terminal(
        &self,
        owner: &str,
        name: &str,
        role: Role,
        days: u32,
    ) -> Result<Issued> {
        let owner = UserName::parse(owner)?;
        let row = self.store.users().find(&owner).await?.ok_or(StoreError::NotFound { what: "user" })?;
        let issued = self.issue(&row.user.id, name, role, days).await?;
        let what =
            say!("made the token {name:?} ({role}, {days} days)", "创建了令牌 {name:?}（{role}，{days} 天）");
        self.record_terminal("token.created", what).await;
        Ok(issued)
    }

    async fn issue(&self, owner: &model::ids::UserId, name: &str, role: Role, days: u32) -> Result<Issued> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 64 || days == 0 || days > MOST_DAYS {
            return Err(model::AppError::new(
                "token.input",
                422,
                say!(
                    "A token needs a name and a life of 1 to {MOST_DAYS} days.",
                    "令牌需要名称和 1 到 {MOST_DAYS} 天的有效期。"
                ),
                say!(
                    "Give a name of at most 64 characters and a number of days.",
                    "请填写不超过 64 个字符的名称和天数。"
                ),
            )
            .at("token")
            .into());
        }
        let secret = SecretString::from(format!("bw_{}", random::token()?.expose_secret()));
        let id = self
            .store
            .tokens()
            .insert(NewToken {
                token_hash: &random::sha256(secret.expose_secret()),
                user_id: owner,
                name,
                role,
                expires_ms: self.store.now_ms() + i64::from(days) * DAY,
            })
            .await?;
        Ok(Issued { id, secret })
    }

    /// The actor behind a token; `None` when there is no such token, or it or its owner may not any more.
    ///
    /// # Errors
    /// The database.
    pub async fn by_token(&self, secret: &SecretString, address: &str) -> Result<Option<Actor>> {
        let Some(token) = self.store.tokens().find(&random::sha256(secret.expose_secret())).await? else {
            return Ok(None);
        };
        let Some(row) = self.store.users().get(&token.user_id).await?.filter(|r| !r.user.disabled) else {
            return Ok(None);
        };
        if token.used_ms.is_none_or(|used| self.store.now_ms() - used >= MINUTE) {
            // As with sessions: what cannot be written down now does not shut anybody out.
            if let Err(error) = self.store.tokens().used(&token.id).await {
                tracing::warn!(code = error.code(), "the use of a token cannot be written down now");
            }
        }
        let role = token.role.min(row.user.role);
        let via = Via::Token { id: token.id, name: token.name };
        Ok(Some(Actor { user: row.user, role, via, address: address.to_owned() }))
    }

    /// Tokens: an administrator sees everybody's, others their own.
    ///
    /// # Errors
    /// The database.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenInfo>> {
        let of = (!actor.role.may(Role::Administrator)).then_some(&actor.user.id);
        Ok(self.store.tokens().list(of).await?)
    }

    /// All tokens, for the server's command line.
    ///
    /// # Errors
    /// The database.
    pub async fn tokens_from_terminal(&self) -> Result<Vec<TokenInfo>> {
        Ok(self.store.tokens().list(None).await?)
    }

    /// Revokes a token: one's own, or any as administrator.
    ///
    /// # Errors
    /// `store.not_found`, or somebody else's.
    pub async fn revoke_token(&self, actor: &Actor, id: &TokenId) -> Result<()> {
        let token = self.store.tokens().get(id).await?.ok_or(StoreError::NotFound { what: "token" })?;
        if token.user_id != actor.user.id {
            actor.require(Role::Administrator)?;
        }
        self.store.tokens().remove(id).await?;
        self.tell_ended();
        let name = token.name;
        self.record(
            actor,
            "token.revoked",
            say!("revoked the token {name:?}", "吊销了令牌 {name:?}"),
            None,
            None,
        )
        .await;
        Ok(())
    }

    /// Revokes a token from the server's command line.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn revoke_token_from_terminal(&self, id: &TokenId) -> Result<()> {
        let token = self.store.tokens().get(id).await?.ok_or(StoreError::NotFound { what: "token" })?;
        self.store.tokens().remove(id).await?;
        let name = token.name;
        self.record_terminal("token.revoked", say!("revoked the token {name:?}", "吊销了令牌 {name:?}"))
            .await;
        Ok(())
    }
}
