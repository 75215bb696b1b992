use model::{
    finding::FindingState,
    ids::{DraftId, FindingKey},
    spec::CredentialKind,
};
use serde_json::json;
use store::{credentials::draft_owner, new_id, testing::for_each_db};

#[tokio::test]
async fn save_refuses_what_another_tab_has_overtaken() {
    for_each_db(async |db| {
        let drafts = db.store.drafts();
        let draft = drafts.insert("anna", &json!({"name": "a"})).await.unwrap();
        db.advance(10);
        assert_eq!(drafts.save(&draft.id, 1, &json!({"name": "生产"})).await.unwrap(), 2);
        assert_eq!(drafts.save(&draft.id, 1, &json!({})).await.unwrap_err().code(), "store.conflict");
        let kept = drafts.get(&draft.id).await.unwrap();
        assert_eq!(
            (kept.body, kept.version, kept.changed_ms - kept.created_ms),
            (json!({"name": "生产"}), 2, 10)
        );
        let gone: DraftId = new_id();
        assert_eq!(drafts.save(&gone, 1, &json!({})).await.unwrap_err().code(), "store.not_found");
    })
    .await;
}

#[tokio::test]
async fn remove_forgets_secrets_and_findings_too() {
    for_each_db(async |db| {
        let drafts = db.store.drafts();
        let draft = drafts.insert("anna", &json!({})).await.unwrap();
        db.advance(1);
        let other = drafts.insert("ben", &json!({})).await.unwrap();
        let newest: Vec<_> = drafts.list().await.unwrap().into_iter().map(|d| d.id).collect();
        assert_eq!(newest, [other.id.clone(), draft.id.clone()]);
        let key = FindingKey::new("versions-equal", "cluster").unwrap();
        for id in [&draft.id, &other.id] {
            let owner = draft_owner(id, "k");
            db.store.credentials().put(&owner, CredentialKind::Admin, "admin", &"x".into()).await.unwrap();
            db.store.findings().put(id.as_str(), &key, FindingState::Ok, &json!({}), 1).await.unwrap();
        }
        drafts.remove(&draft.id).await.unwrap();
        assert_eq!(drafts.remove(&draft.id).await.unwrap_err().code(), "store.not_found");
        assert_eq!(db.store.credentials().of_draft(&draft.id).await.unwrap().len(), 0);
        assert_eq!(db.store.credentials().of_draft(&other.id).await.unwrap().len(), 1);
        assert_eq!(db.store.findings().list(draft.id.as_str()).await.unwrap().len(), 0);
        assert_eq!(db.store.findings().list(other.id.as_str()).await.unwrap().len(), 1);
    })
    .await;
}
