//! Live events, kept for a while so that a viewer who was away gets what was missed.
//!
//! Ids grow by one in the order of commits: a reader that has seen id 7 will never see a smaller one appear later.
//! [`Events::newest`] wakes its readers when there is more, on PostgreSQL also what another replica wrote.

use std::{sync::Arc, time::Duration};

use model::ids::ClusterId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::watch;

use crate::{
    Result, Store,
    columns::{MaybeText, Text, from_json, to_json},
    db::Db,
};

/// The table of events.
#[derive(Clone, Copy, Debug)]
pub struct Events<'a>(&'a Store);

/// An event as stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct EventRow {
    /// Its place in the stream; the SSE id.
    pub id: i64,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// The cluster it belongs to.
    #[sqlx(try_from = "MaybeText<ClusterId>")]
    pub cluster_id: Option<ClusterId>,
    /// What kind of event: a word of the caller's.
    pub kind: String,
    /// The event as JSON.
    #[sqlx(try_from = "Text<Value>")]
    pub body: Value,
}

impl EventRow {
    /// The event as a type of the caller's.
    ///
    /// # Errors
    /// `store.corrupt` when it is none.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T> {
        from_json(&self.body, "event")
    }
}

/// What a reader who has seen everything up to an id has missed.
#[derive(Clone, Debug, PartialEq)]
pub enum Missed {
    /// These, oldest first; perhaps none, perhaps more after them.
    Events(Vec<EventRow>),
    /// What came after that id is not kept any more: read everything anew.
    Gone,
}

/// Tells readers the newest id.
#[derive(Clone, Debug)]
pub(crate) struct Newest {
    sender: Arc<watch::Sender<i64>>,
    /// Whether the listener on PostgreSQL is still to be started.
    listen: Arc<std::sync::atomic::AtomicBool>,
}

const CHANNEL: &str = "breakwater_events";

impl Newest {
    pub(crate) fn new(shared: bool) -> Self {
        Self { sender: Arc::new(watch::Sender::new(0)), listen: Arc::new(shared.into()) }
    }

    fn raise(&self, id: i64) {
        self.sender.send_if_modified(|newest| {
            let more = id > *newest;
            *newest = id.max(*newest);
            more
        });
    }
}

impl Store {
    /// Live events.
    pub fn events(&self) -> Events<'_> {
        Events(self)
    }
}

impl Events<'_> {
    /// Appends an event and returns its id.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn append<T: Serialize + ?Sized>(
        &self,
        cluster: Option<&ClusterId>,
        kind: &str,
        body: &T,
    ) -> Result<i64> {
        let body = to_json(body)?;
        let id: i64 = in_tx!(&self.0.db, tx => {
            let id = next_number!(tx, "events");
            sqlx::query("INSERT INTO events (id, at_ms, cluster_id, kind, body) VALUES ($1, $2, $3, $4, $5)")
                .bind(id)
                .bind(self.0.now_ms())
                .bind(cluster.map(ClusterId::as_str))
                .bind(kind)
                .bind(body.as_str())
                .execute(&mut *tx)
                .await?;
            id
        })?;
        if let Db::Postgres(pool) = &self.0.db {
            // Only wakes other replicas; they look for themselves from time to time as well.
            let woken =
                sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(id.to_string()).execute(pool);
            if let Err(error) = crate::db::limited(woken).await {
                tracing::warn!(code = error.code(), "other replicas were not told of an event");
            }
        }
        self.0.newest.raise(id);
        Ok(id)
    }

    /// What a reader who has seen everything up to `seen` has missed, at most `limit` events.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn after(&self, seen: i64, limit: u32) -> Result<Missed> {
        // The newest id first: what is appended in between is then among the rows, not missing from them.
        let newest = self.newest_id().await?;
        let rows: Vec<EventRow> = on_db!(&self.0.db, pool => sqlx::query_as(
            "SELECT id, at_ms, cluster_id, kind, body FROM events WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(seen)
            .bind(i64::from(limit))
            .fetch_all(pool))?;
        // Larger than the newest: an id from another database, or from before a restore.
        let gone = match rows.first() {
            Some(first) => first.id > seen.saturating_add(1),
            None => newest != seen,
        };
        Ok(if gone { Missed::Gone } else { Missed::Events(rows) })
    }

    /// The newest id; 0 where nothing ever happened.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn newest_id(&self) -> Result<i64> {
        on_db!(&self.0.db, pool => sqlx::query_scalar("SELECT value FROM counters WHERE name = $1").bind("events").fetch_one(pool))
    }

    /// Wakes its holder whenever there is a newer event; the value is its id. On PostgreSQL the first call starts a
    /// task that listens for other replicas until the store is closed.
    pub fn newest(&self) -> watch::Receiver<i64> {
        let newest = &self.0.newest;
        if let Db::Postgres(pool) = &self.0.db
            && newest.listen.swap(false, std::sync::atomic::Ordering::SeqCst)
        {
            tokio::spawn(listen(self.0.clone(), pool.clone()));
        }
        newest.sender.subscribe()
    }

    /// Forgets events older than `before_ms`.
    ///
    /// # Errors
    /// Those of any write.
    pub async fn prune(&self, before_ms: i64) -> Result<()> {
        run_on!(&self.0.db, pool => sqlx::query("DELETE FROM events WHERE at_ms < $1").bind(before_ms).execute(pool))?;
        Ok(())
    }
}

/// Hears of other replicas' events. After a lost connection, and every few seconds, it looks for itself, so a lost
/// notice delays an event and never loses it.
async fn listen(store: Store, pool: PgPool) {
    const LOOK: Duration = Duration::from_secs(5);
    let mut listener = None;
    while !pool.is_closed() {
        if listener.is_none() {
            listener = connect(&pool).await;
        }
        match store.events().newest_id().await {
            Ok(id) => store.newest.raise(id),
            Err(error) => tracing::debug!(code = error.code(), "newest event unknown"),
        }
        match &mut listener {
            Some(heard) => {
                if let Ok(Err(_)) = tokio::time::timeout(LOOK, heard.recv()).await {
                    listener = None;
                }
            }
            None => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

async fn connect(pool: &PgPool) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(pool).await.ok()?;
    listener.listen(CHANNEL).await.ok()?;
    Some(listener)
}
