use model::{ids::UserId, people::Role};
use store::{Store, sessions::NewSession, testing::for_each_db};

use crate::{nobody, person};

async fn session(store: &Store, user_id: &UserId, token_hash: &str) -> model::ids::SessionId {
    let now = store.now_ms();
    let new = NewSession {
        token_hash,
        user_id,
        idle_until_ms: now + 1000,
        until_ms: now + 5000,
        user_agent: "Firefox",
        address: "192.0.2.1",
    };
    store.sessions().insert(new).await.unwrap()
}

#[tokio::test]
async fn find_ends_with_idleness_and_with_age() {
    for_each_db(async |db| {
        let anna = person(&db.store, "anna", Role::Viewer).await;
        let sessions = db.store.sessions();
        let id = session(&db.store, &anna.id, "h1").await;
        for _ in 0..4 {
            db.advance(900);
            assert_eq!(sessions.find("h1").await.unwrap().unwrap().id, id);
            sessions.touch(&id, db.store.now_ms() + 1000, "192.0.2.2").await.unwrap();
        }
        assert_eq!(sessions.list(&anna.id).await.unwrap()[0].address, "192.0.2.2");
        db.advance(999);
        assert!(sessions.find("h1").await.unwrap().is_some());
        sessions.touch(&id, db.store.now_ms() + 1000, "192.0.2.2").await.unwrap();
        db.advance(500);
        assert!(sessions.find("h1").await.unwrap().is_none(), "used, but past its age");

        session(&db.store, &anna.id, "h2").await;
        db.advance(1000);
        assert!(sessions.find("h2").await.unwrap().is_none(), "young, but not used");
        assert_eq!(sessions.prune().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn remove_ends_only_ones_own_sessions() {
    for_each_db(async |db| {
        let anna = person(&db.store, "anna", Role::Viewer).await;
        let ben = person(&db.store, "ben", Role::Viewer).await;
        let (a1, _a2, b1) = (
            session(&db.store, &anna.id, "a1").await,
            session(&db.store, &anna.id, "a2").await,
            session(&db.store, &ben.id, "b1").await,
        );
        let sessions = db.store.sessions();
        assert_eq!(sessions.remove(&anna.id, &b1).await.unwrap_err().code(), "store.not_found");
        assert_eq!(sessions.remove_all(&anna.id, Some(&a1)).await.unwrap(), 1);
        assert_eq!(sessions.list(&anna.id).await.unwrap().len(), 1);
        assert!(sessions.find("b1").await.unwrap().is_some());
        db.store.users().remove(&ben.id).await.unwrap().unwrap();
        assert!(sessions.find("b1").await.unwrap().is_none(), "sessions go with their person");
    })
    .await;
}

#[tokio::test]
async fn insert_refuses_a_person_that_is_gone() {
    for_each_db(async |db| {
        let new = NewSession {
            token_hash: "h",
            user_id: &nobody(),
            idle_until_ms: i64::MAX,
            until_ms: i64::MAX,
            user_agent: "",
            address: "",
        };
        assert_eq!(db.store.sessions().insert(new).await.unwrap_err().code(), "store.not_found");
    })
    .await;
}
