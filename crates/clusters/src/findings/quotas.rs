//! No project is about to hit its quota: a full one makes replication into it fail.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, say::bytes, spec::ClusterSpec};

use super::{Answer, Check, each_node};
use crate::survey::{ProjectQuota, Survey};

/// Share of a quota from which somebody should know.
const FULL_PERCENT: i128 = 90;

pub(super) struct Quotas;

#[async_trait]
impl Check for Quotas {
    fn id(&self) -> &'static str {
        "quotas"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("No project is about to hit its quota", "没有项目即将达到配额")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_node(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(node) = survey.node_of(subject) else { return Survey::gone() };
        match node.quotas().await {
            Err(trouble) => Answer::unread(node.name(), &trouble),
            Ok(quotas) => judge(&quotas),
        }
    }
}

fn judge(quotas: &[ProjectQuota]) -> Answer {
    let limit = say!("below {FULL_PERCENT} %", "低于 {FULL_PERCENT} %");
    let limited = quotas.iter().filter(|q| q.hard >= 0).count();
    let full: Vec<String> = quotas
        .iter()
        .filter(|q| q.hard >= 0 && is_nearly_full(q.used, q.hard))
        .map(|q| {
            let (used, hard) = (bytes(q.used.max(0) as u64), bytes(q.hard as u64));
            format!("{} {used} / {hard}", q.project)
        })
        .collect();
    if full.is_empty() {
        return Answer::ok(say!("{limited} limited projects", "{limited} 个项目有配额")).limit(limit);
    }
    let shown = super::some(&full);
    Answer::warning(shown, say!("Copies into a full project are refused.", "向已满的项目复制会被拒绝。"))
        .limit(limit)
        .cure(say!(
            "Raise the quota (Administration, Project Quotas) or clean the project up.",
            "请提高配额（系统管理 → 项目定额）或清理项目。"
        ))
}

/// Whether a quota is used up to the share from which somebody should know.
pub(crate) fn is_nearly_full(used: impl Into<i128>, quota: impl Into<i128>) -> bool {
    used.into() * 100 >= quota.into() * FULL_PERCENT
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn quota(hard: i64, used: i64) -> ProjectQuota {
        ProjectQuota { project: "p".into(), hard, used }
    }

    #[test]
    fn judge_warns_of_a_full_project_and_ignores_unlimited_ones() {
        assert_eq!(judge(&[quota(-1, 1 << 40), quota(100, 89)]).state(), FindingState::Ok);
        assert_eq!(judge(&[quota(100, 90)]).state(), FindingState::Warning);
        assert_eq!(judge(&[quota(0, 0)]).state(), FindingState::Warning);
    }
}
