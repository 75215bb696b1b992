//! Repositories that cannot land as they should: two on one name, where each run overwrites what the other brought, or
//! one with too few parts, for which Harbor fails the whole run (harbor-facts A.6).

use model::{Say, say};

use super::{Answer, Facts, Found, Lint, PairFacts, on_pair};

pub(super) struct LandingClash;

impl Lint for LandingClash {
    fn id(&self) -> &'static str {
        "landing-clash"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        facts.pairs.iter().flat_map(|pair| clash(pair).into_iter().chain(short(pair))).collect()
    }
}

fn clash(pair: &PairFacts) -> Option<Found> {
    let clash = pair.landing.as_ref()?.clashes.first()?;
    let (one, other, lands_on) = (&clash.one, &clash.other, &clash.lands_on);
    let answer = Answer::failed(
        say!("{one} and {other} → {lands_on}", "{one} 与 {other} → {lands_on}"),
        say!(
            "Whichever is copied later takes the tags of the other. Neither is compared until they part.",
            "后复制的一个会占用另一个的标签。分开之前，两者都不会参与比较。"
        ),
    );
    Some(Found {
        subject: on_pair(pair),
        title: say!("Two repositories land on {lands_on}", "有两个仓库落到 {lands_on}"),
        answer: answer.cure(less()),
    })
}

fn short(pair: &PairFacts) -> Option<Found> {
    let short = pair.landing.as_ref()?.too_short.first()?;
    let answer = Answer::failed(
        say!("{short} has too few parts", "{short} 的层级不足"),
        say!(
            "Harbor fails the whole run for it: nothing at all is copied.",
            "Harbor 会因此使整次执行失败：什么都不会复制。"
        ),
    );
    Some(Found {
        subject: on_pair(pair),
        title: say!("{short} cannot be flattened so much", "{short} 无法替换这么多级"),
        answer: answer.cure(less()),
    })
}

fn less() -> Say {
    say!("Flatten less, or leave one of them out by its name.", "请减少替换的级数，或通过名称排除其中一个。")
}

#[cfg(test)]
mod tests {
    use model::scope::{Clash, Landing};

    use super::{super::tests::Rig, *};

    #[test]
    fn look_names_both_that_land_on_one_name_and_what_is_too_short() {
        let mut rig = Rig::masters();
        rig.pairs[0].landing = Some(Landing { of: 2, taken: 2, ..Landing::default() });
        assert!(LandingClash.look(&rig.facts()).is_empty());
        let clash =
            Clash { one: "lib/cart".into(), other: "shop/cart".into(), lands_on: "mirror/cart".into() };
        rig.pairs[0].landing =
            Some(Landing { clashes: vec![clash], too_short: vec!["p/a".into()], ..Landing::default() });
        let found = LandingClash.look(&rig.facts());
        let titles: Vec<_> = found.iter().map(|f| f.title.en.as_str()).collect();
        assert_eq!(titles, ["Two repositories land on mirror/cart", "p/a cannot be flattened so much"]);
    }
}
