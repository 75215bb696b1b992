//! One node being looked at: every question is asked once and remembered, the refusals too.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use harbor::{
    HarborError,
    api::{identity::Who, registries::RegistryTrial},
};
use model::{
    Say,
    finding::CureAction,
    names::NodeName,
    say,
    spec::{CredentialKind, NodeSpec},
};
use tokio::sync::{OnceCell, Semaphore};

use super::{
    Place, Seen,
    facts::{AccountSeen, Basics, Endpoint, PeerPing, Pool, Project, ProjectQuota, Rule},
};
use crate::{
    names,
    reach::{Reach, peer_tls},
};

/// The right to make robots, without which links cannot be made or removed.
pub(crate) const ROBOTS: &str = "robot:create";

/// Requests at once on one node: more only lengthen each (scan-costs section 2).
const AT_ONCE: usize = 4;

/// Longest time for a ping that the node makes to its peer; Harbor itself would wait for half an hour.
const PEER_LIMIT: Duration = Duration::from_secs(15);

/// Longest time for the inventory of a whole node.
const SCAN_LIMIT: Duration = Duration::from_secs(900);

type Cell<T> = OnceCell<Seen<T>>;

/// One node being looked at.
pub(crate) struct NodeSurvey {
    spec: NodeSpec,
    reach: Reach,
    place: Place,
    gate: Semaphore,
    basics: Cell<Arc<Basics>>,
    account: Cell<Arc<AccountSeen>>,
    pools: Cell<Arc<Vec<Pool>>>,
    paused: Cell<Arc<Vec<String>>>,
    schedules_paused: Cell<bool>,
    disk: Cell<Option<(u64, u64)>>,
    quotas: Cell<Arc<Vec<ProjectQuota>>>,
    projects: Cell<Arc<Vec<Project>>>,
    endpoints: Cell<Arc<Vec<Endpoint>>>,
    rules: Cell<Arc<Vec<Rule>>>,
    robots: Cell<Arc<Vec<(i64, String)>>>,
    inventory: Cell<Arc<ledger::Inventory>>,
}

impl NodeSurvey {
    pub(crate) fn new(spec: NodeSpec, reach: Reach) -> Self {
        let place = Place::new(&reach.system, spec.tls.clone());
        Self {
            spec,
            reach,
            place,
            gate: Semaphore::new(AT_ONCE),
            basics: OnceCell::new(),
            account: OnceCell::new(),
            pools: OnceCell::new(),
            paused: OnceCell::new(),
            schedules_paused: OnceCell::new(),
            disk: OnceCell::new(),
            quotas: OnceCell::new(),
            projects: OnceCell::new(),
            endpoints: OnceCell::new(),
            rules: OnceCell::new(),
            robots: OnceCell::new(),
            inventory: OnceCell::new(),
        }
    }

    /// Its name in the cluster.
    pub(crate) fn name(&self) -> &NodeName {
        &self.spec.name
    }

    /// Its address.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Its handles.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether a robot signs in there.
    pub(crate) fn is_robot(&self) -> bool {
        self.reach.account.as_ref().is_none_or(|a| a.kind == CredentialKind::Robot)
    }

    /// A page of its own portal.
    pub(crate) fn portal(&self, path: &str) -> CureAction {
        CureAction::OpenPortal { url: format!("{}{path}", self.place.address().origin()) }
    }

    /// Runs one call among the few that may run at once.
    pub(super) async fn call<T>(&self, call: impl Future<Output = Result<T, HarborError>>) -> Seen<T> {
        let _permit = self.gate.acquire().await.map_err(|_| HarborError::Cancelled)?;
        Ok(call.await?)
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// Where it does not answer as a Harbor, or refuses the account.
    pub(crate) async fn basics(&self) -> Seen<Arc<Basics>> {
        let ask = || async {
            let identity = self.call(self.reach.system.identify()).await?;
            let began = Instant::now();
            self.call(self.reach.system.ping()).await?;
            let latency_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
            // From 2.13 the version is told to those alone who signed in.
            let version = identity.version.ok_or(HarborError::Unauthorized)?;
            let told = identity.info.current_time.is_some();
            Ok(Arc::new(Basics {
                version,
                latency_ms,
                auth_mode: identity.info.auth_mode,
                clock_offset_ms: identity.clock_offset_ms,
                read_only: told.then_some(identity.info.read_only),
                storage: Some(identity.info.registry_storage_provider_name).filter(|s| !s.is_empty()),
                who: identity.who,
            }))
        };
        self.basics.get_or_init(ask).await.clone()
    }

    /// Who we are there, and what we may not do.
    ///
    /// # Errors
    /// As [`NodeSurvey::basics`].
    pub(crate) async fn account(&self) -> Seen<Arc<AccountSeen>> {
        let ask = || async {
            let basics = self.basics().await?;
            let (who, admin) = match &basics.who {
                Who::Anonymous => return Err(HarborError::Unauthorized.into()),
                Who::Person { username, admin: true } => {
                    (say!("{username} (administrator)", "{username}（管理员）"), true)
                }
                Who::Person { username, admin: false } => {
                    (say!("{username} (no administrator)", "{username}（非管理员）"), false)
                }
                Who::Robot { username } => (Say::same(username), false),
            };
            let mut missing = Vec::new();
            if !admin {
                let rights = self.call(self.reach.system.rights()).await?;
                for (there, right) in [
                    (rights.registries, "registry:list"),
                    (rights.policies, "replication-policy:list"),
                    (rights.jobs, "jobservice-monitor:list"),
                    (rights.quotas, "quota:list"),
                    (rights.robots, ROBOTS),
                ] {
                    if !there {
                        missing.push(right.to_owned());
                    }
                }
            }
            Ok(Arc::new(AccountSeen { who, admin, missing }))
        };
        self.account.get_or_init(ask).await.clone()
    }

    /// Its worker pools.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn pools(&self) -> Seen<Arc<Vec<Pool>>> {
        let ask = || async {
            let pools = self.call(self.reach.system.pools()).await?;
            let seen = |p: harbor::api::jobs::Pool| Pool {
                id: p.worker_pool_id,
                heartbeat_ms: p.heartbeat_at.unwrap_or_default(),
            };
            Ok(Arc::new(pools.into_iter().map(seen).collect()))
        };
        self.pools.get_or_init(ask).await.clone()
    }

    /// The queues that are paused.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn paused_queues(&self) -> Seen<Arc<Vec<String>>> {
        let ask = || async {
            let queues = self.call(self.reach.system.queues()).await?;
            Ok(Arc::new(queues.into_iter().filter(|q| q.paused).map(|q| q.job_type).collect()))
        };
        self.paused.get_or_init(ask).await.clone()
    }

    /// Whether all schedules are paused.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub(crate) async fn schedules_paused(&self) -> Seen<bool> {
        let ask = || self.call(self.reach.system.schedules_paused());
        self.schedules_paused.get_or_init(ask).await.clone()
    }

    /// Total and free bytes of its disk, where it tells.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub(crate) async fn disk(&self) -> Seen<Option<(u64, u64)>> {
        let ask = || async {
            let volumes = self.call(self.reach.system.volumes()).await?;
            Ok(volumes.storage.first().map(|v| (v.total, v.free)))
        };
        self.disk.get_or_init(ask).await.clone()
    }

    /// The quotas of its projects.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn quotas(&self) -> Seen<Arc<Vec<ProjectQuota>>> {
        let ask = || async {
            let quotas = self.call(self.reach.system.quotas()).await?;
            let seen = |q: harbor::api::jobs::Quota| ProjectQuota {
                project: q.project.name,
                hard: q.hard.storage,
                used: q.used.storage,
            };
            Ok(Arc::new(quotas.into_iter().map(seen).collect()))
        };
        self.quotas.get_or_init(ask).await.clone()
    }

    /// Its projects.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn projects(&self) -> Seen<Arc<Vec<Project>>> {
        let ask = || async {
            let projects = self.call(self.reach.projects.all_projects()).await?;
            let seen = |p: &harbor::api::projects::Project| Project {
                name: p.name.clone(),
                public: p.is_public(),
                proxy_cache: p.is_proxy_cache(),
                retention: p.retention_id(),
            };
            // What a proof or a probe has left is removed by itself; it is nobody's project.
            let theirs = projects.iter().filter(|p| !p.name.starts_with(names::PREFIX));
            Ok(Arc::new(theirs.map(seen).collect()))
        };
        self.projects.get_or_init(ask).await.clone()
    }

    /// Those of `projects` that have immutability rules.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn immutable_projects(&self, projects: &[String]) -> Seen<Vec<String>> {
        let asked = projects.iter().map(|project| async move {
            let rules = self.call(self.reach.projects.immutable_rules(project)).await?;
            Ok(rules.iter().any(|r| !r.disabled).then(|| project.clone()))
        });
        let found: Vec<Seen<Option<String>>> = futures::future::join_all(asked).await;
        found.into_iter().filter_map(Result::transpose).collect()
    }

    /// Its endpoints.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn endpoints(&self) -> Seen<Arc<Vec<Endpoint>>> {
        let ask = || async {
            let endpoints = self.call(self.reach.system.all_registries()).await?;
            let seen = |r: harbor::api::registries::Registry| Endpoint {
                id: r.id,
                name: r.name,
                url: r.url,
                description: r.description,
            };
            Ok(Arc::new(endpoints.into_iter().map(seen).collect()))
        };
        self.endpoints.get_or_init(ask).await.clone()
    }

    /// Its rules.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn rules(&self) -> Seen<Arc<Vec<Rule>>> {
        let ask = || async {
            let rules = self.call(self.reach.system.all_policies()).await?;
            let remote = |id: i64| Some(id).filter(|id| *id != 0);
            let seen = |p: harbor::api::policies::Policy| Rule {
                name: p.name,
                enabled: p.enabled,
                pushes_to: remote(p.dest_registry.id),
                pulls_from: remote(p.src_registry.id),
                r#override: p.overwrite,
                deletion: p.deletion,
            };
            Ok(Arc::new(rules.into_iter().map(seen).collect()))
        };
        self.rules.get_or_init(ask).await.clone()
    }

    /// Its system robots, id and full name.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) async fn robots(&self) -> Seen<Arc<Vec<(i64, String)>>> {
        let ask = || async {
            let robots = self.call(self.reach.system.robots()).await?;
            Ok(Arc::new(robots.into_iter().map(|r| (r.id, r.name)).collect()))
        };
        self.robots.get_or_init(ask).await.clone()
    }

    /// Everything it holds.
    ///
    /// # Errors
    /// The first request that failed, or that it took too long.
    pub(crate) async fn inventory(&self) -> Seen<Arc<ledger::Inventory>> {
        let ask = || async {
            let basics = self.basics().await?;
            let scan = ledger::scan(&self.reach.projects, &basics.version, &self.gate);
            match tokio::time::timeout(SCAN_LIMIT, scan).await {
                Ok(scanned) => Ok(Arc::new(scanned?)),
                Err(_) => Err(HarborError::Timeout(SCAN_LIMIT.as_millis() as u64).into()),
            }
        };
        self.inventory.get_or_init(ask).await.clone()
    }

    /// Has this node's Harbor ping another one, without a credential: whether there is a way.
    pub(crate) async fn ping_peer(&self, peer: &Self) -> PeerPing {
        let basics = match self.basics().await {
            Ok(basics) => basics,
            Err(trouble) => return PeerPing::NotAsked(trouble),
        };
        let (insecure, ca_certificate) = peer_tls(peer.place.tls(), &basics.version);
        let trial = RegistryTrial {
            kind: "harbor",
            url: peer.place.address().origin(),
            credential_type: "basic",
            access_key: String::new(),
            access_secret: None,
            insecure,
            ca_certificate,
        };
        self.ping_trial(&trial).await
    }

    pub(super) async fn ping_trial(&self, trial: &RegistryTrial) -> PeerPing {
        let Ok(_permit) = self.gate.acquire().await else {
            return PeerPing::NotAsked(HarborError::Cancelled.into());
        };
        let began = Instant::now();
        let result = self.reach.system.within(PEER_LIMIT).ping_registry(trial).await;
        PeerPing::judge(result, began.elapsed())
    }

    /// Has this node's Harbor try an endpoint that it keeps, with the secret it keeps.
    pub(crate) async fn ping_stored(&self, id: i64) -> PeerPing {
        let Ok(_permit) = self.gate.acquire().await else {
            return PeerPing::NotAsked(HarborError::Cancelled.into());
        };
        let began = Instant::now();
        let result = self.reach.system.within(PEER_LIMIT).ping_registry_by_id(id).await;
        PeerPing::judge(result, began.elapsed())
    }
}
