//! Pages as they are rendered: the policy, the language, and what a person reads when there is no page.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, StatusCode, header};
use model::{AppError, Say, people::Role};

use super::console::{ADMINISTRATOR, Answer, PATIENCE, TestConsole, Who, config};
use crate::{cli::serve::site, router::router};

/// Every page that needs nothing to be there.
const PAGES: [(&str, Who); 9] = [
    ("/", ADMINISTRATOR),
    ("/clusters", ADMINISTRATOR),
    ("/clusters/new", ADMINISTRATOR),
    ("/runs", ADMINISTRATOR),
    ("/drift", ADMINISTRATOR),
    ("/activity", ADMINISTRATOR),
    ("/settings", ADMINISTRATOR),
    ("/nothing", ADMINISTRATOR),
    ("/sign-in", Who::Nobody),
];

fn nonce(page: &Answer) -> String {
    let policy = page.header("content-security-policy");
    let (_, rest) = policy.split_once("'nonce-").unwrap_or_else(|| panic!("no nonce: {policy}"));
    rest.split('\'').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_is_drawn_while_other_consoles_start_in_the_same_process() {
    let console = TestConsole::start().await;
    let state = console.state.clone();
    let others = tokio::task::spawn_blocking(move || (0..200).for_each(|_| drop(router(state.clone()))));
    let mut drawn = 0;
    while !others.is_finished() {
        let page = tokio::time::timeout(PATIENCE, console.get(ADMINISTRATOR, "/settings?tab=sessions")).await;
        assert_eq!(page.expect("it is drawn").status, StatusCode::OK);
        drawn += 1;
    }
    others.await.unwrap();
    assert!(drawn > 0);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_runs_no_script_without_its_nonce() {
    let console = TestConsole::start().await;
    let mut nonces = BTreeSet::new();
    for (path, who) in PAGES {
        let page = console.get(who, path).await;
        let expected = if path == "/nothing" { StatusCode::NOT_FOUND } else { StatusCode::OK };
        assert_eq!(page.status, expected, "{path}");
        let nonce = nonce(&page);
        assert!(nonce.len() >= 22, "{path}: {nonce}");
        assert!(nonces.insert(nonce.clone()), "{path}: a nonce came back");
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|p| p == part), "{path}: {part} is not in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let mut scripts = 0;
        for tag in page.text.split("<script").skip(1) {
            let (attributes, _) = tag.split_once('>').unwrap();
            assert!(attributes.contains(&format!("nonce=\"{nonce}\"")), "{path}: <script{attributes}>");
            scripts += 1;
        }
        assert!(scripts > 0, "{path} starts no WebAssembly");
        for tag in page.text.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            assert!(!tag.starts_with("style"), "{path}: inline style");
            for attribute in [" style=", " onclick=", " onload=", " onerror=", "javascript:"] {
                assert!(!tag.contains(attribute), "{path}: <{tag}>");
            }
        }
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_is_in_the_language_of_the_cookie_then_of_the_browser() {
    let console = TestConsole::start().await;
    let title = async |cookie: &str, accepted: &str| {
        let request = console
            .request(Who::Nobody, Method::GET, "/sign-in")
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT_LANGUAGE, accepted);
        let page = console.send(request.body(Body::empty()).unwrap()).await;
        if page.text.contains("<html lang=\"zh-CN\"") { "zh" } else { "en" }
    };
    assert_eq!(title("", "zh-CN,zh;q=0.9").await, "zh");
    assert_eq!(title("locale=en", "zh-CN").await, "en");
    assert_eq!(title("locale=zh-CN", "en").await, "zh");
    assert_eq!(title("locale=xx", "fr").await, "en");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn name_with_markup_is_inert() {
    let console = TestConsole::start().await;
    let name = "<img src=x onerror=alert(1)>";
    let administrator = console.person(Role::Administrator).clone();
    let access = console.open.services.access.clone();
    access.issue_token(&administrator, name, Role::Viewer, 1).await.unwrap();
    for path in ["/settings?tab=tokens", "/settings?tab=people", "/activity"] {
        let page = console.get(ADMINISTRATOR, path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("<img src=x"), "{path}: {}", page.text);
    }
    let page = console.get(ADMINISTRATOR, "/settings?tab=tokens").await;
    assert!(page.text.contains("&lt;img src=x"), "{}", page.text);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_form_is_sent_back_with_its_error_and_without_its_secrets() {
    let console = TestConsole::start().await;
    let form = "name=Somebody&password=hunter2hunter2&next=%2Fruns";
    let request = console
        .request(Who::Nobody, Method::POST, "/fn/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .body(form.into());
    let answer = console.send(request.unwrap()).await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    let to = answer.header("location").to_owned();
    assert!(to.starts_with("/sign-in?"), "{to}");
    assert!(!to.contains("hunter2") && !to.contains("Somebody") && !answer.text.contains("hunter2"), "{to}");
    let page = console.get(Who::Nobody, &to).await;
    assert!(page.text.contains("Name or password is wrong."), "{}", page.text);

    let form = format!("name=Viewer&password={}&next=%2Fruns", "a+hill+of+beans");
    let request = console
        .request(Who::Nobody, Method::POST, "/fn/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .body(form.into());
    let answer = console.send(request.unwrap()).await;
    assert_eq!(answer.header("location"), "/runs", "{answer:?}");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_in_place_of_a_page_has_its_language_look_and_no_script() {
    let console = TestConsole::start().await;
    let request = console
        .request(Who::Nobody, Method::GET, "/fn/sign-in")
        .header(header::COOKIE, "locale=zh-CN; theme=night")
        .header(header::ACCEPT, "text/html");
    let page = console.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    for part in ["lang=\"zh-CN\" data-theme=\"night\"", "/pkg/breakwater.abc.css", "该路径不支持此方法。"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("<script"), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("style-src 'self'") && !policy.contains("script-src"), "{policy}");
    console.close().await;
}

#[test]
fn refusal_in_place_of_a_page_is_inert() {
    let dir = tempfile::tempdir().unwrap();
    let options = site(&config(dir.path()).site).unwrap();
    let (asker, ()) = http::Request::new(()).into_parts();
    let error = AppError::new("a.b", 500, Say::same("<b>&"), Say::same("<i>"));
    let page = app::refused(options, asker, &error);
    assert!(page.contains("&lt;b&gt;&amp;") && page.contains("&lt;i&gt;"), "{page}");
    assert!(!page.contains("<b>") && !page.contains("<i>"), "{page}");
}
