//! The steps of a run: each looks before it acts, acts once, and reads back what it made.
//!
//! Harbor drops fields it does not know without a word and may answer late or not at all, so that nothing is
//! believed but what was read back. What a step makes bears the run's id in its description ([`bodies::mark`]).

mod bench;
mod clean;
mod deed;
mod endpoint;
mod fault;
mod heal;
mod keep;
mod keep_change;
mod proof;
mod remove;
mod rename;
mod robot;
mod rule;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use harbor::{Harbor, HarborError};
use model::{
    HarborVersion, Say,
    ids::RunId,
    names::NodeName,
    plan::{PlannedStep, StepWhat},
    say,
};
use serde::{Deserialize, Serialize};
use store::Store;

pub(crate) use clean::{FENCE, KEPT, READ_ONLY, ROBOT_FENCE, remove_leftover};
pub(crate) use fault::StepError;
pub(crate) use heal::{Held, Kept};

use crate::{announce::Announce, bodies, reach::Reach, records::RunBody};

/// What a step's work gives.
pub(crate) type Done<T> = Result<T, StepError>;

/// What a step made or found; kept with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// Harbor's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// In words: "robot$breakwater-…, id 7", "crossed in 2.4 s".
    pub outcome: Say,
}

/// Everything the steps of one run need, beside the run's id.
pub(crate) struct Shared {
    /// What the run is made from.
    pub body: RunBody,
    /// The handles of each node.
    pub reach: BTreeMap<NodeName, Reach>,
    /// The console's database.
    pub store: Store,
    /// The console's way out.
    pub outside: harbor::Outside,
    /// Who is told.
    pub announce: Arc<dyn Announce>,
}

/// What a step works with.
pub(crate) struct Cx {
    /// The run.
    pub run: RunId,
    /// What all its steps share.
    pub shared: Arc<Shared>,
}

impl std::ops::Deref for Cx {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// A planned step as the journal carries it out.
struct Carried {
    key: String,
    work: Box<dyn Work>,
    shared: Arc<Shared>,
}

/// The steps of a run for the journal, the same after each restart.
pub(crate) fn carried(shared: &Arc<Shared>) -> Vec<Arc<dyn journal::Step>> {
    let carry = |step: &PlannedStep| -> Arc<dyn journal::Step> {
        Arc::new(Carried { key: step.key.clone(), work: work(step), shared: Arc::clone(shared) })
    };
    shared.body.steps.iter().map(carry).collect()
}

impl Carried {
    fn cx(&self, cx: &journal::Cx) -> Cx {
        Cx { run: cx.run().clone(), shared: Arc::clone(&self.shared) }
    }
}

fn stored(made: &Made) -> serde_json::Value {
    serde_json::to_value(made).unwrap_or_default()
}

#[async_trait]
impl journal::Step for Carried {
    fn key(&self) -> &str {
        &self.key
    }

    async fn look(&self, cx: &journal::Cx) -> journal::StepResult<journal::Look> {
        match self.work.look(&self.cx(cx)).await.map_err(StepError::app)? {
            Some(found) => Ok(journal::Look::Present(stored(&found))),
            None => Ok(journal::Look::Absent),
        }
    }

    async fn apply(
        &self,
        cx: &journal::Cx,
        _: Option<serde_json::Value>,
    ) -> journal::StepResult<serde_json::Value> {
        self.work.apply(&self.cx(cx)).await.map(|made| stored(&made)).map_err(StepError::app)
    }

    async fn verify(
        &self,
        cx: &journal::Cx,
        made: serde_json::Value,
    ) -> journal::StepResult<serde_json::Value> {
        let read: Made = serde_json::from_value(made.clone()).unwrap_or_default();
        self.work.verify(&self.cx(cx), &read).await.map_err(StepError::app)?;
        Ok(made)
    }

    async fn undo(&self, cx: &journal::Cx, _: serde_json::Value) -> journal::StepResult<()> {
        self.work.undo(&self.cx(cx)).await.map_err(StepError::app)
    }
}

/// The work of one step. Each part may be called again after a crash: it must come to the same end.
#[async_trait]
pub(crate) trait Work: Send + Sync {
    /// What is there already and fits; then nothing is made.
    async fn look(&self, cx: &Cx) -> Done<Option<Made>>;

    /// Makes it.
    async fn apply(&self, cx: &Cx) -> Done<Made>;

    /// Reads it back.
    async fn verify(&self, cx: &Cx, made: &Made) -> Done<()>;

    /// Takes back what bears this run's mark.
    async fn undo(&self, cx: &Cx) -> Done<()>;
}

/// The work behind a planned step.
pub(crate) fn work(step: &PlannedStep) -> Box<dyn Work> {
    match &step.what {
        StepWhat::ConsoleRobot => Box::new(robot::Console { node: step.node.clone() }),
        StepWhat::LinkRobot { link } => Box::new(robot::OfLink { link: link.clone() }),
        StepWhat::Endpoint { link, .. } => Box::new(endpoint::Endpoint { link: link.clone() }),
        StepWhat::Rule { rule, .. } => Box::new(rule::Rule { rule: (**rule).clone() }),
        StepWhat::Enable { link, name } => Box::new(rule::Enable { link: link.clone(), name: name.clone() }),
        StepWhat::Start { link, name } => Box::new(rule::Start { link: link.clone(), name: name.clone() }),
        StepWhat::Proof { link, tag } => Box::new(proof::Crossing { link: link.clone(), tag: tag.clone() }),
        StepWhat::SharedProof { node, tag } => {
            Box::new(proof::Shared { first: node.clone(), tag: tag.clone() })
        }
        StepWhat::EntryProof { tag } => Box::new(proof::Entry { tag: tag.clone() }),
        StepWhat::Keep => Box::new(keep::Keep),
        StepWhat::KeepChange => Box::new(keep_change::KeepChange),
        StepWhat::Remove { part, name, link } => Box::new(remove::Remove {
            part: *part,
            node: step.node.clone(),
            name: name.clone(),
            link: link.clone(),
        }),
        StepWhat::Forget => Box::new(remove::Forget { node: step.node.clone() }),
        StepWhat::ForgetCluster => Box::new(remove::ForgetCluster),
        StepWhat::Fence { link } => Box::new(heal::Fence { link: link.clone() }),
        StepWhat::CarryAll { link, tag } => {
            Box::new(heal::CarryAll { link: link.clone(), rule: crate::names::temporary("heal", tag) })
        }
        StepWhat::Carry { link, tag, r#override, keep_days, items } => Box::new(heal::Carry {
            link: link.clone(),
            rule: crate::names::temporary("heal", tag),
            r#override: *r#override,
            keep_days: *keep_days,
            items: items.clone(),
        }),
        StepWhat::DeleteThere { keep_days, items } => Box::new(heal::DeleteThere {
            node: step.node.clone(),
            keep_days: *keep_days,
            items: items.clone(),
        }),
        StepWhat::FenceLink { pair, link } => {
            Box::new(heal::FenceLink { pair: pair.clone(), link: link.clone() })
        }
        StepWhat::ReadOnly { pair } => {
            Box::new(heal::ReadOnly { node: step.node.clone(), pair: pair.clone() })
        }
        StepWhat::Release { fences } => Box::new(heal::Release { fences: fences.clone() }),
        StepWhat::PutBack { pair, item, keep_days } => Box::new(heal::PutBack {
            node: step.node.clone(),
            pair: pair.clone(),
            item: item.clone(),
            keep_days: *keep_days,
        }),
        StepWhat::LiftFence { link, tag } => {
            Box::new(heal::LiftFence { link: link.clone(), rule: crate::names::temporary("heal", tag) })
        }
        StepWhat::CompareAgain { pair, before, decided } => {
            Box::new(heal::CompareAgain { pair: pair.clone(), before: *before, decided: decided.clone() })
        }
        StepWhat::NewSecret { link } => Box::new(robot::NewSecret { link: link.clone() }),
        StepWhat::RenameEndpoint { endpoint, from, to } => Box::new(rename::Rename {
            node: step.node.clone(),
            endpoint: *endpoint,
            from: from.clone(),
            to: to.clone(),
        }),
        StepWhat::SwitchOff { name } => {
            Box::new(deed::SwitchOff { node: step.node.clone(), name: name.clone() })
        }
        StepWhat::Reschedule { name } => {
            Box::new(deed::Reschedule { node: step.node.clone(), name: name.clone() })
        }
        StepWhat::StopExecution { execution } => {
            Box::new(deed::StopExecution { node: step.node.clone(), execution: *execution })
        }
        StepWhat::ResumeQueue { queue } => {
            Box::new(deed::ResumeQueue { node: step.node.clone(), queue: queue.clone() })
        }
        StepWhat::Bench { part, tag } => Box::new(bench::Bench { part: *part, tag: tag.clone() }),
        StepWhat::Ask { finding, tag } => Box::new(bench::Ask { finding: finding.clone(), tag: tag.clone() }),
        StepWhat::Clean { tag } => Box::new(bench::Clean { tag: tag.clone() }),
    }
}

impl Cx {
    /// The handles of a node.
    pub(crate) fn at(&self, node: &NodeName) -> Done<&Reach> {
        self.reach.get(node).ok_or_else(|| StepError::no_account(node))
    }

    /// A node's version as it was when the run was planned.
    pub(crate) fn version(&self, node: &NodeName) -> HarborVersion {
        // A run is planned from the answers of all its nodes; the oldest is the careful guess for none.
        self.body.versions.get(node).cloned().unwrap_or_else(|| HarborVersion::new(2, 8, 0))
    }

    /// The same run on the cluster as it was before the change; `None` where nothing is changed.
    pub(crate) fn before(&self) -> Option<Self> {
        let change = self.body.change.as_ref()?;
        let mut body = self.body.clone();
        body.change = None;
        body.spec = change.before.spec.clone();
        let mut reach = BTreeMap::new();
        for node in &body.spec.nodes {
            let place = change.place_of(&node.name);
            if let Some(there) = self.reach.get(&place) {
                reach.insert(node.name.clone(), there.clone());
            }
            match self.body.versions.get(&place) {
                Some(version) => body.versions.insert(node.name.clone(), version.clone()),
                None => body.versions.remove(&node.name),
            };
        }
        let (store, outside) = (self.store.clone(), self.outside.clone());
        let shared = Shared { body, reach, store, outside, announce: Arc::clone(&self.announce) };
        Some(Self { run: self.run.clone(), shared: Arc::new(shared) })
    }

    /// Whether a description says that this run made the thing.
    pub(crate) fn is_mine(&self, description: &str) -> bool {
        description.contains(&bodies::mark(self.run.as_str()))
    }

    /// Notes that something temporary is about to be made on a node.
    pub(crate) async fn leaves(&self, node: &NodeName, kind: &str, name: &str) -> Done<()> {
        let reference = serde_json::json!({});
        self.store.leftovers().register(node.as_str(), kind, name, &reference, Some(&self.run), None).await?;
        Ok(())
    }

    /// Notes that something on a node is about to be held.
    pub(crate) async fn holds(&self, node: &NodeName, kind: &str, name: &str, held: &Held) -> Done<()> {
        let reference = serde_json::to_value(held).unwrap_or_default();
        self.store.leftovers().register(node.as_str(), kind, name, &reference, Some(&self.run), None).await?;
        Ok(())
    }

    /// Removes everything temporary of this run that a filter picks, and ticks it off. The first failure is told
    /// after all were tried; what stands is tried again later.
    pub(crate) async fn sweep(&self, picks: impl Fn(&str) -> bool) -> Done<()> {
        let mut first = Ok(());
        let mut rows = self.store.leftovers().of_run(&self.run).await?;
        rows.retain(|r| r.removed_ms.is_none() && picks(&r.name));
        // What was made last hangs on what was made first.
        for row in rows.iter().rev() {
            match remove_leftover(self, row).await {
                Ok(()) => self.store.leftovers().removed(&row.id).await?,
                Err(fault) => {
                    self.store.leftovers().failed(&row.id, &fault.to_string()).await?;
                    first = first.and(Err(fault));
                }
            }
        }
        first
    }
}

/// A step's failed call, with the node it was made to.
pub(crate) trait AtNode<T> {
    /// Names the node.
    fn at(self, node: &NodeName) -> Done<T>;
}

impl<T> AtNode<T> for Result<T, HarborError> {
    fn at(self, node: &NodeName) -> Done<T> {
        self.map_err(|error| StepError::Harbor { node: node.clone(), trouble: error.into() })
    }
}

/// Deletes, where "it is not there" is as good.
pub(crate) fn gone(result: Result<(), HarborError>) -> Result<(), HarborError> {
    match result {
        Err(HarborError::NotFound(_)) => Ok(()),
        other => other,
    }
}

/// How often a state that changes by itself is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Asks until the answer is there or the time is over.
pub(crate) async fn until<T, F>(limit: Duration, mut ask: impl FnMut() -> F) -> Done<Option<T>>
where
    F: Future<Output = Done<Option<T>>>,
{
    let end = tokio::time::Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await? {
            return Ok(Some(answer));
        }
        if tokio::time::Instant::now() >= end {
            return Ok(None);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Deletes a rule once its executions let it: Harbor refuses while one is not final, for some time even after it
/// was stopped (harbor-facts A.6).
pub(crate) async fn delete_rule(harbor: &Harbor, id: i64, node: &NodeName) -> Done<()> {
    use harbor::{List, api::executions::ExecutionFilter};
    const LIMIT: Duration = Duration::from_secs(90);
    let filter = ExecutionFilter { policy_id: Some(id), ..ExecutionFilter::default() };
    let deleted = until(LIMIT, || async {
        match gone(harbor.delete_policy(id).await) {
            Ok(()) => Ok(Some(())),
            Err(HarborError::Precondition(_)) => {
                let open = harbor.executions(&filter, &List::new().page(1, 20)).await.at(node)?;
                for execution in open.rows.iter().filter(|e| !e.is_final()) {
                    harbor.stop_execution(execution.id).await.at(node)?;
                }
                Ok(None)
            }
            Err(other) => Err(other).at(node),
        }
    })
    .await?;
    deleted.ok_or_else(|| {
        StepError::refused(
            "rule.busy",
            say!("A rule on {node} still has a run going.", "{node} 上的规则仍有执行在进行。"),
            say!("Wait for it to end, then try again.", "请等它结束后重试。"),
        )
    })
}
