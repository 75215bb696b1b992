//! Server functions: each takes what it needs from context, checks the right, and calls one service method.
//!
//! All are POST below [`PREFIX`]. Those that a plain form may send (sign-in, language, theme …) take a form body,
//! the others JSON. What goes wrong is always an [`ApiError`] with the same stable codes as REST.

#![expect(
    missing_docs,
    reason = "the server macro makes a struct per function; its fields are the arguments"
)]

pub(crate) mod body;
mod error;
#[cfg(feature = "ssr")]
mod services;

pub mod activity;
pub mod board;
pub mod clusters;
pub mod drafts;
pub mod drift;
pub mod entrance;
pub mod node;
pub mod people;
pub mod rules;
pub mod runs;
pub mod status_pages;
pub mod types;

pub use error::ApiError;
#[cfg(feature = "ssr")]
pub use services::{Caller, Services, session_cookie};
#[cfg(feature = "ssr")]
pub(crate) use services::{answer, person, redirect_plain, set_cookie, visitor, visitor_or_nobody};

/// Where all server functions are mounted.
pub const PREFIX: &str = "/fn";

/// What every server function returns.
pub type Answer<T> = Result<T, ApiError>;
