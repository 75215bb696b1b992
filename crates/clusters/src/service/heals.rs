//! Healing a pair: a frozen plan first, then a run that carries it out.

use ledger::Drift;
use model::{
    AppError,
    heal::{HealChoice, HealPlan},
    ids::{PairId, PlanId, RunId},
    run::{RunKind, RunState},
    say,
};
use store::ledger::{DriftFilter, Place};

use super::{Answered, Clusters, random_tag};
use crate::{
    pairs,
    plan::{Cargo, HealFacts, heal_notes},
    records::RunBody,
};

/// Rows read at once.
const PAGE: u32 = 1000;
/// Most tags of one heal; what is beyond it is the next one's.
const MOST: u64 = 20_000;

impl Clusters {
    /// What a heal of a pair would do; frozen, and nothing is done yet.
    ///
    /// # Errors
    /// `heal.nothing` where nothing chosen can be healed, `heal.not_compared` before the first comparison.
    pub async fn heal_plan(&self, id: &PairId, choice: &HealChoice, by: &str) -> Answered<HealPlan> {
        let known = pairs::known(&self.store, id).await?;
        let state: ledger::PairState = known.row.state_as()?;
        if state.read_ms.is_none() {
            return Err(not_compared());
        }
        let filter = DriftFilter { kind: choice.kind, heals: None, text: choice.text.clone() };
        let mut cargo = Cargo::default();
        let mut after = Place::default();
        loop {
            let rows = self.store.ledger().drifts(id, &filter, &after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Place { repository: last.repository.clone(), thing: last.thing.clone() };
            let full = rows.len() == PAGE as usize;
            for row in rows {
                let drift: Drift = row.body_as()?;
                cargo.add(&row.repository, &drift);
            }
            if !full || cargo.counts().iter().sum::<u64>() >= MOST {
                break;
            }
        }
        let [copies, moves, deletes] = cargo.counts();
        if copies + moves + deletes == 0 {
            return Err(nothing());
        }
        let totals = self.store.ledger().drift_totals(id).await?;
        let links = known.links();
        let tag = random_tag()?;
        let facts = HealFacts {
            pair: id,
            names: [&known.names[0], &known.names[1]],
            links: &links,
            tag: &tag,
            before: totals.iter().map(|t| u64::try_from(t.count).unwrap_or(0)).sum(),
        };
        let (bytes, left) = (cargo.bytes, cargo.left);
        let mut plan = HealPlan {
            id: store::new_id(),
            pair: id.clone(),
            changes: state.changes,
            copies,
            moves,
            deletes,
            bytes,
            steps: cargo.steps(&facts),
            notes: heal_notes(left),
            made_ms: self.now_ms(),
        };
        plan.id = self.store.plans().insert(id.as_str(), &plan, by).await?;
        Ok(plan)
    }

    /// Carries a plan out.
    ///
    /// # Errors
    /// `heal.stale` where other differences were found since, `heal.busy` while another heal of the pair is at work,
    /// `change.busy` while its cluster is being changed.
    pub async fn heal(&self, plan: &PlanId, by: &str) -> Answered<RunId> {
        let row = self.store.plans().get(plan).await?;
        let plan: HealPlan = row.body_as()?;
        let known = pairs::known(&self.store, &plan.pair).await?;
        if self.healing(&plan.pair).await?.is_some() {
            return Err(busy());
        }
        let state: ledger::PairState = known.row.state_as()?;
        if state.changes != plan.changes {
            return Err(stale());
        }
        let cluster = known.row.cluster_id.clone();
        self.refuse_busy(&cluster).await?;
        let run = self.begin_on(&cluster, RunKind::Heal, plan.steps, Some(plan.pair.clone()), by).await?;
        self.tell_pair(&plan.pair).await;
        Ok(run)
    }

    /// The heal of a pair that is being carried out.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn healing(&self, pair: &PairId) -> Answered<Option<RunId>> {
        for run in self.store.runs().in_state(RunState::Running).await? {
            let body: RunBody = run.body_as()?;
            if body.pair.as_ref() == Some(pair) {
                return Ok(Some(run.id));
            }
        }
        Ok(None)
    }
}

fn not_compared() -> AppError {
    AppError::new(
        "heal.not_compared",
        409,
        say!("The two were not compared yet.", "两端尚未比较。"),
        say!("Wait until the first comparison has ended.", "请等首次比较结束。"),
    )
}

fn nothing() -> AppError {
    AppError::new(
        "heal.nothing",
        409,
        say!("Nothing of this can be healed without asking.", "其中没有可直接修复的内容。"),
        say!("Choose other differences.", "请选择其他差异。"),
    )
}

fn stale() -> AppError {
    AppError::new(
        "heal.stale",
        409,
        say!("Other differences were found since this plan was made.", "此计划制定之后差异已发生变化。"),
        say!("Look at the new plan, then heal.", "请查看新的计划，然后再修复。"),
    )
}

fn busy() -> AppError {
    AppError::new(
        "heal.busy",
        409,
        say!("A heal of this pair is at work.", "此配对正在修复。"),
        say!("Wait until it has ended.", "请等它结束。"),
    )
}
