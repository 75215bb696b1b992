//! Why somebody may not, or a change about people was refused.

use model::{AppError, people::Role, say};
use store::StoreError;

/// Errors of this crate; each turns into an [`AppError`] with a stable code.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A text that a person gave is not acceptable.
    #[error(transparent)]
    Input(#[from] Box<AppError>),
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Unknown name or wrong password: deliberately the same.
    #[error("name or password is wrong")]
    WrongPassword,
    /// Too many wrong passwords from this address or for this account.
    #[error("too many wrong passwords, wait {wait_ms} ms")]
    Slowed {
        /// Until the next try is looked at, milliseconds.
        wait_ms: i64,
    },
    /// The role does not include it.
    #[error("{needed} needed")]
    Forbidden {
        /// The least role that may.
        needed: Role,
    },
    /// A token may not; a person in a browser may.
    #[error("a signed-in browser is needed")]
    SessionNeeded,
    /// The set-up code is wrong.
    #[error("the set-up code is wrong")]
    WrongSetupCode,
    /// The console has an administrator already.
    #[error("already claimed")]
    AlreadyClaimed,
    /// The reset code is wrong or too old.
    #[error("the reset code is wrong or too old")]
    WrongResetCode,
    /// The name is taken.
    #[error("the name is taken")]
    NameTaken,
    /// Nobody could administer the console any more.
    #[error("the last administrator")]
    LastAdministrator,
    /// The machine gave no random numbers or hashing failed.
    #[error("cryptography failed: {0}")]
    Crypto(&'static str),
}

impl From<AppError> for AccessError {
    fn from(error: AppError) -> Self {
        Self::Input(Box::new(error))
    }
}

impl From<AccessError> for AppError {
    fn from(error: AccessError) -> Self {
        let (code, status, cause, next) = match error {
            AccessError::Store(error) => return error.into(),
            AccessError::Input(error) => return *error,
            AccessError::SignedOut => (
                "access.signed_out",
                401,
                say!("You are not signed in.", "您尚未登录。"),
                say!("Sign in and try again; what you typed stays.", "请登录后重试；已填写的内容会保留。"),
            ),
            AccessError::WrongPassword => (
                "access.wrong_password",
                401,
                say!("Name or password is wrong.", "用户名或密码不正确。"),
                say!(
                    "Try again, or ask an administrator for a reset code.",
                    "请重试，或向管理员索取重置码。"
                ),
            ),
            AccessError::Slowed { wait_ms } => {
                let wait = model::say::duration(wait_ms.max(1000));
                (
                    "access.slowed",
                    429,
                    say!("There were too many wrong passwords.", "密码错误次数过多。"),
                    say!("Try again in {}.", "请在 {} 后重试。", wait.en; wait.zh),
                )
            }
            AccessError::Forbidden { needed } => {
                let (en, zh) = match needed {
                    Role::Viewer => ("viewer", "查看者"),
                    Role::Operator => ("operator", "操作员"),
                    Role::Administrator => ("administrator", "管理员"),
                };
                (
                    "access.forbidden",
                    403,
                    say!("Your role does not include this.", "您的角色无权执行此操作。"),
                    say!("Ask somebody with the role {}.", "请联系具有{}角色的同事。", en; zh),
                )
            }
            AccessError::SessionNeeded => (
                "access.session_needed",
                403,
                say!("A token may not do this.", "令牌无权执行此操作。"),
                say!("Do it signed in, in a browser.", "请在浏览器中登录后操作。"),
            ),
            AccessError::WrongSetupCode => (
                "access.setup_code",
                401,
                say!("The set-up code is wrong.", "初始化代码不正确。"),
                say!(
                    "It stands on the server's terminal and in the file setup-code of its data folder.",
                    "它显示在服务器终端，也保存在数据目录的 setup-code 文件中。"
                ),
            ),
            AccessError::AlreadyClaimed => (
                "access.claimed",
                409,
                say!("This console has an administrator already.", "该控制台已有管理员。"),
                say!("Sign in.", "请登录。"),
            ),
            AccessError::WrongResetCode => (
                "access.reset_code",
                401,
                say!("The reset code is wrong or too old.", "重置码不正确或已过期。"),
                say!("Ask an administrator for a new one.", "请向管理员索取新的重置码。"),
            ),
            AccessError::NameTaken => (
                "access.name_taken",
                409,
                say!("Somebody has this name already.", "该用户名已被使用。"),
                say!("Choose another name.", "请换一个用户名。"),
            ),
            AccessError::LastAdministrator => (
                "access.last_administrator",
                409,
                say!("Nobody could administer the console any more.", "这样将没有人能管理控制台。"),
                say!("Make somebody else administrator first.", "请先将其他人设为管理员。"),
            ),
            AccessError::Crypto(_) => (
                "access.crypto",
                500,
                say!("The server could not make or check a secret.", "服务器无法生成或校验密钥。"),
                say!("Look at the server's log and try again.", "请查看服务器日志后重试。"),
            ),
        };
        Self::new(code, status, cause, next)
    }
}
