//! Runs on both databases: done once, adopted, failed, cancelled, undone, and killed at every point.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod interrupted;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::FutureExt;
use journal::{Begin, Cx, Journal, Look, Step, StepResult};
use model::{
    AppError, Say,
    ids::RunId,
    run::{RunState, StepState},
};
use serde_json::{Value, json};
use store::{Store, testing::for_each_db};

/// The outside world: things by name, and how often each was made.
#[derive(Default)]
struct World {
    things: Mutex<BTreeMap<String, &'static str>>,
    made: AtomicUsize,
    broken: Mutex<Option<String>>,
}

impl World {
    fn names(&self) -> Vec<String> {
        self.things.lock().unwrap().keys().cloned().collect()
    }

    fn break_at(&self, key: Option<&str>) {
        *self.broken.lock().unwrap() = key.map(str::to_owned);
    }
}

struct Make {
    key: String,
    world: Arc<World>,
}

fn error(code: &str) -> AppError {
    AppError::new(code, 500, Say::same("cause"), Say::same("next"))
}

#[async_trait]
impl Step for Make {
    fn key(&self) -> &str {
        &self.key
    }

    async fn look(&self, _: &Cx) -> StepResult<Look> {
        Ok(match self.world.things.lock().unwrap().get(&self.key) {
            None => Look::Absent,
            Some(&"foreign") => Look::Conflict(error("test.foreign")),
            Some(_) => Look::Present(json!({ "name": self.key })),
        })
    }

    async fn apply(&self, cx: &Cx, found: Option<Value>) -> StepResult<Value> {
        assert_eq!(found, None);
        if self.world.broken.lock().unwrap().as_ref() == Some(&self.key) {
            return Err(error("test.broken"));
        }
        assert_eq!(cx.outputs().len(), self.key.trim_start_matches("step-").parse::<usize>().unwrap());
        self.world.made.fetch_add(1, Ordering::SeqCst);
        let before = self.world.things.lock().unwrap().insert(self.key.clone(), "ours");
        assert_eq!(before, None, "{} was made twice", self.key);
        tokio::task::yield_now().await;
        Ok(json!({ "name": self.key }))
    }

    async fn verify(&self, _: &Cx, made: Value) -> StepResult<Value> {
        if self.world.things.lock().unwrap().contains_key(&self.key) {
            Ok(made)
        } else {
            Err(error("test.vanished"))
        }
    }

    async fn undo(&self, _: &Cx, _: Value) -> StepResult<()> {
        self.world.things.lock().unwrap().remove(&self.key);
        Ok(())
    }
}

const STEPS: usize = 4;

fn steps(world: &Arc<World>) -> Vec<Arc<dyn Step>> {
    (0..STEPS)
        .map(|i| Arc::new(Make { key: format!("step-{i}"), world: world.clone() }) as Arc<dyn Step>)
        .collect()
}

fn begin() -> Begin {
    Begin { kind: "adopt".into(), scope: "test".into(), by: "anna".into(), body: json!({}) }
}

async fn finished(journal: &Journal, id: &RunId) -> (RunState, Vec<StepState>) {
    journal.idle(id).await;
    let stored = journal.get(id).await.unwrap();
    (stored.run.state, stored.steps.iter().map(|s| s.state).collect())
}

fn journal(store: &Store) -> Journal {
    Journal::new(store.clone(), "one")
}

#[tokio::test]
async fn start_makes_every_step_once() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        let id = journal.start(&begin(), steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await, (RunState::Succeeded, vec![StepState::Done; STEPS]));
        assert_eq!(world.made.load(Ordering::SeqCst), STEPS);
    })
    .await;
}

#[tokio::test]
async fn what_is_there_is_adopted_and_not_taken_back() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        world.things.lock().unwrap().insert("step-1".into(), "older");
        let id = journal.start(&begin(), steps(&world)).await.unwrap();
        let (state, states) = finished(&journal, &id).await;
        assert_eq!((state, states[1]), (RunState::Succeeded, StepState::Adopted));
        journal.undo(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await.0, RunState::Undone);
        assert_eq!(world.names(), ["step-1"]);
    })
    .await;
}

#[tokio::test]
async fn failure_stops_and_retry_goes_on() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        world.break_at(Some("step-2"));
        let id = journal.start(&begin(), steps(&world)).await.unwrap();
        let (state, states) = finished(&journal, &id).await;
        assert_eq!(state, RunState::Failed);
        assert_eq!(states, [StepState::Done, StepState::Done, StepState::Failed, StepState::Waiting]);
        let stored = journal.get(&id).await.unwrap();
        let kept: AppError = serde_json::from_value(stored.steps[2].error.clone().unwrap()).unwrap();
        assert_eq!(kept.code, "test.broken");
        world.break_at(None);
        journal.retry(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await.0, RunState::Succeeded);
        assert_eq!(world.made.load(Ordering::SeqCst), STEPS);
    })
    .await;
}

#[tokio::test]
async fn conflict_leaves_what_is_there_alone() {
    for_each_db(async |db| {
        let (journal, world) = (journal(&db.store), Arc::<World>::default());
        world.things.lock().unwrap().insert("step-0".into(), "foreign");
        let id = journal.start(&begin(), steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await.0, RunState::Failed);
        journal.undo(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await.0, RunState::Undone);
        assert_eq!(world.names(), ["step-0"]);
    })
    .await;
}

#[tokio::test]
async fn one_process_carries_a_run_out_at_a_time() {
    for_each_db(async |db| {
        let world = Arc::<World>::default();
        let stuck = journal(&db.store).with_hook(Arc::new(|_| futures::future::pending().boxed()));
        let mut moved = stuck.moved();
        let id = stuck.start(&begin(), steps(&world)).await.unwrap();
        moved.recv().await.unwrap();
        let other = Journal::new(db.store.clone(), "two");
        other.resume(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&other, &id).await.0, RunState::Running);
        assert!(world.names().is_empty());
        stuck.shutdown().await;
        other.resume(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&other, &id).await.0, RunState::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn cancel_ends_a_run_that_can_go_on_or_back() {
    for_each_db(async |db| {
        let world = Arc::<World>::default();
        let stuck = journal(&db.store);
        let asked = stuck.clone();
        let stuck = stuck.with_hook(Arc::new(move |point| {
            let asked = asked.clone();
            async move {
                if point.key == "step-1" && point.after == "stored done" {
                    let running = asked.interrupted().await.unwrap();
                    assert!(running.is_empty(), "a run of this process is not interrupted");
                    let all = asked.get(&asked_id(&asked).await).await.unwrap();
                    asked.cancel(&all.run.id).await.unwrap();
                }
            }
            .boxed()
        }));
        let id = stuck.start(&begin(), steps(&world)).await.unwrap();
        let (state, states) = finished(&stuck, &id).await;
        assert_eq!(state, RunState::Cancelled);
        assert_eq!(states, [StepState::Done, StepState::Done, StepState::Waiting, StepState::Waiting]);
        let journal = Journal::new(db.store.clone(), "one");
        journal.undo(&id, steps(&world)).await.unwrap();
        assert_eq!(finished(&journal, &id).await.0, RunState::Undone);
        assert!(world.names().is_empty());
    })
    .await;
}

/// The one run of this test.
async fn asked_id(journal: &Journal) -> RunId {
    journal.of_scope("test", 1).await.unwrap()[0].id.clone()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "says how many points were walked")]
async fn killed_at_every_point_a_run_goes_on_and_can_be_taken_back() {
    for_each_db(async |db| {
        let points = Arc::new(AtomicUsize::new(0));
        let counting = points.clone();
        let counter = journal(&db.store).with_hook(Arc::new(move |_| {
            counting.fetch_add(1, Ordering::SeqCst);
            futures::future::ready(()).boxed()
        }));
        let world = Arc::<World>::default();
        let id = counter.start(&begin(), steps(&world)).await.unwrap();
        finished(&counter, &id).await;
        let points = points.load(Ordering::SeqCst);
        println!("{}: killed at {points} points", db.engine);
        assert!(points >= STEPS * 6, "{points}");

        for kill_at in 0..points {
            for undo in [false, true] {
                let world = Arc::<World>::default();
                let id = killed(&db.store, &world, kill_at).await;
                let journal = Journal::new(db.store.clone(), "next");
                assert_eq!(journal.interrupted().await.unwrap().len(), 1, "at {kill_at}");
                if undo {
                    journal.cancel(&id).await.unwrap();
                    journal.resume(&id, steps(&world)).await.unwrap();
                    let (state, _) = finished(&journal, &id).await;
                    assert!(
                        matches!(state, RunState::Cancelled | RunState::Succeeded),
                        "at {kill_at}: {state:?}"
                    );
                    journal.undo(&id, steps(&world)).await.unwrap();
                    assert_eq!(finished(&journal, &id).await.0, RunState::Undone, "at {kill_at}");
                    assert!(world.names().is_empty(), "at {kill_at}: {:?}", world.names());
                } else {
                    journal.resume(&id, steps(&world)).await.unwrap();
                    let (state, states) = finished(&journal, &id).await;
                    assert_eq!(state, RunState::Succeeded, "at {kill_at}");
                    assert_eq!(states, [StepState::Done; STEPS], "at {kill_at}");
                    assert_eq!(world.made.load(Ordering::SeqCst), STEPS, "at {kill_at}");
                }
            }
        }
    })
    .await;
}

/// A run whose process dies at the given point.
async fn killed(store: &Store, world: &Arc<World>, kill_at: usize) -> RunId {
    let seen = Arc::new(AtomicUsize::new(0));
    let reached = Arc::new(tokio::sync::Notify::new());
    let (count, tell) = (seen, reached.clone());
    let journal = journal(store).with_hook(Arc::new(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) == kill_at {
            tell.notify_one();
            futures::future::pending().boxed()
        } else {
            futures::future::ready(()).boxed()
        }
    }));
    let id = journal.start(&begin(), steps(world)).await.unwrap();
    reached.notified().await;
    journal.shutdown().await;
    id
}
