//! Refusals that no handler words (a body too large, a path that is not there, a database that is gone before
//! anybody was recognised), each in the form that its reader understands.

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::config::LeptosOptions;
use model::{AppError, Locale, say};

use super::identity::locale_of;
use crate::{rest::problem::Problem, router::AppState};

/// A page of text and style.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; frame-ancestors 'none'";

/// Longest error of a framework or a server function that is looked at, bytes.
const MOST: usize = 4096;

/// Who reads an answer.
#[derive(Debug)]
pub(crate) enum Reader {
    /// A program: problem+json.
    Machine,
    /// A page's WebAssembly, after a server function: the error in both languages.
    Function,
    /// A person, in place of a page: what that is made of.
    Person(Box<(LeptosOptions, Parts)>),
}

impl Reader {
    /// Judged by the path and by what is accepted; `None` for files, where nobody reads.
    pub(crate) fn of(request: &Request, options: &LeptosOptions) -> Option<Self> {
        let path = request.uri().path();
        let accepted =
            request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if path.starts_with("/api/") || matches!(path, "/live" | "/metrics" | "/readyz") {
            Some(Self::Machine)
        } else if accepted.contains("text/html") {
            let mut parts = http::Request::new(()).into_parts().0;
            parts.headers.clone_from(request.headers());
            Some(Self::Person(Box::new((options.clone(), parts))))
        } else if path.starts_with(app::api::PREFIX) {
            Some(Self::Function)
        } else {
            None
        }
    }
}

/// The error in the reader's form.
pub(crate) fn refuse(reader: Option<Reader>, error: AppError, locale: Locale) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match reader {
        Some(Reader::Machine) | None => Problem::new(error, locale).into_response(),
        Some(Reader::Function) => (status, Json(error)).into_response(),
        Some(Reader::Person(page)) => {
            let (options, asker) = *page;
            let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
            (status, policy, Html(app::refused(options, asker, &error))).into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Gives a server function's error its own status: Leptos says 500 where arguments cannot be read.
async fn with_own_status(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, MOST).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<AppError>(&bytes)
        && let Ok(status) = StatusCode::from_u16(error.status)
    {
        parts.status = status;
    }
    Response::from_parts(parts, bytes.into())
}

/// Words what a layer or extractor refused with a bare status or a line of plain text.
pub(crate) async fn worded(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reader = Reader::of(&request, &state.leptos);
    let locale = locale_of(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    if matches!(reader, Some(Reader::Function))
        && status == StatusCode::INTERNAL_SERVER_ERROR
        && !is_plain(&response)
    {
        return with_own_status(response).await;
    }
    if reader.is_none() || !(status.is_client_error() || status.is_server_error()) || !is_plain(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let reason = reason(body).await;
    let mut refused = refuse(reader, error(status, &reason), locale);
    // What the refusing layer says beside its text stands: `Allow`, for instance.
    for (name, value) in &parts.headers {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            refused.headers_mut().insert(name, value.clone());
        }
    }
    refused
}

fn is_plain(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_none_or(|v| v.as_bytes().starts_with(b"text/plain"))
}

/// The framework's own words, in which nothing that was sent is repeated: it may be a secret in the wrong place.
async fn reason(body: Body) -> String {
    let bytes = axum::body::to_bytes(body, MOST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let parts = text.split('"').enumerate().map(|(i, part)| if i % 2 == 1 { "…" } else { part });
    parts.collect::<Vec<_>>().join("\"").trim().to_owned()
}

fn error(status: StatusCode, reason: &str) -> AppError {
    let (code, cause, next) = match status {
        StatusCode::FORBIDDEN => (
            "request.cross_site",
            say!("The request came from another site.", "该请求来自其他站点。"),
            say!(
                "Open the console at its own address; a reverse proxy must pass Host and Origin unchanged.",
                "请通过控制台自己的地址打开；反向代理须原样转发 Host 和 Origin。"
            ),
        ),
        StatusCode::NOT_FOUND => (
            "request.unknown_path",
            say!("There is nothing at this path.", "该路径不存在。"),
            say!("All paths are listed in /api/v1/openapi.json.", "所有路径都列在 /api/v1/openapi.json 中。"),
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "request.method",
            say!("This path does not know that method.", "该路径不支持此方法。"),
            say!("The header Allow names those that it knows.", "请参考响应头 Allow 中列出的方法。"),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "request.too_large",
            say!("What was sent is larger than 1 MiB.", "发送的内容超过 1 MiB。"),
            say!("Send less.", "请减少内容后重试。"),
        ),
        status if status.is_client_error() => (
            "request.malformed",
            say!("The request cannot be understood: {reason}", "无法理解该请求：{reason}"),
            say!("Compare it with /api/v1/openapi.json.", "请对照 /api/v1/openapi.json 检查。"),
        ),
        _ => (
            "app.failed",
            say!("The console could not do this.", "控制台无法完成此操作。"),
            say!("Look at its log, then try again.", "请查看控制台日志，然后重试。"),
        ),
    };
    AppError::new(code, status.as_u16(), cause, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reason_repeats_nothing_that_was_sent() {
        let text = r#"credentials.a: invalid type: string "hunter2", expected struct CredentialBody"#;
        assert_eq!(
            reason(Body::from(text)).await,
            r#"credentials.a: invalid type: string "…", expected struct CredentialBody"#
        );
        // An open quote hides the rest.
        assert_eq!(reason(Body::from(r#"string "hunter2"#)).await, r#"string "…"#);
        // A quote inside is escaped by serde, which only moves what is hidden.
        assert!(!reason(Body::from(r#"string "hun\"ter2", expected"#)).await.contains("hun"));
    }
}
