//! The command line as a process of its own, as a person or a supervisor runs it.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod backup;
mod cluster;
mod config;
mod people;
mod program;
mod serve;
