//! The words of Breakwater and their rules; no input or output.
//!
//! The same types are carried by server functions, REST and the command line, and the same rules judge in the
//! browser and on the server. This crate knows no framework and compiles to WebAssembly.

pub mod address;
pub mod cron;
pub mod digest;
pub mod draft;
pub mod drift;
pub mod endpoint;
pub mod error;
pub mod finding;
pub mod heal;
pub mod health;
pub mod ids;
pub mod live;
pub mod names;
pub mod page;
pub mod people;
pub mod plan;
pub mod rule;
pub mod run;
pub mod say;
pub mod scope;
pub mod settings;
pub mod span;
pub mod spec;
pub mod topology;
pub mod version;

pub use address::NodeAddress;
pub use digest::Digest;
pub use error::AppError;
pub use say::{Locale, Say};
pub use span::HistorySpan;
pub use topology::{Link, Topology};
pub use version::HarborVersion;
