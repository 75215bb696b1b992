//! A link's rule: made disabled, switched on after the proof, started when a person says so.

use std::time::Duration;

use async_trait::async_trait;
use harbor::{
    List,
    api::{
        executions::ExecutionFilter,
        policies::{NewPolicy, Policy},
    },
};
use model::{Link, Say, names::NodeName, plan::PlannedRule, say};

use super::{AtNode, Cx, Done, Made, StepError, Work, delete_rule, endpoint, until};
use crate::bodies;

/// The rule itself.
pub(super) struct Rule {
    pub(super) rule: PlannedRule,
}

/// Switching it on.
pub(super) struct Enable {
    pub(super) link: Link,
    pub(super) name: String,
}

/// Starting it once.
pub(super) struct Start {
    pub(super) link: Link,
    pub(super) name: String,
}

pub(super) async fn find(cx: &Cx, node: &NodeName, name: &str) -> Done<Option<Policy>> {
    let all = cx.at(node)?.system.all_policies().await.at(node)?;
    Ok(all.into_iter().find(|p| p.name == name))
}

fn made(there: &Policy) -> Made {
    let (name, id) = (&there.name, there.id);
    Made { id: Some(id), outcome: say!("{name}, id {id}", "{name}，编号 {id}") }
}

#[async_trait]
impl Work for Rule {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let Some(there) = find(cx, self.node(), &self.rule.name).await? else { return Ok(None) };
        Ok(differs(&there, &self.wanted(cx).await?).is_none().then(|| made(&there)))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let wanted = self.wanted(cx).await?;
        let harbor = &cx.at(self.node())?.system;
        match find(cx, self.node(), &self.rule.name).await? {
            Some(there) => {
                let kept = NewPolicy { description: there.description, enabled: there.enabled, ..wanted };
                harbor.put_policy(there.id, &kept).await.at(self.node())?;
            }
            None => {
                harbor.create_policy(&wanted).await.at(self.node())?;
            }
        }
        find(cx, self.node(), &self.rule.name)
            .await?
            .as_ref()
            .map(made)
            .ok_or_else(|| self.lost(&lost_rule()))
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let there = find(cx, self.node(), &self.rule.name).await?.ok_or_else(|| self.lost(&lost_rule()))?;
        match differs(&there, &self.wanted(cx).await?) {
            None => Ok(()),
            Some(what) => Err(self.lost(&what)),
        }
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let node = self.node();
        let Some(there) = find(cx, node, &self.rule.name).await? else { return Ok(()) };
        if cx.is_mine(&there.description) {
            let harbor = &cx.at(node)?.system;
            if there.enabled {
                let off = NewPolicy { enabled: false, ..NewPolicy::from(&there) };
                harbor.put_policy(there.id, &off).await.at(node)?;
            }
            return delete_rule(harbor, there.id, node).await;
        }
        // It was there, and was made to say something else: back.
        let same = |r: &&PlannedRule| r.name == self.rule.name && r.link == self.rule.link;
        let former = cx.body.change.as_ref().and_then(|c| c.before.rules.iter().find(same));
        if let Some((former, before)) = former.zip(cx.before()) {
            Self { rule: former.clone() }.apply(&before).await?;
        }
        Ok(())
    }
}

impl Rule {
    fn node(&self) -> &NodeName {
        &self.rule.link.source
    }

    async fn wanted(&self, cx: &Cx) -> Done<NewPolicy> {
        let endpoint = endpoint::id_of(cx, &self.rule.link).await?;
        Ok(bodies::rule(&cx.body.spec, &self.rule, endpoint, cx.run.as_str()))
    }

    fn lost(&self, what: &Say) -> StepError {
        StepError::not_kept(self.node(), what)
    }
}

fn lost_rule() -> Say {
    say!("the rule", "规则")
}

/// The first field in which a stored rule is not what was wanted, whether it is on or off aside.
fn differs(there: &Policy, wanted: &NewPolicy) -> Option<Say> {
    let single = there.single_active_replication.unwrap_or(false);
    let fields = [
        (
            wanted.dest_registry.as_ref().map(|r| r.id) == Some(there.dest_registry.id),
            say!("destination", "目标"),
        ),
        (there.overwrite == wanted.overwrite, say!("override", "覆盖")),
        (there.deletion == wanted.deletion, say!("deletion", "删除")),
        (there.trigger == wanted.trigger, say!("trigger", "触发模式")),
        (there.filters == wanted.filters, say!("filters", "过滤器")),
        (there.dest_namespace == wanted.dest_namespace, say!("namespace", "命名空间")),
        (same_flattening(there, wanted), say!("flattening", "仓库扁平化")),
        (there.copy_by_chunk == wanted.copy_by_chunk, say!("copy by chunk", "按块复制")),
        (there.speed.max(0) == wanted.speed.max(0), say!("bandwidth", "带宽")),
        (
            single == wanted.single_active_replication.unwrap_or(false),
            say!("single active replication", "单一活动复制"),
        ),
    ];
    fields.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

/// Without a namespace Harbor flattens nothing, whatever the number says.
fn same_flattening(there: &Policy, wanted: &NewPolicy) -> bool {
    wanted.dest_namespace.is_empty()
        || wanted.dest_namespace_replace_count == Some(there.dest_namespace_replace_count)
}

#[async_trait]
impl Work for Enable {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let there = self.rule(cx).await?;
        Ok(there.enabled.then(|| Made { id: Some(there.id), outcome: say!("was on", "已启用") }))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let there = self.rule(cx).await?;
        let on = NewPolicy { enabled: true, ..NewPolicy::from(&there) };
        let node = &self.link.source;
        cx.at(node)?.system.put_policy(there.id, &on).await.at(node)?;
        Ok(Made { id: Some(there.id), outcome: say!("on", "已启用") })
    }

    /// The rule is on, and a scheduled one has its row among the schedules, without which it never runs.
    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        const LIMIT: Duration = Duration::from_secs(15);
        let there = self.rule(cx).await?;
        if !there.enabled {
            return Err(StepError::not_kept(
                &self.link.source,
                &say!("that the rule is on", "规则的启用状态"),
            ));
        }
        if there.trigger.as_ref().is_none_or(|t| t.kind != "scheduled") {
            return Ok(());
        }
        let node = &self.link.source;
        let harbor = &cx.at(node)?.system;
        let row = until(LIMIT, || async {
            let rows = harbor.schedules().await.at(node)?;
            Ok(rows.iter().any(|s| s.vendor_type == "REPLICATION" && s.vendor_id == there.id).then_some(()))
        })
        .await?;
        row.ok_or_else(|| StepError::not_kept(node, &say!("the schedule of the rule", "规则的定时计划")))
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let node = &self.link.source;
        if let Some(there) = find(cx, node, &self.name).await?
            && there.enabled
        {
            let off = NewPolicy { enabled: false, ..NewPolicy::from(&there) };
            cx.at(node)?.system.put_policy(there.id, &off).await.at(node)?;
        }
        Ok(())
    }
}

impl Enable {
    async fn rule(&self, cx: &Cx) -> Done<Policy> {
        let found = find(cx, &self.link.source, &self.name).await?;
        found.ok_or_else(|| StepError::not_kept(&self.link.source, &lost_rule()))
    }
}

#[async_trait]
impl Work for Start {
    /// A run by hand that began after ours did is ours: a crash came between starting it and noting so.
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let node = &self.link.source;
        let rule = self.rule(cx).await?;
        let filter = ExecutionFilter {
            policy_id: Some(rule.id),
            trigger: Some("manual"),
            ..ExecutionFilter::default()
        };
        let page = cx.at(node)?.system.executions(&filter, &List::new().page(1, 10)).await.at(node)?;
        let offset = cx.body.clock_offset_ms.get(node).copied().unwrap_or(0);
        let since = cx.body.made_ms + offset;
        let ours = page.rows.iter().find(|e| e.start_time.is_some_and(|t| t >= since));
        Ok(ours.map(|e| started(e.id)))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let node = &self.link.source;
        let rule = self.rule(cx).await?;
        Ok(started(cx.at(node)?.system.start_execution(rule.id).await.at(node)?))
    }

    async fn verify(&self, cx: &Cx, made: &Made) -> Done<()> {
        let node = &self.link.source;
        if let Some(id) = made.id {
            cx.at(node)?.system.execution(id).await.at(node)?;
        }
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // What was copied stays; the rule's own run ends by itself.
        Ok(())
    }
}

impl Start {
    async fn rule(&self, cx: &Cx) -> Done<Policy> {
        let found = find(cx, &self.link.source, &self.name).await?;
        found.ok_or_else(|| StepError::not_kept(&self.link.source, &lost_rule()))
    }
}

fn started(id: i64) -> Made {
    Made { id: Some(id), outcome: say!("execution {id}", "执行 {id}") }
}
