//! For supervisors and Prometheus.

use std::{
    collections::{BTreeMap, HashMap},
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
use model::{
    AppError,
    drift::{Kind, PairView},
    health::Board,
    ids::ClusterId,
    names::ClusterName,
    run::RunState,
    say,
};
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

/// What `/metrics` shows of the ledger.
#[derive(Debug, Default)]
struct Drift {
    /// Each pair, with when the oldest of its differences of the kind `new` was found, UTC milliseconds.
    pairs: Vec<(PairView, Option<i64>)>,
    heals: HashMap<(ClusterId, RunState), i64>,
    /// What the watchdog found, by cluster and question.
    findings: Vec<(ClusterName, BTreeMap<&'static str, u64>)>,
    /// UTC milliseconds.
    now_ms: i64,
}

impl Drift {
    async fn read(state: &AppState) -> Result<Self, AppError> {
        let clusters = &state.services.clusters;
        let mut pairs = Vec::new();
        for pair in clusters.pairs().await? {
            let totals = state.store.ledger().drift_totals(&pair.id).await?;
            let new = totals.iter().filter(|t| t.kind == Kind::New);
            let oldest_ms = new.map(|t| t.oldest_ms).min();
            pairs.push((pair, oldest_ms));
        }
        let (heals, findings) = (clusters.heal_counts().await?, clusters.rule_findings().await?);
        Ok(Self { pairs, heals, findings, now_ms: state.store.now_ms() })
    }

    fn record(&self) {
        for (cluster, found) in &self.findings {
            for (id, count) in found {
                let labels = [("cluster", cluster.to_string()), ("id", (*id).to_owned())];
                gauge!("breakwater_rule_findings", &labels).set(whole(*count));
            }
        }
        for (pair, oldest_ms) in &self.pairs {
            let labels = [
                ("cluster", pair.cluster_name.to_string()),
                ("a", pair.a.to_string()),
                ("b", pair.b.to_string()),
            ];
            for kind in Kind::ALL {
                let [cluster, a, b] = labels.clone();
                let labels = [cluster, a, b, ("kind", kind.as_str().to_owned())];
                gauge!("breakwater_drift", &labels).set(whole(pair.of_kind(kind)));
            }
            let since = |ms: i64| seconds((self.now_ms - ms).max(0));
            gauge!("breakwater_pair_lag_seconds", &labels).set(oldest_ms.map_or(0.0, since));
            gauge!("breakwater_pair_comparison_failing", &labels).set(u8::from(pair.error.is_some()));
            if let Some(ms) = pair.read_ms {
                gauge!("breakwater_pair_compared_age_seconds", &labels).set(since(ms));
            }
            for (state, word) in HEALS {
                let count = self.heals.get(&(pair.cluster.clone(), state)).copied().unwrap_or(0);
                let labels = [("cluster", pair.cluster_name.to_string()), ("state", word.to_owned())];
                gauge!("breakwater_heals", &labels).set(whole(count.unsigned_abs()));
            }
        }
    }
}

/// Where a heal can stand; it cannot be taken back.
const HEALS: [(RunState, &str); 4] = [
    (RunState::Running, "running"),
    (RunState::Succeeded, "succeeded"),
    (RunState::Failed, "failed"),
    (RunState::Cancelled, "cancelled"),
];

/// Prometheus' text format. Names of clusters and nodes are in the labels, so a scrape needs a token.
pub(crate) async fn metrics(_: Viewer, State(state): State<AppState>) -> String {
    // Health is in memory: it is told also where the database does not answer.
    let drift = match tokio::time::timeout(PATIENCE, Drift::read(&state)).await {
        Ok(Ok(drift)) => drift,
        Ok(Err(error)) => {
            tracing::warn!(code = %error.code, "metrics without drift");
            Drift::default()
        }
        Err(_) => {
            tracing::warn!("metrics without drift: the database does not answer in time");
            Drift::default()
        }
    };
    rendered(&state.services.watch.board(), &drift)
}

/// Made anew for each scrape: a cluster that left the console leaves no series behind.
fn rendered(board: &Board, drift: &Drift) -> String {
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
        drift.record();
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
    ("breakwater_drift", "Differences of a pair by kind, as last compared"),
    ("breakwater_pair_lag_seconds", "How long the oldest new image has waited to cross; 0 for none"),
    ("breakwater_pair_compared_age_seconds", "Age of what is known: since the last whole comparison began"),
    ("breakwater_pair_comparison_failing", "1 while the last try gave no comparison"),
    ("breakwater_rule_findings", "What is to be looked at among the rules of a cluster, by question"),
    ("breakwater_heals", "Heals of a cluster by where they stand"),
];

#[expect(clippy::cast_precision_loss, reason = "times of this era are exact")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "nothing is counted that far")]
fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use model::{
        drift::{Direction, KindTotal},
        names::NodeName,
    };

    use super::*;

    #[test]
    fn rendered_shows_every_kind_and_escapes_names() {
        let cluster: ClusterId = store::new_id();
        let total = |heals, count| KindTotal { kind: Kind::Moved, heals, count, bytes: 0 };
        let pair = PairView {
            id: store::new_id(),
            version: 1,
            cluster: cluster.clone(),
            cluster_name: ClusterName::parse("a \"b\" \\").unwrap(),
            a: NodeName::parse("上海").unwrap(),
            b: NodeName::parse("x{y=\"1\"}").unwrap(),
            direction: Direction::Both,
            holds_ms: [None; 2],
            read_ms: Some(5_000),
            whole_ms: None,
            reads: None,
            compared: 3,
            copied: 3,
            equal: 0,
            changes: 1,
            totals: vec![total(true, 2), total(false, 1)],
            comparing: None,
            error: None,
            policy: Default::default(),
            settings: Default::default(),
            held_back: None,
            fences: Vec::new(),
            healing: None,
            verified: None,
        };
        let heals = HashMap::from([((cluster, RunState::Failed), 4)]);
        let found = BTreeMap::from([("queue-paused", 2), ("run-missed", 0)]);
        let findings = vec![(ClusterName::parse("p").unwrap(), found)];
        let drift = Drift { pairs: vec![(pair, Some(9_500))], heals, findings, now_ms: 10_000 };
        let text = rendered(&Board { clusters: Vec::new(), cut_off: false, at_ms: 0 }, &drift);
        let labels = r#"cluster="a \"b\" \\",a="上海",b="x{y=\"1\"}""#;
        for line in [
            format!("breakwater_drift{{{labels},kind=\"moved\"}} 3"),
            format!("breakwater_drift{{{labels},kind=\"no-history\"}} 0"),
            format!("breakwater_pair_lag_seconds{{{labels}}} 0.5"),
            format!("breakwater_pair_compared_age_seconds{{{labels}}} 5"),
            format!("breakwater_pair_comparison_failing{{{labels}}} 0"),
            r#"breakwater_heals{cluster="a \"b\" \\",state="failed"} 4"#.to_owned(),
            r#"breakwater_heals{cluster="a \"b\" \\",state="running"} 0"#.to_owned(),
            r#"breakwater_rule_findings{cluster="p",id="queue-paused"} 2"#.to_owned(),
            r#"breakwater_rule_findings{cluster="p",id="run-missed"} 0"#.to_owned(),
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert_eq!(text.lines().filter(|l| l.starts_with("breakwater_drift{")).count(), Kind::ALL.len());
    }
}
