//! People's accounts. What is right and wrong about a change (the last administrator, for one) is checked here
//! where it spans rows, and in `access` where it does not.

use model::{
    ids::UserId,
    people::{Role, User, UserName},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{Result, Store, columns::Text, db::found, new_id};

/// The table of people.
#[derive(Clone, Copy, Debug)]
pub struct Users<'a>(&'a Store);

/// An account as stored. The hashes are secrets: `Debug` hides them.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// What may be shown.
    pub user: User,
    /// Argon2 in PHC form; `None` until a password is set.
    pub password_hash: Option<SecretString>,
    /// SHA-256 of the one-time code that lets a password be set, and until when, UTC milliseconds.
    pub reset: Option<(SecretString, i64)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Text<UserId>")]
    id: UserId,
    #[sqlx(try_from = "Text<UserName>")]
    name: UserName,
    #[sqlx(try_from = "Text<Role>")]
    role: Role,
    password_hash: Option<String>,
    reset_hash: Option<String>,
    reset_until_ms: Option<i64>,
    created_ms: i64,
    disabled_ms: Option<i64>,
    signed_in_ms: Option<i64>,
}

impl From<Row> for UserRow {
    fn from(row: Row) -> Self {
        Self {
            user: User {
                id: row.id,
                name: row.name,
                role: row.role,
                disabled: row.disabled_ms.is_some(),
                has_password: row.password_hash.is_some(),
                created_ms: row.created_ms,
                signed_in_ms: row.signed_in_ms,
            },
            password_hash: row.password_hash.map(Into::into),
            reset: row.reset_hash.map(SecretString::from).zip(row.reset_until_ms),
        }
    }
}

/// What is known when an account is made.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// The name to sign in with.
    pub name: &'a UserName,
    /// What the person may do.
    pub role: Role,
    /// Argon2 in PHC form; `None` for an account that waits for its reset code.
    pub password_hash: Option<&'a SecretString>,
}

/// Why an account was not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is an account already: only the first one can be made this way.
    NotFirst,
    /// Nobody could administer the console any more.
    LastAdministrator,
    /// The reset code is not this one, or its time is over.
    WrongReset,
}

macro_rules! columns {
    () => {
        "id, name, role, password_hash, reset_hash, reset_until_ms, created_ms, disabled_ms, signed_in_ms"
    };
}

impl Store {
    /// People's accounts.
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }
}

impl Users<'_> {
    /// Makes an account.
    ///
    /// # Errors
    /// `store.conflict` when the name is taken, in whatever case it is written.
    pub async fn insert(&self, new: NewUser<'_>) -> Result<User> {
        let (id, now) = (new_id::<UserId>(), self.0.now_ms());
        let hash = new.password_hash.map(|h| h.expose_secret());
        run_on!(&self.0.db, pool => sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(new.name.as_str())
            .bind(new.name.key())
            .bind(new.role.as_str())
            .bind(hash)
            .bind(now)
            .execute(pool))
        .map_err(|e| e.or_taken("user name"))?;
        Ok(user(id, &new, now))
    }

    /// Makes the first account of an empty console; `Err(NotFirst)` inside when somebody was faster.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn insert_first(&self, new: NewUser<'_>) -> Result<std::result::Result<User, Refused>> {
        let (id, now) = (new_id::<UserId>(), self.0.now_ms());
        let hash = new.password_hash.map(|h| h.expose_secret());
        let made = in_tx!(&self.0.db, tx => {
            next_number!(tx, "people");
            let there: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&mut *tx).await?;
            if there == 0 {
                sqlx::query(INSERT)
                    .bind(id.as_str())
                    .bind(new.name.as_str())
                    .bind(new.name.key())
                    .bind(new.role.as_str())
                    .bind(hash)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            there == 0
        })?;
        Ok(if made { Ok(user(id, &new, now)) } else { Err(Refused::NotFirst) })
    }

    /// How many accounts there are.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn count(&self) -> Result<i64> {
        on_db!(&self.0.db, pool => sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(pool))
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn list(&self) -> Result<Vec<User>> {
        let rows: Vec<Row> = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM users")).fetch_all(pool))?;
        let mut users: Vec<User> = rows.into_iter().map(|r| UserRow::from(r).user).collect();
        // Engines order text differently; people see one order.
        users.sort_by_cached_key(|u| u.name.key());
        Ok(users)
    }

    /// One account.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn get(&self, id: &UserId) -> Result<Option<UserRow>> {
        let row: Option<Row> = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM users WHERE id = $1")).bind(id.as_str()).fetch_optional(pool))?;
        Ok(row.map(Into::into))
    }

    /// The account of that name, in whatever case it is written.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn find(&self, name: &UserName) -> Result<Option<UserRow>> {
        let row: Option<Row> = on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM users WHERE name_key = $1")).bind(name.key()).fetch_optional(pool))?;
        Ok(row.map(Into::into))
    }

    /// Sets a password, which ends every reset code.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_password(&self, id: &UserId, hash: &SecretString) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE users SET password_hash = $1, reset_hash = NULL, reset_until_ms = NULL WHERE id = $2")
            .bind(hash.expose_secret())
            .bind(id.as_str())
            .execute(pool))?;
        found(done, "user")
    }

    /// Keeps the hash of a one-time code that lets a password be set until `until_ms`.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_reset(&self, id: &UserId, hash: &str, until_ms: i64) -> Result<()> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE users SET reset_hash = $1, reset_until_ms = $2 WHERE id = $3")
            .bind(hash)
            .bind(until_ms)
            .bind(id.as_str())
            .execute(pool))?;
        found(done, "user")
    }

    /// Sets a password by a one-time code, which is used up by it; of several callers at once one succeeds.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn use_reset(
        &self,
        id: &UserId,
        reset_hash: &str,
        hash: &SecretString,
    ) -> Result<std::result::Result<(), Refused>> {
        let done = run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE users SET password_hash = $1, reset_hash = NULL, reset_until_ms = NULL
             WHERE id = $2 AND reset_hash = $3 AND reset_until_ms > $4")
            .bind(hash.expose_secret())
            .bind(id.as_str())
            .bind(reset_hash)
            .bind(self.0.now_ms())
            .execute(pool))?;
        Ok(if done > 0 { Ok(()) } else { Err(Refused::WrongReset) })
    }

    /// Notes a sign-in.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn signed_in(&self, id: &UserId) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("UPDATE users SET signed_in_ms = $1 WHERE id = $2")
            .bind(self.0.now_ms())
            .bind(id.as_str())
            .execute(pool))?;
        Ok(())
    }

    /// Changes what a person may do; inside `Err(LastAdministrator)` when nobody could administer the console then.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_role(&self, id: &UserId, role: Role) -> Result<std::result::Result<(), Refused>> {
        self.unless_last(
            id,
            role == Role::Administrator,
            "UPDATE users SET role = $2 WHERE id = $1",
            role.as_str(),
        )
        .await
    }

    /// Lets a person sign in no more, and ends all sessions; or lets the person in again.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_disabled(
        &self,
        id: &UserId,
        disabled: bool,
    ) -> Result<std::result::Result<(), Refused>> {
        if !disabled {
            let done = run_on!(&self.0.db, pool => sqlx::query(
                "UPDATE users SET disabled_ms = NULL WHERE id = $1").bind(id.as_str()).execute(pool))?;
            return found(done, "user").map(Ok);
        }
        let now = self.0.now_ms();
        self.unless_last(id, false, "UPDATE users SET disabled_ms = $2 WHERE id = $1", now).await
    }

    /// Removes an account with its sessions and tokens.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn remove(&self, id: &UserId) -> Result<std::result::Result<(), Refused>> {
        // The second parameter is needed by the others only; a condition that always holds uses it here.
        self.unless_last(id, false, "DELETE FROM users WHERE id = $1 AND created_ms <= $2", i64::MAX).await
    }

    /// Runs `sql` unless it would take away the last administrator who can sign in. All such changes wait for each
    /// other, so two of them at once cannot each leave the other's.
    async fn unless_last<P>(
        &self,
        id: &UserId,
        harmless: bool,
        sql: &'static str,
        value: P,
    ) -> Result<std::result::Result<(), Refused>>
    where
        P: Clone + Send + Sync,
        for<'q> P: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
        for<'q> P: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let (done, last) = in_tx!(&self.0.db, tx => {
            next_number!(tx, "people");
            let others: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM users WHERE role = $1 AND disabled_ms IS NULL AND id <> $2")
                .bind(Role::Administrator.as_str())
                .bind(id.as_str())
                .fetch_one(&mut *tx)
                .await?;
            let role: Option<String> = sqlx::query_scalar("SELECT role FROM users WHERE id = $1 AND disabled_ms IS NULL")
                .bind(id.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let is_admin = role.as_deref() == Some(Role::Administrator.as_str());
            if is_admin && !harmless && others == 0 {
                (0, true)
            } else {
                let done = sqlx::query(sql).bind(id.as_str()).bind(value.clone()).execute(&mut *tx).await?;
                (done.rows_affected(), false)
            }
        })?;
        if last {
            return Ok(Err(Refused::LastAdministrator));
        }
        found(done, "user").map(Ok)
    }
}

const INSERT: &str =
    "INSERT INTO users (id, name, name_key, role, password_hash, created_ms) VALUES ($1, $2, $3, $4, $5, $6)";

fn user(id: UserId, new: &NewUser<'_>, created_ms: i64) -> User {
    User {
        id,
        name: new.name.clone(),
        role: new.role,
        disabled: false,
        has_password: new.password_hash.is_some(),
        created_ms,
        signed_in_ms: None,
    }
}
