//! Why a step failed.

use model::{AppError, Say, names::NodeName, say};
use store::StoreError;

use crate::trouble::Trouble;

/// Why a step could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    /// A Harbor refused, or did not answer.
    #[error("{node}: {trouble}")]
    Harbor {
        /// Which.
        node: NodeName,
        /// Why.
        trouble: Trouble,
    },
    /// The console's own database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was found does not allow it.
    #[error("{0}")]
    Refused(Box<AppError>),
}

impl StepError {
    /// A step that may not go on, with its reason.
    pub(crate) fn refused(code: &str, cause: Say, next: Say) -> Self {
        Self::Refused(Box::new(AppError::new(code, 409, cause, next)))
    }

    /// There is no account to sign in with.
    pub(crate) fn no_account(node: &NodeName) -> Self {
        Self::refused(
            "node.no_account",
            say!("There is no account for {node}.", "没有 {node} 的账号。"),
            say!("Give its account again.", "请重新填写它的账号。"),
        )
    }

    /// What was written did not read back as written.
    pub(crate) fn not_kept(node: &NodeName, what: &Say) -> Self {
        let Say { en, zh } = what;
        Self::refused(
            "step.not_kept",
            say!("{node} did not keep what was sent: {en}.", "{node} 没有保存所发送的内容：{zh}。"),
            say!(
                "Try again; if it stays so, this version of Harbor does not know the setting.",
                "请重试；若仍如此，说明此版本的 Harbor 不支持该设置。"
            ),
        )
    }

    /// The same as it leaves the house.
    pub(crate) fn app(self) -> AppError {
        match self {
            Self::Harbor { node, trouble } => trouble.app_of(&node),
            Self::Store(error) => error.into(),
            Self::Refused(error) => *error,
        }
    }
}
