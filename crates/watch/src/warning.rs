//! What deserves a look though the node works; most urgent first.

use model::{
    Say,
    health::Warning,
    say,
    say::{count, duration},
    spec::TlsChoice,
};

use crate::slow::Slow;

const DAY_MS: i64 = 86_400_000;
/// A certificate that ends sooner is told; most are renewed 30 days before.
const CERTIFICATE_MS: i64 = 21 * DAY_MS;
/// Clocks further apart than this break sign-ins and tokens sooner or later (`harbor-facts` A.4); the answer's way
/// is part of what is measured.
const CLOCK_MS: i64 = 5_000;

/// What a node's settings and the slower looks at it tell.
pub(crate) fn warnings(slow: &Slow, tls: &TlsChoice, has_credential: bool, now_ms: i64) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut tell =
        |code: &str, text: Say, next: Say| found.push(Warning { code: code.to_owned(), text, next });
    if let Some(reason) = slow.pulled.as_ref().and_then(|p| p.reason.clone()) {
        tell("pull", reason.cause, reason.next);
    }
    if let Some(end) = slow.cert_not_after_ms.filter(|end| end - now_ms < CERTIFICATE_MS) {
        let text = if end <= now_ms {
            say!("Its certificate has expired.", "证书已过期。")
        } else {
            let Say { en, zh } = duration(end - now_ms);
            say!("Its certificate ends in {en}.", "证书将在 {zh} 后到期。")
        };
        tell("certificate", text, say!("Renew it on that machine.", "请在该机器上更新证书。"));
    }
    if slow.queue.is_some_and(|q| q.paused) {
        let pending = count(slow.queue.map_or(0, |q| q.pending));
        tell(
            "queue_paused",
            say!(
                "Its replication queue is paused; {pending} jobs wait and no error will tell.",
                "复制队列已暂停，有 {pending} 个任务在等待，且不会报错。"
            ),
            say!(
                "Resume it in Harbor under Job Service Dashboard, or find out who paused it and why.",
                "请在 Harbor 的“任务中心”中恢复，或查明是谁、为何暂停。"
            ),
        );
    }
    if let Some((project, percent)) = slow.full.first() {
        let more = slow.full.len() - 1;
        let text = if more == 0 {
            say!(
                "Project {project} has used {percent} % of its quota.",
                "项目 {project} 已用去配额的 {percent} %。"
            )
        } else {
            say!(
                "Project {project} has used {percent} % of its quota, and {more} more are nearly full.",
                "项目 {project} 已用去配额的 {percent} %，另有 {more} 个项目也将用尽。"
            )
        };
        tell("quota", text, say!("Raise the quota or remove old images.", "请提高配额，或清理旧镜像。"));
    }
    if slow.read_only {
        tell(
            "read_only",
            say!("It is read-only: nobody can push to it.", "它处于只读模式：无法推送。"),
            say!(
                "Turn it off in Harbor's system settings when the work is done.",
                "维护完成后，请在 Harbor 的系统设置中关闭只读。"
            ),
        );
    }
    if let Some(offset) = slow.clock_offset_ms.filter(|o| o.abs() > CLOCK_MS) {
        let Say { en, zh } = duration(offset.abs());
        let text = if offset > 0 {
            say!("Its clock is {en} ahead of this console's.", "它的时钟比本控制台快 {zh}。")
        } else {
            say!("Its clock is {en} behind this console's.", "它的时钟比本控制台慢 {zh}。")
        };
        tell(
            "clock",
            text,
            say!("Let all machines use the same time server.", "请让所有机器使用同一个时间服务器。"),
        );
    }
    if slow.credential_refused {
        tell(
            "credential",
            say!(
                "It refuses the stored account; only its health is still watched.",
                "它拒绝了已保存的账号；目前只能查看健康状态。"
            ),
            say!("Give a new credential in this node's settings.", "请在该节点的设置中填写新的凭据。"),
        );
    } else if !has_credential {
        tell(
            "credential",
            say!(
                "There is no account for it; only its health is watched.",
                "尚未设置账号；只能查看健康状态。"
            ),
            say!("Give one in this node's settings.", "请在该节点的设置中填写。"),
        );
    }
    if matches!(tls, TlsChoice::Off) {
        tell(
            "unverified",
            say!(
                "Its certificate is not verified: anybody on the way could answer for it.",
                "未校验证书：途中的任何人都可能冒充它。"
            ),
            say!(
                "Pin its certificate or give its authority in this node's settings.",
                "请在该节点的设置中固定证书，或提供其证书颁发机构。"
            ),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use model::health::QueueHealth;

    use super::*;

    fn codes(slow: &Slow, tls: &TlsChoice) -> Vec<String> {
        warnings(slow, tls, true, 100 * DAY_MS).into_iter().map(|w| w.code).collect()
    }

    #[test]
    fn warnings_are_silent_about_a_healthy_node() {
        let slow = Slow {
            clock_offset_ms: Some(-200),
            cert_not_after_ms: Some(300 * DAY_MS),
            queue: Some(QueueHealth { pending: 41, paused: false }),
            ..Slow::default()
        };
        assert!(codes(&slow, &TlsChoice::System).is_empty());
    }

    #[test]
    fn warnings_put_the_most_urgent_first() {
        let slow = Slow {
            clock_offset_ms: Some(90_000),
            cert_not_after_ms: Some(103 * DAY_MS),
            queue: Some(QueueHealth { pending: 3, paused: true }),
            full: vec![("shop".to_owned(), 97)],
            read_only: true,
            credential_refused: true,
            ..Slow::default()
        };
        let found = warnings(&slow, &TlsChoice::Off, true, 100 * DAY_MS);
        let codes: Vec<&str> = found.iter().map(|w| w.code.as_str()).collect();
        assert_eq!(
            codes,
            ["certificate", "queue_paused", "quota", "read_only", "clock", "credential", "unverified"]
        );
        assert_eq!(found[0].text.en, "Its certificate ends in 3 d.");
        assert_eq!(found[4].text.zh, "它的时钟比本控制台快 1 分 30 秒。");
    }
}
