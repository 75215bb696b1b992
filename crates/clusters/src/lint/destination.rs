//! What the questions about destinations have in common: the projects into which a link copies.

use model::{Link, names::project_of};

use super::{Answer, Facts, Found, of_link};
use crate::rules::{Limits, ProjectLimits, UNLIMITED};

/// A project of a link's destination into which it copies, and that at the source which is called the same.
pub(super) struct Receiving<'a> {
    pub(super) name: &'a str,
    pub(super) here: &'a ProjectLimits,
    pub(super) there: &'a ProjectLimits,
}

/// Asks a question about each link for which both ends are known, with the projects into which it copies.
pub(super) fn on_each_link(
    facts: &Facts<'_>,
    ask: impl Fn(&Link, Vec<Receiving<'_>>) -> Option<(model::Say, Answer)>,
) -> Vec<Found> {
    let links = facts.spec.links();
    let found = links.iter().filter_map(|link| {
        let (here, there) = (facts.limits.get(&link.source)?, facts.limits.get(&link.destination)?);
        let (title, answer) = ask(link, copied_into(facts, here, there))?;
        Some(Found { subject: of_link(link), title, answer })
    });
    found.collect()
}

/// A project that is not there is made by the first copy, as one that refuses nothing. A project of which the filter
/// takes no repository stands here too: which of them it takes is known to the ledger alone.
fn copied_into<'a>(facts: &Facts<'_>, here: &'a Limits, there: &'a Limits) -> Vec<Receiving<'a>> {
    let scope = &facts.spec.replication.scope;
    let lands = |name: &str| match &scope.namespace {
        Some(namespace) => project_of(namespace.path.as_str()) == name,
        None => here.contains_key(name),
    };
    there
        .iter()
        .filter(|(name, _)| lands(name))
        .map(|(name, there)| Receiving { name, here: here.get(name).unwrap_or(&UNLIMITED), there })
        .collect()
}

/// The names of those that are so.
pub(super) fn names(projects: &[Receiving<'_>], is: impl Fn(&Receiving<'_>) -> bool) -> Vec<String> {
    projects.iter().filter(|p| is(p)).map(|p| p.name.to_owned()).collect()
}
