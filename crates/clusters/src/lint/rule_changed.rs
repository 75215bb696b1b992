//! One of ours is not as it was planned: somebody changed it in the portal, where a change writes the whole rule
//! (harbor-facts A.6).

use model::{
    Say,
    rule::{Differing, StoredRule},
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure::mend, of_link};

pub(super) struct RuleChanged;

impl Lint for RuleChanged {
    fn id(&self) -> &'static str {
        "rule-changed"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let changed = |(_, rule): &(&NodeFacts, &StoredRule)| rule.differs.len() > told(facts, rule);
        let found = |(node, rule): (&NodeFacts, &StoredRule)| {
            let (name, at) = (&rule.name, &node.node);
            Found {
                subject: of_link(&rule.link),
                title: say!(
                    "The rule {name} on {at} is not as it was planned",
                    "{at} 上的规则 {name} 与计划不同"
                ),
                answer: mend(Answer::warning(
                    list(&rule.differs),
                    say!(
                        "Somebody changed it. Breakwater does not overwrite that by itself.",
                        "有人修改了它。Breakwater 不会自行覆盖。"
                    ),
                )),
            }
        };
        facts.rules().filter(|(_, rule)| rule.ours).filter(changed).map(found).collect()
    }
}

/// How many of the differences have a finding of their own, which says more.
fn told(facts: &Facts<'_>, rule: &StoredRule) -> usize {
    let Some(planned) = facts.planned_of(rule).filter(|_| rule.enabled) else { return 0 };
    usize::from(planned.r#override != rule.r#override) + usize::from(planned.deletion != rule.deletion)
}

fn list(differs: &[Differing]) -> Say {
    let all = |pick: fn(&Say) -> &str, colon: &str, between: &str| {
        let one = |d: &Differing| format!("{}{colon}{} → {}", pick(&d.field), pick(&d.planned), pick(&d.is));
        differs.iter().map(one).collect::<Vec<_>>().join(between)
    };
    Say { en: all(|s| &s.en, ": ", "; "), zh: all(|s| &s.zh, "：", "；") }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    fn differing(field: &str) -> Differing {
        Differing { field: Say::same(field), planned: Say::same("Off"), is: Say::same("On") }
    }

    #[test]
    fn look_leaves_to_others_what_they_tell() {
        let mut rig = Rig::masters();
        let rule = rig.rule("a", "b");
        rule.r#override = true;
        rule.differs = vec![differing("Override")];
        assert!(RuleChanged.look(&rig.facts()).is_empty());
        rig.rule("a", "b").differs.push(differing("Bandwidth"));
        assert_eq!(RuleChanged.look(&rig.facts()).len(), 1);
        // Nobody else tells of a rule that is off.
        rig.rule("a", "b").enabled = false;
        rig.rule("a", "b").differs.pop();
        assert_eq!(RuleChanged.look(&rig.facts()).len(), 1);
    }

    #[test]
    fn list_names_what_was_planned_and_what_is() {
        let two = list(&[differing("Override"), differing("Deletion")]);
        assert_eq!(two.en, "Override: Off → On; Deletion: Off → On");
        assert_eq!(two.zh, "Override：Off → On；Deletion：Off → On");
    }
}
