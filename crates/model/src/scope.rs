//! Which images a rule copies and where they land: Harbor's filters, destination namespace and flattening.
//!
//! The same in every version from 2.8 to 2.16 (harbor-contract, `filters-and-namespace`), but for choices that go over
//! a slash. A filter by resource is Harbor's too; Breakwater makes none.

mod label;
mod landing;
mod namespace;
mod pattern;
mod wording;

use serde::{Deserialize, Serialize};

use crate::{AppError, HarborVersion, drift::Side};

pub use label::{LabelFilter, LabelName, SourceLabels};
pub use landing::{Clash, Landed, Landing, SourceRepositories, landing};
pub use namespace::{Flattening, Namespace, NamespacePath};
pub use pattern::{InProjectPattern, NamePattern, PATTERN_MAX, TagPattern};
pub use wording::{flattening_words, too_short, two_way_labels, two_way_namespace};

/// What the rules of a cluster copy, and where to. The default is everything, under its own name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Only repositories that match, `project/repository`; `None` is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub names: Option<NamePattern>,
    /// Only these tags; `None` is all, and what has no tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagFilter>,
    /// Only artifacts with these labels, or without; `None` looks at none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelFilter>,
    /// Put before the path at the destination; `None` keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
}

/// Which tags a rule copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TagFilter {
    /// The pattern.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub pattern: TagPattern,
    /// It says what is left out: Harbor's "excluding", else its "matching".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excludes: bool,
}

impl TagFilter {
    /// Whether a tag is copied.
    pub fn takes(&self, tag: &str) -> bool {
        self.pattern.matches(tag) != self.excludes
    }

    /// Whether an artifact without a tag is copied: `v*` drops it, `**` and every exclusion keep it.
    pub fn takes_untagged(&self) -> bool {
        self.excludes || self.pattern.is_everything()
    }
}

impl Scope {
    /// Everything crosses, under its own name.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a repository is copied.
    pub fn takes(&self, repository: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.matches(repository))
    }

    /// Whether a tag is copied, of a repository that is.
    pub fn takes_tag(&self, tag: &str) -> bool {
        self.tags.as_ref().is_none_or(|tags| tags.takes(tag))
    }

    /// Whether an artifact without a tag is copied.
    pub fn takes_untagged(&self) -> bool {
        self.tags.as_ref().is_none_or(TagFilter::takes_untagged)
    }

    /// Whether `repository:tag` is copied.
    pub fn matches(&self, repository: &str, tag: &str) -> bool {
        self.takes(repository) && self.takes_tag(tag)
    }

    /// Whether something is left out.
    pub fn is_filtered(&self) -> bool {
        self.names.is_some() || self.tags.is_some() || self.labels.is_some()
    }

    /// Where a repository lands at the destination; `None` where its path is too short to be flattened so much: Harbor
    /// then fails the whole run, and copies nothing at all.
    pub fn lands_on(&self, repository: &str) -> Option<String> {
        match &self.namespace {
            None => Some(repository.to_owned()),
            Some(namespace) => namespace.lands_on(repository),
        }
    }

    /// What a repository is called on a side of a pair, known by its name at the source.
    pub fn name_on(&self, side: Side, repository: &str) -> String {
        let landed = (side == Side::B).then(|| self.lands_on(repository)).flatten();
        landed.unwrap_or_else(|| repository.to_owned())
    }

    /// What of it a version reads otherwise than is meant.
    ///
    /// # Errors
    /// A choice over a slash before 2.15: only there it was seen to work. Filters that are too long together.
    pub fn check(&self, version: &HarborVersion) -> Result<(), AppError> {
        self.check_length()?;
        let over_slash = self.names.as_ref().is_some_and(NamePattern::has_slash_in_choice);
        if over_slash && *version < HarborVersion::new(2, 15, 0) {
            return Err(ScopeError::SlashInChoice(version.numbers()).into());
        }
        Ok(())
    }

    /// Whether Harbor can keep the filters.
    ///
    /// # Errors
    /// They are longer together than it keeps.
    pub fn check_length(&self) -> Result<(), ScopeError> {
        let names = self.names.iter().map(NamePattern::as_str);
        let tags = self.tags.iter().map(|tags| tags.pattern.as_str());
        label::judge_length(names.chain(tags), self.labels.as_ref())
    }
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// Nothing was given.
    Empty,
    /// Longer than [`PATTERN_MAX`] bytes; how long.
    TooLong(usize),
    /// What no name holds, and is no wildcard.
    Character(char),
    /// Braces without end, inside each other, with an empty choice or one that begins with `**`.
    Braces,
    /// More ways to read it than can be looked at.
    Choices,
    /// Brackets without end, or with nothing that can be read in them.
    Brackets,
    /// Two slashes with nothing between, or one at an end.
    EmptyPart,
    /// No slash: every repository has one.
    OnePart,
}

/// What is wrong with a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeError {
    /// With the pattern of the repositories.
    Names(PatternFault),
    /// With the pattern of the tags.
    Tags(PatternFault),
    /// The name is no label's.
    Label,
    /// A filter by label without a label.
    NoLabel,
    /// The filters are longer together than Harbor keeps.
    FiltersTooLong,
    /// The namespace is none to Harbor.
    Namespace,
    /// The namespace is longer than Harbor keeps.
    NamespaceTooLong,
    /// A number of parts that Harbor does not take.
    Flattening(i64),
    /// A choice over a slash on a version that was not seen to read it; which.
    SlashInChoice(String),
}

#[cfg(test)]
mod tests;
