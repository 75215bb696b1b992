//! What Harbor never replicates, side by side.

use harbor::api::{
    projects::NewProject,
    robots::{NewRobot, Permission},
};
use harbor_sim::SimConfig;
use model::{Topology, settings::SettingKind};

use crate::rig::{Rig, admin, succeeded};

async fn two(version: &str) -> Rig {
    let rig = Rig::start(SimConfig::independent(2, version)).await;
    let id = rig.draft(Topology::DualMaster, &["a", "b"]).await;
    succeeded(&rig.adopt(&id).await);
    rig
}

#[tokio::test]
async fn what_is_set_for_one_side_only_is_told_and_a_kind_that_is_not_shown_is_said() {
    for version in ["2.8.6", "2.12.4", "2.15.2"] {
        let rig = two(version).await;
        let (a, b) = (admin(&rig.node(0)), admin(&rig.node(1)));
        let mut shop = NewProject::new("shop", true);
        b.create_project(&shop).await.unwrap();
        shop.metadata.insert("auto_scan".to_owned(), "true".to_owned());
        shop.storage_limit = Some(1 << 30);
        a.create_project(&shop).await.unwrap();
        a.create_project(&NewProject::new("alone", false)).await.unwrap();
        let rights = Permission::project("*", &["repository:pull"]);
        a.create_robot(&NewRobot::system("ci", "", vec![rights])).await.unwrap();

        let pair = rig.clusters.pairs().await.unwrap().remove(0);
        let view = rig.clusters.pair_settings(&pair.id).await.unwrap();
        let told: Vec<String> = view
            .rows
            .iter()
            .map(|row| {
                let [a, b] = row.held.clone().map(|s| s.unwrap_or_default().en);
                format!("{}/{:?} {}: {a} | {b}", row.project, row.kind, row.name.en)
            })
            .collect();
        // To 2.10 a robot may not see robots, nor members and labels before 2.12.
        let old = version == "2.8.6";
        let robot = (!old).then_some("/Robot robot$ci: on, never expires, 1 rights | ");
        let expected = robot.into_iter().chain([
            "alone/Project : there | ",
            "shop/Metadata Automatically scan images on push: on | ",
            "shop/Quota : 1.0 GiB | unlimited",
        ]);
        assert_eq!(told, expected.collect::<Vec<_>>(), "{version}");
        let unseen: Vec<SettingKind> =
            view.unseen.iter().filter(|u| u.node == view.a).map(|u| u.kind).collect();
        let blind = [SettingKind::Label, SettingKind::Member, SettingKind::Robot];
        assert_eq!(unseen, if old { blind.to_vec() } else { Vec::new() }, "{version}");
        rig.clusters.shutdown().await;
    }
}
