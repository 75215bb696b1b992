//! One of ours is switched off: its schedule row is gone and events are ignored; nothing missed meanwhile is caught
//! up when it is switched on (harbor-facts C.4).

use model::{
    Say,
    rule::{StoredRule, Trigger},
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure::mend, of_link, words::left_over};

pub(super) struct RuleOff;

impl Lint for RuleOff {
    fn id(&self) -> &'static str {
        "rule-off"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = |(node, rule): (&NodeFacts, &StoredRule)| {
            let Say { en, zh } = &facts.planned_of(rule)?.schedule;
            let (name, at) = (&rule.name, &node.node);
            let rest = left_over(facts, &rule.link, name);
            let later = if rule.trigger == Trigger::EventBased {
                say!(
                    "What was pushed meanwhile crosses with a scheduled run only.",
                    "期间推送的内容只能由定时执行复制。"
                )
            } else {
                say!(
                    "Switched on again, it copies what is missing at its next run.",
                    "重新启用后，下次执行会复制缺少的内容。"
                )
            };
            Some(Found {
                subject: of_link(&rule.link),
                title: say!("The rule {name} on {at} is switched off", "{at} 上的规则 {name} 已停用"),
                answer: mend(Answer::failed(
                    say!("off; planned: {en}", "已停用；计划：{zh}"),
                    say!("{} {}", "{}{}", rest.en, later.en; rest.zh, later.zh),
                )),
            })
        };
        facts.rules().filter(|(_, rule)| !rule.enabled).filter_map(found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_ours_alone() {
        let mut rig = Rig::masters();
        rig.rule("a", "b").enabled = false;
        rig.other("a", "b", "old").enabled = false;
        let found = RuleOff.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.contains("breakwater-p-to-b on a"));
        rig.planned.clear();
        assert!(RuleOff.look(&rig.facts()).is_empty());
    }
}
