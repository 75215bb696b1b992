//! scan-costs.md: reading a whole Harbor, filters, pages, what tells that something changed, filling.

use std::time::Instant;

use harbor_sim::{Difference, Fill, Sim, SimConfig};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;

async fn filled(version: &str) -> (Sim, Client, Fill) {
    let sim = Sim::start(SimConfig::independent(1, version)).await.unwrap();
    let fill = Fill { projects: 2, repositories: 20, artifacts: 500, ..Fill::default() };
    sim.node(0).fill(&fill);
    let admin = Client::admin(&sim.node(0));
    (sim, admin, fill)
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|r| r["id"].as_i64().unwrap()).collect()
}

fn q(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test]
async fn id_windows_and_batches_of_repositories_together_read_everything_once() {
    let (_sim, admin, _) = filled("2.15.2").await;
    let base = "/projects/fill-0/artifacts?page_size=0&sort=id";
    let all = ids(&admin.get(&format!("{base}&q={}", q("base=*"))).await.json());
    let low = ids(&admin.get(&format!("{base}&q={}", q("base=*,id=[1~200]"))).await.json());
    let high = ids(&admin.get(&format!("{base}&q={}", q("base=*,id=[201~]"))).await.json());
    assert_eq!([low, high].concat(), all);
    let list = admin.get("/projects/fill-0/repositories?page_size=0").await.json();
    let numbers = ids(&list);
    let (first, rest) = numbers.split_at(3);
    let mut read = Vec::new();
    for some in [first, rest] {
        let set: Vec<String> = some.iter().map(i64::to_string).collect();
        let query = q(&format!("base=*,repository_id={{{}}}", set.join(" ")));
        read.extend(ids(&admin.get(&format!("{base}&q={query}")).await.json()));
    }
    read.sort_unstable();
    assert_eq!(read, all);
}

#[tokio::test]
async fn page_size_zero_and_minus_one_give_everything_and_101_is_refused() {
    let (_sim, admin, fill) = filled("2.15.2").await;
    for size in ["0", "-1"] {
        let got = admin.get(&format!("/repositories?page_size={size}")).await;
        assert_eq!(got.json().as_array().unwrap().len(), fill.repositories);
    }
    assert_eq!(admin.get("/repositories?page_size=101").await.status, 422);
    let got = admin.get("/repositories?page=2&page_size=5").await;
    assert_eq!(got.header("x-total-count").unwrap(), "20");
    let link = "</api/v2.0/repositories?page=1&page_size=5>; rel=\"prev\" , \
                </api/v2.0/repositories?page=3&page_size=5>; rel=\"next\"";
    assert_eq!(got.header("link").unwrap(), link);
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_a_q_without_equals_is_refused() {
    let (_sim, admin, _) = filled("2.15.2").await;
    let all = admin.get("/repositories?page_size=1").await.header("x-total-count");
    for query in ["q=nosuch%3Dx", "sort=nosuch", "q=update_time%3D%5Byesterday~%5D"] {
        let got = admin.get(&format!("/repositories?page_size=1&{query}")).await;
        assert_eq!((got.status, got.header("x-total-count")), (200, all.clone()), "{query}");
    }
    assert_eq!(admin.get("/repositories?q=abc").await.status, 400);
}

#[tokio::test]
async fn children_of_an_index_are_listed_only_with_base() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let (node, admin) = (sim.node(0), Client::admin(&sim.node(0)));
    let child = node.push_image("shop/multi", "child", "amd64");
    node.delete_tag("shop/multi", "child");
    let kind = "application/vnd.oci.image.index.v1+json";
    let index = json!({
        "schemaVersion": 2, "mediaType": kind,
        "manifests": [{"digest": child, "size": 400, "platform": {"architecture": "amd64", "os": "linux"}}],
    });
    let put =
        admin.raw(Method::PUT, "/v2/shop/multi/manifests/all", Some(index), &[("content-type", kind)]).await;
    assert_eq!(put.status, 201);
    let count = async |query: &str| {
        let got = admin.get(&format!("/projects/shop/artifacts?{query}")).await;
        got.json().as_array().unwrap().len()
    };
    assert_eq!((count("").await, count("q=base%3D*").await), (1, 2));
    let gone = admin.delete(&format!("/projects/shop/repositories/multi/artifacts/{child}")).await;
    assert_eq!(gone.status, 412, "a child is not deleted alone");
}

#[tokio::test]
async fn update_time_moves_with_tags_and_deletions_only_from_2152() {
    for (version, moves) in [("2.14.4", false), ("2.15.2", true)] {
        let sim = Sim::start(SimConfig::independent(1, version)).await.unwrap();
        let (node, admin) = (sim.node(0), Client::admin(&sim.node(0)));
        node.push_image("shop/cart", "v1", "one");
        let time = async || admin.get("/projects/shop/repositories/cart").await.json()["update_time"].clone();
        let before = time().await;
        sim.clock().advance(std::time::Duration::from_secs(5));
        node.delete_tag("shop/cart", "v1");
        assert_eq!(time().await != before, moves, "{version}");
        let since = q(&format!("update_time=[{}~]", &harbor_sim::rfc3339(sim.clock().now() - 2000)[..19]));
        let found = admin.get(&format!("/repositories?q={since}")).await.json();
        assert_eq!(found.as_array().unwrap().len(), usize::from(moves), "{version}");
    }
}

#[tokio::test]
async fn diverged_filling_has_exactly_the_listed_differences() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let fill = Fill { projects: 3, repositories: 40, artifacts: 2000, ..Fill::default() };
    sim.node(0).fill(&fill);
    sim.node(1).fill(&fill);
    let all =
        |at: usize| -> Vec<_> { (0..3).flat_map(|p| sim.node(at).tags(&format!("fill-{p}"))).collect() };
    assert_eq!(all(0), all(1));
    let differences = sim.node(1).diverge(&fill, 12);
    assert_eq!(differences.len(), 12);
    let (a, b) = (all(0), all(1));
    let mut expected = a.clone();
    for difference in &differences {
        match difference {
            Difference::Missing { repository, tag, .. } | Difference::Untagged { repository, tag, .. } => {
                expected.retain(|(r, t, _)| r != repository || t != tag);
            }
            Difference::Moved { repository, tag, to, .. } => {
                let row = expected.iter_mut().find(|(r, t, _)| r == repository && t == tag).unwrap();
                row.2.clone_from(to);
            }
            Difference::Extra { repository, tag, digest } => {
                expected.push((repository.clone(), tag.clone(), digest.clone()));
            }
        }
    }
    expected.sort();
    let mut b = b;
    b.sort();
    assert_eq!(b, expected);
}

#[tokio::test]
async fn million_artifacts_are_there_at_once_and_can_be_pulled() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let (node, admin) = (sim.node(0), Client::admin(&sim.node(0)));
    let begun = Instant::now();
    node.fill(&Fill { artifacts: 1_000_000, repositories: 4000, ..Fill::default() });
    assert!(begun.elapsed().as_secs() < 30);
    assert_eq!(admin.get("/repositories?page_size=1").await.header("x-total-count").unwrap(), "4000");
    let list = admin.get("/projects/fill-0/repositories/app-0/artifacts?page_size=1").await;
    let row = list.json()[0].clone();
    assert_eq!(list.header("x-total-count").unwrap(), "499");
    let tag = row["tags"][0]["name"].as_str().unwrap();
    let accept = [("accept", "application/vnd.oci.image.manifest.v1+json")];
    let got = admin.raw(Method::GET, &format!("/v2/fill-0/app-0/manifests/{tag}"), None, &accept).await;
    assert_eq!(
        (got.status, got.header("docker-content-digest")),
        (200, row["digest"].as_str().map(str::to_owned))
    );
    let layer = got.json()["layers"][0]["digest"].as_str().unwrap().to_owned();
    let blob = admin.raw(Method::GET, &format!("/v2/fill-0/app-0/blobs/{layer}"), None, &[]).await;
    assert_eq!(blob.status, 200);
}

#[tokio::test]
async fn retention_and_immutability_of_a_project_are_shown() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let (node, admin) = (sim.node(0), Client::admin(&sim.node(0)));
    node.push_image("shop/cart", "v1", "one");
    let project = admin.get("/projects/shop").await.json()["project_id"].as_i64().unwrap();
    let rule = json!({
        "algorithm": "or", "scope": {"level": "project", "ref": project}, "trigger": {"kind": "Schedule"},
        "rules": [{"action": "retain", "template": "latestPushedK", "params": {"latestPushedK": 10}}],
    });
    let id = admin.post("/retentions", rule).await.id();
    let metadata = admin.get("/projects/shop").await.json()["metadata"].clone();
    assert_eq!(metadata["retention_id"], id.to_string());
    assert_eq!(admin.get(&format!("/retentions/{id}")).await.json()["rules"][0]["template"], "latestPushedK");
    assert_eq!(admin.get("/retentions/999").await.status, 404);
    let rule = json!({
        "action": "immutable", "template": "immutable_template",
        "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": "v*"}],
        "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]},
    });
    assert_eq!(admin.post("/projects/shop/immutabletagrules", rule).await.status, 201);
    assert_eq!(admin.get("/projects/shop/immutabletagrules").await.json().as_array().unwrap().len(), 1);
    let gone = admin.delete("/projects/shop/repositories/cart/artifacts/v1").await;
    assert_eq!(
        (gone.status, gone.message().as_str()),
        (412, "the tag v1 configured as immutable, cannot be deleted")
    );
}
