//! Endpoints: what stands on the nodes, whether it works, and what it is called.

use futures::future::join_all;
use model::{
    AppError,
    endpoint::{EndpointTest, EndpointView, EndpointsView, NodeEndpoints},
    ids::ClusterId,
    names::{EndpointName, NodeName},
    plan::PlannedStep,
    say,
    spec::ClusterSpec,
};

use super::{
    super::{Answered, Clusters},
    Kept,
};
use crate::{
    error,
    names::is_ours,
    plan,
    rules::read_endpoints,
    survey::{NodeSurvey, PeerPing},
};

impl Clusters {
    /// The endpoints on a cluster's nodes as they stand there now.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none` where its nodes copy nothing. That a node does not answer is told in its place.
    pub async fn endpoints(&self, id: &ClusterId) -> Answered<EndpointsView> {
        let Kept { row, spec, .. } = self.kept(id).await?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let read_ms = self.now_ms();
        let asked = spec.nodes.iter().filter_map(|node| {
            let (node, reach) = (node.name.clone(), reach.get(&node.name)?);
            let spec = &spec;
            Some(async move {
                match read_endpoints(reach, spec, &node).await {
                    Ok(endpoints) => NodeEndpoints { node, error: None, endpoints },
                    Err(trouble) => {
                        let error = Some(trouble.app_of(&node));
                        NodeEndpoints { node, error, endpoints: Vec::new() }
                    }
                }
            })
        });
        let nodes = join_all(asked).await;
        Ok(EndpointsView { cluster: row.id, name: row.name, nodes, read_ms })
    }

    /// Has a node try one of its endpoints now, with the secret it keeps; nothing is changed anywhere.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none`, `node.unknown`; what the node says where it cannot be asked, or has no such
    /// endpoint. What the other end says is in the answer.
    pub async fn test_endpoint(
        &self,
        id: &ClusterId,
        node: &NodeName,
        endpoint: i64,
    ) -> Answered<EndpointTest> {
        let Kept { spec, .. } = self.kept(id).await?;
        let there = spec.node(node).ok_or_else(error::no_node)?.clone();
        let seen = self.endpoint_at(id, &spec, node, endpoint).await?;
        let reach = self.reach(&spec, self.cluster_accounts(id).await?)?;
        let reach = reach.get(node).ok_or_else(error::no_node)?.clone();
        let (at_ms, began) = (self.now_ms(), std::time::Instant::now());
        let ping = NodeSurvey::new(there, reach).ping_stored(endpoint).await;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (works, said, next) = told(ping, node, &seen)?;
        Ok(EndpointTest { node: node.clone(), endpoint, works, said, next, at_ms, took_ms })
    }
}

impl Clusters {
    /// The step that gives an endpoint another name.
    pub(super) async fn plan_rename(
        &self,
        id: &ClusterId,
        spec: &ClusterSpec,
        node: &NodeName,
        endpoint: i64,
        name: &EndpointName,
    ) -> Answered<PlannedStep> {
        spec.node(node).ok_or_else(error::no_node)?;
        let all = self.endpoints_at(id, spec, node).await?;
        let there = all.iter().find(|one| one.id == endpoint).ok_or_else(no_endpoint)?;
        if there.name == name.as_str() {
            return Err(error::nothing_to_do());
        }
        if there.link.is_some() && !there.ours {
            // Only its name tells that the link's rules copy over it.
            return Err(unmarked(&there.name));
        }
        if !there.ours && is_ours(name.as_str()) {
            return Err(reserved());
        }
        if all.iter().any(|one| one.name == name.as_str()) {
            return Err(taken(name));
        }
        Ok(plan::rename_endpoint(node, endpoint, &there.name, name.as_str()))
    }

    async fn endpoints_at(
        &self,
        id: &ClusterId,
        spec: &ClusterSpec,
        node: &NodeName,
    ) -> Answered<Vec<EndpointView>> {
        let reach = self.reach(spec, self.cluster_accounts(id).await?)?;
        let reach = reach.get(node).ok_or_else(error::no_node)?;
        read_endpoints(reach, spec, node).await.map_err(|trouble| trouble.app_of(node))
    }

    async fn endpoint_at(
        &self,
        id: &ClusterId,
        spec: &ClusterSpec,
        node: &NodeName,
        endpoint: i64,
    ) -> Answered<EndpointView> {
        let all = self.endpoints_at(id, spec, node).await?;
        all.into_iter().find(|one| one.id == endpoint).ok_or_else(no_endpoint)
    }
}

/// What came of a ping, in words: whether it works, what was seen, and what to do or to know.
fn told(ping: PeerPing, node: &NodeName, seen: &EndpointView) -> Answered<(bool, model::Say, model::Say)> {
    let (url, account) = (&seen.url, &seen.account);
    Ok(match ping {
        PeerPing::Reached(_) if account.is_empty() => (
            true,
            say!("{node} reaches {url}; it signs in as nobody.", "{node} 能到达 {url}；没有使用账号登录。"),
            say!(
                "Without an account only what is public can be copied from there, and nothing to there.",
                "没有账号时，只能从那里复制公开的内容，不能向那里推送。"
            ),
        ),
        PeerPing::Reached(_) => (
            true,
            say!(
                "{node} reaches {url} and is let in as {account}.",
                "{node} 能到达 {url}，并能以 {account} 登录。"
            ),
            say!("What the account may do there is not asked.", "此测试不检查该账号在那里拥有哪些权限。"),
        ),
        PeerPing::Unhealthy if account.is_empty() => (
            false,
            say!("{url} does not answer {node} as a Harbor.", "{url} 没有以 Harbor 的方式应答 {node}。"),
            say!(
                "Give it an address that is a Harbor's, without a path.",
                "请填写 Harbor 的地址，且不带路径。"
            ),
        ),
        PeerPing::Unhealthy => (
            false,
            say!("{url} does not let {node} in as {account}.", "{url} 拒绝 {node} 以 {account} 登录。"),
            if seen.link.is_some() {
                say!(
                    "Give the link a new secret, on the page of its rules.",
                    "请在规则页面为该链路更换密钥。"
                )
            } else {
                say!(
                    "Give it an account and a secret that are taken there, in the portal of {node}; its address must be that of a Harbor, without a path.",
                    "请在 {node} 的门户中填写对方接受的账号和密钥；地址必须是 Harbor 的地址，且不带路径。"
                )
            },
        ),
        PeerPing::Unreached => (
            false,
            say!("{node} gets no connection to {url}.", "{node} 无法连接 {url}。"),
            say!(
                "Check that it runs; from the machine of {node}, that its name resolves inside Harbor's containers, the port is open and the certificate is trusted.",
                "请检查对方是否在运行；并在 {node} 的机器上检查：容器内能解析该主机名、端口开放、证书可信。"
            ),
        ),
        PeerPing::Silent(seconds) => (
            false,
            say!(
                "{node} gets no answer from {url} within {seconds} s.",
                "{node} 在 {seconds} 秒内没有从 {url} 得到应答。"
            ),
            say!(
                "Something between swallows the connection, or what answers there hangs.",
                "中间有设备丢弃了连接，或对方已无响应。"
            ),
        ),
        PeerPing::NotAsked(trouble) => return Err(trouble.app_of(node)),
    })
}

fn no_endpoint() -> AppError {
    AppError::new(
        "endpoint.unknown",
        404,
        say!("There is no such endpoint.", "没有这个仓库端点。"),
        say!("Read the endpoints again.", "请重新读取仓库端点。"),
    )
}

fn unmarked(name: &str) -> AppError {
    AppError::new(
        "endpoint.unmarked",
        409,
        say!(
            "{name} was there before Breakwater, which knows it by its name alone.",
            "{name} 在 Breakwater 之前就有，Breakwater 只能靠名称识别它。"
        ),
        say!("Leave its name as it is.", "请保留它的名称。"),
    )
}

fn reserved() -> AppError {
    let prefix = model::names::OURS;
    AppError::new(
        "endpoint.reserved",
        422,
        say!("{prefix}… is how Breakwater calls its own.", "{prefix}… 是 Breakwater 自己使用的名称。"),
        say!("Give another name.", "请换一个名称。"),
    )
    .at("endpoint-name")
}

fn taken(name: &EndpointName) -> AppError {
    AppError::new(
        "endpoint.name_taken",
        409,
        say!("Another endpoint there is called {name}.", "该节点上已有名为 {name} 的仓库端点。"),
        say!("Give another name.", "请换一个名称。"),
    )
    .at("endpoint-name")
}
