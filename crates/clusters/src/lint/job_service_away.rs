//! A job service that does not answer: nothing is started there and what is under way stands still, while the rules look
//! as they should (harbor-facts C.4).

use model::{Say, finding::Subject, say};

use super::{Answer, Facts, Found, Lint, NodeFacts, by_itself, cure};
use crate::findings::some;

pub(super) struct JobServiceAway;

impl Lint for JobServiceAway {
    fn id(&self) -> &'static str {
        "job-service-away"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        facts.nodes.iter().filter_map(found).collect()
    }
}

fn found(node: &NodeFacts) -> Option<Found> {
    let Say { en, zh } = node.jobs_away.as_ref()?;
    let waits: Vec<String> =
        node.rules.iter().filter(|rule| rule.enabled && by_itself(rule)).map(|r| r.name.clone()).collect();
    if waits.is_empty() {
        return None;
    }
    let at = &node.node;
    let Say { en: rules, zh: rules_zh } = some(&waits);
    let answer = Answer::failed(
        say!("{en}", "{zh}"),
        say!(
            "Nothing starts on {at}, and what was under way stands still: {rules}.",
            "{at} 上不会启动任何执行，正在进行的也会停住：{rules_zh}。"
        ),
    )
    .cure_with(
        say!(
            "Look at the job service of {at} and its Redis; restart it if need be.",
            "请检查 {at} 的任务服务及其 Redis，必要时重启。"
        ),
        cure::rules_page(node),
    );
    Some(Found {
        subject: Subject::Node { node: at.clone() },
        title: say!("The job service of {at} does not answer", "{at} 的任务服务没有响应"),
        answer,
    })
}

#[cfg(test)]
mod tests {
    use model::rule::Trigger;

    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_a_job_service_that_a_rule_needs() {
        let mut rig = Rig::masters();
        assert!(JobServiceAway.look(&rig.facts()).is_empty());
        rig.nodes[0].jobs = None;
        assert!(JobServiceAway.look(&rig.facts()).is_empty(), "what may not be read says nothing");
        rig.nodes[0].jobs_away = Some(Say::same("500"));
        assert_eq!(JobServiceAway.look(&rig.facts()).len(), 1);
        rig.rule("a", "b").trigger = Trigger::Manual;
        assert!(JobServiceAway.look(&rig.facts()).is_empty());
    }
}
