//! The console's settings: key to JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, Store, columns, columns::Text};

/// The table of settings.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a>(&'a Store);

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Text<serde_json::Value>")]
    value: serde_json::Value,
}

impl Store {
    /// The console's settings.
    pub fn settings(&self) -> Settings<'_> {
        Settings(self)
    }
}

impl Settings<'_> {
    /// The value under a key; `None` where it was never set.
    ///
    /// # Errors
    /// `store.corrupt` when the value is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let row: Option<Row> = on_db!(&self.0.db, pool => sqlx::query_as("SELECT value FROM settings WHERE key = $1").bind(key).fetch_optional(pool))?;
        row.map(|r| columns::from_json(&r.value, key)).transpose()
    }

    /// Sets a value.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn set<T: Serialize>(&self, key: &str, value: &T) -> Result<()> {
        let value = columns::to_json(value)?;
        run_on!(&self.0.db, pool => sqlx::query(
            "INSERT INTO settings (key, value, changed_ms) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_ms = excluded.changed_ms")
            .bind(key)
            .bind(value.as_str())
            .bind(self.0.now_ms())
            .execute(pool))?;
        Ok(())
    }

    /// Sets a value unless there is one; tells whether it was set.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn set_if_absent<T: Serialize>(&self, key: &str, value: &T) -> Result<bool> {
        let value = columns::to_json(value)?;
        let set = run_on!(&self.0.db, pool => sqlx::query(
            "INSERT INTO settings (key, value, changed_ms) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO NOTHING")
            .bind(key)
            .bind(value.as_str())
            .bind(self.0.now_ms())
            .execute(pool))?;
        Ok(set > 0)
    }

    /// Takes a value away; tells whether there was one. Of several callers at once exactly one gets `true`.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn remove(&self, key: &str) -> Result<bool> {
        let gone = run_on!(&self.0.db, pool => sqlx::query("DELETE FROM settings WHERE key = $1").bind(key).execute(pool))?;
        Ok(gone > 0)
    }
}
