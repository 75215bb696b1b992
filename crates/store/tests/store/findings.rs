use model::{
    finding::{FindingState, Waiver},
    ids::FindingKey,
};
use serde_json::json;
use store::testing::for_each_db;

fn key(finding: &str, subject: &str) -> FindingKey {
    FindingKey::new(finding, subject).unwrap()
}

#[tokio::test]
async fn put_keeps_a_waiver_over_a_new_answer() {
    for_each_db(async |db| {
        let findings = db.store.findings();
        let clock = key("clock-offset", "node:上海");
        let waiver = Waiver { reason: "known".into(), by: "anna".into(), at_ms: 1 };
        assert_eq!(
            findings.set_waiver("d1", &clock, Some(&waiver)).await.unwrap_err().code(),
            "store.not_found"
        );
        findings.put("d1", &clock, FindingState::Warning, &json!({"s": 7}), 10).await.unwrap();
        findings.set_waiver("d1", &clock, Some(&waiver)).await.unwrap();
        findings.put("d1", &clock, FindingState::NotProven, &json!({"s": 9}), 20).await.unwrap();
        let row = findings.list("d1").await.unwrap().remove(0);
        assert_eq!((row.key, row.state, row.measured_ms), (clock.clone(), FindingState::NotProven, 20));
        assert_eq!((row.facts, row.waiver), (json!({"s": 9}), Some(waiver)));
        findings.set_waiver("d1", &clock, None).await.unwrap();
        assert_eq!(findings.list("d1").await.unwrap()[0].waiver, None);
    })
    .await;
}

#[tokio::test]
async fn move_to_replaces_what_the_cluster_had() {
    for_each_db(async |db| {
        let findings = db.store.findings();
        let (a, b) = (key("a", "cluster"), key("b", "cluster"));
        findings.put("draft", &a, FindingState::Ok, &json!(1), 1).await.unwrap();
        findings.put("cluster", &a, FindingState::Failed, &json!(2), 1).await.unwrap();
        findings.put("cluster", &b, FindingState::Failed, &json!(3), 1).await.unwrap();
        findings.move_to("draft", "cluster").await.unwrap();
        let rows = findings.list("cluster").await.unwrap();
        assert_eq!((rows.len(), &rows[0].facts), (1, &json!(1)));
        assert!(findings.list("draft").await.unwrap().is_empty());
        findings.remove("cluster", &b).await.unwrap();
        findings.remove("cluster", &a).await.unwrap();
        findings.put("cluster", &a, FindingState::Ok, &json!(1), 1).await.unwrap();
        findings.clear("cluster").await.unwrap();
        assert!(findings.list("cluster").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn plans_are_frozen_and_the_newest_is_found() {
    for_each_db(async |db| {
        let plans = db.store.plans();
        let first = plans.insert("d1", &json!({"steps": 1}), "anna").await.unwrap();
        db.advance(1);
        let second = plans.insert("d1", &json!({"steps": 2}), "ben").await.unwrap();
        plans.insert("d2", &json!({}), "ben").await.unwrap();
        assert_eq!(plans.latest("d1").await.unwrap().unwrap().id, second);
        let kept = plans.get(&first).await.unwrap();
        assert_eq!((kept.body, kept.made_by.as_str()), (json!({"steps": 1}), "anna"));
        assert_eq!(plans.latest("d3").await.unwrap(), None);
    })
    .await;
}
