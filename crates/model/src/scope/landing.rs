//! What a scope takes of real repositories, and where each lands.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Scope, SourceLabels};
use crate::AppError;

/// How many clashes, and how many repositories that are too short, are named.
const NAMED: usize = 5;

/// A repository and where it lands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Landed {
    /// At the source.
    pub repository: String,
    /// At the destination.
    pub lands_on: String,
}

/// Two repositories that land on one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clash {
    /// One, the first in order.
    pub one: String,
    /// The other.
    pub other: String,
    /// Where both land.
    pub lands_on: String,
}

/// What a scope takes of the repositories there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Landing {
    /// Repositories there are.
    pub of: u64,
    /// Those it takes.
    pub taken: u64,
    /// The first of them, with where each lands.
    pub shown: Vec<Landed>,
    /// Those that land on one name with another, the first few.
    pub clashes: Vec<Clash>,
    /// Those whose path is too short to be flattened so much, the first few: with one of them a run copies nothing.
    pub too_short: Vec<String>,
}

impl Landing {
    /// Whether nothing would be copied though there is something.
    pub fn is_nothing(&self) -> bool {
        self.of > 0 && self.taken == 0
    }
}

/// The repositories that a scope may take, as its sources list them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SourceRepositories {
    /// By name, the first of each source; each once.
    pub names: BTreeSet<String>,
    /// How many the largest source has.
    pub of: u64,
    /// Their labels.
    pub labels: SourceLabels,
    /// Why one of two sources could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
}

/// Looks at the repositories, whatever their order, and shows the first `shown` of those that are taken.
pub fn landing<'a>(scope: &Scope, repositories: impl Iterator<Item = &'a str>, shown: usize) -> Landing {
    let mut names: Vec<&str> = repositories.collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Landing { of: names.len() as u64, ..Landing::default() };
    let mut first_on: BTreeMap<String, &str> = BTreeMap::new();
    for repository in names.into_iter().filter(|name| scope.takes(name)) {
        found.taken += 1;
        let Some(lands_on) = scope.lands_on(repository) else {
            if found.too_short.len() < NAMED {
                found.too_short.push(repository.to_owned());
            }
            continue;
        };
        if found.shown.len() < shown {
            found.shown.push(Landed { repository: repository.to_owned(), lands_on: lands_on.clone() });
        }
        // Without a namespace each keeps its own name.
        if scope.namespace.is_none() {
            continue;
        }
        match first_on.get(&lands_on) {
            Some(one) if found.clashes.len() < NAMED => {
                found.clashes.push(Clash { one: (*one).to_owned(), other: repository.to_owned(), lands_on })
            }
            Some(_) => {}
            None => {
                first_on.insert(lands_on, repository);
            }
        }
    }
    found
}
