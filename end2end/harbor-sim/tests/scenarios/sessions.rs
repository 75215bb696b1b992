//! Sign-in, cookies, CSRF, the lock after a wrong password, tokens and their realm.

use std::time::{Duration, Instant};

use harbor_sim::{NodeConfig, NodeHandle, Sim, SimConfig};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, Got};

/// Keeps cookies as a browser does.
pub(crate) struct Browser {
    pub(crate) client: Client,
    sid: String,
    csrf: String,
    token: String,
}

impl Browser {
    pub(crate) fn new(node: &NodeHandle) -> Self {
        Self {
            client: Client::anonymous(node),
            sid: String::new(),
            csrf: String::new(),
            token: String::new(),
        }
    }

    fn keep(&mut self, got: &Got) {
        for value in got.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()) {
            let (name, rest) = value.split_once('=').unwrap();
            let text = rest.split(';').next().unwrap().to_owned();
            match name {
                "sid" => self.sid = text,
                "_gorilla_csrf" => self.csrf = text,
                other => panic!("{other}"),
            }
        }
        if let Some(token) = got.header("x-harbor-csrf-token") {
            self.token = token;
        }
    }

    fn cookies(&self) -> String {
        format!("sid={}; _gorilla_csrf={}", self.sid, self.csrf)
    }

    pub(crate) async fn call(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        with_token: bool,
    ) -> Got {
        let cookies = self.cookies();
        let token = self.token.clone();
        let mut headers = vec![("cookie", cookies.as_str())];
        if with_token {
            headers.push(("x-harbor-csrf-token", token.as_str()));
        }
        let got = self.client.raw(method, path, body, &headers).await;
        self.keep(&got);
        got
    }

    /// The first answer sets `sid`, the second the CSRF pair.
    pub(crate) async fn visit(&mut self) {
        let first = self.client.raw(Method::GET, "/api/v2.0/systeminfo", None, &[]).await;
        assert!(first.header("x-harbor-csrf-token").is_none());
        self.keep(&first);
        self.call(Method::GET, "/api/v2.0/systeminfo", None, false).await;
        assert!(!self.token.is_empty() && !self.csrf.is_empty());
    }

    pub(crate) async fn login(&mut self, user: &str, password: &str) -> Got {
        let request = self
            .client
            .http
            .post(format!("{}/c/login", self.client.base))
            .form(&[("principal", user), ("password", password)])
            .header("cookie", self.cookies())
            .header("x-harbor-csrf-token", &self.token);
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let got = Got { status, headers, text: answer.text().await.unwrap() };
        self.keep(&got);
        got
    }

    pub(crate) async fn sign_in(&mut self, user: &str, password: &str) -> u16 {
        self.visit().await;
        self.login(user, password).await.status
    }
}

async fn one(version: &str) -> (Sim, Client) {
    let sim = Sim::start(SimConfig::independent(1, version)).await.unwrap();
    let admin = Client::admin(&sim.node(0));
    (sim, admin)
}

#[tokio::test]
async fn write_with_any_sid_cookie_is_refused_and_a_read_is_not() {
    let (_sim, admin) = one("2.15.2").await;
    let sid = [("cookie", "sid=invented")];
    let ping = json!({"id": 99999});
    for (method, path) in [
        (Method::POST, "/api/v2.0/registries/ping"),
        (Method::DELETE, "/api/v2.0/registries/99999"),
        (Method::POST, "/v2/library/x/blobs/uploads/"),
    ] {
        let got = admin.raw(method, path, Some(ping.clone()), &sid).await;
        assert_eq!((got.status, got.message().as_str()), (403, "CSRF token not found in request"));
    }
    assert_eq!(admin.raw(Method::GET, "/api/v2.0/users/current", None, &sid).await.status, 200);
    let other =
        admin.raw(Method::POST, "/api/v2.0/registries/ping", Some(ping), &[("cookie", "foo=bar")]).await;
    assert_eq!(other.status, 404, "an unrelated cookie does not matter");
}

#[tokio::test]
async fn old_versions_word_the_csrf_refusal_otherwise() {
    for (version, text) in [("2.8.6", "CSRF token invalid"), ("2.12.4", "CSRF token not found in request")] {
        let (_sim, admin) = one(version).await;
        let got = admin
            .raw(Method::POST, "/api/v2.0/registries/ping", Some(json!({"id": 9})), &[("cookie", "sid=x")])
            .await;
        assert_eq!((got.status, got.message().as_str()), (403, text));
    }
}

#[tokio::test]
async fn session_signs_in_writes_with_its_token_and_ends() {
    let (sim, _) = one("2.15.2").await;
    let mut browser = Browser::new(&sim.node(0));
    assert_eq!(browser.sign_in("admin", "Harbor12345").await, 200);
    let body = Some(json!({"id": 99999}));
    let path = "/api/v2.0/registries/ping";
    assert_eq!(browser.call(Method::POST, path, body.clone(), false).await.status, 403);
    assert_eq!(browser.call(Method::POST, path, body, true).await.status, 404);
    assert_eq!(browser.call(Method::GET, "/c/log_out", None, false).await.status, 200);
    assert_eq!(browser.call(Method::GET, "/api/v2.0/users/current", None, false).await.status, 401);
}

#[tokio::test]
async fn wrong_password_is_delayed_and_locks_the_name_meanwhile() {
    let (sim, admin) = one("2.15.2").await;
    let wrong = Client::new(&sim.node(0), "admin", "wrong");
    let begun = Instant::now();
    let during = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let asked = Instant::now();
        let got = admin.get("/users/current").await;
        assert!(asked.elapsed() < Duration::from_millis(1000), "refused at once");
        got.status
    };
    let (bad, during) = tokio::join!(wrong.get("/users/current"), during);
    assert_eq!((bad.status, during), (401, 401));
    assert!(begun.elapsed() >= Duration::from_millis(1500));
    assert_eq!(admin.get("/users/current").await.status, 200, "right after the delayed answer");
}

#[tokio::test]
async fn wrong_password_shows_the_anonymous_view_where_anonymous_may_look() {
    let (sim, admin) = one("2.15.2").await;
    sim.node(0).create_project("secret", false);
    let wrong = Client::new(&sim.node(0), "admin", "wrong");
    let (health, info) = tokio::join!(wrong.get("/health"), wrong.get("/systeminfo"));
    assert_eq!((health.status, info.status), (200, 200));
    assert!(info.json()["current_time"].is_null(), "current_time is there only for a valid login");
    assert!(!admin.get("/systeminfo").await.json()["current_time"].is_null());
}

#[tokio::test]
async fn every_answer_without_a_session_sets_a_new_one() {
    let (_sim, admin) = one("2.15.2").await;
    let sid = async || admin.get("/users/current").await.header("set-cookie").unwrap();
    assert_ne!(sid().await, sid().await);
}

#[tokio::test]
async fn token_realm_is_the_external_url_and_from_214_the_host() {
    for (version, realm) in [
        ("2.13.5", "http://harbor.example/service/token"),
        ("2.15.2", "http://other.example:8443/service/token"),
    ] {
        let node = NodeConfig {
            external_url: Some("http://harbor.example".to_owned()),
            ..NodeConfig::new("a", version)
        };
        let sim = Sim::start(SimConfig { nodes: vec![node], ..SimConfig::default() }).await.unwrap();
        let client = Client::anonymous(&sim.node(0));
        let headers = [("host", "other.example:8443"), ("x-forwarded-proto", "https")];
        let got = client.raw(Method::GET, "/v2/", None, &headers).await;
        let expected = format!("Bearer realm=\"{realm}\",service=\"harbor-registry\"");
        assert_eq!((got.status, got.header("www-authenticate").unwrap()), (401, expected));
    }
}
