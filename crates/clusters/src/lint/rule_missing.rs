//! A rule that was made is gone: somebody deleted it, and its executions went with it (harbor-facts A.6).

use model::{plan::PlannedRule, say};

use super::{Answer, Facts, Found, Lint, cure::mend, of_link, words::left_over};

pub(super) struct RuleMissing;

impl Lint for RuleMissing {
    fn id(&self) -> &'static str {
        "rule-missing"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        // A node that was not read has lost nothing.
        let gone = |planned: &&PlannedRule| {
            let node = facts.nodes.iter().find(|n| n.node == planned.link.source);
            node.is_some_and(|n| n.rules.iter().all(|rule| rule.name != planned.name))
        };
        let found = |planned: &PlannedRule| {
            let (name, at) = (&planned.name, &planned.link.source);
            let (en, zh) = (&planned.schedule.en, &planned.schedule.zh);
            Found {
                subject: of_link(&planned.link),
                title: say!("The rule {name} is missing on {at}", "{at} 上缺少规则 {name}"),
                answer: mend(Answer::failed(
                    say!("planned: {en}; there is none of that name", "计划：{zh}；没有此名称的规则"),
                    left_over(facts, &planned.link, name),
                )),
            }
        };
        facts.planned.iter().filter(gone).map(found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_misses_a_rule_only_where_the_node_was_read() {
        let mut rig = Rig::masters();
        rig.nodes[0].rules.clear();
        assert_eq!(RuleMissing.look(&rig.facts()).len(), 1);
        rig.nodes.remove(0);
        assert!(RuleMissing.look(&rig.facts()).is_empty());
    }
}
