//! Accounts: adding, changing, resetting, removing.

use model::{
    ids::UserId,
    people::{ActivityBy, PasswordRules, Role, User, UserName},
    say,
};
use secrecy::{ExposeSecret, SecretString};
use store::{
    StoreError,
    users::{NewUser, Refused, UserRow},
};

use crate::{Access, AccessError, Actor, Result, random, slow};

/// How long a reset code can be used.
const RESET: i64 = 24 * 60 * 60_000;

/// A person who was added, and the one-time code to give them.
#[derive(Debug)]
pub struct NewPerson {
    /// The account.
    pub user: User,
    /// Lets the person choose a password, for a day.
    pub code: SecretString,
}

impl Access {
    /// Everybody, by name.
    ///
    /// # Errors
    /// The database; administrators only.
    pub async fn people(&self, actor: &Actor) -> Result<Vec<User>> {
        actor.require(Role::Administrator)?;
        Ok(self.store.users().list().await?)
    }

    /// Adds a person without a password; the code lets them choose one.
    ///
    /// # Errors
    /// The name is taken or not acceptable; administrators only.
    pub async fn add_person(&self, actor: &Actor, name: &str, role: Role) -> Result<NewPerson> {
        actor.require(Role::Administrator)?;
        let added = self.new_person(name, role).await?;
        let what = say!("added {} as {role}", "添加了 {}({role})", added.user.name);
        self.record(actor, "user.added", what, None, None).await;
        Ok(added)
    }

    /// The same for the server's command line, where whoever holds the data folder is trusted.
    ///
    /// # Errors
    /// The name is taken or not acceptable.
    pub async fn add_person_from_terminal(&self, name: &str, role: Role) -> Result<NewPerson> {
        let added = self.new_person(name, role).await?;
        let what = say!("added {} as {role}", "添加了 {}({role})", added.user.name);
        self.record_terminal("user.added", what).await;
        Ok(added)
    }

    async fn new_person(&self, name: &str, role: Role) -> Result<NewPerson> {
        let name = UserName::parse(name)?;
        let new = NewUser { name: &name, role, password_hash: None };
        let user = self.store.users().insert(new).await.map_err(taken)?;
        let code = self.new_reset_code(&user.id).await?;
        Ok(NewPerson { user, code })
    }

    /// A one-time code with which that person can choose a new password; the old one works until then.
    ///
    /// # Errors
    /// `store.not_found`; administrators only.
    pub async fn reset_password(&self, actor: &Actor, id: &UserId) -> Result<SecretString> {
        actor.require(Role::Administrator)?;
        let code = self.new_reset_code(id).await?;
        let name = self.person(id).await?.user.name;
        self.record(
            actor,
            "user.reset",
            say!("made a reset code for {name}", "为 {name} 生成了重置码"),
            None,
            None,
        )
        .await;
        Ok(code)
    }

    /// The same for the server's command line, by name.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn reset_password_from_terminal(&self, name: &str) -> Result<SecretString> {
        let name = UserName::parse(name)?;
        let row = self.store.users().find(&name).await?.ok_or(StoreError::NotFound { what: "user" })?;
        let code = self.new_reset_code(&row.user.id).await?;
        let what = say!("made a reset code for {name}", "为 {name} 生成了重置码");
        self.record_terminal("user.reset", what).await;
        Ok(code)
    }

    /// Everybody, for the server's command line.
    ///
    /// # Errors
    /// The database.
    pub async fn people_from_terminal(&self) -> Result<Vec<User>> {
        Ok(self.store.users().list().await?)
    }

    /// Sets a password by a reset code and ends all sessions of that person.
    ///
    /// # Errors
    /// The code is wrong or too old, or the password not acceptable; wrong codes slow the address down.
    pub async fn use_reset_code(
        &self,
        name: &str,
        code: &str,
        password: &SecretString,
        address: &str,
    ) -> Result<()> {
        let name = UserName::parse(name)?;
        PasswordRules::judge(password.expose_secret(), &name)?;
        let attempt = self.attempt(slow::code("reset", address)).await?;
        let hash = self.passwords.hash(password).await?;
        if let Some(row) = self.store.users().find(&name).await?.filter(|r| !r.user.disabled) {
            let code = random::sha256(&random::normal_code(code));
            if self.store.users().use_reset(&row.user.id, &code, &hash).await?.is_ok() {
                self.succeeded(attempt).await?;
                self.store.sessions().remove_all(&row.user.id, None).await?;
                self.tell_ended();
                let by = ActivityBy::User { id: row.user.id, name: row.user.name.to_string() };
                let what = say!("set a password with a reset code", "使用重置码设置了密码");
                self.write_down(&by, address, None, "user.password", what, None, None).await;
                return Ok(());
            }
        }
        Err(AccessError::WrongResetCode)
    }

    /// Changes the actor's own password, ends their other sessions.
    ///
    /// # Errors
    /// The old password is wrong (which slows down like a sign-in) or the new one not acceptable.
    pub async fn change_password(&self, actor: &Actor, old: &SecretString, new: &SecretString) -> Result<()> {
        let keep = actor.session()?;
        // The actor is signed in here, so this network is known.
        let attempt = self.attempt(slow::sign_in(&actor.user.name.key(), &actor.address, true)).await?;
        let row = self.person(&actor.user.id).await?;
        if !self.passwords.verify(old, row.password_hash.as_ref()).await? {
            return Err(AccessError::WrongPassword);
        }
        self.succeeded(attempt).await?;
        PasswordRules::judge(new.expose_secret(), &row.user.name)?;
        let hash = self.passwords.hash(new).await?;
        self.store.users().set_password(&actor.user.id, &hash).await?;
        self.store.sessions().remove_all(&actor.user.id, Some(keep)).await?;
        self.tell_ended();
        self.record(actor, "user.password", say!("changed their password", "修改了密码"), None, None).await;
        Ok(())
    }

    /// Changes what a person may do.
    ///
    /// # Errors
    /// The last administrator; administrators only.
    pub async fn set_role(&self, actor: &Actor, id: &UserId, role: Role) -> Result<()> {
        actor.require(Role::Administrator)?;
        self.store.users().set_role(id, role).await?.map_err(refused)?;
        // A session opened with more rights ends; the next one has the new role only.
        self.store.sessions().remove_all(id, actor.session().ok()).await?;
        self.tell_ended();
        let name = self.person(id).await?.user.name;
        self.record(actor, "user.role", say!("made {name} {role}", "将 {name} 设为 {role}"), None, None)
            .await;
        Ok(())
    }

    /// Bars a person from signing in and ends their sessions, or lets them in again.
    ///
    /// # Errors
    /// The last administrator; administrators only.
    pub async fn set_disabled(&self, actor: &Actor, id: &UserId, disabled: bool) -> Result<()> {
        actor.require(Role::Administrator)?;
        self.store.users().set_disabled(id, disabled).await?.map_err(refused)?;
        let name = self.person(id).await?.user.name;
        let what = if disabled {
            self.store.sessions().remove_all(id, None).await?;
            self.tell_ended();
            say!("disabled {name}", "停用了 {name}")
        } else {
            say!("enabled {name}", "启用了 {name}")
        };
        self.record(actor, "user.disabled", what, None, None).await;
        Ok(())
    }

    /// Removes an account with its sessions and tokens.
    ///
    /// # Errors
    /// The last administrator; administrators only.
    pub async fn remove_person(&self, actor: &Actor, id: &UserId) -> Result<()> {
        actor.require(Role::Administrator)?;
        let name = self.person(id).await?.user.name;
        self.store.users().remove(id).await?.map_err(refused)?;
        self.tell_ended();
        self.record(actor, "user.removed", say!("removed {name}", "删除了 {name}"), None, None).await;
        Ok(())
    }

    async fn person(&self, id: &UserId) -> Result<UserRow> {
        Ok(self.store.users().get(id).await?.ok_or(StoreError::NotFound { what: "user" })?)
    }

    async fn new_reset_code(&self, id: &UserId) -> Result<SecretString> {
        let code = random::code()?;
        let hash = random::sha256(&random::normal_code(code.expose_secret()));
        self.store.users().set_reset(id, &hash, self.store.now_ms() + RESET).await?;
        Ok(code)
    }
}

fn refused(refused: Refused) -> AccessError {
    match refused {
        Refused::LastAdministrator => AccessError::LastAdministrator,
        Refused::NotFirst => AccessError::AlreadyClaimed,
        Refused::WrongReset => AccessError::WrongResetCode,
    }
}

fn taken(error: StoreError) -> AccessError {
    match error {
        StoreError::Conflict { .. } => AccessError::NameTaken,
        other => other.into(),
    }
}
