//! The certificate is trusted and lasts.

use async_trait::async_trait;
use model::{
    Say,
    draft::TlsSeen,
    finding::Subject,
    say,
    spec::{ClusterSpec, TlsChoice},
};

use super::{Answer, Check, each_node};
use crate::survey::Survey;

/// Days before the end at which somebody should know.
const WARN_DAYS: i64 = 30;

pub(super) struct CertificateExpiry;

#[async_trait]
impl Check for CertificateExpiry {
    fn id(&self) -> &'static str {
        "certificate-expiry"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The certificate is trusted and lasts", "证书可信且未临近过期")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        let mut subjects = each_node(spec);
        subjects.extend(spec.entry.as_ref().map(|_| Subject::Entry));
        subjects
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(place) = survey.place_of(subject) else { return Survey::gone() };
        match place.certificate().await {
            Err(trouble) => Answer::not_proven(trouble.cause(), trouble.next()),
            Ok(seen) => judge(seen.as_ref(), place.tls(), survey.now_ms()),
        }
    }
}

fn judge(seen: Option<&TlsSeen>, choice: &TlsChoice, now_ms: i64) -> Answer {
    let Some(seen) = seen else {
        return Answer::not_applicable(say!(
            "The address is plain http: passwords and images cross the network readable.",
            "地址使用 http：密码和镜像以明文传输。"
        ));
    };
    let days = (seen.not_after_ms - now_ms).div_euclid(86_400_000);
    let measured = say!("{days} days left", "还剩 {days} 天");
    let limit = say!("warning below {WARN_DAYS} days", "少于 {WARN_DAYS} 天时警告");
    let renew = say!("Renew the certificate on the node.", "请在节点上更新证书。");
    if days < 0 {
        let ago = -days;
        return Answer::failed(
            say!("expired {ago} days ago", "已过期 {ago} 天"),
            say!("Clients refuse to pull from it.", "客户端会拒绝从它拉取。"),
        )
        .limit(limit)
        .cure(renew);
    }
    if !seen.trusted && *choice != TlsChoice::Off {
        return Answer::failed(
            measured,
            say!("The choice made for this address does not trust it.", "按为此地址所做的选择，证书不可信。"),
        )
        .limit(limit)
        .cure(say!(
            "Give its certificate authority, or pin this certificate.",
            "请提供其证书颁发机构，或固定此证书。"
        ));
    }
    if *choice == TlsChoice::Off {
        return Answer::warning(
            measured,
            say!(
                "The certificate is not verified: whoever stands between can read the passwords.",
                "证书未经验证：中间人可以读取密码。"
            ),
        )
        .limit(limit)
        .cure(say!("Pin the certificate instead.", "请改为固定此证书。"));
    }
    if days < WARN_DAYS {
        return Answer::warning(
            measured,
            say!("It ends soon; then nothing can be pulled.", "即将到期；到期后将无法拉取。"),
        )
        .limit(limit)
        .cure(renew);
    }
    Answer::ok(measured).limit(limit)
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(days: i64, trusted: bool, choice: &TlsChoice) -> FindingState {
        let seen = TlsSeen {
            sha256: "0".repeat(64),
            not_after_ms: days * 86_400_000 + 1,
            issuer: "CN=x".into(),
            trusted,
        };
        judge(Some(&seen), choice, 0).state()
    }

    #[test]
    fn judge_warns_before_the_end_and_fails_after_it() {
        assert_eq!(state(90, true, &TlsChoice::System), FindingState::Ok);
        assert_eq!(state(29, true, &TlsChoice::System), FindingState::Warning);
        assert_eq!(state(-1, true, &TlsChoice::System), FindingState::Failed);
        assert_eq!(state(90, false, &TlsChoice::System), FindingState::Failed);
        assert_eq!(state(90, false, &TlsChoice::Off), FindingState::Warning);
        assert_eq!(judge(None, &TlsChoice::System, 0).state(), FindingState::NotApplicable);
    }
}
