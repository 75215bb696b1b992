use model::{
    Topology,
    ids::{ClusterId, NodeId},
    names::{ClusterName, NodeName},
    rule::ExecutionState,
};
use serde_json::json;
use store::{
    executions::{ExecutionFilter, ExecutionRow},
    nodes::NodeFields,
    testing::{TestDb, for_each_db},
};

async fn nodes(db: &TestDb) -> (ClusterId, Vec<NodeId>) {
    let name = ClusterName::parse("prod").unwrap();
    let cluster = db.store.clusters().insert(&name, Topology::DualMaster, &json!({})).await.unwrap().id;
    let mut nodes = Vec::new();
    for (position, name) in [(0, "a"), (1, "b")] {
        let name = NodeName::parse(name).unwrap();
        let fields = NodeFields { position, name: &name, address: "x", tls: json!({}), role: "", tier: 0 };
        nodes.push(db.store.nodes().insert(&cluster, fields).await.unwrap().id);
    }
    (cluster, nodes)
}

fn row(node: &NodeId, id: i64, started_ms: i64, state: ExecutionState) -> ExecutionRow {
    ExecutionRow { node_id: node.clone(), id, started_ms, state, body: json!({ "n": id }) }
}

#[tokio::test]
async fn page_goes_on_behind_its_last_row_newest_first() {
    for_each_db(async |db| {
        let (cluster, nodes) = nodes(&db).await;
        let all = db.store.executions();
        // Two nodes count for themselves: the same id and the same time on both.
        let rows: Vec<_> = (1..=5)
            .flat_map(|n| nodes.iter().map(move |node| row(node, n, n * 10, ExecutionState::Succeeded)))
            .collect();
        all.put(&cluster, &rows).await.unwrap();
        let (mut filter, mut seen) = (ExecutionFilter::default(), Vec::new());
        loop {
            let page = all.page(&cluster, &filter, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.after = Some(last.place());
            seen.extend(page.iter().map(ExecutionRow::place));
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.reverse();
        sorted.dedup();
        assert_eq!((seen.len(), &sorted), (10, &seen));
    })
    .await;
}

#[tokio::test]
async fn put_replaces_what_is_kept_and_filters_find_it() {
    for_each_db(async |db| {
        let (cluster, nodes) = nodes(&db).await;
        let all = db.store.executions();
        all.put(&cluster, &[row(&nodes[0], 1, 10, ExecutionState::Running)]).await.unwrap();
        all.put(
            &cluster,
            &[row(&nodes[0], 1, 10, ExecutionState::Failed), row(&nodes[1], 1, 20, ExecutionState::Nothing)],
        )
        .await
        .unwrap();
        let failed = ExecutionFilter { state: Some(ExecutionState::Failed), ..ExecutionFilter::default() };
        let there = ExecutionFilter { node: Some(nodes[1].clone()), ..ExecutionFilter::default() };
        assert_eq!(
            all.page(&cluster, &failed, 9).await.unwrap(),
            [row(&nodes[0], 1, 10, ExecutionState::Failed)]
        );
        assert_eq!(all.page(&cluster, &there, 9).await.unwrap().len(), 1);
        assert_eq!(all.find(&nodes[0], 1).await.unwrap().unwrap().state, ExecutionState::Failed);
        assert_eq!(all.find(&nodes[0], 2).await.unwrap(), None);
        all.prune(20).await.unwrap();
        assert_eq!(all.page(&cluster, &ExecutionFilter::default(), 9).await.unwrap().len(), 1);
        db.store.clusters().remove(&cluster).await.unwrap();
        assert!(all.page(&cluster, &ExecutionFilter::default(), 9).await.unwrap().is_empty());
    })
    .await;
}
