//! Restoring what a heal replaced or deleted.

use model::{
    AppError,
    drift::Direction,
    heal::{HealItem, KeptView},
    health::HealthState,
    ids::{LeftoverId, RunId},
    names::NodeName,
    run::{RunKind, RunState},
    say,
    spec::ClusterSpec,
};
use store::leftovers::LeftoverRow;

use super::{Answered, Clusters};
use crate::{
    announce::News,
    pairs,
    plan::put_back_step,
    records::{self, RunBody},
    steps::{KEPT, Kept},
};

impl Clusters {
    /// What a run replaced or deleted and keeps for a time, in the order it was done.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn kept_by_heal(&self, run: &RunId) -> Answered<Vec<KeptView>> {
        let rows = self.store.leftovers().of_run(run).await?;
        Ok(rows.iter().filter_map(view).collect())
    }

    /// Puts back what is kept: its tag stands again for it where it was kept, or at the source where images go one way,
    /// and the comparison after that carries it on as what a person did. What had no tag stands by itself again.
    ///
    /// # Errors
    /// `restore.none` where it is not kept any more, `heal.busy` while the pair is healed, `change.busy`
    /// while its cluster is being changed.
    pub async fn restore(&self, id: &LeftoverId, by: &str) -> Answered<RunId> {
        let row = self.store.leftovers().get(id).await?;
        let kept = Kept::of(&row).filter(|_| row.removed_ms.is_none());
        let (Some(kept), Some(run)) = (kept, &row.run_id) else { return Err(not_kept()) };
        let body: RunBody = self.store.runs().get(run).await?.body_as()?;
        let pair = body.pair.ok_or_else(not_kept)?;
        let known = pairs::known(&self.store, &pair).await?;
        if self.healing(&pair).await?.is_some() {
            return Err(super::heals::busy());
        }
        let cluster = &known.row.cluster_id;
        self.refuse_busy(cluster).await?;
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let node = match known.direction {
            Direction::Both => NodeName::parse(&row.node)?,
            // The copies hold what the first node holds.
            Direction::AToB => spec.nodes.first().map_or_else(|| known.names[0].clone(), |n| n.name.clone()),
        };
        let settings = records::cluster_record(&self.store, cluster).await?.settings;
        let item = HealItem {
            repository: kept.source.unwrap_or(kept.repository),
            lands_on: None,
            tag: kept.tag,
            from: Some(kept.digest),
            there: None,
            whole: false,
            must_keep: false,
        };
        let steps = vec![put_back_step(&pair, &node, item, settings.keep_days)];
        let run = self.begin_on(cluster, RunKind::Restore, steps, Some(pair.clone()), by).await?;
        self.tell_pair(&pair).await;
        Ok(run)
    }

    /// What was put back is compared at once, and carried on where the policy allows it.
    pub(super) async fn put_back(&self, body: &RunBody, state: RunState) {
        let Some(pair) = &body.pair else { return };
        self.tell_pair(pair).await;
        if state != RunState::Succeeded {
            return;
        }
        self.comparisons.note_put_back(pair, self.now_ms());
        self.begin_comparing(pair.clone(), ledger::Depth::Due);
        let Some(step) = body.steps.first() else { return };
        let (node, what) = (&step.node, step.what.items().first().map(HealItem::name).unwrap_or_default());
        self.announce
            .record(News {
                code: "pair.restored_tag",
                state: HealthState::Up,
                text: say!("{what} was restored on {node}.", "{what} 已在 {node} 上还原。"),
                by: body.by.clone(),
                cluster: body.cluster.clone(),
                node: None,
            })
            .await;
    }
}

fn view(row: &LeftoverRow) -> Option<KeptView> {
    if row.kind != KEPT {
        return None;
    }
    let kept = Kept::of(row)?;
    Some(KeptView {
        id: row.id.clone(),
        node: NodeName::parse(&row.node).ok()?,
        repository: kept.repository,
        tag: kept.tag,
        digest: kept.digest,
        kept_as: kept.kept_as,
        until_ms: row.due_ms?,
        gone: row.removed_ms.is_some(),
    })
}

fn not_kept() -> AppError {
    AppError::new(
        "restore.none",
        409,
        say!("This is not kept any more.", "该内容已不再保留。"),
        say!("Push it again from where it still is.", "请从仍有该镜像的地方重新推送。"),
    )
}
