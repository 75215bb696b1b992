//! Healing a pair: a frozen plan first, then a run that carries it out.

use std::{collections::HashMap, time::Duration};

use ledger::{Drift, PairState};
use model::{
    AppError, Say,
    drift::{Action, Kind},
    heal::{HealChoice, HealPlan, HealPolicy},
    health::HealthState,
    ids::{ClusterId, PairId, PlanId, RunId},
    names::NodeName,
    run::{RunKind, RunState, RunView, StepState},
    say,
    say::count,
    spec::ClusterSpec,
};
use store::ledger::{DriftFilter, DriftTotal, Place};

use super::{Answered, BY_ITSELF, Clusters, checks::uuid_text, kind_word, random_tag};
use crate::{
    announce::News,
    pairs::{self, Known},
    plan::{COMPARE_STEP, Cargo, HealFacts, heal_notes},
    records::{self, RunBody},
};

/// Rows read at once.
const PAGE: u32 = 1000;
/// The code of a heal that has nothing to do.
pub(super) const NOTHING: &str = "heal.nothing";
/// The code of one of which a side refuses everything.
pub(super) const REFUSED: &str = "heal.refused";
/// How long the rules have for what is new, milliseconds: the least of their periods and some time to copy.
const RULES_HAVE_MS: i64 = 12 * 60_000;
/// Longest time that beginning a heal takes: both nodes are asked who they are.
pub(super) const BEGINNING: Duration = Duration::from_secs(60);
/// Most tags of one heal; what is beyond it is the next one's.
const MOST: u64 = 20_000;

impl Clusters {
    /// What a heal of a pair would do; frozen, and nothing is done yet.
    ///
    /// # Errors
    /// `heal.nothing` where nothing chosen can be healed, `heal.refused` where a side's own settings refuse all of it,
    /// `heal.not_compared` before the first comparison, `heal.no_run` where what another run left is asked for.
    pub async fn heal_plan(&self, id: &PairId, choice: &HealChoice, by: &str) -> Answered<HealPlan> {
        let mut plan = self.draft_heal(id, choice).await;
        let refused = match &plan {
            Ok(plan) => plan.refused > 0,
            Err(error) => error.code == REFUSED,
        };
        if refused {
            // Somebody may just have changed the settings because of it.
            let cluster = self.store.ledger().pair(id).await?.cluster_id;
            self.read_limits(&cluster).await?;
            plan = self.draft_heal(id, choice).await;
        }
        self.freeze(plan?, by).await
    }

    /// Keeps a plan under its id: what is carried out is this one and no other.
    async fn freeze(&self, mut plan: HealPlan, by: &str) -> Answered<HealPlan> {
        plan.id = self.store.plans().insert(plan.pair.as_str(), &plan, by).await?;
        Ok(plan)
    }

    pub(super) async fn draft_heal(&self, id: &PairId, choice: &HealChoice) -> Answered<HealPlan> {
        let known = pairs::known(&self.store, id).await?;
        let state: PairState = known.row.state_as()?;
        if state.read_ms.is_none() {
            return Err(not_compared());
        }
        let text = match &choice.decision {
            Some(decided) => format!("{}:{}", decided.repository, decided.thing),
            None => choice.text.clone(),
        };
        let filter = DriftFilter { kind: choice.kind, accepted: true, text };
        let settings = records::cluster_record(&self.store, &known.row.cluster_id).await?.settings;
        // What loses must stay restorable.
        let keeps = settings.keep_days > 0;
        let again = match &choice.failed_of {
            Some(run) => Some(self.carried_by(run, id).await?),
            None => None,
        };
        let refusals = self.refusals(&known).await?;
        let (mut cargo, mut settles) = (Cargo::of(&known.scope, refusals), false);
        let (mut after, mut every) = (Place::default(), filter.kind.is_none() && filter.text.is_empty());
        loop {
            let rows = self.store.ledger().drifts(id, &filter, &after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Place { repository: last.repository.clone(), thing: last.thing.clone() };
            let full = rows.len() == PAGE as usize;
            for row in rows {
                let drift: Drift = row.body_as()?;
                cargo.see(&drift);
                // What a person accepted is in no heal, also where it is asked for by name.
                if !row.kind.counts() || again.as_ref().is_some_and(|again| !again.has(&row, &drift)) {
                    continue;
                }
                match &choice.decision {
                    Some(decided) if decided.repository == row.repository && decided.thing == row.thing => {
                        settles |= cargo.decide(&row.repository, &drift, decided.keep);
                    }
                    Some(_) => {}
                    None if choice.picks(&row.repository, &row.thing) && takes(choice, &drift) => {
                        let newest = drift.difference.newest(ledger::CLOCK_ERROR_MS);
                        match newest.filter(|_| choice.newest_wins && keeps) {
                            Some(newest) => cargo.keep_newest(&row.repository, &drift, newest),
                            None => cargo.add(&row.repository, &drift),
                        }
                    }
                    None => {}
                }
            }
            if full && cargo.counts().iter().sum::<u64>() >= MOST {
                every = false;
                break;
            }
        }
        let [copies, moves, deletes] = cargo.counts();
        // What is refused in part is not decided.
        let undecided = choice.decision.is_some() && cargo.refused > 0;
        if undecided || (copies + moves + deletes == 0 && !settles) {
            return Err(cargo.why_refused.map_or_else(nothing, refused));
        }
        let totals = self.store.ledger().drift_totals(id).await?;
        let links = known.links();
        let tag = random_tag()?;
        let facts = HealFacts {
            pair: id,
            names: [&known.names[0], &known.names[1]],
            links: &links,
            tag: &tag,
            keep_days: settings.keep_days,
            before: pairs::counted(&totals),
            held: every.then_some(state.held),
            decided: choice.decision.as_ref(),
        };
        let (bytes, refused, notes) = (cargo.bytes, cargo.refused, heal_notes(&cargo));
        Ok(HealPlan {
            id: store::new_id(),
            pair: id.clone(),
            changes: known.changes(&state),
            copies,
            moves,
            deletes,
            bytes,
            refused,
            steps: cargo.steps(&facts),
            notes,
            made_ms: self.now_ms(),
        })
    }

    /// Carries a plan out. Whoever begins one that deletes says how many deletions it has: they were seen.
    ///
    /// # Errors
    /// `heal.unconfirmed` where another number is said, `heal.stale` where other differences were found since,
    /// `heal.busy` while another heal of the pair is at work, `heal.read_only` where a side takes no changes,
    /// `change.busy` while its cluster is being changed.
    pub async fn heal(&self, plan: &PlanId, deletes: Option<u64>, by: &str) -> Answered<RunId> {
        let row = self.store.plans().get(plan).await?;
        let plan: HealPlan = row.body_as()?;
        if plan.deletes > 0 && deletes != Some(plan.deletes) {
            return Err(unconfirmed(plan.deletes));
        }
        // Looking and beginning are one, also for another replica.
        let (lease, holder) = (lease(&plan.pair), uuid_text());
        if !self.store.leases().take(&lease, &holder, BEGINNING).await? {
            return Err(busy());
        }
        let begun = self.begin_heal(plan, by).await;
        self.store.leases().release(&lease, &holder).await?;
        begun
    }

    async fn begin_heal(&self, plan: HealPlan, by: &str) -> Answered<RunId> {
        let known = pairs::known(&self.store, &plan.pair).await?;
        if self.healing(&plan.pair).await?.is_some() {
            return Err(busy());
        }
        let state: PairState = known.row.state_as()?;
        if known.changes(&state) != plan.changes {
            return Err(stale());
        }
        let cluster = known.row.cluster_id.clone();
        self.refuse_busy(&cluster).await?;
        if let Some(node) = self.read_only_of(&known).await? {
            return Err(read_only(&node));
        }
        let run = self.begin_on(&cluster, RunKind::Heal, plan.steps, Some(plan.pair.clone()), by).await?;
        self.tell_pair(&plan.pair).await;
        Ok(run)
    }

    /// How many heals of a cluster there are in a state, for the clusters and states that have some.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn heal_counts(&self) -> Answered<HashMap<(ClusterId, RunState), i64>> {
        let rows = self.store.runs().tally(kind_word(RunKind::Heal)).await?;
        Ok(rows.into_iter().filter_map(|r| Some(((ClusterId::parse(&r.scope)?, r.state), r.count))).collect())
    }

    /// Heals after a comparison what the cluster's policy allows; `after_outage` says that a side was away before it.
    pub(super) async fn heal_by_itself(&self, id: &PairId, after_outage: bool) -> Answered<()> {
        self.comparisons.hold_back(id, None);
        let known = pairs::known(&self.store, id).await?;
        let record = records::cluster_record(&self.store, &known.row.cluster_id).await?;
        let (policy, newest_wins) = (record.heals, record.settings.keeps_newest(record.heals));
        if !policy.acts() || self.healing(id).await?.is_some() {
            return Ok(());
        }
        let state: PairState = known.row.state_as()?;
        let totals = self.store.ledger().drift_totals(id).await?;
        let overdue = |t: &&DriftTotal| t.kind == Kind::New && self.now_ms() - t.oldest_ms >= RULES_HAVE_MS;
        let only_ours = |t: &&DriftTotal| t.heals && !matches!(t.kind, Kind::New | Kind::NoHistory);
        // What is new crosses by the rules; after an outage, and where they are late, it is carried.
        let put_back = self.comparisons.put_back(id, state.read_ms);
        let due = after_outage || put_back || totals.iter().any(|t| overdue(&t) || only_ours(&t));
        let conflicts = newest_wins && totals.iter().any(|t| t.kind == Kind::Conflict);
        if !due && !conflicts {
            return Ok(());
        }
        let copies_only = policy == HealPolicy::Copies;
        // Conflicts that ask stand for long: nothing else is read again for them each time.
        let kind = (!due).then_some(Kind::Conflict);
        let choice = HealChoice { kind, copies_only, newest_wins, unattended: true, ..HealChoice::default() };
        // Kept only where it is carried out: this is looked at after each comparison.
        let plan = match self.draft_heal(id, &choice).await {
            Err(error) if error.code == NOTHING || error.code == REFUSED => return Ok(()),
            other => other?,
        };
        if let Some(why) = pairs::guard(&state, &plan, [&known.names[0], &known.names[1]]) {
            self.comparisons.hold_back(id, Some(why));
            return Ok(());
        }
        if let Some(node) = self.read_only_of(&known).await? {
            self.comparisons.hold_back(id, Some(read_only(&node).cause));
            return Ok(());
        }
        if self.comparisons.try_healing(id, plan.changes) {
            let plan = self.freeze(plan, BY_ITSELF).await?;
            self.heal(&plan.id, Some(plan.deletes), BY_ITSELF).await?;
        }
        Ok(())
    }

    /// The first side that is in read-only mode; none of a side that does not say so, or does not answer.
    async fn read_only_of(&self, known: &Known) -> Answered<Option<NodeName>> {
        let cluster = &known.row.cluster_id;
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(cluster).await?)?;
        for name in &known.names {
            let Some(reach) = reach.get(name) else { continue };
            if reach.system.systeminfo().await.is_ok_and(|info| info.read_only) {
                return Ok(Some(name.clone()));
            }
        }
        Ok(None)
    }

    /// Tells what came of a heal, once it is over.
    pub(super) async fn tell_heal(&self, body: &RunBody, run: &RunView) {
        let Some(pair) = &body.pair else { return };
        let names: Vec<String> = match pairs::known(&self.store, pair).await {
            Ok(known) => known.names.iter().map(ToString::to_string).collect(),
            Err(_) => return,
        };
        let names = names.join(" ⇄ ");
        let last = run.steps.iter().find(|s| s.key == COMPARE_STEP).and_then(|s| s.outcome.clone());
        let failed = run.steps.iter().find(|s| s.state == StepState::Failed);
        let (code, state, text) = match (run.state, last, failed) {
            (RunState::Succeeded, Some(Say { en, zh }), _) => {
                ("pair.healed", HealthState::Up, say!("{names} was healed: {en}.", "{names} 已修复：{zh}。"))
            }
            (RunState::Failed, _, Some(step)) => {
                let Say { en, zh } = &step.title;
                (
                    "pair.heal_failed",
                    HealthState::Degraded,
                    say!("Healing {names} stopped at: {en}.", "修复 {names} 时停在：{zh}。"),
                )
            }
            _ => return,
        };
        self.announce
            .record(News {
                code,
                state,
                text,
                by: body.by.clone(),
                cluster: body.cluster.clone(),
                node: None,
            })
            .await;
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

/// Whoever holds it begins a heal of the pair, or keeps one from beginning.
pub(super) fn lease(pair: &PairId) -> String {
    format!("heal.{pair}")
}

/// Whether a heal of that choice takes a difference on.
fn takes(choice: &HealChoice, drift: &Drift) -> bool {
    let found = &drift.difference;
    let copies = matches!(found.action, Action::Copy { .. });
    (copies || !choice.copies_only) && !(choice.unattended && found.kind == Kind::NoHistory)
}

fn not_compared() -> AppError {
    AppError::new(
        "heal.not_compared",
        409,
        say!("The two were not compared yet.", "两端尚未比较。"),
        say!("Wait until the first comparison has ended.", "请等首次比较结束。"),
    )
}

fn refused(why: Say) -> AppError {
    AppError::new(
        REFUSED,
        409,
        why,
        say!(
            "Change that in Harbor, then plan again; or keep what the other side holds.",
            "请在 Harbor 中更改后重新生成计划；或保留另一端的内容。"
        ),
    )
}

fn nothing() -> AppError {
    AppError::new(
        NOTHING,
        409,
        say!("Nothing of this can be healed without asking.", "其中没有可直接修复的内容。"),
        say!("Choose other differences.", "请选择其他差异。"),
    )
}

fn unconfirmed(deletes: u64) -> AppError {
    let deletes = count(deletes);
    AppError::new(
        "heal.unconfirmed",
        422,
        say!(
            "This plan deletes {deletes}; another number was given, or none.",
            "此计划将删除 {deletes} 个；填写的数字不符或为空。"
        ),
        say!("Look at the deletions, then type their number.", "请查看这些删除，然后填写其数量。"),
    )
    .at("deletes")
}

fn read_only(node: &NodeName) -> AppError {
    AppError::new(
        "heal.read_only",
        409,
        say!(
            "{node} is in read-only mode: nothing can be written to it, and none of its rules can be started.",
            "{node} 处于只读模式：无法向其写入，也无法启动其规则。"
        ),
        say!(
            "Switch read-only off there (Administration, Configuration, System Settings), then heal.",
            "请在该节点关闭只读模式（系统管理 → 配置管理 → 系统设置），然后再修复。"
        ),
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

pub(super) fn busy() -> AppError {
    AppError::new(
        "heal.busy",
        409,
        say!("A heal of this pair is at work.", "此配对正在修复。"),
        say!("Wait until it has ended.", "请等它结束。"),
    )
}
