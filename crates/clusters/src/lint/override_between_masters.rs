//! Override between two masters: the side that still has the old tag puts it back (trap 1 of harbor-facts).

use model::{Topology, say};

use super::{Answer, Facts, Found, Lint, cure::mend_or_switch_off, of_link};

pub(super) struct OverrideBetweenMasters;

impl Lint for OverrideBetweenMasters {
    fn id(&self) -> &'static str {
        "override-between-masters"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        if facts.spec.topology != Topology::DualMaster {
            return Vec::new();
        }
        let found = |(node, rule): (&super::NodeFacts, &model::rule::StoredRule)| {
            let (name, at) = (&rule.name, &node.node);
            let answer = Answer::failed(
                say!("override is on, on {at}", "{at} 上开启了覆盖"),
                say!(
                    "The side that still has an old tag puts it back over the new one, and the execution says success.",
                    "仍持有旧标签的一端会用旧内容覆盖新内容，而执行显示成功。"
                ),
            );
            Found {
                subject: of_link(&rule.link),
                title: say!(
                    "The rule {name} overwrites between two masters",
                    "规则 {name} 在双主之间覆盖标签"
                ),
                answer: mend_or_switch_off(answer, facts, node, rule),
            }
        };
        facts.enabled().filter(|(_, rule)| rule.r#override).map(found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_names_each_enabled_rule_that_overwrites() {
        let mut rig = Rig::masters();
        assert!(OverrideBetweenMasters.look(&rig.facts()).is_empty());
        rig.rule("a", "b").r#override = true;
        rig.rule("b", "a").r#override = true;
        rig.rule("b", "a").enabled = false;
        assert_eq!(OverrideBetweenMasters.look(&rig.facts()).len(), 1);
        rig.spec.topology = Topology::OneToMany;
        assert!(OverrideBetweenMasters.look(&rig.facts()).is_empty());
    }
}
