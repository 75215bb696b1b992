//! What a side of a pair would refuse: such a difference stays until somebody changes that side's settings, and is no
//! reason to leave the others unhealed.

use model::{
    Say,
    drift::{Action, Side},
    names::{NodeName, project_of},
    say,
    say::bytes,
    scope::Scope,
};

use crate::{immutable::protected, rules::Limits};

/// What both sides of a pair refuse, as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    sides: [(String, Limits); 2],
    scope: Scope,
}

/// A difference, as far as it matters here.
pub(crate) struct Asked<'a> {
    /// `project/repository`, called as at the source.
    pub repository: &'a str,
    /// The tag; `None` for an untagged artifact.
    pub tag: Option<&'a str>,
    /// What is to be done.
    pub action: Action,
    /// Bytes on either side.
    pub bytes: [u64; 2],
}

impl Refusals {
    /// Of a pair's two sides, with what lands where.
    pub(crate) fn new(sides: [(&NodeName, Limits); 2], scope: &Scope) -> Self {
        Self { sides: sides.map(|(name, limits)| (name.to_string(), limits)), scope: scope.clone() }
    }

    /// Why it would be refused; `None` where nothing is known that does.
    pub(crate) fn why(&self, asked: &Asked<'_>) -> Option<Say> {
        match asked.action {
            Action::Copy { to } => self.copied(asked, to),
            Action::Move { to } => self.copied(asked, to).or_else(|| self.fixed(asked, to)),
            Action::Delete { on } => self.fixed(asked, on),
            Action::DeleteBoth => Side::BOTH.into_iter().find_map(|on| self.fixed(asked, on)),
            Action::Leave | Action::Ask => None,
        }
    }

    fn copied(&self, asked: &Asked<'_>, to: Side) -> Option<Say> {
        let name = self.scope.name_on(to, asked.repository);
        let project = project_of(&name);
        let (node, limits) = &self.sides[to.at()];
        let limits = limits.get(project)?;
        if limits.proxy_cache {
            return Some(say!(
                "{project} on {node} is a proxy cache: nothing is copied into it.",
                "{node} 上的 {project} 是代理缓存：无法向其中复制。"
            ));
        }
        let (quota, used) = (limits.quota?, limits.used.unwrap_or(0));
        // Layers that are there already take no room: only what never fits is refused for sure.
        (used >= quota || asked.bytes[to.other().at()] > quota).then(|| {
            let (used, quota) = (bytes(used), bytes(quota));
            say!(
                "The quota of {project} on {node} does not allow it: {used} of {quota} are used.",
                "{node} 上 {project} 的配额不足：已用 {used}，上限 {quota}。"
            )
        })
    }

    /// A tag that cannot be moved or deleted there.
    fn fixed(&self, asked: &Asked<'_>, on: Side) -> Option<Say> {
        let tag = asked.tag?;
        let name = self.scope.name_on(on, asked.repository);
        let (project, repository) = name.split_once('/')?;
        let (node, limits) = &self.sides[on.at()];
        let refused = protected(&limits.get(project)?.immutable, repository, tag) == Some(true);
        refused.then(|| say!("The tag is immutable on {node}.", "该标签在 {node} 上不可变。"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{immutable::TagRule, rules::ProjectLimits};

    fn refusals(b: ProjectLimits, scope: &str) -> Refusals {
        let [here, there] = ["a", "b"].map(|name| NodeName::parse(name).unwrap());
        let limits = Limits::from([("shop".to_owned(), b)]);
        Refusals::new([(&here, Limits::new()), (&there, limits)], &serde_json::from_str(scope).unwrap())
    }

    fn why(refusals: &Refusals, repository: &str, action: Action) -> Option<String> {
        let asked = Asked { repository, tag: Some("v1"), action, bytes: [500, 500] };
        refusals.why(&asked).map(|why| why.en)
    }

    const TO_B: Action = Action::Copy { to: Side::B };
    const TO_A: Action = Action::Copy { to: Side::A };

    #[test]
    fn why_takes_only_what_the_side_refuses_for_sure() {
        let cache = ProjectLimits { proxy_cache: true, ..ProjectLimits::default() };
        let told = refusals(cache.clone(), "{}");
        assert!(why(&told, "shop/cart", TO_B).unwrap().contains("proxy cache"));
        assert_eq!(why(&told, "shop/cart", TO_A), None);
        assert_eq!(why(&told, "tools/lint", TO_B), None);
        // Where it lands counts, not where it comes from.
        let lands = refusals(cache, r#"{"namespace":{"path":"shop","flattening":1}}"#);
        assert!(why(&lands, "tools/lint", TO_B).is_some());
        let quota = |used| ProjectLimits { quota: Some(1_000), used: Some(used), ..ProjectLimits::default() };
        assert_eq!(why(&refusals(quota(999), "{}"), "shop/cart", TO_B), None, "layers may be shared");
        assert!(why(&refusals(quota(1_000), "{}"), "shop/cart", TO_B).unwrap().contains("quota"));
        let small = ProjectLimits { quota: Some(400), used: Some(0), ..ProjectLimits::default() };
        assert!(why(&refusals(small, "{}"), "shop/cart", TO_B).is_some(), "it never fits");
    }

    #[test]
    fn why_lets_an_immutable_tag_be_made_and_not_moved_or_deleted() {
        let fixed = ProjectLimits { immutable: vec![TagRule::default()], ..ProjectLimits::default() };
        let told = refusals(fixed, "{}");
        assert_eq!(why(&told, "shop/cart", TO_B), None);
        for action in [Action::Move { to: Side::B }, Action::Delete { on: Side::B }, Action::DeleteBoth] {
            assert_eq!(why(&told, "shop/cart", action).as_deref(), Some("The tag is immutable on b."));
        }
        assert_eq!(why(&told, "shop/cart", Action::Move { to: Side::A }), None);
    }
}
