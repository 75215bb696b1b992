//! Which tags Harbor lets nobody move or delete.

use harbor::api::projects::ImmutableRule;
use model::scope::{InProjectPattern, TagPattern};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One rule of a project that is on: it protects what both lists take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TagRule {
    repositories: Vec<Selector>,
    tags: Vec<Selector>,
}

/// A pattern of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Selector {
    pattern: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    excludes: bool,
}

impl TagRule {
    /// Those of a project that are on.
    pub(crate) fn of(rules: &[ImmutableRule]) -> Vec<Self> {
        let selectors = |all: &[Value]| all.iter().filter_map(Selector::read).collect();
        rules
            .iter()
            .filter(|rule| !rule.disabled)
            .map(|rule| Self {
                repositories: selectors(
                    rule.scope_selectors["repository"].as_array().map_or(&[], Vec::as_slice),
                ),
                tags: selectors(&rule.tag_selectors),
            })
            .collect()
    }

    /// Whether it protects a tag of a repository, called without its project; `None` where a pattern is beyond us.
    pub(crate) fn protects(&self, repository: &str, tag: &str) -> Option<bool> {
        let takes = |all: &[Selector], matches: &dyn Fn(&str) -> Option<bool>| {
            let takes = all.iter().map(|one| Some(matches(&one.pattern)? != one.excludes));
            // Nothing stands for everything: who wrote such a rule is not known, and to be careful costs little.
            takes.reduce(or).unwrap_or(Some(true))
        };
        let repositories =
            takes(&self.repositories, &|text| Some(InProjectPattern::parse(text).ok()?.matches(repository)));
        let tags = takes(&self.tags, &|text| Some(TagPattern::parse(text).ok()?.matches(tag)));
        match (repositories, tags) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

/// Whether one of a project's rules protects a tag; `None` where nobody can say.
pub(crate) fn protected(rules: &[TagRule], repository: &str, tag: &str) -> Option<bool> {
    rules.iter().map(|rule| rule.protects(repository, tag)).reduce(or).unwrap_or(Some(false))
}

fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

impl Selector {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            pattern: value["pattern"].as_str()?.to_owned(),
            excludes: value["decoration"]
                .as_str()
                .is_some_and(|word| word.to_ascii_lowercase().contains("exclude")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(repositories: &str, tags: (&str, &str), disabled: bool) -> Vec<TagRule> {
        let rule = json!({
            "disabled": disabled,
            "scope_selectors": {"repository": [{"decoration": "repoMatches", "pattern": repositories}]},
            "tag_selectors": [{"decoration": tags.0, "pattern": tags.1}],
        });
        TagRule::of(&[serde_json::from_value(rule).unwrap()])
    }

    #[test]
    fn protected_takes_what_both_lists_take() {
        let all = rules("**", ("matches", "v*"), false);
        assert_eq!(protected(&all, "cart", "v1"), Some(true));
        assert_eq!(protected(&all, "cart", "latest"), Some(false));
        let one = rules("cart", ("excludes", "latest"), false);
        assert_eq!(protected(&one, "cart", "v1"), Some(true));
        assert_eq!(protected(&one, "cart", "latest"), Some(false));
        assert_eq!(protected(&one, "team/cart", "v1"), Some(false));
        assert_eq!(protected(&rules("**", ("matches", "**"), true), "cart", "v1"), Some(false));
        assert_eq!(protected(&[TagRule::default()], "cart", "v1"), Some(true), "no pattern spares nothing");
    }

    #[test]
    fn protected_says_where_it_cannot_tell() {
        let odd = rules("**", ("matches", "v["), false);
        assert_eq!(protected(&odd, "cart", "v1"), None);
        let both = [odd, rules("**", ("matches", "v1"), false)].concat();
        assert_eq!(protected(&both, "cart", "v1"), Some(true));
        assert_eq!(protected(&[], "cart", "v1"), Some(false));
    }
}
