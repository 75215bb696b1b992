//! Reading and comparing whole simulated Harbors.

use harbor_sim::{Fault, Fill, NodeHandle, Sim, SimConfig};
use ledger::{Inventory, compare, scan};
use tokio::sync::Semaphore;

use crate::two::admin;

async fn read(node: &NodeHandle) -> Inventory {
    scan(&admin(node), &node.version().parse().unwrap(), &Semaphore::new(4)).await.unwrap()
}

async fn pair(version: &str) -> Sim {
    Sim::start(SimConfig::independent(2, version)).await.unwrap()
}

#[tokio::test]
async fn scan_reads_every_tag_on_old_and_new_versions() {
    for version in ["2.8.6", "2.12.4", "2.15.2"] {
        let sim = pair(version).await;
        for (repository, tag) in [("p/a", "v1"), ("p/a", "v2"), ("p/deep/b", "v1"), ("q/c", "latest")] {
            sim.node(0).push_image(repository, tag, format!("{repository}:{tag}"));
        }
        sim.node(1).push_image("p/a", "v1", "p/a:v1");
        sim.node(1).push_image("p/a", "v2", "something else");
        let (here, there) = (read(&sim.node(0)).await, read(&sim.node(1)).await);
        assert_eq!((here.artifacts(), here.tags()), (4, 4), "{version}");
        let found = compare(&here, &there);
        assert_eq!((found.equal, found.differing, found.missing), (1, 1, 3), "{version}");
        assert_eq!(found.examples[0].tag, "v2", "{version}");
    }
}

#[tokio::test]
async fn scan_finds_every_difference_among_many_in_few_requests() {
    let sim = pair("2.15.2").await;
    let fill = Fill { artifacts: 12_000, ..Fill::default() };
    sim.node(0).fill(&fill);
    sim.node(1).fill(&fill);
    let known = sim.node(1).diverge(&fill, 40);
    let before = sim.node(0).served();
    let (a, b) = (sim.node(0), sim.node(1));
    let (here, there) = tokio::join!(read(&a), read(&b));
    let requests = sim.node(0).served() - before;
    assert!(here.artifacts() >= 12_000, "{}", here.artifacts());
    assert!(requests < 600, "{requests} requests");
    assert_eq!(known.len(), 40);
    assert_eq!(differences(&here, &there), known.len() as u64, "{known:?}");
}

/// Tags that are not the same on both sides, whichever way.
fn differences(here: &Inventory, there: &Inventory) -> u64 {
    let (found, back) = (compare(here, there), compare(there, here));
    found.differing + found.only_there + back.only_there
}

#[tokio::test]
async fn scan_reads_a_large_repository_by_windows() {
    let sim = pair("2.15.2").await;
    let node = sim.node(0);
    for n in 0..2_300 {
        node.push_image("p/large", &format!("v{n}"), format!("{n}"));
    }
    assert_eq!(read(&node).await.tags(), 2_300);
}

#[tokio::test]
async fn scan_gives_an_error_and_never_half_an_inventory() {
    let sim = pair("2.15.2").await;
    sim.node(0).push_image("p/a", "v1", "one");
    sim.node(0).fault(Fault::CutJson).await;
    let version = "2.15.2".parse().unwrap();
    assert!(scan(&admin(&sim.node(0)), &version, &Semaphore::new(4)).await.is_err());
}
