//! `backup` while the console runs, `restore` into an empty one, and a new key.

use crate::program::{PASSWORD, Served, at, data, home, mode, run, token};

#[tokio::test]
async fn backup_of_a_running_console_is_a_console_again() {
    let old = home();
    let console = Served::start(&old).await;
    console.claim().await;
    let kept = token(&old, "viewer").await;
    let file = old.path().join("backup.db");
    let path = file.display().to_string();
    let said = run(&mut at(&old, &["backup", &path])).await.well();
    assert!(said.contains(&format!("bytes written to {path}")) && said.contains("keys.json"), "{said}");
    assert_eq!(mode(&file), 0o600);
    let said = run(&mut at(&old, &["backup", &path])).await.badly();
    assert!(said.contains("exists already"), "{said}");
    // The console went on meanwhile.
    assert_eq!(console.rest(&kept, "/clusters").await.0, 200);
    assert_eq!(console.stop().await, Some(0));

    let new = home();
    let said = run(&mut at(&new, &["restore", &path])).await.badly();
    assert!(said.contains("key"), "without the key file: {said}");
    std::fs::remove_dir_all(data(&new)).unwrap();
    std::fs::create_dir(data(&new)).unwrap();
    std::fs::copy(data(&old).join("keys.json"), data(&new).join("keys.json")).unwrap();
    let said = run(&mut at(&new, &["restore", &path])).await.well();
    assert!(said.ends_with(" rows restored\n"), "{said}");

    let console = Served::start(&new).await;
    assert_eq!(console.code, None, "it is claimed already");
    let signed_in = console.form("sign-in", &[("name", "Administrator"), ("password", PASSWORD)]).await;
    assert_eq!(signed_in.0, 200, "{signed_in:?}");
    assert_eq!(console.rest(&kept, "/clusters").await.0, 200);
    let said = run(&mut at(&new, &["restore", &path])).await.badly();
    assert!(said.contains("the database is not empty"), "{said}");
    assert_eq!(console.stop().await, Some(0));
}

#[tokio::test]
async fn restore_refuses_what_is_no_backup() {
    let home = home();
    let file = home.path().join("note.txt");
    std::fs::write(&file, "not a backup").unwrap();
    run(&mut at(&home, &["restore", &file.display().to_string()])).await.badly();
    run(&mut at(&home, &["restore", "nowhere.db"])).await.badly();
    // As empty as before.
    assert_eq!(run(&mut at(&home, &["user", "list"])).await.well(), "");
}

#[tokio::test]
async fn rotate_key_says_how_many_secrets_it_sealed() {
    let home = home();
    run(&mut at(&home, &["user", "add", "Anna"])).await.well();
    let said = run(&mut at(&home, &["rotate-key"])).await.well();
    assert!(said.contains("sealed with the new key"), "{said}");
    run(&mut at(&home, &["user", "list"])).await.well();
}
