//! Deletion: it goes by the tag's name, whatever the other side holds under it, and what retention deletes at the
//! source is deleted at the destination too (trap 2 and C.2 of harbor-facts). Only events carry it; full runs never do.

use model::{
    Say, Topology,
    rule::{StoredRule, Trigger},
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure::mend_or_switch_off, of_link};

pub(super) struct DeletionOn;

impl Lint for DeletionOn {
    fn id(&self) -> &'static str {
        "deletion-on"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = |(node, rule): (&NodeFacts, &StoredRule)| {
            let (name, at) = (&rule.name, &node.node);
            Found {
                subject: of_link(&rule.link),
                title: say!(
                    "The rule {name} on {at} is set to carry deletions",
                    "{at} 上的规则 {name} 开启了删除"
                ),
                answer: mend_or_switch_off(judge(facts.spec.topology, rule), facts, node, rule),
            }
        };
        facts.enabled().filter(|(_, rule)| rule.deletion).map(found).collect()
    }
}

fn judge(topology: Topology, rule: &StoredRule) -> Answer {
    let Say { en, zh } = &rule.schedule;
    let measured = say!("deletion is on; it runs {en}", "删除已开启；执行：{zh}");
    let (from, to) = (&rule.link.source, &rule.link.destination);
    if rule.pulls || rule.trigger != Trigger::EventBased {
        // Harbor has the switch for every trigger, but it works for one.
        return Answer::warning(
            measured,
            say!(
                "It deletes nothing as it is: runs carry no deletions. Made to push at each event, it would delete on {to} by the tag's name.",
                "目前它不会删除任何内容：普通执行不传递删除。一旦改为事件驱动的推送，它就会按标签名在 {to} 上删除。"
            ),
        );
    }
    if topology == Topology::DualMaster {
        return Answer::failed(
            measured,
            say!(
                "What is deleted on {from} is deleted on {to} by the tag's name: where the tags differ, the wrong image dies with all its other tags.",
                "在 {from} 上删除的内容会按标签名在 {to} 上删除：两边标签不同时，会连同其他标签删掉错误的镜像。"
            ),
        );
    }
    Answer::warning(
        measured,
        say!(
            "What people or the retention of {from} delete is deleted on {to} too, by the tag's name.",
            "{from} 上由人或保留策略删除的内容，会按标签名在 {to} 上一并删除。"
        ),
    )
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::{super::tests::Rig, *};

    #[test]
    fn look_fails_where_an_event_rule_deletes_between_masters() {
        let mut rig = Rig::masters();
        assert!(DeletionOn.look(&rig.facts()).is_empty());
        let state = |rig: &Rig| DeletionOn.look(&rig.facts())[0].answer.state();
        rig.rule("a", "b").deletion = true;
        assert_eq!(state(&rig), FindingState::Warning);
        rig.rule("a", "b").trigger = Trigger::EventBased;
        assert_eq!(state(&rig), FindingState::Failed);
        rig.spec.topology = Topology::OneToMany;
        assert_eq!(state(&rig), FindingState::Warning);
        rig.rule("a", "b").enabled = false;
        assert!(DeletionOn.look(&rig.facts()).is_empty());
    }
}
