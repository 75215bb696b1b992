//! Deleting what a person deleted on the other side: compare and delete, never what another tag stands for.

use async_trait::async_trait;
use harbor::HarborError;
use model::{heal::HealItem, names::NodeName};

use super::{
    super::{AtNode, Cx, Done, Made, StepError, Work},
    Tally, held, immutable,
    kept::Keeper,
};

pub(in super::super) struct DeleteThere {
    pub(in super::super) node: NodeName,
    pub(in super::super) keep_days: u16,
    pub(in super::super) items: Vec<HealItem>,
}

#[async_trait]
impl Work for DeleteThere {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let mut tally = Tally::default();
        let mut keeper = Keeper::new(cx, &self.node, self.keep_days);
        for item in &self.items {
            match self.delete(cx, item, &mut keeper, &mut tally).await {
                Ok(true) => tally.done += 1,
                Ok(false) => tally.changed += 1,
                Err(why @ StepError::Refused(_)) => tally.fail(1, why),
                Err(other) => return Err(other),
            }
        }
        tally.told()
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // What was deleted was deleted on the other side first.
        Ok(())
    }
}

impl DeleteThere {
    /// False where something else is there than when the plan was made.
    async fn delete(
        &self,
        cx: &Cx,
        item: &HealItem,
        keeper: &mut Keeper<'_>,
        tally: &mut Tally,
    ) -> Done<bool> {
        let Some(digest) = item.there else { return Ok(false) };
        let (node, harbor) = (&self.node, &cx.at(&self.node)?.projects);
        let (project, repository) = item.place();
        let reference = digest.to_string();
        match held(harbor, node, item).await? {
            // An interrupted run has deleted it, or somebody else.
            None => return Ok(true),
            Some(now) if now != digest => return Ok(false),
            Some(_) => tally.kept(keeper.keep(item).await?),
        }
        if let Some(tag) = &item.tag {
            match harbor.delete_tag_at(project, repository, &reference, tag).await {
                Ok(()) | Err(HarborError::NotFound(_)) => {}
                Err(HarborError::Precondition(_)) => return Err(immutable(item, node)),
                Err(other) => return Err(other).at(node),
            }
        }
        if item.whole {
            match harbor.artifact(project, repository, &reference).await {
                Ok(artifact) if artifact.tags.is_empty() => {
                    match harbor.delete_artifact(project, repository, &reference).await {
                        Ok(()) | Err(HarborError::NotFound(_)) => {}
                        Err(HarborError::Precondition(_)) => return Err(immutable(item, node)),
                        Err(other) => return Err(other).at(node),
                    }
                }
                // Another tag stands for it, ours perhaps, or it is gone.
                Ok(_) | Err(HarborError::NotFound(_)) => {}
                Err(other) => return Err(other).at(node),
            }
        }
        Ok(true)
    }
}
