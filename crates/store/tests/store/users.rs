use model::people::Role;
use secrecy::{ExposeSecret, SecretString};
use store::{
    testing::for_each_db,
    users::{NewUser, Refused},
};

use crate::{name, nobody, person};

#[tokio::test]
async fn insert_refuses_a_name_that_differs_only_in_case() {
    for_each_db(async |db| {
        let anna = person(&db.store, "Anna", Role::Viewer).await;
        let new = NewUser { name: &name("ANNA"), role: Role::Viewer, password_hash: None };
        assert_eq!(db.store.users().insert(new).await.unwrap_err().code(), "store.conflict");
        let found = db.store.users().find(&name("anna")).await.unwrap().unwrap();
        assert_eq!(found.user, anna);
        assert_eq!(found.password_hash.unwrap().expose_secret(), "phc");
    })
    .await;
}

#[tokio::test]
async fn insert_first_lets_one_of_many_in() {
    for_each_db(async |db| {
        let names: Vec<_> = (0..8).map(|i| name(&format!("admin {i}"))).collect();
        let users = db.store.users();
        let tries = names
            .iter()
            .map(|name| users.insert_first(NewUser { name, role: Role::Administrator, password_hash: None }));
        let made = futures::future::join_all(tries).await;
        assert_eq!(made.into_iter().filter(|m| m.as_ref().unwrap().is_ok()).count(), 1);
        assert_eq!(users.count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn list_is_in_the_same_order_on_both_engines() {
    for_each_db(async |db| {
        for who in ["zoe", "Anna", "李伟", "anton", "Ärni"] {
            person(&db.store, who, Role::Viewer).await;
        }
        let names: Vec<_> =
            db.store.users().list().await.unwrap().into_iter().map(|u| u.name.to_string()).collect();
        assert_eq!(names, ["Anna", "anton", "zoe", "Ärni", "李伟"]);
    })
    .await;
}

#[tokio::test]
async fn last_administrator_cannot_be_taken_away() {
    for_each_db(async |db| {
        let users = db.store.users();
        let only = person(&db.store, "only", Role::Administrator).await;
        let last = Err(Refused::LastAdministrator);
        assert_eq!(users.set_role(&only.id, Role::Operator).await.unwrap(), last);
        assert_eq!(users.set_disabled(&only.id, true).await.unwrap(), last);
        assert_eq!(users.remove(&only.id).await.unwrap(), last);
        assert_eq!(users.set_role(&only.id, Role::Administrator).await.unwrap(), Ok(()));

        let other = person(&db.store, "other", Role::Administrator).await;
        assert_eq!(users.set_disabled(&other.id, true).await.unwrap(), Ok(()));
        // A disabled administrator is none.
        assert_eq!(users.remove(&only.id).await.unwrap(), last);
        assert_eq!(users.set_disabled(&other.id, false).await.unwrap(), Ok(()));
        assert_eq!(users.remove(&only.id).await.unwrap(), Ok(()));
        assert_eq!(users.remove(&nobody()).await.unwrap_err().code(), "store.not_found");
    })
    .await;
}

#[tokio::test]
async fn two_administrators_cannot_demote_each_other_at_once() {
    for_each_db(async |db| {
        let a = person(&db.store, "a", Role::Administrator).await;
        let b = person(&db.store, "b", Role::Administrator).await;
        let users = db.store.users();
        let (one, two) =
            tokio::join!(users.set_role(&a.id, Role::Viewer), users.set_role(&b.id, Role::Viewer));
        let done = [one.unwrap(), two.unwrap()].into_iter().filter(Result::is_ok).count();
        assert_eq!(done, 1);
        assert_eq!(users.list().await.unwrap().iter().filter(|u| u.role == Role::Administrator).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn use_reset_works_once_and_in_time() {
    for_each_db(async |db| {
        let users = db.store.users();
        let anna = person(&db.store, "anna", Role::Viewer).await;
        let hash = SecretString::from("new");
        users.set_reset(&anna.id, "code", db.store.now_ms() + 1000).await.unwrap();
        assert_eq!(users.use_reset(&anna.id, "other", &hash).await.unwrap(), Err(Refused::WrongReset));
        assert_eq!(users.use_reset(&anna.id, "code", &hash).await.unwrap(), Ok(()));
        assert_eq!(users.use_reset(&anna.id, "code", &hash).await.unwrap(), Err(Refused::WrongReset));
        users.set_reset(&anna.id, "late", db.store.now_ms() + 1000).await.unwrap();
        db.advance(1000);
        assert_eq!(users.use_reset(&anna.id, "late", &hash).await.unwrap(), Err(Refused::WrongReset));
        let row = users.get(&anna.id).await.unwrap().unwrap();
        assert_eq!(row.password_hash.unwrap().expose_secret(), "new");
    })
    .await;
}

#[tokio::test]
async fn set_password_ends_a_reset_code() {
    for_each_db(async |db| {
        let users = db.store.users();
        let anna = person(&db.store, "anna", Role::Viewer).await;
        users.set_reset(&anna.id, "code", db.store.now_ms() + 1000).await.unwrap();
        users.set_password(&anna.id, &"own".into()).await.unwrap();
        assert!(users.get(&anna.id).await.unwrap().unwrap().reset.is_none());
        assert_eq!(users.set_password(&nobody(), &"x".into()).await.unwrap_err().code(), "store.not_found");
    })
    .await;
}
