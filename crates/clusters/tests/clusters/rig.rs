//! Simulated Harbors, a database of its own, and the service over both.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use clusters::{Announce, Clusters, LinkTrouble, News};
use harbor::Outside;
use harbor_sim::{NodeHandle, Sim, SimConfig};
use journal::Journal;
use model::{
    Link, Topology,
    draft::{ChangeStart, Draft, DraftNode, DraftView},
    finding::{Finding, FindingState, Subject},
    ids::{ClusterId, DraftId, RunId},
    live::LiveEvent,
    run::{RunState, RunView},
    spec::ReplicationSpec,
};
use store::{DatabaseUrl, KeyRing, Store};
use tempfile::TempDir;
use tokio::runtime::{Handle, Id};

pub(crate) const PASSWORD: &str = "Harbor12345";
/// The schedule of the rules where a test has none of its own.
const YEARLY: &str = "0 30 4 1 1 *";
/// Nothing in these tests takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long is waited before looking again: what looks is what keeps a machine busy.
const TICK: Duration = Duration::from_millis(80);

/// Writes down what it is told.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) events: Mutex<Vec<LiveEvent>>,
    pub(crate) news: Mutex<Vec<News>>,
    pub(crate) links: Mutex<BTreeMap<Link, Option<LinkTrouble>>>,
    pub(crate) set: Mutex<Vec<ClusterId>>,
    pub(crate) removed: Mutex<Vec<ClusterId>>,
}

#[async_trait]
impl Announce for Heard {
    fn publish(&self, event: LiveEvent) {
        self.events.lock().unwrap().push(event);
    }

    async fn record(&self, news: News) {
        self.news.lock().unwrap().push(news);
    }

    fn set_link(&self, _: &ClusterId, link: &Link, trouble: Option<LinkTrouble>) {
        self.links.lock().unwrap().insert(link.clone(), trouble);
    }

    async fn set_cluster(&self, id: &ClusterId) {
        self.set.lock().unwrap().push(id.clone());
    }

    async fn remove_cluster(&self, id: &ClusterId) {
        self.removed.lock().unwrap().push(id.clone());
    }
}

pub(crate) struct Rig {
    pub(crate) sim: Sim,
    pub(crate) clusters: Clusters,
    pub(crate) heard: Arc<Heard>,
    pub(crate) store: Store,
    pub(crate) dir: TempDir,
}

impl Rig {
    pub(crate) async fn start(config: SimConfig) -> Self {
        let sim = Sim::start(config).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir).await;
        Self::over_store(sim, store, dir).await
    }

    /// The same with a watchdog that looks again at once.
    pub(crate) async fn watched(config: SimConfig) -> Self {
        let sim = Sim::start(config).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir).await;
        Self::with(sim, store, dir, |clusters| clusters.watching_every(Duration::from_millis(200))).await
    }

    pub(crate) async fn over_store(sim: Sim, store: Store, dir: TempDir) -> Self {
        Self::with(sim, store, dir, |clusters| clusters).await
    }

    async fn with(sim: Sim, store: Store, dir: TempDir, change: impl FnOnce(Clusters) -> Clusters) -> Self {
        let journal = Journal::new(store.clone(), "test");
        let heard = Arc::new(Heard::default());
        let clusters = change(service(&store, &journal, &heard));
        clusters.resume_all().await.unwrap();
        Self { sim, clusters, heard, store, dir }
    }

    pub(crate) fn node(&self, n: usize) -> NodeHandle {
        self.sim.node(n)
    }

    /// A draft of these nodes, each named and signed in to as administrator.
    pub(crate) async fn draft(&self, topology: Topology, names: &[&str]) -> DraftId {
        let typed = self.typed(topology, names);
        self.draft_of(typed).await
    }

    pub(crate) fn typed(&self, topology: Topology, names: &[&str]) -> Draft {
        let node = |(n, name): (usize, &&str)| DraftNode {
            key: format!("k{n}"),
            name: (*name).to_owned(),
            address: self.node(n).url(),
            username: "admin".to_owned(),
            make_robot: true,
            ..DraftNode::default()
        };
        // The clock is the real one: a rule that runs each quarter of an hour might do so in the middle of a test.
        let replication = ReplicationSpec { cron: Some(YEARLY.to_owned()), ..ReplicationSpec::default() };
        Draft {
            topology: Some(topology),
            name: "prod".to_owned(),
            replication,
            nodes: names.iter().enumerate().map(node).collect(),
            probes_confirmed: true,
            ..Draft::default()
        }
    }

    pub(crate) async fn draft_of(&self, typed: Draft) -> DraftId {
        let view = self.clusters.create_draft("lw").await.unwrap();
        let keys: Vec<String> = typed.nodes.iter().map(|n| n.key.clone()).collect();
        self.clusters.save_draft(&view.id, view.version, typed).await.unwrap();
        for key in keys {
            self.clusters.set_secret(&view.id, &key, PASSWORD.into()).await.unwrap();
        }
        view.id
    }

    /// Asks all reading checks and waits for their answers.
    pub(crate) async fn check(&self, id: &DraftId) -> DraftView {
        self.clusters.run_checks(id, None).await.unwrap();
        self.settled(id).await
    }

    async fn settled(&self, id: &DraftId) -> DraftView {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let view = self.clusters.draft(id).await.unwrap();
            let open: Vec<_> =
                view.findings.iter().filter(|f| !f.writes && f.state == FindingState::Waiting).collect();
            if open.is_empty() {
                return view;
            }
            assert!(tokio::time::Instant::now() < end, "still open: {open:?}");
            tokio::time::sleep(TICK).await;
        }
    }

    /// Waits until a run is over and its end was told.
    pub(crate) async fn over(&self, id: &RunId) -> RunView {
        over(&self.clusters, id).await
    }

    /// From a draft to the end of its adoption; warnings are accepted.
    pub(crate) async fn adopt(&self, id: &DraftId) -> RunView {
        let view = self.check(id).await;
        for warning in view.findings.iter().filter(|f| f.state == FindingState::Warning) {
            self.clusters.waive(id, &warning.id, &warning.subject, "known", "lw").await.unwrap();
        }
        if view.findings.iter().any(|f| f.writes) {
            let run = self.clusters.run_probes(id, "lw").await.unwrap();
            self.over(&run).await;
        }
        self.clusters.plan(id, "lw").await.unwrap();
        let run = self.clusters.apply(id, "lw").await.unwrap();
        self.over(&run).await
    }

    /// A draft that changes the only cluster, edited; passwords are given for the nodes that are new.
    pub(crate) async fn changed(&self, start: &ChangeStart, edit: impl FnOnce(&mut Draft)) -> DraftId {
        let id = self.cluster_id().await;
        let view = self.clusters.begin_change(&id, start, "lw").await.unwrap();
        let mut draft = view.draft;
        edit(&mut draft);
        for node in draft.nodes.iter_mut().filter(|n| n.node.is_none()) {
            node.username = "admin".to_owned();
        }
        let keys: Vec<String> =
            draft.nodes.iter().filter(|n| n.node.is_none()).map(|n| n.key.clone()).collect();
        self.clusters.save_draft(&view.id, view.version, draft).await.unwrap();
        for key in keys {
            self.clusters.set_secret(&view.id, &key, PASSWORD.into()).await.unwrap();
        }
        view.id
    }

    pub(crate) async fn cluster_id(&self) -> ClusterId {
        self.clusters.clusters().await.unwrap()[0].id.clone()
    }
}

pub(crate) async fn open(dir: &TempDir) -> Store {
    let ring = KeyRing::open(dir.path()).unwrap();
    Store::open(&DatabaseUrl::Embedded, dir.path(), ring).await.unwrap()
}

/// What the outside is reached by, once for each test, whose lives are many: to read the system's authorities takes long.
fn outside() -> Outside {
    static OF_TESTS: LazyLock<Mutex<HashMap<Id, Outside>>> = LazyLock::new(Mutex::default);
    let mut known = OF_TESTS.lock().unwrap();
    known.entry(Handle::current().id()).or_insert_with(|| Outside::new(None, &[]).unwrap()).clone()
}

pub(crate) fn service(store: &Store, journal: &Journal, heard: &Arc<Heard>) -> Clusters {
    let outside = outside();
    let announce: Arc<dyn Announce> = Arc::clone(heard) as Arc<dyn Announce>;
    Clusters::new(store.clone(), journal.clone(), outside, announce)
}

pub(crate) async fn over(clusters: &Clusters, id: &RunId) -> RunView {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let view = clusters.run(id).await.unwrap();
        if view.state.is_final() {
            return view;
        }
        assert!(tokio::time::Instant::now() < end, "still running: {view:#?}");
        tokio::time::sleep(TICK).await;
    }
}

/// Waits for a condition that comes true by itself.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "never: {what}");
        tokio::time::sleep(TICK).await;
    }
}

pub(crate) fn succeeded(run: &RunView) {
    assert_eq!(run.state, RunState::Succeeded, "{run:#?}");
}

/// Starts every rule of a cluster of two, and waits until an image of each has crossed to the other: the secrets on
/// both ways are the right ones.
pub(crate) async fn images_cross(rig: &Rig, clusters: &Clusters, nodes: [usize; 2], tag: &str) {
    let pushed =
        nodes.map(|n| rig.node(n).push_image("shop/cart", &format!("{tag}-{n}"), format!("{tag} {n}")));
    let cluster = clusters.clusters().await.unwrap().remove(0);
    let copy = clusters.start_first_copy(&cluster.id, None, "lw").await.unwrap();
    succeeded(&over(clusters, &copy).await);
    for (from, to, digest) in [(nodes[0], nodes[1], &pushed[0]), (nodes[1], nodes[0], &pushed[1])] {
        let tag = format!("{tag}-{from}");
        let arrived = async || rig.node(to).tag_digest("shop/cart", &tag).as_ref() == Some(digest);
        eventually(&format!("{tag} on node {to}"), arrived).await;
    }
}

/// The answer to one question.
pub(crate) fn finding<'a>(view: &'a DraftView, id: &str, about: &str) -> &'a Finding {
    let fits = |subject: &Subject| match subject {
        Subject::Cluster => about == "cluster",
        Subject::Entry => about == "entry",
        Subject::Node { node } => about == node.as_str(),
        Subject::Link { source, destination } => about == format!("{source}>{destination}"),
    };
    view.findings.iter().find(|f| f.id == id && fits(&f.subject)).unwrap_or_else(|| panic!("no {id} {about}"))
}

/// Everything of ours on a node: projects, endpoints, rules, robots, by name.
pub(crate) async fn ours(node: &NodeHandle) -> Vec<String> {
    let harbor = admin(node);
    let mut names: Vec<String> = Vec::new();
    names.extend(harbor.all_projects().await.unwrap().into_iter().map(|p| format!("project {}", p.name)));
    names.extend(harbor.all_registries().await.unwrap().into_iter().map(|r| format!("endpoint {}", r.name)));
    names.extend(harbor.all_policies().await.unwrap().into_iter().map(|p| format!("rule {}", p.name)));
    names.extend(harbor.robots().await.unwrap().into_iter().map(|r| format!("robot {}", r.name)));
    names.retain(|n| n.contains("breakwater-"));
    names.sort();
    names
}

/// An administrator's handle.
pub(crate) fn admin(node: &NodeHandle) -> harbor::Harbor {
    let outside = outside();
    let address = model::NodeAddress::parse(&node.url()).unwrap();
    let admin = harbor::Credential::basic("admin", PASSWORD.to_owned());
    harbor::Harbor::new(&outside, address, &model::spec::TlsChoice::System, admin).unwrap()
}
