//! Cutting what is to be read into parts of about a thousand artifacts.
//!
//! A part covers the same repositories on each side, so that they are compared as soon as both are read and nothing
//! has to be remembered. Whole repositories stand in a part of their project; a large one is a part of its own.

use std::collections::{BTreeMap, HashMap};

use harbor::{Q, api::projects::Repository};

/// Artifacts per request; an answer is then about 1.6 MB.
pub(crate) const BATCH: u64 = 1000;
/// Ids per request: nginx refuses an address of more than about 8 KB.
const IDS: usize = 400;

/// What is read together from each of `N` Harbors.
#[derive(Debug, Default)]
pub(crate) struct Part<const N: usize> {
    pub(crate) project: String,
    /// The repository's name without the project, where each must be read by its own list (before 2.12.4).
    pub(crate) alone: Option<String>,
    pub(crate) members: Vec<Member<N>>,
    /// The largest number of artifacts in them on any side, as Harbor counts them: without the children of indexes.
    count: u64,
}

/// A repository of a part.
#[derive(Debug)]
pub(crate) struct Member<const N: usize> {
    /// `project/repository`.
    pub(crate) name: String,
    /// Its id on each side that has it.
    pub(crate) ids: [Option<i64>; N],
    counts: [u64; N],
}

/// The repositories of all sides by name, in parts.
pub(crate) fn cut<const N: usize>(lists: [Vec<Repository>; N], by_project: bool) -> Vec<Part<N>> {
    let mut all: BTreeMap<String, Member<N>> = BTreeMap::new();
    for (side, list) in lists.into_iter().enumerate() {
        for Repository { id, name, artifact_count, .. } in list {
            let member =
                all.entry(name.clone()).or_insert_with(|| Member { name, ids: [None; N], counts: [0; N] });
            member.ids[side] = Some(id);
            member.counts[side] = artifact_count;
        }
    }
    let mut out: Vec<Part<N>> = Vec::new();
    let mut open: HashMap<String, Part<N>> = HashMap::new();
    for member in all.into_values() {
        let Some((project, inner)) = member.name.split_once('/') else { continue };
        let (project, inner) = (project.to_owned(), inner.to_owned());
        let count = member.counts.into_iter().max().unwrap_or(0);
        if !by_project {
            out.push(Part { project, alone: Some(inner), members: vec![member], count });
            continue;
        }
        match open.get_mut(&project) {
            Some(part) if part.count + count <= BATCH && part.members.len() < IDS => {
                part.members.push(member);
                part.count += count;
            }
            _ => {
                let part = Part { project: project.clone(), alone: None, members: vec![member], count };
                out.extend(open.insert(project, part));
            }
        }
    }
    out.extend(open.into_values());
    out
}

impl<const N: usize> Part<N> {
    /// What a side's list is asked for, within a range of ids; `None` where that side has none of it.
    pub(crate) fn q(&self, side: usize, window: Option<(i64, i64)>) -> Option<Q> {
        let ids: Vec<i64> = self.members.iter().filter_map(|m| m.ids[side]).collect();
        if ids.is_empty() {
            return None;
        }
        let q = Q::new().base();
        let q = if self.alone.is_none() { q.any_of("repository_id", &ids) } else { q };
        Some(match window {
            Some((from, to)) => q.between("id", from, to),
            None => q,
        })
    }

    /// Whether one answer could hold all of it on that side.
    pub(crate) fn is_small(&self, side: usize) -> bool {
        self.members.iter().map(|m| m.counts[side]).sum::<u64>() <= BATCH * 2
    }
}

/// `pieces` ranges that cover `low..=high` without gap or overlap.
pub(crate) fn windows(low: i64, high: i64, pieces: u64) -> impl Iterator<Item = (i64, i64)> {
    let pieces = i64::try_from(pieces.max(1)).unwrap_or(i64::MAX);
    let step = (high - low) / pieces + 1;
    (0..pieces).map(move |n| (low + n * step, (low + (n + 1) * step - 1).min(high))).filter(|(a, b)| a <= b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(id: i64, name: &str, artifact_count: u64) -> Repository {
        Repository { id, name: name.to_owned(), artifact_count, ..Repository::default() }
    }

    #[test]
    fn cut_covers_every_repository_of_both_sides_once() {
        let side = |skip: i64| -> Vec<_> {
            (0..1000)
                .filter(|n| n % 7 != skip)
                .map(|n| repository(n, &format!("p{}/r{n}", n % 3), (n as u64 * 37) % 1500))
                .collect()
        };
        for by_project in [true, false] {
            let parts = cut([side(1), side(2)], by_project);
            let mut names: Vec<&str> =
                parts.iter().flat_map(|p| &p.members).map(|m| m.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), 1000);
            assert_eq!(parts.iter().map(|p| p.members.len()).sum::<usize>(), 1000);
            assert!(
                parts.iter().all(|p| p.members.len() <= IDS && (p.count <= BATCH || p.members.len() == 1))
            );
        }
    }

    #[test]
    fn windows_leave_no_gap() {
        for (low, high, pieces) in [(1, 1, 1), (7, 5006, 6), (1, 3, 10), (0, 999, 3)] {
            let ranges: Vec<_> = windows(low, high, pieces).collect();
            assert_eq!((ranges[0].0, ranges[ranges.len() - 1].1), (low, high));
            assert!(ranges.windows(2).all(|w| w[0].1 + 1 == w[1].0));
        }
    }
}
