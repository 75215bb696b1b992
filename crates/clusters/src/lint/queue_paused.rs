//! A paused queue of the job service: executions wait for ever, or are never started, without an error
//! (harbor-facts A.9).

use model::{
    Say,
    finding::{CureAction, Subject},
    rule::RuleDeed,
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts};
use crate::findings::some;

/// The queue that starts what is scheduled.
const SCHEDULER: &str = "SCHEDULER";

pub(super) struct QueuePaused;

impl Lint for QueuePaused {
    fn id(&self) -> &'static str {
        "queue-paused"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let of_node = |node| NodeFacts::paused(node).filter_map(|queue| found(node, queue));
        facts.nodes.iter().flat_map(of_node).collect()
    }
}

fn found(node: &NodeFacts, queue: &str) -> Option<Found> {
    let waits: Vec<String> = node
        .rules
        .iter()
        .filter(|rule| rule.enabled && (queue != SCHEDULER || rule.trigger.cron().is_some()))
        .map(|rule| rule.name.clone())
        .collect();
    if waits.is_empty() {
        return None;
    }
    let at = &node.node;
    let Say { en, zh } = some(&waits);
    let meaning = if queue == SCHEDULER {
        say!(
            "No schedule starts anything, and nothing says so.",
            "所有定时计划都不会启动，而且没有任何提示。"
        )
    } else {
        say!(
            "Executions begin, but their tasks wait for ever, without an error.",
            "执行会开始，但任务会一直等待，而且不报错。"
        )
    };
    let answer = Answer::failed(say!("paused; {en} waits", "已暂停；等待的规则：{zh}"), meaning).cure_with(
        say!("Let it go on, unless somebody paused it on purpose.", "请恢复它，除非有人特意暂停。"),
        CureAction::Rule { deed: RuleDeed::Resume { node: at.clone(), queue: queue.to_owned() } },
    );
    Some(Found {
        subject: Subject::Node { node: at.clone() },
        title: say!("The queue {queue} on {at} is paused", "{at} 上的队列 {queue} 已暂停"),
        answer,
    })
}

#[cfg(test)]
mod tests {
    use model::rule::Trigger;

    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_queues_that_a_rule_waits_for() {
        let mut rig = Rig::masters();
        let paused = ["REPLICATION", "SCHEDULER", "IMAGE_SCAN"].map(str::to_owned).to_vec();
        rig.nodes[0].jobs.as_mut().unwrap().paused = paused;
        assert_eq!(QueuePaused.look(&rig.facts()).len(), 2);
        rig.rule("a", "b").trigger = Trigger::EventBased;
        assert_eq!(QueuePaused.look(&rig.facts()).len(), 1);
        rig.rule("a", "b").enabled = false;
        assert!(QueuePaused.look(&rig.facts()).is_empty());
    }
}
