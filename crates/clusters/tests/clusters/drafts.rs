//! Drafts and the "Test" buttons: nothing typed is lost, and each bad address gets a clear message.

use std::sync::{Arc, Mutex};

use harbor_sim::{Component, Fault, SimConfig, TlsMode};
use model::{
    Topology,
    draft::{Draft, DraftNode},
    spec::TlsChoice,
};

use crate::rig::{PASSWORD, Rig};

#[tokio::test]
async fn a_save_against_an_older_version_is_refused_and_loses_nothing() {
    let rig = Rig::start(SimConfig::independent(1, "2.15.2")).await;
    let made = rig.clusters.create_draft("lw").await.unwrap();
    let first = Draft { name: "first".into(), ..Draft::default() };
    let saved = rig.clusters.save_draft(&made.id, made.version, first).await.unwrap();
    let late = Draft { name: "late".into(), ..Draft::default() };
    let refused = rig.clusters.save_draft(&made.id, made.version, late).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("store.conflict", 409));
    assert_eq!(rig.clusters.draft(&made.id).await.unwrap().draft.name, "first");
    assert_eq!(saved.version, made.version + 1);
    // A page that goes says again what it had on its way, whichever of the two comes first.
    let again = Draft { name: "first".into(), ..Draft::default() };
    let answer = rig.clusters.save_draft(&made.id, made.version, again).await.unwrap();
    assert_eq!((answer.version, answer.draft.name.as_str()), (saved.version, "first"));
    rig.clusters.discard_draft(&made.id).await.unwrap();
    assert_eq!(rig.clusters.draft(&made.id).await.unwrap_err().status, 404);
}

#[tokio::test]
async fn a_secret_is_never_sent_back() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let view = rig.clusters.draft(&id).await.unwrap();
    assert!(view.draft.nodes.iter().all(|n| n.has_secret));
    assert!(!serde_json::to_string(&view).unwrap().contains(PASSWORD));
    assert!(!format!("{view:?}").contains(PASSWORD));
}

#[tokio::test]
async fn answers_are_forgotten_when_what_they_were_about_changes() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    rig.check(&id).await;
    rig.clusters.plan(&id, "lw").await.unwrap();
    let mut view = rig.clusters.draft(&id).await.unwrap();
    assert!(view.plan.is_some());
    // The rules' wishes make the plan stale, not the answers.
    view.draft.replication.at_once = true;
    let view = rig.clusters.save_draft(&id, view.version, view.draft).await.unwrap();
    assert!(view.plan.is_none());
    assert!(view.findings.iter().all(|f| f.at_ms > 0));
    let mut draft = view.draft;
    draft.nodes[1].address = "http://elsewhere.test".into();
    let view = rig.clusters.save_draft(&id, view.version, draft).await.unwrap();
    assert!(view.findings.iter().all(|f| f.at_ms == 0));
    assert_eq!(rig.clusters.apply(&id, "lw").await.unwrap_err().code, "plan.stale");
}

#[tokio::test]
async fn a_good_node_shows_everything_at_once() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let test = rig.clusters.test_node(&id, "k0").await.unwrap();
    assert_eq!(test.problem, None);
    assert_eq!(test.version.as_deref(), Some("2.15.2"));
    assert_eq!(test.who.as_ref().unwrap().en, "admin (administrator)");
    assert!(test.rights_ok && test.latency_ms.is_some());
    assert!(test.clock_offset_ms.unwrap().abs() < 5_000);
    let kept = rig.clusters.draft(&id).await.unwrap();
    assert_eq!(kept.tests, [Some(test), None]);
}

/// One bad address: what to break, and the code of the message.
async fn problem(rig: &Rig, edit: impl FnOnce(&mut DraftNode), secret: &str) -> String {
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    edit(&mut typed.nodes[0]);
    let id = rig.draft_of(typed).await;
    rig.clusters.set_secret(&id, "k0", secret.to_owned().into()).await.unwrap();
    let test = rig.clusters.test_node(&id, "k0").await.unwrap();
    let problem = test.problem.expect("a problem");
    assert!(!problem.cause.en.is_empty() && !problem.cause.zh.is_empty(), "{problem:?}");
    assert!(!problem.next.en.is_empty() && !problem.next.zh.is_empty(), "{problem:?}");
    assert!(!format!("{problem:?}").contains("s3cret"), "{problem:?}");
    problem.code
}

#[tokio::test]
async fn each_bad_address_gets_its_own_message() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let at = |address: &'static str| move |n: &mut DraftNode| n.address = address.to_owned();
    assert_eq!(problem(&rig, at(""), PASSWORD).await, "address.empty");
    assert_eq!(problem(&rig, at("http://u:s3cret@x.test"), PASSWORD).await, "address.credentials");
    assert_eq!(problem(&rig, at("http://no-such-host.invalid"), PASSWORD).await, "harbor.dns");
    assert_eq!(problem(&rig, at("http://127.0.0.1:1"), PASSWORD).await, "harbor.refused");
    assert_eq!(problem(&rig, |_| (), "s3cret").await, "harbor.unauthorized");
    let https = rig.node(0).url().replace("http://", "https://");
    assert_eq!(problem(&rig, move |n| n.address = https, PASSWORD).await, "harbor.plain_http");
    assert_eq!(problem(&rig, |n| n.username = String::new(), PASSWORD).await, "harbor.unauthorized");
}

#[tokio::test]
async fn each_bad_answer_gets_its_own_message() {
    for (fault, codes) in [
        (Fault::Html, &["harbor.login_proxy", "harbor.not_harbor"][..]),
        (Fault::CutJson, &["harbor.cut", "harbor.garbled"]),
        (Fault::EndlessBody, &["harbor.body_too_large"]),
        (Fault::Status500, &["harbor.server_error"]),
        (Fault::BadGateway, &["harbor.server_error"]),
        (Fault::Drop, &["harbor.cut", "harbor.unreachable"]),
    ] {
        let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
        rig.node(0).fault(fault.clone()).await;
        let code = problem(&rig, |_| (), PASSWORD).await;
        assert!(codes.contains(&code.as_str()), "{fault:?}: {code}");
    }
}

#[tokio::test]
async fn a_node_that_hangs_is_given_up() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    rig.node(0).fault(Fault::Hang).await;
    assert_eq!(problem(&rig, |_| (), PASSWORD).await, "harbor.timeout");
    rig.node(0).heal().await;
    rig.node(0).fault(Fault::Frozen(Component::Redis)).await;
    assert_eq!(problem(&rig, |_| (), PASSWORD).await, "harbor.timeout");
}

#[tokio::test]
async fn certificates_are_shown_even_where_they_are_refused() {
    let mut config = SimConfig::independent(2, "2.15.2");
    config.nodes[0].tls = Some(TlsMode::SelfSigned);
    config.nodes[1].tls = Some(TlsMode::WrongHost);
    let rig = Rig::start(config).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    let unknown = rig.clusters.test_node(&id, "k0").await.unwrap();
    assert_eq!(unknown.problem.as_ref().unwrap().code, "harbor.tls_unknown_issuer");
    let seen = unknown.tls.unwrap();
    assert!(!seen.trusted);

    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.nodes[0].tls = TlsChoice::Pinned { sha256: seen.sha256 };
    typed.nodes[1].tls = TlsChoice::CustomCa { pem: rig.node(1).ca_pem().unwrap() };
    let id = rig.draft_of(typed).await;
    let pinned = rig.clusters.test_node(&id, "k0").await.unwrap();
    assert_eq!(pinned.problem, None);
    assert!(pinned.tls.unwrap().trusted);
    let wrong = rig.clusters.test_node(&id, "k1").await.unwrap();
    assert_eq!(wrong.problem.unwrap().code, "harbor.tls_wrong_host");
}

/// Something that speaks HTTP and is no Harbor: what the console's own address answers to a Harbor's paths.
async fn another_site() -> (String, Arc<Mutex<String>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(String::new()));
    let hears = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let hears = Arc::clone(&hears);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..length]).to_lowercase();
                hears.lock().unwrap().push_str(&text);
                let page = "<!doctype html><title>Breakwater</title>";
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
                let answer = format!("{head}content-length: {}\r\n\r\n{page}", page.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (format!("http://{address}"), heard)
}

#[tokio::test]
async fn what_is_no_harbor_is_told_before_a_password_is_sent() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let (site, heard) = another_site().await;
    let code = problem(&rig, move |n| n.address = site, PASSWORD).await;
    assert!(["harbor.not_harbor", "harbor.login_proxy"].contains(&code.as_str()), "{code}");
    let heard = heard.lock().unwrap().clone();
    assert!(heard.contains("get /api/version") && !heard.contains("authorization"), "{heard}");
}

#[tokio::test]
async fn an_old_harbor_is_told_what_to_do() {
    let mut config = SimConfig::independent(2, "2.15.2");
    config.nodes[0].version = "2.7.4".into();
    let rig = Rig::start(config).await;
    assert_eq!(problem(&rig, |_| (), PASSWORD).await, "harbor.too_old");
}

#[tokio::test]
async fn the_entry_is_tested_too() {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let mut typed = rig.typed(Topology::DualMaster, &["a", "b"]);
    typed.entry = rig.node(1).url();
    let id = rig.draft_of(typed).await;
    let test = rig.clusters.test_entry(&id).await.unwrap();
    assert_eq!(test.problem, None);
    assert!(test.rights.unwrap().en.contains("/service/token"));
    rig.node(1).fault(Fault::Refuse).await;
    assert_eq!(rig.clusters.test_entry(&id).await.unwrap().problem.unwrap().code, "harbor.refused");
}

#[tokio::test]
async fn what_is_no_cluster_yet_is_refused_with_its_field() {
    let rig = Rig::start(SimConfig::independent(1, "2.15.2")).await;
    let mut typed = rig.typed(Topology::DualMaster, &["a"]);
    typed.nodes.push(typed.nodes[0].clone());
    typed.nodes[1].key = "k1".into();
    let id = rig.draft_of(typed).await;
    let refused = rig.clusters.run_checks(&id, None).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("nodes[1].name"));
}

#[tokio::test]
async fn fifty_nodes_are_checked() {
    let rig = Rig::start(SimConfig::independent(50, "2.15.2")).await;
    let names: Vec<String> = (0..50).map(|n| format!("n{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let id = rig.draft(Topology::OneToMany, &names).await;
    let view = rig.check(&id).await;
    assert!(view.findings.iter().all(|f| !f.blocks()));
    let plan = rig.clusters.plan(&id, "lw").await.unwrap();
    assert_eq!(plan.rules.len(), 49);
}
