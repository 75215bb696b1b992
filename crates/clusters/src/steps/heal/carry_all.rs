//! Copying everything that a side lacks, by one run of a temporary rule with the filters of the cluster's own.
//!
//! It only saves time: the steps that follow look at each tag, and carry what did not arrive.

use async_trait::async_trait;
use harbor::api::policies::NewPolicy;
use model::{Link, say, say::count};

use super::{
    super::{Cx, Done, Made, Work, endpoint},
    temporary,
};
use crate::bodies;

/// Copies what is missing, and nothing over what is there.
pub(in super::super) struct CarryAll {
    pub(in super::super) link: Link,
    /// The temporary rule's name.
    pub(in super::super) rule: String,
}

#[async_trait]
impl Work for CarryAll {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let (source, scope) = (&self.link.source, &cx.body.spec.replication.scope);
        let endpoint = endpoint::id_of(cx, &self.link).await?;
        let (dest_namespace, dest_namespace_replace_count) = bodies::lands(scope);
        let wanted = NewPolicy {
            filters: bodies::filters(scope),
            dest_namespace,
            dest_namespace_replace_count,
            ..temporary::rule(cx, &self.rule, endpoint)
        };
        let outcome = match temporary::run(cx, source, &wanted).await? {
            Some(run) if run.failed == 0 && run.status_text.trim().is_empty() => {
                let tasks = count(run.total);
                say!("{tasks} tasks", "{tasks} 个任务")
            }
            Some(run) => {
                let why = temporary::reason(cx, source, &run).await;
                say!("not all of it: {why}", "未全部完成：{why}")
            }
            None => say!("it does not come to an end", "迟迟没有结束"),
        };
        Ok(Made { id: None, outcome })
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // What was copied stays; the rule goes with the fence.
        Ok(())
    }
}
