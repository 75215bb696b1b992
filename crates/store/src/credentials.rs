//! Accounts on nodes, their secrets sealed.
//!
//! The owner is a text of the caller's: a node's id, or `draft id/node key` for a node that is still being typed
//! ([`draft_owner`]). An owner has at most one credential of each kind.

use model::{
    ids::{CredentialId, DraftId},
    spec::CredentialKind,
};
use secrecy::SecretString;

use crate::{
    Result, Store, StoreError,
    columns::{Text, name_of},
    db::found,
    new_id,
    seal::{Place, Sealed},
};

/// The table of credentials.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a>(&'a Store);

/// A credential without its secret.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CredentialRow {
    /// Its id.
    #[sqlx(try_from = "Text<CredentialId>")]
    pub id: CredentialId,
    /// Whose.
    pub owner: String,
    /// Admin or robot.
    #[sqlx(try_from = "Text<CredentialKind>")]
    pub kind: CredentialKind,
    /// The account's name.
    pub username: String,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// When the secret was set last, UTC milliseconds.
    pub changed_ms: i64,
}

/// A credential with its secret, unsealed. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Unsealed {
    /// Everything else.
    pub row: CredentialRow,
    /// The password or robot secret.
    pub secret: SecretString,
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    #[sqlx(flatten)]
    row: CredentialRow,
    secret: String,
}

/// The owner of the secret of one node of a draft.
pub fn draft_owner(draft: &DraftId, node_key: &str) -> String {
    format!("{draft}/{node_key}")
}

macro_rules! columns {
    () => {
        "id, owner, kind, username, created_ms, changed_ms"
    };
}

impl Store {
    /// Accounts on nodes.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials(self)
    }
}

impl Credentials<'_> {
    /// Keeps a secret, sealed; replaces the owner's credential of that kind under the same id.
    ///
    /// # Errors
    /// Those of sealing and of any write.
    pub async fn put(
        &self,
        owner: &str,
        kind: CredentialKind,
        username: &str,
        secret: &SecretString,
    ) -> Result<CredentialId> {
        let kind = name_of(&kind)?;
        let mut id = new_id::<CredentialId>();
        // The row id is part of what is sealed, so it must be known first; a second round is needed only when
        // somebody else makes the row in between.
        loop {
            let known: Option<String> = on_db!(&self.0.db, pool => sqlx::query_scalar(
                "SELECT id FROM credentials WHERE owner = $1 AND kind = $2").bind(owner).bind(kind.as_str()).fetch_optional(pool))?;
            if let Some(known) = known.as_deref().and_then(CredentialId::parse) {
                id = known;
            }
            let sealed = self.0.ring.seal(place(id.as_str()), secret)?;
            let done: Option<String> = on_db!(&self.0.db, pool => sqlx::query_scalar(
                "INSERT INTO credentials (id, owner, kind, username, secret, created_ms, changed_ms)
                 VALUES ($1, $2, $3, $4, $5, $6, $6)
                 ON CONFLICT (owner, kind) DO UPDATE
                 SET username = excluded.username, secret = excluded.secret, changed_ms = excluded.changed_ms
                 WHERE credentials.id = excluded.id RETURNING id")
                .bind(id.as_str())
                .bind(owner)
                .bind(kind.as_str())
                .bind(username)
                .bind(sealed.as_str())
                .bind(self.0.now_ms())
                .fetch_optional(pool))?;
            if done.is_some() {
                return Ok(id);
            }
        }
    }

    /// A credential with its secret.
    ///
    /// # Errors
    /// `store.not_found`, `store.key_missing`, `store.key_tampered`.
    pub async fn unseal(&self, id: &CredentialId) -> Result<Unsealed> {
        let row: Option<SealedRow> = on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), ", secret FROM credentials WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(pool))?;
        let SealedRow { row, secret } = row.ok_or(StoreError::NotFound { what: "credential" })?;
        let secret = self.0.ring.unseal(place(row.id.as_str()), &Sealed::from(secret))?;
        Ok(Unsealed { row, secret })
    }

    /// An owner's credentials without their secrets.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn of_owner(&self, owner: &str) -> Result<Vec<CredentialRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(concat!("SELECT ", columns!(), " FROM credentials WHERE owner = $1 ORDER BY kind"))
            .bind(owner)
            .fetch_all(pool))
    }

    /// The credentials of all nodes of a draft.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn of_draft(&self, draft: &DraftId) -> Result<Vec<CredentialRow>> {
        let prefix = draft_owner(draft, "");
        on_db!(&self.0.db, pool => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM credentials WHERE substr(owner, 1, 37) = $1 ORDER BY owner, kind"))
            .bind(prefix.as_str())
            .fetch_all(pool))
    }

    /// Gives a credential another owner: from the draft to the node that came of it. What the new owner had of that
    /// kind is replaced.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn move_to(&self, id: &CredentialId, owner: &str) -> Result<()> {
        let done = in_tx!(&self.0.db, tx => {
            sqlx::query(
                "DELETE FROM credentials WHERE owner = $1 AND id <> $2
                 AND kind = (SELECT kind FROM credentials WHERE id = $2)")
                .bind(owner)
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
            sqlx::query("UPDATE credentials SET owner = $1 WHERE id = $2")
                .bind(owner)
                .bind(id.as_str())
                .execute(&mut *tx).await?.rows_affected()
        })?;
        found(done, "credential")
    }

    /// Forgets a credential; it is no error when it is gone already.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn remove(&self, id: &CredentialId) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM credentials WHERE id = $1").bind(id.as_str()).execute(pool))?;
        Ok(())
    }
}

fn place(id: &str) -> Place<'_> {
    Place { table: "credentials", column: "secret", row: id }
}
