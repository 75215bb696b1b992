use model::{ids::DraftId, spec::CredentialKind};
use secrecy::ExposeSecret;
use store::{credentials::draft_owner, new_id, testing::for_each_db};

#[tokio::test]
async fn put_replaces_under_the_same_id_and_stores_nothing_readable() {
    for_each_db(async |db| {
        let credentials = db.store.credentials();
        let first =
            credentials.put("n1", CredentialKind::Admin, "admin", &"Harbor12345".into()).await.unwrap();
        let again = credentials.put("n1", CredentialKind::Admin, "root", &"Other12345".into()).await.unwrap();
        let robot = credentials.put("n1", CredentialKind::Robot, "robot$x", &"R".into()).await.unwrap();
        assert_eq!(first, again);
        assert_ne!(first, robot);
        let unsealed = credentials.unseal(&first).await.unwrap();
        assert_eq!((unsealed.row.username.as_str(), unsealed.secret.expose_secret()), ("root", "Other12345"));
        assert!(!format!("{unsealed:?}").contains("Other12345"));
        let kinds: Vec<_> = credentials.of_owner("n1").await.unwrap().into_iter().map(|c| c.kind).collect();
        assert_eq!(kinds, [CredentialKind::Admin, CredentialKind::Robot]);
        if db.engine == "sqlite" {
            db.store.close().await;
            for file in std::fs::read_dir(db.dir.path()).unwrap() {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                let hit = bytes.windows(10).any(|w| w == b"Other12345");
                assert!(!hit, "the secret stands on the disk");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn put_by_many_at_once_keeps_one_readable_secret() {
    for_each_db(async |db| {
        let credentials = db.store.credentials();
        let secrets: Vec<_> = (0..6).map(|i| secrecy::SecretString::from(format!("s{i}"))).collect();
        let puts = secrets.iter().map(|s| credentials.put("n", CredentialKind::Robot, "r", s));
        let ids: Vec<_> = futures::future::join_all(puts).await.into_iter().map(Result::unwrap).collect();
        assert!(ids.iter().all(|id| id == &ids[0]));
        assert!(credentials.unseal(&ids[0]).await.unwrap().secret.expose_secret().starts_with('s'));
    })
    .await;
}

#[tokio::test]
async fn move_to_gives_a_drafts_secret_to_its_node() {
    for_each_db(async |db| {
        let credentials = db.store.credentials();
        let (draft, other): (DraftId, DraftId) = (new_id(), new_id());
        let a = credentials
            .put(&draft_owner(&draft, "k1"), CredentialKind::Admin, "admin", &"A".into())
            .await
            .unwrap();
        credentials
            .put(&draft_owner(&draft, "k2"), CredentialKind::Admin, "admin", &"B".into())
            .await
            .unwrap();
        credentials
            .put(&draft_owner(&other, "k1"), CredentialKind::Admin, "admin", &"C".into())
            .await
            .unwrap();
        assert_eq!(credentials.of_draft(&draft).await.unwrap().len(), 2);

        let old = credentials.put("node", CredentialKind::Admin, "admin", &"old".into()).await.unwrap();
        credentials.move_to(&a, "node").await.unwrap();
        assert_eq!(credentials.unseal(&a).await.unwrap().secret.expose_secret(), "A");
        assert!(credentials.unseal(&old).await.is_err(), "the node has one credential of each kind");
        assert_eq!(credentials.of_draft(&draft).await.unwrap().len(), 1);
        credentials.remove(&a).await.unwrap();
        credentials.remove(&a).await.unwrap();
        assert_eq!(credentials.move_to(&a, "node").await.unwrap_err().code(), "store.not_found");
    })
    .await;
}
