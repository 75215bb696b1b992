//! The one way in: everything the console does with clusters.

mod acceptances;
mod again;
mod change;
mod checks;
mod clusters;
mod drafts;
mod executions;
mod fences;
mod files;
mod heal_policy;
mod heals;
mod history;
mod nodes;
mod pairs;
mod plans;
mod restores;
mod rules;
mod runs;
mod scope;
mod settings;
mod start;
mod switch_over;
mod verify;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use harbor::Outside;
use journal::Journal;
use model::{
    AppError,
    ids::{ClusterId, DraftId, RunId},
    names::NodeName,
    run::RunKind,
    spec::ClusterSpec,
};
use store::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use files::{SpecAccount, SpecOptions};
pub use runs::{Receipt, RunFilter};
pub(crate) use verify::Verifying;

use crate::{
    announce::Announce,
    change::Change,
    error,
    pairs::Comparisons,
    reach::{Account, Reach},
    records::{self, RunBody},
    rules::Harvests,
    steps::{self, Shared},
    survey::Survey,
};

/// What every method gives.
pub type Answered<T> = Result<T, AppError>;

/// Who is told to have done what nobody pressed a button for.
const BY_ITSELF: &str = "breakwater";

/// Each node's account, and the second one that 2.8 needs for projects.
type Accounts = BTreeMap<NodeName, (Option<Account>, Option<Account>)>;

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Clusters {
    store: Store,
    journal: Journal,
    outside: Outside,
    announce: Arc<dyn Announce>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Drafts whose checks are being asked; a new round ends the one before.
    asking: Arc<Mutex<HashMap<DraftId, CancellationToken>>>,
    comparisons: Comparisons,
    harvests: Harvests,
    /// How often the watchdog looks at the rules of a cluster.
    watching: Duration,
    /// The revision at which each run of this process was over.
    ended: Arc<Mutex<HashMap<RunId, i64>>>,
}

impl Clusters {
    /// The service over a database, a journal and the console's way out. Call [`Clusters::resume_all`] once.
    pub fn new(store: Store, journal: Journal, outside: Outside, announce: Arc<dyn Announce>) -> Self {
        Self {
            store,
            journal,
            outside,
            announce,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            asking: Arc::default(),
            comparisons: Comparisons::default(),
            harvests: Harvests::default(),
            watching: rules::WATCHING,
            ended: Arc::default(),
        }
    }

    /// The same with another time after which the watchdog looks at the rules of a cluster again; a minute unless said.
    #[must_use]
    pub fn watching_every(mut self, time: Duration) -> Self {
        self.watching = time;
        self
    }

    /// Ends what runs in the background. Runs of the journal go on, until that is shut down too.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Clusters {
    fn now_ms(&self) -> i64 {
        self.store.clock().now_ms()
    }

    fn asking(&self) -> std::sync::MutexGuard<'_, HashMap<DraftId, CancellationToken>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs something until it is done or the service is shut down.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = work => {}
            }
        });
    }

    /// The handles of a spec's nodes with their accounts.
    fn reach(&self, spec: &ClusterSpec, mut accounts: Accounts) -> Answered<BTreeMap<NodeName, Reach>> {
        let mut out = BTreeMap::new();
        for node in &spec.nodes {
            let (account, projects) = accounts.remove(&node.name).unwrap_or_default();
            let reach = Reach::new(&self.outside, &node.address, &node.tls, account, projects)
                .map_err(|e| crate::trouble::Trouble::from(e).app_of(&node.name))?;
            out.insert(node.name.clone(), reach);
        }
        Ok(out)
    }

    /// The handles of the nodes that leave with a change, by what they are called in its run.
    fn reach_gone(&self, change: &Change, accounts: &mut Accounts) -> Answered<BTreeMap<NodeName, Reach>> {
        let mut out = BTreeMap::new();
        for gone in change.gone() {
            let (account, projects) = accounts.remove(&gone.called).unwrap_or_default();
            let reach = Reach::new(&self.outside, &gone.spec.address, &gone.spec.tls, account, projects)
                .map_err(|e| crate::trouble::Trouble::from(e).app_of(&gone.called))?;
            out.insert(gone.called, reach);
        }
        Ok(out)
    }

    fn survey(&self, spec: ClusterSpec, reach: &BTreeMap<NodeName, Reach>) -> Answered<Survey> {
        Survey::new(&self.outside, spec, reach, self.store.clock().clone())
            .map_err(|e| crate::trouble::Trouble::from(e).app())
    }

    /// The accounts of a cluster's nodes for daily work.
    async fn cluster_accounts(&self, id: &ClusterId) -> Answered<Accounts> {
        let mut out = BTreeMap::new();
        for node in self.store.nodes().of_cluster(id).await? {
            let account = records::account(&self.store, node.id.as_str()).await?;
            let projects = records::account(&self.store, &records::projects_owner(&node.id)).await?;
            out.insert(node.name, (account, projects));
        }
        Ok(out)
    }

    /// The accounts of a run: those sealed for it, else those of the cluster it made or works on.
    async fn run_accounts(&self, body: &RunBody) -> Answered<Accounts> {
        let cluster = match &body.cluster {
            Some(id) => Some(id.clone()),
            None => self.store.clusters().find(&body.spec.name).await?.map(|c| c.id),
        };
        let mut out = match cluster {
            Some(id) => self.cluster_accounts(&id).await?,
            None => BTreeMap::new(),
        };
        let gone = body.change.as_ref().map(Change::gone).unwrap_or_default();
        let gone = gone.into_iter().map(|g| g.called);
        for node in body.spec.nodes.iter().map(|n| n.name.clone()).chain(gone) {
            let owner = records::vault_owner(&body.vault, &node);
            if let Some(account) = records::account(&self.store, &owner).await? {
                let projects = records::account(&self.store, &format!("{owner}/projects")).await?;
                out.insert(node, (Some(account), projects));
            }
        }
        Ok(out)
    }

    /// What the steps of a run share, built anew after each restart.
    async fn shared(&self, body: RunBody) -> Answered<Arc<Shared>> {
        let mut accounts = self.run_accounts(&body).await?;
        let gone = match &body.change {
            Some(change) => self.reach_gone(change, &mut accounts)?,
            None => BTreeMap::new(),
        };
        let mut reach = self.reach(&body.spec, accounts)?;
        reach.extend(gone);
        Ok(Arc::new(Shared {
            reach,
            body,
            store: self.store.clone(),
            outside: self.outside.clone(),
            announce: Arc::clone(&self.announce),
        }))
    }

    /// Seals the accounts of a run, stores it and begins it.
    async fn begin(&self, body: RunBody, accounts: &BTreeMap<NodeName, Reach>) -> Answered<RunId> {
        for (node, reach) in accounts {
            if let Some(account) = &reach.account {
                let owner = records::vault_owner(&body.vault, node);
                records::put_account(&self.store, &owner, account).await?;
            }
            if let Some(second) = &reach.second {
                let owner = format!("{}/projects", records::vault_owner(&body.vault, node));
                records::put_account(&self.store, &owner, second).await?;
            }
        }
        let begin = journal::Begin {
            kind: kind_word(body.kind).to_owned(),
            scope: body.scope.clone(),
            by: body.by.clone(),
            body: store::runs::body(&body)?,
        };
        let shared = self.shared(body).await?;
        Ok(self.journal.start(&begin, steps::carried(&shared)).await?)
    }
}

/// The stable word of a kind of run.
fn kind_word(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Adopt => "adopt",
        RunKind::Change => "change",
        RunKind::Probe => "probe",
        RunKind::Remove => "remove",
        RunKind::Rule => "rule",
        RunKind::Heal => "heal",
        RunKind::Fence => "fence",
        RunKind::Restore => "restore",
    }
}

/// A random text for names that two runs must never share: 8 lower-case hexadecimal digits.
fn random_tag() -> Answered<String> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|_| {
        AppError::new(
            "system.random",
            500,
            model::say!("The system gives no random numbers.", "系统无法提供随机数。"),
            model::say!("Look at the server's log.", "请查看服务器日志。"),
        )
    })?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// The nodes of a draft on which a console robot shall be made.
fn robot_nodes(draft: &model::draft::Draft) -> BTreeSet<NodeName> {
    draft
        .nodes
        .iter()
        .filter(|n| n.make_robot && n.credential == model::spec::CredentialKind::Admin)
        .filter_map(|n| n.node().ok().map(|node| node.name))
        .collect()
}

/// The first of several faults; a form shows them all by judging the draft itself.
fn first_fault(faults: Vec<AppError>) -> AppError {
    faults.into_iter().next().unwrap_or_else(error::no_node)
}
