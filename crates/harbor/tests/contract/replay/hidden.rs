//! What hidden steps are made of.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Replay, SETTLE};
use crate::compare::Answer;

impl Replay {
    /// Begins a sign-in that will fail, and gives the node the time to be at it.
    pub(crate) async fn fail_to_sign_in_beside(&mut self, name: &str) {
        let wrong = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:nope", self.mapping.apply(name))));
        let url = format!("{}/api/v2.0/users/current", self.node("a").url());
        let before = self.node("a").served();
        let request = self.http.get(url).header("Authorization", wrong);
        self.failing = Some(tokio::spawn(async move { drop(request.send().await) }));
        let deadline = Instant::now() + Duration::from_millis(60);
        while self.node("a").served() == before && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn wait_for_the_failure(&mut self) {
        if let Some(failing) = self.failing.take() {
            failing.await.unwrap();
        }
    }

    /// A call of a hidden step, as admin. Names and hosts are the recorded ones.
    pub(crate) async fn admin(&self, node: &str, method: &str, path: &str, body: &Value) -> Answer {
        let authorization = format!("Basic {}", BASE64_STANDARD.encode("admin:Harbor12345"));
        let mut headers = vec![("Authorization".to_owned(), authorization)];
        let path = self.mapping.apply(path);
        let body = (!body.is_null()).then(|| self.mapping.apply(&body.to_string()).into_bytes());
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        self.send(node, method, &path, &headers, body).await
    }

    /// A read of a hidden step, as admin, of one media type.
    pub(crate) async fn get_as(&self, node: &str, path: &str, accept: &str) -> Answer {
        let authorization = format!("Basic {}", BASE64_STANDARD.encode("admin:Harbor12345"));
        let headers = [("Authorization".to_owned(), authorization), ("Accept".to_owned(), accept.to_owned())];
        self.send(node, "GET", &self.mapping.apply(path), &headers, None).await
    }

    /// A raw body of a hidden step, as admin.
    pub(crate) async fn admin_bytes(
        &self,
        node: &str,
        method: &str,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Answer {
        let authorization = format!("Basic {}", BASE64_STANDARD.encode("admin:Harbor12345"));
        let headers =
            [("Authorization".to_owned(), authorization), ("Content-Type".to_owned(), kind.to_owned())];
        self.send(node, method, &self.mapping.apply(path), &headers, Some(body)).await
    }

    /// Makes something in a hidden step and gives its id; 0 where it was not made.
    pub(crate) async fn create(&self, node: &str, path: &str, body: &Value) -> i64 {
        let answer = self.admin(node, "POST", path, body).await;
        let location = answer.header("location").unwrap_or_default();
        let id = location.rsplit('/').next().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| {
            println!(
                "hidden step failed: POST {path} {body}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
            0
        })
    }

    /// An endpoint made in a hidden step.
    pub(crate) async fn registry(&self, node: &str, name: &str, url: &str) -> i64 {
        let credential = json!({ "type": "basic", "access_key": "admin", "access_secret": "Harbor12345" });
        let body =
            json!({ "name": name, "url": url, "type": "harbor", "insecure": true, "credential": credential });
        self.create(node, "/api/v2.0/registries", &body).await
    }

    /// Starts a rule in a hidden step.
    pub(crate) async fn start_run(&self, node: &str, policy: i64) -> i64 {
        self.create(node, "/api/v2.0/replication/executions", &json!({ "policy_id": policy })).await
    }

    /// Waits until a run has tasks or an end, or until it is over.
    pub(crate) async fn wait_run(&self, node: &str, execution: i64, over: bool) {
        let deadline = Instant::now() + SETTLE;
        while Instant::now() < deadline {
            let answer = self
                .admin(node, "GET", &format!("/api/v2.0/replication/executions/{execution}"), &Value::Null)
                .await;
            let run = answer.json().unwrap_or_default();
            let ended = run["status"] != "InProgress";
            if ended || !over && run["total"].as_i64() > Some(0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// As [`Self::means`], for a node other than the one asked.
    pub(crate) fn means_at(&mut self, node: &str, kind: &str, recorded: Option<i64>, now: i64) {
        let asked = std::mem::replace(&mut self.mapping.node, node.to_owned());
        self.means(kind, recorded, now);
        self.mapping.node = asked;
    }

    /// Binds a recorded id, if the recording has it, to one made in a hidden step.
    pub(crate) fn means(&mut self, kind: &str, recorded: Option<i64>, now: i64) {
        if let Some(recorded) = recorded {
            self.mapping.bind(kind, recorded, now);
        }
    }
}
