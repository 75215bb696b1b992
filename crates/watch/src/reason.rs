//! Why something is not up: a stable code, what was seen, and what to do next.

use harbor::{HarborError, TlsFault};
use model::{Say, health::Component, say};

/// Why a node or an entry is not up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) cause: Say,
    pub(crate) next: Say,
}

impl Reason {
    fn new(code: &'static str, cause: Say, next: Say) -> Self {
        Self { code, cause, next }
    }

    /// Nothing of Harbor answered.
    pub(crate) fn nothing(error: &HarborError) -> Self {
        let code = code(error);
        let (cause, next) = words(error);
        Self::new(code, cause, next)
    }

    /// `/ping` answers and `/health` does not.
    pub(crate) fn no_health(error: &HarborError) -> Self {
        if matches!(error, HarborError::Timeout(_)) {
            return Self::new(
                "health_hangs",
                say!(
                    "its core answers, but its health check hangs: most likely its database does",
                    "core 有应答，但健康检查一直没有结果：很可能是数据库卡住了"
                ),
                say!(
                    "Look at PostgreSQL: is it overloaded, locked, out of disk, or cut off from core?",
                    "请检查 PostgreSQL：是否过载、被锁、磁盘已满，或与 core 断开。"
                ),
            );
        }
        let (Say { en, zh }, _) = words(error);
        Self::new(
            "health_failed",
            say!("its core answers, but its health check fails: {en}", "core 有应答，但健康检查失败：{zh}"),
            say!("Look at the log of harbor-core.", "请查看 harbor-core 的日志。"),
        )
    }

    /// An error of a server where Harbor should be.
    pub(crate) fn server(status: u16) -> Self {
        if matches!(status, 502..=504) {
            return Self::new(
                "gateway",
                say!(
                    "only the proxy before it answers ({status}): its core is not running or not ready",
                    "只有它前面的代理在应答（{status}）：core 没有运行或尚未就绪"
                ),
                say!(
                    "Start harbor-core, or look at its log if it keeps stopping.",
                    "请启动 harbor-core；如果它反复退出，请查看其日志。"
                ),
            );
        }
        Self::new(
            "health_failed",
            say!("it answers every question with an error ({status})", "它对每个请求都返回错误（{status}）"),
            say!("Look at the log of harbor-core.", "请查看 harbor-core 的日志。"),
        )
    }

    /// `/health` is well, but the way of pulls and pushes is not.
    pub(crate) fn registry_path(error: &HarborError) -> Self {
        let (Say { en, zh }, _) = words(error);
        Self::new(
            "registry_path",
            say!(
                "its health is well, but /v2/, the way of every pull and push, is not: {en}",
                "健康检查正常，但拉取和推送所用的 /v2/ 不正常：{zh}"
            ),
            say!(
                "Look at the proxy before Harbor: it must pass /v2/ and /service/ unchanged.",
                "请检查 Harbor 前面的代理：/v2/ 和 /service/ 必须原样放行。"
            ),
        )
    }

    /// Parts that Harbor itself calls sick; `None` if there is none.
    pub(crate) fn component(components: &[Component]) -> Option<Self> {
        let sick: Vec<&Component> = components.iter().filter(|c| !c.healthy).collect();
        let first = sick.first()?;
        let names: Vec<&str> = sick.iter().map(|c| c.name.as_str()).collect();
        let (en, zh) = (names.join(", "), names.join("、"));
        let cause = match (sick.len(), first.error.as_deref().map(short)) {
            (1, Some(error)) if !error.is_empty() => say!("its {en} is sick: {error}", "{zh} 异常：{error}"),
            (1, _) => say!("its {en} is sick", "{zh} 异常"),
            _ => say!("these parts are sick: {en}", "以下部件异常：{zh}"),
        };
        Some(Self::new("component", cause, part_next(&first.name)))
    }

    /// A pull of the canary failed though all parts are well.
    pub(crate) fn pull(artifact: &str, error: &HarborError) -> Self {
        let (Say { en, zh }, _) = words(error);
        Self::new(
            "pull",
            say!("a pull of {artifact} fails: {en}", "拉取 {artifact} 失败：{zh}"),
            say!(
                "Look at the storage behind the registry: its space, its credential, its network.",
                "请检查 registry 后面的存储：空间、凭据和网络。"
            ),
        )
    }
}

/// The code of an error that kept Harbor from answering at all.
pub(crate) fn code(error: &HarborError) -> &'static str {
    match error {
        HarborError::Dns(_) => "dns",
        HarborError::Refused => "refused",
        HarborError::Unreachable => "no_route",
        HarborError::Timeout(_) => "timeout",
        HarborError::Tls(_) | HarborError::PlainHttp | HarborError::NeedsHttps => "tls",
        HarborError::Cut => "cut",
        HarborError::Server { .. } | HarborError::TooManyRequests => "server",
        HarborError::Setup(_) => "setup",
        _ => "not_harbor",
    }
}

/// What was seen, and what to do next.
fn words(error: &HarborError) -> (Say, Say) {
    match error {
        HarborError::Dns(name) => (
            say!("the name {name} has no address", "无法解析主机名 {name}"),
            say!(
                "Check the name in your DNS, and that this console uses that DNS.",
                "请检查 DNS 中的主机名，以及本控制台使用的 DNS。"
            ),
        ),
        HarborError::Refused => (
            say!("the connection is refused: nothing listens there", "连接被拒绝：该端口没有程序在监听"),
            say!(
                "Start Harbor on that machine, or correct the port or the firewall.",
                "请在该机器上启动 Harbor，或更正端口或防火墙设置。"
            ),
        ),
        HarborError::Unreachable => (
            say!("there is no way to the host", "无法到达该主机"),
            say!(
                "Check that the machine runs, and the network to it.",
                "请检查该机器是否在运行，以及到它的网络。"
            ),
        ),
        HarborError::Timeout(ms) => {
            let s = ms.div_ceil(1000);
            (
                say!("no answer within {s} s", "{s} 秒内没有应答"),
                say!(
                    "Check that the machine runs and no firewall swallows packets; a Redis that hangs looks like this too.",
                    "请检查该机器是否在运行、防火墙是否丢弃了数据包；Redis 卡住时也是这个样子。"
                ),
            )
        }
        HarborError::Tls(fault) => tls_words(fault),
        HarborError::PlainHttp => (
            say!("https was asked, but plain http is spoken there", "请求用的是 https，但对方只使用 http"),
            say!("Correct the address of this node to http://.", "请将该节点的地址改为 http://。"),
        ),
        HarborError::NeedsHttps => (
            say!("http was asked, but https is needed there", "请求用的是 http，但对方要求 https"),
            say!("Correct the address of this node to https://.", "请将该节点的地址改为 https://。"),
        ),
        HarborError::Cut => (
            say!("the connection ends before the answer does", "应答未完成，连接就断开了"),
            say!(
                "Look at the proxy before Harbor and at the log of harbor-core.",
                "请查看 Harbor 前面的代理，以及 harbor-core 的日志。"
            ),
        ),
        HarborError::LoginProxy => (
            say!("a login page answers instead of Harbor", "应答的是登录页，而不是 Harbor"),
            say!(
                "Let the proxy pass /api, /v2 and /service, or give an address that leads past it.",
                "请让代理放行 /api、/v2 和 /service，或填写绕过代理的地址。"
            ),
        ),
        HarborError::Redirected(to) => (
            say!("it leads to another host, {to}", "它跳转到了另一个主机 {to}"),
            say!("If that is the Harbor, correct the address.", "如果那才是 Harbor，请更正地址。"),
        ),
        HarborError::Server { status, .. } => (
            say!("it answers with an error ({status})", "它返回了错误（{status}）"),
            say!("Look at the log of harbor-core.", "请查看 harbor-core 的日志。"),
        ),
        HarborError::TooManyRequests => (
            say!("it refuses because of too many requests", "请求过多，被它拒绝"),
            say!("Raise the limit of the proxy before Harbor.", "请提高 Harbor 前面代理的限额。"),
        ),
        HarborError::Setup(what) => (
            say!("the connection cannot be set up: {what}", "无法建立连接：{what}"),
            say!("Correct the certificate choice of this node.", "请更正该节点的证书设置。"),
        ),
        HarborError::Unauthorized | HarborError::CredentialRefused | HarborError::Forbidden(_) => (
            say!("it refuses without a login", "它要求登录，拒绝了请求"),
            say!(
                "Let the proxy before Harbor pass /api, /v2 and /service without a login of its own.",
                "请让 Harbor 前面的代理对 /api、/v2 和 /service 不要另行要求登录。"
            ),
        ),
        _ => (
            say!("what answers there is not a Harbor", "在那里应答的不是 Harbor"),
            say!(
                "Check that the address is the one you open Harbor's portal with.",
                "请确认这是您打开 Harbor 页面所用的地址。"
            ),
        ),
    }
}

fn tls_words(fault: &TlsFault) -> (Say, Say) {
    let cause = match fault {
        TlsFault::Expired => say!("its certificate has expired", "它的证书已过期"),
        TlsFault::NotYetValid => {
            say!(
                "its certificate is not valid yet; one of the clocks is wrong",
                "它的证书尚未生效；某一方的时钟有误"
            )
        }
        TlsFault::WrongHost => say!("its certificate is for another host name", "它的证书属于另一个主机名"),
        TlsFault::UnknownIssuer => {
            say!("its certificate is signed by nobody known here", "它的证书由未知的机构签发")
        }
        TlsFault::PinnedMismatch => say!("its certificate is not the pinned one", "它的证书与固定的证书不同"),
        TlsFault::Revoked => say!("its certificate has been revoked", "它的证书已被吊销"),
        TlsFault::Other(what) => say!("TLS fails: {what}", "TLS 失败：{what}"),
    };
    let next = match fault {
        TlsFault::Expired | TlsFault::Revoked => {
            say!("Renew the certificate on that machine.", "请在该机器上更新证书。")
        }
        TlsFault::NotYetValid => say!("Set the clocks of both machines.", "请校准两台机器的时钟。"),
        TlsFault::WrongHost => say!(
            "Use the name in the certificate as the address, or make a certificate for this name.",
            "请以证书中的主机名作为地址，或为该主机名签发证书。"
        ),
        TlsFault::UnknownIssuer | TlsFault::Other(_) => say!(
            "Give this node's certificate authority in its settings, or pin its certificate.",
            "请在节点设置中提供其证书颁发机构，或固定其证书。"
        ),
        TlsFault::PinnedMismatch => say!(
            "If the certificate was renewed, pin the new one; if not, find out who answers there.",
            "如果证书已更新，请固定新证书；否则请查明是谁在应答。"
        ),
    };
    (cause, next)
}

/// What to look at when a part is sick.
fn part_next(part: &str) -> Say {
    match part {
        "core" => say!("Look at the log of harbor-core.", "请查看 harbor-core 的日志。"),
        "database" => say!(
            "Look at PostgreSQL: is it running, reachable from core, and is there space on its disk?",
            "请检查 PostgreSQL：是否在运行、core 能否连接、磁盘是否有空间。"
        ),
        "redis" => say!(
            "Look at Redis: is it running and reachable from core? The job service is sick with it.",
            "请检查 Redis：是否在运行、core 能否连接。jobservice 会随之异常。"
        ),
        "registry" | "registryctl" => say!(
            "Look at the log of this container and at the storage behind it.",
            "请查看该容器的日志，以及它后面的存储。"
        ),
        "jobservice" => say!(
            "Start the job service; until then nothing is replicated and no schedule runs.",
            "请启动 jobservice；在此之前不会复制镜像，也不会执行任何计划。"
        ),
        "portal" => say!(
            "Start the portal; pulls, pushes and this console do not need it.",
            "请启动 portal；拉取、推送和本控制台都不依赖它。"
        ),
        "trivy" => {
            say!("Start trivy; until then nothing is scanned.", "请启动 trivy；在此之前不会扫描镜像。")
        }
        _ => say!("Look at the log of this container.", "请查看该容器的日志。"),
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(160).collect()
}
