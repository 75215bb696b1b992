//! `kill -9` at every point of every step: a restart adopts what is there and goes on, and nothing is made twice.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use harbor_sim::SimConfig;
use journal::{Journal, Point};
use model::{Topology, ids::RunId, run::RunState};

use crate::rig::{Heard, Rig, open, ours, over, service, succeeded};

/// Dies at the `n`th point of a run: it is dropped there, as a killed process would drop it.
pub(crate) struct Killer {
    pub(crate) at: usize,
    pub(crate) seen: Mutex<Vec<Point>>,
}

impl Killer {
    pub(crate) fn hook(self: &Arc<Self>) -> journal::Hook {
        let killer = Arc::clone(self);
        Arc::new(move |point| {
            let dies = {
                let mut seen = killer.seen.lock().unwrap();
                seen.push(point);
                seen.len() == killer.at
            };
            // Whoever reaches that point never goes on.
            if dies { std::future::pending().boxed() } else { std::future::ready(()).boxed() }
        })
    }

    pub(crate) fn reached(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

/// What is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// The adoption of a pair.
    Adoption,
    /// The probes of a shared storage.
    Probes,
}

/// Starts a run, dies at its `n`th point, starts again; returns whether that point was reached.
async fn dies_at(n: usize, what: What) -> Option<Point> {
    let config = match what {
        What::Adoption => SimConfig::independent(2, "2.15.2"),
        What::Probes => SimConfig::shared(2, "2.15.2"),
    };
    let rig = Rig::start(config).await;
    let killer = Arc::new(Killer { at: n, seen: Mutex::default() });
    let mortal = Journal::new(rig.store.clone(), "test").with_hook(killer.hook());
    let first = service(&rig.store, &mortal, &rig.heard);
    let topology = if what == What::Probes { Topology::SharedStorage } else { Topology::DualMaster };
    let id = rig.draft(topology, &["a", "b"]).await;
    rig.check(&id).await;
    let run = if what == What::Probes {
        first.run_probes(&id, "lw").await.unwrap()
    } else {
        rig.clusters.plan(&id, "lw").await.unwrap();
        first.apply(&id, "lw").await.unwrap()
    };
    let done = async || killer.reached() >= n || first.run(&run).await.unwrap().state.is_final();
    crate::rig::eventually("the run dies or ends", done).await;
    if killer.reached() < n {
        succeeded(&first.run(&run).await.unwrap());
        return None;
    }
    mortal.shutdown().await;
    let point = killer.seen.lock().unwrap()[n - 1].clone();
    restarted(&rig, &run, what, &point).await;
    Some(point)
}

async fn restarted(rig: &Rig, run: &RunId, what: What, point: &Point) {
    let store = open(&rig.dir).await;
    let heard = Arc::new(Heard::default());
    let journal = Journal::new(store.clone(), "test");
    let second = service(&store, &journal, &heard);
    second.resume_all().await.unwrap();
    let view = over(&second, run).await;
    assert_eq!(view.state, RunState::Succeeded, "killed at {point:?}: {view:#?}");
    assert!(store.leftovers().open().await.unwrap().is_empty(), "killed at {point:?}");
    let expected = if what == What::Probes { 0 } else { 4 };
    for n in [0, 1] {
        let there = ours(&rig.node(n)).await;
        assert_eq!(there.len(), expected, "killed at {point:?}: {there:?}");
    }
    if what != What::Probes {
        assert_eq!(second.clusters().await.unwrap().len(), 1, "killed at {point:?}");
    }
    second.shutdown().await;
    journal.shutdown().await;
}

async fn every_point(what: What) -> usize {
    let mut survived = 0;
    // Several at a time: each has its own Harbors and database.
    for first in (1..).step_by(4) {
        let batch = (first..first + 4).map(|n| dies_at(n, what));
        let reached = futures::future::join_all(batch).await;
        survived += reached.iter().flatten().count();
        if reached.iter().any(Option::is_none) {
            return survived;
        }
    }
    survived
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "the number of points belongs into the test's output")]
async fn adoption_survives_a_kill_at_every_point() {
    let points = every_point(What::Adoption).await;
    eprintln!("adoption: killed and restarted at {points} points");
    assert!(points > 60, "only {points} points: the hook is not where the steps are");
}

/// Dies once the Harbors have served so many requests since the run began: in the middle of a step, between a
/// call and the note of what came of it. Returns how many the whole run took where it was over before.
async fn dies_after(requests: u64) -> Option<u64> {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let mortal = Journal::new(rig.store.clone(), "test");
    let first = service(&rig.store, &mortal, &rig.heard);
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    rig.check(&id).await;
    rig.clusters.plan(&id, "lw").await.unwrap();
    let served = || rig.node(0).served() + rig.node(1).served();
    let before = served();
    let run = first.apply(&id, "lw").await.unwrap();
    while served() - before < requests {
        if first.run(&run).await.unwrap().state.is_final() {
            return Some(served() - before);
        }
        tokio::task::yield_now().await;
    }
    mortal.shutdown().await;
    let point = Point { key: format!("after {requests} requests"), after: String::new() };
    restarted(&rig, &run, What::Adoption, &point).await;
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "the number of points belongs into the test's output")]
async fn adoption_survives_a_kill_in_the_middle_of_its_calls() {
    let all = dies_after(u64::MAX).await.unwrap();
    let step = (all / 24).max(1);
    let mut killed = 0;
    for from in (1..all).step_by(usize::try_from(step * 4).unwrap()) {
        let batch = (0..4).map(|n| dies_after(from + n * step));
        killed += futures::future::join_all(batch).await.iter().filter(|over| over.is_none()).count();
    }
    eprintln!("adoption: killed and restarted after {killed} of its {all} calls");
    assert!(killed >= 12, "only {killed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "the number of points belongs into the test's output")]
async fn probes_survive_a_kill_at_every_point() {
    let points = every_point(What::Probes).await;
    eprintln!("probes: killed and restarted at {points} points");
    assert!(points > 60, "only {points} points: the hook is not where the steps are");
}
