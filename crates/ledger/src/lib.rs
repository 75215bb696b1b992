//! What two Harbors hold, compared: the scan, what both were last read to hold alike (the base), what the audit logs
//! say, and the drift that follows. Judging is `model`'s; nothing here writes to a Harbor.
//!
//! [`compare_pair`] reads both sides of a pair repository by repository in few requests, judges each and keeps what
//! came of it: everything at first and once in a while, else what can have changed. Memory does not grow with the
//! registries. [`scan`] and [`compare`] set two whole inventories side by
//! side, for the look before a cluster is adopted.

mod acts;
mod base;
mod compare;
mod comparison;
mod error;
mod inventory;
mod judging;
mod pair;
mod parts;
mod rows;
mod scan;
mod scoped;
mod seen;
mod settings;
mod verify;

pub use acts::{Mark, put_back, settle};
pub use compare::{Depth, compare_pair};
pub use comparison::{Comparison, Differing, compare};
pub use error::LedgerError;
pub use inventory::Inventory;
pub use judging::CLOCK_ERROR_MS;
pub use pair::{Drift, Pair, PairSide, PairState, UnderWay};
pub use scan::scan;
pub use seen::{Seen, Tells};
pub use settings::read_settings;
pub use verify::{Pulled, Sample, pull_again, pull_some};
