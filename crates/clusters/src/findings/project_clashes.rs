//! Projects of the same name on both sides mean the same: same visibility, and no proxy cache.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_link, some};
use crate::survey::{Project, Survey};

pub(super) struct ProjectClashes;

#[async_trait]
impl Check for ProjectClashes {
    fn id(&self) -> &'static str {
        "project-clashes"
    }

    fn title(&self, subject: &Subject) -> Say {
        match subject {
            Subject::Link { source, destination } => say!(
                "Projects of {source} fit those of {destination}",
                "{source} 的项目与 {destination} 的项目相符"
            ),
            _ => say!("Projects fit each other", "项目相符"),
        }
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_link(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some((source, destination)) = survey.link_of(subject) else { return Survey::gone() };
        let (here, there) = tokio::join!(source.projects(), destination.projects());
        match (&here, &there) {
            (Ok(here), Ok(there)) => judge(here, there),
            (Err(t), _) => Answer::unread(source.name(), t),
            (_, Err(t)) => Answer::unread(destination.name(), t),
        }
    }
}

fn judge(here: &[Project], there: &[Project]) -> Answer {
    let theirs: BTreeMap<&str, &Project> = there.iter().map(|p| (p.name.as_str(), p)).collect();
    let pairs: Vec<_> = here.iter().filter_map(|p| theirs.get(p.name.as_str()).map(|t| (p, *t))).collect();
    let named = |pick: fn(&Project, &Project) -> bool| -> Vec<String> {
        pairs.iter().filter(|(h, t)| pick(h, t)).map(|(h, _)| h.name.clone()).collect()
    };
    let cached = named(|_, there| there.proxy_cache);
    if !cached.is_empty() {
        return proxy_cache(&cached);
    }
    let seen = named(|here, there| here.public != there.public);
    if !seen.is_empty() {
        let Say { en, zh } = some(&seen);
        return Answer::warning(
            say!("public on one side only: {en}", "仅一端公开：{zh}"),
            say!(
                "Private images of one side can be pulled by anybody on the other.",
                "一端的私有镜像，在另一端任何人都能拉取。"
            ),
        )
        .cure(say!("Give both projects the same visibility.", "请让两个项目的可见性一致。"));
    }
    let n = pairs.len();
    Answer::ok(say!("projects of the same name: {n}", "同名项目：{n} 个"))
}

/// These projects are proxy caches at the destination.
pub(crate) fn proxy_cache(projects: &[String]) -> Answer {
    let Say { en, zh } = some(projects);
    Answer::warning(
        say!("proxy cache at the destination: {en}", "目标端是代理缓存：{zh}"),
        say!(
            "Harbor copies nothing into a proxy-cache project and reports no error.",
            "Harbor 不会向代理缓存项目复制内容，也不报错。"
        ),
    )
    .cure(say!("Rename one of the two projects.", "请将两个项目之一改名。"))
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn project(name: &str, public: bool, proxy_cache: bool) -> Project {
        Project { name: name.into(), public, proxy_cache, retention: None }
    }

    #[test]
    fn judge_compares_only_projects_of_the_same_name() {
        let here = [project("a", true, false), project("only-here", true, true)];
        assert_eq!(judge(&here, &[project("a", true, false)]).state(), FindingState::Ok);
        assert_eq!(judge(&here, &[project("a", false, false)]).state(), FindingState::Warning);
        assert_eq!(judge(&here, &[project("a", true, true)]).state(), FindingState::Warning);
        assert_eq!(judge(&here, &[project("b", false, true)]).state(), FindingState::Ok);
    }
}
