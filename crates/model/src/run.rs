//! A run of the journal as a person sees it: steps, where they stand, and what is left to do.

use serde::{Deserialize, Serialize};

use crate::{
    AppError, Say,
    ids::RunId,
    names::{ClusterName, NodeName},
};

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// A cluster is adopted: robots, endpoints, rules and the proof.
    Adopt,
    /// Nodes of a cluster are added, replaced or retired, or an address is changed.
    Change,
    /// The writing probes of the checks.
    Probe,
    /// What the runs of a cluster made is taken back, and the cluster leaves the console.
    Remove,
    /// A rule is switched on or started.
    Rule,
    /// What differs between two Harbors is carried from one to the other.
    Heal,
    /// A node that was away is kept from writing to the other side, or what is held is let go.
    Fence,
    /// What a heal replaced or deleted is put back, as a person wants it.
    Restore,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Being carried out, or waiting to be taken up again after a restart.
    Running,
    /// Every step is done.
    Succeeded,
    /// A step failed; can be retried, or undone.
    Failed,
    /// Somebody stopped it; can be taken up again, or undone.
    Cancelled,
    /// What it made has been taken back.
    Undone,
}

impl RunState {
    /// Whether nothing will happen by itself any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Running)
    }
}

/// Where one step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Not begun.
    #[default]
    Waiting,
    /// Looking what is there.
    Looking,
    /// Making it.
    Applying,
    /// Reading it back.
    Verifying,
    /// Made and read back.
    Done,
    /// Was there already and fits; left as it is.
    Adopted,
    /// See the error.
    Failed,
    /// Not needed.
    Skipped,
    /// Taken back.
    Undone,
}

/// A run as shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunView {
    /// Its id.
    pub id: RunId,
    /// Grows with every change: of two views of one run, the greater is the newer.
    pub revision: i64,
    /// What it is for.
    pub kind: RunKind,
    /// The cluster it is for, by the name it had or shall have.
    pub cluster: ClusterName,
    /// Where it stands.
    pub state: RunState,
    /// It takes back instead of making.
    #[serde(default)]
    pub undoing: bool,
    /// Somebody asked it to stop; it ends what it is doing first.
    #[serde(default)]
    pub stopping: bool,
    /// Who started it.
    pub by: String,
    /// UTC milliseconds.
    pub started_ms: i64,
    /// UTC milliseconds, once final.
    pub ended_ms: Option<i64>,
    /// In order.
    pub steps: Vec<RunStep>,
}

/// One step as shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunStep {
    /// The step's key in the plan.
    pub key: String,
    /// The Harbor it concerns.
    pub node: NodeName,
    /// What it does.
    pub title: Say,
    /// Where it stands.
    pub state: StepState,
    /// What came of it: "robot$bw-shanghai, id 7", "crossed in 2.4 s".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Say>,
    /// Why it failed and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
    /// How long it took so far.
    pub took_ms: i64,
}

impl RunView {
    /// Steps that are over, whatever came of them.
    pub fn finished(&self) -> usize {
        self.count(&[StepState::Done, StepState::Adopted, StepState::Skipped])
    }

    /// Steps whose work has been taken back.
    pub fn taken_back(&self) -> usize {
        self.count(&[StepState::Undone])
    }

    /// Takes over what was read or heard, unless it is older than what is known. An answer may arrive after the events
    /// that followed it, and a run of another id always takes the place.
    pub fn follow(&mut self, heard: Self) {
        if heard.id != self.id || heard.revision >= self.revision {
            *self = heard;
        }
    }

    fn count(&self, states: &[StepState]) -> usize {
        self.steps.iter().filter(|s| states.contains(&s.state)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(id: u8, revision: i64, state: RunState) -> RunView {
        RunView {
            id: format!("00000000-0000-7000-8000-00000000000{id}").parse().unwrap(),
            revision,
            kind: RunKind::Adopt,
            cluster: ClusterName::parse("c").unwrap(),
            state,
            undoing: false,
            stopping: false,
            by: "anna".to_owned(),
            started_ms: 0,
            ended_ms: None,
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_late_answer_does_not_take_back_what_events_told() {
        let mut run = view(1, 3, RunState::Running);
        run.follow(view(1, 7, RunState::Succeeded));
        run.follow(view(1, 5, RunState::Running));
        assert_eq!(run, view(1, 7, RunState::Succeeded));
        run.follow(view(2, 1, RunState::Running));
        assert_eq!(run, view(2, 1, RunState::Running));
    }
}
