//! Everything one Harbor holds, small enough to keep a million artifacts in memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use harbor::api::artifacts::Artifact;

/// The first 32 bytes of a digest's hexadecimal part: all of a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads `sha256:…` or `sha512:…`; `None` for what is no digest.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.split_once(':')?.1.as_bytes();
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.get(..64)?.chunks(2)) {
            let [high, low] = pair else { return None };
            let digit = |c: u8| char::from(c).to_digit(16);
            *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
        }
        Some(Self(bytes))
    }
}

/// One repository's artifacts and tags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    /// Size in bytes by digest; a child of an index counts 0, since the index's size holds it.
    pub(crate) artifacts: HashMap<Digest, u64>,
    /// What each tag stands for.
    pub(crate) tags: BTreeMap<Box<str>, Digest>,
}

/// All artifacts and tags of one Harbor, by repository (`project/repository`).
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    pub(crate) repositories: BTreeMap<Box<str>, Holding>,
}

impl Inventory {
    /// Adds rows of one repository. A row met twice counts once.
    pub fn add<'a>(&mut self, repository: &str, rows: impl IntoIterator<Item = &'a Artifact>) {
        let rows: Vec<&Artifact> = rows.into_iter().collect();
        let children: HashSet<&str> =
            rows.iter().flat_map(|a| a.references.iter().map(|r| r.child_digest.as_str())).collect();
        let holding = self.repositories.entry(repository.into()).or_default();
        for row in &rows {
            let Some(digest) = Digest::parse(&row.digest) else { continue };
            let size = if children.contains(row.digest.as_str()) { 0 } else { row.size };
            holding.artifacts.insert(digest, size);
            for tag in &row.tags {
                holding.tags.insert(tag.name.as_str().into(), digest);
            }
        }
    }

    /// How many artifacts there are.
    pub fn artifacts(&self) -> u64 {
        self.repositories.values().map(|r| r.artifacts.len() as u64).sum()
    }

    /// How many tags there are.
    pub fn tags(&self) -> u64 {
        self.repositories.values().map(|r| r.tags.len() as u64).sum()
    }
}
