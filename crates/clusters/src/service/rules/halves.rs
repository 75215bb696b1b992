//! A change of the rules that is not through: it waits for a node that is away, and goes on by itself.

use model::{
    AppError,
    ids::ClusterId,
    rule::{ChangeState, RulesChange},
    run::{RunKind, RunState, StepState},
    spec::ClusterSpec,
};

use super::super::{Answered, BY_ITSELF, Clusters};
use crate::records::RunBody;

/// Runs of a cluster among which a change of its rules is looked for.
const NEWEST: u32 = 20;

impl Clusters {
    /// The newest change of the rules alone, where it is not through. One that began from another cluster than is kept
    /// now is past: going on with it would undo what was changed since.
    pub(super) async fn changing(&self, id: &ClusterId) -> Answered<Option<RulesChange>> {
        let kept: ClusterSpec = self.store.clusters().get(id).await?.spec_as()?;
        for run in self.store.runs().of_scope(id.as_str(), NEWEST).await? {
            let body: RunBody = run.body_as()?;
            let Some(change) = body.change.as_ref().filter(|_| body.kind == RunKind::Change) else {
                continue;
            };
            let is_past = kept != change.before.spec && kept != change.spec;
            if run.state != RunState::Running && is_past {
                return Ok(None);
            }
            let state = match run.state {
                RunState::Running => ChangeState::Running,
                RunState::Failed if !run.undoing => {
                    let steps = self.store.runs().steps(&run.id).await?;
                    let stopped = body.steps.iter().zip(&steps).find(|(_, s)| s.state == StepState::Failed);
                    match stopped.filter(|(_, step)| is_away(step.error.as_ref())) {
                        Some((planned, _)) => ChangeState::Waiting { node: planned.node.clone() },
                        None => ChangeState::Stopped,
                    }
                }
                _ => return Ok(None),
            };
            return Ok(Some(RulesChange { run: run.id, state }));
        }
        Ok(None)
    }

    /// Goes on with changes of rules that wait for a node which is back.
    pub(in super::super) async fn finish_halves(&self) -> Answered<()> {
        for row in self.store.clusters().list().await? {
            let Some(RulesChange { run, state: ChangeState::Waiting { node } }) =
                self.changing(&row.id).await?
            else {
                continue;
            };
            let spec: ClusterSpec = row.spec_as()?;
            let reach = self.reach(&spec, self.cluster_accounts(&row.id).await?)?;
            let answers = match reach.get(&node) {
                Some(reach) => reach.system.identify().await.is_ok(),
                None => false,
            };
            if answers && self.harvests.try_again(&run) {
                self.retry_run(&run, BY_ITSELF).await?;
            }
        }
        Ok(())
    }
}

/// Whether a step failed because its node did not answer, rather than by what it answered.
fn is_away(error: Option<&serde_json::Value>) -> bool {
    let read = |error: &serde_json::Value| serde_json::from_value::<AppError>(error.clone()).ok();
    error.and_then(read).is_some_and(|error| AWAY.contains(&error.code.as_str()))
}

/// The codes of a node that cannot be asked now.
const AWAY: [&str; 6] = [
    "harbor.dns",
    "harbor.refused",
    "harbor.unreachable",
    "harbor.timeout",
    "harbor.server_error",
    "harbor.cut",
];
