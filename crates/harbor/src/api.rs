//! Harbor's v2.0 API by topic. Fields that Harbor leaves out when they are zero default here; unknown fields are
//! let pass, since each version has its own.

pub mod artifacts;
pub mod audit;
pub mod discovery;
pub mod executions;
pub mod identity;
pub mod jobs;
pub mod policies;
pub mod projects;
pub mod registries;
pub mod robots;
pub mod session;
