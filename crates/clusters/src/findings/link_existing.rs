//! What is on the Harbors already and would get in the way of a link: rules that copy the same way with override
//! or deletion, and foreign objects that bear our names.

use async_trait::async_trait;
use model::{Link, NodeAddress, Say, Topology, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_link, some};
use crate::{
    names::{self, Names},
    rules::leads_to,
    survey::{Endpoint, Rule, Survey},
};

pub(super) struct LinkExisting;

#[async_trait]
impl Check for LinkExisting {
    fn id(&self) -> &'static str {
        "link-existing"
    }

    fn title(&self, subject: &Subject) -> Say {
        match subject {
            Subject::Link { source, destination } => say!(
                "Nothing that exists gets in the way from {source} to {destination}",
                "从 {source} 到 {destination} 没有碍事的现有对象"
            ),
            _ => say!("Nothing that exists gets in the way", "没有碍事的现有对象"),
        }
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_link(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some((source, destination)) = survey.link_of(subject) else { return Survey::gone() };
        let there =
            tokio::join!(source.endpoints(), source.rules(), destination.endpoints(), destination.rules());
        let (endpoints, rules) = match (&there.0, &there.1) {
            (Ok(e), Ok(r)) => (e, r),
            (Err(t), _) | (_, Err(t)) => return Answer::unread(source.name(), t),
        };
        let (far_endpoints, far_rules) = match (&there.2, &there.3) {
            (Ok(e), Ok(r)) => (e, r),
            (Err(t), _) | (_, Err(t)) => return Answer::unread(destination.name(), t),
        };
        let link = Link::new(source.name().clone(), destination.name().clone());
        let names = Names::of(&survey.spec().name);
        // An endpoint of the cluster itself still points where the node was before.
        let former = survey.change().and_then(|c| c.former_address(destination.name()));
        let ours = [Some(destination.place().address()), former];
        if let Some(foreign) = name_clash(endpoints, &names.endpoint(&link), &ours) {
            return Answer::failed(
                say!("an endpoint is called {foreign}", "已有名为 {foreign} 的仓库端点"),
                say!(
                    "It points elsewhere and bears the name that ours would get.",
                    "它指向别处，却占用了我们要用的名称。"
                ),
            )
            .cure_with(
                say!("Rename it, or give the cluster another name.", "请将其改名，或为集群换一个名称。"),
                source.portal("/harbor/registries"),
            );
        }
        let push = copying(rules, endpoints, destination.place().address(), Direction::Push);
        let pull = copying(far_rules, far_endpoints, source.place().address(), Direction::Pull);
        let alike: Vec<&Rule> = push.into_iter().chain(pull).collect();
        match judge(survey.spec().topology, &alike) {
            Ok(answer) => answer,
            Err(answer) => answer.cure_with(
                say!("Disable them on the page of the rules.", "请在复制规则页面停用它们。"),
                source.portal("/harbor/replications"),
            ),
        }
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Push,
    Pull,
}

/// A foreign endpoint that bears our name.
fn name_clash(endpoints: &[Endpoint], name: &str, ours: &[Option<&NodeAddress>]) -> Option<String> {
    let foreign = |e: &&Endpoint| e.name == name && !ours.iter().flatten().any(|a| leads_to(&e.url, a));
    endpoints.iter().find(foreign).map(|e| e.name.clone())
}

/// Enabled rules of others that copy over this link.
fn copying<'a>(
    rules: &'a [Rule],
    endpoints: &[Endpoint],
    peer: &NodeAddress,
    direction: Direction,
) -> Vec<&'a Rule> {
    let leads: Vec<i64> = endpoints.iter().filter(|e| leads_to(&e.url, peer)).map(|e| e.id).collect();
    rules
        .iter()
        .filter(|r| r.enabled && !names::is_ours(&r.name))
        .filter(|r| match direction {
            Direction::Push => r.pushes_to.is_some_and(|id| leads.contains(&id)),
            Direction::Pull => r.pulls_from.is_some_and(|id| leads.contains(&id)),
        })
        .collect()
}

/// `Err` where rules should be disabled.
fn judge(topology: Topology, alike: &[&Rule]) -> Result<Answer, Answer> {
    if alike.is_empty() {
        return Ok(Answer::ok(say!("no other rule copies this way", "没有其他同向的规则")));
    }
    let both_ways = topology == Topology::DualMaster;
    let named = |pick: fn(&Rule) -> bool| -> Vec<String> {
        alike.iter().filter(|r| pick(r)).map(|r| r.name.clone()).collect()
    };
    let (overriding, deleting) = (named(|r| r.r#override), named(|r| r.deletion));
    if both_ways && !overriding.is_empty() {
        let Say { en, zh } = some(&overriding);
        return Err(Answer::failed(
            say!("with override: {en}", "开启了覆盖：{zh}"),
            say!(
                "Between two masters it puts old tags back over new ones and reports success.",
                "在双主之间，它会用旧标签覆盖新标签，并报告成功。"
            ),
        ));
    }
    if both_ways && !deleting.is_empty() {
        let Say { en, zh } = some(&deleting);
        return Err(Answer::failed(
            say!("with deletion: {en}", "开启了删除：{zh}"),
            say!(
                "It deletes by the tag's name, whatever the other side holds under it.",
                "它按标签名删除，不管对方该标签下是什么。"
            ),
        ));
    }
    let Say { en, zh } = some(&named(|_| true));
    Err(Answer::warning(
        say!("copy the same way: {en}", "同向复制：{zh}"),
        say!("Each image is looked at twice; nothing is lost.", "每个镜像会被检查两次；不会丢失内容。"),
    ))
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn rule(r#override: bool, deletion: bool) -> Rule {
        Rule { name: "old".into(), enabled: true, pushes_to: Some(7), pulls_from: None, r#override, deletion }
    }

    fn state(topology: Topology, rules: &[Rule]) -> FindingState {
        judge(topology, &rules.iter().collect::<Vec<_>>()).unwrap_or_else(|e| e).state()
    }

    #[test]
    fn judge_refuses_override_and_deletion_between_masters_only() {
        assert_eq!(state(Topology::DualMaster, &[]), FindingState::Ok);
        assert_eq!(state(Topology::DualMaster, &[rule(false, false)]), FindingState::Warning);
        assert_eq!(state(Topology::DualMaster, &[rule(true, false)]), FindingState::Failed);
        assert_eq!(state(Topology::DualMaster, &[rule(false, true)]), FindingState::Failed);
        assert_eq!(state(Topology::OneToMany, &[rule(true, true)]), FindingState::Warning);
    }

    #[test]
    fn copying_follows_the_endpoint_and_skips_ours_and_disabled_ones() {
        let peer = NodeAddress::parse("http://b.test").unwrap();
        let endpoints =
            [Endpoint { id: 7, name: "b".into(), url: "http://b.test".into(), description: String::new() }];
        let ours = Rule { name: "breakwater-x-to-b".into(), ..rule(true, true) };
        let off = Rule { enabled: false, ..rule(true, true) };
        let to_another = Rule { pushes_to: Some(8), ..rule(true, true) };
        let rules = [rule(true, false), ours, off, to_another];
        let elsewhere = NodeAddress::parse("http://c.test").unwrap();
        assert_eq!(copying(&rules, &endpoints, &peer, Direction::Push).len(), 1);
        assert!(name_clash(&endpoints, "b", &[Some(&elsewhere), None]).is_some());
        assert!(name_clash(&endpoints, "b", &[Some(&peer), None]).is_none());
        assert!(name_clash(&endpoints, "b", &[Some(&elsewhere), Some(&peer)]).is_none());
    }
}
