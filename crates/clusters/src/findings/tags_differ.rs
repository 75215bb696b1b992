//! All tags of the two ends of a link, compared: what differs, what the first copy will carry.

use async_trait::async_trait;
use model::{
    Link, Say, Topology,
    finding::Subject,
    say,
    say::{bytes, count},
    spec::ClusterSpec,
};

use super::{Answer, Check, each_link};
use crate::survey::Survey;

pub(super) struct TagsDiffer;

#[async_trait]
impl Check for TagsDiffer {
    fn id(&self) -> &'static str {
        "tags-differ"
    }

    fn title(&self, subject: &Subject) -> Say {
        match subject {
            Subject::Link { source, destination } => say!(
                "Every tag of {source} means the same on {destination}",
                "{source} 的每个标签在 {destination} 上含义相同"
            ),
            _ => say!("Every tag means the same on both sides", "每个标签在两端含义相同"),
        }
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_link(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some((source, destination)) = survey.link_of(subject) else { return Survey::gone() };
        let link = Link::new(source.name().clone(), destination.name().clone());
        match survey.comparison(&link).await {
            Ok(comparison) => judge(survey.spec().topology, &link, &comparison),
            Err((node, trouble)) => Answer::unread(&node, &trouble),
        }
    }
}

fn judge(topology: Topology, link: &Link, found: &ledger::Comparison) -> Answer {
    let (equal, missing, size) = (count(found.equal), count(found.missing), bytes(found.missing_bytes));
    let to_copy = if found.missing == 0 {
        say!("nothing to copy at first", "首次无需复制")
    } else {
        say!("first copy: {missing} artifacts, {size}", "首次复制：{missing} 个制品，{size}")
    };
    let Say { en: copy_en, zh: copy_zh } = &to_copy;
    if found.differing == 0 {
        return Answer::ok(say!("{equal} tags equal; {copy_en}", "{equal} 个标签一致；{copy_zh}"));
    }
    let differing = count(found.differing);
    let examples = found.examples.iter().map(|d| format!("{}:{}", d.repository, d.tag)).collect::<Vec<_>>();
    let Say { en, zh } = super::some(&examples);
    let measured =
        say!("{differing} tags differ ({en}); {copy_en}", "{differing} 个标签不同（{zh}）；{copy_zh}");
    let destination = &link.destination;
    if topology == Topology::DualMaster {
        Answer::warning(
            measured,
            say!(
                "Each side keeps its own: no rule overwrites between two masters.",
                "两端各自保留自己的内容：双主之间没有规则会覆盖。"
            ),
        )
        .cure(say!(
            "Push the right image under these tags to both sides, or accept the difference with a reason.",
            "请把正确的镜像以这些标签推送到两端，或填写理由接受差异。"
        ))
    } else {
        Answer::warning(
            measured,
            say!(
                "The first run overwrites these tags on {destination} with the source's.",
                "首次执行会用源端内容覆盖 {destination} 上的这些标签。"
            ),
        )
        .cure(say!(
            "Keep what is needed of them under another tag first.",
            "请先把其中需要的内容另存为其他标签。"
        ))
    }
}

#[cfg(test)]
mod tests {
    use model::{finding::FindingState, names::NodeName};

    use super::*;

    #[test]
    fn judge_warns_of_a_tag_that_means_two_things() {
        let link = Link::new(NodeName::parse("a").unwrap(), NodeName::parse("b").unwrap());
        let mut found =
            ledger::Comparison { equal: 5, missing: 2, missing_bytes: 2048, ..Default::default() };
        assert_eq!(judge(Topology::DualMaster, &link, &found).state(), FindingState::Ok);
        found.differing = 1;
        found.examples.push(ledger::Differing { repository: "p/r".into(), tag: "latest".into() });
        assert_eq!(judge(Topology::DualMaster, &link, &found).state(), FindingState::Warning);
        assert_eq!(judge(Topology::OneToMany, &link, &found).state(), FindingState::Warning);
    }
}
