//! The links of a cluster, with what is known of them without asking a Harbor.

use model::{
    ids::ClusterId,
    plan::PlannedRule,
    rule::{ExecutionView, LinksView},
};
use store::executions::ExecutionFilter;

use super::{
    super::{Answered, Clusters},
    Kept,
};
use crate::pairs;

/// Executions read at once.
const PAGE: u32 = 100;
/// So many pages at most: where a rule ran so long ago, it is not told.
const PAGES: usize = 10;

impl Clusters {
    /// How far each link of a cluster is and what ran over it last, from what the console keeps.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none` where its nodes copy nothing.
    pub async fn links(&self, id: &ClusterId) -> Answered<LinksView> {
        let Kept { spec, record, .. } = self.kept(id).await?;
        let mut pairs = Vec::new();
        for known in pairs::of_cluster(&self.store, id).await? {
            pairs.push(self.pair_view(known).await?);
        }
        Ok(LinksView { links: spec.links(), pairs, last: self.last_runs(id, &record.rules).await? })
    }

    /// The newest execution of the planned rules over each link.
    async fn last_runs(&self, id: &ClusterId, planned: &[PlannedRule]) -> Answered<Vec<ExecutionView>> {
        let mut last: Vec<ExecutionView> = Vec::new();
        let mut filter = ExecutionFilter::default();
        let is_told = |last: &[ExecutionView], rule: &PlannedRule| {
            last.iter().any(|execution| execution.link.as_ref() == Some(&rule.link))
        };
        for _ in 0..PAGES {
            let rows = self.store.executions().page(id, &filter, PAGE).await?;
            for row in &rows {
                let execution: ExecutionView = row.body_as()?;
                let of = |rule: &&PlannedRule| {
                    rule.name == execution.rule && Some(&rule.link) == execution.link.as_ref()
                };
                if planned.iter().find(of).is_some_and(|rule| !is_told(&last, rule)) {
                    last.push(execution);
                }
            }
            filter.after = rows.last().map(|row| row.place());
            if rows.len() < PAGE as usize || planned.iter().all(|rule| is_told(&last, rule)) {
                break;
            }
        }
        Ok(last)
    }
}
