//! The whole way against simulated Harbors.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod accept;
mod adopt;
mod again;
mod chain;
mod change;
mod compare;
mod drafts;
mod edit;
mod endpoints;
mod fence;
mod findings;
mod heal;
mod kill;
mod kill_change;
mod kill_heal;
mod labels;
mod later;
mod lease;
mod newest;
mod refused;
mod restore;
mod rig;
mod rules;
mod scope;
mod settings;
mod shared;
mod soak;
mod switch_over;
mod verify;
mod watchdog;
