//! What Harbor never replicates: the settings of a pair's nodes, read when somebody asks.

use model::{
    ids::PairId,
    settings::{Settings, SettingsView, UnseenSettings, differing},
    spec::ClusterSpec,
};

use super::{Answered, Clusters};
use crate::pairs;

/// Differences shown; what is beyond is counted.
const SHOWN: usize = 1_000;

impl Clusters {
    /// Reads the settings of both nodes of a pair, now: a page of projects, of quotas and of robots, and up to four
    /// requests for each project, four at a time.
    ///
    /// # Errors
    /// `store.not_found`; what a node says, or that it does not answer.
    pub async fn pair_settings(&self, id: &PairId) -> Answered<SettingsView> {
        let known = pairs::known(&self.store, id).await?;
        let cluster = &known.row.cluster_id;
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(cluster).await?)?;
        let pair = pairs::at_hand(&self.store, &known, &spec, &reach).await?;
        let [side_a, side_b] = &pair.sides;
        let read_ms = self.now_ms();
        let read = futures::try_join!(ledger::read_settings(side_a), ledger::read_settings(side_b));
        let sides = read.map_err(pairs::of_ledger)?;
        let (mut rows, compared) = differing([&sides.0, &sides.1]);
        let more = rows.len().saturating_sub(SHOWN) as u64;
        rows.truncate(SHOWN);
        let unseen = |node: &model::names::NodeName, side: &Settings| {
            let one = |kind| UnseenSettings { node: node.clone(), kind };
            side.unseen.iter().copied().map(one).collect::<Vec<_>>()
        };
        let [a, b] = known.names;
        Ok(SettingsView {
            unseen: [unseen(&a, &sides.0), unseen(&b, &sides.1)].concat(),
            pair: known.row.id,
            cluster: known.row.cluster_id,
            cluster_name: known.cluster_name,
            a,
            b,
            read_ms,
            compared,
            rows,
            more,
            left_out: sides.0.left_out.max(sides.1.left_out),
        })
    }
}
