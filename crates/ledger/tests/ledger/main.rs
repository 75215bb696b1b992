//! Comparing simulated Harbors.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod changed;
mod pair;
mod scan;
mod two;
