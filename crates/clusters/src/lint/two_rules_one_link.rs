//! Two rules that copy the same over one link: each image is looked at twice, which costs the destination four
//! requests a repository and run (harbor-facts A.8).

use std::collections::BTreeMap;

use model::{
    Link, Say,
    rule::{StoredRule, Trigger},
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure::switch_off, of_link};
use crate::findings::some;

pub(super) struct TwoRulesOneLink;

/// Which way, by events or by schedule, and where it puts what it copies.
type Way<'a> = (&'a Link, bool, &'a str, i32);

type Rules<'a> = Vec<(&'a NodeFacts, &'a StoredRule)>;

impl Lint for TwoRulesOneLink {
    fn id(&self) -> &'static str {
        "two-rules-one-link"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let mut ways: BTreeMap<Way<'_>, Rules<'_>> = BTreeMap::new();
        for (node, rule) in facts.enabled() {
            if let Some(way) = way(rule) {
                ways.entry(way).or_default().push((node, rule));
            }
        }
        // Two with filters may well copy different things.
        let doubled = |rules: &Rules<'_>| rules.len() > 1 && rules.iter().any(|(_, r)| r.filters.is_empty());
        ways.into_iter()
            .filter(|(_, rules)| doubled(rules))
            .map(|((link, ..), rules)| found(facts, link, &rules))
            .collect()
    }
}

fn way(rule: &StoredRule) -> Option<Way<'_>> {
    let events = match rule.trigger {
        Trigger::Manual => return None,
        // Harbor takes it and never starts it (harbor-facts A.6).
        Trigger::EventBased if rule.pulls => return None,
        Trigger::EventBased => true,
        Trigger::Scheduled { .. } => false,
    };
    let flattening = if rule.namespace.is_empty() { 0 } else { rule.flattening };
    Some((&rule.link, events, &rule.namespace, flattening))
}

fn found(facts: &Facts<'_>, link: &Link, rules: &[(&NodeFacts, &StoredRule)]) -> Found {
    let named = |with: fn(&StoredRule, &NodeFacts) -> String| {
        some(&rules.iter().map(|(node, rule)| with(rule, node)).collect::<Vec<_>>())
    };
    let Say { en: names, zh: names_zh } = named(|rule, _| rule.name.clone());
    let en = named(|rule, node| format!("{} on {} ({})", rule.name, node.node, rule.schedule.en)).en;
    let zh = named(|rule, node| format!("{} 上的 {}（{}）", node.node, rule.name, rule.schedule.zh)).zh;
    let (from, to) = (&link.source, &link.destination);
    let answer = Answer::warning(
        say!("{en}", "{zh}"),
        say!(
            "Each image is looked at more than once, on both Harbors. Nothing is lost.",
            "每个镜像会在两端被检查多次。不会丢失内容。"
        ),
    );
    Found {
        subject: of_link(link),
        title: say!(
            "{names} copy the same from {from} to {to}",
            "从 {from} 到 {to} 有多条规则复制同样的内容：{names_zh}"
        ),
        answer: match to_switch_off(rules) {
            Some((node, rule)) => switch_off(answer, facts, node, rule),
            None => answer,
        },
    }
}

/// The first that is not ours and without which everything is still copied.
fn to_switch_off<'a>(rules: &[(&'a NodeFacts, &'a StoredRule)]) -> Option<(&'a NodeFacts, &'a StoredRule)> {
    let all_but = |at: usize| rules.iter().enumerate().any(|(i, (_, r))| i != at && r.filters.is_empty());
    rules.iter().enumerate().find(|(at, (_, rule))| !rule.ours && all_but(*at)).map(|(_, rule)| *rule)
}

#[cfg(test)]
mod tests {
    use model::rule::RuleFilter;

    use super::{super::tests::Rig, *};

    fn one_project() -> Vec<RuleFilter> {
        vec![RuleFilter { kind: "name".into(), value: "shop/**".into(), excludes: false }]
    }

    #[test]
    fn look_finds_a_second_rule_of_the_same_kind() {
        let mut rig = Rig::masters();
        assert!(TwoRulesOneLink.look(&rig.facts()).is_empty());
        rig.other("a", "b", "old").trigger = Trigger::EventBased;
        assert!(TwoRulesOneLink.look(&rig.facts()).is_empty());
        rig.other("a", "b", "older").filters = one_project();
        let found = TwoRulesOneLink.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].title.en, "breakwater-p-to-b, older copy the same from a to b");
        rig.rule("a", "b").filters = one_project();
        assert!(TwoRulesOneLink.look(&rig.facts()).is_empty());
    }

    #[test]
    fn to_switch_off_leaves_one_that_copies_everything() {
        let mut rig = Rig::masters();
        rig.other("a", "b", "old");
        let rules: Rules<'_> = rig.nodes[0].rules.iter().map(|rule| (&rig.nodes[0], rule)).collect();
        assert_eq!(to_switch_off(&rules).map(|(_, rule)| rule.name.as_str()), Some("old"));
        rig.rule("a", "b").filters = one_project();
        let rules: Rules<'_> = rig.nodes[0].rules.iter().map(|rule| (&rig.nodes[0], rule)).collect();
        assert!(to_switch_off(&rules).is_none());
    }
}
