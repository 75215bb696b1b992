//! A proxy cache at the destination: Harbor copies nothing into it and says nothing (harbor-facts, projects).

use model::say;

use super::{
    Facts, Found, Lint,
    destination::{names, on_each_link},
};
use crate::findings::proxy_cache;

pub(super) struct DestinationProxyCache;

impl Lint for DestinationProxyCache {
    fn id(&self) -> &'static str {
        "destination-proxy-cache"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        on_each_link(facts, |link, projects| {
            let cached = names(&projects, |p| p.there.proxy_cache);
            let to = &link.destination;
            let title = say!("Projects on {to} take no copies", "{to} 上有项目不接受复制");
            (!cached.is_empty()).then(|| (title, proxy_cache(&cached)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_tells_of_a_proxy_cache_where_the_source_has_the_project_too() {
        let mut rig = Rig::masters();
        rig.limits("b", "hub").proxy_cache = true;
        assert!(DestinationProxyCache.look(&rig.facts()).is_empty(), "a has no such project");
        rig.limits("a", "hub");
        let found = DestinationProxyCache.look(&rig.facts());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].title.en, "Projects on b take no copies");
    }
}
