//! One topic of one version, asked again of a fresh simulation.

mod ask;
mod hidden;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use harbor::inventory::find;
use harbor_sim::{Sim, SimConfig};
use serde_json::{Value, json};

use crate::{
    compare::{Answer, Comparison},
    mapping::Mapping,
    recording::{Exchange, Recording},
    relay::Relay,
    report::Report,
    stage,
};

/// The password of every person that a recording signs in as.
pub(crate) const PASSWORD: &str = "Rec12345pass";

/// Answers that the recorder did not keep as they came: taken apart, or sorted and shortened.
const REWORKED: [&str; 2] = ["token-claims", "permissions-compact"];

/// Reads of one topic that are waited for in vain before the rest is only asked once.
const PATIENCE: usize = 5;

/// How long a read is asked again while what it reads is still being done.
const SETTLE: Duration = Duration::from_secs(3);

pub(crate) struct Replay {
    pub(crate) recording: Recording,
    pub(crate) mapping: Mapping,
    pub(crate) relay: Relay,
    sim: Sim,
    http: reqwest::Client,
    /// Name and secret by the word the recording calls a robot.
    pub(crate) robots: HashMap<String, (String, String)>,
    session: HashMap<&'static str, String>,
    upload: String,
    unsettled: usize,
    /// Digests of images of hidden steps, by the word they were made from.
    pub(crate) words: HashMap<String, String>,
    failing: Option<tokio::task::JoinHandle<()>>,
    /// Manifests pushed in hidden steps, byte for byte.
    pub(crate) pushed: std::sync::Mutex<Vec<Vec<u8>>>,
}

/// Replays a topic into the report.
pub(crate) async fn run(recording: &Recording, seed: u64, report: &mut Report) {
    let mut replay = Replay::start(recording, seed).await;
    let (version, topic) = (recording.harbor.clone(), recording.topic);
    for exchange in replay.recording.exchanges.clone() {
        stage::before(&mut replay, &exchange).await;
        replay.one(&exchange, &version, topic, report).await;
        stage::after(&mut replay, &exchange).await;
    }
    replay.sim.shutdown().await;
}

/// The time some seconds from now as `q` takes it, encoded.
pub(crate) fn q_time(seconds: i64) -> String {
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    time.strftime("%Y-%m-%dT%H%%3A%M%%3A%S").to_string()
}

impl Replay {
    async fn start(recording: &Recording, seed: u64) -> Self {
        let mut config = SimConfig::independent(2, recording.version());
        // Real ones take 1.5 s; here it must only be long enough for a second call to fall into it.
        config.timing.login_delay = Duration::from_millis(if recording.topic == "02-auth" { 150 } else { 5 });
        // Real ones take up to 30 s. Here a status must only lag long enough to be seen.
        config.timing.status_lag =
            Duration::from_millis(if recording.topic == "09-robots" { 700 } else { 50 });
        let sim = Sim::start(config).await.unwrap();
        let authority = |i: usize| sim.node(i).url().trim_start_matches("http://").to_owned();
        let port = authority(1).rsplit(':').next().unwrap().parse().unwrap();
        let relay = Relay::new(port).await;
        let mut mapping = Mapping::new(seed);
        mapping.text("harbor-a.test", &authority(0));
        mapping.text("harbor-b.test", &authority(1));
        mapping.text("relay.test:18080", &format!("127.0.0.1:{}", relay.port));
        for node in ["b", "a"] {
            node.clone_into(&mut mapping.node);
            mapping.bind("users", 1, 1);
            mapping.bind("projects", 1, 1);
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let recording = mapping.renamed(recording);
        let mut replay = Self {
            recording,
            mapping,
            relay,
            sim,
            http,
            robots: HashMap::new(),
            session: HashMap::new(),
            upload: String::new(),
            unsettled: 0,
            words: HashMap::new(),
            failing: None,
            pushed: std::sync::Mutex::default(),
        };
        replay.burn_ids(seed).await;
        replay
    }

    /// Makes and deletes a few things, so that no id is the recorded one by chance.
    async fn burn_ids(&mut self, seed: u64) {
        for node in ["a", "b"] {
            for i in 0..=seed % 4 {
                let name = format!("burnt{i}");
                self.admin(node, "POST", "/api/v2.0/projects", &json!({ "project_name": name })).await;
                self.admin(node, "DELETE", &format!("/api/v2.0/projects/{name}"), &Value::Null).await;
            }
            for i in 0..=seed % 3 {
                let registry = self.registry(node, &format!("burnt{i}"), "http://harbor-b.test").await;
                let rule = json!({ "name": format!("burnt{i}"), "dest_registry": { "id": registry } });
                let policy = self.create(node, "/api/v2.0/replication/policies", &rule).await;
                self.admin(node, "DELETE", &format!("/api/v2.0/replication/policies/{policy}"), &Value::Null)
                    .await;
                self.admin(node, "DELETE", &format!("/api/v2.0/registries/{registry}"), &Value::Null).await;
            }
        }
    }

    pub(crate) fn node(&self, name: &str) -> harbor_sim::NodeHandle {
        self.sim.node(usize::from(name == "b"))
    }

    async fn one(&mut self, exchange: &Exchange, version: &str, topic: &str, report: &mut Report) {
        let request = &exchange.request;
        let used = find(&request.method, request.path_only()).is_some()
            && exchange.response.status != 0
            && !REWORKED.contains(&exchange.id.as_str());
        let reads = matches!(request.method.as_str(), "GET" | "HEAD");
        // What the client never reads leaves no trace, and a call that never ended has no answer to compare.
        if exchange.response.status == 0 || !used && reads && !request.path.starts_with("/c/") {
            return report.unused(version, topic);
        }
        let mut answer = self.ask(exchange).await;
        let settled = Instant::now() + SETTLE;
        loop {
            let mut mapping = self.mapping.clone();
            let mut comparison = Comparison::new(&mut mapping, exchange);
            comparison.answer(&exchange.response, &answer);
            let differences = comparison.differences;
            let waits = self.unsettled < PATIENCE && stage::settles(topic) && Instant::now() < settled;
            if !differences.is_empty() && reads && waits {
                tokio::time::sleep(Duration::from_millis(40)).await;
                answer = self.ask(exchange).await;
                continue;
            }
            self.unsettled += usize::from(!differences.is_empty());
            self.mapping = mapping;
            if used {
                let write_status = !reads && differences.iter().any(|d| d.starts_with("status"));
                report.compared(version, topic, &exchange.id, &differences, write_status);
            } else {
                report.unused(version, topic);
            }
            break;
        }
        self.learn(exchange, &answer);
    }

    /// Keeps what later calls need: cookies, the upload, robots' secrets.
    fn learn(&mut self, exchange: &Exchange, answer: &Answer) {
        let signing_in = exchange.id.starts_with("login-") || exchange.id.starts_with("basic-get");
        for line in answer.all("set-cookie").map(str::to_owned).collect::<Vec<_>>() {
            let pair = line.split(';').next().unwrap_or_default().split_once('=');
            for name in ["sid", "_gorilla_csrf"] {
                if let Some((_, value)) = pair.filter(|(n, _)| *n == name && signing_in) {
                    self.session.insert(name, value.to_owned());
                }
            }
        }
        if let Some(token) = answer.header("x-harbor-csrf-token").filter(|_| signing_in) {
            self.session.insert("token", token.to_owned());
        }
        if let Some(location) = answer.header("location").filter(|l| l.contains("/blobs/uploads/")) {
            location.clone_into(&mut self.upload);
        }
        if exchange.request.method == "POST"
            && exchange.request.path.ends_with("/robots")
            && let Some(made) = answer.json()
            && let (Some(name), Some(secret)) = (made["name"].as_str(), made["secret"].as_str())
        {
            let word =
                exchange.id.trim_start_matches("robot-create-").trim_start_matches("target-robot-create-");
            self.robots.insert(word.to_owned(), (name.to_owned(), secret.to_owned()));
        }
    }

    async fn send(
        &self,
        node: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let url = format!("{}{path}", self.node(node).url());
        let mut request = self.http.request(method.parse().unwrap(), url).timeout(Duration::from_secs(20));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let headers = response
                    .headers()
                    .iter()
                    .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()));
                let headers = headers.collect();
                let body = response.bytes().await.map(|b| b.to_vec()).unwrap_or_default();
                Answer { status, headers, body }
            }
            Err(e) => Answer { status: 0, headers: Vec::new(), body: format!("{e:?}").into_bytes() },
        }
    }
}
