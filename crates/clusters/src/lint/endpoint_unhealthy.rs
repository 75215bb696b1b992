//! Harbor itself says that an endpoint is unhealthy: since its last check, every five minutes, it could not sign in
//! there. The other way round the word proves nothing (harbor-facts A.5).

use model::{
    Say,
    finding::CureAction,
    rule::{RuleDeed, StoredRule},
    say,
};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure, of_link, words::by_endpoint};
use crate::findings::some;

pub(super) struct EndpointUnhealthy;

impl Lint for EndpointUnhealthy {
    fn id(&self) -> &'static str {
        "endpoint-unhealthy"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let sick = |rule: &StoredRule| !matches!(rule.endpoint_status.as_str(), "" | "healthy");
        by_endpoint(facts, sick).into_iter().filter_map(found).collect()
    }
}

fn found((node, rules): (&NodeFacts, Vec<&StoredRule>)) -> Option<Found> {
    let rule = rules.first()?;
    let (at, endpoint, status, account) = (&node.node, &rule.endpoint, &rule.endpoint_status, &rule.account);
    let Say { en, zh } = some(&rules.iter().map(|r| r.name.clone()).collect::<Vec<_>>());
    let peer = if rule.pulls { &rule.link.source } else { &rule.link.destination };
    let answer = Answer::failed(
        say!("{status}; used by {en}", "{status}；使用它的规则：{zh}"),
        say!(
            "{at} cannot reach {peer} or sign in there as {account}: every run fails before it copies anything.",
            "{at} 无法访问 {peer}，或无法以 {account} 登录：每次执行都会在复制之前失败。"
        ),
    );
    let answer = match rules.iter().find(|rule| rule.ours) {
        Some(ours) => answer.cure_with(
            say!(
                "Test it on the page of the endpoints. If the account is refused, give its robot a new secret.",
                "请在仓库端点页面测试。若账号被拒绝，请为其机器人账号更换密钥。"
            ),
            CureAction::Rule { deed: RuleDeed::Rotate { link: ours.link.clone() } },
        ),
        None => answer.cure_with(
            say!(
                "Test it on the page of the endpoints. If the account is refused, give it a secret that {peer} takes, in the portal of {at}.",
                "请在仓库端点页面测试。若账号被拒绝，请在 {at} 的门户中填写 {peer} 接受的密钥。"
            ),
            cure::endpoints_page(node),
        ),
    };
    Some(Found {
        subject: of_link(&rule.link),
        title: say!("The endpoint {endpoint} on {at} is unhealthy", "{at} 上的仓库端点 {endpoint} 不健康"),
        answer,
    })
}

#[cfg(test)]
mod tests {
    use model::finding::{Finding, Subject};

    use super::{super::tests::Rig, *};

    /// The press beside the only finding.
    fn press(rig: &Rig) -> CureAction {
        let found = EndpointUnhealthy.look(&rig.facts()).remove(0);
        let waiting = Finding::waiting("x", Subject::Cluster, found.title, false);
        found.answer.into_finding(waiting, 0, 0).cure.unwrap().action.unwrap()
    }

    #[test]
    fn look_offers_a_new_secret_for_ours_and_the_portal_for_those_of_others() {
        let mut rig = Rig::masters();
        let rule = rig.rule("a", "b");
        rule.endpoint_status = "unhealthy".into();
        let deed = RuleDeed::Rotate { link: rule.link.clone() };
        assert_eq!(press(&rig), CureAction::Rule { deed });
        rig.rule("a", "b").ours = false;
        assert!(matches!(press(&rig), CureAction::OpenPortal { .. }));
    }

    #[test]
    fn look_believes_unhealthy_of_an_endpoint_in_use() {
        let mut rig = Rig::masters();
        rig.rule("a", "b").endpoint_status = "unhealthy".into();
        rig.rule("b", "a").endpoint_status = String::new();
        assert_eq!(EndpointUnhealthy.look(&rig.facts()).len(), 1);
        rig.rule("a", "b").enabled = false;
        assert!(EndpointUnhealthy.look(&rig.facts()).is_empty());
    }
}
