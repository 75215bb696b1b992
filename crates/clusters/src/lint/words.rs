//! Words that several questions share.

use std::collections::BTreeMap;

use model::{Link, Say, rule::StoredRule, say, say::duration};

use super::{Facts, NodeFacts, by_itself};

/// A time of day with how long ago that was: "14:20 UTC (35 min ago)".
pub(super) fn clock(ms: i64, now_ms: i64) -> Say {
    let minute = ms.div_euclid(60_000).rem_euclid(1440);
    let (hours, minutes) = (minute / 60, minute % 60);
    let Say { en, zh } = duration(now_ms - ms);
    say!("{hours:02}:{minutes:02} UTC ({en} ago)", "{hours:02}:{minutes:02} UTC（{zh}前）")
}

/// What still copies over a link while the rule called `without` does not.
pub(super) fn left_over(facts: &Facts<'_>, link: &Link, without: &str) -> Say {
    let (from, to) = (&link.source, &link.destination);
    let runs = || facts.enabled().map(|(_, rule)| rule).filter(|rule| by_itself(rule));
    if let Some(other) = runs().find(|rule| rule.link == *link && rule.name != without) {
        let name = &other.name;
        return say!(
            "Only the rule {name} still copies from {from} to {to}.",
            "只有规则 {name} 仍从 {from} 复制到 {to}。"
        );
    }
    if runs().any(|rule| rule.link.source == *to && rule.link.destination == *from) {
        return say!(
            "Nothing is copied from {from} to {to}; half of the pair does not run.",
            "没有任何内容从 {from} 复制到 {to}：这一对只有一个方向在执行。"
        );
    }
    say!("Nothing is copied from {from} to {to}.", "没有任何内容从 {from} 复制到 {to}。")
}

/// The enabled rules that something is wrong with, by the endpoint they share: one thing to mend, told once.
pub(super) fn by_endpoint<'a>(
    facts: &'a Facts<'_>,
    wrong: impl Fn(&StoredRule) -> bool,
) -> Vec<(&'a NodeFacts, Vec<&'a StoredRule>)> {
    let mut shared = BTreeMap::new();
    for (node, rule) in facts.enabled().filter(|(_, rule)| wrong(rule)) {
        let key = (&node.node, &rule.endpoint);
        shared.entry(key).or_insert_with(|| (node, Vec::new())).1.push(rule);
    }
    shared.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{NOW, Rig},
        *,
    };

    #[test]
    fn clock_tells_the_time_and_how_long_ago() {
        assert_eq!(clock(NOW - 35 * 60_000, NOW).en, "07:25 UTC (35 min ago)");
        assert_eq!(clock(NOW - 35 * 60_000, NOW).zh, "07:25 UTC（35 分钟前）");
    }

    #[test]
    fn left_over_names_what_still_copies() {
        let mut rig = Rig::masters();
        let (name, link) = (rig.rule("a", "b").name.clone(), rig.rule("a", "b").link.clone());
        assert!(left_over(&rig.facts(), &link, &name).en.contains("half of the pair"));
        rig.rule("b", "a").enabled = false;
        assert_eq!(left_over(&rig.facts(), &link, &name).en, "Nothing is copied from a to b.");
        rig.other("a", "b", "old");
        assert!(left_over(&rig.facts(), &link, &name).en.starts_with("Only the rule old"));
    }
}
