//! What of two Harbors is compared: what the rules carry, each repository by its name at the source.

use std::collections::{BTreeMap, HashSet};

use harbor::api::projects::Repository;
use model::{
    drift::{Direction, Side, Tag},
    scope::{Landing, Scope, landing},
};
use store::Store;

use crate::{LedgerError, Pair, judging::Read, scan::Held};

/// Which repository of the source each name at the destination stands for. Without a namespace each for itself.
pub(crate) struct Claims<'a> {
    scope: &'a Scope,
    /// By where it lands; `None` where two do.
    by_landing: BTreeMap<String, Option<Claim>>,
}

struct Claim {
    /// The name at the source.
    name: String,
    /// The source has it.
    held: bool,
}

impl<'a> Claims<'a> {
    fn none(pair: &'a Pair) -> Self {
        Self { scope: &pair.scope, by_landing: BTreeMap::new() }
    }

    /// Of the repositories that the ledger knows.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn known(store: &Store, pair: &'a Pair) -> Result<Self, LedgerError> {
        let mut claims = Self::none(pair);
        if pair.scope.namespace.is_none() {
            return Ok(claims);
        }
        pair.each_known(store, |name, [here, _]| claims.add(&name, here > 0)).await?;
        Ok(claims)
    }

    /// Takes note of a repository; one that the source has goes before one that it had.
    fn add(&mut self, name: &str, held: bool) {
        if name.contains('*') || self.scope.namespace.is_none() || !self.scope.takes(name) {
            return;
        }
        let Some(lands_on) = self.scope.lands_on(name) else { return };
        let claim = || Some(Claim { name: name.to_owned(), held });
        match self.by_landing.get_mut(&lands_on) {
            None => drop(self.by_landing.insert(lands_on, claim())),
            Some(Some(one)) if one.name == name => one.held |= held,
            Some(there) => match there {
                Some(one) if one.held && held => *there = None,
                Some(one) if held && !one.held => *there = claim(),
                _ => {}
            },
        }
    }

    /// Takes note of a repository that the source has; false where another one lands on the same name.
    pub(crate) fn claim(&mut self, name: &str) -> bool {
        self.add(name, true);
        let lands_on = self.scope.lands_on(name).filter(|_| self.scope.takes(name));
        lands_on.is_none_or(|to| self.by_landing.get(&to).is_none_or(Option::is_some))
    }

    /// By what name the ledger knows a repository of a side; `None` where no rule carries it.
    pub(crate) fn known_as(&self, side: Side, name: &str) -> Option<String> {
        let Some(namespace) = self.scope.namespace.as_ref().filter(|_| side == Side::B) else {
            return self.scope.takes(name).then(|| name.to_owned());
        };
        match self.by_landing.get(name) {
            Some(claim) => claim.as_ref().map(|claim| claim.name.clone()),
            // Nobody knows it to have come from the source: it is one too many.
            None => namespace.came_from(name).filter(|from| from.contains('*') || self.scope.takes(from)),
        }
    }

    /// Whether what the ledger knows by this name is still compared under it.
    pub(crate) fn may_hold(&self, name: &str) -> bool {
        if !name.contains('*') && !self.scope.takes(name) {
            return false;
        }
        let Some(lands_on) = self.scope.lands_on(name) else { return false };
        if self.scope.namespace.is_none() {
            return !name.contains('*');
        }
        match self.by_landing.get(&lands_on) {
            Some(claim) => claim.as_ref().is_some_and(|claim| claim.name == name),
            None => true,
        }
    }
}

/// What there is of two sides to be compared.
pub(crate) struct Within<'a> {
    /// The repositories of each side, by the names the ledger knows them by.
    pub(crate) lists: [Vec<Repository>; 2],
    /// What the scope takes of the source's.
    pub(crate) landing: Landing,
    /// Whose each name at the destination is.
    pub(crate) claims: Claims<'a>,
}

/// Leaves out what no rule carries. Two that land on one name are not compared: what is there is of the one or of the
/// other.
///
/// # Errors
/// Those of the database.
pub(crate) async fn within<'a>(
    store: &Store,
    pair: &'a Pair,
    lists: [Vec<Repository>; 2],
) -> Result<Within<'a>, LedgerError> {
    let [here, there] = &lists;
    let back = if pair.direction == Direction::Both { there.as_slice() } else { &[] };
    let landing = landing(&pair.scope, here.iter().chain(back).map(|r| r.name.as_str()), 0);
    let mut claims = Claims::none(pair);
    here.iter().for_each(|r| claims.add(&r.name, true));
    // What the source has no more is known to have come from there.
    for (lands_on, claim) in Claims::known(store, pair).await?.by_landing {
        let gone = claim.map(|claim| Claim { held: false, ..claim });
        claims.by_landing.entry(lands_on).or_insert(gone);
    }
    let known_as = |side: Side, list: Vec<Repository>| -> Vec<Repository> {
        let known = |r: Repository| Some(Repository { name: claims.known_as(side, &r.name)?, ..r });
        list.into_iter().filter_map(known).filter(|r| claims.may_hold(&r.name)).collect()
    };
    let [here, there] = lists;
    let lists = [known_as(Side::A, here), known_as(Side::B, there)];
    Ok(Within { lists, landing, claims })
}

/// What both sides hold of a repository without what no rule carries: tags by their names, and what the source holds
/// without the labels. A label does not cross, so that the source alone says what is carried: a tag that stands there
/// for something else than the rule takes is looked at on neither side.
pub(crate) fn carried(scope: &Scope, [here, there]: [Held; 2]) -> Read {
    let Held { name, holding, unlabelled } = here;
    let [mut here, mut there] = [holding, there.holding];
    if scope.labels.is_some() {
        let outside = |tag: &&Tag| unlabelled.contains(&tag.digest);
        let left: HashSet<Box<str>> =
            here.tags().iter().filter(outside).map(|tag| tag.name.clone()).collect();
        [here, there] = [here, there].map(|side| side.without(|tag| left.contains(tag), &unlabelled));
    }
    if let Some(tags) = &scope.tags {
        [here, there] = [here, there].map(|side| side.within(|tag| tags.takes(tag), tags.takes_untagged()));
    }
    (name, [here, there])
}
