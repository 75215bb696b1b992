//! REST: its document, its errors, its tokens.

use http::{Method, Request, StatusCode, header};
use model::people::Role;
use secrecy::{ExposeSecret, SecretString};
use store::testing::for_each_db;

use super::console::{Answer, TestConsole, Who};

const ID: &str = "0193a1b2-0000-7000-8000-00000000abcd";

#[test]
fn document_stays_as_it_is() {
    let document = crate::rest::document();
    insta::assert_json_snapshot!(document);
}

#[test]
fn document_names_each_call_once() {
    let document = serde_json::to_value(crate::rest::document()).unwrap();
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let name = call["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name), "{method} {path} has a name that another call has");
            for (status, response) in call["responses"].as_object().unwrap() {
                let is_problem = response["content"]["application/problem+json"].is_object();
                assert_eq!(is_problem, !status.starts_with('2'), "{method} {path} {status}");
            }
        }
    }
}

#[tokio::test]
async fn document_is_served_to_anybody() {
    let console = TestConsole::start().await;
    let answer = console.get(Who::Nobody, "/api/v1/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/api/v1");
    assert_eq!(document, serde_json::to_value(crate::rest::document()).unwrap());
    console.close().await;
}

/// A request with a token and these headers.
async fn ask(
    console: &TestConsole,
    token: &SecretString,
    method: Method,
    path: &str,
    lang: &str,
    body: &str,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT_LANGUAGE, lang);
    console.send(request.body(body.to_owned().into()).unwrap()).await
}

#[tokio::test]
async fn problem_has_a_stable_code_and_speaks_the_language_asked_for() {
    let console = TestConsole::start().await;
    let token = console.token(Role::Operator, 1).await;
    let large = format!("\"{}\"", "x".repeat(2 << 20));
    let get = Method::GET;
    let post = Method::POST;
    let cases = [
        (get.clone(), format!("/clusters/{ID}"), "", 404, "store.not_found"),
        (get.clone(), "/clusters/nothing".into(), "", 404, "request.id"),
        (get.clone(), "/clutsers".into(), "", 404, "request.unknown_path"),
        (Method::PUT, "/health".into(), "", 405, "request.method"),
        (post.clone(), "/plans".into(), "{", 400, "request.malformed"),
        (post.clone(), "/plans".into(), "{}", 422, "request.malformed"),
        (post.clone(), "/plans".into(), &large, 413, "request.too_large"),
        (Method::DELETE, format!("/clusters/{ID}?tkae_back=true"), "", 400, "request.malformed"),
    ];
    for (method, path, body, status, code) in cases {
        let english = ask(&console, &token, method.clone(), &path, "fr, en;q=0.5", body).await;
        let chinese = ask(&console, &token, method.clone(), &path, "zh-CN,zh;q=0.9,en;q=0.8", body).await;
        for answer in [&english, &chinese] {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{answer:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
            let problem = answer.json();
            assert_eq!(problem["status"], status);
            assert_eq!(problem["type"], format!("urn:breakwater:error:{code}"));
        }
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for part in ["title", "detail"] {
            assert!(!is_chinese(english.json()[part].as_str().unwrap()), "{english:?}");
            assert!(is_chinese(chinese.json()[part].as_str().unwrap()), "{chinese:?}");
        }
    }
    let refused = ask(&console, &token, Method::PUT, "/health", "en", "").await;
    assert_eq!(refused.header("allow"), "GET,HEAD");
    console.close().await;
}

#[tokio::test]
async fn malformed_request_is_named_without_repeating_it() {
    let console = TestConsole::start().await;
    let token = console.token(Role::Operator, 1).await;
    let body =
        r#"{"cluster":{"name":"p","topology":"dual-master","nodes":[]},"credentials":{"a":"hunter2"}}"#;
    let answer = ask(&console, &token, Method::POST, "/plans", "en", body).await;
    assert_eq!(answer.code(), "request.malformed");
    assert!(answer.text.contains("credentials.a"), "{answer:?}");
    assert!(!answer.text.contains("hunter2"), "{answer:?}");
    console.close().await;
}

#[tokio::test]
async fn token_ends_by_its_time_by_revocation_and_with_its_owner() {
    for_each_db(async |db| {
        let dir = tempfile::tempdir().unwrap();
        let console = TestConsole::over(db.store.clone(), dir, "").await;
        let access = &console.open.services.access;
        let works = async |token: &SecretString| {
            let answer = console.rest(token, Method::GET, "/clusters", "").await;
            match answer.status {
                StatusCode::OK => true,
                StatusCode::UNAUTHORIZED => {
                    assert_eq!(answer.code(), "access.signed_out");
                    assert_eq!(answer.header("www-authenticate"), "Bearer");
                    false
                }
                _ => panic!("{answer:?}"),
            }
        };
        let (short, long) = (console.token(Role::Operator, 1).await, console.token(Role::Operator, 90).await);
        assert!(works(&short).await && works(&long).await);
        db.advance(24 * 3_600_000 - 1);
        assert!(works(&short).await);
        db.advance(1);
        assert!(!works(&short).await && works(&long).await);

        let operator = console.person(Role::Operator);
        let administrator = console.person(Role::Administrator);
        let id = access.issue_token(operator, "another", Role::Viewer, 9).await.unwrap();
        assert!(works(&id.secret).await);
        access.revoke_token(administrator, &id.id).await.unwrap();
        assert!(!works(&id.secret).await && works(&long).await);

        access.set_disabled(administrator, &operator.user.id, true).await.unwrap();
        assert!(!works(&long).await);
        access.set_disabled(administrator, &operator.user.id, false).await.unwrap();
        assert!(works(&long).await);
        access.remove_person(administrator, &operator.user.id).await.unwrap();
        assert!(!works(&long).await);
        assert!(!works(&SecretString::from("bw_nothing")).await);
        console.close().await;
    })
    .await;
}

#[tokio::test]
async fn token_has_its_own_role_and_is_judged_without_the_session_beside_it() {
    let mut console = TestConsole::start().await;
    let access = console.open.services.access.clone();
    let operator = console.person(Role::Operator).clone();
    let token = access.issue_token(&operator, "looks", Role::Viewer, 1).await.unwrap().secret;
    let post = async |console: &TestConsole, token: &str| {
        let request = console
            .request(Who::Signed(Role::Operator), Method::POST, &format!("/api/v1/runs/{ID}/cancel"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        console.send(request.body("".into()).unwrap()).await
    };
    // The browser's session may; the token decides.
    assert_eq!(post(&console, token.expose_secret()).await.code(), "access.forbidden");
    assert_eq!(post(&console, "bw_wrong").await.code(), "access.signed_out");
    // A token never has more rights than its owner has now.
    let full = access.issue_token(&operator, "works", Role::Operator, 1).await.unwrap().secret;
    assert_eq!(post(&console, full.expose_secret()).await.code(), "store.not_found");
    let administrator = console.person(Role::Administrator).clone();
    access.set_role(&administrator, &operator.user.id, Role::Viewer).await.unwrap();
    console.sign_in(Role::Operator).await;
    assert_eq!(post(&console, full.expose_secret()).await.code(), "access.forbidden");
    console.close().await;
}
