//! A pair is compared by one replica at a time: the lease of fifteen seconds, and the signs that keep it.

use std::time::{Duration, Instant};

use harbor_sim::{Fault, SimConfig};
use model::{Topology, drift::PairView};

use crate::rig::{Rig, eventually, succeeded};

async fn masters() -> (Rig, PairView) {
    let rig = Rig::start(SimConfig::independent(2, "2.15.2")).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap();
    (rig, pair)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pair_that_another_replica_compares_is_left_to_it_until_it_gives_no_sign() {
    let (rig, pair) = masters().await;
    let now = async || rig.clusters.pair(&pair.id).await.unwrap();
    eventually("it is compared", async || now().await.read_ms.is_some()).await;
    let lease = format!("ledger.{}", pair.id);
    let taken = async || rig.store.leases().take(&lease, "another", Duration::from_secs(6)).await.unwrap();
    eventually("another replica compares", taken).await;
    let (began, before) = (Instant::now(), now().await.read_ms);
    while began.elapsed() < Duration::from_secs(4) {
        let view = rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap();
        assert_eq!((view.read_ms, view.error), (before, None));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // The other gave no sign: it is dead.
    let again = async || rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap().read_ms > before;
    eventually("it is compared here again", again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_that_lasts_longer_than_its_lease_keeps_it() {
    let (rig, pair) = masters().await;
    let now = async || rig.clusters.pair(&pair.id).await.unwrap();
    eventually("it is compared", async || now().await.read_ms.is_some() && now().await.comparing.is_none())
        .await;
    for n in [0, 1] {
        rig.node(n).fault(Fault::Slow(Duration::from_millis(3500))).await;
    }
    rig.node(0).push_image("shop/cart", "v1", "one");
    rig.clusters.compare_now(&pair.id, false, "lw").await.unwrap();
    let lease = format!("ledger.{}", pair.id);
    let held = async || !rig.store.leases().take(&lease, "another", Duration::from_millis(1)).await.unwrap();
    eventually("it is compared here", held).await;
    let began = Instant::now();
    while now().await.comparing.is_some() {
        assert!(held().await || now().await.comparing.is_none(), "lost after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(now().await.error, None);
    assert!(began.elapsed() > Duration::from_secs(16), "too quick to need a sign: {:?}", began.elapsed());
}
