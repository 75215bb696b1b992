//! A quota at the destination that what the source holds does not fit into, or that is all but used up: copies are
//! refused.

use model::{say, say::bytes};

use super::{
    Answer, Facts, Found, Lint,
    destination::{Receiving, on_each_link},
};
use crate::findings::{is_nearly_full, some};

pub(super) struct QuotaTooSmall;

impl Lint for QuotaTooSmall {
    fn id(&self) -> &'static str {
        "quota-too-small"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        // With a filter or a namespace what the source's project holds says nothing of what is copied.
        let whole = facts.spec.replication.scope.is_everything();
        on_each_link(facts, |link, projects| {
            let tight: Vec<String> = projects.iter().filter_map(|p| tight(p, whole)).collect();
            if tight.is_empty() {
                return None;
            }
            let to = &link.destination;
            let answer = Answer::warning(
                some(&tight),
                say!(
                    "Copies into a project are refused once its quota is used up.",
                    "项目的配额用完后，向它的复制会被拒绝。"
                ),
            )
            .cure(say!(
                "Raise the quota at the destination (Administration, Project Quotas).",
                "请在目标端提高配额（系统管理 → 项目定额）。"
            ));
            Some((say!("Quotas on {to} are too small", "{to} 上的配额太小"), answer))
        })
    }
}

/// What is held here and may be held there, where that does not fit: "shop 12 GiB / 10 GiB".
fn tight(project: &Receiving<'_>, whole: bool) -> Option<String> {
    let quota = project.there.quota?;
    let used = project.there.used.unwrap_or(0);
    let held = if whole { project.here.used.unwrap_or(0).max(used) } else { used };
    (is_nearly_full(used, quota) || held > quota)
        .then(|| format!("{} {} / {}", project.name, bytes(held), bytes(quota)))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_a_quota_below_what_the_source_holds() {
        let mut rig = Rig::masters();
        rig.limits("a", "shop").used = Some(12 << 30);
        let there = rig.limits("b", "shop");
        (there.quota, there.used) = (Some(20 << 30), Some(5 << 30));
        assert!(QuotaTooSmall.look(&rig.facts()).is_empty());
        rig.limits("b", "shop").quota = Some(10 << 30);
        let found = QuotaTooSmall.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].title.en, "Quotas on b are too small");
        // All but used up by what it holds itself.
        rig.limits("a", "shop").used = Some(1);
        rig.limits("b", "shop").used = Some(9 << 30);
        assert_eq!(QuotaTooSmall.look(&rig.facts()).len(), 1);
        rig.limits("b", "shop").quota = None;
        assert!(QuotaTooSmall.look(&rig.facts()).is_empty());
    }
}
