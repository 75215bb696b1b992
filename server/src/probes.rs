//! For supervisors and Prometheus; these need no sign-in and tell nothing about the Harbors' content.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::router::AppState;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// The database answers as well.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    match state.store.ping().await {
        Ok(()) => "ready".into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.code().to_owned()).into_response(),
    }
}

/// Prometheus' text format. Names of clusters and nodes are in the labels, so a scrape needs a token where the
/// console has a public address; see the README.
pub(crate) async fn metrics(State(state): State<AppState>) -> String {
    state.metrics.render()
}
