//! What guessers meet, and what is written down.

use access::AccessError;
use model::people::{ActivityBy, Role};
use store::{activity::ActivityFilter, testing::for_each_db};

use crate::{PASSWORD, claim, claimed, secret};

fn is_slowed<T>(outcome: &Result<T, AccessError>) -> bool {
    matches!(outcome, Err(AccessError::Slowed { .. }))
}

#[tokio::test]
async fn many_guesses_at_once_are_no_more_than_one_after_the_other() {
    for_each_db(async |db| {
        let (access, _) = claimed(db.store.clone()).await;
        let wrong = secret("wrong password");
        let tries = (0..20).map(|_| access.sign_in("Li Wei", &wrong, "198.51.100.1", "t"));
        let all = futures::future::join_all(tries).await;
        assert_eq!(all.iter().filter(|t| matches!(t, Err(AccessError::WrongPassword))).count(), 5);
        assert_eq!(all.iter().filter(|t| is_slowed(t)).count(), 15);
    })
    .await;
}

#[tokio::test]
async fn guesses_from_many_networks_slow_the_account_but_not_its_owner() {
    for_each_db(async |db| {
        // The claim left a session at 192.0.2.1.
        let (access, _) = claimed(db.store.clone()).await;
        let wrong = secret("wrong password");
        let mut passed = 0;
        for i in 0..80 {
            let tried = access.sign_in("Li Wei", &wrong, &format!("2001:db8:{i:x}::1"), "t").await;
            passed += usize::from(matches!(tried, Err(AccessError::WrongPassword)));
        }
        assert_eq!(passed, 60);
        let right = secret(PASSWORD);
        assert!(is_slowed(&access.sign_in("Li Wei", &right, "203.0.113.9", "t").await));
        access.sign_in("Li Wei", &right, "192.0.2.1", "t").await.unwrap();
        // An unknown name answers the same.
        for i in 0..60 {
            let _ = access.sign_in("nobody", &wrong, &format!("2001:db8:{i:x}::2"), "t").await;
        }
        assert!(is_slowed(&access.sign_in("nobody", &wrong, "203.0.113.9", "t").await));
        db.advance(5 * 60_000);
        access.sign_in("Li Wei", &right, "203.0.113.9", "t").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn neighbours_in_one_ipv6_network_count_together() {
    for_each_db(async |db| {
        let (access, _) = claimed(db.store.clone()).await;
        let wrong = secret("wrong password");
        for i in 0..5 {
            let tried = access.sign_in("Li Wei", &wrong, &format!("2001:db8::{i:x}"), "t").await;
            assert!(matches!(tried, Err(AccessError::WrongPassword)));
        }
        assert!(is_slowed(&access.sign_in("Li Wei", &wrong, "2001:db8::ffff", "t").await));
    })
    .await;
}

#[tokio::test]
async fn success_after_mistyping_costs_the_office_nothing() {
    for_each_db(async |db| {
        let (access, _) = claimed(db.store.clone()).await;
        for _ in 0..40 {
            let refused = access.sign_in("Li Wei", &secret("mistyped it"), "192.0.2.5", "t").await;
            assert!(matches!(refused, Err(AccessError::WrongPassword)), "{refused:?}");
            access.sign_in("Li Wei", &secret(PASSWORD), "192.0.2.5", "t").await.unwrap();
            db.advance(60_000);
        }
    })
    .await;
}

#[tokio::test]
async fn codes_cannot_be_guessed_quickly() {
    for_each_db(async |db| {
        let (access, admin) = claimed(db.store.clone()).await;
        access.add_person(&admin.actor, "Anna", Role::Viewer).await.unwrap();
        let password = secret("another good one");
        for _ in 0..5 {
            let refused =
                access.use_reset_code("anna", "AAAA-AAAA-AAAA-AAAA", &password, "198.51.100.1").await;
            assert!(matches!(refused, Err(AccessError::WrongResetCode)));
        }
        assert!(is_slowed(&access.use_reset_code("anna", "x", &password, "198.51.100.1").await));
    })
    .await;
}

#[tokio::test]
async fn set_up_code_cannot_be_guessed_quickly_and_a_refused_name_costs_nothing() {
    for_each_db(async |db| {
        let access = access::Access::new(db.store.clone());
        let code = access.setup_code().await.unwrap().unwrap();
        let right = secrecy::ExposeSecret::expose_secret(&code);
        for _ in 0..9 {
            let mut short = claim(right);
            short.password = secret("short");
            let refused = access.claim(short, "198.51.100.1", "t").await;
            assert!(matches!(refused, Err(AccessError::Input(_))), "{refused:?}");
        }
        for _ in 0..5 {
            let refused = access.claim(claim("AAAA"), "198.51.100.1", "t").await;
            assert!(matches!(refused, Err(AccessError::WrongSetupCode)));
        }
        assert!(is_slowed(&access.claim(claim(right), "198.51.100.1", "t").await));
        access.claim(claim(right), "192.0.2.1", "t").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn claim_by_two_at_once_makes_one_administrator() {
    for_each_db(async |db| {
        let access = access::Access::new(db.store.clone());
        let code = access.setup_code().await.unwrap().unwrap();
        let code = secrecy::ExposeSecret::expose_secret(&code);
        let (one, two) = tokio::join!(
            access.claim(claim(code), "192.0.2.1", "t"),
            access.claim(claim(code), "192.0.2.2", "t")
        );
        assert!(one.is_ok() ^ two.is_ok(), "{one:?} {two:?}");
        assert_eq!(db.store.users().count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn change_password_needs_the_old_one_and_ends_other_sessions() {
    for_each_db(async |db| {
        let (access, admin) = claimed(db.store.clone()).await;
        let other = access.sign_in("li wei", &secret(PASSWORD), "192.0.2.7", "phone").await.unwrap();
        let new = secret("a mountain of rice");
        let refused = access.change_password(&admin.actor, &secret("wrong password"), &new).await;
        assert!(matches!(refused, Err(AccessError::WrongPassword)));
        access.change_password(&admin.actor, &secret(PASSWORD), &new).await.unwrap();
        assert!(access.by_session(&other.secret, "192.0.2.7").await.unwrap().is_none());
        assert!(access.by_session(&admin.secret, "192.0.2.1").await.unwrap().is_some());
        let old = access.sign_in("li wei", &secret(PASSWORD), "192.0.2.7", "phone").await;
        assert!(matches!(old, Err(AccessError::WrongPassword)));
        access.sign_in("li wei", &new, "192.0.2.7", "phone").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn token_of_a_disabled_person_opens_nothing_and_only_its_owner_revokes_it() {
    for_each_db(async |db| {
        let (access, admin) = claimed(db.store.clone()).await;
        let mut people = Vec::new();
        for name in ["Anna", "Ben"] {
            let added = access.add_person(&admin.actor, name, Role::Operator).await.unwrap();
            let code = secrecy::ExposeSecret::expose_secret(&added.code);
            access.use_reset_code(name, code, &secret(PASSWORD), "192.0.2.2").await.unwrap();
            people.push(access.sign_in(name, &secret(PASSWORD), "192.0.2.2", "t").await.unwrap().actor);
        }
        let (anna, ben) = (&people[0], &people[1]);
        let token = access.issue_token(anna, "ci", Role::Viewer, 30).await.unwrap();
        assert!(secrecy::ExposeSecret::expose_secret(&token.secret).starts_with("bw_"));
        assert_eq!(access.tokens(ben).await.unwrap().len(), 0);
        assert_eq!(access.tokens(&admin.actor).await.unwrap().len(), 1);
        let refused = access.revoke_token(ben, &token.id).await;
        assert!(matches!(refused, Err(AccessError::Forbidden { .. })));

        let by_token = access.by_token(&token.secret, "192.0.2.9").await.unwrap().unwrap();
        let more = access.issue_token(&by_token, "ci 2", Role::Viewer, 30).await;
        assert!(matches!(more, Err(AccessError::SessionNeeded)), "a token makes no tokens");
        access.set_disabled(&admin.actor, &anna.user.id, true).await.unwrap();
        assert!(access.by_token(&token.secret, "192.0.2.9").await.unwrap().is_none());
        access.set_disabled(&admin.actor, &anna.user.id, false).await.unwrap();
        assert!(access.by_token(&token.secret, "192.0.2.9").await.unwrap().is_some());
        access.revoke_token(anna, &token.id).await.unwrap();
        assert!(access.by_token(&token.secret, "192.0.2.9").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn every_deed_is_written_down_with_who_and_where_and_no_secret() {
    for_each_db(async |db| {
        let (access, admin) = claimed(db.store.clone()).await;
        let actor = &admin.actor;
        let added = access.add_person(actor, "Anna", Role::Viewer).await.unwrap();
        let id = &added.user.id;
        let reset = access.reset_password(actor, id).await.unwrap();
        let reset = secrecy::ExposeSecret::expose_secret(&reset).to_owned();
        access.use_reset_code("Anna", &reset, &secret(PASSWORD), "192.0.2.2").await.unwrap();
        access.set_role(actor, id, Role::Operator).await.unwrap();
        access.set_disabled(actor, id, true).await.unwrap();
        access.remove_person(actor, id).await.unwrap();
        let token = access.issue_token(actor, "ci", Role::Viewer, 1).await.unwrap();
        access.revoke_token(actor, &token.id).await.unwrap();
        access.change_password(actor, &secret(PASSWORD), &secret("a mountain of rice")).await.unwrap();
        access.revoke_other_sessions(actor).await.unwrap();
        let _ = access.sign_in("Li Wei", &secret("wrong password"), "198.51.100.1", "t").await;
        access.sign_out(actor).await.unwrap();
        access.add_person_from_terminal("Ben", Role::Viewer).await.unwrap();
        access.reset_password_from_terminal("ben").await.unwrap();
        let token = access.issue_token_from_terminal("ben", "t", Role::Viewer, 1).await.unwrap();
        access.revoke_token_from_terminal(&token.id).await.unwrap();

        let mut all = db.store.activity().list(&ActivityFilter::default(), 100).await.unwrap();
        all.reverse();
        let codes: Vec<_> = all.iter().map(|e| e.code.as_str()).collect();
        let expected = [
            "console.claimed",
            "user.added",
            "user.reset",
            "user.password",
            "user.role",
            "user.disabled",
            "user.removed",
            "token.created",
            "token.revoked",
            "user.password",
            "session.revoked",
            "session.refused",
            "session.ended",
            "user.added",
            "user.reset",
            "token.created",
            "token.revoked",
        ];
        assert_eq!(codes, expected);
        assert_eq!((all[1].by.clone(), all[1].address.as_str()), (by(actor), "192.0.2.1"));
        assert_eq!((all[11].by.clone(), all[11].address.as_str()), (ActivityBy::System, "198.51.100.1"));
        assert_eq!((all[13].by.clone(), all[13].address.as_str()), (ActivityBy::System, "terminal"));
        let text = serde_json::to_string(&all).unwrap();
        let bare = reset.replace('-', "");
        for hidden in [PASSWORD, "mountain of rice", "wrong password", "bw_", &reset, &bare] {
            assert!(!text.contains(hidden), "{hidden}");
        }
        for entry in &all {
            let words = access::words(entry).unwrap();
            assert!(!words.en.is_empty() && !words.zh.is_empty() && words.en != words.zh, "{}", entry.code);
        }
    })
    .await;
}

fn by(actor: &access::Actor) -> ActivityBy {
    ActivityBy::User { id: actor.user.id.clone(), name: actor.user.name.to_string() }
}
