//! Who asks.

use model::{
    ids::{SessionId, TokenId},
    people::{ActivityBy, Role, User},
};

use crate::{AccessError, Result};

/// A person or program that was recognised, with what it may do now.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account; behind a token, its owner.
    pub user: User,
    /// What it may do: the account's role, or less through a token.
    pub role: Role,
    /// How it was recognised.
    pub via: Via,
    /// Where it comes from.
    pub address: String,
}

/// How an actor was recognised.
#[derive(Clone, Debug)]
pub enum Via {
    /// A signed-in browser.
    Session(SessionId),
    /// An API token.
    Token {
        /// Which.
        id: TokenId,
        /// What its owner calls it.
        name: String,
    },
}

impl Actor {
    /// Lets the actor pass if its role includes `needed`.
    ///
    /// # Errors
    /// [`AccessError::Forbidden`].
    pub fn require(&self, needed: Role) -> Result<()> {
        if self.role.may(needed) { Ok(()) } else { Err(AccessError::Forbidden { needed }) }
    }

    /// The name shown beside what it did.
    pub fn shown_name(&self) -> String {
        match &self.via {
            Via::Session(_) => self.user.name.to_string(),
            Via::Token { name, .. } => format!("{} ({name})", self.user.name),
        }
    }

    /// The browser's session.
    ///
    /// # Errors
    /// [`AccessError::SessionNeeded`] for a token: some things only a signed-in person may do.
    pub fn session(&self) -> Result<&SessionId> {
        match &self.via {
            Via::Session(id) => Ok(id),
            Via::Token { .. } => Err(AccessError::SessionNeeded),
        }
    }

    pub(crate) fn activity_by(&self) -> ActivityBy {
        match &self.via {
            Via::Session(_) => {
                ActivityBy::User { id: self.user.id.clone(), name: self.user.name.to_string() }
            }
            Via::Token { id, .. } => ActivityBy::Token { id: id.clone(), name: self.shown_name() },
        }
    }
}
