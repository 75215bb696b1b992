//! The newest finished execution of a rule failed. With no task it failed while preparing, which Harbor neither logs
//! nor tries again (harbor-facts A.7, C.3, trap 1).

use model::{
    Say,
    rule::{ExecutionState, ExecutionView, StoredRule, Trigger},
    say,
    say::count,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, of_link, words::clock};

/// Of what Harbor says, which may be the whole page of a proxy.
const WHY_CHARS: usize = 160;

pub(super) struct RunsFail;

impl Lint for RunsFail {
    fn id(&self) -> &'static str {
        "runs-fail"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = facts.enabled().filter_map(|(node, rule)| {
            // One that is on says nothing yet, and one that was skipped nothing of its own.
            let mut settled = node.runs_of(rule);
            settled.retain(|run| !run.state.is_open() && run.state != ExecutionState::Skipped);
            let in_a_row = settled.iter().take_while(|run| run.state == ExecutionState::Failed).count();
            settled.first().filter(|_| in_a_row > 0).map(|last| found(facts, node, rule, last, in_a_row))
        });
        found.collect()
    }
}

fn found(
    facts: &Facts<'_>,
    node: &NodeFacts,
    rule: &StoredRule,
    last: &ExecutionView,
    in_a_row: usize,
) -> Found {
    let (name, at) = (&rule.name, &node.node);
    let Say { en, zh } = clock(last.started_ms, facts.now_ms);
    let why = why(last);
    let mut measured = say!("{}; at {en}", "{}；开始于 {zh}", why.en; why.zh);
    if in_a_row > 1 {
        measured.en.push_str(&format!("; {in_a_row} failed in a row"));
        measured.zh.push_str(&format!("；已连续失败 {in_a_row} 次"));
    }
    let cure = if last.total == 0 {
        say!(
            "Mend what Harbor names, then start the rule once. There is no log of it.",
            "请先解决 Harbor 指出的问题，然后启动一次规则。这次执行没有日志。"
        )
    } else {
        say!(
            "Open it below and read the log of a task that failed.",
            "请在下方打开它，并查看失败任务的日志。"
        )
    };
    Found {
        subject: of_link(&rule.link),
        title: say!(
            "The last run of the rule {name} on {at} failed",
            "{at} 上规则 {name} 的最近一次执行失败"
        ),
        answer: Answer::failed(measured, meaning(rule, last)).cure(cure),
    }
}

fn why(last: &ExecutionView) -> Say {
    let words = last.why.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        let (failed, total) = (count(last.failed), count(last.total));
        return say!("{failed} of {total} tasks failed", "{total} 个任务中有 {failed} 个失败");
    }
    let short: String = words.chars().take(WHY_CHARS).collect();
    let rest = if short.len() < words.len() { "…" } else { "" };
    Say::same(format!("{short}{rest}"))
}

fn meaning(rule: &StoredRule, last: &ExecutionView) -> Say {
    let to = &rule.link.destination;
    match (&rule.trigger, last.total) {
        (Trigger::Scheduled { .. }, 0) => say!(
            "It copied nothing to {to}. Harbor tries again only at the next run.",
            "没有向 {to} 复制任何内容。Harbor 要到下次执行才会重试。"
        ),
        (Trigger::Scheduled { .. }, _) => say!(
            "What failed is missing on {to} until a later run copies it.",
            "失败的内容在 {to} 上缺失，直到以后的执行将其复制。"
        ),
        _ => say!(
            "What failed is missing on {to}. Harbor does not try it again: only a scheduled run, or one started by hand, copies it.",
            "失败的内容在 {to} 上缺失。Harbor 不会重试：只有定时执行或手动启动的执行才会复制它。"
        ),
    }
}

#[cfg(test)]
mod tests {
    use model::rule::ExecutionTrigger;

    use super::{
        super::tests::{NOW, Rig},
        *,
    };

    #[test]
    fn look_counts_what_failed_in_a_row() {
        let mut rig = Rig::masters();
        let run = |rig: &mut Rig, state, minutes: i64| {
            rig.ran("a", "b", ExecutionTrigger::Scheduled, state, NOW - minutes * 60_000);
        };
        run(&mut rig, ExecutionState::Failed, 40);
        run(&mut rig, ExecutionState::Succeeded, 50);
        run(&mut rig, ExecutionState::Failed, 30);
        run(&mut rig, ExecutionState::Failed, 60);
        run(&mut rig, ExecutionState::Skipped, 20);
        run(&mut rig, ExecutionState::Running, 10);
        let found = RunsFail.look(&rig.facts()).pop().unwrap();
        let seen = format!("{:?}", found.answer);
        assert!(seen.contains("07:30 UTC (30 min ago); 2 failed in a row"), "{seen}");
        run(&mut rig, ExecutionState::Nothing, 5);
        assert!(RunsFail.look(&rig.facts()).is_empty());
    }

    #[test]
    fn why_is_short_and_falls_back_to_the_counts() {
        let mut rig = Rig::masters();
        rig.ran("a", "b", ExecutionTrigger::Manual, ExecutionState::Failed, NOW);
        let one = &mut rig.nodes[0].executions[0];
        assert_eq!(why(one).en, "1 of 3 tasks failed");
        one.why = "<html>\n  502".repeat(100);
        assert!(why(one).en.starts_with("<html> 502") && why(one).en.chars().count() == WHY_CHARS + 1);
    }
}
