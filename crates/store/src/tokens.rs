//! API tokens. The key is the SHA-256 of the token; the token itself is nowhere.

use model::{
    ids::{TokenId, UserId},
    people::{Role, TokenInfo, UserName},
};

use crate::{Result, Store, columns::Text, db::found, new_id};

/// The table of API tokens.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a>(&'a Store);

/// What a token says of itself when it is used.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TokenRow {
    /// Its id.
    #[sqlx(try_from = "Text<TokenId>")]
    pub id: TokenId,
    /// Whose.
    #[sqlx(try_from = "Text<UserId>")]
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it was made for; its owner's role limits it further.
    #[sqlx(try_from = "Text<Role>")]
    pub role: Role,
    /// UTC milliseconds.
    pub expires_ms: i64,
    /// Last use, UTC milliseconds.
    pub used_ms: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct InfoRow {
    #[sqlx(try_from = "Text<TokenId>")]
    id: TokenId,
    name: String,
    #[sqlx(try_from = "Text<UserName>")]
    owner: UserName,
    #[sqlx(try_from = "Text<Role>")]
    role: Role,
    created_ms: i64,
    expires_ms: i64,
    used_ms: Option<i64>,
}

impl From<InfoRow> for TokenInfo {
    fn from(row: InfoRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            owner: row.owner,
            role: row.role,
            created_ms: row.created_ms,
            expires_ms: row.expires_ms,
            used_ms: row.used_ms,
        }
    }
}

/// What is known when a token is made.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// Hex SHA-256 of the token.
    pub token_hash: &'a str,
    /// Whose.
    pub user_id: &'a UserId,
    /// What its owner calls it.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// UTC milliseconds.
    pub expires_ms: i64,
}

macro_rules! columns {
    () => {
        "id, user_id, name, role, expires_ms, used_ms"
    };
}

impl Store {
    /// API tokens.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(self)
    }
}

impl Tokens<'_> {
    /// Makes a token.
    ///
    /// # Errors
    /// `store.not_found` when the person is gone.
    pub async fn insert(&self, new: NewToken<'_>) -> Result<TokenId> {
        let id = new_id::<TokenId>();
        run_on!(&self.0.db, pool => sqlx::query(
            "INSERT INTO tokens (token_hash, id, user_id, name, role, created_ms, expires_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(new.token_hash)
            .bind(id.as_str())
            .bind(new.user_id.as_str())
            .bind(new.name)
            .bind(new.role.as_str())
            .bind(self.0.now_ms())
            .bind(new.expires_ms)
            .execute(pool))?;
        Ok(id)
    }

    /// The token of that hash, unless it has expired.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn find(&self, token_hash: &str) -> Result<Option<TokenRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM tokens WHERE token_hash = $1 AND expires_ms > $2"))
            .bind(token_hash)
            .bind(self.0.now_ms())
            .fetch_optional(pool))
    }

    /// One token, also when it has expired.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn get(&self, id: &TokenId) -> Result<Option<TokenRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM tokens WHERE id = $1")).bind(id.as_str()).fetch_optional(pool))
    }

    /// Tokens of one person, or of all; newest first, expired ones too.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self, user_id: Option<&UserId>) -> Result<Vec<TokenInfo>> {
        let rows: Vec<InfoRow> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT t.id, t.name, u.name AS owner, t.role, t.created_ms, t.expires_ms, t.used_ms
             FROM tokens t JOIN users u ON u.id = t.user_id
             WHERE $1 = '' OR t.user_id = $1 ORDER BY t.id DESC")
            .bind(user_id.map_or("", UserId::as_str))
            .fetch_all(pool))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Notes a use.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn used(&self, id: &TokenId) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("UPDATE tokens SET used_ms = $1 WHERE id = $2")
            .bind(self.0.now_ms())
            .bind(id.as_str())
            .execute(pool))?;
        Ok(())
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &TokenId) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "DELETE FROM tokens WHERE id = $1").bind(id.as_str()).execute(pool))?;
        found(done, "token")
    }
}
