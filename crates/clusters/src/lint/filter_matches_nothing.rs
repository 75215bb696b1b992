//! A filter that takes none of the repositories there are: each run copies nothing and says success (harbor-facts A.7,
//! A.6: `p` and `p**` match nothing, case counts).

use model::{say, say::count};

use super::{Answer, Facts, Found, Lint, PairFacts, on_pair};

pub(super) struct FilterMatchesNothing;

impl Lint for FilterMatchesNothing {
    fn id(&self) -> &'static str {
        "filter-matches-nothing"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        facts.pairs.iter().filter_map(|pair| found(facts, pair)).collect()
    }
}

fn found(facts: &Facts<'_>, pair: &PairFacts) -> Option<Found> {
    by_name(facts, pair).or_else(|| by_label(facts, pair))
}

fn by_name(facts: &Facts<'_>, pair: &PairFacts) -> Option<Found> {
    let landing = pair.landing.as_ref().filter(|landing| landing.is_nothing())?;
    let names = facts.spec.replication.scope.names.as_ref()?;
    let (source, of) = (&pair.nodes[0], count(landing.of));
    Some(Found {
        subject: on_pair(pair),
        title: say!(
            "The filter {names} takes nothing of {source}",
            "过滤器 {names} 在 {source} 上什么都匹配不到"
        ),
        answer: Answer::warning(
            say!("0 of {of} repositories match", "{of} 个仓库中匹配 0 个"),
            say!(
                "Each run copies nothing and says success; the copy has nothing once the source is away.",
                "每次执行都不复制任何内容，却显示成功；源端离线后，副本中什么都没有。"
            ),
        )
        .cure(say!(
            "Look at the name below: capitals count, and project/** is a project with all below it.",
            "请检查下方的名称：区分大小写，project/** 表示整个项目。"
        )),
    })
}

/// Harbor takes the name of a label that is nowhere, too.
fn by_label(facts: &Facts<'_>, pair: &PairFacts) -> Option<Found> {
    let labels = facts.spec.replication.scope.labels.as_ref()?;
    let taken = pair.landing.as_ref()?.taken;
    if taken == 0 || pair.carried != Some(0) {
        return None;
    }
    let (source, names, repositories) = (&pair.nodes[0], labels.listed(), count(taken));
    Some(Found {
        subject: on_pair(pair),
        title: say!(
            "The filter by label ({names}) takes nothing of {source}",
            "标记过滤器（{names}）在 {source} 上什么都匹配不到"
        ),
        answer: Answer::warning(
            say!(
                "none of the tags in {repositories} repositories is taken",
                "{repositories} 个仓库中没有可复制的标签"
            ),
            say!(
                "Each run copies nothing and says success; the copy has nothing once the source is away.",
                "每次执行都不复制任何内容，却显示成功；源端离线后，副本中什么都没有。"
            ),
        )
        .cure(say!(
            "Look at the labels below: an artifact must bear all of them, and capitals count.",
            "请检查下方的标记：制品须带有全部所选标记，且区分大小写。"
        )),
    })
}

#[cfg(test)]
mod tests {
    use model::scope::Landing;

    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_a_filter_that_takes_none_of_what_is_there() {
        let mut rig = Rig::masters();
        let landing = |of, taken| Some(Landing { of, taken, ..Landing::default() });
        rig.spec.replication.scope = serde_json::from_str(r#"{"names":"shopp/**"}"#).unwrap();
        assert!(FilterMatchesNothing.look(&rig.facts()).is_empty(), "nobody has looked yet");
        rig.pairs[0].landing = landing(3, 0);
        let found = FilterMatchesNothing.look(&rig.facts());
        assert_eq!(found[0].title.en, "The filter shopp/** takes nothing of a");
        rig.pairs[0].landing = landing(3, 1);
        assert!(FilterMatchesNothing.look(&rig.facts()).is_empty());
        // There is nothing yet.
        rig.pairs[0].landing = landing(0, 0);
        assert!(FilterMatchesNothing.look(&rig.facts()).is_empty());
    }

    #[test]
    fn look_tells_of_labels_that_nothing_bears() {
        let mut rig = Rig::masters();
        rig.spec.replication.scope = serde_json::from_str(r#"{"labels":{"names":["qa"]}}"#).unwrap();
        rig.pairs[0].landing = Some(Landing { of: 3, taken: 3, ..Landing::default() });
        assert!(FilterMatchesNothing.look(&rig.facts()).is_empty(), "nobody has looked yet");
        rig.pairs[0].carried = Some(0);
        let found = FilterMatchesNothing.look(&rig.facts());
        assert_eq!(found[0].title.en, "The filter by label (qa) takes nothing of a");
        rig.pairs[0].carried = Some(1);
        assert!(FilterMatchesNothing.look(&rig.facts()).is_empty());
    }
}
