//! `user` and `token`, beside a console that runs.

use crate::program::{PASSWORD, Served, at, home, run};

#[tokio::test]
async fn user_is_added_listed_and_given_a_new_password() {
    let home = home();
    let console = Served::start(&home).await;
    console.claim().await;
    let said = run(&mut at(&home, &["user", "add", "Anna", "--role", "operator"])).await.well();
    let mut lines = said.lines();
    assert!(lines.next().unwrap().starts_with("Anna (operator) may choose a password"), "{said}");
    let first = lines.next().unwrap().to_owned();

    let list = run(&mut at(&home, &["user", "list"])).await.well();
    assert!(list.lines().any(|l| l.contains("\tAnna\toperator\t")), "{list}");
    assert!(list.lines().any(|l| l.contains("\tAdministrator\tadministrator\t")), "{list}");

    let choose = async |code: &str, password: &str| {
        console.form("use-reset-code", &[("name", "anna"), ("code", code), ("password", password)]).await
    };
    let sign_in =
        async |password: &str| console.form("sign-in", &[("name", "Anna"), ("password", password)]).await.0;
    assert_eq!(choose(&first, PASSWORD).await.0, 200);
    assert_eq!(sign_in(PASSWORD).await, 200);
    let second = run(&mut at(&home, &["user", "reset-password", "anna"])).await.well();
    // The old password works until the code was used.
    assert_eq!(sign_in(PASSWORD).await, 200);
    assert_eq!(choose(&first, "another good one").await.1["code"], "access.reset_code");
    assert_eq!(choose(second.trim(), "another good one").await.0, 200);
    assert_eq!((sign_in(PASSWORD).await, sign_in("another good one").await), (401, 200));
    assert_eq!(console.stop().await, Some(0));
}

#[tokio::test]
async fn user_that_cannot_be_is_refused_with_a_code_and_a_next_step() {
    let home = home();
    run(&mut at(&home, &["user", "add", "Anna"])).await.well();
    let taken = run(&mut at(&home, &["user", "add", "anna"])).await.badly();
    assert!(taken.contains("[access.name_taken]. Choose another name."), "{taken}");
    let unknown = run(&mut at(&home, &["user", "reset-password", "Bert"])).await.badly();
    assert!(unknown.contains("[store.not_found]"), "{unknown}");
    let role = run(&mut at(&home, &["user", "add", "Carl", "--role", "king"])).await;
    assert_eq!(role.code, Some(2));
    assert!(role.err.contains("viewer, operator or administrator"), "{role:?}");
}

#[tokio::test]
async fn token_works_until_it_is_revoked() {
    let home = home();
    let console = Served::start(&home).await;
    console.claim().await;
    let words = ["token", "create", "administrator", "ci", "--role", "viewer", "--days", "7"];
    let token = run(&mut at(&home, &words)).await.well();
    let token = token.trim();
    assert!(token.starts_with("bw_"), "{token}");
    assert_eq!(console.rest(token, "/clusters").await.0, 200);

    let list = run(&mut at(&home, &["token", "list"])).await.well();
    assert!(!list.contains(token), "{list}");
    let row = list.lines().find(|l| l.contains("\tAdministrator\tci\tviewer\tuntil ")).unwrap();
    let id = row.split('\t').next().unwrap();
    run(&mut at(&home, &["token", "revoke", id])).await.well();
    let (status, problem) = console.rest(token, "/clusters").await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("access.signed_out")));
    assert_eq!(run(&mut at(&home, &["token", "list"])).await.well(), "");

    let again = run(&mut at(&home, &["token", "revoke", id])).await.badly();
    assert!(again.contains("[store.not_found]"), "{again}");
    let odd = run(&mut at(&home, &["token", "revoke", "nothing"])).await.badly();
    assert!(odd.contains("is not the id of a token"), "{odd}");
    let forever =
        run(&mut at(&home, &["token", "create", "Administrator", "x", "--days", "0"])).await.badly();
    assert!(forever.contains("[token.input]"), "{forever}");
    assert_eq!(console.stop().await, Some(0));
}
