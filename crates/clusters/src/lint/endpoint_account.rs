//! An endpoint that signs in as a person: such an account cannot be fenced after an outage, and only a robot of its
//! own tells replication from people in the audit log (harbor-facts A.8).

use model::{Say, rule::StoredRule, say};

use super::{Answer, Facts, Found, Lint, NodeFacts, cure, of_link, words::by_endpoint};
use crate::{findings::some, names};

pub(super) struct EndpointAccount;

impl Lint for EndpointAccount {
    fn id(&self) -> &'static str {
        "endpoint-account"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        by_endpoint(facts, |rule| is_person(&rule.account)).into_iter().filter_map(found).collect()
    }
}

/// The prefix of robots may be chosen, so ours are known by the rest of their name. Without any account an endpoint
/// reads what is public, or its runs fail.
fn is_person(account: &str) -> bool {
    !account.is_empty() && !account.contains('$') && !account.contains(names::PREFIX)
}

fn found((node, rules): (&NodeFacts, Vec<&StoredRule>)) -> Option<Found> {
    let rule = rules.first()?;
    let (at, endpoint, account) = (&node.node, &rule.endpoint, &rule.account);
    let Say { en, zh } = some(&rules.iter().map(|r| r.name.clone()).collect::<Vec<_>>());
    let (from, to) = (&rule.link.source, &rule.link.destination);
    let meaning = if rule.pulls {
        say!(
            "After an outage it cannot be kept out of {from} without locking that person out, and a new password of that person ends the copying.",
            "故障之后，若要阻止它访问 {from}，就得把这个人一并拒之门外；此人修改密码后，复制也会停止。"
        )
    } else {
        say!(
            "After an outage it cannot be fenced without locking that person out, and the audit log of {to} cannot tell what was copied from what people did.",
            "故障之后，若要隔离它，就得把这个人一并拒之门外；{to} 的审计日志也无法区分复制与人工操作。"
        )
    };
    let answer = Answer::warning(say!("{account}, used by {en}", "{account}，使用它的规则：{zh}"), meaning)
        .limit(say!("a robot account", "应为机器人账号"))
        .cure_with(
            say!(
                "Give the endpoint the name and secret of a robot account, in the portal of {at}.",
                "请在 {at} 的门户中，将该仓库端点的凭据改为机器人账号。"
            ),
            cure::endpoints_page(node),
        );
    Some(Found {
        subject: of_link(&rule.link),
        title: say!(
            "The endpoint {endpoint} on {at} signs in as a person",
            "{at} 上的仓库端点 {endpoint} 使用个人账号登录"
        ),
        answer,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_each_endpoint_once() {
        let mut rig = Rig::masters();
        rig.rule("a", "b").account = "admin".into();
        rig.other("a", "b", "old").account = "admin".into();
        assert_eq!(EndpointAccount.look(&rig.facts()).len(), 1);
        rig.other("b", "a", "older").endpoint = "another".into();
        assert_eq!(EndpointAccount.look(&rig.facts()).len(), 1);
    }

    #[test]
    fn is_person_knows_our_robots_by_any_prefix() {
        assert!(is_person("admin") && is_person("li.wei"));
        assert!(!is_person("robot$x") && !is_person("bot+breakwater-p-from-a") && !is_person(""));
    }
}
