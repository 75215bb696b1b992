//! From a configuration to open services, and what has to be done beside serving.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use access::Access;
use anyhow::Context as _;
use app::api::Services;
use async_trait::async_trait;
use clap::ArgMatches;
use clusters::{Announce, Clusters, LinkTrouble, News};
use futures::FutureExt;
use harbor::Outside;
use journal::Journal;
use model::{AppError, Link, health::HealthState, ids::ClusterId, live::LiveEvent};
use pages::Pages;
use store::{KeyRing, Store};
use tokio_util::sync::CancellationToken;
use watch::{LinkNote, Watch, WatchConfig, WatchedCluster, WatchedEntry, WatchedNode};

use crate::{cli, config::Config, returns};

/// How often what has ended is forgotten.
const FORGET: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything that is open while the console runs.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) store: Store,
    pub(crate) services: Services,
    journal: Journal,
}

/// Opens the database and every service, and takes up what a stopped process left.
///
/// # Errors
/// The key file, the database, or a certificate authority that cannot be read.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Open> {
    over(store(config).await?, config).await
}

/// Opens every service over a database that is open already.
///
/// # Errors
/// The database, or a certificate authority that cannot be read.
pub(crate) async fn over(store: Store, config: &Config) -> anyhow::Result<Open> {
    let access = Access::new(store.clone());
    let configured = config.public_address.as_ref().map(url::Url::as_str);
    access.load_public_address(configured).await.map_err(told)?;
    let mut authorities = Vec::new();
    for file in &config.extra_ca_files {
        authorities
            .push(std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    let outside = Outside::new(config.outbound_proxy.as_ref().map(url::Url::as_str), &authorities)?;
    // A process alone with its database takes up its own runs at once; replicas wait for each other's leases.
    let holder =
        if store.is_shared() { store::new_id::<model::ids::RunId>().to_string() } else { "alone".to_owned() };
    let journal = Journal::new(store.clone(), &holder);
    let link = Arc::new(ToWatch::default());
    let watch = {
        let loader = Arc::clone(&link);
        let mut watching = WatchConfig::new(outside.clone());
        watching.poll_every = config.poll_every;
        watching.loader = Some(Arc::new(move |id| {
            let loader = Arc::clone(&loader);
            async move { loader.watched(&id).await }.boxed()
        }));
        watching.words = Some(Arc::new(|entry| Some((HealthState::Unknown, access::words(entry)?))));
        Watch::start(watching, store.clone())
    };
    let clusters = Clusters::new(store.clone(), journal.clone(), outside, link.clone());
    let _ = link.watch.set(watch.clone());
    let _ = link.clusters.set(clusters.clone());
    for cluster in clusters.clusters().await? {
        link.set_cluster(&cluster.id).await;
    }
    clusters.resume_all().await?;
    let pages = Pages::start(store.clone(), access.clone(), watch.clone(), clusters.clone());
    Ok(Open { store, services: Services { access, watch, clusters, pages }, journal })
}

impl Open {
    /// Ends everything in order; runs stop where they are and go on at the next start.
    pub(crate) async fn close(&self) {
        self.services.pages.shutdown().await;
        self.services.clusters.shutdown().await;
        self.journal.shutdown().await;
        self.services.watch.shutdown().await;
        self.store.close().await;
    }
}

/// What is done beside serving while the console runs.
pub(crate) async fn upkeep(open: Open, stop: CancellationToken) {
    let Services { watch, clusters, .. } = &open.services;
    tokio::join!(forget(&open, &stop), returns::tell(watch, clusters, &stop));
}

async fn forget(open: &Open, stop: &CancellationToken) {
    let mut forget = tokio::time::interval(FORGET);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = forget.tick() => {
                if let Err(error) = open.services.access.prune().await {
                    tracing::warn!(%error, "ended sessions could not be forgotten");
                }
            }
        }
    }
}

/// Tells `watch` what the clusters say. The two know nothing of each other.
#[derive(Default)]
struct ToWatch {
    watch: OnceLock<Watch>,
    clusters: OnceLock<Clusters>,
}

impl ToWatch {
    /// A cluster with its credentials, as it is to be watched; `None` where it is gone or cannot be read now.
    async fn watched(&self, id: &ClusterId) -> Option<WatchedCluster> {
        let clusters = self.clusters.get()?;
        let view = clusters.cluster(id).await.ok()?;
        let mut accounts = clusters.node_accounts(id).await.ok()?;
        let nodes = view.nodes.iter().zip(&view.spec.nodes).map(|(kept, node)| WatchedNode {
            id: kept.id.clone(),
            name: node.name.clone(),
            address: node.address.clone(),
            tls: node.tls.clone(),
            credential: accounts.remove(&kept.id).map(|a| a.credential()).unwrap_or_default(),
            upstream: node.upstream.clone(),
        });
        Some(WatchedCluster {
            id: id.clone(),
            name: view.spec.name.clone(),
            topology: view.spec.topology,
            nodes: nodes.collect(),
            entry: view.spec.entry.map(|e| WatchedEntry { address: e.address, tls: e.tls }),
        })
    }
}

#[async_trait]
impl Announce for ToWatch {
    fn publish(&self, event: LiveEvent) {
        if let Some(watch) = self.watch.get() {
            watch.publish(&event);
        }
    }

    async fn record(&self, news: News) {
        if let Some(watch) = self.watch.get() {
            watch.record(watch::News {
                code: news.code.to_owned(),
                state: news.state,
                text: news.text,
                by: news.by,
                cluster: news.cluster,
                node: news.node,
            });
        }
    }

    fn set_link(&self, cluster: &ClusterId, link: &Link, trouble: Option<LinkTrouble>) {
        let note = trouble.map(|LinkTrouble { label, lasting }| LinkNote {
            state: if lasting { HealthState::Degraded } else { HealthState::Up },
            label: Some(label),
        });
        if let Some(watch) = self.watch.get() {
            watch.set_link(cluster, link, note);
        }
    }

    async fn set_cluster(&self, id: &ClusterId) {
        if let (Some(watch), Some(cluster)) = (self.watch.get(), self.watched(id).await) {
            watch.set_cluster(cluster);
        }
    }

    async fn remove_cluster(&self, id: &ClusterId) {
        if let Some(watch) = self.watch.get() {
            watch.remove_cluster(id);
        }
    }
}

/// Opens the database that a configuration names.
///
/// # Errors
/// The key file or the database; the text says which.
pub(crate) async fn store(config: &Config) -> anyhow::Result<Store> {
    let ring = KeyRing::open(&config.data_dir).context("the key file cannot be used")?;
    Store::open(&config.database_url, &config.data_dir, ring)
        .await
        .with_context(|| format!("the database cannot be opened ({})", config.database_url))
}

/// Opens the people's service for a command on the console's own machine.
///
/// # Errors
/// The configuration or the database.
pub(crate) async fn access(matches: &ArgMatches) -> anyhow::Result<Access> {
    let config = config(matches)?;
    Ok(Access::new(store(&config).await?))
}

/// The judged configuration.
///
/// # Errors
/// Every fault, one per line.
pub(crate) fn config(matches: &ArgMatches) -> anyhow::Result<Config> {
    cli::raw_config(matches)?.judge().map_err(|faults| cli::listed(&faults))
}

/// A service's error in the words a terminal shows.
pub(crate) fn told(error: impl Into<AppError>) -> AppError {
    error.into()
}
