use harbor::{Outside, TlsChoice};
use model::{NodeAddress, names::NodeName};

use super::*;

const WINDOW: i64 = 10_000;

fn cluster_id(n: u8) -> ClusterId {
    ClusterId::parse(&format!("00000000-0000-7000-8000-0000000000{n:02x}")).unwrap()
}

fn node_id(n: u8) -> NodeId {
    NodeId::parse(&format!("00000000-0000-7000-8000-0000000001{n:02x}")).unwrap()
}

fn node(n: u8, name: &str, address: &str) -> Node {
    let spec = WatchedNode {
        id: node_id(n),
        name: NodeName::parse(name).unwrap(),
        address: NodeAddress::parse(address).unwrap(),
        tls: TlsChoice::System,
        credential: Credential::Anonymous,
        upstream: None,
    };
    let harbor = Harbor::new(
        &Outside::new(None, &[]).unwrap(),
        spec.address.clone(),
        &spec.tls,
        Credential::Anonymous,
    );
    Node { spec, harbor, watched: Watched::default(), slow: Slow::default() }
}

/// A dual-master of `a.test` and `b.test`.
fn pair() -> State {
    pair_at("a.test", "b.test")
}

fn pair_at(one: &str, other: &str) -> State {
    let nodes = vec![node(1, "shanghai", one), node(2, "beijing", other)];
    let cluster =
        Cluster::new(ClusterName::parse("Production").unwrap(), Topology::DualMaster, nodes, None, None);
    let mut state = State::default();
    state.clusters.insert(cluster_id(1), cluster);
    state
}

fn well() -> Poll {
    let core = Component { name: "core".to_owned(), healthy: true, error: None };
    Poll { answer: PollAnswer::Health { components: vec![core] }, reason: None, latency_ms: Some(40) }
}

fn sick(part: &str) -> Poll {
    let components = vec![Component { name: part.to_owned(), healthy: false, error: None }];
    let reason = Reason::component(&components);
    Poll { answer: PollAnswer::Health { components }, reason, latency_ms: Some(40) }
}

fn refused() -> Poll {
    Poll::nothing(&HarborError::Refused)
}

fn see(state: &mut State, n: u8, poll: &Poll, at_ms: i64) -> Effects {
    state.observe_node(&cluster_id(1), &node_id(n), poll, at_ms, WINDOW)
}

fn codes(effects: &Effects) -> Vec<&str> {
    effects.news.iter().map(|n| n.code.as_str()).collect()
}

fn records(effects: &Effects) -> Vec<(String, HealthState)> {
    effects.records.iter().map(|(subject, state, _)| (subject.to_string()[..4].to_owned(), *state)).collect()
}

#[test]
fn observe_node_writes_only_when_something_changes() {
    let mut state = pair();
    let first = see(&mut state, 1, &well(), 1000);
    assert_eq!(records(&first), [("node".to_owned(), HealthState::Up)]);
    assert_eq!(codes(&first), Vec::<&str>::new());
    let second = see(&mut state, 2, &well(), 1100);
    assert_eq!(
        records(&second),
        [("node".to_owned(), HealthState::Up), ("clus".to_owned(), HealthState::Up)]
    );
    let same = see(&mut state, 1, &well(), 6000);
    assert!(same.records.is_empty() && same.news.is_empty() && !same.changed);
}

#[test]
fn observe_node_checks_at_once_and_decides_by_the_second_poll() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    see(&mut state, 2, &well(), 1100);
    let first = see(&mut state, 1, &refused(), 6000);
    assert!(first.changed && first.checking && first.records.is_empty() && first.news.is_empty());
    let shown = state.clusters[&cluster_id(1)].health(&cluster_id(1), 6000, 30_000);
    assert_eq!((shown.nodes[0].state, shown.nodes[0].checking), (HealthState::Up, true));
    see(&mut state, 2, &well(), 6100);
    let second = see(&mut state, 1, &refused(), 8000);
    assert_eq!(codes(&second), ["node.unreachable"]);
    assert_eq!(
        second.news[0].text.en,
        "shanghai is unreachable: the connection is refused: nothing listens there"
    );
    let shown = state.clusters[&cluster_id(1)].health(&cluster_id(1), 8000, 30_000);
    assert_eq!(shown.nodes[0].state, HealthState::Unreachable);
    assert_eq!(shown.nodes[0].reason_code.as_deref(), Some("refused"));
    assert_eq!(shown.nodes[0].since_ms, 6000);
    assert!(shown.nodes[0].next.is_some());
    assert_eq!(shown.links[1].label.as_ref().unwrap().en, "waiting for shanghai");
    assert_eq!(shown.links[0].label.as_ref().unwrap().en, "shanghai is away");
    see(&mut state, 1, &well(), 13_000);
    let back = see(&mut state, 1, &well(), 15_000);
    assert_eq!(codes(&back), ["node.up"]);
    assert_eq!(back.news[0].text.en, "shanghai answers again after 7 s");
    assert!(back.back);
}

#[test]
fn observe_node_names_the_sick_part() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    see(&mut state, 1, &sick("jobservice"), 2000);
    let effects = see(&mut state, 1, &sick("jobservice"), 3000);
    assert_eq!(codes(&effects), ["node.degraded"]);
    assert_eq!(effects.news[0].text.zh, "shanghai 可用，但jobservice 异常");
    // Another part is another reason, without a change of state.
    let other = see(&mut state, 1, &sick("trivy"), 4000);
    assert!(other.changed && other.news.is_empty() && other.records.is_empty());
}

#[test]
fn observe_node_degrades_a_node_whose_pulls_fail_twice() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    let failing = |failures| Slow {
        pulled: Some(crate::canary::Pulled {
            artifact: "library/app:1".to_owned(),
            ms: None,
            reason: Some(Reason::pull("library/app:1", &HarborError::Timeout(15_000))),
        }),
        pull_failures: failures,
        ..Slow::default()
    };
    assert!(state.observe_slow(&cluster_id(1), &node_id(1), failing(1)).changed);
    see(&mut state, 1, &well(), 2000);
    see(&mut state, 1, &well(), 3000);
    assert_eq!(state.node(&cluster_id(1), &node_id(1)).unwrap().watched.tracker.state(), HealthState::Up);
    state.observe_slow(&cluster_id(1), &node_id(1), failing(2));
    see(&mut state, 1, &well(), 4000);
    let effects = see(&mut state, 1, &well(), 5000);
    assert_eq!(codes(&effects), ["node.degraded"]);
    assert!(effects.news[0].text.en.contains("a pull of library/app:1 fails"));
}

#[test]
fn observe_node_says_cut_off_instead_when_all_go_at_once() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    see(&mut state, 2, &well(), 3000);
    see(&mut state, 1, &refused(), 6000);
    // Nobody has answered since: it may be the first sign, so the news waits.
    assert_eq!(codes(&see(&mut state, 1, &refused(), 8000)), Vec::<&str>::new());
    see(&mut state, 2, &refused(), 8500);
    let last = see(&mut state, 2, &refused(), 10_500);
    assert_eq!(codes(&last), ["console.cut_off"]);
    assert!(last.all_changed && state.cut_off);
    see(&mut state, 2, &well(), 60_000);
    let back = see(&mut state, 2, &well(), 62_000);
    assert_eq!(codes(&back), ["console.reconnected", "node.up"]);
    assert!(!state.cut_off);
}

#[test]
fn observe_node_is_not_cut_off_when_they_go_one_after_the_other() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    see(&mut state, 2, &well(), 1000);
    see(&mut state, 1, &refused(), 6000);
    see(&mut state, 1, &refused(), 8000);
    assert_eq!(codes(&see(&mut state, 2, &well(), 8500)), ["node.unreachable"]);
    see(&mut state, 2, &refused(), 60_000);
    assert_eq!(codes(&see(&mut state, 2, &refused(), 62_000)), ["node.unreachable"]);
    assert!(!state.cut_off);
}

#[test]
fn observe_node_is_not_cut_off_when_all_stand_at_one_address() {
    let mut state = pair_at("a.test", "a.test");
    for at_ms in [1000, 3000] {
        see(&mut state, 1, &refused(), at_ms);
        see(&mut state, 2, &refused(), at_ms);
    }
    assert!(!state.cut_off);
}

#[test]
fn observe_node_tells_no_news_that_an_earlier_process_told() {
    let mut state = pair();
    let remember = |state: &mut State, past| {
        state.node_mut(&cluster_id(1), &node_id(1)).unwrap().watched.remember(past, 1000);
    };
    remember(&mut state, HealthState::Unreachable);
    let up = see(&mut state, 1, &well(), 61_000);
    assert_eq!(up.news[0].text.en, "shanghai answers again after 1 min");
    let mut again = pair();
    remember(&mut again, HealthState::Up);
    assert_eq!(codes(&see(&mut again, 1, &well(), 61_000)), Vec::<&str>::new());
}

#[test]
fn health_is_unknown_when_nobody_asked_lately() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    see(&mut state, 2, &well(), 1000);
    let shown = state.clusters[&cluster_id(1)].health(&cluster_id(1), 40_000, 30_000);
    assert_eq!(shown.state, HealthState::Unknown);
    assert_eq!((shown.nodes[0].state, shown.nodes[0].seen_ms), (HealthState::Unknown, 1000));
}

#[test]
fn observe_slow_tells_a_refused_credential_once() {
    let mut state = pair();
    let refused = || Slow { credential_refused: true, ..Slow::default() };
    let first = state.observe_slow(&cluster_id(1), &node_id(1), refused());
    assert_eq!(codes(&first), ["node.credential_refused"]);
    assert_eq!(codes(&state.observe_slow(&cluster_id(1), &node_id(1), refused())), Vec::<&str>::new());
}

#[test]
fn forget_records_writes_everything_once_more() {
    let mut state = pair();
    see(&mut state, 1, &well(), 1000);
    see(&mut state, 2, &well(), 1000);
    state.forget_records();
    assert_eq!(records(&see(&mut state, 1, &well(), 6000)).len(), 2);
    assert_eq!(records(&see(&mut state, 2, &well(), 6000)).len(), 1);
    assert!(see(&mut state, 1, &well(), 7000).records.is_empty());
}
