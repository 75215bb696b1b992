//! Cutting what is to be read into parts of about a thousand artifacts.
//!
//! A part covers the same repositories on each side, so that they are compared as soon as both are read and nothing
//! has to be remembered. Whole repositories stand in a part of their project; a large one is a part of its own.

use std::collections::{BTreeMap, HashMap};

use harbor::{
    Q,
    api::{artifacts::Artifact, projects::Repository},
};

/// Artifacts per request; an answer is then about 1.6 MB.
pub(crate) const BATCH: u64 = 1000;
/// Ids per request: nginx refuses an address of more than about 8 KB.
const IDS: usize = 400;

/// Bytes of names per request, as they stand in an address.
const NAMES: usize = 4_000;

/// What is read together from each of `N` Harbors.
#[derive(Debug)]
pub(crate) struct Part<const N: usize> {
    /// The project on each side.
    pub(crate) projects: [String; N],
    /// The repository's name without the project, where each must be read by its own list (before 2.12.4).
    pub(crate) alone: Option<[String; N]>,
    pub(crate) members: Vec<Member<N>>,
    /// Asked for by name, of every side: which of them have it nobody has looked.
    pub(crate) by_name: bool,
    /// The largest number of artifacts in them on any side, as Harbor counts them: without the children of indexes.
    count: u64,
    /// Bytes of their names in an address.
    length: usize,
}

/// A repository of a part.
#[derive(Debug)]
pub(crate) struct Member<const N: usize> {
    /// `project/repository`, as the ledger knows it.
    pub(crate) name: String,
    /// What it is called on each side.
    pub(crate) on: [String; N],
    /// Its id on each side that lists it.
    pub(crate) ids: [Option<i64>; N],
    counts: [u64; N],
}

/// The repositories of all sides by name, in parts; `on` says what each is called on a side. The parts follow each
/// other in the order of the names.
pub(crate) fn cut<const N: usize>(
    lists: [Vec<Repository>; N],
    by_project: bool,
    on: impl Fn(usize, &str) -> String,
) -> Vec<Part<N>> {
    let mut all: BTreeMap<String, Member<N>> = BTreeMap::new();
    for (side, list) in lists.into_iter().enumerate() {
        for Repository { id, name, artifact_count, .. } in list {
            let member = all.entry(name.clone()).or_insert_with(|| Member::new(name, [0; N], &on));
            member.ids[side] = Some(id);
            member.counts[side] = artifact_count;
        }
    }
    pack(all.into_values(), by_project, false)
}

/// Single repositories by their names, with about how many artifacts each side has of each.
pub(crate) fn of_names<const N: usize>(
    names: BTreeMap<String, [u64; N]>,
    by_project: bool,
    on: impl Fn(usize, &str) -> String,
) -> Vec<Part<N>> {
    pack(names.into_iter().map(|(name, counts)| Member::new(name, counts, &on)), by_project, true)
}

impl<const N: usize> Member<N> {
    fn new(name: String, counts: [u64; N], on: impl Fn(usize, &str) -> String) -> Self {
        Self { on: std::array::from_fn(|side| on(side, &name)), name, ids: [None; N], counts }
    }

    /// The project on each side, and the name in it; `None` for what is no repository.
    fn places(&self) -> Option<([String; N], [String; N])> {
        let mut places = (self.on.clone(), self.on.clone());
        for (side, name) in self.on.iter().enumerate() {
            let (project, inner) = name.split_once('/')?;
            (places.0[side], places.1[side]) = (project.to_owned(), inner.to_owned());
        }
        Some(places)
    }
}

/// Members come in the order of their names, so that those of a project stand together.
fn pack<const N: usize>(
    members: impl Iterator<Item = Member<N>>,
    by_project: bool,
    by_name: bool,
) -> Vec<Part<N>> {
    let mut out: Vec<Part<N>> = Vec::new();
    for member in members {
        let Some((projects, inner)) = member.places() else { continue };
        let count = member.counts.into_iter().max().unwrap_or(0);
        // A slash, and what stands between two names, take three.
        let length = member.on.iter().map(|name| name.len() + 3 + 2 * name.matches('/').count()).max();
        let length = length.unwrap_or(0);
        let fits = |part: &Part<N>| {
            part.projects == projects
                && part.count + count <= BATCH
                && part.members.len() < IDS
                && (!by_name || part.length + length <= NAMES)
        };
        match out.last_mut() {
            Some(part) if by_project && fits(part) => {
                part.members.push(member);
                part.count += count;
                part.length += length;
            }
            _ => {
                let alone = (!by_project).then_some(inner);
                out.push(Part { projects, alone, members: vec![member], by_name, count, length });
            }
        }
    }
    out
}

impl<const N: usize> Part<N> {
    /// What a side's list is asked for, within a range of ids; `None` where that side has none of it.
    pub(crate) fn q(&self, side: usize, window: Option<(i64, i64)>) -> Option<Q> {
        let ids: Vec<i64> = self.members.iter().filter_map(|m| m.ids[side]).collect();
        if ids.is_empty() && !self.by_name {
            return None;
        }
        let q = Q::new().base();
        let q = match (&self.alone, self.by_name) {
            (Some(_), _) => q,
            (None, true) => q.any_of("repository_name", self.members.iter().map(|m| &m.on[side])),
            (None, false) => q.any_of("repository_id", &ids),
        };
        Some(match window {
            Some((from, to)) => q.between("id", from, to),
            None => q,
        })
    }

    /// The place among the members of whatever a row says of its repository.
    pub(crate) fn places(&self, side: usize) -> Places<'_> {
        if self.alone.is_some() {
            return Places::Alone;
        }
        let members = self.members.iter().enumerate();
        if self.by_name {
            return Places::Names(members.map(|(at, m)| (m.on[side].as_str(), at)).collect());
        }
        Places::Ids(members.filter_map(|(at, m)| Some((m.ids[side]?, at))).collect())
    }

    /// Whether one answer could hold all of it on that side.
    pub(crate) fn is_small(&self, side: usize) -> bool {
        self.members.iter().map(|m| m.counts[side]).sum::<u64>() <= BATCH * 2
    }
}

/// How the rows of an answer are put to the repositories of a part.
pub(crate) enum Places<'a> {
    /// There is only one.
    Alone,
    Ids(HashMap<i64, usize>),
    Names(HashMap<&'a str, usize>),
}

impl Places<'_> {
    /// Of a repository made since the list was read there is no place; the next comparison meets it.
    pub(crate) fn of(&self, row: &Artifact) -> Option<usize> {
        match self {
            Self::Alone => Some(0),
            Self::Ids(ids) => ids.get(&row.repository_id).copied(),
            Self::Names(names) => names.get(row.repository_name.as_str()).copied(),
        }
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
            let parts = cut([side(1), side(2)], by_project, |_, name| name.to_owned());
            let mut names: Vec<&str> =
                parts.iter().flat_map(|p| &p.members).map(|m| m.name.as_str()).collect();
            assert!(names.is_sorted(), "a comparison that was broken off goes on behind a name");
            names.dedup();
            assert_eq!(names.len(), 1000);
            assert_eq!(parts.iter().map(|p| p.members.len()).sum::<usize>(), 1000);
            assert!(
                parts.iter().all(|p| p.members.len() <= IDS && (p.count <= BATCH || p.members.len() == 1))
            );
        }
    }

    #[test]
    fn of_names_keeps_an_address_short_enough_for_nginx() {
        let name = |n: u32| format!("project/{}/{n}", "deep/".repeat(20));
        let names: BTreeMap<String, [u64; 2]> = (0..1000).map(|n| (name(n), [1, 0])).collect();
        let parts = of_names(names, true, |_, name| name.to_owned());
        assert_eq!(parts.iter().map(|p| p.members.len()).sum::<usize>(), 1000);
        for part in &parts {
            let names: Vec<String> = part.members.iter().map(|m| m.name.replace('/', "%2F")).collect();
            assert!(names.join("%20").len() <= NAMES);
        }
        assert!(parts.len() < 60, "{}", parts.len());
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
