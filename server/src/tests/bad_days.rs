//! Bad days of the database and the clock, as somebody at the console sees them: a clear error with a code, a cause
//! and a next step in both languages, nothing that was acknowledged is lost, and `/readyz` says so meanwhile.

use std::{path::Path, time::Duration};

use axum::body::Body;
use harbor_sim::{Sim, SimConfig};
use http::{Method, StatusCode, header};
use model::people::Role;
use serde_json::{Value, json};
use store::{
    DatabaseUrl, Store,
    testing::{for_each_db, hold_writes, open_impatient, open_small},
};

use super::{
    console::{Answer, OPERATOR, TestConsole, VIEWER, Who, eventually},
    proxy::Proxy,
};

async fn impatient(url: &DatabaseUrl, dir: &Path) -> Store {
    open_impatient(url, dir).await.unwrap()
}

/// The error of a server function: its code, and that it says in both languages what happened and what to do.
fn told(answer: &Answer) -> String {
    let error = answer.json();
    for text in [&error["cause"], &error["next"]] {
        let (en, zh) = (text["en"].as_str().unwrap(), text["zh"].as_str().unwrap());
        assert!(!en.is_empty() && zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{error}");
    }
    assert_eq!(error["status"], answer.status.as_u16());
    error["code"].as_str().unwrap().to_owned()
}

/// What `/readyz` says: empty when ready, else the code.
async fn readiness(console: &TestConsole) -> String {
    let request = console
        .request(Who::Nobody, Method::GET, "/readyz")
        .header(header::ACCEPT_LANGUAGE, "zh")
        .body(Body::empty());
    let answer = console.send(request.unwrap()).await;
    if answer.status.is_success() {
        return String::new();
    }
    assert!(matches!(answer.status.as_u16(), 503 | 507), "{answer:?}");
    assert!(answer.json()["title"].as_str().unwrap().chars().any(|c| c > '\u{4e00}'), "{answer:?}");
    answer.code()
}

async fn new_draft(console: &TestConsole) -> Value {
    let answer = console.call(OPERATOR, "create-draft", &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

async fn save(console: &TestConsole, draft: &Value, name: &str) -> Answer {
    let body = json!({"id": draft["id"], "version": draft["version"], "draft": {"name": name}});
    console.call(OPERATOR, "save-draft", &body).await
}

async fn drafts(console: &TestConsole) -> usize {
    let answer = console.call(VIEWER, "drafts", &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json().as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_database_is_said_and_reading_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let other = impatient(&DatabaseUrl::Embedded, home.path()).await;
    let store = impatient(&DatabaseUrl::Embedded, home.path()).await;
    let console = TestConsole::over(store, tempfile::tempdir().unwrap(), "").await;
    let draft = new_draft(&console).await;
    assert_eq!(readiness(&console).await, "");

    let held = hold_writes(&other).await.unwrap().unwrap();
    eventually("not ready", async || readiness(&console).await == "store.locked").await;
    let refused = console.call(OPERATOR, "create-draft", &json!({})).await;
    assert_eq!(told(&refused), "store.locked");
    let refused = save(&console, &draft, "typed meanwhile").await;
    assert_eq!(told(&refused), "store.locked");
    // Not "wrong password": who signs in is told the cause.
    let refused = console.form(Who::Nobody, "sign-in", "name=Viewer&password=a+hill+of+beans").await;
    assert_eq!(told(&refused), "store.locked");
    // Reading goes on, also for who comes from another network now, which would be written down.
    assert_eq!(drafts(&console).await, 1);
    for path in ["/", "/clusters", "/activity"] {
        let request = console.request(VIEWER, Method::GET, path).header(header::ACCEPT, "text/html");
        let page = console.send_from([198, 51, 100, 7], request.body(Body::empty()).unwrap()).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {page:?}");
    }
    assert_eq!(console.get(Who::Nobody, "/healthz").await.status, StatusCode::OK);

    drop(held);
    eventually("ready again", async || readiness(&console).await.is_empty()).await;
    // The same version is still the newest: what was typed is kept at the second try.
    let saved = save(&console, &draft, "typed meanwhile").await;
    assert_eq!(saved.json()["draft"]["name"], "typed meanwhile", "{saved:?}");
    new_draft(&console).await;
    assert_eq!(drafts(&console).await, 2);
    console.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn run_goes_on_by_itself_after_the_database_was_locked() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    // With the patience of life: many checks write at once.
    let console = TestConsole::start().await;
    let other = impatient(&DatabaseUrl::Embedded, console.open.store.data_dir()).await;
    let token = console.token(Role::Operator, 1).await;
    let node = |n: usize, name: &str| json!({"name": name, "address": sim.node(n).url()});
    let account = json!({"username": "admin", "secret": "Harbor12345", "make_robot": true});
    let wish = json!({
        "cluster": {"name": "prod", "topology": "dual-master", "nodes": [node(0, "a"), node(1, "b")]},
        "credentials": {"a": account, "b": account}, "probes": true, "accept_warnings": "known",
    });
    let started = console.rest(&token, Method::POST, "/runs", &wish.to_string()).await;
    assert_eq!(started.status, StatusCode::OK, "{started:?}");
    let run = format!("/runs/{}", started.json()["run"].as_str().unwrap());
    let read = async || console.rest(&token, Method::GET, &run, "").await.json();
    let begun = |run: &Value| run["steps"].as_array().unwrap().iter().any(|s| s["state"] == "done");
    eventually("a step is done", async || begun(&read().await)).await;
    let mut held = None;
    eventually("we hold the database", async || {
        // The run may be writing.
        match hold_writes(&other).await {
            Ok(lock) => held = lock,
            Err(error) => assert_eq!(error.code(), "store.locked", "{error:?}"),
        }
        held.is_some()
    })
    .await;
    // Long enough that a write gives up; the run may by chance be between two writes, or over, which is as good.
    eventually("a write gives up", async || readiness(&console).await == "store.locked").await;
    drop(held);
    eventually("over", async || {
        matches!(read().await["state"].as_str(), Some("succeeded" | "failed" | "cancelled"))
    })
    .await;
    let over = read().await;
    assert_eq!(over["state"], "succeeded", "{over}");
    other.close().await;
    console.close().await;
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_is_said_and_what_was_kept_stays() {
    let home = tempfile::tempdir().unwrap();
    let store = open_small(home.path(), 160).await.unwrap();
    let console = TestConsole::over(store, tempfile::tempdir().unwrap(), "").await;
    let mut kept = Vec::new();
    let refused = loop {
        let answer = console.call(OPERATOR, "create-draft", &json!({})).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        let draft = answer.json();
        let name = format!("{} {}", kept.len(), "x".repeat(30_000));
        let answer = save(&console, &draft, &name).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        kept.push((draft["id"].clone(), name));
        assert!(kept.len() < 200, "never full");
    };
    assert_eq!((told(&refused).as_str(), refused.status.as_u16()), ("store.disk_full", 507));
    assert!(!kept.is_empty());
    // What was refused was large; now not even a little fits.
    while console.call(OPERATOR, "create-draft", &json!({})).await.status == StatusCode::OK {}
    eventually("not ready", async || readiness(&console).await == "store.disk_full").await;
    for (id, name) in &kept {
        let answer = console.call(VIEWER, "draft", &json!({"id": id})).await;
        assert_eq!(answer.json()["draft"]["name"], **name);
    }
    assert_eq!(console.get(VIEWER, "/").await.status, StatusCode::OK);
    // Room is made with the console itself, and everything works again.
    for (id, _) in &kept[..kept.len().min(2)] {
        let answer = console.call(OPERATOR, "discard-draft", &json!({"id": id})).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    eventually("ready again", async || readiness(&console).await.is_empty()).await;
    let draft = new_draft(&console).await;
    assert_eq!(save(&console, &draft, "again").await.status, StatusCode::OK);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_gone_is_said_everywhere_and_back_heals_by_itself() {
    for_each_db(async |db| {
        let Some((proxy, url)) = Proxy::before(&db.url).await else { return };
        let store = impatient(&url, db.dir.path()).await;
        let console = TestConsole::over(store, tempfile::tempdir().unwrap(), "").await;
        let token = console.token(Role::Viewer, 1).await;
        let draft = new_draft(&console).await;
        assert_eq!(save(&console, &draft, "acknowledged").await.status, StatusCode::OK);

        proxy.cut();
        eventually("not ready", async || readiness(&console).await == "store.unavailable").await;
        // Each in the form that its reader understands: a page's own code, a program, a person.
        let refused = console.call(OPERATOR, "create-draft", &json!({})).await;
        assert_eq!((told(&refused).as_str(), refused.status.as_u16()), ("store.unavailable", 503));
        let refused = console.rest(&token, Method::GET, "/clusters", "").await;
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert_eq!((refused.code().as_str(), refused.status.as_u16()), ("store.unavailable", 503));
        for (lang, sentence) in [("en", "The database cannot be reached."), ("zh", "无法连接数据库。")]
        {
            let request = console
                .request(VIEWER, Method::GET, "/clusters")
                .header(header::ACCEPT, "text/html")
                .header(header::ACCEPT_LANGUAGE, lang);
            let page = console.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!((page.status.as_u16(), page.header("cache-control")), (503, "no-store"));
            assert!(
                page.header("content-type").starts_with("text/html") && page.text.contains(sentence),
                "{page:?}"
            );
        }
        assert_eq!(console.get(Who::Nobody, "/healthz").await.status, StatusCode::OK);

        proxy.mend();
        eventually("ready again", async || readiness(&console).await.is_empty()).await;
        // The session, the token and what was acknowledged are there; a new one is kept.
        let answer = console.call(VIEWER, "draft", &json!({"id": draft["id"]})).await;
        assert_eq!(answer.json()["draft"]["name"], "acknowledged", "{answer:?}");
        assert_eq!(console.rest(&token, Method::GET, "/clusters", "").await.status, StatusCode::OK);
        new_draft(&console).await;
        assert_eq!(drafts(&console).await, 2);
        console.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_that_jumps_loses_nothing_and_bars_nobody() {
    const HOUR: i64 = 3_600_000;
    for_each_db(async |db| {
        let mut console = TestConsole::over(db.store.clone(), tempfile::tempdir().unwrap(), "").await;
        let token = console.token(Role::Operator, 90).await;
        let draft = new_draft(&console).await;
        // Somebody mistypes while the clock is far ahead …
        db.advance(30 * 24 * HOUR + 1);
        for _ in 0..6 {
            console.form(Who::Nobody, "sign-in", "name=Viewer&password=wrong+password").await;
        }
        let refused = console.call(OPERATOR, "create-draft", &json!({})).await;
        assert_eq!(told(&refused), "access.signed_out", "a session that is over by the clock");
        assert_eq!(console.rest(&token, Method::GET, "/clusters", "").await.status, StatusCode::OK);
        // … and is not kept out for a month when it is set back.
        db.advance(-30 * 24 * HOUR);
        let refused = console.form(Who::Nobody, "sign-in", "name=Viewer&password=a+hill+of+beans").await;
        assert_eq!(told(&refused), "access.slowed");
        db.advance(5 * 60_000);
        console.sign_in(Role::Viewer).await;
        for role in [Role::Operator, Role::Administrator] {
            console.sign_in(role).await;
        }
        assert_eq!(drafts(&console).await, 1);
        let saved = save(&console, &draft, "after the jump").await;
        assert_eq!(saved.status, StatusCode::OK, "{saved:?}");
        // Before the console was made.
        db.advance(-48 * HOUR);
        assert_eq!(readiness(&console).await, "");
        let again = console.call(OPERATOR, "draft", &json!({"id": draft["id"]})).await;
        assert_eq!(again.json()["draft"]["name"], "after the jump", "{again:?}");
        new_draft(&console).await;
        for path in ["/", "/activity", "/settings?tab=sessions"] {
            assert_eq!(console.get(OPERATOR, path).await.status, StatusCode::OK, "{path}");
        }
        let board = console.rest(&token, Method::GET, "/health", "").await;
        assert_eq!(board.status, StatusCode::OK, "{board:?}");
        console.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stuck_database_is_not_ready_within_two_seconds() {
    // The default patience with a lock is five seconds: a supervisor's is shorter.
    let console = TestConsole::start().await;
    let held = hold_writes(&console.open.store).await.unwrap().unwrap();
    let began = std::time::Instant::now();
    eventually("not ready", async || !readiness(&console).await.is_empty()).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(held);
    eventually("ready again", async || readiness(&console).await.is_empty()).await;
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn check_that_was_answered_while_the_database_was_locked_is_kept_afterwards() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let other = impatient(&DatabaseUrl::Embedded, home.path()).await;
    let store = impatient(&DatabaseUrl::Embedded, home.path()).await;
    let console = TestConsole::over(store, tempfile::tempdir().unwrap(), "").await;
    let draft = new_draft(&console).await;
    let node = |n: usize| {
        let (key, url) = (format!("k{n}"), sim.node(n).url());
        json!({"key": key, "name": key, "address": url, "username": "admin"})
    };
    let typed = json!({"topology": "dual-master", "name": "prod", "nodes": [node(0), node(1)]});
    let body = json!({"id": draft["id"], "version": draft["version"], "draft": typed});
    assert_eq!(console.call(OPERATOR, "save-draft", &body).await.status, StatusCode::OK);
    for key in ["k0", "k1"] {
        let body = json!({"id": draft["id"], "node_key": key, "secret": "Harbor12345"});
        assert_eq!(console.call(OPERATOR, "set-secret", &body).await.status, StatusCode::OK);
    }
    let asked = json!({"id": draft["id"], "only": null});
    assert_eq!(console.call(OPERATOR, "run-checks", &asked).await.status, StatusCode::OK);
    let mut held = None;
    eventually("we hold the database", async || {
        held = hold_writes(&other).await.ok().flatten();
        held.is_some()
    })
    .await;
    eventually("a write gives up", async || readiness(&console).await == "store.locked").await;
    drop(held);
    eventually("every check has its answer", async || {
        let draft = console.call(VIEWER, "draft", &json!({"id": draft["id"]})).await.json();
        let findings = draft["findings"].as_array().unwrap();
        findings.iter().all(|f| f["writes"] == true || f["state"] != "waiting")
    })
    .await;
    other.close().await;
    console.close().await;
    sim.shutdown().await;
}
