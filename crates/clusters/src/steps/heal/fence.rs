//! Holding the rules of a link while a heal is at work, and letting them run again.

use std::time::Duration;

use async_trait::async_trait;
use harbor::{
    Harbor, List,
    api::{
        executions::{Execution, ExecutionFilter},
        policies::{NewPolicy, Policy},
    },
};
use model::{Link, names::NodeName, say, say::count};

use super::{
    super::{AtNode, Cx, Done, Made, StepError, Work, clean, endpoint, rule, until},
    fence_link::{Held, let_write},
};
use crate::rules::leads_to;

/// Longest time for executions to stop; a throttled task holds on for long (harbor-facts C.4).
const STOPPING: Duration = Duration::from_secs(120);

/// Switches the rules of a link off and stops what they have under way.
pub(in super::super) struct Fence {
    pub(in super::super) link: Link,
}

/// Removes the temporary rule, and switches on what the fence has switched off.
pub(in super::super) struct LiftFence {
    pub(in super::super) link: Link,
    /// The temporary rule's name.
    pub(in super::super) rule: String,
}

#[async_trait]
impl Work for Fence {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let node = &self.link.source;
        let harbor = &cx.at(node)?.system;
        let rules = self.rules(cx).await?;
        let on: Vec<&Policy> = rules.iter().filter(|r| r.enabled).collect();
        for rule in &on {
            // Noted before it is done: a crash leaves no rule off for good.
            cx.holds(node, clean::FENCE, &rule.name, &self.held(cx)).await?;
            let off = NewPolicy { enabled: false, ..NewPolicy::from(*rule) };
            harbor.put_policy(rule.id, &off).await.at(node)?;
        }
        self.take_over(cx, &rules).await?;
        let mut stopped = 0;
        for rule in &rules {
            stopped += stop(harbor, node, rule.id).await?;
        }
        // Nothing late can come over the link any more.
        let_write(cx, &self.link).await?;
        let (held, stopped) = (count(on.len() as u64), count(stopped));
        Ok(Made {
            id: None,
            outcome: say!(
                "{held} rules held, {stopped} executions stopped",
                "暂停 {held} 条规则，停止 {stopped} 个执行"
            ),
        })
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let on = self.rules(cx).await?.into_iter().any(|r| r.enabled);
        if on {
            return Err(StepError::not_kept(
                &self.link.source,
                &say!("that its rules are held", "规则的暂停状态"),
            ));
        }
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        lift(cx, &self.link.source, None).await
    }
}

impl Fence {
    fn held(&self, cx: &Cx) -> Held {
        Held {
            cluster: cx.body.cluster.clone(),
            pair: cx.body.pair.clone(),
            link: Some(self.link.clone()),
            kept_by: None,
        }
    }

    /// What a heal before has left off is this one's to switch on.
    async fn take_over(&self, cx: &Cx, rules: &[Policy]) -> Done<()> {
        let (node, leftovers) = (&self.link.source, cx.store.leftovers());
        for rule in rules.iter().filter(|r| !r.enabled) {
            for row in leftovers.standing(clean::FENCE, &rule.name).await? {
                let ours = Held::of(&row).cluster == cx.body.cluster && row.node == node.as_str();
                if ours && row.run_id.as_ref() != Some(&cx.run) {
                    cx.holds(node, clean::FENCE, &rule.name, &self.held(cx)).await?;
                    leftovers.removed(&row.id).await?;
                }
            }
        }
        Ok(())
    }

    /// Every rule of the source that pushes to the destination, also those made by hand.
    async fn rules(&self, cx: &Cx) -> Done<Vec<Policy>> {
        let Link { source, destination } = &self.link;
        let endpoint = endpoint::id_of(cx, &self.link).await?;
        let there = cx.body.spec.node(destination);
        let leads = |r: &Policy| {
            let to = &r.dest_registry;
            to.id == endpoint || to.id != 0 && there.is_some_and(|n| leads_to(&to.url, &n.address))
        };
        let all = cx.at(source)?.system.all_policies().await.at(source)?;
        Ok(all.into_iter().filter(leads).collect())
    }
}

#[async_trait]
impl Work for LiftFence {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        lift(cx, &self.link.source, Some(&self.rule)).await?;
        Ok(Made { id: None, outcome: say!("running again", "已恢复") })
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        lift(cx, &self.link.source, Some(&self.rule)).await
    }
}

/// Lets what this run holds on a node go: its fences, and the temporary rule where it is named.
async fn lift(cx: &Cx, node: &NodeName, temporary: Option<&str>) -> Done<()> {
    for row in cx.store.leftovers().of_run(&cx.run).await? {
        let ours = row.kind == clean::FENCE || temporary == Some(row.name.as_str());
        if row.removed_ms.is_none() && row.node == node.as_str() && ours {
            clean::remove_leftover(cx, &row).await?;
            cx.store.leftovers().removed(&row.id).await?;
        }
    }
    Ok(())
}

/// Switches a held rule on again. A rule that somebody deleted meanwhile stays deleted.
pub(in super::super) async fn let_run(cx: &Cx, node: &NodeName, name: &str) -> Done<()> {
    let Some(there) = rule::find(cx, node, name).await?.filter(|r| !r.enabled) else { return Ok(()) };
    let on = NewPolicy { enabled: true, ..NewPolicy::from(&there) };
    cx.at(node)?.system.put_policy(there.id, &on).await.at(node)
}

/// Stops the unfinished executions of a rule and waits until they are; gives how many there were.
async fn stop(harbor: &Harbor, node: &NodeName, rule: i64) -> Done<u64> {
    let filter = ExecutionFilter { policy_id: Some(rule), status: Some("InProgress"), ..Default::default() };
    let open = async || {
        let page = harbor.executions(&filter, &List::new().page(1, harbor::query::PAGE)).await.at(node)?;
        Done::Ok(page.rows.into_iter().filter(|e| !e.is_done()).collect::<Vec<Execution>>())
    };
    let first = open().await?;
    for execution in &first {
        harbor.stop_execution(execution.id).await.at(node)?;
    }
    let ended = until(STOPPING, || async { Ok(open().await?.is_empty().then_some(())) }).await?;
    match ended {
        Some(()) => Ok(first.len() as u64),
        None => Err(StepError::refused(
            "heal.not_stopped",
            say!(
                "An execution on {node} does not stop; what it still copies could undo the heal.",
                "{node} 上有执行无法停止；它仍在复制的内容可能会抵消修复。"
            ),
            say!("Wait until it is over, then go on.", "请等它结束后继续。"),
        )),
    }
}
