//! Signing in and out, and sessions.

use model::{
    ids::SessionId,
    people::{ActivityBy, SessionInfo, User, UserName},
    say,
};
use secrecy::{ExposeSecret, SecretString};
use store::sessions::{NewSession, SessionRow};

use crate::{Access, AccessError, Actor, Result, Via, random, slow};

const MINUTE: i64 = 60_000;
/// A session ends after this much idleness.
pub(crate) const IDLE: i64 = 12 * 60 * MINUTE;
/// And after this much time anyway.
const ABSOLUTE: i64 = 30 * 24 * 60 * MINUTE;

/// A new session and the secret for its cookie, which is nowhere else.
#[derive(Debug)]
pub struct SignedIn {
    /// Who is signed in now.
    pub actor: Actor,
    /// For the cookie.
    pub secret: SecretString,
    /// How long the cookie may live, milliseconds.
    pub max_age_ms: i64,
}

impl Access {
    /// Signs a person in. An unknown name, a disabled account and a wrong password get the same answer after the
    /// same work.
    ///
    /// # Errors
    /// [`AccessError::WrongPassword`], [`AccessError::Slowed`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: &SecretString,
        address: &str,
        user_agent: &str,
    ) -> Result<SignedIn> {
        let name = UserName::parse(name).ok();
        let account = name.as_ref().map(UserName::key).unwrap_or_default();
        let row = match &name {
            Some(name) => self.store.users().find(name).await?,
            None => None,
        };
        let known = self.is_known_at(row.as_ref().map(|r| &r.user), address).await?;
        let attempt = self.attempt(slow::sign_in(&account, address, known)).await?;
        let usable = row.as_ref().filter(|r| !r.user.disabled);
        let fits = self.passwords.verify(password, usable.and_then(|r| r.password_hash.as_ref())).await?;
        let tried = row.as_ref().map(|r| r.user.name.clone());
        let Some(row) = row.filter(|_| fits) else {
            // An unknown name is not repeated: it may be a password that was typed into the wrong field.
            let what = match &tried {
                Some(name) => say!("Sign-in as {name} was refused", "以 {name} 登录被拒绝"),
                None => say!("Sign-in with an unknown name was refused", "以未知用户名登录被拒绝"),
            };
            self.write_down(&ActivityBy::System, address, None, "session.refused", what, None, None).await;
            return Err(AccessError::WrongPassword);
        };
        self.succeeded(attempt).await?;
        self.store.users().signed_in(&row.user.id).await?;
        let signed_in = self.new_session(row.user, address, user_agent).await?;
        self.record(&signed_in.actor, "session.created", say!("signed in", "登录"), None, None).await;
        Ok(signed_in)
    }

    /// The actor behind a session's cookie; `None` when it has ended.
    ///
    /// # Errors
    /// The database.
    pub async fn by_session(&self, secret: &SecretString, address: &str) -> Result<Option<Actor>> {
        let Some(session) = self.store.sessions().find(&random::sha256(secret.expose_secret())).await? else {
            return Ok(None);
        };
        let Some(row) = self.store.users().get(&session.user_id).await?.filter(|r| !r.user.disabled) else {
            return Ok(None);
        };
        let now = self.store.now_ms();
        // To the minute: a page makes many requests, and each would be a write.
        if now - session.seen_ms >= MINUTE || session.address != address {
            // A database that is locked or full must not sign people out: they still see what it holds.
            if let Err(error) = self.store.sessions().touch(&session.id, now + IDLE, address).await {
                tracing::warn!(code = error.code(), "the use of a session cannot be written down now");
            }
        }
        Ok(Some(Actor {
            role: row.user.role,
            user: row.user,
            via: Via::Session(session.id),
            address: address.to_owned(),
        }))
    }

    /// Ends the actor's own session.
    ///
    /// # Errors
    /// The database; a token has no session.
    pub async fn sign_out(&self, actor: &Actor) -> Result<()> {
        self.store.sessions().remove(&actor.user.id, actor.session()?).await?;
        self.tell_ended();
        self.record(actor, "session.ended", say!("signed out", "退出登录"), None, None).await;
        Ok(())
    }

    /// The actor's signed-in browsers, last used first.
    ///
    /// # Errors
    /// The database; a token may not ask.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionInfo>> {
        let current = actor.session()?;
        let rows = self.store.sessions().list(&actor.user.id).await?;
        Ok(rows.into_iter().map(|row| info(row, current)).collect())
    }

    /// Ends one of the actor's sessions.
    ///
    /// # Errors
    /// `store.not_found`; a token may not.
    pub async fn revoke_session(&self, actor: &Actor, id: &SessionId) -> Result<()> {
        actor.session()?;
        self.store.sessions().remove(&actor.user.id, id).await?;
        self.tell_ended();
        self.record(actor, "session.revoked", say!("ended a session", "结束了一个会话"), None, None).await;
        Ok(())
    }

    /// Ends all of the actor's sessions but this one; tells how many.
    ///
    /// # Errors
    /// The database; a token may not.
    pub async fn revoke_other_sessions(&self, actor: &Actor) -> Result<u64> {
        let gone = self.store.sessions().remove_all(&actor.user.id, Some(actor.session()?)).await?;
        self.tell_ended();
        self.record(
            actor,
            "session.revoked",
            say!("ended {gone} other sessions", "结束了其他 {gone} 个会话"),
            None,
            None,
        )
        .await;
        Ok(gone)
    }

    pub(crate) async fn new_session(&self, user: User, address: &str, user_agent: &str) -> Result<SignedIn> {
        let secret = random::token()?;
        let now = self.store.now_ms();
        let agent: String = user_agent.chars().take(256).collect();
        let id = self
            .store
            .sessions()
            .insert(NewSession {
                token_hash: &random::sha256(secret.expose_secret()),
                user_id: &user.id,
                idle_until_ms: now + IDLE,
                until_ms: now + ABSOLUTE,
                user_agent: &agent,
                address,
            })
            .await?;
        let actor = Actor { role: user.role, user, via: Via::Session(id), address: address.to_owned() };
        Ok(SignedIn { actor, secret, max_age_ms: ABSOLUTE })
    }

    /// Whether that person is signed in from the same network already.
    pub(crate) async fn is_known_at(&self, user: Option<&User>, address: &str) -> Result<bool> {
        let Some(user) = user else { return Ok(false) };
        let here = slow::network(address);
        let sessions = self.store.sessions().list(&user.id).await?;
        Ok(sessions.iter().any(|session| slow::network(&session.address) == here))
    }

    /// Forgets what has ended or is old; called daily.
    ///
    /// # Errors
    /// The database.
    pub async fn prune(&self) -> Result<()> {
        self.store.sessions().prune().await?;
        self.store.login_failures().prune(self.store.now_ms() - slow::FORGET).await?;
        Ok(())
    }
}

fn info(row: SessionRow, current: &SessionId) -> SessionInfo {
    SessionInfo {
        current: &row.id == current,
        id: row.id,
        user_agent: row.user_agent,
        address: row.address,
        created_ms: row.created_ms,
        seen_ms: row.seen_ms,
        until_ms: row.until_ms,
    }
}
