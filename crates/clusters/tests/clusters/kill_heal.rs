//! `kill -9` of the console at every point of a heal: it goes on, carries nothing twice, and leaves no rule off.

use std::sync::{Arc, Mutex};

use journal::{Journal, Point};

use crate::{
    heal::{apart, compared, equal_pair, is_right, plan},
    kill::Killer,
    rig::{Heard, admin, eventually, open, over, service, succeeded},
};

/// Starts a heal, dies at its `n`th point, starts again; `None` where it was over before.
async fn dies_at(n: usize) -> Option<Point> {
    let rig = equal_pair("2.15.2").await;
    apart(&rig);
    let pair = compared(&rig, |p| p.differences() == 6 && p.healable() == 5).await;
    let plan = plan(&rig, &pair).await;
    // Nobody compares meanwhile: the plan must not become stale, and the run is this test's alone.
    rig.clusters.shutdown().await;
    let killer = Arc::new(Killer { at: n, seen: Mutex::default() });
    let mortal = Journal::new(rig.store.clone(), "test").with_hook(killer.hook());
    let first = service(&rig.store, &mortal, &rig.heard);
    let run = first.heal(&plan.id, Some(plan.deletes), "lw").await.unwrap();
    let done = async || killer.reached() >= n || first.run(&run).await.unwrap().state.is_final();
    eventually("the heal dies or ends", done).await;
    if killer.reached() < n {
        succeeded(&first.run(&run).await.unwrap());
        return None;
    }
    mortal.shutdown().await;
    let point = killer.seen.lock().unwrap()[n - 1].clone();
    let store = open(&rig.dir).await;
    let journal = Journal::new(store.clone(), "test");
    let second = service(&store, &journal, &Arc::new(Heard::default()));
    second.resume_all().await.unwrap();
    let view = over(&second, &run).await;
    succeeded(&view);
    is_right(&rig).unwrap_or_else(|wrong| panic!("killed at {point:?}: {wrong}"));
    assert!(store.leftovers().open().await.unwrap().is_empty(), "killed at {point:?}");
    for n in [0, 1] {
        let rules = admin(&rig.node(n)).all_policies().await.unwrap();
        assert!(rules.len() == 1 && rules[0].enabled, "killed at {point:?}: {rules:#?}");
    }
    second.shutdown().await;
    journal.shutdown().await;
    Some(point)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "the number of points belongs into the test's output")]
async fn heal_survives_a_kill_at_every_point() {
    let mut survived = 0;
    for first in (1..).step_by(6) {
        let reached = futures::future::join_all((first..first + 6).map(dies_at)).await;
        survived += reached.iter().flatten().count();
        if reached.iter().any(Option::is_none) {
            break;
        }
    }
    eprintln!("heal: killed and restarted at {survived} points");
    assert!(survived > 30, "only {survived} points: the hook is not where the steps are");
}
