//! The steps of a heal. Everything is looked at again just before it is done: what has changed since the plan was made
//! is left alone, and what is there already is not done twice.

mod carry;
mod carry_all;
mod delete;
mod fence;
mod fence_link;
mod kept;
mod put_back;
mod read_only;
mod temporary;

use async_trait::async_trait;
use harbor::{Harbor, HarborError};
use ledger::Depth;
use model::{
    Digest, Say,
    drift::{Direction, Side},
    heal::{Decision, HealItem},
    ids::PairId,
    names::NodeName,
    say,
    say::count,
};

use super::{AtNode, Cx, Done, Made, StepError, Work};
use crate::pairs::{self, Known};
use kept::Keeping;

pub(super) use carry::{Carry, take_tag_away};
pub(super) use carry_all::CarryAll;
pub(super) use delete::DeleteThere;
pub(super) use fence::{Fence, LiftFence, let_run};
pub(crate) use fence_link::Held;
pub(super) use fence_link::{FenceLink, Release, enable};
pub(crate) use kept::Kept;
pub(super) use kept::let_go;
pub(super) use put_back::PutBack;
pub(super) use read_only::{ReadOnly, take_pushes};

/// What became of the tags of a step.
#[derive(Debug, Default)]
struct Tally {
    done: u64,
    /// Something else is there than when the plan was made.
    changed: u64,
    failed: u64,
    /// Why the first one failed.
    why: Option<StepError>,
    /// What can be restored.
    kept: u64,
    /// What cannot, though it should.
    not_kept: u64,
    /// Why the first one cannot.
    why_not_kept: Option<Say>,
    /// What was left, since what it replaces could not be kept.
    spared: u64,
    /// Why the first one could not.
    why_spared: Option<Say>,
}

impl Tally {
    fn fail(&mut self, tags: u64, why: StepError) {
        self.failed += tags;
        self.why.get_or_insert(why);
    }

    fn spare(&mut self, why: Say) {
        self.spared += 1;
        self.why_spared.get_or_insert(why);
    }

    fn kept(&mut self, keeping: Keeping) {
        match keeping {
            Keeping::Kept => self.kept += 1,
            Keeping::Off => {}
            Keeping::Not(why) => {
                self.not_kept += 1;
                self.why_not_kept.get_or_insert(why);
            }
        }
    }

    /// What is told of the step; an error where nothing at all could be done.
    fn told(self) -> Done<Made> {
        let Self { done, changed, failed, why, kept, not_kept, why_not_kept, spared, why_spared } = self;
        if let Some(why) = why.filter(|_| done == 0 && changed == 0 && spared == 0) {
            return Err(why);
        }
        let (done, failed_n) = (count(done), count(failed));
        let mut outcome = say!("{done} done", "完成 {done} 个");
        if changed > 0 {
            let n = count(changed);
            outcome.en += &format!(", {n} had changed and were left");
            outcome.zh += &format!("，{n} 个已发生变化，保持不变");
        }
        if failed > 0 {
            outcome.en += &format!(", {failed_n} failed");
            outcome.zh += &format!("，{failed_n} 个失败");
        }
        if kept > 0 {
            let n = count(kept);
            outcome.en += &format!(", {n} can be restored");
            outcome.zh += &format!("，{n} 个可还原");
        }
        if let Some(Say { en, zh }) = why_not_kept {
            let n = count(not_kept);
            outcome.en += &format!(", {n} cannot be restored: {en}");
            outcome.zh += &format!("，{n} 个无法还原：{zh}");
        }
        if let Some(Say { en, zh }) = why_spared {
            let n = count(spared);
            outcome.en += &format!(", {n} left, since the older could not be kept: {en}");
            outcome.zh += &format!("，{n} 个因无法保留较旧的而保持不变：{zh}");
        }
        Ok(Made { id: None, outcome })
    }
}

/// A tag that its project protects.
fn immutable(item: &HealItem, node: &NodeName) -> StepError {
    let name = item.name();
    StepError::refused(
        "heal.immutable",
        say!("{name} is immutable on {node}.", "{name} 在 {node} 上不可变。"),
        say!(
            "Change the immutability rule of its project, or leave the difference.",
            "请更改其项目的不可变规则，或保留该差异。"
        ),
    )
}

/// What a tag stands for on a node now, or whether it has an artifact without one; `None` where it, its repository or
/// its project is not there.
async fn held(harbor: &Harbor, node: &NodeName, item: &HealItem) -> Done<Option<Digest>> {
    let (project, repository) = item.place();
    let reference = match (&item.tag, item.there.or(item.from)) {
        (Some(tag), _) => tag.clone(),
        (None, Some(digest)) => digest.to_string(),
        (None, None) => return Ok(None),
    };
    match harbor.artifact(project, repository, &reference).await {
        Ok(artifact) => Ok(Digest::parse(&artifact.digest)),
        // A project that is not there is forbidden to all but administrators.
        Err(HarborError::NotFound(_) | HarborError::Forbidden(_)) => Ok(None),
        Err(other) => Err(other).at(node),
    }
}

/// The pair is compared again, and the difference told.
pub(super) struct CompareAgain {
    pub(super) pair: PairId,
    pub(super) before: u64,
    pub(super) decided: Option<Decision>,
}

#[async_trait]
impl Work for CompareAgain {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let known = pairs::known(&cx.store, &self.pair).await.map_err(refused)?;
        let pair = pairs::at_hand(&cx.store, &known, &cx.body.spec, &cx.reach).await.map_err(refused)?;
        if let Some(decision) = &self.decided {
            settle(cx, &known, &pair, decision).await?;
        }
        let compared = ledger::compare_pair(&cx.store, &pair, Depth::Changed, &|_| {}).await;
        compared.map_err(|e| refused(pairs::of_ledger(e)))?;
        let totals = cx.store.ledger().drift_totals(&self.pair).await?;
        let after = pairs::counted(&totals);
        let (before, after) = (count(self.before), count(after));
        Ok(Made {
            id: None, outcome: say!("{before} → {after} differences", "差异 {before} → {after} 处")
        })
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        Ok(())
    }
}

/// What people did before is settled by what somebody decided since.
async fn settle(cx: &Cx, known: &Known, pair: &ledger::Pair, decision: &Decision) -> Done<()> {
    let Decision { repository, thing, keep } = decision;
    let nodes = [&known.row.node_a, &known.row.node_b];
    // A deletion of the whole artifact names no tag, and would stand against the tag for good: between two masters the
    // decision is an act of its own, as a push would be.
    let kept = keep.side().filter(|_| known.direction == Direction::Both && !thing.starts_with('@'));
    if let Some(on) = kept {
        let node = &known.names[on.at()];
        let item = HealItem {
            repository: repository.clone(),
            tag: Some(thing.clone()),
            from: None,
            there: None,
            lands_on: None,
            whole: false,
            must_keep: false,
        };
        if let Some(digest) = held(&cx.at(node)?.projects, node, &item).await? {
            let place = (repository.as_str(), Some(thing.as_str()));
            let noted = ledger::put_back(&cx.store, nodes, on, place, digest, &cx.body.by).await;
            return noted.map_err(|e| refused(pairs::of_ledger(e)));
        }
    }
    let there = pair.scope.name_on(Side::B, repository);
    let [a, b] = nodes;
    let settled = ledger::settle(&cx.store, [(a, repository.as_str()), (b, there.as_str())], thing).await;
    settled.map_err(|e| refused(pairs::of_ledger(e)))
}

fn refused(error: model::AppError) -> StepError {
    StepError::Refused(Box::new(error))
}
