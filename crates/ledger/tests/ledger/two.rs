//! Two simulated Harbors that are compared.

use harbor::{
    Credential, Harbor, NodeAddress, Outside, TlsChoice,
    api::robots::{NewRobot, Permission},
};
use harbor_sim::{NodeHandle, Sim, SimConfig};
use ledger::{Depth, Drift, Pair, PairSide, PairState, compare_pair};
use model::{
    Topology,
    drift::{Direction, Side},
    names::{ClusterName, NodeName},
};
use store::{
    Store,
    ledger::{DriftFilter, DriftRow, Place},
    nodes::NodeFields,
};

pub(crate) struct Two<'a> {
    pub(crate) sim: Sim,
    pub(crate) store: &'a Store,
    pub(crate) pair: Pair,
}

impl<'a> Two<'a> {
    pub(crate) async fn start(store: &'a Store, version: &str, direction: Direction) -> Self {
        let sim = Sim::start(SimConfig::independent(2, version)).await.unwrap();
        let name = ClusterName::parse("prod").unwrap();
        let cluster =
            store.clusters().insert(&name, Topology::DualMaster, &serde_json::json!({})).await.unwrap();
        let mut sides = Vec::new();
        for (position, word) in [(0, "a"), (1, "b")] {
            let name = NodeName::parse(word).unwrap();
            let fields =
                NodeFields { position, name: &name, address: "", tls: "system".into(), role: "", tier: 0 };
            let node = store.nodes().insert(&cluster.id, fields).await.unwrap().id;
            let harbor = admin(&sim.node(usize::try_from(position).unwrap()));
            sides.push(PairSide {
                node,
                name,
                projects: harbor.clone(),
                system: harbor,
                version: version.parse().unwrap(),
                // The database's clock stands; the simulated ones run.
                clock_offset_ms: sim.clock().now() - store.clock().now_ms(),
                link_account: None,
                console_robot: None,
            });
        }
        let row = store
            .ledger()
            .pair_of(&cluster.id, &sides[0].node, &sides[1].node, &PairState::default())
            .await
            .unwrap();
        let pair = Pair {
            id: row.id,
            direction,
            scope: Default::default(),
            whole_every_ms: None,
            sides: sides.try_into().unwrap(),
        };
        Self { sim, store, pair }
    }

    pub(crate) fn a(&self) -> NodeHandle {
        self.sim.node(0)
    }

    pub(crate) fn b(&self) -> NodeHandle {
        self.sim.node(1)
    }

    /// An image on both sides.
    pub(crate) fn both(&self, repository: &str, tag: &str, layer: &'static str) {
        self.a().push_image(repository, tag, layer);
        self.b().push_image(repository, tag, layer);
    }

    pub(crate) async fn compare(&self) -> PairState {
        self.read(Depth::Due).await
    }

    pub(crate) async fn read(&self, depth: Depth) -> PairState {
        compare_pair(self.store, &self.pair, depth, &|_| {}).await.unwrap()
    }

    pub(crate) async fn rows(&self) -> Vec<DriftRow> {
        let all = DriftFilter::default();
        self.store.ledger().drifts(&self.pair.id, &all, &Place::default(), 1000).await.unwrap()
    }

    /// Compares, and gives each difference as `name kind side`.
    pub(crate) async fn found(&self) -> Vec<String> {
        self.compare().await;
        let shown = |row: DriftRow| {
            let drift: Drift = row.body_as().unwrap();
            let on = drift.difference.on.map_or("", |side| if side == Side::A { " a" } else { " b" });
            format!("{}:{} {}{on}", row.repository, row.thing, row.kind.as_str())
        };
        self.rows().await.into_iter().map(shown).collect()
    }
}

pub(crate) fn admin(node: &NodeHandle) -> Harbor {
    handle(node, Credential::basic("admin", "Harbor12345".to_owned()))
}

/// A new robot that may see all images, and not the audit log.
pub(crate) async fn robot(node: &NodeHandle) -> Harbor {
    let rights = Permission::project("*", &["repository:list", "artifact:list", "accessory:list"]);
    let robot = admin(node).create_robot(&NewRobot::system("reader", "", vec![rights])).await.unwrap();
    handle(node, Credential::basic(robot.name, robot.secret))
}

fn handle(node: &NodeHandle, credential: Credential) -> Harbor {
    let outside = Outside::new(None, &[]).unwrap();
    let address = NodeAddress::parse(&node.url()).unwrap();
    Harbor::new(&outside, address, &TlsChoice::System, credential).unwrap()
}
