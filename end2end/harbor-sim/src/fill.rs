//! Filling a node from a seed: a million artifacts in seconds, as rules instead of rows, with known differences.

use std::sync::Arc;

use crate::node::Node;
use crate::state::Image;
use crate::state::repository::{Repository, Seeded, Tag, artifact_of};

/// What to make. Equal values make equal content on every node.
#[derive(Clone, Debug)]
pub struct Fill {
    /// Decides the content.
    pub seed: u64,
    /// Begins the projects' names: `<prefix>-0`, `<prefix>-1` …
    pub prefix: String,
    /// How many projects.
    pub projects: usize,
    /// How many repositories, spread over the projects. Half of them hold one artifact.
    pub repositories: usize,
    /// How many artifacts in all.
    pub artifacts: usize,
    /// Tags of each artifact.
    pub tags_per_artifact: usize,
}

impl Default for Fill {
    fn default() -> Self {
        Self {
            seed: 1,
            prefix: "fill".to_owned(),
            projects: 20,
            repositories: 2000,
            artifacts: 100_000,
            tags_per_artifact: 1,
        }
    }
}

impl Fill {
    /// `(project, repository, artifacts)` of repository number `at`.
    fn repository(&self, at: usize) -> (String, String, usize) {
        let project = format!("{}-{}", self.prefix, at % self.projects.max(1));
        let name = format!("{project}/app-{at}");
        let small = self.repositories / 2;
        let large = self.repositories - small;
        let rest = self.artifacts.saturating_sub(small);
        let count = if at < large { rest / large + usize::from(at < rest % large) } else { 1 };
        (project, name, count)
    }
}

/// One row that [`crate::NodeHandle::diverge`] changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The artifact is gone with its tags.
    Missing {
        /// Repository with project.
        repository: String,
        /// A tag it had.
        tag: String,
        /// Its digest.
        digest: String,
    },
    /// The tag points to another, new image.
    Moved {
        /// Repository with project.
        repository: String,
        /// The tag.
        tag: String,
        /// What it pointed to.
        from: String,
        /// What it points to now.
        to: String,
    },
    /// The image is only here.
    Extra {
        /// Repository with project.
        repository: String,
        /// Its tag.
        tag: String,
        /// Its digest.
        digest: String,
    },
    /// The tag is gone, the artifact is still there.
    Untagged {
        /// Repository with project.
        repository: String,
        /// The tag.
        tag: String,
        /// The artifact.
        digest: String,
    },
}

pub(crate) fn fill(node: &Node, fill: &Fill) {
    let now = node.now() - 86_400_000;
    let mut db = node.db();
    for at in 0..fill.repositories {
        let (project, name, count) = fill.repository(at);
        let known = db.project_by_name(&project).map(|p| p.id);
        let project = match known {
            Some(id) => id,
            None => db.add_project(&project, false, 1, "admin", -1, now),
        };
        let ids = i64::try_from(count).unwrap_or(0);
        let tags = i64::try_from(count * fill.tags_per_artifact).unwrap_or(0);
        let seeded = Seeded {
            seed: fill.seed,
            count,
            tags_per_artifact: fill.tags_per_artifact,
            first_artifact: db.reserve("artifact", ids),
            first_tag: db.reserve("tag", tags),
            pushed: now,
        };
        let id = db.next("repository");
        db.insert_repository(Repository::seeded(id, project, &name, seeded));
    }
}

/// A small generator: the same sequence for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % (below.max(1) as u64)).unwrap_or(0)
    }
}

pub(crate) fn diverge(node: &Arc<Node>, fill: &Fill, count: usize) -> Vec<Difference> {
    let mut dice = Dice(fill.seed ^ 0x00D1_FFE2);
    let mut all = Vec::new();
    let mut used = std::collections::HashSet::new();
    let mut tries = 0;
    while all.len() < count && tries < count * 20 + 100 {
        tries += 1;
        let (_, name, artifacts) = fill.repository(dice.roll(fill.repositories));
        let index = dice.roll(artifacts);
        if artifacts == 0 || !used.insert((name.clone(), index)) {
            continue;
        }
        crate::oci::manifests::make_real(node, &name);
        all.extend(change(node, &name, index, all.len()));
    }
    all
}

/// Changes one row without events or audit rows, as a difference of long ago.
fn change(node: &Node, repository: &str, index: usize, kind: usize) -> Option<Difference> {
    let now = node.now();
    let repository = repository.to_owned();
    let tag = format!("v{index}");
    let image = Image::new(format!("difference {repository} {index}"));
    let mut db = node.db();
    let (id, tag_id) = (db.next("artifact"), db.next("tag"));
    let old = db.repository(&repository)?.rows().by_reference(&tag).map(|a| (a.id, a.digest.clone()))?;
    if kind.is_multiple_of(4) {
        db.remove_artifact(&repository, old.0);
        return Some(Difference::Missing { repository, tag, digest: old.1 });
    }
    let rows = db.repository_mut(&repository)?.rows_mut();
    let difference = match kind % 4 {
        1 => {
            rows.artifacts.push(artifact_of(id, &image, now)?);
            let row = rows.tags.iter_mut().find(|t| t.name == tag)?;
            row.artifact = id;
            Difference::Moved { repository: repository.clone(), tag, from: old.1, to: image.digest.clone() }
        }
        2 => {
            rows.artifacts.push(artifact_of(id, &image, now)?);
            let tag = format!("extra-{index}");
            let row =
                Tag { id: tag_id, name: tag.clone(), artifact: id, pushed: now, pulled: crate::clock::NEVER };
            rows.tags.push(row);
            Difference::Extra { repository: repository.clone(), tag, digest: image.digest.clone() }
        }
        _ => {
            rows.tags.retain(|t| t.name != tag);
            return Some(Difference::Untagged { repository, tag, digest: old.1 });
        }
    };
    drop(db);
    node.storage().put_image(&repository, &image);
    Some(difference)
}
