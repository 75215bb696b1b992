//! Every fault does what it says, over the wire, and ends when it is taken away.

use std::time::{Duration, Instant};

use harbor_sim::{Component, Fault, Sim, SimConfig, TlsMode};
use reqwest::Method;
use serde_json::json;

use crate::client::Client;

async fn one() -> (Sim, Client) {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let client = Client::anonymous(&sim.node(0));
    (sim, client)
}

async fn ask(client: &Client, path: &str) -> Result<(u16, String), reqwest::Error> {
    let url = format!("{}{path}", client.base);
    let answer = client.http.get(url).timeout(Duration::from_millis(1500)).send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await?))
}

const HEALTH: &str = "/api/v2.0/health";

#[tokio::test]
async fn refuse_closes_the_listener_and_opens_it_again() {
    let (sim, client) = one().await;
    ask(&client, HEALTH).await.unwrap();
    sim.node(0).fault(Fault::Refuse).await;
    assert!(ask(&client, HEALTH).await.unwrap_err().is_connect());
    sim.node(0).heal().await;
    assert_eq!(ask(&client, HEALTH).await.unwrap().0, 200);
}

#[tokio::test]
async fn drop_hang_slow_and_endless_spoil_the_answer() {
    let (sim, client) = one().await;
    let node = sim.node(0);
    node.fault(Fault::Drop).await;
    assert!(!ask(&client, HEALTH).await.unwrap_err().is_timeout());
    node.heal().await;
    node.fault(Fault::Hang).await;
    assert!(ask(&client, HEALTH).await.unwrap_err().is_timeout());
    node.heal().await;
    node.fault(Fault::EndlessBody).await;
    assert!(ask(&client, HEALTH).await.unwrap_err().is_timeout());
    node.heal().await;
    node.fault(Fault::Slow(Duration::from_millis(200))).await;
    let begun = Instant::now();
    assert_eq!(ask(&client, HEALTH).await.unwrap().0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn status_html_and_cut_json_answer_wrongly() {
    let (sim, client) = one().await;
    let node = sim.node(0);
    node.fault(Fault::Status500).await;
    let got = ask(&client, HEALTH).await.unwrap();
    assert_eq!(got.0, 500);
    assert!(got.1.contains("internal server error"));
    node.heal().await;
    node.fault(Fault::Html).await;
    let got = ask(&client, HEALTH).await.unwrap();
    assert!(got.0 == 200 && got.1.starts_with("<!doctype html>"));
    node.heal().await;
    node.fault(Fault::CutJson).await;
    assert!(ask(&client, HEALTH).await.is_err());
    node.heal().await;
    assert_eq!(ask(&client, HEALTH).await.unwrap().0, 200);
}

#[tokio::test]
async fn clock_offset_shows_in_systeminfo() {
    let (sim, _) = one().await;
    sim.node(0).fault(Fault::ClockOffset(-3600)).await;
    let info = Client::admin(&sim.node(0)).get("/systeminfo").await.json();
    let expected = harbor_sim::rfc3339(sim.clock().now() - 3_600_000);
    assert_eq!(info["current_time"].as_str().unwrap()[..16], expected[..16]);
}

#[tokio::test]
async fn read_only_refuses_writes_and_says_so() {
    let (sim, _) = one().await;
    let admin = Client::admin(&sim.node(0));
    sim.node(0).fault(Fault::ReadOnly).await;
    let got = admin.post("/projects", json!({"project_name": "x"})).await;
    let text = "The system is in read only mode. Any modification is prohibited.";
    assert_eq!((got.status, got.message().as_str()), (403, text));
    assert_eq!(admin.get("/systeminfo").await.json()["read_only"], true);
    sim.node(0).heal().await;
    assert_eq!(admin.post("/projects", json!({"project_name": "x"})).await.status, 201);
}

#[tokio::test]
async fn health_is_200_with_a_sick_body_for_every_part() {
    let (sim, client) = one().await;
    let node = sim.node(0);
    for part in Component::ALL.into_iter().filter(|p| *p != Component::Core) {
        node.fault(Fault::Sick(part)).await;
        let got = client.get("/health").await;
        let body = got.json();
        assert_eq!((got.status, body["status"].as_str()), (200, Some("unhealthy")));
        let row = body["components"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["name"] == part.name())
            .cloned()
            .unwrap();
        assert_eq!(row["status"], "unhealthy", "{part:?}");
        assert_eq!(client.get("/ping").await.status, 200, "{part:?}");
        node.heal().await;
        assert_eq!(client.get("/health").await.json()["status"], "healthy");
    }
    node.fault(Fault::Sick(Component::Core)).await;
    assert_eq!(client.get("/health").await.status, 502);
}

#[tokio::test]
async fn redis_takes_the_job_service_with_it_and_the_database_the_api() {
    let (sim, client) = one().await;
    sim.node(0).fault(Fault::Sick(Component::Redis)).await;
    let body = client.get("/health").await.json();
    let sick: Vec<_> =
        body["components"].as_array().unwrap().iter().filter(|c| c["status"] != "healthy").collect();
    let names: Vec<_> = sick.iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["jobservice", "redis"]);
    sim.node(0).heal().await;
    sim.node(0).fault(Fault::Sick(Component::Database)).await;
    assert_eq!(Client::admin(&sim.node(0)).get("/projects").await.status, 500);
}

#[tokio::test]
async fn frozen_parts_make_the_probes_hang() {
    let (sim, client) = one().await;
    let node = sim.node(0);
    node.fault(Fault::Frozen(Component::Database)).await;
    assert_eq!(ask(&client, "/api/v2.0/ping").await.unwrap().0, 200);
    assert!(ask(&client, HEALTH).await.unwrap_err().is_timeout());
    node.heal().await;
    node.fault(Fault::Frozen(Component::Redis)).await;
    assert!(ask(&client, "/api/v2.0/ping").await.unwrap_err().is_timeout());
    node.heal().await;
    assert_eq!(ask(&client, HEALTH).await.unwrap().0, 200);
}

#[tokio::test]
async fn faults_are_read_from_the_words_of_the_control_port() {
    for (text, fault) in [
        ("refuse", Fault::Refuse),
        ("slow:200", Fault::Slow(Duration::from_millis(200))),
        ("clock:-3600", Fault::ClockOffset(-3600)),
        ("certificate:expired", Fault::Certificate(TlsMode::Expired)),
        ("sick:redis", Fault::Sick(Component::Redis)),
    ] {
        assert_eq!(text.parse::<Fault>().unwrap(), fault);
    }
    assert!("nonsense".parse::<Fault>().is_err());
}

#[tokio::test]
async fn control_port_lists_breaks_heals_and_fills() {
    let sim = std::sync::Arc::new(Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(harbor_sim::control::serve(std::sync::Arc::clone(&sim), listener));
    let control = Client { base, ..Client::anonymous(&sim.node(0)) };
    let call = async |method: Method, path: &str| control.raw(method, path, None, &[]).await;
    assert_eq!(call(Method::GET, "/nodes").await.json().as_array().unwrap().len(), 2);
    let got = call(Method::POST, "/nodes/0/faults/sick:registry").await.json();
    assert_eq!(got["faults"], json!(["sick:registry"]));
    assert_eq!(call(Method::DELETE, "/nodes/0/faults").await.json()["faults"], json!([]));
    let fill = "seed=7&artifacts=300&repositories=20&projects=2";
    assert_eq!(call(Method::POST, &format!("/nodes/0/fill?{fill}")).await.status, 200);
    let changed = call(Method::POST, &format!("/nodes/0/diverge?{fill}&count=8")).await.json();
    assert_eq!(changed.as_array().unwrap().len(), 8);
    assert_eq!(call(Method::POST, "/clock/advance?seconds=60").await.status, 200);
    assert_eq!(call(Method::POST, "/nodes/7/restart").await.status, 400);
}
