//! Two inventories side by side.

use std::collections::BTreeMap;

use model::names::project_of;

use crate::Inventory;

/// How many differing tags are named.
const EXAMPLES: usize = 20;

/// What a destination lacks of a source, and where the two contradict each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Artifacts of the source.
    pub artifacts: u64,
    /// Tags that stand for the same on both sides.
    pub equal: u64,
    /// Artifacts that the destination's repository of that name has not got.
    pub missing: u64,
    /// Their bytes as the source states them; shared layers count for each.
    pub missing_bytes: u64,
    /// The same bytes by project.
    pub missing_by_project: BTreeMap<String, u64>,
    /// Tags on both sides that stand for different artifacts.
    pub differing: u64,
    /// The first of them, by name.
    pub examples: Vec<Differing>,
    /// Tags that only the destination has.
    pub only_there: u64,
}

/// A tag that stands for different artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// `project/repository`.
    pub repository: String,
    /// The tag.
    pub tag: String,
}

/// Compares every tag and artifact of `source` with `destination`.
pub fn compare(source: &Inventory, destination: &Inventory) -> Comparison {
    let mut out = Comparison { artifacts: source.artifacts(), ..Comparison::default() };
    for (name, here) in &source.repositories {
        let there = destination.repositories.get(name);
        let project = project_of(name);
        for artifact in here.artifacts() {
            if there.is_none_or(|t| t.artifact(&artifact.digest).is_none()) {
                out.missing += 1;
                out.missing_bytes += artifact.size;
                *out.missing_by_project.entry(project.to_owned()).or_default() += artifact.size;
            }
        }
        for tag in here.tags() {
            match there.and_then(|t| t.tag(&tag.name)) {
                Some(other) if other.digest == tag.digest => out.equal += 1,
                Some(_) => {
                    out.differing += 1;
                    if out.examples.len() < EXAMPLES {
                        out.examples
                            .push(Differing { repository: name.to_string(), tag: tag.name.to_string() });
                    }
                }
                None => {}
            }
        }
    }
    for (name, there) in &destination.repositories {
        let here = source.repositories.get(name);
        let foreign = there.tags().iter().filter(|t| here.is_none_or(|h| h.tag(&t.name).is_none()));
        out.only_there += foreign.count() as u64;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use harbor::api::artifacts::{Artifact, Tag};
    use proptest::prelude::*;

    use super::*;
    use crate::rows;

    fn artifact(n: u8, size: u64, tags: &[&str]) -> Artifact {
        Artifact {
            digest: format!("sha256:{}", format!("{n:02x}").repeat(32)),
            size,
            tags: tags.iter().map(|t| Tag { name: (*t).to_owned(), ..Tag::default() }).collect(),
            ..Artifact::default()
        }
    }

    fn holding(rows: &[(&str, Artifact)]) -> Inventory {
        let mut by_name: BTreeMap<Box<str>, Vec<Artifact>> = BTreeMap::new();
        for (repository, row) in rows {
            by_name.entry((*repository).into()).or_default().push(row.clone());
        }
        Inventory { repositories: by_name.into_iter().map(|(n, r)| (n, rows::holding(&r))).collect() }
    }

    #[test]
    fn compare_names_what_is_missing_and_what_contradicts() {
        let a = holding(&[("p/r", artifact(1, 10, &["v1", "latest"])), ("q/s", artifact(2, 5, &["x"]))]);
        let b = holding(&[
            ("p/r", artifact(1, 10, &["v1"])),
            ("p/r", artifact(3, 7, &["latest"])),
            ("z/z", artifact(4, 1, &["only"])),
        ]);
        let found = compare(&a, &b);
        assert_eq!((found.equal, found.differing, found.only_there), (1, 1, 1));
        assert_eq!((found.missing, found.missing_bytes), (1, 5));
        assert_eq!(found.missing_by_project, BTreeMap::from([("q".to_owned(), 5)]));
        assert_eq!(found.examples, [Differing { repository: "p/r".into(), tag: "latest".into() }]);
        // The other way round: b's latest is not on a.
        assert_eq!(compare(&b, &a).missing, 2);
    }

    proptest! {
        #[test]
        fn compare_agrees_with_sets_of_tags(
            left in proptest::collection::btree_map((0u8..3, 0u8..6), 0u8..4, 0..18),
            right in proptest::collection::btree_map((0u8..3, 0u8..6), 0u8..4, 0..18),
        ) {
            let build = |side: &BTreeMap<(u8, u8), u8>| {
                let rows: Vec<_> = side
                    .iter()
                    .map(|((repository, tag), digest)| {
                        let tag = format!("t{tag}");
                        (format!("p/r{repository}"), artifact(*digest, 1, &[tag.as_str()]))
                    })
                    .collect();
                holding(&rows.iter().map(|(n, r)| (n.as_str(), r.clone())).collect::<Vec<_>>())
            };
            let found = compare(&build(&left), &build(&right));
            let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
            let both = |want: bool| {
                keys.iter()
                    .filter(|k| matches!((left.get(*k), right.get(*k)), (Some(l), Some(r)) if (l == r) == want))
                    .count() as u64
            };
            prop_assert_eq!(found.equal, both(true));
            prop_assert_eq!(found.differing, both(false));
            prop_assert_eq!(found.only_there, right.keys().filter(|k| !left.contains_key(k)).count() as u64);
        }
    }
}
