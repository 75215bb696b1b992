//! An execution that does not end: Harbor itself repairs such a one after a week (harbor-facts C.3), and a rule that
//! skips while one is on copies nothing until then.

use model::{
    Say,
    finding::{CureAction, Subject},
    rule::{ExecutionState, ExecutionView, RuleDeed},
    say,
    say::{count, duration},
};

use super::{Answer, Facts, Found, Lint, NodeFacts, of_link, words::clock};

/// Nothing that ends sooner is called stuck, milliseconds.
const LEAST_MS: i64 = 3_600_000;

pub(super) struct ExecutionStuck;

impl Lint for ExecutionStuck {
    fn id(&self) -> &'static str {
        "execution-stuck"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let limit = LEAST_MS.max(4 * facts.run_ms());
        facts.nodes.iter().flat_map(|node| of_node(node, limit, facts.now_ms)).collect()
    }
}

/// The oldest of each rule; those behind it wait for the same.
fn of_node(node: &NodeFacts, limit: i64, now_ms: i64) -> Vec<Found> {
    let stuck = |run: &&ExecutionView| {
        matches!(run.state, ExecutionState::Preparing | ExecutionState::Running)
            && now_ms - run.started_ms > limit
    };
    let mut runs: Vec<&ExecutionView> = node.executions.iter().filter(stuck).collect();
    runs.sort_by_key(|run| (&run.rule, run.started_ms, run.id));
    runs.chunk_by(|a, b| a.rule == b.rule).map(|of_rule| found(node, of_rule, limit, now_ms)).collect()
}

fn found(node: &NodeFacts, runs: &[&ExecutionView], limit: i64, now_ms: i64) -> Found {
    let (run, at) = (runs[0], &node.node);
    let (name, id) = (&run.rule, run.id);
    let Say { en, zh } = clock(run.started_ms, now_ms);
    let (open, total) = (count(run.in_progress), count(run.total));
    let mut measured = if run.state == ExecutionState::Preparing {
        say!("began at {en}, no task yet", "开始于 {zh}，尚无任务")
    } else {
        say!("began at {en}, {open} of {total} tasks open", "开始于 {zh}，{total} 个任务中有 {open} 个未完成")
    };
    if runs.len() > 1 {
        let more = runs.len() - 1;
        measured.en.push_str(&format!("; {more} more like it"));
        measured.zh.push_str(&format!("；另有 {more} 个同样的执行"));
    }
    let Say { en, zh } = duration(limit);
    let answer = Answer::failed(
        measured,
        say!(
            "It holds workers of {at} and may keep the next runs from copying.",
            "它占用 {at} 的工作线程，并可能使后续执行无法复制。"
        ),
    )
    .limit(say!("over within {en}", "应在 {zh}内结束"))
    .cure_with(
        say!(
            "Stop it, unless its tasks below still come on: a first copy of much data may take this long.",
            "请停止它，除非下方的任务仍在推进：首次复制大量数据可能需要这么久。"
        ),
        CureAction::Rule { deed: RuleDeed::Stop { node: at.clone(), execution: id } },
    );
    let rule = node.rules.iter().find(|rule| rule.name == *name);
    let link = run.link.as_ref().or(rule.map(|rule| &rule.link));
    Found {
        subject: link.map_or_else(|| Subject::Node { node: at.clone() }, of_link),
        title: say!(
            "Execution {id} of the rule {name} on {at} does not end",
            "{at} 上规则 {name} 的执行 {id} 没有结束"
        ),
        answer,
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
    fn look_finds_what_takes_far_longer_than_a_run() {
        let mut rig = Rig::masters();
        let begin = |rig: &mut Rig, state, minutes: i64| {
            rig.ran("a", "b", ExecutionTrigger::Scheduled, state, NOW - minutes * 60_000);
        };
        begin(&mut rig, ExecutionState::Running, 59);
        begin(&mut rig, ExecutionState::Succeeded, 200);
        assert!(ExecutionStuck.look(&rig.facts()).is_empty());
        begin(&mut rig, ExecutionState::Preparing, 61);
        begin(&mut rig, ExecutionState::Running, 62);
        // One for the rule, with the older one to be stopped first.
        let found = ExecutionStuck.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.starts_with("Execution 4 "));
        // 45 minutes a run.
        rig.artifacts = 100_000;
        assert!(ExecutionStuck.look(&rig.facts()).is_empty());
    }
}
