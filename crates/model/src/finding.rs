//! Findings: one question about a cluster, and its answer. Checks, probes, and later lint rules and watchdogs.

use serde::{Deserialize, Serialize};

use crate::{Say, ids::PairId, names::NodeName, rule::RuleDeed};

/// What a finding is about; findings of one subject stand in one group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "about")]
pub enum Subject {
    /// The cluster as a whole: its nodes compared with each other.
    Cluster,
    /// One ordered pair.
    Link {
        /// Where images come from.
        source: NodeName,
        /// Where they go.
        destination: NodeName,
    },
    /// One Harbor.
    Node {
        /// Its name.
        node: NodeName,
    },
    /// The address that users pull from.
    Entry,
}

/// The answer to a finding's question. Waiting is not failing, and not proven is not fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// Not asked yet, or being asked.
    #[default]
    Waiting,
    /// As it should be.
    Ok,
    /// Works, but somebody should know; may be waived with a reason.
    Warning,
    /// Must be mended before anything is changed.
    Failed,
    /// The question does not arise here.
    NotApplicable,
    /// Could not be decided by asking; the measured text says what was seen.
    NotProven,
}

impl FindingState {
    /// Whether the wizard may go on over it: everything but waiting and failed (a warning needs a waiver).
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting | Self::Failed)
    }

    /// Worst first: failed, warning, waiting, not proven, ok, not applicable.
    pub fn rank(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Warning => 1,
            Self::Waiting => 2,
            Self::NotProven => 3,
            Self::Ok => 4,
            Self::NotApplicable => 5,
        }
    }
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Stable, kebab-case, e.g. `versions-equal`; with the subject it names the finding.
    pub id: String,
    /// What it is about.
    pub subject: Subject,
    /// The answer.
    pub state: FindingState,
    /// The question as a statement that holds when the answer is ok: "Versions are the same".
    pub title: Say,
    /// What was seen: "2.15.2 · 2.14.4".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Say>,
    /// What it is held against: "limit 5 s".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Say>,
    /// What the answer means for this cluster; there for everything but ok.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Say>,
    /// What mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<Cure>,
    /// Whether asking changes something on a Harbor for a while (a probe).
    #[serde(default)]
    pub writes: bool,
    /// When the answer was given, UTC milliseconds; 0 while waiting.
    pub at_ms: i64,
    /// How long asking took.
    pub took_ms: i64,
    /// Why somebody accepted the warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
}

/// What mends a finding, and the button for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cure {
    /// What to do, as a sentence.
    pub text: Say,
    /// The button beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<CureAction>,
}

/// Where a cure's button leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum CureAction {
    /// Back to the node's fields.
    EditNode {
        /// Which node.
        node: NodeName,
    },
    /// Back to the entry's field.
    EditEntry,
    /// Back to the choice of topology.
    EditTopology,
    /// One press mends it.
    Rule {
        /// What is done to the rules.
        deed: RuleDeed,
    },
    /// What differs between two nodes is looked at.
    OpenPair {
        /// Which.
        pair: PairId,
    },
    /// A page of that Harbor's own portal.
    OpenPortal {
        /// Absolute, http or https.
        url: String,
    },
}

/// Why a warning was accepted; kept with the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Waiver {
    /// In the person's words, not empty.
    pub reason: String,
    /// Who accepted it.
    pub by: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

impl Finding {
    /// A finding that waits for its answer.
    pub fn waiting(id: &str, subject: Subject, title: Say, writes: bool) -> Self {
        Self {
            id: id.to_owned(),
            subject,
            state: FindingState::Waiting,
            title,
            measured: None,
            limit: None,
            meaning: None,
            cure: None,
            writes,
            at_ms: 0,
            took_ms: 0,
            waiver: None,
        }
    }

    /// Whether it keeps the wizard from going on: waiting or failed, or a warning nobody accepted.
    pub fn blocks(&self) -> bool {
        match self.state {
            FindingState::Warning => self.waiver.is_none(),
            state => !state.is_settled(),
        }
    }
}

/// The worst state of several, by [`FindingState::rank`]; ok for none.
pub fn worst(findings: &[Finding]) -> FindingState {
    findings.iter().map(|f| f.state).min_by_key(|s| s.rank()).unwrap_or(FindingState::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(state: FindingState) -> Finding {
        Finding { state, ..Finding::waiting("x", Subject::Cluster, Say::same("x"), false) }
    }

    #[test]
    fn a_warning_blocks_until_it_is_waived() {
        let mut warning = finding(FindingState::Warning);
        assert!(warning.blocks());
        warning.waiver = Some(Waiver { reason: "known".into(), by: "lw".into(), at_ms: 1 });
        assert!(!warning.blocks());
    }

    #[test]
    fn not_proven_does_not_block_and_failed_does() {
        assert!(!finding(FindingState::NotProven).blocks());
        assert!(finding(FindingState::Failed).blocks());
        assert!(finding(FindingState::Waiting).blocks());
    }

    #[test]
    fn worst_prefers_failed() {
        let all = [finding(FindingState::Ok), finding(FindingState::Failed), finding(FindingState::Warning)];
        assert_eq!(worst(&all), FindingState::Failed);
    }
}
