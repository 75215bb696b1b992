//! Stopped in the middle: of a step, of undoing, and by another replica.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::FutureExt;
use journal::{Cx, Journal, Look, Step, StepResult};
use model::{
    ids::RunId,
    run::{RunState, StepState},
};
use serde_json::{Value, json};
use store::testing::for_each_db;
use tokio::sync::Notify;

use crate::{STEPS, World, begin, finished, journal, steps};

/// Makes its thing and then never comes back.
struct Endless {
    world: Arc<World>,
    made: Arc<Notify>,
}

#[async_trait]
impl Step for Endless {
    fn key(&self) -> &str {
        "endless"
    }

    async fn look(&self, _: &Cx) -> StepResult<Look> {
        let there = self.world.things.lock().unwrap().contains_key("endless");
        Ok(if there { Look::Present(json!({})) } else { Look::Absent })
    }

    async fn apply(&self, _: &Cx, _: Option<Value>) -> StepResult<Value> {
        self.world.things.lock().unwrap().insert("endless".into(), "ours");
        self.made.notify_one();
        futures::future::pending().await
    }

    async fn verify(&self, _: &Cx, made: Value) -> StepResult<Value> {
        Ok(made)
    }

    async fn undo(&self, _: &Cx, _: Value) -> StepResult<()> {
        self.world.things.lock().unwrap().remove("endless");
        Ok(())
    }
}

fn endless(world: &Arc<World>) -> (Vec<Arc<dyn Step>>, Arc<Notify>) {
    let made = Arc::<Notify>::default();
    (vec![Arc::new(Endless { world: world.clone(), made: made.clone() })], made)
}

#[tokio::test]
async fn cancel_in_the_middle_of_a_step_remembers_what_it_may_have_made() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        let (steps, made) = endless(&world);
        let id = journal.start(&begin(), steps.clone()).await.unwrap();
        made.notified().await;
        assert!(journal.cancel(&id).await.unwrap());
        assert_eq!(finished(&journal, &id).await, (RunState::Cancelled, vec![StepState::Waiting]));
        assert!(journal.get(&id).await.unwrap().steps[0].made);
        journal.undo(&id, steps).await.unwrap();
        assert_eq!(finished(&journal, &id).await, (RunState::Undone, vec![StepState::Undone]));
        assert!(world.names().is_empty());
    })
    .await;
}

#[tokio::test]
async fn cancel_in_the_middle_of_a_step_can_be_retried() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        let (steps, made) = endless(&world);
        let id = journal.start(&begin(), steps.clone()).await.unwrap();
        made.notified().await;
        journal.cancel(&id).await.unwrap();
        finished(&journal, &id).await;
        // What was made before is found, and is this run's own.
        journal.retry(&id, steps).await.unwrap();
        assert_eq!(finished(&journal, &id).await, (RunState::Succeeded, vec![StepState::Done]));
    })
    .await;
}

#[tokio::test]
async fn another_replica_that_has_the_lease_ends_the_run_here() {
    for_each_db(async |db| {
        let here = journal(&db.store).with_lease(Duration::from_millis(300));
        let world = Arc::<World>::default();
        let (steps, made) = endless(&world);
        let id = here.start(&begin(), steps).await.unwrap();
        made.notified().await;
        let name = format!("run:{id}");
        db.store.leases().release(&name, "one").await.unwrap();
        assert!(db.store.leases().take(&name, "two", Duration::from_secs(60)).await.unwrap());
        here.idle(&id).await;
        let stored = here.get(&id).await.unwrap();
        assert_eq!((stored.run.state, stored.steps[0].state), (RunState::Running, StepState::Applying));
        assert_eq!(db.store.leases().holder(&name).await.unwrap().unwrap().holder, "two");
    })
    .await;
}

#[tokio::test]
async fn cancel_asked_on_another_replica_is_heard() {
    for_each_db(async |db| {
        let here = journal(&db.store).with_lease(Duration::from_millis(300));
        let world = Arc::<World>::default();
        let (steps, made) = endless(&world);
        let id = here.start(&begin(), steps).await.unwrap();
        made.notified().await;
        assert!(Journal::new(db.store.clone(), "two").cancel(&id).await.unwrap());
        assert_eq!(finished(&here, &id).await.0, RunState::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn resume_refuses_steps_of_another_plan() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        world.break_at(Some("step-1"));
        let id = journal.start(&begin(), steps(&world)).await.unwrap();
        finished(&journal, &id).await;
        world.break_at(None);
        let others = steps(&world).into_iter().rev().collect();
        journal.retry(&id, others).await.unwrap();
        journal.idle(&id).await;
        assert_eq!(world.names(), ["step-0"], "nothing was done in another order");
        journal.resume(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await.0, RunState::Succeeded);
    })
    .await;
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "says how many points were walked")]
async fn killed_at_every_point_of_undoing_it_goes_on() {
    for_each_db(async |db| {
        let mut points = 0;
        // The first round counts the points, each further one dies at one of them.
        for kill_at in -1.. {
            if kill_at >= points && kill_at >= 0 {
                break;
            }
            let world = Arc::<World>::default();
            world.things.lock().unwrap().insert("step-2".into(), "older");
            let plain = journal(&db.store);
            let id = plain.start(&begin(), steps(&world)).await.unwrap();
            assert_eq!(finished(&plain, &id).await.0, RunState::Succeeded);
            let seen = undo_until(&db.store, &world, &id, kill_at).await;
            if kill_at < 0 {
                points = seen;
                assert!(points >= 2 * (STEPS as i64 - 1), "{points}");
                println!("{}: undoing killed at {points} points", db.engine);
            } else {
                let next = Journal::new(db.store.clone(), "next");
                let interrupted = next.interrupted().await.unwrap();
                assert!(interrupted.iter().any(|run| run.id == id && run.undoing), "at {kill_at}");
                next.resume(&id, steps(&world)).await.unwrap();
                assert_eq!(finished(&next, &id).await.0, RunState::Undone, "at {kill_at}");
            }
            assert_eq!(world.names(), ["step-2"], "at {kill_at}: only what this run made is gone");
        }
    })
    .await;
}

/// Undoes a run and stops for good at the given point (-1 is never); how many points were seen.
async fn undo_until(store: &store::Store, world: &Arc<World>, id: &RunId, kill_at: i64) -> i64 {
    let seen = Arc::new(AtomicUsize::new(0));
    let reached = Arc::<Notify>::default();
    let (count, tell) = (seen.clone(), reached.clone());
    let journal = journal(store).with_hook(Arc::new(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) as i64 == kill_at {
            tell.notify_one();
            futures::future::pending().boxed()
        } else {
            futures::future::ready(()).boxed()
        }
    }));
    journal.undo(id, steps(world)).await.unwrap();
    if kill_at < 0 {
        journal.idle(id).await;
    } else {
        reached.notified().await;
    }
    journal.shutdown().await;
    seen.load(Ordering::SeqCst) as i64
}
