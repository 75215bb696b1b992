//! What is up and what is not, now and before.

use leptos::prelude::*;
use model::{HistorySpan, health::Board};
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    model::people::Role,
};

use super::{Answer, body::Body, types::ClusterHistory};

/// Every cluster as it is now.
#[server(prefix = "/fn", endpoint = "board", input = Body, output = Body)]
pub async fn read_board() -> Answer<Board> {
    let (services, _) = visitor(Role::Viewer)?;
    Ok(services.watch.board())
}

/// The history of every cluster.
#[server(prefix = "/fn", endpoint = "cluster-histories", input = Body, output = Body)]
pub async fn cluster_histories(range: HistorySpan) -> Answer<Vec<ClusterHistory>> {
    let (services, _) = visitor(Role::Viewer)?;
    let now = crate::clock::system_ms();
    let mut rows = Vec::new();
    for cluster in services.watch.board().clusters {
        let subject = watch::Subject::Cluster(cluster.id.clone());
        let bars = services.watch.history(&subject, now - range.ms(), now, super::types::bars(range)).await;
        rows.push(ClusterHistory { id: cluster.id, buckets: answer(bars)? });
    }
    Ok(rows)
}
