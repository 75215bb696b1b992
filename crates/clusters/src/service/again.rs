//! What a heal was to carry and did not: it can be planned again, and nothing else with it.

use std::collections::HashMap;

use ledger::Drift;
use model::{
    AppError, Digest,
    heal::{HealChoice, LeftByHeal},
    ids::{PairId, RunId},
    run::{RunKind, RunState},
    say,
};
use store::ledger::DriftRow;

use super::{
    Answered, Clusters,
    heals::{NOTHING, REFUSED},
};
use crate::{pairs, records::RunBody};

/// What a heal was to carry, by repository and thing: what was on the other side and what was there.
#[derive(Debug)]
pub(super) struct Carried(HashMap<(String, String), Vec<[Option<Digest>; 2]>>);

impl Carried {
    /// Whether a difference is one that it was to carry, and still the same.
    pub(super) fn has(&self, row: &DriftRow, drift: &Drift) -> bool {
        let held = drift.difference.held;
        let same = |[from, there]: &[Option<Digest>; 2]| {
            held.contains(there) && (from.is_none() || held.contains(from))
        };
        let key = (row.repository.clone(), row.thing.clone());
        self.0.get(&key).is_some_and(|all| all.iter().any(same))
    }
}

impl Clusters {
    /// What a heal was to carry and did not, where that is still the same; `None` where nothing is left of it, and for a
    /// run that is none or is not over.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn left_by_heal(&self, run: &RunId) -> Answered<Option<LeftByHeal>> {
        let row = self.store.runs().get(run).await?;
        let body: RunBody = row.body_as()?;
        let Some(pair) = body.pair.filter(|_| is_heal(body.kind, row.state)) else { return Ok(None) };
        // Its nodes may be no pair any more.
        if pairs::known(&self.store, &pair).await.is_err() {
            return Ok(None);
        }
        let totals = self.store.ledger().drift_totals(&pair).await?;
        if pairs::counted(&totals) == 0 || self.healing(&pair).await?.is_some() {
            return Ok(None);
        }
        let choice = HealChoice { failed_of: Some(run.clone()), ..HealChoice::default() };
        match self.draft_heal(&pair, &choice).await {
            Ok(plan) => Ok(Some(LeftByHeal { pair, count: plan.copies + plan.moves + plan.deletes })),
            // What a side refuses is told in the list.
            Err(error) if error.code == NOTHING || error.code == REFUSED => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a heal of the pair was to carry.
    pub(super) async fn carried_by(&self, run: &RunId, pair: &PairId) -> Answered<Carried> {
        let row = self.store.runs().get(run).await?;
        let body: RunBody = row.body_as()?;
        if !is_heal(body.kind, row.state) || body.pair.as_ref() != Some(pair) {
            return Err(no_heal());
        }
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for item in body.steps.iter().flat_map(|step| step.what.items()) {
            let digest = item.from.or(item.there);
            let thing = item.tag.clone().or(digest.map(|d| format!("@{d}"))).unwrap_or_default();
            all.entry((item.repository.clone(), thing)).or_default().push([item.from, item.there]);
        }
        Ok(Carried(all))
    }
}

/// Whether a run is a heal that is over.
fn is_heal(kind: RunKind, state: RunState) -> bool {
    kind == RunKind::Heal && state != RunState::Running
}

fn no_heal() -> AppError {
    AppError::new(
        "heal.no_run",
        409,
        say!("That run is no heal of this pair, or it is not over.", "该执行不是此配对的修复，或尚未结束。"),
        say!("Choose a heal of this pair that is over.", "请选择此配对已结束的修复。"),
    )
    .at("failed_of")
}
