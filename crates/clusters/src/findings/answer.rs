//! An answer to a finding's question, built in one expression.

use model::{
    Say,
    finding::{Cure, CureAction, Finding, FindingState},
    names::NodeName,
};

use crate::trouble::Trouble;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    state: FindingState,
    measured: Option<Say>,
    limit: Option<Say>,
    meaning: Option<Say>,
    cure: Option<Box<Cure>>,
}

impl Answer {
    fn new(state: FindingState, measured: Option<Say>, meaning: Option<Say>) -> Self {
        Self { state, measured, limit: None, meaning, cure: None }
    }

    /// As it should be.
    pub(crate) fn ok(measured: Say) -> Self {
        Self::new(FindingState::Ok, Some(measured), None)
    }

    /// Works, but somebody should know.
    pub(crate) fn warning(measured: Say, meaning: Say) -> Self {
        Self::new(FindingState::Warning, Some(measured), Some(meaning))
    }

    /// Must be mended first.
    pub(crate) fn failed(measured: Say, meaning: Say) -> Self {
        Self::new(FindingState::Failed, Some(measured), Some(meaning))
    }

    /// Could not be decided by asking.
    pub(crate) fn not_proven(measured: Say, meaning: Say) -> Self {
        Self::new(FindingState::NotProven, Some(measured), Some(meaning))
    }

    /// The question does not arise.
    pub(crate) fn not_applicable(meaning: Say) -> Self {
        Self::new(FindingState::NotApplicable, None, Some(meaning))
    }

    /// What could not be read leaves the question open; that a node does not answer is a finding of its own.
    pub(crate) fn unread(node: &NodeName, trouble: &Trouble) -> Self {
        Self::not_proven(trouble.of_node(node), trouble.next()).cured_at(trouble.next(), node)
    }

    /// What it is held against.
    #[must_use]
    pub(crate) fn limit(mut self, limit: Say) -> Self {
        self.limit = Some(limit);
        self
    }

    /// What mends it.
    #[must_use]
    pub(crate) fn cure(mut self, text: Say) -> Self {
        self.cure = Some(Box::new(Cure { text, action: None }));
        self
    }

    /// What mends it, with a button that leads there.
    #[must_use]
    pub(crate) fn cure_with(mut self, text: Say, action: CureAction) -> Self {
        self.cure = Some(Box::new(Cure { text, action: Some(action) }));
        self
    }

    /// What mends it, with a button to the node's fields.
    #[must_use]
    pub(crate) fn cured_at(self, text: Say, node: &NodeName) -> Self {
        self.cure_with(text, CureAction::EditNode { node: node.clone() })
    }

    /// The state alone.
    #[cfg(test)]
    pub(crate) fn state(&self) -> FindingState {
        self.state
    }

    /// Puts the answer into its finding; an earlier waiver stays while the answer is a warning.
    pub(crate) fn into_finding(self, mut finding: Finding, at_ms: i64, took_ms: i64) -> Finding {
        finding.state = self.state;
        finding.measured = self.measured;
        finding.limit = self.limit;
        finding.meaning = self.meaning;
        finding.cure = self.cure.map(|cure| *cure);
        finding.at_ms = at_ms;
        finding.took_ms = took_ms;
        if finding.state != FindingState::Warning {
            finding.waiver = None;
        }
        finding
    }
}
