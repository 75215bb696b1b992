//! Override off where only the source takes pushes: a tag that moves there stays as it was at the destination, and
//! the run says success (harbor-facts C.1, trap 5).

use model::{rule::StoredRule, say};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure, of_link};

pub(super) struct OverrideOffOneWriter;

impl Lint for OverrideOffOneWriter {
    fn id(&self) -> &'static str {
        "override-off-one-writer"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        if !facts.spec.topology.one_writer() {
            return Vec::new();
        }
        let links = facts.spec.links();
        let off = |(_, rule): &(&NodeFacts, &StoredRule)| !rule.r#override && links.contains(&rule.link);
        // What another rule overwrites anyway, one of others need not.
        let needed = |(_, rule): &(&NodeFacts, &StoredRule)| rule.ours || !overwritten(facts, rule);
        facts.enabled().filter(off).filter(needed).map(|(node, rule)| found(facts, node, rule)).collect()
    }
}

fn overwritten(facts: &Facts<'_>, rule: &StoredRule) -> bool {
    facts.enabled().any(|(_, other)| other.link == rule.link && other.r#override && other.filters.is_empty())
}

fn found(facts: &Facts<'_>, node: &NodeFacts, rule: &StoredRule) -> Found {
    let (name, at) = (&rule.name, &node.node);
    let (from, to) = (&rule.link.source, &rule.link.destination);
    let answer = Answer::warning(
        say!("override is off, on {at}", "{at} 上关闭了覆盖"),
        say!(
            "A tag that is moved on {from} keeps its old image on {to}, and the execution says success.",
            "在 {from} 上移动的标签，在 {to} 上仍指向旧镜像，而执行显示成功。"
        ),
    );
    let answer = if facts.planned_of(rule).is_some() {
        cure::mend(answer)
    } else {
        answer.cure_with(
            say!("Switch override on, in the portal of {at}.", "请在 {at} 的门户中开启覆盖。"),
            cure::rules_page(node),
        )
    };
    Found {
        subject: of_link(&rule.link),
        title: say!(
            "The rule {name} on {at} does not carry moved tags",
            "{at} 上的规则 {name} 不会复制移动过的标签"
        ),
        answer,
    }
}

#[cfg(test)]
mod tests {
    use model::Topology;

    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_where_moved_tags_do_not_cross() {
        let mut rig = Rig::masters();
        assert!(OverrideOffOneWriter.look(&rig.facts()).is_empty());
        rig.spec.topology = Topology::OneToMany;
        rig.other("a", "b", "old");
        assert_eq!(OverrideOffOneWriter.look(&rig.facts()).len(), 2);
        rig.rule("a", "b").r#override = true;
        assert!(OverrideOffOneWriter.look(&rig.facts()).is_empty());
    }
}
