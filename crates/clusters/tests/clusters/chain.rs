//! Three in a chain: headquarters, branch, branch of the branch.

use harbor_sim::{Fault, SimConfig};
use model::{Topology, heal::HealPolicy};

use crate::{
    heal::{compared_all, tags},
    rig::{Rig, eventually, succeeded},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_while_the_middle_was_away_reaches_the_end_of_the_chain() {
    let rig = Rig::start(SimConfig::independent(3, "2.15.2")).await;
    for n in [0, 1, 2] {
        for tag in ["kept", "moved", "deleted"] {
            rig.node(n).push_image("shop/cart", tag, "one");
        }
    }
    let mut typed = rig.typed(Topology::Tiered, &["hq", "gz", "zh"]);
    typed.nodes[2].upstream = "gz".to_owned();
    let id = rig.draft_of(typed).await;
    succeeded(&rig.adopt(&id).await);
    let pairs = rig.clusters.pairs().await.unwrap();
    assert_eq!(pairs.iter().map(|p| format!("{} {}", p.a, p.b)).collect::<Vec<_>>(), ["hq gz", "gz zh"]);
    compared_all(&rig, |p| p.read_ms.is_some() && p.differences() == 0).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    rig.clusters.set_heal_policy(&pairs[0].id, HealPolicy::All, "lw").await.unwrap();

    rig.node(1).fault(Fault::Refuse).await;
    compared_all(&rig, |p| p.error.is_some()).await;
    rig.node(0).push_image("shop/cart", "new", "two");
    rig.node(0).push_image("shop/cart", "moved", "three");
    rig.node(0).delete_tag("shop/cart", "deleted");
    rig.node(1).heal().await;

    let wanted = tags(&rig, 0);
    assert_eq!(wanted.len(), 3, "{wanted:#?}");
    eventually("the middle holds it", async || tags(&rig, 1) == wanted).await;
    // A deletion that a heal carried is the deed of whoever deleted at the head: it goes on down the chain.
    eventually("the end holds it", async || tags(&rig, 2) == wanted).await;
    compared_all(&rig, |p| p.healing.is_none() && p.differences() == 0).await;
}
