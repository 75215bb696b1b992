//! Both directions of a dual-master start at the same moment: each side reads and writes both Harbors at once, and
//! with override the two runs may swap tags (harbor-facts C.2: seen in two of four tries).

use model::{Topology, cron::Cron, rule::StoredRule, say};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure, of_link};

/// Coming runs looked at, of each side.
const RUNS: usize = 20;

pub(super) struct SchedulesCollide;

type Side<'a> = (&'a NodeFacts, &'a StoredRule, Cron);

impl Lint for SchedulesCollide {
    fn id(&self) -> &'static str {
        "schedules-collide"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        if facts.spec.topology != Topology::DualMaster {
            return Vec::new();
        }
        let sides: Vec<Side<'_>> = facts.scheduled().collect();
        let opposite = |a: &StoredRule, b: &StoredRule| {
            a.link.source < b.link.source
                && a.link.source == b.link.destination
                && a.link.destination == b.link.source
        };
        let mut all = Vec::new();
        for one in &sides {
            for other in sides.iter().filter(|other| opposite(one.1, other.1)) {
                if let Some(at_ms) = first_together(&one.2, &other.2, facts.now_ms) {
                    all.push(found(facts, one, other, at_ms));
                }
            }
        }
        all
    }
}

/// The first of the coming runs of either that the other has too: a daily run among many is found as well.
fn first_together(one: &Cron, other: &Cron, now_ms: i64) -> Option<i64> {
    let shared =
        |a: &Cron, b: &Cron| a.runs_after(now_ms).take(RUNS).find(|t| b.next_after(t - 1) == Some(*t));
    shared(one, other).into_iter().chain(shared(other, one)).min()
}

fn found(facts: &Facts<'_>, one: &Side<'_>, other: &Side<'_>, at_ms: i64) -> Found {
    let minute = at_ms.div_euclid(60_000).rem_euclid(1440);
    let (hours, minutes) = (minute / 60, minute % 60);
    let ((a, b), (a_cron, b_cron)) = ((&one.1.name, &other.1.name), (one.2.text(), other.2.text()));
    let (a_at, b_at) = (&one.0.node, &other.0.node);
    let meaning = if one.1.r#override && other.1.r#override {
        say!(
            "Both overwrite: where a tag differs, the two runs may swap it.",
            "两者都会覆盖：标签不同时，两次执行可能将其互换。"
        )
    } else {
        say!(
            "Each run loads both Harbors; at the same time they take longer, and each looks at what the other is still copying.",
            "每次执行都会占用两端；同时执行耗时更长，而且会检查对方仍在复制的内容。"
        )
    };
    let answer = Answer::warning(
        say!(
            "{a_cron} and {b_cron}: both at {hours:02}:{minutes:02} UTC",
            "{a_cron} 与 {b_cron}：都在 {hours:02}:{minutes:02} UTC"
        ),
        meaning,
    );
    Found {
        subject: of_link(&one.1.link),
        title: say!(
            "The rules {a} on {a_at} and {b} on {b_at} start at the same time",
            "{a_at} 上的规则 {a} 与 {b_at} 上的规则 {b} 同时开始"
        ),
        answer: cured(answer, facts, one, other),
    }
}

fn cured(answer: Answer, facts: &Facts<'_>, one: &Side<'_>, other: &Side<'_>) -> Answer {
    let planned = [one, other].map(|side| facts.planned_of(side.1).map(|p| (p, side.1)));
    if planned.iter().flatten().any(|(planned, rule)| planned.cron.as_deref() != rule.trigger.cron()) {
        return cure::mend(answer);
    }
    if planned.iter().flatten().next().is_some() {
        return answer.cure(say!(
            "Choose another schedule in the form on this page.",
            "请在本页的表单中选择其他定时计划。"
        ));
    }
    let at = &other.0.node;
    answer.cure_with(
        say!(
            "Move one of them by some minutes, in the portal of {at}.",
            "请在 {at} 的门户中将其中一个错开几分钟。"
        ),
        cure::rules_page(other.0),
    )
}

#[cfg(test)]
mod tests {
    use model::{
        finding::{Cure, CureAction, Finding},
        rule::{RuleDeed, Trigger},
    };

    use super::{super::tests::Rig, *};

    fn cure(rig: &Rig) -> Option<Cure> {
        let found = SchedulesCollide.look(&rig.facts()).pop()?;
        let waiting = Finding::waiting("x", found.subject, found.title, false);
        found.answer.into_finding(waiting, 0, 0).cure
    }

    #[test]
    fn look_finds_runs_that_start_together() {
        let mut rig = Rig::masters();
        assert_eq!(cure(&rig), None);
        rig.rule("b", "a").trigger = Trigger::Scheduled { cron: "0 0 3 * * *".into() };
        assert_eq!(SchedulesCollide.look(&rig.facts()).len(), 1);
        assert_eq!(cure(&rig).unwrap().action, Some(CureAction::Rule { deed: RuleDeed::Mend }));
        rig.planned[1].cron = Some("0 0 3 * * *".into());
        assert_eq!(cure(&rig).unwrap().action, None);
        rig.spec.topology = Topology::OneToMany;
        assert_eq!(cure(&rig), None);
    }
}
