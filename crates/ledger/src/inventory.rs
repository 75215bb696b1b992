//! Everything one Harbor holds, small enough to keep a million artifacts in memory.

use std::collections::BTreeMap;

use model::drift::Holding;

/// All artifacts and tags of one Harbor, by repository (`project/repository`).
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    pub(crate) repositories: BTreeMap<Box<str>, Holding>,
}

impl Inventory {
    /// How many artifacts there are.
    pub fn artifacts(&self) -> u64 {
        self.repositories.values().map(|r| r.artifacts().len() as u64).sum()
    }

    /// How many tags there are.
    pub fn tags(&self) -> u64 {
        self.repositories.values().map(|r| r.tags().len() as u64).sum()
    }
}
