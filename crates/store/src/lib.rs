//! SQLite and PostgreSQL behind one SQL text; secrets sealed at rest.
//!
//! Nothing else in Breakwater sees SQL. [`Store::open`] opens (and brings up to date) the database that a
//! [`DatabaseUrl`] names; each table has a module with its typed rows and a handle that [`Store`] gives out:
//!
//! | handle | holds |
//! |---|---|
//! | [`Store::settings`] | the console's settings, key to JSON |
//! | [`Store::users`], [`Store::sessions`], [`Store::tokens`] | people, signed-in browsers, API tokens (hashes only) |
//! | [`Store::login_failures`] | failed sign-ins by account and address |
//! | [`Store::activity`] | who did what, and what happened |
//! | [`Store::clusters`], [`Store::nodes`] | clusters with their spec, and their nodes |
//! | [`Store::credentials`] | accounts on nodes, sealed |
//! | [`Store::drafts`], [`Store::findings`], [`Store::plans`] | the wizard's state |
//! | [`Store::runs`], [`Store::leftovers`] | the journal |
//! | [`Store::executions`] | what the rules of the Harbors did |
//! | [`Store::ledger`] | pairs that are compared: their base, their drift, audited acts |
//! | [`Store::pages`], [`Store::share_links`] | status pages, and the links that show them |
//! | [`Store::intervals`] | history of health |
//! | [`Store::events`] | live events for resuming viewers |
//! | [`Store::leases`] | which replica does what |
//!
//! [`seal`] keeps secrets sealed at rest, [`backup`] copies a running database and restores one.
//!
//! Rules of the SQL: one text for both engines, `$1` parameters, ids as text, times as UTC milliseconds in `i64`,
//! JSON as text, no function of one engine only. A migration exists in both folders under the same number.

#[macro_use]
mod db;
mod columns;

pub mod activity;
pub mod backup;
pub mod clock;
pub mod clusters;
pub mod credentials;
pub mod drafts;
pub mod error;
pub mod events;
pub mod executions;
pub mod findings;
pub mod ids;
pub mod intervals;
pub mod leases;
pub mod ledger;
pub mod leftovers;
pub mod login_failures;
pub mod nodes;
mod open;
pub mod pages;
pub mod plans;
pub mod runs;
pub mod seal;
pub mod sessions;
pub mod settings;
pub mod share_links;
mod tell;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tokens;
pub mod url;
pub mod users;

pub use clock::Clock;
pub use error::StoreError;
pub use ids::new_id;
pub use open::Store;
pub use seal::KeyRing;
pub use url::DatabaseUrl;

/// What every call of the store returns.
pub type Result<T> = std::result::Result<T, StoreError>;
