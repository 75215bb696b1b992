//! Rules as they stand: read, edited as one, mended, watched; what they did is kept.

use harbor::api::{
    jobs::QueueAction,
    policies::{NewPolicy, Policy, Trigger},
};
use harbor_sim::{Fault, SimConfig};
use model::{
    Link, Topology,
    finding::{CureAction, Finding},
    names::NodeName,
    rule::{ChangeState, ExecutionQuery, ExecutionState, RuleDeed, RulesView, RulesWish, TaskState},
    run::RunState,
    spec::ClusterSpec,
};

use crate::rig::{Rig, admin, eventually, succeeded};

async fn masters(version: &str) -> Rig {
    let rig = Rig::start(SimConfig::independent(2, version)).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    rig
}

async fn rules(rig: &Rig) -> RulesView {
    rig.clusters.rules(&rig.cluster_id().await).await.unwrap()
}

async fn policy(rig: &Rig, n: usize, name: &str) -> Policy {
    let all = admin(&rig.node(n)).all_policies().await.unwrap();
    all.into_iter().find(|p| p.name == name).unwrap()
}

/// Does what the press beside a finding does.
async fn press(rig: &Rig, finding: &Finding) {
    let Some(CureAction::Rule { deed }) = finding.cure.as_ref().and_then(|c| c.action.clone()) else {
        panic!("no press: {finding:#?}")
    };
    let run = rig.clusters.do_rule(&rig.cluster_id().await, &deed, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
}

fn ids(view: &RulesView) -> Vec<&str> {
    view.findings.iter().map(|f| f.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_made_in_the_portal_is_shown_and_mended_by_one_press() {
    for version in ["2.8.6", "2.15.2"] {
        let rig = masters(version).await;
        let before = rules(&rig).await;
        assert_eq!((before.planned.len(), ids(&before)), (2, vec![]), "{before:#?}");
        let rule = before.nodes[0].rules[0].clone();
        assert!(rule.ours && rule.enabled && rule.differs.is_empty() && rule.endpoint_status == "healthy");
        let there = policy(&rig, 0, &rule.name).await;
        let changed = NewPolicy { overwrite: true, speed: 64, ..NewPolicy::from(&there) };
        admin(&rig.node(0)).put_policy(there.id, &changed).await.unwrap();
        let seen = rules(&rig).await;
        let differs = &seen.nodes[0].rules[0].differs;
        assert_eq!(
            differs.iter().map(|d| d.field.en.as_str()).collect::<Vec<_>>(),
            ["Override", "Bandwidth"]
        );
        assert!(ids(&seen).contains(&"override-between-masters"), "{:?}", ids(&seen));
        press(&rig, &seen.findings[0]).await;
        assert_eq!(ids(&rules(&rig).await), Vec::<&str>::new());
        let mended = policy(&rig, 0, &rule.name).await;
        assert!(!mended.overwrite && mended.enabled && mended.speed <= 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_made_by_hand_is_found_and_switched_off() {
    let rig = masters("2.15.2").await;
    let harbor = admin(&rig.node(0));
    let endpoint = harbor.all_registries().await.unwrap().remove(0).id;
    let mut by_hand = NewPolicy::push("old-everything", endpoint, Trigger::scheduled("0 0 * * * *"));
    (by_hand.enabled, by_hand.overwrite, by_hand.deletion) = (true, true, true);
    harbor.create_policy(&by_hand).await.unwrap();
    let seen = rules(&rig).await;
    let found = seen.nodes[0].rules.iter().find(|r| r.name == "old-everything").unwrap();
    assert!(!found.ours && found.r#override && found.deletion);
    let told = seen.findings.iter().find(|f| f.id == "override-between-masters").unwrap();
    press(&rig, told).await;
    assert!(!policy(&rig, 0, "old-everything").await.enabled);
    assert_eq!(ids(&rules(&rig).await), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pair_is_edited_as_one_and_a_half_waits_for_the_node_that_is_away() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let view = rules(&rig).await;
    let refused = RulesWish { cron: Some("*/10 * * * * *".into()), ..RulesWish::default() };
    let error = rig.clusters.save_rules(&id, view.version, &refused, "lw").await.unwrap_err();
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("cron.seconds", Some("cron")));
    let never = RulesWish { cron: Some("0 0 0 30 2 *".into()), ..RulesWish::default() };
    let error = rig.clusters.save_rules(&id, view.version, &never, "lw").await.unwrap_err();
    assert_eq!(error.code, "cron.never");

    rig.node(1).fault(Fault::Refuse).await;
    let wish = RulesWish {
        cron: Some("0 0 * * * *".into()),
        at_once: true,
        speed_kbps: Some(512),
        copy_by_chunk: true,
        ..RulesWish::default()
    };
    let run = rig.clusters.save_rules(&id, view.version, &wish, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Failed);
    let half = rules(&rig).await;
    let waiting = ChangeState::Waiting { node: half.nodes[1].node.clone() };
    assert_eq!(half.changing.unwrap().state, waiting);
    assert!(half.nodes[1].error.is_some());

    rig.node(1).clear(&Fault::Refuse).await;
    let through = async || rig.clusters.run(&run).await.unwrap().state == RunState::Succeeded;
    eventually("the change goes on by itself once b is back", through).await;
    let whole = rules(&rig).await;
    assert_eq!((whole.changing, whole.wish, whole.planned.len()), (None, wish, 4));
    let crons: Vec<_> = whole.planned.iter().filter_map(|r| r.cron.as_deref()).collect();
    assert_eq!(crons, ["0 0 * * * *", "0 30 * * * *"]);
    for node in &whole.nodes {
        assert_eq!(node.rules.len(), 2, "{node:#?}");
        assert!(node.rules.iter().all(|r| r.enabled && r.speed == 512 && r.copy_by_chunk && !r.r#override));
    }
    let stale = rig.clusters.save_rules(&id, view.version, &RulesWish::default(), "lw").await.unwrap_err();
    assert_eq!(stale.code, "rules.stale");
    assert_eq!(ids(&rules(&rig).await), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn executions_are_kept_with_their_tasks_and_logs_until_harbor_forgets_them() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    rig.node(0).push_image("shop/cart", "v1", "one");
    let view = rules(&rig).await;
    let start = RuleDeed::Start { link: view.links[0].clone() };
    succeeded(&rig.over(&rig.clusters.do_rule(&id, &start, "lw").await.unwrap()).await);
    let find = async || {
        let page = rig.clusters.executions(&id, &ExecutionQuery::default()).await.unwrap();
        page.rows.into_iter().find(|e| e.rule == view.planned[0].name)
    };
    let done = async || find().await.is_some_and(|e| e.state == ExecutionState::Succeeded);
    eventually("the execution is seen to succeed", done).await;
    let execution = find().await.unwrap();
    assert_eq!((execution.total, execution.succeeded), (1, 1));
    assert_eq!(execution.link, Some(view.links[0].clone()));
    let tasks = rig.clusters.tasks(&id, &execution.node, execution.id, 1).await.unwrap();
    assert_eq!((tasks.total, tasks.rows[0].state), (1, TaskState::Succeeded));
    assert!(tasks.rows[0].what.starts_with("shop/cart"), "{tasks:#?}");
    let log = rig.clusters.task_log(&id, &execution.node, execution.id, tasks.rows[0].id).await.unwrap();
    assert!(log.contains("shop/cart"), "{log}");
    // With the rule Harbor loses its executions; what is kept here stays.
    let harbor = admin(&rig.node(0));
    let there = policy(&rig, 0, &execution.rule).await;
    harbor.delete_policy(there.id).await.unwrap();
    let kept = rig.clusters.execution(&id, &execution.node, execution.id).await.unwrap();
    assert_eq!(kept.state, ExecutionState::Succeeded);
    assert!(rig.clusters.tasks(&id, &execution.node, execution.id, 1).await.unwrap().gone);
    let lost = rules(&rig).await;
    assert_eq!(ids(&lost), ["rule-missing"]);
    press(&rig, &lost.findings[0]).await;
    assert_eq!(ids(&rules(&rig).await), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_queue_is_named_and_goes_on_by_one_press() {
    let rig = masters("2.15.2").await;
    let harbor = admin(&rig.node(1));
    harbor.act_on_queue("REPLICATION", QueueAction::Pause).await.unwrap();
    let seen = rules(&rig).await;
    assert_eq!(ids(&seen), ["queue-paused"]);
    press(&rig, &seen.findings[0]).await;
    assert_eq!(ids(&rules(&rig).await), Vec::<&str>::new());
    assert!(harbor.queues().await.unwrap().iter().all(|q| !q.paused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_tells_what_would_be_copied_and_what_stays() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    rig.node(0).push_image("shop/cart", "new", "one");
    for (n, content) in [(0, "old"), (1, "older")] {
        rig.node(n).push_image("shop/cart", "latest", content);
        rig.node(n).push_image("shop/cart", "same", "same");
    }
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    let told = async || {
        rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap();
        let runs = rig.clusters.dry_run(&id).await.unwrap();
        (runs[0].copies, runs[0].skips, runs[0].same) == (1, 1, 1)
    };
    eventually("the comparison has seen it", told).await;
    let runs = rig.clusters.dry_run(&id).await.unwrap();
    let link = Link::new(pair.a.clone(), pair.b.clone());
    assert_eq!(
        (&runs[0].link, runs[0].overwrites, runs[0].examples.as_slice()),
        (&link, 0, &["shop/cart:new".to_owned()][..])
    );
    assert!(runs[0].bytes > 0);
    assert_eq!((runs[1].copies, runs[1].skips), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_gets_a_new_secret_on_both_sides_at_once_or_on_none() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let link = rules(&rig).await.links[0].clone();
    let rotate = RuleDeed::Rotate { link: link.clone() };
    // The source would go on signing in with the old one: nothing is done while it is away.
    rig.node(0).fault(Fault::Refuse).await;
    let run = rig.clusters.do_rule(&id, &rotate, "lw").await.unwrap();
    let failed = rig.over(&run).await;
    assert_eq!((failed.state, failed.finished()), (RunState::Failed, 0), "{failed:#?}");
    rig.node(0).clear(&Fault::Refuse).await;
    let run = rig.clusters.do_rule(&id, &rotate, "lw").await.unwrap();
    succeeded(&rig.over(&run).await);
    crate::rig::images_cross(&rig, &rig.clusters, [0, 1], "after").await;
    let other = RuleDeed::Rotate { link: Link::new(link.source.clone(), link.source) };
    assert_eq!(rig.clusters.do_rule(&id, &other, "lw").await.unwrap_err().code, "node.unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn executions_are_filtered_by_state_and_node() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let view = rules(&rig).await;
    for (n, link) in view.links.iter().enumerate() {
        rig.node(n).push_image("shop/cart", &format!("v{n}"), "one");
        let run = rig.clusters.do_rule(&id, &RuleDeed::Start { link: link.clone() }, "lw").await.unwrap();
        succeeded(&rig.over(&run).await);
    }
    let found = async |query: ExecutionQuery| rig.clusters.executions(&id, &query).await.unwrap().rows;
    let of = |node: &NodeName, state| ExecutionQuery { state, node: Some(node.clone()), after: None };
    let nodes = [view.nodes[0].node.clone(), view.nodes[1].node.clone()];
    for node in &nodes {
        let done = async || !found(of(node, Some(ExecutionState::Succeeded))).await.is_empty();
        eventually("its run succeeded", done).await;
        let all = found(of(node, None)).await;
        assert!(all.iter().all(|e| e.node == *node), "{all:#?}");
        let succeeded = found(of(node, Some(ExecutionState::Succeeded))).await;
        assert!(succeeded.iter().all(|e| e.node == *node && e.state == ExecutionState::Succeeded));
        assert!(found(of(node, Some(ExecutionState::Failed))).await.is_empty());
    }
    let all = found(ExecutionQuery::default()).await;
    let last = all.first().map(|e| (e.started_ms, e.node.clone(), e.id));
    let behind = found(ExecutionQuery { after: last, ..ExecutionQuery::default() }).await;
    assert_eq!(behind, all[1..]);
    let stranger = ExecutionQuery { node: NodeName::parse("c").ok(), ..ExecutionQuery::default() };
    assert_eq!(rig.clusters.executions(&id, &stranger).await.unwrap_err().code, "node.unknown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_waits_is_past_once_the_cluster_was_changed_otherwise() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let view = rules(&rig).await;
    rig.node(1).fault(Fault::Refuse).await;
    let wish = RulesWish { speed_kbps: Some(512), ..RulesWish::default() };
    let run = rig.clusters.save_rules(&id, view.version, &wish, "lw").await.unwrap();
    assert_eq!(rig.over(&run).await.state, RunState::Failed);
    assert!(rules(&rig).await.changing.is_some());
    let row = rig.store.clusters().get(&id).await.unwrap();
    let mut spec: ClusterSpec = row.spec_as().unwrap();
    spec.replication.copy_by_chunk = true;
    rig.store.clusters().update(&id, row.version, &row.name, &spec).await.unwrap();
    assert_eq!(rules(&rig).await.changing, None);
    rig.node(1).clear(&Fault::Refuse).await;
    // Longer than it takes to look whether b is back.
    tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    assert_eq!(rig.clusters.run(&run).await.unwrap().state, RunState::Failed);
    assert_eq!(policy(&rig, 1, &view.planned[1].name).await.speed.max(0), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_link_tells_what_ran_over_it_last_and_how_far_its_ends_are() {
    let rig = masters("2.15.2").await;
    let id = rig.cluster_id().await;
    let links = async || rig.clusters.links(&id).await.unwrap();
    let first = links().await;
    let [there, back] = first.links.clone().try_into().unwrap();
    assert_eq!((first.pairs.len(), first.pair_of(&there)), (1, first.pair_of(&back)));
    assert_eq!(first.last_of(&there), None, "{first:#?}");

    rig.node(0).push_image("shop/cart", "v1", "one");
    rig.node(0).push_image("shop/cart", "v2", "two");
    let start = RuleDeed::Start { link: there.clone() };
    succeeded(&rig.over(&rig.clusters.do_rule(&id, &start, "lw").await.unwrap()).await);
    // What somebody else's rule does is told in the list of executions, not here.
    let harbor = admin(&rig.node(0));
    let endpoint = harbor.all_registries().await.unwrap().remove(0).id;
    let mut by_hand = NewPolicy::push("by-hand", endpoint, Trigger::manual());
    by_hand.enabled = true;
    let by_hand = harbor.create_policy(&by_hand).await.unwrap();
    harbor.start_execution(by_hand).await.unwrap();
    let newest = async || {
        let page = rig.clusters.executions(&id, &ExecutionQuery::default()).await.unwrap();
        page.rows.iter().filter(|e| !e.state.is_open()).count() == 2
    };
    eventually("both executions were read", newest).await;
    let ran = links().await;
    let last = ran.last_of(&there).unwrap();
    assert_eq!((last.rule.as_str(), last.state), ("breakwater-prod-to-b", ExecutionState::Succeeded));
    assert_eq!(ran.last_of(&back), None);

    let pair = ran.pairs[0].id.clone();
    let compared = async || {
        rig.clusters.compare_now(&pair, true, "lw").await.unwrap();
        links().await.pair_of(&back).is_some_and(|p| p.compared == 2 && p.differences() == 0)
    };
    eventually("the two were compared", compared).await;
    let far = links().await;
    let pair = far.pair_of(&there).unwrap();
    assert_eq!(pair.holds_ms_of(&there.destination), pair.read_ms);
}
