//! A password is tried once, and goes nowhere but to its node.

use harbor::{Credential, HarborError, List};

use crate::server::{Reply, Server, admin, signed_in, systeminfo};

fn anonymous_systeminfo() -> Reply {
    Reply::ok(r#"{"auth_mode":"db_auth","self_registration":false}"#)
}

#[tokio::test]
async fn wrong_password_is_tried_once_by_many_calls_at_once() {
    // As Harbor does: a wrong password is no error where anyone may read.
    let server = Server::start(|_| anonymous_systeminfo()).await;
    let harbor = server.handle(admin());
    let calls = (0..20).map(|_| {
        let harbor = harbor.clone();
        tokio::spawn(async move { harbor.projects(&List::new()).await.unwrap_err() })
    });
    let mut codes = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        codes.push(call.await.unwrap().code());
    }
    codes.sort_unstable();
    assert_eq!(codes.iter().filter(|c| **c == "harbor.unauthorized").count(), 1);
    assert_eq!(codes.iter().filter(|c| **c == "harbor.credential_refused").count(), 19);
    assert_eq!(server.heard().len(), 1);
    assert!(harbor.credential_refused());
}

#[tokio::test]
async fn refused_credential_is_tried_again_only_after_a_new_one_is_set() {
    let server = Server::start(|request| {
        let good = request.header("authorization") == Some("Basic YWRtaW46cmlnaHQ=");
        if good { systeminfo() } else { Reply::Json(401, "{}".to_owned()) }
    })
    .await;
    let harbor = server.handle(admin());
    let clone = harbor.clone();
    assert_eq!(harbor.systeminfo().await.unwrap_err(), HarborError::Unauthorized);
    assert_eq!(clone.systeminfo().await.unwrap_err(), HarborError::CredentialRefused);
    harbor.set_credential(Credential::basic("admin", "right"));
    assert!(clone.systeminfo().await.is_ok());
    assert!(!clone.credential_refused());
}

#[tokio::test]
async fn credential_refused_later_is_remembered_too() {
    let server = Server::start(signed_in(|_| Reply::Json(401, "{}".to_owned()))).await;
    let harbor = server.handle(admin());
    assert_eq!(harbor.registry(1).await.unwrap_err(), HarborError::Unauthorized);
    assert_eq!(harbor.registry(1).await.unwrap_err(), HarborError::CredentialRefused);
    assert_eq!(server.heard_paths(), ["GET /api/v2.0/systeminfo", "GET /api/v2.0/registries/1"]);
}

#[tokio::test]
async fn missing_right_below_v2_leaves_the_credential_alone() {
    let server = Server::start(signed_in(|request| match request.path_only() {
        "/service/token" => Reply::ok(r#"{"token":"abc"}"#),
        _ => Reply::Json(401, r#"{"errors":[{"message":"project p not found"}]}"#.to_owned()),
    }))
    .await;
    let harbor = server.handle(admin());
    let oci = harbor.oci("p/r").await.unwrap();
    assert_eq!(oci.manifest("v1").await.unwrap_err().code(), "harbor.forbidden");
    assert!(!harbor.credential_refused());
}

#[tokio::test]
async fn health_and_ping_never_carry_the_credential() {
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v2.0/ping" => Reply::ok("Pong"),
        _ => Reply::ok(r#"{"status":"healthy","components":[{"name":"core","status":"healthy"}]}"#),
    })
    .await;
    let harbor = server.handle(admin());
    harbor.ping().await.unwrap();
    assert!(harbor.health().await.unwrap().is_healthy());
    assert!(server.heard().iter().all(|r| r.header("authorization").is_none()));
}

#[tokio::test]
async fn cookies_are_never_sent_back() {
    let server = Server::start(|request| {
        let body = if request.path == "/api/v2.0/systeminfo" {
            r#"{"current_time":"2026-11-23T08:11:20Z"}"#
        } else {
            ""
        };
        Reply::With(
            201,
            vec![
                ("set-cookie".to_owned(), "sid=abc; Path=/; HttpOnly".to_owned()),
                ("location".to_owned(), "/api/v2.0/replication/executions/7".to_owned()),
            ],
            body.to_owned(),
        )
    })
    .await;
    let harbor = server.handle(admin());
    assert_eq!(harbor.start_execution(1).await.unwrap(), 7);
    assert_eq!(harbor.start_execution(1).await.unwrap(), 7);
    assert!(server.heard().iter().all(|r| r.header("cookie").is_none()));
}

#[tokio::test]
async fn storage_gets_a_redirected_pull_without_credentials() {
    let blob = "layer bytes";
    let storage = Server::start(move |_| Reply::ok(blob)).await;
    let to = format!("http://localhost:{}/bucket/blob?signature=1", storage.port);
    let server = Server::start(signed_in(move |request| match request.path_only() {
        "/service/token" => Reply::ok(r#"{"token":"abc"}"#),
        _ => Reply::With(307, vec![("location".to_owned(), to.clone())], String::new()),
    }))
    .await;
    let oci = server.handle(admin()).oci("p/r").await.unwrap();
    let bytes = oci.blob(&harbor::oci::digest_of(blob.as_bytes())).await.unwrap();
    assert_eq!(bytes, blob.as_bytes());
    let heard = storage.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].header("authorization").is_none() && heard[0].header("cookie").is_none());
    // Anything but a blob is not followed.
    assert_eq!(oci.manifest("v1").await.unwrap_err().code(), "harbor.redirected");
    assert_eq!(storage.heard().len(), 1);
}

#[tokio::test]
async fn secrets_are_in_no_debug_text_and_no_error() {
    let server = Server::start(|_| Reply::Json(401, "{}".to_owned())).await;
    let credential = Credential::basic("admin", "hunter2hunter2");
    let shown = format!("{credential:?}");
    let harbor = server.handle(credential);
    let error = harbor.systeminfo().await.unwrap_err();
    let new = harbor::api::registries::NewRegistry::harbor(
        "n",
        "https://h",
        "robot$a",
        "hunter2hunter2".to_owned().into(),
    );
    for text in
        [shown, format!("{harbor:?} {error:?} {error}"), format!("{new:?}"), harbor::masked(&new).to_string()]
    {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
