//! REST below `/api/v1`: the same services and types as the pages, for machines.

use std::sync::LazyLock;

use axum::{Json, extract::State, response::IntoResponse};
use bytes::Bytes;
use http::header;
use model::{AppError, Locale, health::Board, say};
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

mod accepted;
pub(crate) mod clusters;
mod document;
pub(crate) mod pairs;
pub(crate) mod plans;
pub(crate) mod problem;
pub(crate) mod rules;
pub(crate) mod runs;
pub(crate) mod types;

use crate::{http::identity::Viewer, live, router::AppState};
use problem::Problem;

/// What a handler gives: a value, or a problem in the caller's language.
pub(crate) type Answer<T> = Result<Json<T>, Problem>;

/// One path with all its methods, and what is said of it.
type Path = fn() -> UtoipaMethodRouter<AppState>;

/// All paths below `/api/v1`.
const PATHS: &[Path] = &[
    || routes!(health),
    || routes!(live::events),
    || routes!(clusters::list),
    || routes!(clusters::get, clusters::remove),
    || routes!(clusters::findings),
    || routes!(clusters::replace_credential),
    || routes!(clusters::start_first_copy),
    || routes!(pairs::list),
    || routes!(pairs::get),
    || routes!(pairs::projects),
    || routes!(pairs::unreplicated),
    || routes!(pairs::drift),
    || routes!(pairs::history),
    || routes!(pairs::export),
    || routes!(pairs::compare, pairs::stop_comparing),
    || routes!(pairs::set_policy),
    || routes!(accepted::accept),
    || routes!(accepted::count_again),
    || routes!(pairs::plan),
    || routes!(pairs::heal),
    || routes!(pairs::set_settings),
    || routes!(pairs::lift_fence),
    || routes!(pairs::set_read_only),
    || routes!(pairs::keep_fence),
    || routes!(pairs::kept),
    || routes!(pairs::left),
    || routes!(pairs::restore),
    || routes!(rules::list),
    || routes!(rules::get, rules::save, rules::act),
    || routes!(rules::set_mending),
    || routes!(rules::dry_run),
    || routes!(rules::links),
    || routes!(rules::endpoints),
    || routes!(rules::test_endpoint),
    || routes!(rules::executions),
    || routes!(rules::tasks),
    || routes!(rules::log),
    || routes!(plans::plan),
    || routes!(plans::apply),
    || routes!(runs::get),
    || routes!(runs::cancel),
    || routes!(runs::retry),
    || routes!(runs::undo),
    || routes!(runs::receipt),
];

/// All routes below `/api/v1`. What is said of each is let go at once: together it takes megabytes, and few ask for it.
pub(crate) fn routes() -> axum::Router<AppState> {
    let alone = |path: &Path| OpenApiRouter::new().routes(path()).split_for_parts().0;
    PATHS.iter().map(alone).fold(axum::Router::new(), axum::Router::merge)
}

/// The document that describes them.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let base = OpenApiRouter::with_openapi(document::Base::openapi());
    let mut document = PATHS.iter().fold(base, |all, path| all.routes(path())).into_openapi();
    document::complete(&mut document);
    document
}

/// The same as JSON, made when somebody first asks for it.
pub(crate) async fn openapi() -> impl IntoResponse {
    static WRITTEN: LazyLock<Bytes> =
        LazyLock::new(|| serde_json::to_vec(&document()).unwrap_or_default().into());
    ([(header::CONTENT_TYPE, "application/json")], WRITTEN.clone())
}

/// Health of every cluster, as the board shows it.
#[utoipa::path(get, path = "/health", operation_id = "health", responses((status = 200, body = Board), (status = 401, body = Problem)))]
async fn health(_: Viewer, State(state): State<AppState>) -> Json<Board> {
    Json(state.services.watch.board())
}

/// An id from a path.
fn id<T>(text: &str, parse: impl Fn(&str) -> Option<T>, locale: Locale) -> Result<T, Problem> {
    parse(text).ok_or_else(|| {
        let error = AppError::new(
            "request.id",
            404,
            say!("That is not an id.", "这不是有效的编号。"),
            say!("Take it from a list.", "请从列表中获取。"),
        );
        Problem::new(error, locale)
    })
}

/// Turns a service's result into a handler's.
fn answer<T>(result: Result<T, impl Into<AppError>>, locale: Locale) -> Answer<T> {
    result.map(Json).map_err(|error| Problem::new(error.into(), locale))
}
