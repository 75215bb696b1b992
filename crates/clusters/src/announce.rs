//! What the clusters tell the rest of the console. `watch` listens in earnest; tests write it down.

use async_trait::async_trait;
use model::{
    Link, Say,
    health::HealthState,
    ids::{ClusterId, NodeId},
    live::LiveEvent,
};

/// Where news of clusters go.
#[async_trait]
pub trait Announce: Send + Sync + 'static {
    /// Sends an event to every open page; nothing is kept.
    fn publish(&self, event: LiveEvent);

    /// Keeps something that happened and shows it in the activity list.
    async fn record(&self, news: News);

    /// What is wrong with a link, for the drawing: one that is up but not equal, or whose rule does not run, is not
    /// green. `None` where nothing is.
    fn set_link(&self, cluster: &ClusterId, link: &Link, trouble: Option<LinkTrouble>);

    /// A cluster is there or has changed: it is watched from now on.
    async fn set_cluster(&self, id: &ClusterId);

    /// A cluster is gone: nobody watches it any more.
    async fn remove_cluster(&self, id: &ClusterId);
}

/// Something that happened, before it has its number and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The stable code: `cluster.adopted`.
    pub code: &'static str,
    /// How serious.
    pub state: HealthState,
    /// In words.
    pub text: Say,
    /// Who did it.
    pub by: String,
    /// The cluster it belongs to.
    pub cluster: Option<ClusterId>,
    /// The node it belongs to.
    pub node: Option<NodeId>,
}

impl News {
    /// What is told of a whole cluster.
    pub(crate) fn of_cluster(
        cluster: &ClusterId,
        code: &'static str,
        state: HealthState,
        text: Say,
        by: &str,
    ) -> Self {
        Self { code, state, text, by: by.to_owned(), cluster: Some(cluster.clone()), node: None }
    }
}

/// What the drawing says of a link whose ends differ, or whose rule does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTrouble {
    /// In a few words.
    pub label: Say,
    /// It has been so for longer than things take to cross.
    pub lasting: bool,
}
