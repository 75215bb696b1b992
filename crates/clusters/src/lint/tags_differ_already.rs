//! Tags that stand for something else on the two sides of a pair whose rules do not override: each run skips them
//! and says success (harbor-facts C.1, trap 5).

use model::{Link, finding::CureAction, say, say::count};

use super::{Answer, Facts, Found, Lint, PairFacts, of_link};

pub(super) struct TagsDifferAlready;

impl Lint for TagsDifferAlready {
    fn id(&self) -> &'static str {
        "tags-differ-already"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        facts.pairs.iter().filter(|pair| pair.differing > 0 && stays(facts, pair)).map(found).collect()
    }
}

/// Rules run between the two, and none of them overwrites.
fn stays(facts: &Facts<'_>, pair: &PairFacts) -> bool {
    let ends = |link: &Link| pair.nodes.contains(&link.source) && pair.nodes.contains(&link.destination);
    let mut between = facts.enabled().map(|(_, rule)| rule).filter(|rule| ends(&rule.link)).peekable();
    between.peek().is_some() && between.all(|rule| !rule.r#override)
}

fn found(pair: &PairFacts) -> Found {
    let ([a, b], n) = (&pair.nodes, count(pair.differing));
    let answer = Answer::warning(
        say!("stand for different images: {n}", "指向不同镜像的标签：{n} 个"),
        say!(
            "No run will change that while override is off, and each run says success.",
            "只要覆盖是关闭的，任何执行都不会改变这一点，而且每次都显示成功。"
        ),
    )
    .cure_with(
        say!("Look at them, and decide which side is right.", "请查看这些标签，并决定以哪一端为准。"),
        CureAction::OpenPair { pair: pair.pair.clone() },
    );
    Found {
        subject: of_link(&Link::new(a.clone(), b.clone())),
        title: say!("{n} tags differ already between {a} and {b}", "{a} 与 {b} 之间已有 {n} 个标签不同"),
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_tags_that_no_run_changes() {
        let mut rig = Rig::masters();
        assert!(TagsDifferAlready.look(&rig.facts()).is_empty());
        rig.pairs[0].differing = 3;
        assert_eq!(TagsDifferAlready.look(&rig.facts()).len(), 1);
        rig.rule("a", "b").r#override = true;
        assert!(TagsDifferAlready.look(&rig.facts()).is_empty());
        rig.nodes.clear();
        assert!(TagsDifferAlready.look(&rig.facts()).is_empty());
    }
}
