//! Signed-in browsers. The key is the SHA-256 of the secret in the cookie; the secret itself is nowhere.

use model::ids::{SessionId, UserId};

use crate::{Result, Store, columns::Text, db::found, new_id};

/// The table of sessions.
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'a>(&'a Store);

/// A session as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    /// Its id, which may be shown.
    #[sqlx(try_from = "Text<SessionId>")]
    pub id: SessionId,
    /// Whose.
    #[sqlx(try_from = "Text<UserId>")]
    pub user_id: UserId,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// Last use, UTC milliseconds.
    pub seen_ms: i64,
    /// When it ends if not used, UTC milliseconds.
    pub idle_until_ms: i64,
    /// When it ends, UTC milliseconds.
    pub until_ms: i64,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// Where it was seen last.
    pub address: String,
}

/// What is known when a session is made.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Hex SHA-256 of the secret in the cookie.
    pub token_hash: &'a str,
    /// Whose.
    pub user_id: &'a UserId,
    /// When it ends if not used, UTC milliseconds.
    pub idle_until_ms: i64,
    /// When it ends, UTC milliseconds.
    pub until_ms: i64,
    /// The browser, as it names itself.
    pub user_agent: &'a str,
    /// Where it comes from.
    pub address: &'a str,
}

macro_rules! columns {
    () => {
        "id, user_id, created_ms, seen_ms, idle_until_ms, until_ms, user_agent, address"
    };
}

impl Store {
    /// Signed-in browsers.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// Makes a session.
    ///
    /// # Errors
    /// `store.not_found` when the person is gone.
    pub async fn insert(&self, new: NewSession<'_>) -> Result<SessionId> {
        let (id, now) = (new_id::<SessionId>(), self.0.now_ms());
        run_on!(&self.0.db, pool => sqlx::query(
            "INSERT INTO sessions (token_hash, id, user_id, created_ms, seen_ms, idle_until_ms, until_ms, user_agent, address)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(new.token_hash)
            .bind(id.as_str())
            .bind(new.user_id.as_str())
            .bind(now)
            .bind(now)
            .bind(new.idle_until_ms)
            .bind(new.until_ms)
            .bind(new.user_agent)
            .bind(new.address)
            .execute(pool))?;
        Ok(id)
    }

    /// The session of that secret, unless it has ended.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn find(&self, token_hash: &str) -> Result<Option<SessionRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM sessions WHERE token_hash = $1 AND idle_until_ms > $2 AND until_ms > $2"))
            .bind(token_hash)
            .bind(self.0.now_ms())
            .fetch_optional(pool))
    }

    /// A person's sessions that have not ended, last used first.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self, user_id: &UserId) -> Result<Vec<SessionRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM sessions WHERE user_id = $1 AND idle_until_ms > $2 AND until_ms > $2
             ORDER BY seen_ms DESC, id DESC"))
            .bind(user_id.as_str())
            .bind(self.0.now_ms())
            .fetch_all(pool))
    }

    /// Notes a use.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn touch(&self, id: &SessionId, idle_until_ms: i64, address: &str) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE sessions SET seen_ms = $1, idle_until_ms = $2, address = $3 WHERE id = $4")
            .bind(self.0.now_ms())
            .bind(idle_until_ms)
            .bind(address)
            .bind(id.as_str())
            .execute(pool))?;
        Ok(())
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// `store.not_found` when that person has no such session.
    pub async fn remove(&self, user_id: &UserId, id: &SessionId) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM sessions WHERE id = $1 AND user_id = $2").bind(id.as_str()).bind(user_id.as_str()).execute(pool))?;
        found(done, "session")
    }

    /// Ends all sessions of a person but the one to keep; tells how many.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn remove_all(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<u64> {
        run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(user_id.as_str())
            .bind(keep.map_or("", SessionId::as_str))
            .execute(pool))
    }

    /// Forgets sessions that have ended; tells how many.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune(&self) -> Result<u64> {
        run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM sessions WHERE idle_until_ms <= $1 OR until_ms <= $1").bind(self.0.now_ms()).execute(pool))
    }
}
