use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use store::{
    Clock, DatabaseUrl, KeyRing, Store, StoreError,
    seal::KEY_FILE,
    testing::{START_MS, for_each_db},
};

#[tokio::test]
async fn open_again_finds_what_was_written() {
    for_each_db(async |db| {
        db.store.settings().set("k", &"v").await.unwrap();
        let again = db.reopen().await;
        assert_eq!(again.settings().get::<String>("k").await.unwrap().as_deref(), Some("v"));
        again.ping().await.unwrap();
        assert_eq!(again.is_shared(), db.engine == "postgres");
        again.close().await;
        assert_eq!(again.ping().await.unwrap_err().code(), "store.unavailable");
    })
    .await;
}

#[tokio::test]
async fn open_refuses_another_key_file() {
    for_each_db(async |db| {
        let path = db.dir.path().join(KEY_FILE);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let error = db.open_with(Clock::System).await.unwrap_err();
        assert_eq!(error.code(), "store.key_missing");
        assert!(error.to_string().contains(KEY_FILE), "{error}");
        fs::write(&path, kept).unwrap();
        db.open_with(Clock::System).await.unwrap().close().await;
    })
    .await;
}

#[tokio::test]
async fn open_refuses_a_newer_and_a_foreign_file() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(dir.path()).unwrap();
    let open = async |file: &str| {
        let url: DatabaseUrl = format!("sqlite:{file}").parse().unwrap();
        Store::open(&url, dir.path(), ring.clone()).await
    };
    open("bw.db").await.unwrap().close().await;
    let raw =
        sqlx::SqlitePool::connect(&format!("sqlite:{}", dir.path().join("bw.db").display())).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = version + 900").execute(&raw).await.unwrap();
    raw.close().await;
    assert!(matches!(open("bw.db").await, Err(StoreError::Newer)));

    fs::write(dir.path().join("text.db"), "this is a letter, not a database. ".repeat(200)).unwrap();
    assert_eq!(open("text.db").await.unwrap_err().code(), "store.corrupt");
}

#[tokio::test]
async fn open_makes_files_that_only_their_owner_reads() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let store = Store::open(&DatabaseUrl::Embedded, &data, KeyRing::open(&data).unwrap()).await.unwrap();
    store.settings().set("k", &1).await.unwrap();
    for file in fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
    store.close().await;
}

#[tokio::test]
async fn open_by_two_processes_at_once_makes_one_database() {
    for_each_db(async |db| {
        let (a, b) = tokio::join!(db.reopen(), db.reopen());
        a.settings().set("k", &1).await.unwrap();
        assert_eq!(b.settings().get::<i64>("k").await.unwrap(), Some(1));
        a.close().await;
        b.close().await;
    })
    .await;
}

#[tokio::test]
async fn system_clock_is_past_the_tests_beginnings() {
    // A manual clock that leaked into production would stand still.
    let before = Clock::System.now_ms();
    assert!(before > 1_700_000_000_000);
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert!(Clock::System.now_ms() > before);
    let manual = Clock::manual(START_MS);
    manual.advance(5);
    assert_eq!(manual.now_ms(), START_MS + 5);
}
