//! Destination namespace and flattening.

use serde::{Deserialize, Serialize};

use super::ScopeError;

/// Longest namespace: Harbor's column holds 256, and a repository's name ends at 255 (harbor-facts B).
const LONGEST: usize = 255;

/// Where a rule puts what it copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Put before the path.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: NamespacePath,
    /// How many leading parts of the path it replaces; -1 keeps only the last part.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = i8))]
    pub flattening: Flattening,
}

impl Namespace {
    /// Where a repository lands; `None` where it has too few parts.
    pub fn lands_on(&self, repository: &str) -> Option<String> {
        let parts: Vec<&str> = repository.split('/').collect();
        let first = match self.flattening.0 {
            // Absent, too: the old way, only the last part is kept.
            ..0 => parts.len() - 1,
            n => usize::from(n.unsigned_abs()),
        };
        let kept = parts.get(first..).filter(|kept| !kept.is_empty())?;
        Some(format!("{}/{}", self.path.0, kept.join("/")))
    }

    /// A name that would land on `there`, with `*` for each part that is not known; `None` for what lies outside.
    pub fn came_from(&self, there: &str) -> Option<String> {
        let kept = there.strip_prefix(self.path.as_str())?.strip_prefix('/')?;
        match self.flattening.0 {
            ..0 if kept.contains('/') => None,
            ..0 => Some(format!("*/{kept}")),
            // A repository has a project and a name.
            0 => kept.contains('/').then(|| kept.to_owned()),
            n => Some(format!("{}{kept}", "*/".repeat(usize::from(n.unsigned_abs())))),
        }
    }
}

/// The path of a namespace: a project, and what comes below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamespacePath(String);

impl NamespacePath {
    /// Reads what a person typed, by the rule of repository names (harbor-facts B).
    ///
    /// # Errors
    /// What Harbor refuses: capitals, blanks, a slash at an end, two separators that are none.
    pub fn parse(typed: &str) -> Result<Self, ScopeError> {
        let text = typed.trim();
        if text.len() > LONGEST {
            return Err(ScopeError::NamespaceTooLong);
        }
        if text.split('/').all(is_part) { Ok(Self(text.to_owned())) } else { Err(ScopeError::Namespace) }
    }

    /// As Harbor keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for NamespacePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for NamespacePath {
    type Error = ScopeError;
    fn try_from(text: String) -> Result<Self, ScopeError> {
        Self::parse(&text)
    }
}

impl From<NamespacePath> for String {
    fn from(path: NamespacePath) -> Self {
        path.0
    }
}

/// Letters and digits, with `.`, `_`, `__` or any number of `-` between.
fn is_part(text: &str) -> bool {
    let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ends = text.starts_with(alnum) && text.ends_with(alnum);
    let mut between = text.split(alnum).filter(|s| !s.is_empty());
    ends && between.all(|s| matches!(s, "." | "_" | "__") || s.chars().all(|c| c == '-'))
}

/// How many leading parts of the path are replaced by the namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Flattening(i8);

impl Flattening {
    /// Only the last part of the path is kept.
    pub const ALL: Self = Self(-1);
    /// The whole path is kept below the namespace.
    pub const NONE: Self = Self(0);
    /// The project is replaced: what Harbor's portal proposes.
    pub const PROJECT: Self = Self(1);

    /// Those that Harbor's portal offers, in its order.
    pub fn offered() -> [Self; 5] {
        [Self::ALL, Self::NONE, Self::PROJECT, Self(2), Self(3)]
    }

    /// Reads Harbor's number. What is below -1 means the same as that.
    ///
    /// # Errors
    /// Beyond 127: Harbor answers 422.
    pub fn parse(number: i64) -> Result<Self, ScopeError> {
        i8::try_from(number.max(-1)).map(Self).map_err(|_| ScopeError::Flattening(number))
    }

    /// Harbor's number.
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }
}

impl Default for Flattening {
    fn default() -> Self {
        Self::PROJECT
    }
}

impl TryFrom<i64> for Flattening {
    type Error = ScopeError;
    fn try_from(number: i64) -> Result<Self, ScopeError> {
        Self::parse(number)
    }
}

impl From<Flattening> for i64 {
    fn from(flattening: Flattening) -> Self {
        Self::from(flattening.0)
    }
}
