//! REST below `/api/v1`: the same services and types as the pages, for machines.

use axum::{Json, extract::State};
use model::{AppError, Locale, health::Board, say};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

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

/// All routes below `/api/v1`, and the document that describes them.
pub(crate) fn routes() -> (axum::Router<AppState>, utoipa::openapi::OpenApi) {
    let (routes, mut document) = OpenApiRouter::with_openapi(document::Base::openapi())
        .routes(routes!(health))
        .routes(routes!(live::events))
        .routes(routes!(clusters::list))
        .routes(routes!(clusters::get, clusters::remove))
        .routes(routes!(clusters::findings))
        .routes(routes!(clusters::replace_credential))
        .routes(routes!(clusters::start_first_copy))
        .routes(routes!(pairs::list))
        .routes(routes!(pairs::get))
        .routes(routes!(pairs::projects))
        .routes(routes!(pairs::unreplicated))
        .routes(routes!(pairs::drift))
        .routes(routes!(pairs::history))
        .routes(routes!(pairs::export))
        .routes(routes!(pairs::compare, pairs::stop_comparing))
        .routes(routes!(pairs::set_policy))
        .routes(routes!(accepted::accept))
        .routes(routes!(accepted::count_again))
        .routes(routes!(pairs::plan))
        .routes(routes!(pairs::heal))
        .routes(routes!(pairs::set_settings))
        .routes(routes!(pairs::lift_fence))
        .routes(routes!(pairs::set_read_only))
        .routes(routes!(pairs::keep_fence))
        .routes(routes!(pairs::kept))
        .routes(routes!(pairs::left))
        .routes(routes!(pairs::restore))
        .routes(routes!(rules::list))
        .routes(routes!(rules::get, rules::save, rules::act))
        .routes(routes!(rules::set_mending))
        .routes(routes!(rules::dry_run))
        .routes(routes!(rules::links))
        .routes(routes!(rules::endpoints))
        .routes(routes!(rules::test_endpoint))
        .routes(routes!(rules::executions))
        .routes(routes!(rules::tasks))
        .routes(routes!(rules::log))
        .routes(routes!(plans::plan))
        .routes(routes!(plans::apply))
        .routes(routes!(runs::get))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::retry))
        .routes(routes!(runs::undo))
        .routes(routes!(runs::receipt))
        .split_for_parts();
    document::complete(&mut document);
    (routes, document)
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
