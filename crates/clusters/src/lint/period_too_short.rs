//! A period shorter than a run: before 2.14, and without the skip, each tick starts another run beside those that
//! still go on (harbor-facts C.4).

use model::{
    plan::period_minutes,
    rule::StoredRule,
    say,
    say::{count, duration},
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure, of_link};

pub(super) struct PeriodTooShort;

impl Lint for PeriodTooShort {
    fn id(&self) -> &'static str {
        "period-too-short"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = facts.scheduled().filter_map(|(node, rule, cron)| {
            let period = cron.period_hint(facts.now_ms)?;
            // How much a filter lets through nobody counted.
            let short = rule.filters.is_empty() && period < facts.run_ms();
            short.then(|| found(facts, node, rule, period))
        });
        found.collect()
    }
}

fn found(facts: &Facts<'_>, node: &NodeFacts, rule: &StoredRule, period: i64) -> Found {
    let (name, at, n) = (&rule.name, &node.node, count(facts.artifacts));
    let (period, run) = (duration(period), duration(facts.run_ms()));
    let meaning = if rule.single_active_replication {
        say!(
            "Harbor skips a run while the one before is on, and lists it as failed.",
            "上一次执行未结束时，Harbor 会跳过新的执行，并将其列为失败。"
        )
    } else {
        say!(
            "Runs pile up, and both Harbors are busy all the time.",
            "执行会不断堆积，两端的 Harbor 一直繁忙。"
        )
    };
    let answer = Answer::warning(
        say!(
            "every {}; a run over {n} artifacts takes about {}",
            "每 {}；查看 {n} 个制品的一次执行约需 {}",
            period.en, run.en; period.zh, run.zh
        ),
        meaning,
    )
    .limit(say!("longer than {}", "应长于 {}", run.en; run.zh));
    let better = duration(i64::from(period_minutes(facts.artifacts)) * 60_000);
    let answer = match facts.planned_of(rule) {
        Some(planned) if planned.cron.as_deref() != rule.trigger.cron() => cure::mend(answer),
        Some(_) => answer.cure(say!(
            "Choose a longer period in the form on this page: {}.",
            "请在本页的表单中选择更长的周期：{}。",
            better.en; better.zh
        )),
        None => answer.cure_with(
            say!(
                "Give it a longer period in the portal of {at}: {}.",
                "请在 {at} 的门户中为它设置更长的周期：{}。",
                better.en; better.zh
            ),
            cure::rules_page(node),
        ),
    };
    Found {
        subject: of_link(&rule.link),
        title: say!(
            "The rule {name} on {at} runs more often than a run takes",
            "{at} 上的规则 {name} 的周期短于一次执行所需的时间"
        ),
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_compares_the_period_with_a_run() {
        let mut rig = Rig::masters();
        // 22 222 artifacts take ten minutes.
        rig.artifacts = 22_000;
        assert!(PeriodTooShort.look(&rig.facts()).is_empty());
        rig.artifacts = 23_000;
        assert_eq!(PeriodTooShort.look(&rig.facts()).len(), 2);
        rig.rule("a", "b").filters =
            vec![model::rule::RuleFilter { kind: "name".into(), value: "x/**".into(), excludes: false }];
        assert_eq!(PeriodTooShort.look(&rig.facts()).len(), 1);
        rig.artifacts = 0;
        assert!(PeriodTooShort.look(&rig.facts()).is_empty());
    }
}
