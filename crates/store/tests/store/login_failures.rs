use store::{login_failures::MustWait, testing::for_each_db};

/// Three tries are free, then ten seconds each.
fn wait(failures: i64) -> i64 {
    if failures < 3 { 0 } else { 10_000 }
}

#[tokio::test]
async fn attempt_lets_no_more_pass_at_once_than_one_after_the_other() {
    for_each_db(async |db| {
        let other = db.reopen().await;
        let tries = (0..12).map(|n| {
            let store = if n % 2 == 0 { &db.store } else { &other };
            async move { store.login_failures().attempt("account:anna", 60_000, wait).await.unwrap() }
        });
        let all = futures::future::join_all(tries).await;
        let mut passed: Vec<i64> = all.iter().filter_map(|t| t.ok()).collect();
        passed.sort_unstable();
        assert_eq!(passed, [1, 2, 3]);
        assert_eq!(all.iter().filter(|t| **t == Err(MustWait { wait_ms: 10_000 })).count(), 9);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn attempt_while_waiting_does_not_prolong_the_wait() {
    for_each_db(async |db| {
        let failures = db.store.login_failures();
        for _ in 0..3 {
            failures.attempt("a", 60_000, wait).await.unwrap().unwrap();
        }
        db.advance(9_999);
        assert_eq!(failures.attempt("a", 60_000, wait).await.unwrap(), Err(MustWait { wait_ms: 1 }));
        db.advance(1);
        assert_eq!(failures.attempt("a", 60_000, wait).await.unwrap(), Ok(4));
        failures.forgive("a", 1).await.unwrap();
        assert_eq!(failures.get("a").await.unwrap().unwrap().failures, 3);
        failures.forgive("a", 9).await.unwrap();
        assert_eq!(failures.get("a").await.unwrap().unwrap().failures, 0);
        failures.clear("a").await.unwrap();
        failures.forgive("a", 1).await.unwrap();
        assert_eq!(failures.get("a").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn attempt_begins_anew_after_a_quiet_time() {
    for_each_db(async |db| {
        let failures = db.store.login_failures();
        for _ in 0..3 {
            failures.attempt("a", 60_000, wait).await.unwrap().unwrap();
        }
        db.advance(60_001);
        assert_eq!(failures.attempt("a", 60_000, wait).await.unwrap(), Ok(1));
        assert_eq!(failures.get("a").await.unwrap().unwrap().first_ms, db.store.now_ms());
        db.advance(1);
        assert_eq!(failures.prune(db.store.now_ms()).await.unwrap(), 1);
        assert_eq!(failures.get("a").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn attempt_never_waits_longer_when_the_clock_was_set_back() {
    for_each_db(async |db| {
        let failures = db.store.login_failures();
        for _ in 0..3 {
            failures.attempt("a", 60_000, wait).await.unwrap().unwrap();
        }
        db.advance(-3_600_000);
        assert_eq!(failures.attempt("a", 60_000, wait).await.unwrap(), Err(MustWait { wait_ms: 10_000 }));
        // And it ends, though the clock is still before the last try.
        db.advance(9_999);
        assert_eq!(failures.attempt("a", 60_000, wait).await.unwrap(), Err(MustWait { wait_ms: 1 }));
        db.advance(1);
        assert_eq!(failures.attempt("a", 60_000, wait).await.unwrap(), Ok(4));
    })
    .await;
}
