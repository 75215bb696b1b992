//! Pulling and hashing a share of what both sides of a pair hold, in the background and little at a time.

use std::time::Duration;

use ledger::{Pulled, Sample, pull_again, pull_some};
use model::{
    drift::{Broken, Verified},
    health::HealthState,
    say,
    spec::ClusterSpec,
};
use serde::{Deserialize, Serialize};

use super::{Answered, Clusters};
use crate::{
    announce::News,
    pairs::{self, Known},
    records,
};

/// How long is pulled at once; then others have their turn.
const SLICE: Duration = Duration::from_secs(20);
/// A pass begins so long after the last one began, milliseconds.
const PASS_MS: i64 = 86_400_000;

/// Where the passes of a pair stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Verifying {
    /// Which pass it is.
    pub pass: u64,
    /// What is up to this repository was looked at; `None` between two passes.
    pub after: Option<String>,
    /// What is told.
    pub verified: Verified,
}

impl Clusters {
    /// Pulls a little from the pairs whose turn it is, one replica at a time.
    pub(super) async fn verify_due(&self, holder: &str) -> Answered<()> {
        for known in pairs::all(&self.store).await? {
            if !self.store.leases().take("clusters.verify", holder, SLICE * 6).await? {
                return Ok(());
            }
            let percent =
                records::cluster_record(&self.store, &known.row.cluster_id).await?.settings.verify_percent;
            if percent == 0 || self.healing(&known.row.id).await?.is_some() {
                continue;
            }
            if let Err(error) = self.verify(&known, percent).await {
                tracing::warn!(pair = %known.row.id, code = %error.code, "a pair could not be pulled from");
            }
        }
        Ok(())
    }

    async fn verify(&self, known: &Known, percent: u8) -> Answered<()> {
        let (id, cluster, now_ms) = (&known.row.id, &known.row.cluster_id, self.now_ms());
        let before = records::verifying(&self.store, cluster).await?.remove(id).unwrap_or_default();
        let mut now = before.clone();
        let begins = now.after.is_none();
        let over = now.verified.percent == percent && now_ms - now.verified.began_ms < PASS_MS;
        if begins && over {
            return Ok(());
        }
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(cluster).await?)?;
        let pair = pairs::at_hand(&self.store, known, &spec, &reach).await?;
        if begins || now.verified.percent != percent {
            let broken = now.verified.broken;
            now = Verifying {
                pass: now.pass + 1,
                after: Some(String::new()),
                verified: Verified { began_ms: now_ms, percent, broken, ..Verified::default() },
            };
            let pulled = pull_again(&pair, &now.verified.broken).await.map_err(pairs::of_ledger)?;
            now.take(pulled, now_ms, false);
        }
        let sample = Sample { percent, pass: now.pass };
        let after = now.after.clone().unwrap_or_default();
        let pulled = pull_some(&self.store, &pair, sample, &after, SLICE).await.map_err(pairs::of_ledger)?;
        now.take(pulled, now_ms, true);
        if now.after.is_none() {
            now.verified.ended_ms = Some(self.now_ms());
        }
        let (broken_before, broken) = (before.verified.broken, now.verified.broken.clone());
        let mut all = records::verifying(&self.store, cluster).await?;
        all.insert(id.clone(), now);
        records::put_verifying(&self.store, cluster, &all).await?;
        self.tell_broken(known, &broken_before, &broken).await;
        self.tell_pair(id).await;
        Ok(())
    }

    /// Told once each: what cannot be given, and what can be given again.
    async fn tell_broken(&self, known: &Known, before: &[Broken], now: &[Broken]) {
        let cluster = &known.row.cluster_id;
        for found in now.iter().filter(|new| !before.iter().any(|old| old.is(new))) {
            let (name, node) = (found.name(), &known.names[found.side.at()]);
            let text = say!(
                "{name} cannot be pulled from {node}, though it is listed there.",
                "{node} 上列有 {name}，但无法拉取。"
            );
            self.announce
                .record(News::of_cluster(cluster, "pair.broken", HealthState::Degraded, text, ""))
                .await;
        }
        for over in before.iter().filter(|old| !now.iter().any(|new| old.is(new))) {
            let (name, node) = (over.name(), &known.names[over.side.at()]);
            let text = say!(
                "{name} can be pulled from {node} again, or is gone.",
                "{name} 已能从 {node} 拉取，或已不存在。"
            );
            self.announce.record(News::of_cluster(cluster, "pair.mended", HealthState::Up, text, "")).await;
        }
    }

    /// What was pulled of a pair; `None` where that was never asked for.
    pub(super) async fn verified(&self, known: &Known) -> Answered<Option<Verified>> {
        let mut all = records::verifying(&self.store, &known.row.cluster_id).await?;
        Ok(all.remove(&known.row.id).map(|v| v.verified))
    }
}

impl Verifying {
    fn take(&mut self, pulled: Pulled, now_ms: i64, moves: bool) {
        let Pulled { artifacts, bytes, broken, mended, after } = pulled;
        if moves {
            self.after = after;
            self.verified.artifacts += artifacts;
            self.verified.bytes += bytes;
        }
        self.verified.broken.retain(|known| !mended.contains(known));
        for found in broken {
            self.verified.note(Broken { found_ms: now_ms, ..found });
        }
    }
}
