use model::ids::RunId;
use serde_json::json;
use store::{new_id, testing::for_each_db};

#[tokio::test]
async fn register_twice_by_one_run_is_one_row() {
    for_each_db(async |db| {
        let leftovers = db.store.leftovers();
        let (run, other): (RunId, RunId) = (new_id(), new_id());
        let id = leftovers.register("n1", "rule", "bw-proof", &json!({}), Some(&run), None).await.unwrap();
        let same =
            leftovers.register("n1", "rule", "bw-proof", &json!({"id": 3}), Some(&run), None).await.unwrap();
        let by_other =
            leftovers.register("n1", "rule", "bw-proof", &json!({}), Some(&other), None).await.unwrap();
        let by_nobody = leftovers.register("n1", "rule", "bw-proof", &json!({}), None, None).await.unwrap();
        assert_eq!(id, same);
        assert!(by_other != id && by_nobody != by_other);
        assert_eq!(leftovers.of_run(&run).await.unwrap()[0].reference, json!({"id": 3}));

        leftovers.removed(&id).await.unwrap();
        let anew = leftovers.register("n1", "rule", "bw-proof", &json!({}), Some(&run), None).await.unwrap();
        assert_ne!(anew, id, "what is gone stays gone");
        assert_eq!(leftovers.of_run(&run).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn open_lists_what_still_stands_with_its_last_error() {
    for_each_db(async |db| {
        let leftovers = db.store.leftovers();
        let first = leftovers.register("n1", "robot", "r", &json!({}), None, None).await.unwrap();
        db.advance(1);
        let second = leftovers.register("n2", "artifact", "p/r:t", &json!({}), None, None).await.unwrap();
        leftovers.failed(&first, "n1 does not answer").await.unwrap();
        leftovers.failed(&first, "n1 answers 500").await.unwrap();
        let open = leftovers.open().await.unwrap();
        assert_eq!(open.iter().map(|l| &l.id).collect::<Vec<_>>(), [&first, &second]);
        assert_eq!((open[0].attempts, open[0].last_error.as_deref()), (2, Some("n1 answers 500")));
        // What is kept for a time is not open until that is over.
        let due = db.store.now_ms() + 5;
        let kept = leftovers.register("n2", "kept", "p/r:k", &json!({}), None, Some(due)).await.unwrap();
        assert_eq!(leftovers.open().await.unwrap().len(), 2);
        assert_eq!(leftovers.standing("kept", "p/r:k").await.unwrap(), [leftovers.get(&kept).await.unwrap()]);
        assert_eq!(leftovers.all_standing("kept").await.unwrap().len(), 1);
        db.advance(5);
        assert_eq!(leftovers.open().await.unwrap().len(), 3);
        leftovers.removed(&kept).await.unwrap();
        assert!(leftovers.standing("kept", "p/r:k").await.unwrap().is_empty());
        leftovers.removed(&first).await.unwrap();
        let gone_at = db.store.now_ms();
        db.advance(9);
        leftovers.removed(&first).await.unwrap();
        assert_eq!(leftovers.open().await.unwrap().len(), 1);
        let missing = new_id();
        assert_eq!(leftovers.removed(&missing).await.unwrap_err().code(), "store.not_found");
        assert!(gone_at < db.store.now_ms());
    })
    .await;
}
