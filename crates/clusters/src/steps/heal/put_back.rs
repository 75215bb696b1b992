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
    super::{AtNode, Cx, Done, Made, StepError, Work},
    Tally, held,
    kept::Keeper,
    refused,
};
use crate::pairs;

/// Lets a tag stand again for what it stood for, and notes that a person wants it so.
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
        let (Some(tag), Some(digest)) = (&self.item.tag, self.item.from) else { return Err(self.gone()) };
        let harbor = &cx.at(&self.node)?.projects;
        let (project, repository) = self.item.place();
        let reference = digest.to_string();
        // Before anything is taken away: else nothing would stand for that tag.
        match harbor.artifact(project, repository, &reference).await {
            Ok(_) => {}
            Err(HarborError::NotFound(_) | HarborError::Forbidden(_)) => return Err(self.gone()),
            Err(other) => return Err(other).at(&self.node),
        }
        let mut tally = Tally::default();
        let there = held(harbor, &self.node, &self.item).await?;
        if there != Some(digest) {
            if let Some(other) = there {
                tally.kept(self.take_away(cx, tag, other).await?);
            }
            match harbor.create_tag(project, repository, &reference, tag).await {
                Ok(()) => {}
                Err(HarborError::Conflict(_)) => return Err(self.pushed()),
                Err(other) => return Err(other).at(&self.node),
            }
        }
        tally.done += 1;
        self.note(cx, tag, digest).await?;
        tally.told()
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let there = held(&cx.at(&self.node)?.projects, &self.node, &self.item).await?;
        if there == self.item.from { Ok(()) } else { Err(self.pushed()) }
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        Ok(())
    }
}

impl PutBack {
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
    async fn note(&self, cx: &Cx, tag: &str, digest: Digest) -> Done<()> {
        let known = pairs::known(&cx.store, &self.pair).await.map_err(refused)?;
        let side = Side::BOTH.into_iter().find(|side| known.names[side.at()] == self.node);
        let (Some(on), Direction::Both) = (side, known.direction) else { return Ok(()) };
        let nodes = [&known.row.node_a, &known.row.node_b];
        let place = (self.item.repository.as_str(), tag);
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
