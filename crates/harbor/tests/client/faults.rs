//! Every way a call can fail gets its own name.

use std::time::{Duration, Instant};

use harbor::{Credential, Harbor, TlsChoice};
use tokio_util::sync::CancellationToken;

use crate::server::{Reply, Server, handle, signed_in};

const NOBODY: Credential = Credential::Anonymous;

async fn health_code(harbor: &Harbor) -> &'static str {
    harbor.health().await.map_or_else(|e| e.code(), |_| "ok")
}

async fn code_of(reply: Reply) -> &'static str {
    let server = Server::start(move |_| reply.clone()).await;
    health_code(&server.handle(NOBODY)).await
}

#[tokio::test]
async fn call_to_an_unknown_name_is_dns() {
    let harbor = handle("http://no-such-host.invalid", &TlsChoice::System, NOBODY);
    assert_eq!(health_code(&harbor).await, "harbor.dns");
}

#[tokio::test]
async fn call_to_a_closed_port_is_refused() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let harbor = handle(&format!("http://127.0.0.1:{port}"), &TlsChoice::System, NOBODY);
    assert_eq!(health_code(&harbor).await, "harbor.refused");
}

#[tokio::test]
async fn call_to_a_node_that_hangs_ends_at_its_limit() {
    let server = Server::start(|_| Reply::Hang).await;
    let started = Instant::now();
    assert_eq!(
        health_code(&server.handle(NOBODY).within(Duration::from_millis(150))).await,
        "harbor.timeout"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn call_ends_when_its_token_is_cancelled() {
    let server = Server::start(|_| Reply::Hang).await;
    let token = CancellationToken::new();
    let harbor = server.handle(NOBODY).cancelled_by(token.clone());
    let call = tokio::spawn(async move { health_code(&harbor).await });
    while server.heard().is_empty() {
        tokio::task::yield_now().await;
    }
    token.cancel();
    assert_eq!(call.await.unwrap(), "harbor.cancelled");
}

#[tokio::test]
async fn answers_that_are_no_harbors_are_named() {
    let login = "<!DOCTYPE html><form action=/login><input type=\"password\"></form>";
    for (reply, code) in [
        (Reply::Html(200, login.to_owned()), "harbor.login_proxy"),
        (Reply::Html(200, "<html><h1>It works!</h1></html>".to_owned()), "harbor.not_harbor"),
        (Reply::Html(404, "<html>404</html>".to_owned()), "harbor.not_harbor"),
        (Reply::Html(502, "<html>Bad Gateway</html>".to_owned()), "harbor.server_error"),
        (
            Reply::Json(
                500,
                r#"{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}"#.to_owned(),
            ),
            "harbor.server_error",
        ),
        (Reply::ok("hello"), "harbor.not_harbor"),
        (Reply::ok(r#"{"status":"healthy","components":[{"name":"co"#), "harbor.cut"),
        (Reply::ok(r#"{"status":7}"#), "harbor.garbled"),
        (Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":".to_vec()), "harbor.cut"),
        (Reply::Raw(Vec::new()), "harbor.cut"),
        (Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "harbor.cut"),
        (Reply::Html(400, "The plain HTTP request was sent to HTTPS port".to_owned()), "harbor.needs_https"),
    ] {
        let shown = format!("{reply:?}");
        assert_eq!(code_of(reply).await, code, "{shown}");
    }
}

#[tokio::test]
async fn redirects_are_judged_and_never_followed() {
    let elsewhere = Server::start(|_| Reply::ok("{}")).await;
    for (location, code) in [
        (format!("http://localhost:{}/api/v2.0/health", elsewhere.port), "harbor.redirected"),
        ("https://127.0.0.1/api/v2.0/health".to_owned(), "harbor.needs_https"),
        ("/oauth2/start?rd=x".to_owned(), "harbor.login_proxy"),
    ] {
        let reply = Reply::With(302, vec![("location".to_owned(), location.clone())], String::new());
        assert_eq!(code_of(reply).await, code, "{location}");
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn endless_body_is_left_at_the_limit() {
    let server = Server::start(|_| Reply::Endless).await;
    let started = Instant::now();
    let harbor = server.handle(NOBODY).up_to(1 << 20);
    assert_eq!(health_code(&harbor).await, "harbor.body_too_large");
    assert!(started.elapsed() < Duration::from_secs(5), "reading stopped long before ten gigabytes");
}

#[tokio::test]
async fn read_is_tried_again_and_a_write_is_not() {
    let server = Server::start(signed_in(|_| Reply::Html(503, String::new()))).await;
    let harbor = server.handle(crate::server::admin());
    assert_eq!(harbor.registry(1).await.unwrap_err().code(), "harbor.server_error");
    let reads = server.heard().len();
    assert_eq!(reads, 4, "one proof of the login and three tries");
    assert_eq!(harbor.delete_registry(1).await.unwrap_err().code(), "harbor.server_error");
    assert_eq!(server.heard().len(), reads + 1);
}

#[tokio::test]
async fn health_is_asked_once_even_if_it_fails() {
    let server = Server::start(|_| Reply::Html(503, String::new())).await;
    assert_eq!(health_code(&server.handle(NOBODY)).await, "harbor.server_error");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn identify_names_a_1x_harbor() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/systeminfo" => Reply::ok(r#"{"harbor_version":"v1.10.19-abc"}"#),
        _ => Reply::Html(404, "<html>".to_owned()),
    })
    .await;
    let error = server.handle(crate::server::admin()).identify().await.unwrap_err();
    assert_eq!(error.code(), "harbor.too_old");
    assert!(server.heard().iter().all(|r| r.header("authorization").is_none()), "no password for a stranger");
}

#[tokio::test]
async fn identify_names_a_2_5_harbor() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/version" => Reply::ok(r#"{"version":"v2.0"}"#),
        _ => Reply::ok(r#"{"harbor_version":"v2.5.0-abc","current_time":"2026-11-23T08:11:20.758Z"}"#),
    })
    .await;
    assert_eq!(server.handle(crate::server::admin()).identify().await.unwrap_err().code(), "harbor.too_old");
}

#[tokio::test]
async fn identify_of_something_else_says_so() {
    let server = Server::start(|_| Reply::Html(404, "<html>nginx</html>".to_owned())).await;
    assert_eq!(server.handle(NOBODY).identify().await.unwrap_err().code(), "harbor.not_harbor");
}

#[tokio::test]
async fn outbound_proxy_carries_every_call() {
    let proxy = Server::start(|_| Reply::ok("{}")).await;
    let outside = harbor::Outside::new(Some(&format!("http://127.0.0.1:{}", proxy.port)), &[]).unwrap();
    let address = "http://no-such-host.invalid".parse().unwrap();
    let harbor = Harbor::new(&outside, address, &TlsChoice::System, NOBODY).unwrap();
    harbor.health().await.unwrap();
    assert_eq!(proxy.heard_paths(), ["GET http://no-such-host.invalid/api/v2.0/health"]);
}

#[tokio::test]
async fn every_call_names_itself_to_the_node() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let harbor = server.handle(NOBODY);
    for _ in 0..2 {
        harbor.health().await.unwrap();
    }
    let ids: Vec<_> = server.heard().iter().map(|r| r.header("x-request-id").unwrap().to_owned()).collect();
    assert_ne!(ids[0], ids[1]);
    assert!(server.heard()[0].header("user-agent").unwrap().starts_with("breakwater/"));
}
