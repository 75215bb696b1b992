//! For supervisors and Prometheus.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusBuilder;
use model::{AppError, health::Board, say};
use store::Store;
use tokio::sync::Mutex;

use crate::{
    http::identity::{Viewer, locale_of},
    rest::problem::Problem,
    router::AppState,
};

/// How long an answer about the database stands, so that nobody can keep it busy by asking.
const FRESH: Duration = Duration::from_secs(1);
/// Longest wait for the database; `healthcheck` waits a little longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// What the database said, and when.
type Verdict = (Instant, Result<(), AppError>);

/// What the database last said. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<Mutex<Option<Verdict>>>);

impl Readiness {
    /// Asks the database, unless it was asked just now.
    async fn ask(&self, store: &Store) -> Result<(), AppError> {
        let mut last = self.0.lock().await;
        if let Some((at, verdict)) = &*last
            && at.elapsed() < FRESH
        {
            return verdict.clone();
        }
        let verdict = store.ping().await.map_err(AppError::from);
        *last = Some((Instant::now(), verdict.clone()));
        verdict
    }
}

/// The database answers as well, and keeps what it is given.
pub(crate) async fn ready(State(state): State<AppState>, headers: HeaderMap) -> Response {
    // On its own: a supervisor that hangs up must not break a transaction off.
    let asked = tokio::spawn(async move { state.readiness.ask(&state.store).await });
    let verdict = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(_)) | Err(_) => Err(AppError::new(
            "store.slow",
            503,
            say!("The database does not answer in time.", "数据库没有及时应答。"),
            say!(
                "Look whether another process holds it, and at its load.",
                "请检查是否有其他进程占用数据库，以及数据库的负载。"
            ),
        )),
    };
    match verdict {
        Ok(()) => "ready".into_response(),
        Err(error) => Problem::new(error, locale_of(&headers)).into_response(),
    }
}

/// Prometheus' text format. Names of clusters and nodes are in the labels, so a scrape needs a token.
pub(crate) async fn metrics(_: Viewer, State(state): State<AppState>) -> String {
    rendered(&state.services.watch.board())
}

/// Made anew for each scrape: a cluster that left the console leaves no series behind.
fn rendered(board: &Board) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        for (name, help) in HELP {
            metrics::describe_gauge!(*name, *help);
        }
        gauge!("breakwater_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
        gauge!("breakwater_cut_off").set(u8::from(board.cut_off));
        for cluster in &board.clusters {
            let name = cluster.name.to_string();
            gauge!("breakwater_cluster_up", "cluster" => name.clone())
                .set(u8::from(cluster.state.is_serving()));
            for node in &cluster.nodes {
                let labels = [("cluster", name.clone()), ("node", node.name.to_string())];
                gauge!("breakwater_node_up", &labels).set(u8::from(node.state.is_serving()));
                gauge!("breakwater_node_healthy", &labels)
                    .set(u8::from(node.state == model::health::HealthState::Up));
                gauge!("breakwater_node_seen_timestamp_seconds", &labels).set(seconds(node.seen_ms));
                if let Some(ms) = node.latency_ms {
                    gauge!("breakwater_node_latency_seconds", &labels).set(f64::from(ms) / 1000.0);
                }
                if let Some(ms) = node.cert_not_after_ms {
                    gauge!("breakwater_node_certificate_end_timestamp_seconds", &labels).set(seconds(ms));
                }
            }
        }
    });
    recorder.handle().render()
}

const HELP: &[(&str, &str)] = &[
    ("breakwater_build_info", "Always 1; the version is a label"),
    ("breakwater_cut_off", "1 while no node of any cluster can be reached"),
    ("breakwater_cluster_up", "1 while users can work with the cluster"),
    ("breakwater_node_up", "1 while users can work with the node, also when a part of it is sick"),
    ("breakwater_node_healthy", "1 while nothing of the node is sick"),
    ("breakwater_node_seen_timestamp_seconds", "When the node was last asked; 0 for never"),
    ("breakwater_node_latency_seconds", "Answer time of the last good poll"),
    ("breakwater_node_certificate_end_timestamp_seconds", "End of the node's certificate"),
];

#[expect(clippy::cast_precision_loss, reason = "times of this era are exact")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
