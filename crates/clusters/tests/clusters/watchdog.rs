//! The watchdog: without a page, what goes wrong with the rules is found, told once, and told again when it is over.

use std::time::Duration;

use harbor::api::projects::NewProject;
use harbor_sim::{Component, Fault, SimConfig};
use model::{
    Link, Topology,
    draft::Draft,
    live::LiveEvent,
    rule::{ExecutionQuery, RuleDeed},
    spec::ReplicationSpec,
};

use crate::rig::{Rig, admin, eventually, succeeded};

async fn masters() -> Rig {
    let rig = Rig::watched(SimConfig::independent(2, "2.15.2")).await;
    // These tests move the clock on until a rule should have run.
    let typed =
        Draft { replication: ReplicationSpec::default(), ..rig.typed(Topology::DualMaster, &["a", "b"]) };
    let id = rig.draft_of(typed).await;
    succeeded(&rig.adopt(&id).await);
    looks_again(&rig).await;
    rig
}

/// Waits until the watchdog has asked both nodes twice more.
async fn looks_again(rig: &Rig) {
    let asked = [0, 1].map(|n| rig.node(n).served());
    let twice = async || [0, 1].iter().all(|n| rig.node(*n).served() >= asked[*n] + 30);
    eventually("the watchdog looks twice more", twice).await;
}

/// What the activity list was told of the rules, oldest first: code and words.
fn told(rig: &Rig) -> Vec<(&'static str, String)> {
    let news = rig.heard.news.lock().unwrap();
    let of_rules = news.iter().filter(|n| matches!(n.code, "rules.found" | "rules.cured"));
    of_rules.map(|n| (n.code, n.text.en.clone())).collect()
}

async fn findings(rig: &Rig) -> u32 {
    rig.clusters.rules_list().await.unwrap()[0].findings
}

fn is_green(rig: &Rig, link: &Link) -> bool {
    rig.heard.links.lock().unwrap().get(link).is_none_or(Option::is_none)
}

/// The newest count that open pages were told.
fn on_pages(rig: &Rig) -> Option<u32> {
    let events = rig.heard.events.lock().unwrap();
    events.iter().rev().find_map(|event| match event {
        LiveEvent::Rules { findings, .. } => Some(*findings),
        _ => None,
    })
}

/// Finds what is broken, tells it once, and tells that it is over once it is mended.
async fn found_and_cured(
    rig: &Rig,
    words: &str,
    stopped: &Link,
    broken: impl AsyncFnOnce(),
    mended: impl AsyncFnOnce(),
) {
    let before = told(rig).len();
    broken().await;
    eventually("it is found", async || told(rig).len() > before).await;
    looks_again(rig).await;
    assert_eq!(told(rig)[before..], [("rules.found", format!("prod: {words}."))]);
    assert_eq!((findings(rig).await, on_pages(rig)), (1, Some(1)));
    assert!(!is_green(rig, stopped));
    mended().await;
    eventually("its end is seen", async || told(rig).len() > before + 1).await;
    looks_again(rig).await;
    assert_eq!(told(rig)[before + 1..], [("rules.cured", format!("prod: no longer: {words}."))]);
    assert_eq!((findings(rig).await, on_pages(rig)), (0, Some(0)));
    eventually("the link is green again", async || is_green(rig, stopped)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_queue_and_a_job_service_that_is_down_are_found_without_a_page_and_told_once() {
    let rig = masters().await;
    let view = rig.clusters.rules(&rig.cluster_id().await).await.unwrap();
    let [there, back] = [view.links[0].clone(), view.links[1].clone()];
    let node = rig.node(1);
    found_and_cured(
        &rig,
        "The queue REPLICATION on b is paused",
        &back,
        async || node.pause_queue("REPLICATION", true),
        async || node.pause_queue("REPLICATION", false),
    )
    .await;
    assert!(is_green(&rig, &there));
    let node = rig.node(0);
    let sick = Fault::Sick(Component::Jobservice);
    found_and_cured(
        &rig,
        "The job service of a does not answer",
        &there,
        async || node.fault(sick.clone()).await,
        async || node.clear(&sick).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_no_longer_runs_after_redis_was_emptied_is_found_and_scheduled_anew() {
    let rig = masters().await;
    let id = rig.cluster_id().await;
    let view = rig.clusters.rules(&id).await.unwrap();
    let (link, name) = (view.links[0].clone(), view.planned[0].name.clone());
    let (clock, now) = (rig.sim.clock().clone(), rig.sim.clock().now());
    // It ran an hour ago; then its Redis was emptied, and nothing starts any more.
    clock.set(now - 3_600_000);
    let start = RuleDeed::Start { link: link.clone() };
    succeeded(&rig.over(&rig.clusters.do_rule(&id, &start, "lw").await.unwrap()).await);
    let ran = async || {
        let page = rig.clusters.executions(&id, &ExecutionQuery::default()).await.unwrap();
        page.rows.iter().any(|e| e.rule == name && !e.state.is_open())
    };
    eventually("the run is over", ran).await;
    let words = format!("The rule {name} on a did not run");
    found_and_cured(
        &rig,
        &words,
        &link,
        async || {
            rig.node(0).flush_jobs();
            clock.set(now);
        },
        async || {
            let deed = RuleDeed::Reschedule { node: link.source.clone(), name: name.clone() };
            succeeded(&rig.over(&rig.clusters.do_rule(&id, &deed, "lw").await.unwrap()).await);
            clock.advance(Duration::from_secs(660));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_away_is_no_cure() {
    let rig = masters().await;
    let node = rig.node(1);
    node.pause_queue("REPLICATION", true);
    eventually("it is found", async || findings(&rig).await == 1).await;
    node.fault(Fault::Refuse).await;
    let asked = rig.node(0).served();
    eventually("a is asked again", async || rig.node(0).served() >= asked + 30).await;
    assert_eq!((findings(&rig).await, told(&rig).len()), (1, 1));
    node.pause_queue("REPLICATION", false);
    node.clear(&Fault::Refuse).await;
    eventually("its end is seen", async || findings(&rig).await == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_safe_press_mends_is_mended_by_itself_where_the_team_says_so() {
    let rig = masters().await;
    let id = rig.cluster_id().await;
    let (node, harbor) = (rig.node(1), admin(&rig.node(1)));
    let is_paused = async || harbor.queues().await.unwrap().iter().any(|q| q.paused);
    node.pause_queue("SCHEDULER", true);
    eventually("it is found", async || findings(&rig).await == 1).await;
    looks_again(&rig).await;
    assert!(is_paused().await, "nobody said that it may go on by itself");
    rig.clusters.set_mending(&id, true, "lw").await.unwrap();
    assert!(rig.clusters.rules(&id).await.unwrap().mends);
    // Twice: what is whole and breaks again is mended again.
    for _ in 0..2 {
        eventually("it goes on by itself", async || !is_paused().await).await;
        eventually("its end is seen", async || findings(&rig).await == 0).await;
        node.pause_queue("SCHEDULER", true);
        eventually("it is found", async || findings(&rig).await == 1).await;
    }
    let counted = rig.clusters.rule_findings().await.unwrap();
    assert!(counted[0].1.len() > 15 && counted[0].1.contains_key("queue-paused"), "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_asks_each_node_few_questions() {
    // The watchdog of this one sleeps: what is counted is the one round of the page, which asks the same.
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let id = rig.cluster_id().await;
    // Comparing and harvesting ask as well: the least of some readings is the reading alone.
    let mut least = u64::MAX;
    for _ in 0..5 {
        let before = rig.node(0).served();
        rig.clusters.rules(&id).await.unwrap();
        least = least.min(rig.node(0).served() - before);
    }
    assert!((5..=10).contains(&least), "{least} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_destination_refuses_is_found_and_over_when_it_is_gone() {
    let rig = masters().await;
    let (a, b) = (rig.node(0), rig.node(1));
    let mut small = NewProject::new("small", true);
    admin(&a).create_project(&small).await.unwrap();
    a.push_image("small/app", "v1", vec![7; 5_000]);
    small.storage_limit = Some(1_000);
    admin(&b).create_project(&small).await.unwrap();
    b.protect_tags("library", "**");
    a.push_image("library/app", "v1", "one");
    let open = async || {
        let view = rig.clusters.rules(&rig.cluster_id().await).await.unwrap();
        let mut open: Vec<String> = view
            .findings
            .iter()
            .map(|f| format!("{}: {}", f.id, f.measured.clone().unwrap_or_default().en))
            .collect();
        open.sort();
        open
    };
    eventually("both are found", async || open().await.len() > 1).await;
    let [immutable, quota] = &open().await[..] else { panic!("{:?}", open().await) };
    assert_eq!(immutable, "destination-immutable: immutable tags: library");
    assert!(quota.starts_with("quota-too-small: small ") && quota.ends_with("/ 1000 B"), "{quota}");
    admin(&b).delete_project("small").await.unwrap();
    eventually("the quota is no more", async || open().await.len() == 1).await;
}
