//! What two Harbors hold, compared: the beginning of the room that will later judge and heal.
//!
//! [`scan`] reads every artifact and tag of one Harbor in few requests; [`compare`] sets two such inventories side
//! by side. Nothing here writes.

mod comparison;
mod inventory;
mod scan;

pub use comparison::{Comparison, Differing, compare};
pub use inventory::{Digest, Inventory};
pub use scan::scan;
