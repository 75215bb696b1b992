//! A new key, and every secret sealed again with it.

use sqlx::AssertSqlSafe;

use super::{CHECK, CHECK_PLACE, CHECK_TEXT, Place, Sealed};
use crate::{Result, Store, StoreError};

/// Every sealed column but the proof among the settings: table, column. The row's name is its `id`.
pub(crate) const SEALED: [(&str, &str); 1] = [("credentials", "secret")];

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The key that seals now.
    pub key_id: String,
    /// How many secrets were sealed again.
    pub resealed: usize,
    /// The keys left in the key file, oldest first.
    pub kept: Vec<String>,
}

impl Store {
    /// Makes a new key and seals every secret again with it, while everything runs. A running console sees the new
    /// key at once. The key before stays in the file until the next rotation, for what another process is writing
    /// at this moment; older ones that nothing uses are dropped. Replicas that share a PostgreSQL need the new key
    /// file too.
    ///
    /// # Errors
    /// `store.key_file` when the key file cannot be written (nothing has changed then); a database error stops
    /// half-way, which harms nothing: both keys stay, and the next rotation goes on.
    pub async fn rotate_keys(&self) -> Result<Rotation> {
        let before = self.ring.current_id()?;
        let key_id = self.ring.add_key()?;
        let mut resealed = 0;
        for (table, column) in SEALED {
            for (id, old) in self.sealed_rows(table, column).await? {
                let old = Sealed::from(old);
                if old.key_id() == key_id {
                    continue;
                }
                let place = Place { table, column, row: &id };
                let secret = self.ring.unseal(place, &old)?;
                let new = self.ring.seal(place, &secret)?;
                // A row that was changed meanwhile has been sealed with the new key already.
                let sql = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3");
                run_on!(&self.db, pool => sqlx::query(AssertSqlSafe(sql.as_str()))
                    .bind(new.as_str())
                    .bind(&id)
                    .bind(old.as_str())
                    .execute(pool))?;
                resealed += 1;
            }
        }
        let check = self.ring.seal(CHECK_PLACE, &CHECK_TEXT.into())?;
        self.settings().set(CHECK, &check.as_str()).await?;
        let mut used = vec![before, key_id.clone()];
        for (table, column) in SEALED {
            for (_, sealed) in self.sealed_rows(table, column).await? {
                used.push(Sealed::from(sealed).key_id().to_owned());
            }
        }
        self.ring.retain(&used).map_err(StoreError::from)?;
        Ok(Rotation { key_id, resealed, kept: self.ring.ids() })
    }

    async fn sealed_rows(&self, table: &str, column: &str) -> Result<Vec<(String, String)>> {
        let sql = format!("SELECT id, {column} FROM {table}");
        on_db!(&self.db, pool => sqlx::query_as(AssertSqlSafe(sql.as_str())).fetch_all(pool))
    }
}
