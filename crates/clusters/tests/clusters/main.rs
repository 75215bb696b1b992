//! The whole way against simulated Harbors.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod adopt;
mod change;
mod drafts;
mod edit;
mod findings;
mod heal;
mod kill;
mod kill_change;
mod kill_heal;
mod later;
mod rig;
mod rules;
<<<<<<< HEAD
mod settings;
=======
mod scope;
>>>>>>> scope
mod shared;
mod soak;
mod watchdog;
