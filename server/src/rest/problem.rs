//! Errors of REST: `application/problem+json` (RFC 9457) with the same stable codes as the user interface.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use model::{AppError, Locale, Say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A problem in the language the caller asked for by `Accept-Language`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:breakwater:error:` and the stable code.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// What happened.
    pub(crate) title: String,
    /// What to do next.
    pub(crate) detail: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The stable code.
    pub(crate) code: String,
    /// The field it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
}

impl Problem {
    /// The error in one language.
    pub(crate) fn new(error: AppError, locale: Locale) -> Self {
        Self {
            kind: format!("urn:breakwater:error:{}", error.code),
            title: error.cause.into_text(locale),
            detail: error.next.into_text(locale),
            status: error.status,
            code: error.code,
            field: error.field,
        }
    }
}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        let error =
            Self::new(&problem.code, problem.status, Say::same(problem.title), Say::same(problem.detail));
        Self { field: problem.field, ..error }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
