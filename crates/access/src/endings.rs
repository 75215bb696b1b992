//! For what outlives a request, such as a stream of events: whether whoever asked for it may still have it.

use tokio::sync::watch;

use crate::{Access, Actor, Result, Via, sign_in::IDLE};

const HOUR: i64 = 60 * 60_000;

impl Access {
    /// Wakes when a session or token has ended here, or somebody's rights have changed: then ask [`Self::still`].
    /// What ends by time, from the terminal or on another replica wakes nobody.
    pub fn endings(&self) -> watch::Receiver<()> {
        self.ended.subscribe()
    }

    pub(crate) fn tell_ended(&self) {
        self.ended.send_replace(());
    }

    /// Whether an actor that was recognised earlier would be again. Staying counts as use, so that a board on a wall
    /// is not shut out for idleness.
    ///
    /// # Errors
    /// The database.
    pub async fn still(&self, actor: &Actor) -> Result<bool> {
        let now = self.store.now_ms();
        let there = match &actor.via {
            Via::Session(id) => {
                let sessions = self.store.sessions().list(&actor.user.id).await?;
                let session = sessions.into_iter().find(|session| &session.id == id);
                if let Some(session) = session.as_ref().filter(|s| now - s.seen_ms >= HOUR) {
                    self.store.sessions().touch(&session.id, now + IDLE, &session.address).await?;
                }
                session.is_some()
            }
            Via::Token { id, .. } => {
                self.store.tokens().get(id).await?.is_some_and(|token| token.expires_ms > now)
            }
        };
        Ok(there && self.store.users().get(&actor.user.id).await?.is_some_and(|row| !row.user.disabled))
    }
}
