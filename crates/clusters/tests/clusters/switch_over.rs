//! A switch-over: one of the two takes no pushes, by its administrator's word, until the other has taken over.

use clusters::Account;
use model::{
    heal::{FenceWhat, HealChoice},
    names::NodeName,
    run::RunState,
    spec::CredentialKind,
};

use crate::{
    heal::{compared, equal_pair},
    rig::{PASSWORD, Rig, admin, eventually, succeeded},
};

fn account(username: &str) -> Account {
    Account { kind: CredentialKind::Admin, username: username.to_owned(), secret: PASSWORD.into() }
}

async fn is_read_only(rig: &Rig) -> bool {
    admin(&rig.node(0)).systeminfo().await.unwrap().read_only
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_takes_no_pushes_until_its_administrator_lets_it() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    let a = NodeName::parse("a").unwrap();
    let set = async |username: &str, node: &NodeName| {
        rig.clusters.set_read_only(&pair.id, node, account(username), "lw").await
    };
    let wrong = set("nobody", &a).await.unwrap_err();
    assert_eq!((wrong.code.as_str(), wrong.field.as_deref()), ("harbor.unauthorized", Some("account")));
    let stranger = NodeName::parse("c").unwrap();
    assert_eq!(set("admin", &stranger).await.unwrap_err().code, "pair.no_node");
    assert!(!is_read_only(&rig).await);
    let before = rig.clusters.pair(&pair.id).await.unwrap().read_ms;
    let run = set("admin", &a).await.unwrap();
    succeeded(&rig.over(&run).await);
    assert!(is_read_only(&rig).await);
    // It is compared once more: what it says is so from now on.
    eventually("compared since", async || {
        let pair = rig.clusters.pair(&pair.id).await.unwrap();
        pair.fences.first().is_some_and(|fence| pair.read_ms > Some(fence.since_ms).max(before))
    })
    .await;
    let now = rig.clusters.pair(&pair.id).await.unwrap();
    assert_eq!(now.differences(), 0);
    let [fence] = now.fences.as_slice() else { panic!("{:#?}", now.fences) };
    assert_eq!((fence.what, fence.node.as_str(), &fence.run), (FenceWhat::ReadOnly, "a", &run));
    // The administrator served that run alone, and nothing ends the mode by itself.
    let kept = rig.store.credentials();
    for row in rig.store.nodes().list().await.unwrap() {
        let of = kept.of_owner(row.id.as_str()).await.unwrap();
        assert!(of.iter().all(|one| one.kind == CredentialKind::Robot), "{of:#?}");
    }
    rig.node(1).push_image("shop/cart", "new", "two");
    let pair = compared(&rig, |p| p.healable() == 1).await;
    let plan = rig.clusters.heal_plan(&pair.id, &HealChoice::default(), "lw").await.unwrap();
    assert_eq!(rig.clusters.heal(&plan.id, Some(0), "lw").await.unwrap_err().code, "heal.read_only");

    let lift = async |account| rig.clusters.lift_fence(&fence.id, account, "lw").await;
    assert_eq!(lift(None).await.unwrap_err().code, "fence.account");
    assert_eq!(lift(Some(account("nobody"))).await.unwrap_err().code, "harbor.unauthorized");
    let lifted = lift(Some(account("admin"))).await.unwrap();
    succeeded(&rig.over(&lifted).await);
    assert!(!is_read_only(&rig).await);
    assert!(rig.clusters.pair(&pair.id).await.unwrap().fences.is_empty());
    assert_eq!(lift(None).await.unwrap_err().code, "fence.none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_else_made_read_only_is_not_ours_to_end() {
    let rig = equal_pair("2.15.2").await;
    let pair = rig.clusters.pairs().await.unwrap().remove(0);
    admin(&rig.node(0)).set_read_only(true).await.unwrap();
    let a = NodeName::parse("a").unwrap();
    let run = rig.clusters.set_read_only(&pair.id, &a, account("admin"), "lw").await.unwrap();
    let over = rig.over(&run).await;
    assert_eq!(over.state, RunState::Succeeded, "{over:#?}");
    assert!(is_read_only(&rig).await && rig.clusters.pair(&pair.id).await.unwrap().fences.is_empty());
}
