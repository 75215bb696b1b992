use model::{
    ids::{ClusterId, TokenId, UserId},
    people::ActivityBy,
};
use serde_json::json;
use store::{
    Store,
    activity::{ActivityFilter, NewActivity},
    new_id,
    testing::for_each_db,
};

async fn add(
    store: &Store,
    by: &ActivityBy,
    code: &str,
    cluster: Option<&ClusterId>,
    owner: Option<&UserId>,
) -> i64 {
    let new =
        NewActivity { by, address: "192.0.2.1", code, params: json!({"n": "名"}), cluster, node: None };
    store.activity().add(new, owner).await.unwrap().id
}

#[tokio::test]
async fn list_pages_backwards_without_gaps() {
    for_each_db(async |db| {
        for i in 0..7 {
            add(&db.store, &ActivityBy::System, &format!("code.{i}"), None, None).await;
        }
        let mut seen = Vec::new();
        let mut filter = ActivityFilter::default();
        loop {
            let page = db.store.activity().list(&filter, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            // What comes in meanwhile is newer than the page and must not shift it.
            add(&db.store, &ActivityBy::System, "later", None, None).await;
            seen.extend(page.into_iter().map(|e| e.code));
        }
        assert_eq!(seen, ["code.6", "code.5", "code.4", "code.3", "code.2", "code.1", "code.0"]);
    })
    .await;
}

#[tokio::test]
async fn list_filters_by_each_field() {
    for_each_db(async |db| {
        let store = &db.store;
        let (anna, ben): (UserId, UserId) = (new_id(), new_id());
        let token: TokenId = new_id();
        let cluster: ClusterId = new_id();
        let by_anna = ActivityBy::User { id: anna.clone(), name: "anna".into() };
        let by_token = ActivityBy::Token { id: token, name: "ci".into() };
        let by_ben = ActivityBy::User { id: ben, name: "ben".into() };
        let a = add(store, &by_anna, "session.created", None, None).await;
        db.advance(1000);
        let b = add(store, &by_token, "cluster.created", Some(&cluster), Some(&anna)).await;
        db.advance(1000);
        let c = add(store, &by_ben, "session.ended", Some(&cluster), None).await;

        let ids = async |filter: ActivityFilter| -> Vec<i64> {
            store.activity().list(&filter, 10).await.unwrap().into_iter().map(|e| e.id).collect()
        };
        let any = ActivityFilter::default;
        assert_eq!(ids(any()).await, [c, b, a]);
        assert_eq!(ids(ActivityFilter { user: Some(anna), ..any() }).await, [b, a]);
        assert_eq!(ids(ActivityFilter { cluster: Some(cluster), ..any() }).await, [c, b]);
        assert_eq!(ids(ActivityFilter { code_prefix: Some("session.".into()), ..any() }).await, [c, a]);
        assert_eq!(ids(ActivityFilter { code_prefix: Some("session%".into()), ..any() }).await, [0_i64; 0]);
        let (from, to) = (Some(db.store.now_ms() - 1000), Some(db.store.now_ms()));
        assert_eq!(ids(ActivityFilter { from_ms: from, to_ms: to, ..any() }).await, [b]);

        let entry = &store.activity().list(&any(), 10).await.unwrap()[1];
        assert_eq!((&entry.by, &entry.params), (&by_token, &json!({"n": "名"})));
        store.activity().prune(db.store.now_ms()).await.unwrap();
        assert_eq!(ids(any()).await, [c]);
    })
    .await;
}
