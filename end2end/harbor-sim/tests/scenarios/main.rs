//! What was observed on real Harbors, asked of the simulator: one test per observation.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
mod deletions;
mod dual_master;
mod endpoints;
mod faults;
mod lists;
mod robots;
mod runs;
mod schedules;
mod sessions;
mod shared_storage;
mod versions;
