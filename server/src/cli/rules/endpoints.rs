//! `rules endpoints` and `rules rename-endpoint`.

use anyhow::Context as _;
use model::{
    endpoint::{EndpointTest, EndpointView, EndpointsView, NodeEndpoints},
    names::{EndpointName, NodeName},
    rule::{RuleDeed, RulesView},
};
use reqwest::Method;

use super::{Outcome, act, read, say};
use crate::cli::client::Client;

/// The endpoints of a cluster, one per line; with `test` each node tries its own.
pub(super) async fn list(client: &Client, cluster: &str, test: bool, json: bool) -> Outcome {
    let view = stand(client, &read(client, cluster).await?).await?;
    let mut tests = Vec::new();
    if test {
        for node in &view.nodes {
            for endpoint in &node.endpoints {
                tests.push(tried(client, &view, &node.node, endpoint.id).await?);
            }
        }
    }
    if json {
        say(serde_json::to_string_pretty(&serde_json::json!({ "endpoints": view, "tests": tests }))?);
    } else {
        for node in &view.nodes {
            for endpoint in &node.endpoints {
                say(line(&node.node, endpoint));
                let of = |t: &&EndpointTest| t.node == node.node && t.endpoint == endpoint.id;
                if let Some(test) = tests.iter().find(of) {
                    say(format_args!(
                        "    {} {}",
                        test.said.pick(client.locale),
                        test.next.pick(client.locale)
                    ));
                }
            }
        }
        for error in view.nodes.iter().filter_map(|n| n.error.as_ref()) {
            say(format_args!("not read: {}", error.cause.pick(client.locale)));
        }
    }
    anyhow::ensure!(tests.iter().all(|t| t.works), "not every endpoint works");
    anyhow::ensure!(view.nodes.iter().all(|n| n.error.is_none()), "not every node answers");
    Ok(())
}

/// Gives an endpoint another name and waits.
pub(super) async fn rename(client: &Client, cluster: &str, node: &str, from: &str, to: &str) -> Outcome {
    let name = EndpointName::parse(to)?;
    let rules = read(client, cluster).await?;
    let view = stand(client, &rules).await?;
    let there = |n: &&NodeEndpoints| n.node.as_str() == node;
    let NodeEndpoints { node, error, endpoints } =
        view.nodes.iter().find(there).with_context(|| format!("there is no node {node}"))?;
    if let Some(error) = error {
        return Err(error.clone().into());
    }
    let found = endpoints.iter().find(|e| e.name == from);
    let endpoint = found.with_context(|| format!("there is no endpoint {from} on {node}"))?.id;
    act(client, &rules, &RuleDeed::RenameEndpoint { node: node.clone(), endpoint, name }).await
}

async fn stand(client: &Client, rules: &RulesView) -> anyhow::Result<EndpointsView> {
    client.call(Method::GET, &format!("/clusters/{}/endpoints", rules.cluster), None::<&()>).await
}

async fn tried(
    client: &Client,
    view: &EndpointsView,
    node: &NodeName,
    id: i64,
) -> anyhow::Result<EndpointTest> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("node", node.as_str());
    let path = format!("/clusters/{}/endpoints/{id}/test?{}", view.cluster, query.finish());
    client.call(Method::POST, &path, None::<&()>).await
}

/// Node, name, address, account, status, rules and proxy caches.
fn line(node: &NodeName, endpoint: &EndpointView) -> String {
    let rules = endpoint.used_by.iter().map(|used| used.rule.clone());
    let caches = endpoint.caches.iter().map(|project| format!("proxy cache {project}"));
    let uses: Vec<String> = rules.chain(caches).collect();
    let EndpointView { name, url, account, status, .. } = endpoint;
    format!("{node}\t{name}\t{url}\t{account}\t{status}\t{}", uses.join(", "))
}
