//! What a step is.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    AppError,
    ids::{LeftoverId, RunId},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// What a step's parts return; an error is shown to a person and ends the run there.
pub type StepResult<T> = Result<T, AppError>;

/// What the steps before left, by key.
pub type Outputs = BTreeMap<String, Value>;

/// What looking found.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// Nothing: it must be made.
    Absent,
    /// There, and as it should be.
    Present(Value),
    /// There, but something is missing (a crash in the middle): making goes on with what was found.
    Partial(Value),
    /// Something else stands in its place and is left alone.
    Conflict(AppError),
    /// Not needed.
    Skip,
}

/// One step of a run. Every part may be called again after a crash; dropping its future must be safe.
#[async_trait]
pub trait Step: Send + Sync {
    /// Unique in the run, the same after a restart.
    fn key(&self) -> &str;

    /// Looks what is there; changes nothing.
    async fn look(&self, cx: &Cx) -> StepResult<Look>;

    /// Makes it, going on with what looking found in part; returns what later steps need, never a secret.
    async fn apply(&self, cx: &Cx, found: Option<Value>) -> StepResult<Value>;

    /// Reads it back. What it returns is kept in place of what `apply` returned.
    async fn verify(&self, cx: &Cx, made: Value) -> StepResult<Value>;

    /// Takes back what this run made. `made` is `Null` when the run stopped before it was known; it then looks for
    /// itself. Nothing there is success.
    async fn undo(&self, cx: &Cx, made: Value) -> StepResult<()>;
}

/// What a step works with.
#[derive(Clone, Debug)]
pub struct Cx {
    pub(crate) store: Store,
    pub(crate) run: RunId,
    pub(crate) outputs: Outputs,
    pub(crate) cancel: CancellationToken,
}

impl Cx {
    /// The run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// What an earlier step left; `None` when there is none, or it is not a `T`.
    pub fn output<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.outputs.get(key)?.clone()).ok()
    }

    /// Everything the steps before left.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Done when somebody asked to stop; a long step ends early then.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Registers something that is going to be made for a while, before it is made.
    ///
    /// # Errors
    /// The database; then it must not be made.
    pub async fn leftover(
        &self,
        node: &str,
        kind: &str,
        name: &str,
        reference: &Value,
    ) -> StepResult<LeftoverId> {
        Ok(self.store.leftovers().register(node, kind, name, reference, Some(&self.run), None).await?)
    }

    /// Strikes off what is gone.
    ///
    /// # Errors
    /// The database.
    pub async fn gone(&self, id: &LeftoverId) -> Result<(), StoreError> {
        self.store.leftovers().removed(id).await
    }

    /// The database, for steps that keep what they made (sealed credentials, the cluster itself).
    pub fn store(&self) -> &Store {
        &self.store
    }
}
