//! What strangers and other sites may not.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use model::people::Role;
use secrecy::ExposeSecret;
use serde_json::json;

use super::console::{ADMINISTRATOR, Answer, OPERATOR, PASSWORD, TestConsole, VIEWER, Who};

const HTTPS: &str = "https://breakwater.example.org";

/// A write by a signed-in browser with these headers.
async fn write(console: &TestConsole, headers: &[(&str, &str)]) -> Answer {
    let mut request = console
        .request(OPERATOR, Method::POST, "/fn/create-draft")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    console.send(request.body("{}".into()).unwrap()).await
}

#[tokio::test]
async fn write_from_another_site_is_refused() {
    let console = TestConsole::start().await;
    let drafts = async || console.call(OPERATOR, "drafts", &json!({})).await.json().as_array().unwrap().len();
    for foreign in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site"), ("origin", "https://sister.console.test")],
        &[("origin", "https://evil.test")],
        &[("origin", "http://console.test.evil.test")],
        &[("origin", "null")],
    ] {
        let answer = write(&console, foreign).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}");
        // In both languages, as every error of a server function.
        let error = answer.json();
        assert_eq!(error["code"], "request.cross_site");
        assert!(error["cause"]["en"].is_string() && error["next"]["zh"].is_string(), "{error}");
    }
    assert_eq!(drafts().await, 0);
    for own in [
        &[("sec-fetch-site", "same-origin"), ("origin", "http://console.test")][..],
        &[("origin", "http://console.test")],
        &[],
    ] {
        assert_eq!(write(&console, own).await.status, StatusCode::OK, "{own:?}");
    }
    assert_eq!(drafts().await, 3);
    console.close().await;
}

#[tokio::test]
async fn rest_write_from_another_site_is_refused_with_a_session_and_let_through_without_headers() {
    let console = TestConsole::start().await;
    let path = "/api/v1/runs/0193a1b2-0000-7000-8000-00000000abcd/undo";
    let request = console
        .request(OPERATOR, Method::POST, path)
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty());
    let answer = console.send(request.unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "request.cross_site"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    // A program sends neither header, and its token is its right.
    let token = console.token(Role::Operator, 1).await;
    let answer = console.rest(&token, Method::POST, &path["/api/v1".len()..], "").await;
    assert_eq!(answer.code(), "store.not_found");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let console = TestConsole::start().await;
    let mut answers = Vec::new();
    for path in [
        "/",
        "/sign-in",
        "/favicon.svg",
        "/pkg/breakwater.abc.css",
        "/pkg/none",
        "/api/v1/health",
        "/api/v1/none",
        "/api/v1/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/live",
        "/fn/board",
    ] {
        answers.push((path, console.get(Who::Nobody, path).await));
    }
    answers.push(("/fn/board", console.call(VIEWER, "board", &json!({})).await));
    answers.push(("/fn/none", console.call(VIEWER, "none", &json!({})).await));
    for (path, answer) in &answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn file_is_kept_for_ever_only_where_its_name_has_a_hash() {
    let console = TestConsole::start().await;
    let hashed = console.get(Who::Nobody, "/pkg/breakwater.abc.css").await;
    assert_eq!(hashed.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(!console.get(Who::Nobody, "/pkg/none").await.header("cache-control").contains("immutable"));
    assert!(!console.get(Who::Nobody, "/favicon.svg").await.header("cache-control").contains("immutable"));
    for outside in
        ["/pkg/../hash.txt", "/pkg/..%2f..%2fdata%2fkeys.json", "/fonts/%2e%2e/%2e%2e/data/keys.json"]
    {
        let answer = console.get(Who::Nobody, outside).await;
        assert!(!answer.status.is_success() && !answer.text.contains("key"), "{outside}: {answer:?}");
    }
    console.close().await;
}

async fn signed_in_cookie(console: &TestConsole) -> String {
    let answer = console.form(Who::Nobody, "sign-in", "name=Viewer&password=a+hill+of+beans").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.cookies().into_iter().find(|c| c.contains("breakwater=")).unwrap()
}

#[tokio::test]
async fn session_cookie_is_bound_to_https_where_people_use_it() {
    for (address, name) in [(HTTPS, "__Host-breakwater"), ("http://console.test", "breakwater")] {
        let console = TestConsole::at(address).await;
        let cookie = signed_in_cookie(&console).await;
        let parts: Vec<&str> = cookie.split("; ").collect();
        assert!(parts[0].starts_with(&format!("{name}=")), "{cookie}");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(parts.contains(&part), "{cookie}");
        }
        assert_eq!(parts.contains(&"Secure"), address == HTTPS, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        // The name of the other kind of address is not read.
        let value = parts[0].split_once('=').unwrap().1;
        for (try_name, works) in [("__Host-breakwater", address == HTTPS), ("breakwater", address != HTTPS)] {
            let request = Request::builder()
                .method(Method::POST)
                .uri("/fn/board")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::COOKIE, format!("{try_name}={value}"));
            let answer = console.send(request.body("{}".into()).unwrap()).await;
            assert_eq!(answer.status == StatusCode::OK, works, "{try_name}: {answer:?}");
        }
        console.close().await;
    }
}

#[tokio::test]
async fn sign_out_ends_the_session_and_its_cookie() {
    let console = TestConsole::at(HTTPS).await;
    let answer = console.form(VIEWER, "sign-out", "").await;
    let cookie = answer.cookies().into_iter().find(|c| c.starts_with("__Host-breakwater=;")).unwrap();
    assert!(cookie.contains("Max-Age=0") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(console.call(VIEWER, "board", &json!({})).await.code(), "access.signed_out");
    console.close().await;
}

#[tokio::test]
async fn session_cookie_of_another_length_is_nobody() {
    let console = TestConsole::start().await;
    let good = console.cookie(Role::Administrator).split_once('=').unwrap().1.to_owned();
    let ask = async |value: &str| {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/fn/board")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, format!("breakwater={value}"));
        console.send(request.body("{}".into()).unwrap()).await
    };
    assert_eq!(ask(&good).await.status, StatusCode::OK);
    let flipped = format!("{}{}", &good[..42], if good.ends_with('A') { 'E' } else { 'A' });
    for bad in ["", "x", &good[..42], &format!("{good}A"), &"A".repeat(43), &"A".repeat(4000), &flipped] {
        assert_eq!(ask(bad).await.code(), "access.signed_out", "{bad:?}");
    }
    console.close().await;
}

#[tokio::test]
async fn body_over_the_limit_is_refused_with_a_code() {
    let console = TestConsole::start().await;
    let draft = |bytes: usize| json!({"id": "0193a1b2-0000-7000-8000-00000000abcd", "version": 1, "draft": {"name": "x".repeat(bytes)}});
    let refused = console.call(OPERATOR, "save-draft", &draft(1 << 20)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (413, "request.too_large"));
    assert!(refused.json()["cause"]["zh"].is_string(), "{refused:?}");
    let taken = console.call(OPERATOR, "save-draft", &draft(900_000)).await;
    assert_ne!(taken.status, StatusCode::PAYLOAD_TOO_LARGE, "{taken:?}");
    // Without a length the limit is met on the way.
    let pieces = futures::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 << 10])));
    let request = console
        .request(OPERATOR, Method::POST, "/fn/save-draft")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json");
    let refused = console.send(request.body(Body::from_stream(pieces)).unwrap()).await;
    assert!(refused.status.is_client_error(), "{refused:?}");
    console.close().await;
}

#[tokio::test]
async fn arguments_that_cannot_be_read_are_no_failure_of_the_server() {
    let console = TestConsole::start().await;
    let answer = console.call(OPERATOR, "save-draft", &json!({"id": "nothing"})).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "app.version"), "{answer:?}");
    console.close().await;
}

#[tokio::test]
async fn wrong_password_and_unknown_name_get_the_same_answer() {
    let console = TestConsole::start().await;
    let wrong = console.form(Who::Nobody, "sign-in", "name=Viewer&password=hunter2hunter2").await;
    let unknown = console.form(Who::Nobody, "sign-in", "name=Vjewer&password=hunter2hunter2").await;
    assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (401, "access.wrong_password"));
    // A name that nobody has may be a password in the wrong field: the activity list does not repeat it.
    let typed = "name=s3cret+typed+here&password=hunter2hunter2";
    assert_eq!(console.form(Who::Nobody, "sign-in", typed).await.code(), "access.wrong_password");
    let activity = console.call(VIEWER, "activity", &json!({"filter": {}, "before": null})).await;
    assert!(activity.text.contains("Sign-in as Viewer was refused"), "{activity:?}");
    assert!(activity.text.contains("Sign-in with an unknown name was refused"), "{activity:?}");
    assert!(!activity.text.contains("s3cret") && !activity.text.contains("Vjewer"), "{activity:?}");
    console.close().await;
}

#[tokio::test]
async fn wrong_passwords_slow_down_by_the_address_behind_trusted_proxies_only() {
    let console = TestConsole::start().await;
    for n in 0..6 {
        // A stranger who names another address each time gains nothing: no proxy is trusted.
        let request = console
            .request(Who::Nobody, Method::POST, "/fn/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header("x-forwarded-for", format!("198.51.100.{n}"));
        let answer = console.send(request.body("name=Viewer&password=wrong+password".into()).unwrap()).await;
        let expected = if n < 5 { "access.wrong_password" } else { "access.slowed" };
        assert_eq!(answer.code(), expected, "try {n}");
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_holds_a_secret() {
    let console = TestConsole::start().await;
    let secret = "s3cret-of-a-harbor";
    let draft = console.call(OPERATOR, "create-draft", &json!({})).await.json();
    let id = draft["id"].as_str().unwrap();
    let node = json!({"key": "k1", "name": "a", "address": "http://127.0.0.1:1", "username": "admin"});
    let saved = json!({"id": id, "version": draft["version"], "draft": {"name": "prod", "nodes": [node]}});
    let answer = console.call(OPERATOR, "save-draft", &saved).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let given = json!({"id": id, "node_key": "k1", "secret": secret});
    let answer = console.call(OPERATOR, "set-secret", &given).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let token = console.token(Role::Administrator, 1).await;
    let hidden = [secret, PASSWORD, token.expose_secret(), "$argon2"];
    let mut seen = 0;
    let by_id = json!({"id": id});
    for (name, body) in [
        ("draft", &by_id),
        ("drafts", &json!({})),
        ("open-drafts", &json!({})),
        ("people", &json!({})),
        ("tokens", &json!({})),
        ("sessions", &json!({})),
        ("activity", &json!({"filter": {}, "before": null})),
        ("test-node", &json!({"id": id, "node_key": "k1"})),
    ] {
        let answer = console.call(ADMINISTRATOR, name, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {answer:?}");
        let cookie = console.cookie(Role::Administrator).split_once('=').unwrap().1;
        for hidden in hidden.iter().chain([&cookie]) {
            assert!(!answer.text.contains(hidden), "{name} tells a secret: {answer:?}");
        }
        seen += 1;
    }
    for path in
        [&format!("/clusters/new/{id}/nodes"), "/settings?tab=tokens", "/settings?tab=people", "/activity"]
    {
        let page = console.get(ADMINISTRATOR, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for hidden in hidden {
            assert!(!page.text.contains(hidden), "{path} tells a secret");
        }
        seen += 1;
    }
    assert_eq!(seen, 12, "answers searched");
    console.close().await;
}
