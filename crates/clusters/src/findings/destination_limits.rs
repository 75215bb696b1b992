//! Nothing at the destination undoes or refuses what is copied: retention, immutable tags, quotas.

use async_trait::async_trait;
use model::{Link, Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_link, some};
use crate::survey::Survey;

pub(super) struct DestinationLimits;

#[async_trait]
impl Check for DestinationLimits {
    fn id(&self) -> &'static str {
        "destination-limits"
    }

    fn title(&self, subject: &Subject) -> Say {
        match subject {
            Subject::Link { destination, .. } => say!(
                "Nothing on {destination} undoes or refuses what is copied",
                "{destination} 上没有会撤销或拒绝复制的设置"
            ),
            _ => say!("Nothing undoes or refuses what is copied", "没有会撤销或拒绝复制的设置"),
        }
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_link(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some((source, destination)) = survey.link_of(subject) else { return Survey::gone() };
        let (here, there) = tokio::join!(source.projects(), destination.projects());
        let (here, there) = match (&here, &there) {
            (Ok(here), Ok(there)) => (here, there),
            (Err(t), _) => return Answer::unread(source.name(), t),
            (_, Err(t)) => return Answer::unread(destination.name(), t),
        };
        let shared: Vec<_> = there.iter().filter(|t| here.iter().any(|h| h.name == t.name)).collect();
        let retained: Vec<String> =
            shared.iter().filter(|p| p.retention.is_some()).map(|p| p.name.clone()).collect();
        let names: Vec<String> = shared.iter().map(|p| p.name.clone()).collect();
        let immutable = match destination.immutable_projects(&names).await {
            Ok(found) => found,
            Err(trouble) => return Answer::unread(destination.name(), &trouble),
        };
        let link = Link::new(source.name().clone(), destination.name().clone());
        let missing = match survey.comparison(&link).await {
            Ok(comparison) => comparison.missing_by_project.clone(),
            Err((node, trouble)) => return Answer::unread(&node, &trouble),
        };
        let full: Vec<String> = match destination.quotas().await {
            Ok(quotas) => quotas
                .iter()
                .filter(|q| q.hard >= 0)
                .filter(|q| missing.get(&q.project).is_some_and(|bytes| q.free() < *bytes))
                .map(|q| q.project.clone())
                .collect(),
            Err(trouble) => return Answer::unread(destination.name(), &trouble),
        };
        judge(&retained, &immutable, &full, survey.spec().topology.one_writer())
    }
}

fn judge(retained: &[String], immutable: &[String], full: &[String], one_writer: bool) -> Answer {
    if !full.is_empty() {
        let Say { en, zh } = some(full);
        return Answer::warning(
            say!("quota too small for the first copy: {en}", "配额不足以容纳首次复制：{zh}"),
            say!("Copies into these projects will be refused.", "向这些项目的复制会被拒绝。"),
        )
        .cure(say!("Raise the quotas at the destination.", "请提高目标端的配额。"));
    }
    if !retained.is_empty() {
        return retention_differs(retained, one_writer);
    }
    if !immutable.is_empty() {
        return immutable_tags(immutable);
    }
    Answer::ok(say!(
        "no retention, no immutable tags, quotas large enough",
        "无保留策略、无不可变标签，配额充足"
    ))
}

/// The retention of these projects takes away at the destination what is copied there.
pub(crate) fn retention_differs(projects: &[String], one_writer: bool) -> Answer {
    let Say { en, zh } = some(projects);
    let meaning = if one_writer {
        say!(
            "What its retention removes is copied again with the next run.",
            "被其保留策略删除的内容，下次执行又会复制过来。"
        )
    } else {
        say!(
            "What retention removes on one side comes back from the other with its next run.",
            "一端的保留策略删除的内容，会在另一端下次执行时又回来。"
        )
    };
    Answer::warning(say!("retention: {en}", "保留策略：{zh}"), meaning)
        .cure(say!("Have the same retention on both sides, or none.", "请让两端的保留策略相同，或都不设。"))
}

/// Tags of these projects cannot be moved at the destination.
pub(crate) fn immutable_tags(projects: &[String]) -> Answer {
    let Say { en, zh } = some(projects);
    Answer::warning(
        say!("immutable tags: {en}", "不可变标签：{zh}"),
        say!("A tag that was moved at the source is refused there.", "源端移动过的标签会被那里拒绝。"),
    )
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    #[test]
    fn judge_warns_of_each_limit() {
        let p = ["p".to_owned()];
        assert_eq!(judge(&[], &[], &[], false).state(), FindingState::Ok);
        assert_eq!(judge(&p, &[], &[], false).state(), FindingState::Warning);
        assert_eq!(judge(&[], &p, &[], true).state(), FindingState::Warning);
        assert_eq!(judge(&[], &[], &p, false).state(), FindingState::Warning);
    }
}
