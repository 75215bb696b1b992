//! The watch against simulated Harbors and a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod entry;
mod faults;
mod history;
mod live;
mod replicas;
mod slow;
mod world;
