use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn names(pattern: &str) -> NamePattern {
    NamePattern::parse(pattern).unwrap()
}

fn into(path: &str, flattening: i64) -> Scope {
    let namespace = Namespace {
        path: NamespacePath::parse(path).unwrap(),
        flattening: Flattening::parse(flattening).unwrap(),
    };
    Scope { namespace: Some(namespace), ..Scope::default() }
}

fn only(pattern: &str) -> Scope {
    Scope { names: Some(names(pattern)), ..Scope::default() }
}

fn tags(pattern: &str, excludes: bool) -> TagFilter {
    TagFilter { pattern: TagPattern::parse(pattern).unwrap(), excludes }
}

/// What the library of Harbor itself (bmatcuk/doublestar 1.3.4) answered, one pattern a line with what it matched; a
/// line before says over which names.
const TOLD: &str = include_str!("doublestar.txt");

#[test]
fn patterns_match_what_harbors_library_matches() {
    let mut over: Vec<&str> = Vec::new();
    let mut asked = 0;
    for line in TOLD.lines() {
        let (word, rest) = line.split_once(' ').unwrap();
        if matches!(word, "names" | "tags") {
            over = rest.split(' ').collect();
            continue;
        }
        let (pattern, told) = rest.split_once(" =").unwrap();
        let told: Vec<&str> = told.split_whitespace().collect();
        let takes: Box<dyn Fn(&str) -> bool> = if word == "name" {
            let pattern = names(pattern);
            Box::new(move |name| pattern.matches(name))
        } else {
            let pattern = TagPattern::parse(pattern).unwrap();
            Box::new(move |tag| pattern.matches(tag))
        };
        let found: Vec<&str> = over.iter().copied().filter(|name| takes(name)).collect();
        assert_eq!(found, told, "{pattern}");
        asked += over.len();
    }
    assert!(asked > 700, "{asked}");
}

#[test]
fn matches_does_not_take_long_whatever_the_pattern() {
    let pattern = names(&format!("{}c", "**/".repeat(130)));
    assert!(!pattern.matches("a/".repeat(127).trim_end_matches('/')));
    let stars = names(&format!("p/{}c", "*a".repeat(190)));
    assert!(!stars.matches(&format!("p/{}", "a".repeat(250))));
}

#[test]
fn scope_takes_what_was_recorded() {
    for (pattern, taken) in [
        ("p/**", &["p/a", "p/deep/b"][..]),
        ("p/*", &["p/a"]),
        ("p*/**", &["p/a", "p/deep/b", "pq/a"]),
        ("{p,q}/**", &["p/a", "p/deep/b", "q/deep/c"]),
        ("**/c", &["q/deep/c"]),
        ("**", &["p/a", "p/deep/b", "pq/a", "q/deep/c"]),
    ] {
        let scope = only(pattern);
        let all = ["p/a", "p/deep/b", "pq/a", "q/deep/c"];
        assert_eq!(all.into_iter().filter(|n| scope.takes(n)).collect::<Vec<_>>(), taken, "{pattern}");
    }
    // `tag v*` leaves untagged artifacts out, exclusions and `**` keep them.
    assert!(tags("v*", false).takes("v1") && !tags("v*", false).takes("latest"));
    assert!(!tags("*-dev", true).takes("1-dev") && tags("*-dev", true).takes("1"));
    let untagged = |filter: TagFilter| filter.takes_untagged();
    assert_eq!(
        [tags("v*", false), tags("*", false), tags("**", false), tags("*-dev", true)].map(untagged),
        [false, false, true, true]
    );
    assert!(Scope::default().takes_untagged() && Scope::default().matches("p/a", "v1"));
}

#[test]
fn parse_refuses_what_matches_nothing_or_not_everywhere() {
    for (typed, code) in [
        ("", "scope.names_empty"),
        ("p", "scope.names_one_part"),
        ("p**", "scope.names_one_part"),
        ("{p/**,q}", "scope.names_one_part"),
        ("P/**", "scope.names_character"),
        ("p/a b", "scope.names_character"),
        ("regex:p/.*", "scope.names_character"),
        ("p/\\a", "scope.names_character"),
        ("a[/**", "scope.names_brackets"),
        ("p/[]", "scope.names_brackets"),
        ("p/[-a]", "scope.names_brackets"),
        ("p/[a-]", "scope.names_brackets"),
        ("p/a]", "scope.names_brackets"),
        ("p/{a", "scope.names_braces"),
        ("p/a}", "scope.names_braces"),
        ("p/a,b", "scope.names_braces"),
        ("p/{a,}", "scope.names_braces"),
        ("p/{a,{b,c}}", "scope.names_braces"),
        ("{**/c,p/d}", "scope.names_braces"),
        ("p/", "scope.names_empty_part"),
        ("/p/a", "scope.names_empty_part"),
        ("p//a", "scope.names_empty_part"),
        ("{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b,c,d}{a,b}/x", "scope.names_choices"),
    ] {
        let refused = NamePattern::parse(typed).map(|p| p.to_string());
        assert_eq!(refused.map_err(|e| e.code()), Err(code.to_owned()), "{typed}");
    }
    assert_eq!(
        NamePattern::parse(&format!("p/{}", "a".repeat(400))).unwrap_err().code(),
        "scope.names_too_long"
    );
    assert_eq!(TagPattern::parse("a/b").unwrap_err().code(), "scope.tags_character");
    assert!(TagPattern::parse("V1").is_ok());
    assert_eq!(names("  p/** ").as_str(), "p/**");
}

#[test]
fn namespace_takes_and_refuses_what_harbor_does() {
    for (typed, good) in [
        ("team", true),
        ("team/sub/x", true),
        ("a__b", true),
        ("a--b", true),
        ("team/", false),
        ("Team", false),
        ("a b", false),
        ("a..b", false),
        ("a._b", false),
        ("", false),
    ] {
        assert_eq!(NamespacePath::parse(typed).is_ok(), good, "{typed}");
    }
    assert_eq!(NamespacePath::parse(&"n".repeat(256)), Err(ScopeError::NamespaceTooLong));
    for (number, good) in [(-2, true), (-1, true), (0, true), (127, true), (128, false)] {
        assert_eq!(Flattening::parse(number).is_ok(), good, "{number}");
    }
}

#[test]
fn lands_on_is_what_was_recorded() {
    for (flattening, a, deep) in [
        (-1, Some("ns/a"), Some("ns/b")),
        (0, Some("ns/p/a"), Some("ns/p/deep/b")),
        (1, Some("ns/a"), Some("ns/deep/b")),
        // One short repository fails the whole run.
        (2, None, Some("ns/b")),
        (3, None, None),
    ] {
        let scope = into("ns", flattening);
        assert_eq!(scope.lands_on("p/a").as_deref(), a, "{flattening}");
        assert_eq!(scope.lands_on("p/deep/b").as_deref(), deep, "{flattening}");
    }
    assert_eq!(Scope::default().lands_on("p/a").as_deref(), Some("p/a"));
}

#[test]
fn came_from_knows_what_lies_in_the_namespace() {
    let from = |flattening, there| into("ns/x", flattening).namespace.unwrap().came_from(there);
    assert_eq!(from(0, "ns/x/p/a").as_deref(), Some("p/a"));
    assert_eq!(from(0, "ns/x/a"), None);
    assert_eq!(from(1, "ns/x/a").as_deref(), Some("*/a"));
    assert_eq!(from(2, "ns/x/a").as_deref(), Some("*/*/a"));
    assert_eq!(from(-1, "ns/x/a").as_deref(), Some("*/a"));
    assert_eq!(from(-1, "ns/x/a/b"), None);
    assert_eq!(from(1, "ns/xy/a"), None);
    assert_eq!(from(1, "other/a"), None);
}

#[test]
fn landing_names_what_clashes_what_is_too_short_and_what_matches_nothing() {
    let all = ["shop/cart", "lib/cart", "shop/deep/cart", "shop/api"];
    let flat = landing(&into("ns", -1), all.into_iter(), 2);
    let clash =
        |one: &str, other: &str| Clash { one: one.into(), other: other.into(), lands_on: "ns/cart".into() };
    assert_eq!(flat.clashes, [clash("lib/cart", "shop/cart"), clash("lib/cart", "shop/deep/cart")]);
    assert_eq!((flat.of, flat.taken, flat.shown.len()), (4, 4, 2));
    assert_eq!(landing(&into("ns", 2), all.into_iter(), 9).too_short, ["lib/cart", "shop/api", "shop/cart"]);
    let nothing = landing(&only("shopp/**"), all.into_iter(), 9);
    assert!(nothing.is_nothing() && nothing.shown.is_empty());
    assert!(!landing(&only("shopp/**"), [].into_iter(), 9).is_nothing(), "there is nothing yet");
}

#[test]
fn check_asks_the_version_about_choices_over_a_slash() {
    let over = only("{shop/cart,lib/**}");
    assert!(over.check(&HarborVersion::new(2, 15, 2)).is_ok());
    assert_eq!(over.check(&HarborVersion::new(2, 14, 4)).unwrap_err().code, "scope.slash_in_choice");
    assert!(only("{shop,lib}/**").check(&HarborVersion::new(2, 8, 6)).is_ok());
}

#[test]
fn serde_keeps_harbors_forms_and_refuses_what_is_wrong() {
    let scope =
        Scope { names: Some(names("shop/**")), tags: Some(tags("*-dev", true)), ..into("mirror", -1) };
    let text = serde_json::to_value(&scope).unwrap();
    assert_eq!(
        text,
        serde_json::json!({
            "names": "shop/**",
            "tags": { "pattern": "*-dev", "excludes": true },
            "namespace": { "path": "mirror", "flattening": -1 },
        })
    );
    assert_eq!(serde_json::from_value::<Scope>(text).unwrap(), scope);
    assert_eq!(serde_json::to_string(&Scope::default()).unwrap(), "{}");
    let wrong = serde_json::from_str::<Scope>(r#"{"names":"shop"}"#).unwrap_err().to_string();
    assert!(wrong.contains("Every repository has a slash"), "{wrong}");
    let short: Scope = serde_json::from_str(r#"{"namespace":{"path":"mirror"}}"#).unwrap();
    assert_eq!(short, into("mirror", 1));
}

fn repository() -> impl Strategy<Value = String> {
    "[ab](/[ab]){1,3}"
}

proptest! {
    #[test]
    fn landing_finds_every_clash_whatever_the_order(
        all in proptest::collection::vec(repository(), 0..8),
        flattening in -1i64..3,
    ) {
        let scope = into("ns", flattening);
        let there = landing(&scope, all.iter().map(String::as_str), 100);
        let back = landing(&scope, all.iter().rev().map(String::as_str), 100);
        prop_assert_eq!(&there, &back);
        let mut on: BTreeMap<String, std::collections::BTreeSet<&String>> = BTreeMap::new();
        for name in &all {
            if let Some(lands_on) = scope.lands_on(name) {
                on.entry(lands_on).or_default().insert(name);
            }
        }
        let met: usize = on.values().map(|names| names.len() - 1).sum();
        prop_assert_eq!(there.clashes.len(), met.min(5));
        for clash in &there.clashes {
            prop_assert_eq!(scope.lands_on(&clash.one), Some(clash.lands_on.clone()));
            prop_assert_eq!(scope.lands_on(&clash.other), Some(clash.lands_on.clone()));
            prop_assert!(clash.one < clash.other);
        }
    }

    #[test]
    fn what_lands_somewhere_came_from_a_name_that_lands_there(name in repository(), flattening in -1i64..3) {
        let scope = into("ns/deep", flattening);
        if let Some(there) = scope.lands_on(&name) {
            let from = scope.namespace.as_ref().and_then(|n| n.came_from(&there));
            prop_assert_eq!(from.and_then(|from| scope.lands_on(&from)), Some(there));
        }
    }

    #[test]
    fn parse_reads_what_it_wrote_and_never_hangs(typed in "[abp*?{},/\\[\\]^-]{0,24}", name in repository()) {
        if let Ok(pattern) = NamePattern::parse(&typed) {
            prop_assert_eq!(&NamePattern::parse(pattern.as_str()).unwrap(), &pattern);
            let _ = pattern.matches(&name);
        }
    }

    #[test]
    fn a_name_without_wildcards_matches_itself_alone(one in repository(), other in repository()) {
        prop_assert_eq!(names(&one).matches(&other), one == other);
    }
}

fn labels(text: &str) -> Result<Scope, String> {
    serde_json::from_str(&format!(r#"{{"labels":{text}}}"#)).map_err(|e| e.to_string())
}

#[test]
fn label_filter_takes_what_bears_all_and_leaves_out_what_bears_all() {
    let takes = |text: &str, on: &[&str]| labels(text).unwrap().labels.unwrap().takes(on);
    let (matching, excluding) = (r#"{"names":["qa","eu"]}"#, r#"{"names":["qa","eu"],"excludes":true}"#);
    for on in [&[][..], &["qa"], &["QA", "eu"]] {
        assert!(!takes(matching, on) && takes(excluding, on), "{on:?}");
    }
    for on in [&["qa", "eu"][..], &["eu", "other", "qa"]] {
        assert!(takes(matching, on) && !takes(excluding, on), "{on:?}");
    }
}

#[test]
fn label_filter_comes_back_as_it_went_in_and_none_is_refused() {
    let scope = labels(r#"{"names":[" qa ","eu"],"excludes":true}"#).unwrap();
    let text = serde_json::to_string(&scope).unwrap();
    assert_eq!(text, r#"{"labels":{"names":["eu","qa"],"excludes":true}}"#);
    assert_eq!(serde_json::from_str::<Scope>(&text).unwrap(), scope);
    assert!(labels(r#"{"names":[]}"#).unwrap_err().contains("No label is chosen"));
    assert!(labels(r#"{"names":["a\u0007"]}"#).is_err() && labels(r#"{"names":["qa"],"all":1}"#).is_err());
    assert!(scope.is_filtered() && !scope.is_everything());
}

#[test]
fn check_refuses_filters_that_are_longer_together_than_harbor_keeps() {
    let version = HarborVersion::new(2, 15, 2);
    let names: Vec<String> = (0..6).map(|n| format!("{n}{}", "x".repeat(120))).collect();
    let long = |n: usize| labels(&serde_json::json!({ "names": names[..n] }).to_string()).unwrap();
    assert!(long(6).check(&version).is_ok());
    let both = Scope {
        names: Some(super::NamePattern::parse(&format!("{}/**", "p".repeat(300))).unwrap()),
        ..long(6)
    };
    assert_eq!(both.check(&version).unwrap_err().code, "scope.filters_too_long");
}
