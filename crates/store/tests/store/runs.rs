use model::{
    ids::RunId,
    run::{RunState, StepState},
};
use serde_json::{Value, json};
use store::{
    Store, new_id,
    runs::{NewRun, StepChange},
    testing::for_each_db,
};

async fn begin(store: &Store, keys: &[&str]) -> RunId {
    let id: RunId = new_id();
    let steps: Vec<String> = keys.iter().map(|k| (*k).to_owned()).collect();
    let body = json!({"plan": 1});
    let new = NewRun { id: &id, kind: "adopt", scope: "d1", owner: "anna", body: &body, steps: &steps };
    store.runs().insert(new).await.unwrap();
    id
}

fn to(state: StepState, made: bool, output: Option<Value>, ended: bool) -> StepChange {
    StepChange { state, made, output, error: None, attempt: state == StepState::Looking, ended }
}

#[tokio::test]
async fn steps_are_read_back_as_they_were_stored() {
    for_each_db(async |db| {
        let runs = db.store.runs();
        let id = begin(&db.store, &["robot", "rule"]).await;
        runs.set_step(&id, 0, &to(StepState::Looking, false, None, false)).await.unwrap();
        db.advance(5);
        runs.set_step(&id, 0, &to(StepState::Applying, true, None, false)).await.unwrap();
        db.advance(5);
        runs.set_step(&id, 0, &to(StepState::Done, true, Some(json!({"id": 7})), true)).await.unwrap();
        let failed =
            StepChange { error: Some(json!({"code": "x"})), ..to(StepState::Failed, false, None, true) };
        runs.set_step(&id, 1, &failed).await.unwrap();

        let again = db.reopen().await;
        assert_eq!(again.runs().get(&id).await.unwrap().revision, 4, "each change counts");
        let steps = again.runs().steps(&id).await.unwrap();
        assert_eq!(steps.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["robot", "rule"]);
        assert_eq!((steps[0].state, steps[0].made, steps[0].attempts), (StepState::Done, true, 1));
        assert_eq!(steps[0].output, Some(json!({"id": 7})));
        assert_eq!(steps[0].ended_ms.unwrap() - steps[0].started_ms.unwrap(), 10);
        assert_eq!((steps[1].state, &steps[1].error), (StepState::Failed, &Some(json!({"code": "x"}))));
        let change = to(StepState::Done, true, None, true);
        assert_eq!(runs.set_step(&id, 2, &change).await.unwrap_err().code(), "store.not_found");
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn insert_refuses_the_same_run_twice_and_leaves_no_half() {
    for_each_db(async |db| {
        let id = begin(&db.store, &["a"]).await;
        let body = json!({});
        let twice = NewRun { id: &id, kind: "x", scope: "d", owner: "o", body: &body, steps: &[] };
        assert_eq!(db.store.runs().insert(twice).await.unwrap_err().code(), "store.conflict");
        let fresh: RunId = new_id();
        let same_keys = ["k".to_owned(), "k".to_owned()];
        let half = NewRun { id: &fresh, kind: "x", scope: "d", owner: "o", body: &body, steps: &same_keys };
        assert_eq!(db.store.runs().insert(half).await.unwrap_err().code(), "store.conflict");
        assert_eq!(db.store.runs().get(&fresh).await.unwrap_err().code(), "store.not_found");
    })
    .await;
}

#[tokio::test]
async fn state_follows_the_run_and_cancel_reaches_only_running_ones() {
    for_each_db(async |db| {
        let runs = db.store.runs();
        let first = begin(&db.store, &["a"]).await;
        db.advance(1);
        let second = begin(&db.store, &["a"]).await;
        let ids = |rows: Vec<store::runs::RunRow>| rows.into_iter().map(|r| r.id).collect::<Vec<_>>();
        assert_eq!(ids(runs.in_state(RunState::Running).await.unwrap()), [first.clone(), second.clone()]);
        assert_eq!(ids(runs.of_scope("d1", 1).await.unwrap()), vec![second.clone()]);
        assert_eq!(ids(runs.newest(1).await.unwrap()), vec![second]);
        let tally = async || {
            let rows = runs.tally("adopt").await.unwrap();
            rows.into_iter().map(|r| (r.scope, r.state, r.count)).collect::<Vec<_>>()
        };
        assert_eq!(tally().await, [("d1".to_owned(), RunState::Running, 2)]);
        assert_eq!(runs.tally("heal").await.unwrap(), []);

        assert!(runs.ask_cancel(&first).await.unwrap());
        assert!(runs.get(&first).await.unwrap().cancel_asked);
        runs.set_state(&first, RunState::Cancelled, false).await.unwrap();
        let row = runs.get(&first).await.unwrap();
        assert_eq!(
            (row.state, row.cancel_asked, row.ended_ms),
            (RunState::Cancelled, false, Some(db.store.now_ms()))
        );
        assert!(!runs.ask_cancel(&first).await.unwrap());
        let one = |state| ("d1".to_owned(), state, 1);
        assert_eq!(tally().await, [one(RunState::Cancelled), one(RunState::Running)]);

        runs.set_state(&first, RunState::Running, true).await.unwrap();
        let row = runs.get(&first).await.unwrap();
        assert_eq!((row.state, row.undoing, row.ended_ms), (RunState::Running, true, None));
        assert_eq!(row.body_as::<Value>().unwrap(), json!({"plan": 1}));
    })
    .await;
}
