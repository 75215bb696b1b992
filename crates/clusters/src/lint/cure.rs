//! What mends a rule; the same press for many questions.

use model::{
    finding::CureAction,
    names::NodeName,
    rule::{RuleDeed, StoredRule},
    say,
};

use super::{Answer, Facts, NodeFacts};

/// Ours is made as planned; that of others, and one of ours that no link needs any more, is switched off.
pub(super) fn mend_or_switch_off(
    answer: Answer,
    facts: &Facts<'_>,
    node: &NodeFacts,
    rule: &StoredRule,
) -> Answer {
    if facts.planned_of(rule).is_some() { mend(answer) } else { switch_off(answer, facts, node, rule) }
}

/// Every rule of ours is made as planned.
pub(super) fn mend(answer: Answer) -> Answer {
    answer.cure_with(
        say!("Make the rule as it was planned.", "将规则恢复为计划的样子。"),
        CureAction::Rule { deed: RuleDeed::Mend },
    )
}

/// A rule that is not needed is switched off, and kept.
pub(super) fn switch_off(answer: Answer, facts: &Facts<'_>, node: &NodeFacts, rule: &StoredRule) -> Answer {
    let name = &rule.name;
    let text = if facts.planned.iter().any(|planned| planned.link == rule.link) {
        say!(
            "Switch off {name}: the rules of Breakwater carry the same.",
            "停用 {name}：Breakwater 的规则会复制同样的内容。"
        )
    } else {
        say!("Switch off {name}; it is kept.", "停用 {name}；规则会保留。")
    };
    let deed = RuleDeed::SwitchOff { node: node.node.clone(), name: name.clone() };
    answer.cure_with(text, CureAction::Rule { deed })
}

/// Harbor schedules the rule anew (harbor-facts C.4).
pub(super) fn reschedule(answer: Answer, node: &NodeName, rule: &StoredRule) -> Answer {
    answer.cure_with(
        say!(
            "Switch it off and on, so that Harbor schedules it anew. If that does not help, restart the job service of {node}.",
            "停用后再启用，让 Harbor 重新安排。若无效，请重启 {node} 的任务服务。"
        ),
        CureAction::Rule { deed: RuleDeed::Reschedule { node: node.clone(), name: rule.name.clone() } },
    )
}

/// The list of rules in the node's own portal.
pub(super) fn rules_page(node: &NodeFacts) -> CureAction {
    portal(node, "/harbor/replications")
}

/// The list of endpoints there.
pub(super) fn endpoints_page(node: &NodeFacts) -> CureAction {
    portal(node, "/harbor/registries")
}

fn portal(node: &NodeFacts, page: &str) -> CureAction {
    CureAction::OpenPortal { url: format!("{}{page}", node.portal.trim_end_matches('/')) }
}
