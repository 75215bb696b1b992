//! What one side holds of a repository, and what both held when last read.

use std::collections::HashSet;

use crate::Digest;

/// A tag as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: Box<str>,
    /// What it stands for.
    pub digest: Digest,
    /// When it was put there, UTC milliseconds by the side's clock; 0 where Harbor does not say.
    pub pushed_ms: i64,
}

/// An artifact as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its digest.
    pub digest: Digest,
    /// Bytes, parts included; 0 for a part of an index that is here too, whose size holds it.
    pub size: u64,
    /// When it was pushed, UTC milliseconds by the side's clock; 0 where Harbor does not say.
    pub pushed_ms: i64,
    /// It is a part of an index of this repository.
    pub part: bool,
    /// What belongs to it and is not here: images of an index.
    pub lacks: u32,
    /// Its signatures, SBOMs and the like, sorted; without what Harbor made itself.
    pub accessories: Vec<Digest>,
}

/// Everything one side holds of one repository, sorted, so that two sides are compared in one walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    tags: Vec<Tag>,
    artifacts: Vec<Artifact>,
    /// For each artifact: whether a tag stands for it.
    tagged: Vec<bool>,
    /// Every artifact is complete and none has accessories.
    plain: bool,
}

impl Default for Holding {
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new())
    }
}

impl Holding {
    /// Sorts what was read. Of what was read twice the later counts.
    pub fn new(mut tags: Vec<Tag>, mut artifacts: Vec<Artifact>) -> Self {
        // Stable, so that the later of two equals comes last, and is the one that is kept.
        tags.sort_by(|a, b| a.name.cmp(&b.name));
        keep_last(&mut tags, |a, b| a.name == b.name);
        artifacts.sort_by_key(|a| a.digest);
        keep_last(&mut artifacts, |a, b| a.digest == b.digest);
        let mut tagged = vec![false; artifacts.len()];
        for tag in &tags {
            if let Ok(at) = artifacts.binary_search_by(|a| a.digest.cmp(&tag.digest)) {
                tagged[at] = true;
            }
        }
        let plain = artifacts.iter().all(|a| a.lacks == 0 && a.accessories.is_empty());
        Self { tags, artifacts, tagged, plain }
    }

    /// The same without what no rule carries: tags that are not taken, and what then has none. An artifact that never
    /// had a tag stays where `untagged` ones are taken; parts of an index stay with it.
    #[must_use]
    pub fn within(self, takes: impl Fn(&str) -> bool, untagged: bool) -> Self {
        self.keep(takes, |_| untagged)
    }

    /// The same without tags that are `left`, and without what then has none; an artifact that never had one goes where
    /// it is among `digests`. Parts of an index stay with it.
    #[must_use]
    pub fn without(self, left: impl Fn(&str) -> bool, digests: &HashSet<Digest>) -> Self {
        self.keep(|tag| !left(tag), |digest| !digests.contains(digest))
    }

    /// The same with the tags that are taken and what they stand for, the artifacts that never had one and are taken, and
    /// parts of an index.
    fn keep(self, tag: impl Fn(&str) -> bool, untagged: impl Fn(&Digest) -> bool) -> Self {
        let Self { mut tags, artifacts, tagged, .. } = self;
        tags.retain(|one| tag(&one.name));
        let left: HashSet<Digest> = tags.iter().map(|one| one.digest).collect();
        let stays = |artifact: &Artifact, tagged: bool| {
            artifact.part || left.contains(&artifact.digest) || (!tagged && untagged(&artifact.digest))
        };
        let both = artifacts.into_iter().zip(tagged);
        let artifacts =
            both.filter(|(artifact, tagged)| stays(artifact, *tagged)).map(|(artifact, _)| artifact);
        let artifacts = artifacts.collect();
        Self::new(tags, artifacts)
    }

    /// Tags by name.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Artifacts by digest.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// A tag by its name.
    pub fn tag(&self, name: &str) -> Option<&Tag> {
        self.tags.binary_search_by(|t| (*t.name).cmp(name)).ok().map(|at| &self.tags[at])
    }

    /// An artifact by its digest.
    pub fn artifact(&self, digest: &Digest) -> Option<&Artifact> {
        self.artifacts.binary_search_by(|a| a.digest.cmp(digest)).ok().map(|at| &self.artifacts[at])
    }

    /// Artifacts that no tag stands for and that are no part of an index.
    pub fn untagged(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().zip(&self.tagged).filter(|(a, tagged)| !**tagged && !a.part).map(|(a, _)| a)
    }

    /// Whether every artifact is complete and none has accessories.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }
}

fn keep_last<T>(rows: &mut Vec<T>, same: impl Fn(&T, &T) -> bool) {
    rows.reverse();
    rows.dedup_by(|next, kept| same(next, kept));
    rows.reverse();
}

/// A tag that both sides were read to hold alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseTag {
    /// Its name.
    pub name: Box<str>,
    /// What it stood for.
    pub digest: Digest,
    /// Since when it is known to stand for that on both sides, UTC seconds: older acts are settled.
    pub since_s: u32,
}

/// What both sides of a pair were last read to hold alike of one repository, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// Tags, by name.
    pub tags: Vec<BaseTag>,
    /// Untagged artifacts, by digest.
    pub untagged: Vec<Digest>,
}

impl Base {
    /// Whether both sides ever held an artifact alike, under a tag or without.
    pub(super) fn knows(&self, digest: &Digest) -> bool {
        self.untagged.binary_search(digest).is_ok() || self.tags.iter().any(|t| t.digest == *digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: u8) -> Digest {
        Digest::from_bytes([n; 32])
    }

    #[test]
    fn new_keeps_the_later_of_two_readings() {
        let tag = |name: &str, n, pushed_ms| Tag { name: name.into(), digest: digest(n), pushed_ms };
        let holding = Holding::new(vec![tag("b", 1, 1), tag("a", 2, 1), tag("b", 3, 2)], Vec::new());
        assert_eq!(holding.tags(), [tag("a", 2, 1), tag("b", 3, 2)]);
        assert_eq!(holding.tag("b").unwrap().digest, digest(3));
        assert!(holding.tag("c").is_none());
    }

    #[test]
    fn within_leaves_out_tags_that_no_rule_carries_and_what_then_has_none() {
        let artifact = |n, part| Artifact {
            digest: digest(n),
            size: 1,
            pushed_ms: 0,
            part,
            lacks: 0,
            accessories: Vec::new(),
        };
        let tag = |name: &str, n| Tag { name: name.into(), digest: digest(n), pushed_ms: 0 };
        let all = Holding::new(
            vec![tag("v1", 1), tag("latest", 1), tag("dev", 2)],
            vec![artifact(1, false), artifact(2, false), artifact(3, false), artifact(4, true)],
        );
        let only = all.clone().within(|t| t.starts_with('v'), false);
        assert_eq!(only.tags().iter().map(|t| &*t.name).collect::<Vec<_>>(), ["v1"]);
        assert_eq!(only.artifacts().iter().map(|a| a.digest).collect::<Vec<_>>(), [digest(1), digest(4)]);
        assert_eq!(only.untagged().count(), 0);
        let without = all.within(|t| t != "dev", true);
        assert_eq!(without.untagged().map(|a| a.digest).collect::<Vec<_>>(), [digest(3)]);
        assert!(without.artifact(&digest(2)).is_none(), "it had a tag, and that is left out");
    }

    #[test]
    fn without_leaves_out_tags_and_what_is_named_among_the_untagged() {
        let artifact = |n, part| Artifact {
            digest: digest(n),
            size: 1,
            pushed_ms: 0,
            part,
            lacks: 0,
            accessories: Vec::new(),
        };
        let tag = |name: &str, n| Tag { name: name.into(), digest: digest(n), pushed_ms: 0 };
        let all = Holding::new(
            vec![tag("v1", 1), tag("also", 1), tag("v2", 2)],
            (1..=5).map(|n| artifact(n, n == 5)).collect(),
        );
        let left = all.without(|t| t != "also", &HashSet::from([1, 3, 5].map(digest)));
        assert_eq!(left.tags().iter().map(|t| &*t.name).collect::<Vec<_>>(), ["also"]);
        // One has a tag left, 2 lost its only one, 3 is named, 4 is not, 5 is part of an index.
        assert_eq!(left.artifacts().iter().map(|a| a.digest).collect::<Vec<_>>(), [1, 4, 5].map(digest));
    }

    #[test]
    fn untagged_leaves_out_parts_and_what_has_a_tag() {
        let artifact = |n, part| Artifact {
            digest: digest(n),
            size: 1,
            pushed_ms: 0,
            part,
            lacks: 0,
            accessories: Vec::new(),
        };
        let tag = Tag { name: "v".into(), digest: digest(2), pushed_ms: 0 };
        let holding =
            Holding::new(vec![tag], vec![artifact(3, false), artifact(2, false), artifact(1, true)]);
        assert_eq!(holding.untagged().map(|a| a.digest).collect::<Vec<_>>(), [digest(3)]);
    }
}
