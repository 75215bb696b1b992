//! Harbor's filter by label.
//!
//! It compares names: of the labels of all and of a project alike, capitals count (harbor: `src/pkg/reg/filter/artifact.go`,
//! the same from 2.8 to 2.16). It looks at the label as it is when a run begins, and at an event when that happens.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ScopeError;

/// Longest name of a label, in characters, as Harbor keeps it.
const LABEL_MAX: usize = 128;
/// Characters in which Harbor keeps all filters of a rule.
const FILTERS_MAX: usize = 1024;

/// The name of a label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelName(String);

impl LabelName {
    /// Reads a name; blanks around it are not of it.
    ///
    /// # Errors
    /// Empty, longer than Harbor keeps, or with control characters in it.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let name = text.trim();
        let fits = !name.is_empty() && name.chars().count() <= LABEL_MAX && !name.contains(char::is_control);
        if fits { Ok(Self(name.to_owned())) } else { Err(ScopeError::Label) }
    }

    /// As Harbor has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for LabelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LabelName {
    type Error = ScopeError;
    fn try_from(text: String) -> Result<Self, ScopeError> {
        Self::parse(&text)
    }
}

impl From<LabelName> for String {
    fn from(name: LabelName) -> Self {
        name.0
    }
}

/// Which artifacts a rule copies, by their labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Written")]
pub struct LabelFilter {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    names: BTreeSet<LabelName>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    excludes: bool,
}

/// As it comes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    names: BTreeSet<LabelName>,
    #[serde(default)]
    excludes: bool,
}

impl TryFrom<Written> for LabelFilter {
    type Error = ScopeError;
    fn try_from(written: Written) -> Result<Self, ScopeError> {
        Self::new(written.names, written.excludes)
    }
}

impl LabelFilter {
    /// Artifacts that bear all of these; with `excludes` those are left out: Harbor's "excluding", else its "matching".
    ///
    /// # Errors
    /// No label at all: to Harbor such a filter is none.
    pub fn new(names: BTreeSet<LabelName>, excludes: bool) -> Result<Self, ScopeError> {
        if names.is_empty() { Err(ScopeError::NoLabel) } else { Ok(Self { names, excludes }) }
    }

    /// The labels.
    pub fn names(&self) -> &BTreeSet<LabelName> {
        &self.names
    }

    /// What bears all of them is left out.
    pub fn excludes(&self) -> bool {
        self.excludes
    }

    /// Whether an artifact with these labels is copied. With `excludes`, one that bears only some of them is.
    pub fn takes(&self, labels: &[&str]) -> bool {
        self.names.iter().all(|name| labels.contains(&name.as_str())) != self.excludes
    }

    /// "qa, release".
    pub fn listed(&self) -> String {
        self.names.iter().map(LabelName::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// How long a text is in Harbor's JSON, which writes some signs with six characters.
fn written(text: &str) -> usize {
    text.chars().map(|c| if "<>&\\\"\u{2028}\u{2029}".contains(c) { 6 } else { c.len_utf8() }).sum()
}

/// Refuses filters that are longer together than Harbor keeps.
pub(super) fn judge_length<'a>(
    patterns: impl Iterator<Item = &'a str>,
    labels: Option<&LabelFilter>,
) -> Result<(), ScopeError> {
    /// What stands around the value of a filter: `{"type":"label","value":,"decoration":"excludes"},`.
    const AROUND: usize = 60;
    let Some(labels) = labels else { return Ok(()) };
    let names: usize = labels.names.iter().map(|name| written(name.as_str()) + 3).sum();
    let length = patterns.map(|p| p.len() + AROUND).sum::<usize>() + names + AROUND;
    if length > FILTERS_MAX { Err(ScopeError::FiltersTooLong) } else { Ok(()) }
}

/// The labels there are on the sources of a cluster, for choosing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SourceLabels {
    /// Of all and of projects, by name.
    pub names: BTreeSet<String>,
    /// Projects whose labels were not read: more than are looked into, or not shown to the console's account.
    pub unread: u64,
}

impl SourceLabels {
    /// Together with what another source has.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.unread += other.unread;
        self
    }
}
