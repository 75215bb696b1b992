//! A rule that copies where no link of the cluster leads: back to a source, or between branches. Full runs copy
//! everything and never delete, so what was deleted comes back (harbor-facts C.2, trap 6).

use model::{Link, rule::StoredRule, say};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure::switch_off, of_link};

pub(super) struct WrongWay;

impl Lint for WrongWay {
    fn id(&self) -> &'static str {
        "wrong-way"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        if !facts.spec.topology.one_writer() {
            return Vec::new();
        }
        let links = facts.spec.links();
        let stray = |(_, rule): &(&NodeFacts, &StoredRule)| !links.contains(&rule.link);
        let found = |(node, rule): (&NodeFacts, &StoredRule)| {
            let (name, at) = (&rule.name, &node.node);
            let (from, to) = (&rule.link.source, &rule.link.destination);
            let (en, zh) = (&rule.schedule.en, &rule.schedule.zh);
            let answer =
                Answer::failed(say!("{from} → {to}, {en}", "{from} → {to}，{zh}"), meaning(rule, &links));
            Found {
                subject: of_link(&rule.link),
                title: say!(
                    "The rule {name} on {at} copies where nothing shall be copied",
                    "{at} 上的规则 {name} 复制到了不该复制的方向"
                ),
                answer: switch_off(answer, facts, node, rule),
            }
        };
        facts.enabled().filter(stray).map(found).collect()
    }
}

fn meaning(rule: &StoredRule, links: &[Link]) -> model::Say {
    let (from, to) = (&rule.link.source, &rule.link.destination);
    let back = links.contains(&Link::new(to.clone(), from.clone()));
    match (back, rule.r#override) {
        (true, true) => say!(
            "{to} is the source: images deleted there come back from {from}, and old tags are put over new ones.",
            "{to} 是源端：在那里删除的镜像会从 {from} 回来，旧标签会覆盖新标签。"
        ),
        (true, false) => say!(
            "{to} is the source: images deleted there come back from {from}.",
            "{to} 是源端：在那里删除的镜像会从 {from} 回来。"
        ),
        (false, _) => say!(
            "{to} is then fed from two sides: it holds images that its source does not have, and the two undo each other.",
            "{to} 会由两端供给：它会存有源端没有的镜像，而且两者会互相抵消。"
        ),
    }
}

#[cfg(test)]
mod tests {
    use model::Topology;

    use super::{super::tests::Rig, *};

    #[test]
    fn look_finds_the_way_back_to_a_source() {
        let mut rig = Rig::masters();
        assert!(WrongWay.look(&rig.facts()).is_empty());
        rig.spec.topology = Topology::OneToMany;
        let found = WrongWay.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.contains("breakwater-p-to-a on b"));
        rig.rule("b", "a").enabled = false;
        assert!(WrongWay.look(&rig.facts()).is_empty());
    }
}
