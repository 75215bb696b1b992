//! What the audit log of one side tells of a tag or an artifact.

use std::collections::HashMap;

use super::super::{Act, Author, Deed};
use crate::Digest;

/// The acts of one side on one repository, by what they name.
pub(super) struct Acts<'a> {
    all: &'a [Act],
    by_tag: HashMap<&'a str, Vec<usize>>,
    by_digest: HashMap<Digest, Vec<usize>>,
    repository: Vec<usize>,
}

/// What one side's log tells of one thing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told<'a> {
    /// The last act of a person.
    pub will: Option<&'a Act>,
    /// The last act of anybody.
    pub last: Option<&'a Act>,
    /// What replication had brought last when that person acted.
    seen: Option<Digest>,
    /// What replication has brought last.
    brought: Option<Digest>,
}

impl<'a> Acts<'a> {
    pub(super) fn new(all: &'a [Act]) -> Self {
        let mut acts =
            Self { all, by_tag: HashMap::new(), by_digest: HashMap::new(), repository: Vec::new() };
        for (at, act) in all.iter().enumerate() {
            match act.deed {
                Deed::Push | Deed::DeleteTag => {
                    if let Some(tag) = &act.tag {
                        acts.by_tag.entry(tag).or_default().push(at);
                    } else if let Some(digest) = act.digest {
                        acts.by_digest.entry(digest).or_default().push(at);
                    }
                }
                Deed::DeleteArtifact => {
                    if let Some(digest) = act.digest {
                        acts.by_digest.entry(digest).or_default().push(at);
                    }
                }
                Deed::DeleteRepository => acts.repository.push(at),
            }
        }
        acts
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What is told of a tag that stood for `base` until `since_ms`. The log is played again from there, since the
    /// deletion of an artifact does not name the tags that went with it.
    pub(super) fn of_tag(
        &self,
        tag: &str,
        base: Option<Digest>,
        since_ms: i64,
        clock_error_ms: i64,
    ) -> Told<'a> {
        if self.is_empty() {
            return Told::default();
        }
        let named = self.by_tag.get(tag).map(Vec::as_slice).unwrap_or_default();
        // Of most tags nothing is told, also where something is told of their repository.
        if named.is_empty()
            && self.repository.is_empty()
            && base.is_none_or(|digest| !self.by_digest.contains_key(&digest))
        {
            return Told::default();
        }
        let mut digests: Vec<Digest> =
            named.iter().filter_map(|at| self.all[*at].digest).chain(base).collect();
        digests.sort_unstable();
        digests.dedup();
        let of_digests = digests.iter().filter_map(|d| self.by_digest.get(d)).flatten();
        let mut order: Vec<usize> = named.iter().chain(of_digests).chain(&self.repository).copied().collect();
        order.sort_unstable();
        // By clocks that are apart, what made the base what it is may seem to come after it: a person's push of it, with
        // all that stands before that in the log, or replication's, where nothing does.
        let made_it = |act: &Act| {
            let window = since_ms..=since_ms.saturating_add(clock_error_ms);
            base.is_some()
                && (act.deed, act.tag.as_deref()) == (Deed::Push, Some(tag))
                && window.contains(&act.at_ms)
                && (act.digest.is_none() || act.digest == base)
        };
        // Replication does not write the same image again: where the log tells no digest (to 2.12), a push that it wrote
        // over at once is not what both held.
        let written_over = |push: &Act, next: Option<&Act>| {
            push.digest.is_none() && next.is_some_and(|act| act.author == Author::Link && made_it(act))
        };
        let by_person = |at: &usize| {
            let (act, next) = (&self.all[order[*at]], order.get(at + 1).map(|at| &self.all[*at]));
            act.author == Author::Person && made_it(act) && !written_over(act, next)
        };
        let from = (0..order.len()).rev().find(by_person).map_or(0, |at| at + 1);
        let mut stands_for = base;
        let mut told = Told::default();
        for act in order[from..].iter().map(|at| &self.all[*at]).filter(|act| act.at_ms > since_ms) {
            if told.last.is_none() && act.author == Author::Link && made_it(act) {
                continue;
            }
            let concerns = match act.deed {
                Deed::Push => {
                    let named = act.tag.is_some();
                    if named {
                        stands_for = act.digest;
                    }
                    named
                }
                Deed::DeleteTag | Deed::DeleteRepository => {
                    stands_for = None;
                    true
                }
                Deed::DeleteArtifact => {
                    let stood = stands_for.is_some() && stands_for == act.digest;
                    if stood {
                        stands_for = None;
                    }
                    stood
                }
            };
            if concerns {
                told.add(act);
            }
        }
        told
    }

    /// What is told of an untagged artifact.
    pub(super) fn of_artifact(&self, digest: &Digest) -> Told<'a> {
        let mut told = Told::default();
        let named = self.by_digest.get(digest).map(Vec::as_slice).unwrap_or_default();
        let mut order: Vec<usize> = named.iter().chain(&self.repository).copied().collect();
        order.sort_unstable();
        order.into_iter().for_each(|at| told.add(&self.all[at]));
        told
    }

    /// Whether a person deleted an artifact here.
    pub(super) fn person_deleted(&self, digest: &Digest) -> bool {
        self.of_artifact(digest).will.is_some_and(|act| act.deed.deletes())
    }
}

impl<'a> Told<'a> {
    fn add(&mut self, act: &'a Act) {
        self.last = Some(act);
        match act.author {
            Author::Person => (self.will, self.seen) = (Some(act), self.brought),
            Author::Link if act.deed == Deed::Push => self.brought = act.digest,
            Author::Link | Author::Retention | Author::Console => {}
        }
    }

    /// Whether the person who acted here last had before them what a person pushed on the other side: then that came
    /// first, whatever the clocks say.
    pub(super) fn saw(&self, other: &Self) -> bool {
        let theirs = other.will.filter(|will| will.deed == Deed::Push).and_then(|will| will.digest);
        theirs.is_some() && self.seen == theirs
    }

    /// The acts a judgement rests on: the last will, and what came after it.
    pub(super) fn evidence(&self) -> impl Iterator<Item = &'a Act> + use<'a> {
        let later = self.last.filter(|last| self.will.is_none_or(|will| will.row != last.row));
        self.will.into_iter().chain(later)
    }

    /// Whether the last thing that happened here was done by `author`.
    pub(super) fn last_is(&self, author: Author) -> bool {
        self.last.is_some_and(|act| act.author == author)
    }

    /// Whether a person pushed here last.
    pub(super) fn pushed(&self) -> bool {
        self.will.is_some_and(|act| act.deed == Deed::Push)
    }
}

impl Deed {
    /// Whether it takes something away.
    pub fn deletes(self) -> bool {
        self != Self::Push
    }
}
