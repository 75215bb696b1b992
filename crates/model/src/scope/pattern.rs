//! Harbor's patterns for repositories and tags: the doublestar library, as it reads them.
//!
//! `*` is anything within one part of a path, `**` as a whole part is any parts, `?` is one character, `[a-c]` one of
//! several, `{a,b}` a choice. Harbor takes any text and lets a broken one match nothing, with success (harbor-facts
//! A.6): what matches nothing by its form, and what two versions of the library read otherwise, is refused here.

use serde::{Deserialize, Serialize};

use super::{PatternFault, ScopeError};

/// Longest pattern, in bytes: two of them fit the 1024 characters in which Harbor keeps all filters of a rule.
pub const PATTERN_MAX: usize = 400;
/// Most ways in which the choices of a pattern can be read.
const CHOICES_MAX: usize = 256;

/// A pattern and every way its choices can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    /// Each as its parts.
    ways: Vec<Vec<Vec<Token>>>,
    /// A choice goes over a slash.
    slash_in_choice: bool,
}

/// What one part of a path is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Is(char),
    One,
    Any,
    Of { not: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    fn parse(typed: &str, fits: fn(char) -> bool) -> Result<Self, PatternFault> {
        let text = typed.trim();
        if text.is_empty() {
            return Err(PatternFault::Empty);
        }
        if text.len() > PATTERN_MAX {
            return Err(PatternFault::TooLong(text.len()));
        }
        if let Some(wrong) = text.chars().find(|c| !fits(*c) && !"*?[]{},^".contains(*c)) {
            return Err(PatternFault::Character(wrong));
        }
        let (texts, slash_in_choice) = expand(text)?;
        let ways = texts.iter().map(|way| way.split('/').map(part).collect()).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), ways, slash_in_choice })
    }

    fn matches(&self, text: &str) -> bool {
        let parts: Vec<Vec<char>> = text.split('/').map(|part| part.chars().collect()).collect();
        self.ways.iter().any(|way| path(way, &parts))
    }
}

/// The pattern with each of its choices put in.
fn expand(text: &str) -> Result<(Vec<String>, bool), PatternFault> {
    let mut ways = vec![String::new()];
    let mut slash = false;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}', ',']) {
        let (before, after) = rest.split_at(at);
        if !after.starts_with('{') {
            return Err(PatternFault::Braces);
        }
        let (inner, behind) = after[1..].split_once('}').ok_or(PatternFault::Braces)?;
        let choices: Vec<&str> = inner.split(',').collect();
        // The library of old versions reads none of these, and the new one not all.
        if inner.contains('{') || choices.iter().any(|c| c.is_empty() || c.starts_with("**")) {
            return Err(PatternFault::Braces);
        }
        slash |= inner.contains('/');
        if ways.len() * choices.len() > CHOICES_MAX {
            return Err(PatternFault::Choices);
        }
        ways = ways.iter().flat_map(|w| choices.iter().map(move |c| format!("{w}{before}{c}"))).collect();
        rest = behind;
    }
    ways.iter_mut().for_each(|way| way.push_str(rest));
    Ok((ways, slash))
}

fn part(text: &str) -> Result<Vec<Token>, PatternFault> {
    if text.is_empty() {
        return Err(PatternFault::EmptyPart);
    }
    let mut tokens = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '[' => {
                let (inside, behind) = rest.as_str().split_once(']').ok_or(PatternFault::Brackets)?;
                rest = behind.chars();
                class(inside)?
            }
            ']' => return Err(PatternFault::Brackets),
            c => Token::Is(c),
        });
    }
    Ok(tokens)
}

fn class(inside: &str) -> Result<Token, PatternFault> {
    let (not, inside) = inside.strip_prefix('^').map_or((false, inside), |rest| (true, rest));
    let mut ranges = Vec::new();
    let mut rest = inside.chars().peekable();
    while let Some(low) = rest.next() {
        let mut high = low;
        if rest.next_if_eq(&'-').is_some() {
            high = rest.next().ok_or(PatternFault::Brackets)?;
        }
        if !low.is_ascii_alphanumeric() && !"._".contains(low) || high == '-' || high < low {
            return Err(PatternFault::Brackets);
        }
        ranges.push((low, high));
    }
    if ranges.is_empty() { Err(PatternFault::Brackets) } else { Ok(Token::Of { not, ranges }) }
}

/// Whether a part is `**`: any parts, at least one where it is the last.
fn is_any_parts(part: &[Token]) -> bool {
    matches!(part, [Token::Any, Token::Any])
}

fn path(pattern: &[Vec<Token>], text: &[Vec<char>]) -> bool {
    let end = walk(pattern, text, |part| is_any_parts(part), |part, text| one(part, text));
    end == Some(pattern.len())
}

fn one(pattern: &[Token], text: &[char]) -> bool {
    let end = walk(pattern, text, |token| *token == Token::Any, |token, c| token.takes(*c));
    end.is_some_and(|end| pattern[end..].iter().all(|token| *token == Token::Any))
}

/// How far the pattern has come when all of the text is taken; `None` where it is not. Only the last wildcard is ever
/// tried again, so that no pattern makes this take long.
fn walk<P, T>(
    pattern: &[P],
    text: &[T],
    any: impl Fn(&P) -> bool,
    takes: impl Fn(&P, &T) -> bool,
) -> Option<usize> {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(wild) if any(wild) => {
                star = Some((p, t));
                p += 1;
            }
            Some(token) if takes(token, &text[t]) => {
                p += 1;
                t += 1;
            }
            _ => {
                let (at, from) = star?;
                (p, t) = (at + 1, from + 1);
                star = Some((at, from + 1));
            }
        }
    }
    Some(p)
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Is(is) => *is == c,
            Self::One | Self::Any => true,
            Self::Of { not, ranges } => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *not,
        }
    }
}

macro_rules! pattern_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Pattern);

        impl $name {
            /// Harbor's form of it.
            pub fn as_str(&self) -> &str {
                &self.0.text
            }

            /// A choice goes over a slash: `{shop/cart,lib/**}`.
            pub fn has_slash_in_choice(&self) -> bool {
                self.0.slash_in_choice
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = ScopeError;
            fn try_from(text: String) -> Result<Self, ScopeError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(pattern: $name) -> Self {
                pattern.0.text
            }
        }
    };
}

pattern_type!(
    /// Which repositories: a pattern over `project/repository`.
    NamePattern
);
pattern_type!(
    /// Which repositories of one project: a pattern over the name without the project, as immutability has it.
    InProjectPattern
);
pattern_type!(
    /// Which tags.
    TagPattern
);

/// What a repository's name consists of.
fn in_names(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c)
}

impl InProjectPattern {
    /// Reads what stands in a rule.
    ///
    /// # Errors
    /// What can match no repository, or is no pattern to every version.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        Pattern::parse(text, in_names).map(Self).map_err(ScopeError::Names)
    }

    /// Whether it takes a repository, called without its project.
    pub fn matches(&self, repository: &str) -> bool {
        self.0.matches(repository)
    }
}

impl NamePattern {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// What can match no repository, or is no pattern to every version.
    pub fn parse(typed: &str) -> Result<Self, ScopeError> {
        let pattern = Pattern::parse(typed, in_names).map_err(ScopeError::Names)?;
        // Every repository has a project and a name: `p` and `p**` match none, and the run succeeds.
        let alone = |way: &Vec<Vec<Token>>| way.len() == 1 && !is_any_parts(&way[0]);
        if pattern.ways.iter().any(alone) {
            return Err(ScopeError::Names(PatternFault::OnePart));
        }
        Ok(Self(pattern))
    }

    /// Whether it takes `project/repository`.
    pub fn matches(&self, repository: &str) -> bool {
        self.0.matches(repository)
    }
}

impl TagPattern {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// What can match no tag, or is no pattern to every version.
    pub fn parse(typed: &str) -> Result<Self, ScopeError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        Pattern::parse(typed, fits).map(Self).map_err(ScopeError::Tags)
    }

    /// Whether it takes a tag.
    pub fn matches(&self, tag: &str) -> bool {
        self.0.matches(tag)
    }

    /// `**`: also what has no tag.
    pub fn is_everything(&self) -> bool {
        self.as_str() == "**"
    }
}
