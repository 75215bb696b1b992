//! The one error that leaves the house: a stable code, what happened and what to do next, in both languages.

use serde::{Deserialize, Serialize};

use crate::Say;

/// An error as a person, REST and the command line see it. Services turn their own enums into it at the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppError {
    /// Stable and machine-readable, e.g. `node.credential_refused`; never reworded once released.
    pub code: String,
    /// The HTTP status REST answers with.
    pub status: u16,
    /// What happened.
    pub cause: Say,
    /// What the reader can do about it.
    pub next: Say,
    /// The form field it belongs to, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl AppError {
    /// An error with the given code and status; see the fields for the meaning of each part.
    pub fn new(code: &str, status: u16, cause: Say, next: Say) -> Self {
        Self { code: code.to_owned(), status, cause, next, field: None }
    }

    /// The same error, tied to a form field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}]. {}", self.cause.en, self.code, self.next.en)
    }
}

impl std::error::Error for AppError {}
