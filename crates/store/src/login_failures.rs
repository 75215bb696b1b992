//! Failed sign-ins, counted per subject: an account, a network, or a pair of both. How long a count makes one wait
//! is `access`'s business.

use crate::{Result, Store};

/// The table of failed sign-ins.
#[derive(Clone, Copy, Debug)]
pub struct LoginFailures<'a>(&'a Store);

/// How often a subject failed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Failures {
    /// In a row, since the last success.
    pub failures: i64,
    /// The first of them, UTC milliseconds.
    pub first_ms: i64,
    /// The last of them, UTC milliseconds.
    pub last_ms: i64,
}

/// A subject has to wait before it may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MustWait {
    /// For so many milliseconds.
    pub wait_ms: i64,
}

impl Store {
    /// Failed sign-ins.
    pub fn login_failures(&self) -> LoginFailures<'_> {
        LoginFailures(self)
    }
}

impl LoginFailures<'_> {
    /// Lets a subject try, or tells how long it must wait. The try is counted as a failure here, before its outcome
    /// is known, so that many tries at once cannot all pass before the first is counted; [`Self::forgive`] takes it
    /// back. `wait_after` gives the milliseconds to wait after so many failures. A subject that has been quiet for
    /// `forget_ms` begins anew.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn attempt(
        &self,
        subject: &str,
        forget_ms: i64,
        wait_after: impl Fn(i64) -> i64,
    ) -> Result<std::result::Result<i64, MustWait>> {
        let now = self.0.now_ms();
        in_tx!(&self.0.db, tx => {
            // An update that changes nothing holds the row until the transaction ends.
            let mut row: Failures = sqlx::query_as(
                "INSERT INTO login_failures (subject, failures, first_ms, last_ms) VALUES ($1, 0, $2, $2)
                 ON CONFLICT (subject) DO UPDATE SET subject = excluded.subject
                 RETURNING failures, first_ms, last_ms")
                .bind(subject)
                .bind(now)
                .fetch_one(&mut *tx)
                .await?;
            if row.failures == 0 || row.last_ms < now.saturating_sub(forget_ms) {
                row = Failures { failures: 0, first_ms: now, last_ms: now };
            }
            // The clock was set back since: the wait begins now, or it would end only when the clock is there again.
            let set_back = row.last_ms > now;
            row.last_ms = row.last_ms.min(now);
            let wait_ms = row.last_ms.saturating_add(wait_after(row.failures)).saturating_sub(now);
            if wait_ms > 0 {
                if set_back {
                    sqlx::query("UPDATE login_failures SET last_ms = $1 WHERE subject = $2")
                        .bind(now)
                        .bind(subject)
                        .execute(&mut *tx)
                        .await?;
                }
                Err(MustWait { wait_ms })
            } else {
                sqlx::query("UPDATE login_failures SET failures = $1, first_ms = $2, last_ms = $3 WHERE subject = $4")
                    .bind(row.failures + 1)
                    .bind(row.first_ms)
                    .bind(now)
                    .bind(subject)
                    .execute(&mut *tx)
                    .await?;
                Ok(row.failures + 1)
            }
        })
    }

    /// Takes counted tries back: they were no failures after all.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn forgive(&self, subject: &str, tries: i64) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query(
            "UPDATE login_failures SET failures = CASE WHEN failures > $1 THEN failures - $1 ELSE 0 END
             WHERE subject = $2")
            .bind(tries)
            .bind(subject)
            .execute(pool))?;
        Ok(())
    }

    /// What is counted for a subject.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn get(&self, subject: &str) -> Result<Option<Failures>> {
        on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT failures, first_ms, last_ms FROM login_failures WHERE subject = $1")
            .bind(subject)
            .fetch_optional(pool))
    }

    /// Forgets a subject's failures.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn clear(&self, subject: &str) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM login_failures WHERE subject = $1")
            .bind(subject)
            .execute(pool))?;
        Ok(())
    }

    /// Forgets what is older than `before_ms`; tells how many.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune(&self, before_ms: i64) -> Result<u64> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM login_failures WHERE last_ms < $1")
            .bind(before_ms)
            .execute(pool))
    }
}
