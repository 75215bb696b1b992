//! Harbor's read-only mode, for a switch-over: nobody pushes to the one side any more, until the two are equal and the
//! other has taken over. Only an administrator may switch it, whose account serves the one run.

use async_trait::async_trait;
use model::{ids::PairId, names::NodeName, say};

use super::{
    super::{AtNode, Cx, Done, Made, StepError, Work, clean},
    Held,
};

/// Puts a node into read-only mode.
pub(in super::super) struct ReadOnly {
    pub(in super::super) node: NodeName,
    pub(in super::super) pair: PairId,
}

#[async_trait]
impl Work for ReadOnly {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        // Where somebody else did it, it is theirs to end.
        let there = is_read_only(cx, &self.node).await?;
        Ok(there.then(|| Made { id: None, outcome: say!("it was so already", "已经如此") }))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let held = Held {
            cluster: cx.body.cluster.clone(),
            pair: Some(self.pair.clone()),
            link: None,
            kept_by: None,
        };
        // Noted before it is done: whoever looks at the pair sees why nothing can be pushed.
        cx.holds(&self.node, clean::READ_ONLY, self.node.as_str(), &held).await?;
        cx.at(&self.node)?.system.set_read_only(true).await.at(&self.node)?;
        Ok(Made { id: None, outcome: say!("it takes no pushes", "不再接受推送") })
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        if is_read_only(cx, &self.node).await? {
            return Ok(());
        }
        Err(StepError::not_kept(&self.node, &say!("read-only mode", "只读模式")))
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        take_pushes(cx, &self.node).await
    }
}

async fn is_read_only(cx: &Cx, node: &NodeName) -> Done<bool> {
    Ok(cx.at(node)?.system.systeminfo().await.at(node)?.read_only)
}

/// Ends read-only mode, also where somebody has ended it already.
pub(in super::super) async fn take_pushes(cx: &Cx, node: &NodeName) -> Done<()> {
    if is_read_only(cx, node).await? {
        cx.at(node)?.system.set_read_only(false).await.at(node)?;
    }
    Ok(())
}
