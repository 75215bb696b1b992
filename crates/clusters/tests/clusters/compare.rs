//! Comparing in the background: what has changed, everything, and stopping that.

use harbor_sim::Fill;
use ledger::PairState;

use crate::{
    heal::{compared, equal_pair},
    rig::eventually,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comparing_that_is_stopped_goes_on_where_it_was() {
    let rig = equal_pair("2.15.2").await;
    let fill = Fill { artifacts: 12_000, repositories: 600, projects: 60, ..Fill::default() };
    for n in [0, 1] {
        rig.node(n).fill(&fill);
    }
    let id = rig.clusters.pairs().await.unwrap().remove(0).id;
    let pair = async || rig.clusters.pair(&id).await.unwrap();
    let state = async || rig.store.ledger().pair(&id).await.unwrap().state_as::<PairState>().unwrap();
    eventually("nothing is under way", async || pair().await.comparing.is_none()).await;
    let before = pair().await;
    assert!(before.reads.is_some_and(|r| r.en == "Between two such readings, what has changed is read."));
    rig.clusters.compare_now(&id, true, "lw").await.unwrap();
    let begun = async || state().await.under_way.is_some_and(|way| !way.after.is_empty());
    eventually("a part was read", begun).await;
    rig.clusters.stop_comparing(&id, "lw").await.unwrap();
    eventually("it has stopped", async || pair().await.comparing.is_none()).await;
    let stopped = pair().await;
    assert_eq!((stopped.whole_ms, stopped.error), (before.whole_ms, None), "it has not ended");
    assert!(state().await.under_way.is_some());
    // What people do meanwhile is seen nevertheless, and nothing but that is read.
    rig.node(0).push_image("fill-0/app-0", "new", "new");
    let seen = compared(&rig, |p| p.differences() == 1).await;
    assert_eq!(seen.whole_ms, before.whole_ms);
    rig.clusters.compare_now(&id, true, "lw").await.unwrap();
    let whole = async || {
        let pair = pair().await;
        pair.whole_ms > before.whole_ms && pair.comparing.is_none()
    };
    eventually("everything was read", whole).await;
    assert_eq!((pair().await.compared, pair().await.differences()), (12_006, 1));
    rig.clusters.shutdown().await;
}
