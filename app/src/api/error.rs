//! The error of every server function.

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::{AppError, say};
use serde::{Deserialize, Serialize};

use super::body::JsonText;

/// An [`AppError`] on its way to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub AppError);

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ApiError {}

impl ApiError {
    /// The error for `what` that is not there, or is no longer.
    pub fn not_found() -> Self {
        Self(AppError::new(
            "not_found",
            404,
            say!("It is not there, or no longer.", "它不存在，或已被移除。"),
            say!("Go back to the list.", "请返回列表。"),
        ))
    }

    /// Whether the page behind it does not exist.
    pub fn is_not_found(&self) -> bool {
        self.0.status == 404
    }

    /// Whether nobody is signed in any more.
    pub fn is_signed_out(&self) -> bool {
        self.0.code == "access.signed_out"
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        Self(match error {
            E::Request(_) | E::Response(_) => AppError::new(
                "app.offline",
                503,
                say!("The console did not answer.", "控制台没有应答。"),
                say!("Nothing typed is lost; try again in a moment.", "已填写的内容不会丢失，请稍后重试。"),
            ),
            E::Args(_) | E::MissingArg(_) | E::Deserialization(_) => AppError::new(
                "app.version",
                400,
                say!(
                    "The page and the console do not understand each other: one of them was updated.",
                    "页面与控制台版本不一致：其中一方刚刚更新过。"
                ),
                say!("Load the page again.", "请重新加载页面。"),
            ),
            _ => AppError::new(
                "app.failed",
                500,
                say!("The console could not do this.", "控制台无法完成此操作。"),
                say!("Look at its log, then try again.", "请查看控制台日志，然后重试。"),
            ),
        })
    }
}
