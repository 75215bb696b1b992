//! A small client, and waiting without sleeping blindly.

use std::time::{Duration, Instant};

use harbor_sim::NodeHandle;
use reqwest::Method;
use serde_json::{Value, json};

/// Calls one node as one account.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) user: Option<(String, String)>,
}

/// Status, headers and body of an answer.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
    }

    /// The id at the end of the Location.
    pub(crate) fn id(&self) -> i64 {
        let place = self.header("location").unwrap_or_else(|| panic!("{} {}", self.status, self.text));
        place.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub(crate) fn new(node: &NodeHandle, user: &str, password: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { http, base: node.url(), user: Some((user.to_owned(), password.to_owned())) }
    }

    pub(crate) fn admin(node: &NodeHandle) -> Self {
        Self::new(node, "admin", "Harbor12345")
    }

    pub(crate) fn anonymous(node: &NodeHandle) -> Self {
        Self { user: None, ..Self::admin(node) }
    }

    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Got {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some((user, password)) = &self.user {
            request = request.basic_auth(user, Some(password));
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Got { status, headers, text: answer.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.raw(Method::GET, &format!("/api/v2.0{path}"), None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        self.raw(Method::POST, &format!("/api/v2.0{path}"), Some(body), &[]).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Got {
        self.raw(Method::PUT, &format!("/api/v2.0{path}"), Some(body), &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Got {
        self.raw(Method::DELETE, &format!("/api/v2.0{path}"), None, &[]).await
    }

    /// An endpoint to `peer` as admin.
    pub(crate) async fn endpoint(&self, name: &str, peer: &NodeHandle) -> i64 {
        self.endpoint_as(name, peer, "admin", "Harbor12345").await
    }

    pub(crate) async fn endpoint_as(&self, name: &str, peer: &NodeHandle, user: &str, secret: &str) -> i64 {
        let credential = json!({"type": "basic", "access_key": user, "access_secret": secret});
        let body = json!({"name": name, "url": peer.url(), "type": "harbor", "insecure": true, "credential": credential});
        let got = self.post("/registries", body).await;
        assert_eq!(got.status, 201, "{}", got.text);
        got.id()
    }

    /// A push rule; `more` is laid over the defaults.
    pub(crate) async fn rule(&self, name: &str, endpoint: i64, trigger: &str, more: Value) -> i64 {
        let mut body = json!({
            "name": name, "enabled": true, "dest_registry": {"id": endpoint}, "trigger": {"type": trigger},
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let got = self.post("/replication/policies", body).await;
        assert_eq!(got.status, 201, "{}", got.text);
        got.id()
    }

    /// Starts a rule and waits for its end; returns the execution.
    pub(crate) async fn run(&self, policy: i64) -> Value {
        let got = self.post("/replication/executions", json!({"policy_id": policy})).await;
        assert_eq!(got.status, 201, "{}", got.text);
        self.ended(got.id()).await
    }

    pub(crate) async fn ended(&self, execution: i64) -> Value {
        until(async || {
            let row = self.get(&format!("/replication/executions/{execution}")).await.json();
            (row["status"] != "InProgress").then_some(row)
        })
        .await
    }

    /// A system robot with these rights on all projects and on the system.
    pub(crate) async fn robot(&self, name: &str, system: &[&str], projects: &[&str]) -> (i64, Self) {
        let access = |list: &[&str]| -> Value {
            let one = |r: &&str| {
                let (resource, action) = r.split_once(':').unwrap();
                json!({"resource": resource, "action": action})
            };
            list.iter().map(one).collect()
        };
        let mut permissions = Vec::new();
        if !system.is_empty() {
            permissions.push(json!({"kind": "system", "namespace": "/", "access": access(system)}));
        }
        if !projects.is_empty() {
            permissions.push(json!({"kind": "project", "namespace": "*", "access": access(projects)}));
        }
        let body = json!({"name": name, "level": "system", "duration": 1, "permissions": permissions});
        let got = self.post("/robots", body).await;
        assert_eq!(got.status, 201, "{}", got.text);
        let made = got.json();
        let text = |key: &str| made[key].as_str().unwrap().to_owned();
        let user = Some((text("name"), text("secret")));
        (got.id(), Self { user, ..self.clone() })
    }
}

/// Polls until the answer is there; ten seconds at most.
pub(crate) async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(value) = ask().await {
            return value;
        }
        assert!(Instant::now() < end, "it did not come true within ten seconds");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Polls until the condition holds.
pub(crate) async fn wait_for(mut holds: impl FnMut() -> bool) {
    until(async || holds().then_some(())).await;
}
