//! Retention that takes away at the destination what the source goes on holding: with each run it comes back. Where a
//! rule carries deletions, what retention removes at the source is removed at the destination as well (harbor-facts C.2).

use model::{Say, rule::Trigger, say};

use super::{
    Answer, Facts, Found, Lint,
    destination::{names, on_each_link},
};
use crate::findings::{retention_differs, some};

pub(super) struct RetentionDiffers;

impl Lint for RetentionDiffers {
    fn id(&self) -> &'static str {
        "retention-differs"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        on_each_link(facts, |link, projects| {
            let (from, to) = (&link.source, &link.destination);
            let carried = names(&projects, |p| !p.here.retention.is_empty());
            let deletes = facts
                .enabled()
                .any(|(_, rule)| rule.link == *link && rule.deletion && rule.trigger == Trigger::EventBased);
            if deletes && !carried.is_empty() {
                let title = say!(
                    "What retention removes on {from} is deleted on {to} too",
                    "{from} 上保留策略删除的内容，在 {to} 上也会被删除"
                );
                return Some((title, deleted(&carried)));
            }
            let lost =
                names(&projects, |p| !p.there.retention.is_empty() && p.there.retention != p.here.retention);
            let title = say!(
                "Retention on {to} removes what {from} copies there",
                "{to} 上的保留策略会删除 {from} 复制过去的内容"
            );
            let one_writer = facts.spec.topology.one_writer();
            (!lost.is_empty()).then(|| (title, retention_differs(&lost, one_writer)))
        })
    }
}

fn deleted(projects: &[String]) -> Answer {
    let Say { en, zh } = some(projects);
    Answer::warning(
        say!("retention: {en}", "保留策略：{zh}"),
        say!(
            "Harbor cannot tell a person's deletion from that of retention: the copy keeps no more than the source.",
            "Harbor 无法区分人的删除和保留策略的删除：副本保留的不会比源端多。"
        ),
    )
    .cure(say!(
        "Switch deletion off where the copy shall keep more.",
        "若副本需要保留更多内容，请关闭删除。"
    ))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_retention_on_one_side_and_of_what_deletion_carries() {
        let mut rig = Rig::masters();
        rig.limits("a", "shop");
        rig.limits("b", "shop").retention = "ten".to_owned();
        let titles = |rig: &Rig| -> Vec<String> {
            RetentionDiffers.look(&rig.facts()).into_iter().map(|found| found.title.en).collect()
        };
        assert_eq!(titles(&rig), ["Retention on b removes what a copies there"]);
        rig.limits("a", "shop").retention = "five".to_owned();
        assert_eq!(titles(&rig).len(), 2);
        rig.limits("a", "shop").retention = "ten".to_owned();
        assert!(titles(&rig).is_empty());
        rig.rule("a", "b").deletion = true;
        assert!(titles(&rig).is_empty(), "runs carry no deletions");
        rig.rule("a", "b").trigger = Trigger::EventBased;
        assert_eq!(titles(&rig), ["What retention removes on a is deleted on b too"]);
    }
}
