//! Immutable tags at the destination: what is moved at the source is refused there.

use model::say;

use super::{
    Facts, Found, Lint,
    destination::{names, on_each_link},
};
use crate::findings::immutable_tags;

pub(super) struct DestinationImmutable;

impl Lint for DestinationImmutable {
    fn id(&self) -> &'static str {
        "destination-immutable"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        on_each_link(facts, |link, projects| {
            // Where the same are immutable at the source, nothing is moved there either.
            let fixed =
                names(&projects, |p| !p.there.immutable.is_empty() && p.there.immutable != p.here.immutable);
            if fixed.is_empty() {
                return None;
            }
            let (from, to) = (&link.source, &link.destination);
            let title = say!(
                "Tags that can be moved on {from} are immutable on {to}",
                "{from} 上可移动的标签，在 {to} 上不可变"
            );
            let answer = immutable_tags(&fixed).cure(say!(
                "Make the same tags immutable on both sides, or on neither.",
                "请让两端的不可变规则相同，或都不设。"
            ));
            Some((title, answer))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};
    use crate::immutable::TagRule;

    #[test]
    fn look_tells_of_tags_that_one_side_alone_lets_move() {
        let mut rig = Rig::masters();
        rig.limits("a", "shop");
        rig.limits("b", "shop").immutable = vec![TagRule::default()];
        let found = DestinationImmutable.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].title.en, "Tags that can be moved on a are immutable on b");
        rig.limits("a", "shop").immutable = vec![TagRule::default()];
        assert!(DestinationImmutable.look(&rig.facts()).is_empty());
    }
}
