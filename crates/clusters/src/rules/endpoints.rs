//! What one node answers about its endpoints.

use harbor::api::{policies::Policy, projects::Project, registries::Registry};
use model::{
    Link, NodeAddress,
    endpoint::{EndpointUse, EndpointView},
    names::NodeName,
    spec::ClusterSpec,
};

use super::{leads_to, read::LIMIT};
use crate::{
    bodies,
    names::is_temporary,
    reach::Reach,
    trouble::{Trouble, within},
};

/// Reads the endpoints of a node, and which of its rules copy over each, which of its proxy caches fetch from it.
///
/// # Errors
/// What it says, or that it says nothing within ten seconds.
pub(crate) async fn read_endpoints(
    reach: &Reach,
    spec: &ClusterSpec,
    node: &NodeName,
) -> Result<Vec<EndpointView>, Trouble> {
    let harbor = &reach.system;
    let reading = async {
        let projects = reach.projects.all_projects();
        let reading = tokio::try_join!(harbor.all_registries(), harbor.all_policies(), projects);
        let (registries, policies, projects) = reading?;
        let mut seen = views(&registries, spec, node);
        for one in &mut seen {
            one.used_by = used_by(one.id, &policies);
            one.caches = caches(one.id, &projects);
        }
        seen.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok::<_, Trouble>(seen)
    };
    within(LIMIT, reading).await
}

fn views(all: &[Registry], spec: &ClusterSpec, node: &NodeName) -> Vec<EndpointView> {
    let links: Vec<Link> = spec.links().into_iter().filter(|link| link.source == *node).collect();
    let made_for = |one: &Registry| {
        links.iter().find(|link| {
            let made = bodies::endpoint_of(all, spec, link, |r| (&r.name, &r.description));
            made.is_some_and(|made| made.id == one.id)
        })
    };
    all.iter()
        .map(|one| EndpointView {
            id: one.id,
            name: one.name.clone(),
            url: one.url.clone(),
            kind: one.kind.clone(),
            account: one.credential.access_key.clone(),
            insecure: one.insecure,
            status: one.status.clone(),
            ours: one.description.contains(bodies::MARK),
            link: made_for(one).cloned(),
            leads_to: peer_at(&one.url, spec).cloned(),
            used_by: Vec::new(),
            caches: Vec::new(),
        })
        .collect()
}

/// The node of a cluster that an endpoint's address is.
pub(super) fn peer_at<'a>(url: &str, spec: &'a ClusterSpec) -> Option<&'a NodeName> {
    let leads = |address: &NodeAddress| leads_to(url, address);
    spec.nodes.iter().find(|node| leads(&node.address)).map(|node| &node.name)
}

/// The rules that copy over an endpoint, without those that serve a run of ours for a while.
fn used_by(id: i64, policies: &[Policy]) -> Vec<EndpointUse> {
    let uses = policies.iter().filter(|policy| !is_temporary(&policy.name)).filter_map(|policy| {
        let pulls = policy.src_registry.id == id;
        (pulls || policy.dest_registry.id == id).then(|| EndpointUse {
            rule: policy.name.clone(),
            enabled: policy.enabled,
            pulls,
        })
    });
    let mut uses: Vec<EndpointUse> = uses.collect();
    uses.sort_by(|a, b| a.rule.cmp(&b.rule));
    uses
}

/// The projects that are a proxy cache of an endpoint.
fn caches(id: i64, projects: &[Project]) -> Vec<String> {
    let of = |project: &&Project| project.is_proxy_cache() && project.registry_id == id;
    let mut names: Vec<String> = projects.iter().filter(of).map(|project| project.name.clone()).collect();
    names.sort();
    names
}
