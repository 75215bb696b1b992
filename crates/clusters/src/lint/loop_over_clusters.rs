//! A way back over other clusters of this console: what is deleted at one node returns from the next, and an old tag
//! travels in a circle. Within one cluster there is none, but for two masters, which are made for it.

use std::collections::BTreeSet;

use model::{Link, say};

use super::{Answer, Facts, Found, Lint, of_link};

pub(super) struct LoopOverClusters;

impl Lint for LoopOverClusters {
    fn id(&self) -> &'static str {
        "loop-over-clusters"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        facts.spec.links().iter().filter_map(|link| found(facts, link)).collect()
    }
}

fn found(facts: &Facts<'_>, link: &Link) -> Option<Found> {
    let (from, to) = (&link.source, &link.destination);
    let way = way_back(facts, &facts.host(from)?, &facts.host(to)?)?.join(" → ");
    let answer = Answer::warning(
        say!("{from} → {to}; {way}", "{from} → {to}；{way}"),
        say!(
            "What is deleted on one of them comes back from the next, and none of the clusters sees it.",
            "在其中一个上删除的内容会从下一个又回来，而每个集群都看不到这一点。"
        ),
    )
    .cure(say!(
        "Let one of the clusters copy one way only, or keep them to different projects by a filter.",
        "请让其中一个集群只单向复制，或用过滤器让它们各管不同的项目。"
    ));
    let title = say!(
        "What {from} copies to {to} comes back over other clusters",
        "{from} 复制到 {to} 的内容会经由其他集群回来"
    );
    Some(Found { subject: of_link(link), title, answer })
}

/// The hosts over which what arrives at `to` comes back to `from`, where another cluster has a part in it.
fn way_back(facts: &Facts<'_>, from: &str, to: &str) -> Option<Vec<String>> {
    let own = facts.spec.links();
    let own = own
        .iter()
        .filter_map(|link| Some((facts.host(&link.source)?, facts.host(&link.destination)?, false)));
    let others = facts.other_links.iter().map(|(from, to)| (from.clone(), to.clone(), true));
    let links: Vec<(String, String, bool)> = own.chain(others).collect();
    let mut seen = BTreeSet::from([(to.to_owned(), false)]);
    let mut ways = vec![(vec![to.to_owned()], false)];
    let mut next = 0;
    while let Some((way, left)) = ways.get(next).cloned() {
        next += 1;
        let at = way.last().map(String::as_str).unwrap_or_default();
        if at == from {
            if left {
                return Some(way);
            }
            continue;
        }
        for (_, onward, other) in links.iter().filter(|(source, _, _)| source == at) {
            let state = (onward.clone(), left || *other);
            if seen.insert(state.clone()) {
                let mut way = way.clone();
                way.push(onward.clone());
                ways.push((way, state.1));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_finds_the_way_back_and_takes_two_masters_for_what_they_are() {
        let mut rig = Rig::masters();
        assert!(LoopOverClusters.look(&rig.facts()).is_empty());
        let link = |from: &str, to: &str| (format!("{from}.test"), format!("{to}.test"));
        rig.other_links = vec![link("b", "c"), link("c", "d")];
        assert!(LoopOverClusters.look(&rig.facts()).is_empty(), "it leads away, not back");
        rig.other_links.push(link("d", "a"));
        let found = LoopOverClusters.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].title.en, "What a copies to b comes back over other clusters");
    }
}
