//! The address that docker is sent to for its token can be used from where docker is.
//!
//! To 2.13 the realm is always the external URL, from 2.14 it follows the request's `Host` (harbor-contract
//! `versions.md`, "Token realm").

use async_trait::async_trait;
use model::{HarborVersion, NodeAddress, Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_node};
use crate::survey::Survey;

pub(super) struct RealmUsable;

#[async_trait]
impl Check for RealmUsable {
    fn id(&self) -> &'static str {
        "realm-usable"
    }

    fn title(&self, subject: &Subject) -> Say {
        match subject {
            Subject::Entry => {
                say!("Docker gets its token from the entry itself", "Docker 从入口地址本身获取令牌")
            }
            _ => say!(
                "Docker is sent to an address of this node for its token",
                "Docker 从该节点自身的地址获取令牌"
            ),
        }
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        let mut subjects = each_node(spec);
        subjects.extend(spec.entry.as_ref().map(|_| Subject::Entry));
        subjects
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(place) = survey.place_of(subject) else { return Survey::gone() };
        let realm = match place.realm().await {
            Ok(realm) => realm,
            Err(trouble) => return Answer::not_proven(trouble.cause(), trouble.next()),
        };
        // The entry's version is that of the node behind it; one that follows Host on every node is enough.
        let versions = survey.known_versions().await;
        let follows_host = !versions.is_empty() && versions.iter().all(HarborVersion::realm_from_host);
        let spec = survey.spec();
        let entry = spec.entry.as_ref().map(|e| &e.address);
        judge(&realm, place.address(), entry, follows_host)
    }
}

fn judge(realm: &str, asked: &NodeAddress, entry: Option<&NodeAddress>, follows_host: bool) -> Answer {
    let measured = Say::same(realm);
    let target = realm.strip_suffix("/service/token").and_then(|origin| NodeAddress::parse(origin).ok());
    let external_url = say!(
        "Set external_url in harbor.yml (hostname and https) to the address that clients use, and run prepare.",
        "请在 harbor.yml 中把 external_url（hostname 和 https）设为客户端使用的地址，并执行 prepare。"
    );
    let Some(target) = target else {
        return Answer::failed(
            measured,
            say!("This is no address to get a token from.", "无法从此地址获取令牌。"),
        )
        .cure(external_url);
    };
    if target == *asked || entry == Some(&target) {
        return Answer::ok(measured);
    }
    if target.host() == asked.host() && target.scheme() != asked.scheme() {
        return Answer::failed(
            measured,
            say!(
                "The scheme is wrong: what stands before Harbor does not pass X-Forwarded-Proto, or external_url has the wrong scheme.",
                "协议不对：Harbor 前面的代理没有传递 X-Forwarded-Proto，或 external_url 的协议有误。"
            ),
        )
        .cure(external_url);
    }
    let meaning = if follows_host {
        say!(
            "This version builds it from the Host header: what stands before Harbor changes that header.",
            "此版本由 Host 请求头生成该地址：Harbor 前面的代理改动了这个请求头。"
        )
    } else {
        say!(
            "This version always names its external URL: docker must be able to reach that one too.",
            "此版本总是给出它的外部地址：Docker 也必须能访问该地址。"
        )
    };
    Answer::warning(measured, meaning).cure(if follows_host {
        say!("Let the proxy pass Host unchanged, port included.", "请让代理原样传递 Host（包括端口）。")
    } else {
        external_url
    })
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    #[test]
    fn judge_accepts_the_node_and_the_entry_only() {
        let a = NodeAddress::parse("http://a.test").unwrap();
        let lb = NodeAddress::parse("https://harbor.test").unwrap();
        let state = |realm: &str, entry| judge(realm, &a, entry, false).state();
        assert_eq!(state("http://a.test/service/token", None), FindingState::Ok);
        assert_eq!(state("https://harbor.test/service/token", Some(&lb)), FindingState::Ok);
        assert_eq!(state("https://harbor.test/service/token", None), FindingState::Warning);
        assert_eq!(judge("https://a.test/service/token", &a, None, true).state(), FindingState::Failed);
        assert_eq!(state("nonsense", None), FindingState::Failed);
    }
}
