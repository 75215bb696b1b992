//! Repositories with their artifacts and tags. A filled repository is a rule, not rows: its rows are made
//! when somebody asks, and become real ones at the first change.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::image::{Image, ManifestFacts, extra_attrs};
use crate::clock::{Millis, NEVER};

#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) artifact: i64,
    pub(crate) pushed: Millis,
    pub(crate) pulled: Millis,
}

/// One manifest.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) id: i64,
    pub(crate) digest: String,
    pub(crate) facts: Arc<ManifestFacts>,
    /// The image's config as `extra_attrs`; null when there is none.
    pub(crate) attrs: Arc<Value>,
    /// Bytes of the manifest and all it refers to.
    pub(crate) size: u64,
    /// Bytes of the manifest alone.
    pub(crate) manifest_size: u64,
    pub(crate) pushed: Millis,
    pub(crate) pulled: Millis,
    pub(crate) labels: Vec<i64>,
    /// `(artifact id, platform)` of an index's children.
    pub(crate) children: Vec<(i64, Value)>,
    /// Artifact id of the subject: a signature, an SBOM.
    pub(crate) subject: Option<i64>,
}

/// The rows of a repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) tags: Vec<Tag>,
}

impl Rows {
    pub(crate) fn by_id(&self, id: i64) -> Option<&Artifact> {
        self.artifacts.iter().find(|a| a.id == id)
    }

    pub(crate) fn by_digest(&self, digest: &str) -> Option<&Artifact> {
        self.artifacts.iter().find(|a| a.digest == digest)
    }

    pub(crate) fn tag(&self, name: &str) -> Option<&Tag> {
        self.tags.iter().find(|t| t.name == name)
    }

    /// By digest or by tag.
    pub(crate) fn by_reference(&self, reference: &str) -> Option<&Artifact> {
        if is_digest(reference) {
            return self.by_digest(reference);
        }
        self.tag(reference).and_then(|t| self.by_id(t.artifact))
    }

    pub(crate) fn tags_of(&self, id: i64) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(move |t| t.artifact == id)
    }
}

/// `sha256:` and 64 hexadecimal digits.
pub(crate) fn is_digest(reference: &str) -> bool {
    reference.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// A repository as a rule: artifact `i` is the image of the text `seed/name/i`.
#[derive(Clone, Debug)]
pub(crate) struct Seeded {
    pub(crate) seed: u64,
    pub(crate) count: usize,
    pub(crate) tags_per_artifact: usize,
    pub(crate) first_artifact: i64,
    pub(crate) first_tag: i64,
    pub(crate) pushed: Millis,
}

impl Seeded {
    pub(crate) fn image(&self, name: &str, index: usize) -> Image {
        Image::new(format!("seed {} {name} {index}", self.seed))
    }

    /// About what the images take: they are all alike, and near enough for a quota.
    pub(crate) fn bytes(&self) -> u64 {
        const EACH: u64 = 700;
        self.count as u64 * EACH
    }

    fn rows(&self, name: &str) -> Rows {
        let mut rows = Rows::default();
        let mut tag_id = self.first_tag;
        for index in 0..self.count {
            let image = self.image(name, index);
            let id = self.first_artifact + i64::try_from(index).unwrap_or(0);
            let pushed = self.pushed + i64::try_from(index).unwrap_or(0);
            rows.artifacts.extend(artifact_of(id, &image, pushed));
            for extra in 0..self.tags_per_artifact {
                let tag = if extra == 0 { format!("v{index}") } else { format!("v{index}-{extra}") };
                rows.tags.push(Tag { id: tag_id, name: tag, artifact: id, pushed, pulled: NEVER });
                tag_id += 1;
            }
        }
        rows
    }
}

/// The row of an image pushed at `pushed`.
pub(crate) fn artifact_of(id: i64, image: &Image, pushed: Millis) -> Option<Artifact> {
    let facts = ManifestFacts::read(&image.media_type, &image.manifest)?;
    let manifest_size = image.manifest.len() as u64;
    let size = facts.blobs.iter().map(|(_, size)| size).sum::<u64>() + manifest_size;
    let attrs = image.blobs.first().map(|(_, config)| extra_attrs(config)).unwrap_or_default();
    Some(Artifact {
        id,
        digest: image.digest.clone(),
        facts: Arc::new(facts),
        attrs: Arc::new(attrs),
        size,
        manifest_size,
        pushed,
        pulled: NEVER,
        labels: Vec::new(),
        children: Vec::new(),
        subject: None,
    })
}

#[derive(Clone, Debug)]
enum Content {
    Real(Rows),
    Seeded(Seeded),
}

/// A repository; `name` holds the project.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    pub(crate) id: i64,
    pub(crate) project: i64,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
    pub(crate) pulls: i64,
    content: Content,
}

impl Repository {
    pub(crate) fn new(id: i64, project: i64, name: &str, now: Millis) -> Self {
        Self {
            id,
            project,
            name: name.to_owned(),
            description: String::new(),
            created: now,
            updated: now,
            pulls: 0,
            content: Content::Real(Rows::default()),
        }
    }

    pub(crate) fn seeded(id: i64, project: i64, name: &str, seeded: Seeded) -> Self {
        let mut repository = Self::new(id, project, name, seeded.pushed);
        repository.content = Content::Seeded(seeded);
        repository
    }

    /// The rows, made now when the repository is a rule.
    pub(crate) fn rows(&self) -> Cow<'_, Rows> {
        match &self.content {
            Content::Real(rows) => Cow::Borrowed(rows),
            Content::Seeded(seeded) => Cow::Owned(seeded.rows(&self.name)),
        }
    }

    /// The rows, to be changed; a rule is replaced by the rows it stands for.
    pub(crate) fn rows_mut(&mut self) -> &mut Rows {
        if let Content::Seeded(seeded) = &self.content {
            self.content = Content::Real(seeded.rows(&self.name));
        }
        match &mut self.content {
            Content::Real(rows) => rows,
            Content::Seeded(_) => unreachable!("replaced just above"),
        }
    }

    /// The rule, when this is one.
    pub(crate) fn as_seeded(&self) -> Option<&Seeded> {
        match &self.content {
            Content::Seeded(seeded) => Some(seeded),
            Content::Real(_) => None,
        }
    }

    /// Artifacts the list counts: neither children of an index nor accessories.
    pub(crate) fn artifact_count(&self) -> usize {
        match &self.content {
            Content::Seeded(seeded) => seeded.count,
            Content::Real(rows) => rows.artifacts.iter().filter(|a| is_listed(rows, a)).count(),
        }
    }

    /// Smallest and largest artifact id, without making rows.
    pub(crate) fn id_range(&self) -> Option<(i64, i64)> {
        match &self.content {
            Content::Seeded(s) if s.count > 0 => {
                Some((s.first_artifact, s.first_artifact + i64::try_from(s.count).ok()? - 1))
            }
            Content::Seeded(_) => None,
            Content::Real(rows) => {
                let ids = rows.artifacts.iter().map(|a| a.id);
                Some((ids.clone().min()?, ids.max()?))
            }
        }
    }

    /// The name without the project.
    pub(crate) fn short_name(&self) -> &str {
        self.name.split_once('/').map_or(self.name.as_str(), |(_, rest)| rest)
    }
}

/// Default lists leave out untagged children of an index; accessories are in no list.
pub(crate) fn is_listed(rows: &Rows, artifact: &Artifact) -> bool {
    if artifact.subject.is_some() {
        return false;
    }
    rows.tags_of(artifact.id).next().is_some() || !is_child(rows, artifact.id)
}

/// Some index has it as a child.
pub(crate) fn is_child(rows: &Rows, id: i64) -> bool {
    rows.artifacts.iter().any(|a| a.children.iter().any(|(child, _)| *child == id))
}
