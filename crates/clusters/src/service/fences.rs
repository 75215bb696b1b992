//! Fences: what is held while a heal is at work, or while nobody knows what a node that was away brings with it. One
//! that nobody needs any more is lifted; one that a failed run left behind is a person's to lift or keep.

use std::time::Duration;

use model::{
    AppError,
    drift::{Direction, PairView, Side},
    heal::{FenceView, FenceWhat},
    health::HealthState,
    ids::{LeftoverId, PairId, RunId},
    names::NodeName,
    plan::{PlannedStep, StepWhat},
    run::{RunKind, RunState},
    say,
    say::duration,
};
use store::leftovers::LeftoverRow;

use super::{Answered, BY_ITSELF, Clusters, random_tag};
use crate::{
    announce::News,
    pairs::{self, Known},
    plan,
    reach::Account,
    records::{self, RunBody},
    steps::{FENCE, Held, READ_ONLY, ROBOT_FENCE},
};

impl Clusters {
    /// Lets a fence go that a person does not need. Read-only mode is ended by an administrator of that node.
    ///
    /// # Errors
    /// `fence.none` where it is lifted already, `fence.account` where an administrator's account is missing,
    /// `heal.busy` and `change.busy` while something is at work.
    pub async fn lift_fence(&self, id: &LeftoverId, account: Option<Account>, by: &str) -> Answered<RunId> {
        let row = self.store.leftovers().get(id).await?;
        let (known, fence) = self.standing(&row).await?.ok_or_else(no_fence)?;
        if self.healing(&known.row.id).await?.is_some() {
            return Err(super::heals::busy());
        }
        let cluster = &known.row.cluster_id;
        self.refuse_busy(cluster).await?;
        let steps = vec![plan::release_step(&fence)];
        let run = match fence.what {
            FenceWhat::Rule | FenceWhat::Robot => {
                self.begin_on(cluster, RunKind::Fence, steps, Some(known.row.id.clone()), by).await?
            }
            FenceWhat::ReadOnly => {
                let account = account.ok_or_else(|| no_account(&fence.node))?;
                self.begin_as(&known, &fence.node, account, steps, by).await?
            }
        };
        self.tell_pair(&known.row.id).await;
        Ok(run)
    }

    /// Leaves a fence as it is: a person wants it so, and is not asked again.
    ///
    /// # Errors
    /// `fence.none` where it is lifted already.
    pub async fn keep_fence(&self, id: &LeftoverId, by: &str) -> Answered<PairView> {
        let row = self.store.leftovers().get(id).await?;
        let (known, _) = self.standing(&row).await?.ok_or_else(no_fence)?;
        let held = Held { kept_by: Some(by.to_owned()), ..Held::of(&row) };
        let reference = serde_json::to_value(&held).unwrap_or_default();
        let (run, due) = (row.run_id.as_ref(), row.due_ms);
        self.store.leftovers().register(&row.node, &row.kind, &row.name, &reference, run, due).await?;
        self.tell_pair(&known.row.id).await;
        self.pair(&known.row.id).await
    }

    /// A fence that stands and that no run is about to lift, and its pair.
    async fn standing(&self, row: &LeftoverRow) -> Answered<Option<(Known, FenceView)>> {
        let (None, Some(what), Some(run)) = (row.removed_ms, what(row), &row.run_id) else {
            return Ok(None);
        };
        let Ok(node) = NodeName::parse(&row.node) else { return Ok(None) };
        let run = self.store.runs().get(run).await?;
        if run.state == RunState::Running {
            return Ok(None);
        }
        let body: RunBody = run.body_as()?;
        let held = Held::of(row);
        let Some(pair) = held.pair.or(body.pair) else { return Ok(None) };
        let since_ms = match what {
            FenceWhat::Rule | FenceWhat::Robot => row.made_ms,
            // It is noted before it is so: what was read until the run was over may have changed after that.
            FenceWhat::ReadOnly => run.ended_ms.unwrap_or(row.made_ms),
        };
        let fence = FenceView {
            id: row.id.clone(),
            node,
            name: row.name.clone(),
            what,
            since_ms,
            run: run.id,
            kept_by: held.kept_by,
        };
        match pairs::known(&self.store, &pair).await {
            Ok(known) => Ok(Some((known, fence))),
            // Its nodes are no pair any more.
            Err(error) if error.code == "store.not_found" => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The fences of a pair that no run is about to lift.
    pub(super) async fn fences(&self, id: &PairId) -> Answered<Vec<FenceView>> {
        let mut out = Vec::new();
        for kind in [FENCE, ROBOT_FENCE, READ_ONLY] {
            for row in self.store.leftovers().all_standing(kind).await? {
                out.extend(
                    self.standing(&row).await?.filter(|(known, _)| known.row.id == *id).map(|(_, f)| f),
                );
            }
        }
        Ok(out)
    }

    /// After a comparison that failed: a side that has been away for longer than the team allows may not write to the
    /// other when it comes back, before the two were compared.
    pub(super) async fn fence_absent(&self, id: &PairId) -> Answered<()> {
        let known = pairs::known(&self.store, id).await?;
        let cluster = &known.row.cluster_id;
        let record = records::cluster_record(&self.store, cluster).await?;
        let after = Duration::from_secs(u64::from(record.settings.fence_after_s));
        // Where images go one way, what comes late from the source is right.
        if !record.heals.acts() || after.is_zero() || known.direction != Direction::Both {
            return Ok(());
        }
        let answers = self.answers(&known).await?;
        let away = Side::BOTH.map(|side| self.comparisons.away(id, side, !answers[side.at()]));
        for (side, away) in Side::BOTH.into_iter().zip(away) {
            let Some(lasted) = away.filter(|lasted| *lasted >= after && answers[side.other().at()]) else {
                continue;
            };
            let links = known.links();
            let Some(link) = links.iter().find(|link| link.source == known.names[side.at()]) else {
                continue;
            };
            let stands = self
                .fences(id)
                .await?
                .iter()
                .any(|f| f.what == FenceWhat::Robot && f.node == link.destination);
            if stands || self.refuse_busy(cluster).await.is_err() {
                continue;
            }
            let steps = vec![plan::fence_link_step(id, link)];
            self.begin_on(cluster, RunKind::Fence, steps, None, BY_ITSELF).await?;
            let (from, to) = (&link.source, &link.destination);
            let model::Say { en, zh } = duration(i64::try_from(lasted.as_millis()).unwrap_or(i64::MAX));
            self.announce
                .record(News {
                    code: "pair.fenced",
                    state: HealthState::Degraded,
                    text: say!(
                        "{from} has been away for {en}: it may not write to {to} before the two were compared.",
                        "{from} 已离线 {zh}：在两端比较之前，它不能写入 {to}。"
                    ),
                    by: BY_ITSELF.to_owned(),
                    cluster: Some(cluster.clone()),
                    node: None,
                })
                .await;
        }
        Ok(())
    }

    /// After a comparison, and the heal that follows from it: a side that came back may write again, once what it had
    /// under way is stopped. A fence that a guard or a person holds up stays.
    pub(super) async fn let_write_again(&self, id: &PairId) -> Answered<()> {
        self.comparisons.all_here(id);
        let fences = self.fences(id).await?;
        let stands = |f: &&FenceView| f.what == FenceWhat::Robot && f.kept_by.is_none();
        let (_, _, held_back) = self.comparisons.of(id);
        if fences.iter().find(stands).is_none() || held_back.is_some() || self.healing(id).await?.is_some() {
            return Ok(());
        }
        let known = pairs::known(&self.store, id).await?;
        let cluster = &known.row.cluster_id;
        if self.refuse_busy(cluster).await.is_err() {
            return Ok(());
        }
        let held = |node: &NodeName| fences.iter().filter(stands).any(|f| f.node == *node);
        let links: Vec<_> = known.links().into_iter().filter(|link| held(&link.destination)).collect();
        let steps = plan::let_write_steps(&links, &random_tag()?);
        self.begin_on(cluster, RunKind::Fence, steps, Some(id.clone()), BY_ITSELF).await?;
        Ok(())
    }
}

impl Clusters {
    /// Tells the pages of a pair what is held, once a run has changed that.
    pub(super) async fn tell_fence(&self, body: &RunBody) {
        let of_step = |step: &PlannedStep| match &step.what {
            StepWhat::FenceLink { pair, .. } => Some(pair.clone()),
            _ => None,
        };
        if let Some(pair) = body.pair.clone().or_else(|| body.steps.iter().find_map(of_step)) {
            self.tell_pair(&pair).await;
        }
    }
}

/// What a leftover holds; `None` for one that holds nothing.
fn what(row: &LeftoverRow) -> Option<FenceWhat> {
    match row.kind.as_str() {
        FENCE => Some(FenceWhat::Rule),
        ROBOT_FENCE => Some(FenceWhat::Robot),
        READ_ONLY => Some(FenceWhat::ReadOnly),
        _ => None,
    }
}

fn no_fence() -> AppError {
    AppError::new(
        "fence.none",
        409,
        say!("Nothing is held there any more.", "那里已没有被暂停的内容。"),
        say!("Reload the page.", "请重新加载页面。"),
    )
}

fn no_account(node: &NodeName) -> AppError {
    AppError::new(
        "fence.account",
        422,
        say!(
            "Only an administrator of {node} may switch read-only mode off.",
            "只有 {node} 的管理员可以关闭只读模式。"
        ),
        say!("Give its name and password.", "请提供管理员的用户名和密码。"),
    )
    .at("account")
}
