//! Findings, plans and the adoption of Harbors as a cluster.
//!
//! [`Clusters`] is the one way in. A draft is what a person typed; findings say what is wrong before anything is
//! changed; the plan lists every call; a run of the journal carries it out, proves it, and can take back what it
//! made. REST and the command line go the same way with a spec from a file.
//!
//! Rooms: `findings` one file per question, `survey` what the Harbors say of themselves (each thing asked once),
//! `plan` what will be done and why, `change` what an edited cluster differs in from the kept one, `pairs` which nodes
//! should hold the same and how their drift is told, `rules` the rules as they stand and what they did, `lint` what is
//! wrong with them, `bodies` what is sent, `steps` the work of each step, `records` what is kept, `service` the methods.
//! Every write to a Harbor is a step of a run; there is no second way to change one.

mod announce;
mod bodies;
mod change;
mod error;
mod findings;
mod immutable;
mod lint;
mod names;
mod pairs;
mod plan;
mod reach;
mod records;
mod refusals;
mod rules;
mod service;
mod steps;
mod survey;
mod trouble;

pub use announce::{Announce, LinkTrouble, News};
pub use reach::Account;
pub use service::{Answered, Clusters, Receipt, RunFilter, SpecAccount, SpecOptions};
