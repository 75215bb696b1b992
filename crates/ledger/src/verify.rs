//! Pulls what both sides say they hold, and hashes it. Only reading tells a registry that lists an image from one that
//! can give it: the lists come from Harbor's database, the blobs from the storage.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use harbor::{HarborError, oci::Oci};
use model::{
    Digest,
    drift::{Broken, BrokenHow, Side},
};
use serde::Deserialize;
use store::Store;

use crate::{LedgerError, Pair, base};

/// Repositories that are looked up at once.
const PAGE: u32 = 50;
/// A part that a registry fails to give is asked for once more after this time.
const AGAIN: Duration = Duration::from_secs(1);
/// An index within an index within … ends here.
const DEEPEST: u32 = 3;

/// Which artifacts are pulled.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The share, in percent.
    pub percent: u8,
    /// Each pass takes others.
    pub pass: u64,
}

/// What pulling came to.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// Artifacts that were given whole.
    pub artifacts: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Those that were not.
    pub broken: Vec<Broken>,
    /// Those that are whole again, or gone.
    pub mended: Vec<Broken>,
    /// The last repository that was looked at; `None` where there is none behind it.
    pub after: Option<String>,
}

impl Sample {
    /// Whether an artifact is among them.
    fn takes(self, digest: &Digest) -> bool {
        let [high, low, ..] = *digest.bytes();
        // Turned on by the golden section of the circle, the share comes round to everything soonest.
        let turned =
            u64::from(u16::from_be_bytes([high, low])).wrapping_add(self.pass.wrapping_mul(40_503)) % 65_536;
        turned * 100 < u64::from(self.percent) * 65_536
    }
}

/// Pulls from both sides what `sample` takes of the repositories behind `after`, until that took `time`.
///
/// # Errors
/// A side that does not answer, or does not let the console pull; those of the database.
pub async fn pull_some(
    store: &Store,
    pair: &Pair,
    sample: Sample,
    after: &str,
    time: Duration,
) -> Result<Pulled, LedgerError> {
    let started = Instant::now();
    let mut pulled = Pulled { after: Some(after.to_owned()), ..Pulled::default() };
    while let Some(after) = pulled.after.clone() {
        let page = store.ledger().repositories(&pair.id, &after, PAGE).await?;
        if page.is_empty() {
            pulled.after = None;
        }
        for (repository, _) in page {
            if started.elapsed() >= time {
                return Ok(pulled);
            }
            let body = store.ledger().known(&pair.id, &repository).await?.1.unwrap_or_default();
            let base = base::decode(&body).unwrap_or_default();
            let mut chosen: BTreeMap<Digest, Option<String>> = BTreeMap::new();
            for digest in base.untagged.iter().filter(|digest| sample.takes(digest)) {
                chosen.insert(*digest, None);
            }
            for tag in base.tags.iter().filter(|tag| sample.takes(&tag.digest)) {
                chosen.insert(tag.digest, Some(tag.name.to_string()));
            }
            if !chosen.is_empty() {
                for side in Side::BOTH {
                    pull_from(pair, side, &repository, &chosen, &mut pulled).await?;
                }
            }
            pulled.after = Some(repository);
        }
    }
    Ok(pulled)
}

/// Pulls again what was broken.
///
/// # Errors
/// As [`pull_some`].
pub async fn pull_again(pair: &Pair, broken: &[Broken]) -> Result<Pulled, LedgerError> {
    let mut pulled = Pulled::default();
    for known in broken {
        let one = BTreeMap::from([(known.artifact, known.tag.clone())]);
        let before = pulled.broken.len();
        pull_from(pair, known.side, &known.repository, &one, &mut pulled).await?;
        if pulled.broken.len() == before {
            pulled.mended.push(known.clone());
        }
    }
    Ok(pulled)
}

async fn pull_from(
    pair: &Pair,
    side: Side,
    repository: &str,
    chosen: &BTreeMap<Digest, Option<String>>,
    pulled: &mut Pulled,
) -> Result<(), LedgerError> {
    let at = &pair.sides[side.at()];
    let name = pair.scope.name_on(side, repository);
    let oci = at.projects.oci_to_pull(&name).await.map_err(|e| at.fault(e))?;
    for (artifact, tag) in chosen {
        let mut bytes = 0;
        let found = whole(&oci, &artifact.to_string(), &mut bytes, DEEPEST).await.map_err(|e| at.fault(e))?;
        let Some((part, how)) = found else {
            pulled.artifacts += 1;
            pulled.bytes += bytes;
            continue;
        };
        // What was deleted since it was compared is not broken.
        let (project, in_project) = name.split_once('/').unwrap_or((&name, ""));
        match at.projects.artifact(project, in_project, &artifact.to_string()).await {
            Ok(_) => pulled.broken.push(Broken {
                side,
                repository: repository.to_owned(),
                tag: tag.clone(),
                artifact: *artifact,
                part,
                how,
                found_ms: 0,
            }),
            Err(HarborError::NotFound(_)) => {}
            Err(other) => return Err(at.fault(other)),
        }
    }
    Ok(())
}

/// A manifest, as far as it names its parts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parts {
    config: Option<Part>,
    layers: Vec<Part>,
    manifests: Vec<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    digest: String,
    /// Where else a layer is: a foreign one is not in the registry, and is never copied.
    urls: Vec<String>,
}

/// Pulls a manifest and everything below it; the first part that is not given, and how.
async fn whole(
    oci: &Oci,
    manifest: &str,
    bytes: &mut u64,
    deep: u32,
) -> Result<Option<(String, BrokenHow)>, HarborError> {
    let body = match twice(|| oci.manifest(manifest), false).await? {
        Ok(manifest) => manifest.body,
        Err(how) => return Ok(Some((manifest.to_owned(), how))),
    };
    *bytes += body.len() as u64;
    let Ok(parts) = serde_json::from_slice::<Parts>(&body) else {
        return Ok(Some((manifest.to_owned(), BrokenHow::Altered)));
    };
    for part in parts.config.iter().chain(&parts.layers).filter(|part| part.urls.is_empty()) {
        match twice(|| oci.pull_blob(&part.digest), true).await? {
            Ok(length) => *bytes += length,
            Err(how) => return Ok(Some((part.digest.clone(), how))),
        }
    }
    if deep > 0 {
        for child in &parts.manifests {
            if let Some(found) = Box::pin(whole(oci, &child.digest, bytes, deep - 1)).await? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Asks for a part, and once more where the registry fails; an error is what says nothing about the part. `storage`
/// says that the storage may answer itself.
async fn twice<T, Answer: Future<Output = Result<T, HarborError>>>(
    ask: impl Fn() -> Answer,
    storage: bool,
) -> Result<Result<T, BrokenHow>, HarborError> {
    let mut answer = ask().await;
    if matches!(answer, Err(HarborError::Server { .. })) {
        tokio::time::sleep(AGAIN).await;
        answer = ask().await;
    }
    match answer {
        Ok(part) => Ok(Ok(part)),
        Err(HarborError::NotFound(_)) => Ok(Err(BrokenHow::Missing)),
        // So says a storage that a blob's request is sent on to, where it may not list what it holds.
        Err(HarborError::Forbidden(_)) if storage => Ok(Err(BrokenHow::Missing)),
        Err(HarborError::Garbled(_) | HarborError::Cut) => Ok(Err(BrokenHow::Altered)),
        Err(HarborError::Server { .. }) => Ok(Err(BrokenHow::Failing)),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: u16) -> Digest {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        Digest::from_bytes(bytes)
    }

    #[test]
    fn takes_a_share_and_comes_round_to_everything() {
        let taken =
            |percent, pass| (0..=u16::MAX).filter(|n| Sample { percent, pass }.takes(&digest(*n))).count();
        assert_eq!((taken(0, 3), taken(100, 3)), (0, 65_536));
        assert!((650..=660).contains(&taken(1, 7)));
        let mut passes = vec![false; 65_536];
        for pass in 0..60 {
            let sample = Sample { percent: 5, pass };
            (0..=u16::MAX).filter(|n| sample.takes(&digest(*n))).for_each(|n| passes[usize::from(n)] = true);
        }
        assert!(passes.iter().all(|seen| *seen), "each artifact has its turn");
    }
}
