//! People, sessions and tokens on both databases.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod doors;

use access::{Access, AccessError, Claim, SignedIn};
use model::{Locale, people::Role};
use secrecy::{ExposeSecret, SecretString};
use store::{Store, testing::for_each_db};

const PASSWORD: &str = "a hill of beans";

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

async fn claimed(store: Store) -> (Access, SignedIn) {
    let access = Access::new(store);
    let code = access.setup_code().await.unwrap().unwrap();
    let signed_in = access.claim(claim(code.expose_secret()), "192.0.2.1", "test").await.unwrap();
    (access, signed_in)
}

fn claim(code: &str) -> Claim {
    Claim {
        code: code.to_owned(),
        name: "Li Wei".into(),
        password: secret(PASSWORD),
        locale: Locale::Zh,
        public_address: "https://breakwater.example.org/".into(),
    }
}

#[tokio::test]
async fn claim_needs_the_code_and_works_once() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let access = Access::new(store.clone());
        let code = access.setup_code().await.unwrap().unwrap();
        let file = store.data_dir().join("setup-code");
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), code.expose_secret());
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let wrong = access.claim(claim("AAAA-BBBB-CCCC-DDDD"), "192.0.2.1", "t").await;
        assert!(matches!(wrong, Err(AccessError::WrongSetupCode)));
        let typed = code.expose_secret().to_lowercase();
        let signed_in = access.claim(claim(&typed), "192.0.2.1", "t").await.unwrap();
        assert_eq!(signed_in.actor.role, Role::Administrator);
        assert!(!file.exists());
        assert_eq!(access.public_address().as_deref(), Some("https://breakwater.example.org"));
        assert!(access.is_https());
        let restarted = Access::new(store.clone());
        restarted.load_public_address(None).await.unwrap();
        assert!(restarted.is_https());
        restarted.load_public_address(Some("http://localhost:8210/")).await.unwrap();
        assert_eq!(restarted.public_address().as_deref(), Some("http://localhost:8210"));
        assert_eq!(access.locale().await.unwrap(), Some(Locale::Zh));

        let again = access.claim(claim(&typed), "192.0.2.1", "t").await;
        assert!(matches!(again, Err(AccessError::AlreadyClaimed)));
        assert!(access.setup_code().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn sign_in_gives_a_session_that_can_be_revoked() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, first) = claimed(store).await;
        let second = access.sign_in("li wei", &secret(PASSWORD), "192.0.2.7", "phone").await.unwrap();
        let actor = access.by_session(&second.secret, "192.0.2.7").await.unwrap().unwrap();
        let sessions = access.sessions(&actor).await.unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions.iter().filter(|s| s.current).count(), 1);
        assert_eq!(access.revoke_other_sessions(&actor).await.unwrap(), 1);
        assert!(access.by_session(&first.secret, "192.0.2.1").await.unwrap().is_none());
        access.sign_out(&actor).await.unwrap();
        assert!(access.by_session(&second.secret, "192.0.2.7").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn wrong_passwords_slow_down_and_never_bar_for_good() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, _) = claimed(store.clone()).await;
        for _ in 0..5 {
            let refused = access.sign_in("Li Wei", &secret("wrong password"), "198.51.100.1", "t").await;
            assert!(matches!(refused, Err(AccessError::WrongPassword)));
        }
        let slowed = access.sign_in("Li Wei", &secret(PASSWORD), "198.51.100.1", "t").await;
        assert!(matches!(slowed, Err(AccessError::Slowed { wait_ms }) if wait_ms > 0), "{slowed:?}");
        // From elsewhere the owner gets in at once.
        access.sign_in("Li Wei", &secret(PASSWORD), "192.0.2.1", "t").await.unwrap();
        store.clock().advance(5 * 60_000);
        access.sign_in("Li Wei", &secret(PASSWORD), "198.51.100.1", "t").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn reset_code_works_once_and_ends_sessions() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, admin) = claimed(store).await;
        let added = access.add_person(&admin.actor, "Anna", Role::Operator).await.unwrap();
        let refused = access.sign_in("Anna", &secret(PASSWORD), "192.0.2.2", "t").await;
        assert!(matches!(refused, Err(AccessError::WrongPassword)));
        let code = added.code.expose_secret();
        access.use_reset_code("anna", code, &secret(PASSWORD), "192.0.2.2").await.unwrap();
        let again = access.use_reset_code("anna", code, &secret("another good one"), "192.0.2.2").await;
        assert!(matches!(again, Err(AccessError::WrongResetCode)));
        let anna = access.sign_in("Anna", &secret(PASSWORD), "192.0.2.2", "t").await.unwrap();
        assert_eq!(anna.actor.role, Role::Operator);
        assert!(matches!(access.people(&anna.actor).await, Err(AccessError::Forbidden { .. })));

        let code = access.reset_password(&admin.actor, &added.user.id).await.unwrap();
        access
            .use_reset_code("anna", code.expose_secret(), &secret("another good one"), "192.0.2.2")
            .await
            .unwrap();
        assert!(access.by_session(&anna.secret, "192.0.2.2").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn last_administrator_stays() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, admin) = claimed(store).await;
        let id = admin.actor.user.id.clone();
        for refused in [
            access.set_role(&admin.actor, &id, Role::Viewer).await,
            access.set_disabled(&admin.actor, &id, true).await,
            access.remove_person(&admin.actor, &id).await,
        ] {
            assert!(matches!(refused, Err(AccessError::LastAdministrator)), "{refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn disabled_person_is_out_at_once() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, admin) = claimed(store).await;
        let added = access.add_person(&admin.actor, "Anna", Role::Viewer).await.unwrap();
        access
            .use_reset_code("Anna", added.code.expose_secret(), &secret(PASSWORD), "192.0.2.2")
            .await
            .unwrap();
        let anna = access.sign_in("Anna", &secret(PASSWORD), "192.0.2.2", "t").await.unwrap();
        access.set_disabled(&admin.actor, &added.user.id, true).await.unwrap();
        assert!(access.by_session(&anna.secret, "192.0.2.2").await.unwrap().is_none());
        let refused = access.sign_in("Anna", &secret(PASSWORD), "192.0.2.2", "t").await;
        assert!(matches!(refused, Err(AccessError::WrongPassword)));
    })
    .await;
}

#[tokio::test]
async fn token_has_no_more_rights_than_its_owner_and_expires() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, admin) = claimed(store.clone()).await;
        let added = access.add_person(&admin.actor, "Anna", Role::Operator).await.unwrap();
        access
            .use_reset_code("Anna", added.code.expose_secret(), &secret(PASSWORD), "192.0.2.2")
            .await
            .unwrap();
        let anna = access.sign_in("Anna", &secret(PASSWORD), "192.0.2.2", "t").await.unwrap();
        let too_much = access.issue_token(&anna.actor, "ci", Role::Administrator, 1).await;
        assert!(matches!(too_much, Err(AccessError::Forbidden { .. })));
        let token = access.issue_token(&anna.actor, "ci", Role::Operator, 1).await.unwrap();
        let actor = access.by_token(&token.secret, "192.0.2.3").await.unwrap().unwrap();
        assert_eq!((actor.role, actor.shown_name().as_str()), (Role::Operator, "Anna (ci)"));
        assert!(matches!(access.sessions(&actor).await, Err(AccessError::SessionNeeded)));

        access.set_role(&admin.actor, &added.user.id, Role::Viewer).await.unwrap();
        assert_eq!(access.by_token(&token.secret, "x").await.unwrap().unwrap().role, Role::Viewer);
        assert!(access.still(&actor).await.unwrap());
        store.clock().advance(24 * 60 * 60_000);
        assert!(access.by_token(&token.secret, "x").await.unwrap().is_none());
        assert!(!access.still(&actor).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn session_ends_by_idleness() {
    for_each_db(async |db| {
        let store = db.store.clone();
        let (access, admin) = claimed(store.clone()).await;
        store.clock().advance(11 * 60 * 60_000);
        assert!(access.by_session(&admin.secret, "192.0.2.1").await.unwrap().is_some());
        store.clock().advance(11 * 60 * 60_000);
        assert!(access.by_session(&admin.secret, "192.0.2.1").await.unwrap().is_some());
        // Listening is use as well.
        for _ in 0..3 {
            store.clock().advance(11 * 60 * 60_000);
            assert!(access.still(&admin.actor).await.unwrap());
        }
        store.clock().advance(13 * 60 * 60_000);
        assert!(access.by_session(&admin.secret, "192.0.2.1").await.unwrap().is_none());
        assert!(!access.still(&admin.actor).await.unwrap());
    })
    .await;
}
