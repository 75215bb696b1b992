use model::people::Role;
use store::{testing::for_each_db, tokens::NewToken};

use crate::person;

#[tokio::test]
async fn find_ends_with_expiry_and_list_shows_expired_ones() {
    for_each_db(async |db| {
        let anna = person(&db.store, "anna", Role::Operator).await;
        let ben = person(&db.store, "ben", Role::Operator).await;
        let tokens = db.store.tokens();
        let new = |hash, user_id| NewToken {
            token_hash: hash,
            user_id,
            name: "ci",
            role: Role::Viewer,
            expires_ms: db.store.now_ms() + 1000,
        };
        let id = tokens.insert(new("h1", &anna.id)).await.unwrap();
        tokens.insert(new("h2", &ben.id)).await.unwrap();
        assert_eq!(tokens.insert(new("h1", &ben.id)).await.unwrap_err().code(), "store.conflict");

        let found = tokens.find("h1").await.unwrap().unwrap();
        assert_eq!((found.id.clone(), found.role, found.used_ms), (id.clone(), Role::Viewer, None));
        tokens.used(&id).await.unwrap();
        db.advance(1000);
        assert!(tokens.find("h1").await.unwrap().is_none());
        let mine = tokens.list(Some(&anna.id)).await.unwrap();
        assert_eq!(
            (mine.len(), mine[0].owner.as_str(), mine[0].used_ms),
            (1, "anna", Some(db.store.now_ms() - 1000))
        );
        assert_eq!(tokens.list(None).await.unwrap().len(), 2);
        tokens.remove(&id).await.unwrap();
        assert_eq!(tokens.remove(&id).await.unwrap_err().code(), "store.not_found");
        assert!(tokens.get(&id).await.unwrap().is_none());
    })
    .await;
}
