//! Which replica does what: a lease is a name that one holder has until a time.
//!
//! Time is the database's ([`Store::open`] on PostgreSQL: the server's clock), so replicas whose clocks differ agree.
//! A lease that would last longer than anybody asks for was written before the clock was set back, and counts as
//! ended.

use std::time::Duration;

use crate::{Result, Store};

/// The table of leases.
#[derive(Clone, Copy, Debug)]
pub struct Leases<'a>(&'a Store);

/// Longest lease that can be asked for.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// A lease as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LeaseRow {
    /// What it is for, e.g. `run:…`.
    pub name: String,
    /// Who has it.
    pub holder: String,
    /// Until when, UTC milliseconds of the database's clock.
    pub until_ms: i64,
}

impl Store {
    /// Which replica does what.
    pub fn leases(&self) -> Leases<'_> {
        Leases(self)
    }
}

impl Leases<'_> {
    /// Takes or renews a lease for `length` (at most [`LONGEST`]); false when somebody else has it.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn take(&self, name: &str, holder: &str, length: Duration) -> Result<bool> {
        let now = self.0.database_ms().await?;
        let longest = millis(LONGEST);
        let until = now.saturating_add(millis(length).min(longest));
        let taken = on_db!(&self.0.db, pool => sqlx::query_scalar::<_, String>(
            "INSERT INTO leases (name, holder, until_ms) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
             WHERE leases.holder = excluded.holder OR leases.until_ms <= $4 OR leases.until_ms > $5
             RETURNING holder")
            .bind(name)
            .bind(holder)
            .bind(until)
            .bind(now)
            .bind(now.saturating_add(longest))
            .fetch_optional(pool))?;
        Ok(taken.is_some())
    }

    /// Gives a lease back; nothing happens when somebody else has it by now.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn release(&self, name: &str, holder: &str) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM leases WHERE name = $1 AND holder = $2").bind(name).bind(holder).execute(pool))?;
        Ok(())
    }

    /// Who has a lease now.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn holder(&self, name: &str) -> Result<Option<LeaseRow>> {
        let now = self.0.database_ms().await?;
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT name, holder, until_ms FROM leases WHERE name = $1 AND until_ms > $2 AND until_ms <= $3")
            .bind(name)
            .bind(now)
            .bind(now.saturating_add(millis(LONGEST)))
            .fetch_optional(pool))
    }
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
