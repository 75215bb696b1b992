//! Why a Harbor could not be asked, in words with a next step.

use std::{sync::Arc, time::Duration};

use harbor::{HarborError, TlsFault};
use model::{AppError, Say, names::NodeName, say};

/// A failed question to a Harbor; cheap to clone, since several findings may have asked the same.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trouble(Arc<HarborError>);

impl From<HarborError> for Trouble {
    fn from(error: HarborError) -> Self {
        Self(Arc::new(error))
    }
}

/// What a node says, unless it says nothing within `limit`.
///
/// # Errors
/// What it says, or that the time is over.
pub(crate) async fn within<T, E: Into<Trouble>>(
    limit: Duration,
    reading: impl Future<Output = Result<T, E>>,
) -> Result<T, Trouble> {
    match tokio::time::timeout(limit, reading).await {
        Ok(read) => read.map_err(Into::into),
        Err(_) => Err(HarborError::Timeout(limit.as_millis() as u64).into()),
    }
}

impl Trouble {
    /// The client's own error.
    pub(crate) fn error(&self) -> &HarborError {
        &self.0
    }

    /// The credential is wrong, or was found wrong before.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(*self.0, HarborError::Unauthorized | HarborError::CredentialRefused)
    }

    /// The account lacks a right.
    pub(crate) fn is_forbidden(&self) -> bool {
        matches!(*self.0, HarborError::Forbidden(_))
    }

    /// The thing is not there.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(*self.0, HarborError::NotFound(_))
    }

    /// The cause, beginning with the node's name.
    pub(crate) fn of_node(&self, node: &NodeName) -> Say {
        let Say { en, zh } = self.cause();
        say!("{node}: {en}", "{node}：{zh}")
    }

    /// What happened.
    pub(crate) fn cause(&self) -> Say {
        match &*self.0 {
            HarborError::Dns(host) => say!("The name {host} has no address.", "无法解析主机名 {host}。"),
            HarborError::Refused => say!("The connection was refused.", "连接被拒绝。"),
            HarborError::Unreachable => say!("There is no way to the host.", "无法到达该主机。"),
            HarborError::Timeout(ms) => {
                let s = ms / 1000;
                say!("No answer within {s} s.", "{s} 秒内没有应答。")
            }
            HarborError::Tls(fault) => tls_cause(fault),
            HarborError::PlainHttp => {
                say!(
                    "https was asked, but plain http is spoken there.",
                    "请求用的是 https，但对方只使用 http。"
                )
            }
            HarborError::NeedsHttps => {
                say!("http was asked, but https is needed there.", "请求用的是 http，但对方要求 https。")
            }
            HarborError::NotHarbor(what) => {
                let zh = not_harbor_zh(what);
                say!("What answers there is not a Harbor: {what}.", "应答的不是 Harbor：{zh}。")
            }
            HarborError::LoginProxy => say!(
                "A login page answers instead of Harbor: a proxy stands before it.",
                "应答的是登录页而不是 Harbor：它前面有一个登录代理。"
            ),
            HarborError::Redirected(to) => {
                say!("It leads to another host: {to}.", "它跳转到了另一个主机：{to}。")
            }
            HarborError::TooOld(version) => {
                say!("It runs Harbor {version}, which is too old.", "它运行的 Harbor {version} 版本太旧。")
            }
            HarborError::CredentialRefused => say!(
                "The account was refused before; it is not tried again until it changes.",
                "此账号曾被拒绝；更换之前不会再次尝试。"
            ),
            HarborError::Unauthorized => {
                say!("The user name or the password is wrong.", "用户名或密码错误。")
            }
            HarborError::Forbidden(_) => {
                say!("The account may not do this.", "该账号没有此权限。")
            }
            HarborError::NotFound(what) => say!("It is not there: {what}.", "不存在：{what}。"),
            HarborError::Conflict(what) => say!("The name is taken: {what}.", "名称已被占用：{what}。"),
            HarborError::Precondition(what) => {
                say!("Harbor does not allow it now: {what}.", "Harbor 目前不允许：{what}。")
            }
            HarborError::Validation(what) => say!("Harbor refused it: {what}.", "Harbor 拒绝了它：{what}。"),
            HarborError::TooManyRequests => say!("It has too many requests.", "请求过多。"),
            HarborError::Server { status, message } => say!(
                "It answered with an error ({status}: {message}).",
                "它返回了错误（{status}：{message}）。"
            ),
            HarborError::BodyTooLarge(limit) => {
                let limit = model::say::bytes(*limit as u64);
                say!("Its answer is longer than {limit}.", "它的应答超过 {limit}。")
            }
            HarborError::Cut => say!("Its answer broke off.", "它的应答中断了。"),
            HarborError::Garbled(_) => say!("Its answer cannot be read.", "无法读懂它的应答。"),
            HarborError::Unexpected(status) => {
                say!("It answered with the unexpected status {status}.", "它返回了意外的状态码 {status}。")
            }
            HarborError::Cancelled => say!("It was stopped.", "已停止。"),
            HarborError::Setup(what) => {
                say!("The connection cannot be set up: {what}.", "无法建立连接：{what}。")
            }
        }
    }

    /// What the reader can do about it.
    pub(crate) fn next(&self) -> Say {
        match &*self.0 {
            HarborError::Dns(_) => {
                say!(
                    "Check the spelling, or the name server of this console.",
                    "请检查拼写，或本控制台使用的域名服务器。"
                )
            }
            HarborError::Refused | HarborError::Unreachable => say!(
                "Check the port, that Harbor runs, and the firewall between this console and it.",
                "请检查端口、Harbor 是否在运行，以及控制台与它之间的防火墙。"
            ),
            HarborError::Timeout(_) => say!(
                "Check the firewall between, and whether Harbor's database and Redis answer.",
                "请检查中间的防火墙，以及 Harbor 的数据库和 Redis 是否正常。"
            ),
            HarborError::Tls(_) => say!(
                "Give its certificate authority, pin this certificate, or renew it.",
                "请提供其证书颁发机构、固定此证书，或更新证书。"
            ),
            HarborError::PlainHttp => say!("Start the address with http://.", "请以 http:// 开头填写地址。"),
            HarborError::NeedsHttps => {
                say!("Start the address with https://.", "请以 https:// 开头填写地址。")
            }
            HarborError::NotHarbor(_) => say!(
                "Give the address that you open Harbor's portal with.",
                "请填写您打开 Harbor 页面所用的地址。"
            ),
            HarborError::LoginProxy => say!(
                "Give an address that reaches Harbor itself, or let the proxy pass /api, /v2 and /service.",
                "请填写能直达 Harbor 的地址，或让代理放行 /api、/v2 和 /service。"
            ),
            HarborError::Redirected(_) => {
                say!(
                    "Give the address it leads to, if that is the Harbor.",
                    "如果跳转的目标就是 Harbor，请填写那个地址。"
                )
            }
            HarborError::TooOld(_) => {
                say!(
                    "Upgrade it to 2.8 or later, then test again.",
                    "请升级到 2.8 或更高版本，然后重新测试。"
                )
            }
            HarborError::CredentialRefused | HarborError::Unauthorized => {
                say!("Enter the account and its password again.", "请重新填写账号和密码。")
            }
            HarborError::Forbidden(_) => say!(
                "Use an administrator, or give the robot the missing right.",
                "请使用管理员账号，或为机器人账号补上缺少的权限。"
            ),
            HarborError::Conflict(_) => {
                say!(
                    "Rename or remove what has that name, then try again.",
                    "请重命名或删除同名对象，然后重试。"
                )
            }
            HarborError::Setup(_) => {
                say!("Check the certificate choice of this node.", "请检查该节点的证书设置。")
            }
            HarborError::Cancelled => say!("Start it again when you like.", "需要时可重新开始。"),
            HarborError::NotFound(_)
            | HarborError::Precondition(_)
            | HarborError::Validation(_)
            | HarborError::TooManyRequests
            | HarborError::Server { .. }
            | HarborError::BodyTooLarge(_)
            | HarborError::Cut
            | HarborError::Garbled(_)
            | HarborError::Unexpected(_) => say!(
                "Look at the health of this Harbor and at its core log, then try again.",
                "请查看该 Harbor 的健康状态和 core 日志，然后重试。"
            ),
        }
    }

    /// The error that leaves the house.
    pub(crate) fn app(&self) -> AppError {
        let status = match &*self.0 {
            HarborError::Unauthorized | HarborError::CredentialRefused | HarborError::Forbidden(_) => 422,
            HarborError::Validation(_) | HarborError::Setup(_) | HarborError::TooOld(_) => 422,
            HarborError::Conflict(_) | HarborError::Precondition(_) => 409,
            HarborError::Timeout(_) => 504,
            _ => 502,
        };
        AppError::new(self.0.code(), status, self.cause(), self.next())
    }

    /// The same, naming the node.
    pub(crate) fn app_of(&self, node: &NodeName) -> AppError {
        let mut error = self.app();
        error.cause = self.of_node(node);
        error
    }
}

/// What the client found instead of a Harbor, in Chinese.
fn not_harbor_zh(what: &str) -> &str {
    match what {
        "no JSON" => "内容不是 JSON",
        "a web page" => "是一个普通网页",
        "a Breakwater console" => "是 Breakwater 控制台",
        "its API is not there" => "没有 Harbor 的接口",
        "it does not know the call" => "不认识该请求",
        other => other,
    }
}

fn tls_cause(fault: &TlsFault) -> Say {
    match fault {
        TlsFault::Expired => say!("Its certificate has expired.", "它的证书已过期。"),
        TlsFault::NotYetValid => say!(
            "Its certificate is not valid yet; one of the clocks is wrong.",
            "它的证书尚未生效；某一方的时钟有误。"
        ),
        TlsFault::WrongHost => {
            say!("Its certificate is for another host name.", "它的证书属于另一个主机名。")
        }
        TlsFault::UnknownIssuer => {
            say!("Its certificate is signed by nobody known here.", "它的证书由未知的机构签发。")
        }
        TlsFault::PinnedMismatch => {
            say!("Its certificate is not the pinned one.", "它的证书与固定的证书不同。")
        }
        TlsFault::Revoked => say!("Its certificate has been revoked.", "它的证书已被吊销。"),
        TlsFault::Other(what) => say!("TLS failed: {what}.", "TLS 失败：{what}。"),
    }
}
