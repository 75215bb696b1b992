//! A simulated Harbor: stateful, several nodes in one process, version by version held to recordings of real
//! ones. Nodes speak HTTP on 127.0.0.1 and really replicate to each other.
//!
//! ```no_run
//! # async fn demo() -> Result<(), harbor_sim::SimError> {
//! use harbor_sim::{Fault, Sim, SimConfig};
//! let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await?;
//! sim.node(0).push_image("library/app", "v1", "some layer");
//! sim.node(1).fault(Fault::Refuse).await;
//! sim.clock().advance(std::time::Duration::from_secs(600));
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod auth;
mod clock;
mod config;
pub mod control;
mod cron;
mod csrf;
mod data;
mod fault;
mod fill;
mod glob;
mod handle;
mod http;
mod jobs;
mod node;
mod oci;
mod query;
mod random;
mod replicate;
mod server;
mod sim;
mod state;
mod tls;
mod token;
mod version;

pub use clock::{Clock, Millis, NEVER, rfc3339};
pub use config::{NodeConfig, Secrets, SimConfig, Timing, TlsMode};
pub use fault::{Component, Fault, UnknownFault};
pub use fill::{Difference, Fill};
pub use handle::NodeHandle;
pub use sim::{Sim, SimError};
pub use state::{AuditRow, Image};
pub use version::{BadVersion, Version};
