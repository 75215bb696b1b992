use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use model::{
    Locale, Topology,
    drift::Kind,
    finding::{FindingState, Waiver},
    ids::{FindingKey, RunId},
    names::{ClusterName, LinkName, NodeName},
    people::{ActivityBy, Role},
    rule::ExecutionState,
    run::{RunState, StepState},
    spec::CredentialKind,
};
use serde_json::json;
use sqlx::{AssertSqlSafe, SqlitePool};
use store::{
    DatabaseUrl, KeyRing, Store,
    activity::NewActivity,
    executions::ExecutionRow,
    ledger::{ActRow, Compared, NewAcceptance, NewDrift, Reading, Recounted},
    new_id,
    nodes::NodeFields,
    runs::{NewRun, StepChange},
    sessions::NewSession,
    share_links::NewShareLink,
    testing::{TestDb, for_each_db},
    tokens::NewToken,
};

use crate::person;

/// Something in every column of every table.
async fn fill(store: &Store) {
    let later = store.now_ms() + 1_000_000;
    store.settings().set("address", &"https://breakwater.example").await.unwrap();
    let anna = person(store, "Anna 安娜", Role::Administrator).await;
    person(store, "ben", Role::Administrator).await;
    store.users().set_reset(&anna.id, "reset", later).await.unwrap();
    store.users().signed_in(&anna.id).await.unwrap();
    store.users().set_disabled(&anna.id, true).await.unwrap().unwrap();
    let session = NewSession {
        token_hash: "s",
        user_id: &anna.id,
        idle_until_ms: later,
        until_ms: later,
        user_agent: "Firefox \u{2028} \"\\",
        address: "::1",
    };
    store.sessions().insert(session).await.unwrap();
    let token =
        NewToken { token_hash: "t", user_id: &anna.id, name: "ci", role: Role::Viewer, expires_ms: later };
    let token = store.tokens().insert(token).await.unwrap();
    store.tokens().used(&token).await.unwrap();
    store.login_failures().attempt("account:anna", 1, |_| 0).await.unwrap().unwrap();
    let cluster = ClusterName::parse("生产").unwrap();
    let cluster =
        store.clusters().insert(&cluster, Topology::DualMaster, &json!({"a": [1, null]})).await.unwrap();
    let name = NodeName::parse("上海").unwrap();
    let fields = NodeFields {
        position: 0,
        name: &name,
        address: "https://a",
        tls: json!("system"),
        role: "source",
        tier: 1,
    };
    let node = store.nodes().insert(&cluster.id, fields).await.unwrap();
    let owner = node.id.to_string();
    let credential =
        store.credentials().put(&owner, CredentialKind::Admin, "admin", &"secret".into()).await.unwrap();
    store.nodes().set_credential(&node.id, Some(&credential)).await.unwrap();
    for by in [
        ActivityBy::User { id: anna.id.clone(), name: "anna".into() },
        ActivityBy::Token { id: token, name: "ci".into() },
    ] {
        let new = NewActivity {
            by: &by,
            address: "::1",
            code: "x",
            params: json!({"n": 1}),
            cluster: Some(&cluster.id),
            node: Some(&node.id),
        };
        store.activity().add(new, Some(&anna.id)).await.unwrap();
    }
    let page = store.pages().insert("team", &json!({"title": "上"})).await.unwrap();
    let link = NewShareLink {
        token_hash: "l",
        page: &page.id,
        name: &LinkName::parse("研发").unwrap(),
        locale: Some(Locale::Zh),
        password_hash: Some(&"phc".into()),
        expires_ms: Some(later),
    };
    let link = store.share_links().insert(link).await.unwrap();
    store.share_links().seen(&link.link.id, 2, 7).await.unwrap();
    store.drafts().insert("anna", &json!({"name": "上"})).await.unwrap();
    let key = FindingKey::new("clock-offset", "cluster").unwrap();
    store.findings().put(cluster.id.as_str(), &key, FindingState::Warning, &json!({}), 5).await.unwrap();
    let waiver = Waiver { reason: "known".into(), by: "anna".into(), at_ms: 1 };
    store.findings().set_waiver(cluster.id.as_str(), &key, Some(&waiver)).await.unwrap();
    store.plans().insert(cluster.id.as_str(), &json!({"steps": []}), "anna").await.unwrap();
    let run: RunId = new_id();
    let new = NewRun {
        id: &run,
        kind: "adopt",
        scope: "d",
        owner: "anna",
        body: &json!({}),
        steps: &["a".into(), "b".into()],
    };
    store.runs().insert(new).await.unwrap();
    let change = StepChange {
        state: StepState::Failed,
        made: true,
        output: Some(json!({"id": 1})),
        error: Some(json!({"code": "x"})),
        attempt: true,
        ended: true,
    };
    store.runs().set_step(&run, 0, &change).await.unwrap();
    store.runs().set_state(&run, RunState::Failed, false).await.unwrap();
    let left =
        store.leftovers().register("n", "rule", "bw", &json!({"id": 1}), Some(&run), Some(9)).await.unwrap();
    store.leftovers().failed(&left, "no answer").await.unwrap();
    store.leftovers().removed(&left).await.unwrap();
    store.leftovers().failed(&left, "late").await.unwrap();
    store.intervals().record("a", "node:1", "up", &json!({})).await.unwrap();
    store.clock().advance(5);
    store.intervals().record("a", "node:1", "down", &json!({"why": "x"})).await.unwrap();
    store.events().append(Some(&cluster.id), "node", &json!({"n": "\n"})).await.unwrap();
    let pair = store.ledger().pair_of(&cluster.id, &node.id, &node.id, &json!({"n": 1})).await.unwrap();
    let drift = NewDrift { thing: "v".into(), kind: Kind::New, heals: true, bytes: 7, body: json!({}) };
    let reading = Reading { compared: 2, behind_ms: [Some(2), Some(3)], ..Reading::default() };
    let compared = Compared {
        repository: "p/r",
        base: Some(vec![0, 1, 255]),
        reading: Some(reading),
        drifts: Some(vec![drift.clone()]),
        ..Compared::default()
    };
    store.ledger().keep(&pair.id, &[compared]).await.unwrap();
    store.ledger().note_history(&pair.id, &vec![(Kind::New, 1)], None).await.unwrap();
    let accepted = Recounted {
        repository: "p/r".into(),
        before: json!({}),
        drift: NewDrift { kind: Kind::Accepted, ..drift },
        acceptance: Some(NewAcceptance { until_ms: Some(9), body: json!({"why": "试"}) }),
    };
    store.ledger().recount(&pair.id, &[accepted]).await.unwrap();
    let act = ActRow { line: 4, at_ms: 5, repository: "p/r".into(), body: json!({"by": "李"}) };
    store.ledger().add_acts(&node.id, &[act]).await.unwrap();
    let execution = ExecutionRow {
        node_id: node.id.clone(),
        id: 4,
        started_ms: 5,
        state: ExecutionState::Failed,
        body: json!({"rule": "r"}),
    };
    store.executions().put(&cluster.id, &[execution]).await.unwrap();
    store.leases().take("x", "a", std::time::Duration::from_secs(5)).await.unwrap();
}

/// Every row of a SQLite file, by table.
async fn content(file: &Path) -> BTreeMap<String, Vec<String>> {
    let pool = SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('_sqlx_migrations', 'leases')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut all = BTreeMap::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&pool)
            .await
            .unwrap();
        // JSON holds no bytes.
        let shown: Vec<String> = columns
            .iter()
            .map(|c| format!("CASE typeof({c}) WHEN 'blob' THEN hex({c}) ELSE {c} END"))
            .collect();
        let sql = format!("SELECT json_array({}) FROM {table} ORDER BY 1", shown.join(", "));
        all.insert(table, sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap());
    }
    pool.close().await;
    all
}

/// An empty SQLite with the same key file.
async fn empty(from: &TestDb, name: &str) -> (Store, PathBuf) {
    let dir = from.dir.path().join(name);
    fs::create_dir(&dir).unwrap();
    fs::copy(from.dir.path().join("keys.json"), dir.join("keys.json")).unwrap();
    let store = Store::open(&DatabaseUrl::Embedded, &dir, KeyRing::open(&dir).unwrap()).await.unwrap();
    (store, dir.join("breakwater.db"))
}

#[tokio::test]
async fn restore_of_a_backup_has_every_row_of_every_table() {
    for_each_db(async |db| {
        // From this engine to SQLite, from there back to an empty database of this engine's, and to SQLite again.
        fill(&db.store).await;
        let first = db.dir.path().join("first.backup");
        let info = db.store.backup(&first).await.unwrap();
        assert_eq!(info.bytes, fs::metadata(&first).unwrap().len());
        assert_eq!(fs::metadata(&first).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(db.store.backup(&first).await.unwrap_err().code(), "store.backup");

        let (one, one_file) = empty(&db, "one").await;
        let restored = one.restore(&first).await.unwrap();
        let second = db.dir.path().join("second.backup");
        one.backup(&second).await.unwrap();
        one.close().await;
        let rows = content(&one_file).await;
        assert_eq!(restored.rows, rows.values().map(|r| r.len() as u64).sum::<u64>());
        let bare: Vec<_> = rows.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table).collect();
        assert!(bare.is_empty(), "fill() forgot {bare:?}");
        for (table, rows) in &rows {
            let columns = rows.iter().map(|r| serde_json::from_str::<Vec<serde_json::Value>>(r).unwrap());
            let all: Vec<_> = columns.collect();
            for i in 0..all[0].len() {
                assert!(all.iter().any(|row| !row[i].is_null()), "fill() left column {i} of {table} empty");
            }
        }

        for_each_db(async |target| {
            fs::copy(db.dir.path().join("keys.json"), target.dir.path().join("keys.json")).unwrap();
            let fresh = wiped(&target).await;
            fresh.restore(&second).await.unwrap();
            let third = target.dir.path().join("third.backup");
            fresh.backup(&third).await.unwrap();
            let (two, two_file) = empty(&target, "two").await;
            two.restore(&third).await.unwrap();
            two.close().await;
            fresh.close().await;
            assert_eq!(content(&two_file).await, rows, "by way of {}", target.engine);
        })
        .await;
    })
    .await;
}

/// The target opened anew with the source's key file; its own proof of keys is taken out first.
async fn wiped(target: &TestDb) -> Store {
    target.store.settings().remove("seal.check").await.unwrap();
    target.reopen().await
}

#[tokio::test]
async fn restore_refuses_a_database_that_is_not_empty() {
    for_each_db(async |db| {
        fill(&db.store).await;
        let file = db.dir.path().join("a.backup");
        db.store.backup(&file).await.unwrap();
        assert_eq!(db.store.restore(&file).await.unwrap_err().code(), "store.restore");
        assert_eq!(db.store.users().count().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn restore_of_a_damaged_backup_leaves_the_database_empty() {
    for_each_db(async |db| {
        fill(&db.store).await;
        let file = db.dir.path().join("whole.backup");
        db.store.backup(&file).await.unwrap();
        let whole = fs::read(&file).unwrap();
        let (target, _) = empty(&db, "target").await;
        let cut = |n: usize| whole[..n].to_vec();
        let mut broken = vec![b"not a backup".to_vec(), Vec::new(), cut(whole.len() / 2), cut(40)];
        if db.engine == "postgres" {
            // Lines can be cut between rows, where nothing else would tell.
            let text = String::from_utf8(whole.clone()).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            broken.push(lines[..lines.len() - 1].join("\n").into_bytes());
            let without: Vec<&str> = lines.iter().copied().filter(|l| !l.contains("Firefox")).collect();
            broken.push(without.join("\n").into_bytes());
            broken.push(text.replacen("\"schema\":", "\"schema\":9", 1).into_bytes());
        }
        for (i, bytes) in broken.into_iter().enumerate() {
            let bad = db.dir.path().join(format!("bad{i}"));
            fs::write(&bad, bytes).unwrap();
            let error = target.restore(&bad).await.unwrap_err();
            assert!(["store.restore", "store.corrupt"].contains(&error.code()), "{i}: {error:?}");
            assert_eq!(target.users().count().await.unwrap(), 0);
            assert_eq!(target.events().newest_id().await.unwrap(), 0);
        }
        assert_eq!(target.restore(&db.dir.path().join("none")).await.unwrap_err().code(), "store.file");
        target.restore(&file).await.unwrap();
        let left: Vec<_> = fs::read_dir(db.dir.path().join("target"))
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("restore-"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
        target.close().await;
    })
    .await;
}

#[tokio::test]
async fn restore_refuses_secrets_of_another_key_file() {
    for_each_db(async |db| {
        fill(&db.store).await;
        let file = db.dir.path().join("a.backup");
        db.store.backup(&file).await.unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(elsewhere.path()).unwrap();
        let target = Store::open(&DatabaseUrl::Embedded, elsewhere.path(), ring).await.unwrap();
        assert_eq!(target.restore(&file).await.unwrap_err().code(), "store.key_missing");
        assert_eq!(target.users().count().await.unwrap(), 0);
        target.close().await;
    })
    .await;
}

#[tokio::test]
async fn backup_while_others_write_is_one_moment() {
    for_each_db(async |db| {
        let writer = async {
            // Two rows that are always written together must both be in the copy, or neither.
            for _ in 0..60 {
                db.store.drafts().insert("a", &json!({})).await.unwrap();
                db.store.events().append(None, "x", &json!({})).await.unwrap();
            }
        };
        let copies = async {
            let mut files = Vec::new();
            for i in 0..3 {
                let file = db.dir.path().join(format!("{i}.backup"));
                db.store.backup(&file).await.unwrap();
                files.push(file);
            }
            files
        };
        let ((), files) = tokio::join!(writer, copies);
        for (i, file) in files.into_iter().enumerate() {
            let (target, path) = empty(&db, &format!("target{i}")).await;
            target.restore(&file).await.unwrap();
            target.close().await;
            let rows = content(&path).await;
            let counter = rows["counters"].iter().find(|r| r.contains("events")).unwrap();
            assert!(
                counter.ends_with(&format!(",{}]", rows["events"].len())),
                "{counter} {}",
                rows["events"].len()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    for_each_db(async |db| {
        let DatabaseUrl::Postgres(secret) = &db.url else { return };
        let pg = sqlx::PgPool::connect(secrecy::ExposeSecret::expose_secret(secret)).await.unwrap();
        let theirs: Vec<(String, String, String, bool)> = sqlx::query_as(
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations' ORDER BY 1, 2",
        )
        .fetch_all(&pg)
        .await
        .unwrap();
        pg.close().await;
        let (sqlite, file) = empty(&db, "sqlite").await;
        sqlite.close().await;
        let lite = SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        let ours: Vec<(String, String, String, bool)> = sqlx::query_as(
            "SELECT m.name, c.name, c.type, c.\"notnull\" = 0 FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT IN ('_sqlx_migrations') AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
        )
        .fetch_all(&lite)
        .await
        .unwrap();
        lite.close().await;
        let alike = |kind: &str| match kind {
            "text" | "TEXT" => "text",
            "bigint" | "boolean" | "INTEGER" => "number",
            "bytea" | "BLOB" => "bytes",
            other => panic!("{other}"),
        };
        let plain = |rows: Vec<(String, String, String, bool)>| -> Vec<String> {
            rows.into_iter().map(|(t, c, kind, null)| format!("{t}.{c} {} {null}", alike(&kind))).collect()
        };
        let (mut theirs, mut ours) = (plain(theirs), plain(ours));
        theirs.sort();
        ours.sort();
        assert!(ours.len() > 100);
        assert_eq!(theirs, ours);
    })
    .await;
}
