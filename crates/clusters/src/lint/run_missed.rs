//! Runs that should have come and did not: the rule, its row and Harbor's health look fine after Redis was emptied,
//! and nothing starts (harbor-facts C.4).
//!
//! One missing run may be due to a rule that was off for a while, or got another schedule; two in a row are not.

use model::{
    cron::Cron,
    rule::{ExecutionTrigger, StoredRule},
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure::reschedule, of_link, words::clock};

/// A run may be this late before it is missed, milliseconds.
const GRACE_MS: i64 = 60_000;

/// How far a node's clock and this one may be apart, milliseconds.
const SKEW_MS: i64 = 120_000;

const YEAR_MS: i64 = 366 * 86_400_000;

pub(super) struct RunMissed;

impl Lint for RunMissed {
    fn id(&self) -> &'static str {
        "run-missed"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = facts.scheduled().filter_map(|(node, rule, cron)| {
            // A lost row and a paused queue are told by themselves; where they could not be read, this is all there is.
            let lost = node.jobs.as_ref().is_some_and(|jobs| !jobs.scheduled.contains(&rule.id));
            if lost || node.paused().next().is_some() {
                return None;
            }
            let expected = last_but_one(&cron, facts.now_ms - GRACE_MS)?;
            let runs = node.runs_of(rule);
            let came = |trigger, at: i64| trigger == ExecutionTrigger::Scheduled && at >= expected - SKEW_MS;
            if runs.iter().any(|run| came(run.trigger, run.started_ms)) {
                return None;
            }
            // A rule is known to be older than the run when it did something before.
            let last = runs.iter().find(|run| run.started_ms < expected - SKEW_MS)?;
            Some(found(facts.now_ms, node, rule, expected, last.started_ms))
        });
        found.collect()
    }
}

/// The run before the last one until then; `None` where there are no two within a year.
fn last_but_one(cron: &Cron, until_ms: i64) -> Option<i64> {
    // Twice the shortest distance holds two runs of a regular cron; others are looked for further back.
    let mut back = cron.period_hint(until_ms)?.max(1000) * 2;
    loop {
        let runs = cron.runs_after(until_ms - back - 1).take_while(|t| *t <= until_ms);
        let last = runs.fold([None, None], |[_, last], run| [last, Some(run)]);
        if last[0].is_some() || back > YEAR_MS {
            return last[0];
        }
        back *= 2;
    }
}

fn found(now_ms: i64, node: &NodeFacts, rule: &StoredRule, expected: i64, last: i64) -> Found {
    let (name, at) = (&rule.name, &node.node);
    let (expected, last) = (clock(expected, now_ms), clock(last, now_ms));
    let answer = Answer::failed(
        say!(
            "expected at {} and since; last execution at {}",
            "应于 {}执行，此后也没有执行；最近一次执行：{}",
            expected.en, last.en; expected.zh, last.zh
        ),
        say!(
            "The job service of {at} no longer starts the rule, although Harbor shows it as enabled and calls itself healthy.",
            "{at} 的任务服务不再启动此规则，尽管 Harbor 显示它已启用，并自称健康。"
        ),
    );
    Found {
        subject: of_link(&rule.link),
        title: say!("The rule {name} on {at} did not run", "{at} 上的规则 {name} 没有执行"),
        answer: reschedule(answer, at, rule),
    }
}

#[cfg(test)]
mod tests {
    use model::{HarborVersion, rule::ExecutionState};

    use super::{
        super::tests::{NOW, Rig},
        *,
    };

    const MINUTE: i64 = 60_000;

    fn ran(rig: &mut Rig, minutes_ago: i64) {
        let at = NOW - minutes_ago * MINUTE;
        rig.ran("a", "b", ExecutionTrigger::Scheduled, ExecutionState::Succeeded, at);
    }

    #[test]
    fn look_misses_two_runs_in_a_row() {
        let mut rig = Rig::masters();
        // Nothing is known: the rule may be new.
        assert!(RunMissed.look(&rig.facts()).is_empty());
        // The runs of 07:40 and 07:50 are both missing; that of 08:00 may still come.
        ran(&mut rig, 30);
        let found = RunMissed.look(&rig.facts());
        assert_eq!(found.len(), 1);
        // A start by hand is no run of the schedule.
        rig.ran("a", "b", ExecutionTrigger::Manual, ExecutionState::Succeeded, NOW - MINUTE);
        assert_eq!(RunMissed.look(&rig.facts()).len(), 1);
        ran(&mut rig, 20);
        assert!(RunMissed.look(&rig.facts()).is_empty());
    }

    #[test]
    fn look_leaves_a_paused_queue_and_a_lost_row_to_others() {
        let mut rig = Rig::masters();
        ran(&mut rig, 60);
        let jobs = rig.nodes[0].jobs.as_mut().unwrap();
        jobs.paused.push("SCHEDULER".into());
        assert!(RunMissed.look(&rig.facts()).is_empty());
        let jobs = rig.nodes[0].jobs.as_mut().unwrap();
        jobs.paused.clear();
        jobs.scheduled.clear();
        assert!(RunMissed.look(&rig.facts()).is_empty());
        rig.nodes[0].jobs = None;
        assert_eq!(RunMissed.look(&rig.facts()).len(), 1);
    }

    #[test]
    fn last_but_one_goes_back_as_far_as_needed() {
        let at = |cron: &str| {
            let cron = Cron::parse(cron, &HarborVersion::new(2, 15, 2)).unwrap();
            last_but_one(&cron, NOW - GRACE_MS).map(|t| (NOW - t) / MINUTE)
        };
        assert_eq!(at("0 */10 * * * *"), Some(20));
        assert_eq!(at("0 0 8 * * *"), Some(48 * 60));
        // 08:00 on a Friday: the two of the last Monday, 08:00 and 09:00.
        assert_eq!(at("0 0 8,9 * * 1"), Some(4 * 24 * 60));
        assert_eq!(at("0 0 0 29 2 *"), None);
    }
}
