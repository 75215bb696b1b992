use model::{
    Say, Topology,
    names::ClusterName,
    spec::{EntrySpec, TlsChoice},
};

use super::*;

fn name(text: &str) -> NodeName {
    NodeName::parse(text).unwrap()
}

fn id(n: usize) -> NodeId {
    NodeId::parse(&format!("00000000-0000-7000-8000-{n:012}")).unwrap()
}

fn node(text: &str, upstream: Option<&str>) -> NodeSpec {
    NodeSpec {
        name: name(text),
        address: NodeAddress::parse(&format!("http://{text}.test")).unwrap(),
        tls: TlsChoice::System,
        upstream: upstream.map(name),
    }
}

fn rule(from: &str, to: &str, cron: Option<&str>) -> PlannedRule {
    PlannedRule {
        name: format!("to-{to}{}", if cron.is_none() { "-at-once" } else { "" }),
        link: Link::new(name(from), name(to)),
        cron: cron.map(str::to_owned),
        schedule: Say::default(),
        r#override: true,
        deletion: false,
        speed: -1,
        copy_by_chunk: false,
        single_active_replication: false,
        scope: model::scope::Scope::default(),
        reasons: Vec::new(),
    }
}

/// hq feeds gz, which feeds zh.
fn before() -> Before {
    let nodes = vec![node("hq", None), node("gz", None), node("zh", Some("gz"))];
    let spec = ClusterSpec {
        name: ClusterName::parse("prod").unwrap(),
        topology: Topology::Tiered,
        nodes,
        entry: None,
        replication: ReplicationSpec::default(),
    };
    let cluster = ClusterId::parse("00000000-0000-7000-8000-0000000000ff").unwrap();
    let rules = vec![rule("hq", "gz", Some("x")), rule("gz", "zh", Some("x"))];
    Before { cluster, spec, ids: vec![id(0), id(1), id(2)], rules, waiting: false }
}

fn changed(edit: impl FnOnce(&mut ClusterSpec, &mut Vec<Option<NodeId>>)) -> Result<Change, AppError> {
    let before = before();
    let mut spec = before.spec.clone();
    let mut claimed = before.ids.iter().cloned().map(Some).collect();
    edit(&mut spec, &mut claimed);
    Change::of(before, spec, claimed)
}

fn shown(links: &[Link]) -> Vec<String> {
    links.iter().map(Link::to_string).collect()
}

#[test]
fn of_an_unchanged_cluster_finds_nothing() {
    let change = changed(|_, _| ()).unwrap();
    assert!(change.is_empty() && change.concerned().is_empty() && change.gone().is_empty());
    assert!(!change.concerns(&Subject::Cluster));
}

#[test]
fn of_a_tier_taken_out_feeds_its_branch_by_what_was_chosen() {
    let change = changed(|spec, ids| {
        spec.nodes.remove(1);
        ids.remove(1);
        spec.nodes[1].upstream = None;
    })
    .unwrap();
    assert_eq!(shown(&change.new_links()), ["hq → zh"]);
    assert_eq!(shown(&change.gone_links()), ["hq → gz", "gz → zh"]);
    assert!(change.needs_robots(&name("zh")) && !change.needs_robots(&name("hq")));
    assert_eq!(change.rules_after(&[rule("hq", "zh", Some("y"))]).len(), 1);
}

#[test]
fn of_a_name_taken_over_makes_every_link_of_it_new() {
    let change = changed(|spec, ids| {
        ids[1] = None;
        spec.nodes[1].address = NodeAddress::parse("http://other.test").unwrap();
    })
    .unwrap();
    assert_eq!(shown(&change.new_links()), ["hq → gz", "gz → zh"]);
    assert_eq!(change.gone()[0].called.as_str(), "gz (old)");
    assert_eq!(change.place_of(&name("gz")).as_str(), "gz (old)");
    assert!(!change.stays(&name("gz")) && change.kept_links().is_empty());
}

#[test]
fn of_a_node_typed_in_again_knows_it() {
    let change = changed(|_, ids| ids[2] = None).unwrap();
    assert!(change.stays(&name("zh")) && change.is_empty());
}

#[test]
fn of_another_address_touches_its_links_and_renews_none() {
    let change = changed(|spec, _| {
        spec.nodes[1].address = NodeAddress::parse("http://moved.test").unwrap();
    })
    .unwrap();
    assert!(change.new_links().is_empty());
    assert_eq!(shown(&change.touched_links()), ["hq → gz", "gz → zh"]);
    assert_eq!(change.concerned().len(), 3);
}

#[test]
fn of_another_entry_concerns_every_node_that_may_answer_there() {
    let change = changed(|spec, _| {
        let address = NodeAddress::parse("http://hub.test").unwrap();
        spec.entry = Some(EntrySpec { address, tls: TlsChoice::System });
    })
    .unwrap();
    assert!(change.concerns(&Subject::Entry) && !change.is_empty());
    assert_eq!(change.concerned().len(), 3);
}

#[test]
fn of_what_cannot_be_says_why() {
    let code = |refused: Result<Change, AppError>| refused.unwrap_err().code;
    assert_eq!(code(changed(|spec, _| spec.topology = Topology::OneToMany)), "change.topology");
    assert_eq!(code(changed(|spec, _| spec.nodes[1].name = name("gzhou"))), "change.renamed");
    let strangers = |spec: &mut ClusterSpec, ids: &mut Vec<Option<NodeId>>| {
        ids.iter_mut().for_each(|id| *id = None);
        for (n, node) in spec.nodes.iter_mut().enumerate() {
            node.address = NodeAddress::parse(&format!("http://n{n}.test")).unwrap();
        }
    };
    assert_eq!(code(changed(strangers)), "change.nothing_stays");
    let swapped = |spec: &mut ClusterSpec, ids: &mut Vec<Option<NodeId>>| {
        spec.nodes.swap(0, 1);
        ids.swap(0, 1);
    };
    assert_eq!(code(changed(swapped)), "change.first_retired");
}
