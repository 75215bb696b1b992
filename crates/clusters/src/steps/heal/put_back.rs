//! Putting back what a heal moved or deleted.

use async_trait::async_trait;
use harbor::HarborError;
use model::{
    Digest,
    drift::{Direction, Side},
    heal::HealItem,
    ids::PairId,
    names::{NodeName, kept_tag},
    say,
};

use super::{
    super::{AtNode, Cx, Done, Made, StepError, Work, clean},
    Tally, held,
    kept::{Keeper, Kept, let_go},
    refused,
};
use crate::pairs;

/// Lets a tag stand again for what it stood for, or an artifact stand that had none, and notes that a person wants it
/// so.
pub(in super::super) struct PutBack {
    pub(in super::super) node: NodeName,
    pub(in super::super) pair: PairId,
    pub(in super::super) item: HealItem,
    pub(in super::super) keep_days: u16,
}

#[async_trait]
impl Work for PutBack {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let Some(digest) = self.item.from else { return Err(self.gone()) };
        // Before anything is taken away: else nothing would stand for that tag.
        if !self.is_there(cx).await? {
            return Err(self.gone());
        }
        let mut tally = Tally::default();
        match &self.item.tag {
            Some(tag) => self.stand_again(cx, tag, digest, &mut tally).await?,
            None => self.let_stand(cx, digest).await?,
        }
        tally.done += 1;
        self.note(cx, digest).await?;
        tally.told()
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        if self.item.tag.is_none() {
            return if self.is_there(cx).await? { Ok(()) } else { Err(self.gone()) };
        }
        let there = held(&cx.at(&self.node)?.projects, &self.node, &self.item).await?;
        if there == self.item.from { Ok(()) } else { Err(self.pushed()) }
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        Ok(())
    }
}

impl PutBack {
    /// Whether the node still holds what is to be put back.
    async fn is_there(&self, cx: &Cx) -> Done<bool> {
        let by_digest = HealItem { tag: None, there: None, ..self.item.clone() };
        Ok(held(&cx.at(&self.node)?.projects, &self.node, &by_digest).await?.is_some())
    }

    async fn stand_again(&self, cx: &Cx, tag: &str, digest: Digest, tally: &mut Tally) -> Done<()> {
        let harbor = &cx.at(&self.node)?.projects;
        let there = held(harbor, &self.node, &self.item).await?;
        if there == Some(digest) {
            return Ok(());
        }
        if let Some(other) = there {
            tally.kept(self.take_away(cx, tag, other).await?);
        }
        let (project, repository) = self.item.place();
        match harbor.create_tag(project, repository, &digest.to_string(), tag).await {
            Ok(()) => Ok(()),
            Err(HarborError::Conflict(_)) => Err(self.pushed()),
            Err(other) => Err(other).at(&self.node),
        }
    }

    /// What had no tag has none again: it stands by itself, and stays once our tag goes, which a node that is away lets
    /// go when it is back.
    async fn let_stand(&self, cx: &Cx, digest: Digest) -> Done<()> {
        let (leftovers, now_ms) = (cx.store.leftovers(), cx.store.clock().now_ms());
        let name = format!("{}:{}", self.item.written_to(), kept_tag(None, &digest));
        for mut row in leftovers.standing(clean::KEPT, &name).await? {
            let Some(kept) = Kept::of(&row).filter(|_| row.node == self.node.as_str()) else { continue };
            row.reference = serde_json::to_value(Kept { whole: false, ..kept }).unwrap_or_default();
            let (run, due) = (row.run_id.as_ref(), Some(now_ms));
            leftovers.register(&row.node, &row.kind, &name, &row.reference, run, due).await?;
            match let_go(cx, &row).await {
                Ok(()) => leftovers.removed(&row.id).await?,
                Err(fault) => leftovers.failed(&row.id, &fault.to_string()).await?,
            }
        }
        Ok(())
    }

    /// What the tag stands for now is kept, and the tag taken away, where it still stands for that.
    async fn take_away(&self, cx: &Cx, tag: &str, other: Digest) -> Done<super::kept::Keeping> {
        let item = HealItem { from: None, there: Some(other), whole: false, ..self.item.clone() };
        let keeping = Keeper::new(cx, &self.node, self.keep_days).keep(&item).await?;
        let (project, repository) = self.item.place();
        let harbor = &cx.at(&self.node)?.projects;
        match harbor.delete_tag_at(project, repository, &other.to_string(), tag).await {
            Ok(()) => Ok(keeping),
            Err(HarborError::NotFound(_)) => Err(self.pushed()),
            Err(HarborError::Precondition(_)) => Err(super::immutable(&self.item, &self.node)),
            Err(refused) => Err(refused).at(&self.node),
        }
    }

    /// Between two masters the log names our own robot, which wants nothing: a person does.
    async fn note(&self, cx: &Cx, digest: Digest) -> Done<()> {
        let known = pairs::known(&cx.store, &self.pair).await.map_err(refused)?;
        let side = Side::BOTH.into_iter().find(|side| known.names[side.at()] == self.node);
        let (Some(on), Direction::Both) = (side, known.direction) else { return Ok(()) };
        let nodes = [&known.row.node_a, &known.row.node_b];
        let place = (self.item.repository.as_str(), self.item.tag.as_deref());
        let noted = ledger::put_back(&cx.store, nodes, on, place, digest, &cx.body.by).await;
        noted.map_err(|e| refused(pairs::of_ledger(e)))
    }

    fn gone(&self) -> StepError {
        let (name, node) = (self.item.name(), &self.node);
        let kept =
            self.item.from.map(|digest| kept_tag(self.item.tag.as_deref(), &digest)).unwrap_or_default();
        let repository = &self.item.repository;
        StepError::refused(
            "restore.gone",
            say!(
                "{node} does not hold what {name} stood for any more.",
                "{node} 上已没有 {name} 原来的镜像。"
            ),
            say!(
                "Look for {repository}:{kept} on the other nodes; pull it there and push it to {node}.",
                "请在其他节点上查找 {repository}:{kept}，从那里拉取后推送到 {node}。"
            ),
        )
    }

    fn pushed(&self) -> StepError {
        let (name, node) = (self.item.name(), &self.node);
        StepError::refused(
            "restore.changed",
            say!("{name} was pushed on {node} meanwhile.", "期间有人在 {node} 上推送了 {name}。"),
            say!("Look whether it still shall be restored.", "请确认是否仍需还原。"),
        )
    }
}
