//! `kill -9` of a change, at each of its points in turn: one run that dies at every point it comes to, and is taken
//! up again after each. Going forward and being taken back.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use clusters::{Account, Clusters};
use futures::FutureExt;
use harbor_sim::SimConfig;
use journal::Journal;
use model::{
    Topology,
    draft::ChangeStart,
    ids::RunId,
    run::{RunState, RunView},
    spec::CredentialKind,
};

use crate::rig::{PASSWORD, Rig, eventually, images_cross, ours, service, succeeded};

/// The points at which a process died; the next one dies at the first that is not among them.
#[derive(Default)]
struct Deaths(Mutex<BTreeSet<(String, String)>>);

impl Deaths {
    fn hook(self: &Arc<Self>, dead: &Arc<AtomicBool>) -> journal::Hook {
        let (deaths, dead) = (Arc::clone(self), Arc::clone(dead));
        Arc::new(move |point| {
            let new = deaths.0.lock().unwrap().insert((point.key, point.after));
            if new {
                dead.store(true, Ordering::SeqCst);
            }
            // Whoever reaches that point never goes on.
            if new { std::future::pending().boxed() } else { std::future::ready(()).boxed() }
        })
    }
}

/// Lets one process after the other die until the run is over; returns how many died.
async fn walked(rig: &Rig, begin: impl AsyncFn(&Clusters) -> RunId) -> (RunView, usize) {
    let deaths = Arc::new(Deaths::default());
    let mut run: Option<RunId> = None;
    for died in 0.. {
        let dead = Arc::new(AtomicBool::new(false));
        let mortal = Journal::new(rig.store.clone(), "test").with_hook(deaths.hook(&dead));
        let process = service(&rig.store, &mortal, &rig.heard);
        let id = match run.clone() {
            Some(id) => {
                process.resume_all().await.unwrap();
                id
            }
            None => begin(&process).await,
        };
        let done = async || dead.load(Ordering::SeqCst) || process.run(&id).await.unwrap().state.is_final();
        eventually("the run dies or ends", done).await;
        process.shutdown().await;
        mortal.shutdown().await;
        let view = process.run(&id).await.unwrap();
        if view.state.is_final() {
            return (view, died);
        }
        run = Some(id);
    }
    unreachable!("a run ends")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "the number of points belongs into the test's output")]
async fn a_change_survives_a_kill_at_every_point_there_and_back() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let before = rig.clusters.cluster(&rig.cluster_id().await).await.unwrap();
    // A new master under the name of the old one, which still answers: things are removed, made, and removed.
    let start = ChangeStart::Replace { node: before.nodes[1].id.clone(), keep_name: true };
    let draft = rig.changed(&start, |d| d.nodes[1].address = rig.node(2).url()).await;
    rig.check(&draft).await;
    rig.clusters.plan(&draft, "lw").await.unwrap();
    // It would take the run up itself.
    rig.clusters.shutdown().await;

    let (view, there) = walked(&rig, async |process| process.apply(&draft, "lw").await.unwrap()).await;
    succeeded(&view);
    let last = service(&rig.store, &Journal::new(rig.store.clone(), "test"), &rig.heard);
    let after = last.cluster(&before.id).await.unwrap();
    assert_eq!(after.nodes[0], before.nodes[0]);
    assert_ne!(after.nodes[1].id, before.nodes[1].id);
    for (n, expected) in [4, 0, 4].into_iter().enumerate() {
        let left = ours(&rig.node(n)).await;
        assert_eq!(left.len(), expected, "{left:?}");
    }
    // Every secret that was sealed on the way opens its door.
    images_cross(&rig, &last, [0, 2], "there").await;

    let gone = view.steps.iter().find(|s| s.key.starts_with("forget:")).unwrap().node.clone();
    let (kind, username) = (CredentialKind::Admin, "admin".to_owned());
    let account = Account { kind, username, secret: PASSWORD.into() };
    last.give_run_account(&view.id, &gone, &account).await.unwrap();
    let undo = async |process: &Clusters| {
        process.undo_run(&view.id, "lw").await.unwrap();
        view.id.clone()
    };
    let (view, back) = walked(&rig, undo).await;
    assert_eq!(view.state, RunState::Undone, "{view:#?}");
    let again = last.cluster(&before.id).await.unwrap();
    assert_eq!((&again.spec, &again.nodes), (&before.spec, &before.nodes));
    for (n, expected) in [4, 4, 0].into_iter().enumerate() {
        let left = ours(&rig.node(n)).await;
        assert_eq!(left.len(), expected, "{left:?}");
    }
    images_cross(&rig, &last, [0, 1], "back").await;
    assert!(rig.store.leftovers().open().await.unwrap().is_empty());
    eprintln!("change: killed and restarted at {there} points, and at {back} when it was taken back");
    assert!(there > 90 && back > 20, "only {there} and {back}: the hook is not where the steps are");
}
