use model::{
    Topology,
    ids::ClusterId,
    names::{ClusterName, NodeName},
    spec::CredentialKind,
};
use serde_json::json;
use store::{new_id, nodes::NodeFields, testing::for_each_db};

fn cluster(text: &str) -> ClusterName {
    ClusterName::parse(text).unwrap()
}

fn fields<'a>(name: &'a NodeName, position: i64) -> NodeFields<'a> {
    NodeFields { position, name, address: "https://a.example", tls: json!("system"), role: "", tier: 0 }
}

#[tokio::test]
async fn insert_refuses_a_taken_name() {
    for_each_db(async |db| {
        let clusters = db.store.clusters();
        let made = clusters.insert(&cluster("生产 A"), Topology::DualMaster, &json!({"n": 1})).await.unwrap();
        assert_eq!(made.version, 1);
        let again = clusters.insert(&cluster("生产 a"), Topology::Tiered, &json!({})).await.unwrap_err();
        assert_eq!((again.code(), again.to_string().contains("cluster name")), ("store.conflict", true));
        assert_eq!(clusters.find(&cluster("生产 a")).await.unwrap().unwrap(), made);
    })
    .await;
}

#[tokio::test]
async fn update_refuses_a_version_that_is_old() {
    for_each_db(async |db| {
        let clusters = db.store.clusters();
        let made = clusters.insert(&cluster("a"), Topology::DualMaster, &json!({"n": 1})).await.unwrap();
        let other = clusters.insert(&cluster("b"), Topology::SharedStorage, &json!({})).await.unwrap();
        let (name, two, three) = (cluster("a"), json!({"n": 2}), json!({"n": 3}));
        let (one, two) = tokio::join!(
            clusters.update(&made.id, 1, &name, &two),
            clusters.update(&made.id, 1, &name, &three)
        );
        let codes = [one, two].map(|r| r.map_err(|e| e.code()));
        assert!(codes.contains(&Ok(2)) && codes.contains(&Err("store.conflict")), "{codes:?}");
        assert_eq!(
            clusters.update(&made.id, 2, &cluster("B"), &json!({})).await.unwrap_err().code(),
            "store.conflict"
        );
        let gone: ClusterId = new_id();
        assert_eq!(
            clusters.update(&gone, 1, &cluster("c"), &json!({})).await.unwrap_err().code(),
            "store.not_found"
        );
        let all: Vec<_> = clusters.list().await.unwrap().into_iter().map(|c| (c.id, c.version)).collect();
        assert_eq!(all, [(made.id, 2), (other.id, 1)]);
    })
    .await;
}

#[tokio::test]
async fn spec_as_tells_a_damaged_spec() {
    for_each_db(async |db| {
        let made =
            db.store.clusters().insert(&cluster("a"), Topology::Tiered, &json!({"n": 1})).await.unwrap();
        assert_eq!(made.spec_as::<model::spec::ClusterSpec>().unwrap_err().code(), "store.corrupt");
        assert_eq!(made.spec_as::<serde_json::Value>().unwrap(), json!({"n": 1}));
    })
    .await;
}

#[tokio::test]
async fn nodes_keep_their_order_and_their_names_apart() {
    for_each_db(async |db| {
        let clusters = db.store.clusters();
        let one = clusters.insert(&cluster("one"), Topology::DualMaster, &json!({})).await.unwrap().id;
        let two = clusters.insert(&cluster("two"), Topology::DualMaster, &json!({})).await.unwrap().id;
        let (a, b) = (NodeName::parse("上海").unwrap(), NodeName::parse("<b>x</b>").unwrap());
        let nodes = db.store.nodes();
        let second = nodes.insert(&one, fields(&a, 1)).await.unwrap();
        let first = nodes.insert(&one, fields(&b, 0)).await.unwrap();
        nodes.insert(&two, fields(&a, 0)).await.unwrap();
        assert_eq!(nodes.insert(&one, fields(&a, 2)).await.unwrap_err().code(), "store.conflict");
        assert_eq!(nodes.insert(&new_id(), fields(&a, 0)).await.unwrap_err().code(), "store.not_found");
        assert_eq!(nodes.of_cluster(&one).await.unwrap(), [first.clone(), second.clone()]);
        assert_eq!(nodes.list().await.unwrap().len(), 3);

        let moved = nodes.update(&first.id, NodeFields { tier: 2, ..fields(&b, 5) }).await.unwrap();
        assert_eq!((moved.position, moved.tier), (5, 2));
        assert_eq!(nodes.update(&first.id, fields(&a, 5)).await.unwrap_err().code(), "store.conflict");
    })
    .await;
}

#[tokio::test]
async fn remove_takes_nodes_and_secrets_with_it() {
    for_each_db(async |db| {
        let made =
            db.store.clusters().insert(&cluster("one"), Topology::DualMaster, &json!({})).await.unwrap();
        let name = NodeName::parse("a").unwrap();
        let node = db.store.nodes().insert(&made.id, fields(&name, 0)).await.unwrap();
        let credentials = db.store.credentials();
        let own =
            credentials.put(node.id.as_str(), CredentialKind::Admin, "admin", &"x".into()).await.unwrap();
        let used = credentials.put("elsewhere", CredentialKind::Robot, "robot$x", &"y".into()).await.unwrap();
        db.store.nodes().set_credential(&node.id, Some(&used)).await.unwrap();
        assert_eq!(db.store.nodes().get(&node.id).await.unwrap().credential_id, Some(used.clone()));

        db.store.clusters().remove(&made.id).await.unwrap();
        assert_eq!(db.store.nodes().get(&node.id).await.unwrap_err().code(), "store.not_found");
        for id in [own, used] {
            assert_eq!(credentials.unseal(&id).await.unwrap_err().code(), "store.not_found");
        }
        assert_eq!(db.store.clusters().remove(&made.id).await.unwrap_err().code(), "store.not_found");
    })
    .await;
}

#[tokio::test]
async fn remove_of_a_node_leaves_the_others() {
    for_each_db(async |db| {
        let made =
            db.store.clusters().insert(&cluster("one"), Topology::DualMaster, &json!({})).await.unwrap();
        let (a, b) = (NodeName::parse("a").unwrap(), NodeName::parse("b").unwrap());
        let a = db.store.nodes().insert(&made.id, fields(&a, 0)).await.unwrap();
        let b = db.store.nodes().insert(&made.id, fields(&b, 1)).await.unwrap();
        let credentials = db.store.credentials();
        let of_a = credentials.put(a.id.as_str(), CredentialKind::Admin, "admin", &"x".into()).await.unwrap();
        let of_b = credentials.put(b.id.as_str(), CredentialKind::Admin, "admin", &"x".into()).await.unwrap();
        db.store.nodes().remove(&a.id).await.unwrap();
        assert_eq!(db.store.nodes().of_cluster(&made.id).await.unwrap(), [b]);
        assert!(credentials.unseal(&of_a).await.is_err() && credentials.unseal(&of_b).await.is_ok());
    })
    .await;
}
