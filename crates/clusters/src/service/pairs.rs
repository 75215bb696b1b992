//! Pairs: how equal two Harbors are, and comparing them.

use std::{
    cmp::Reverse,
    time::{Duration, Instant},
};

use ledger::{Depth, PairState};
use model::{
    drift::{
        Broken, Comparing, Direction, DriftPage, DriftQuery, KindTotal, PairView, ProjectView, ProjectsView,
        Side,
    },
    heal::HealPolicy,
    health::HealthState,
    ids::{ClusterId, NodeId, PairId},
    live::LiveEvent,
    names::{NodeName, project_of},
    say,
    spec::ClusterSpec,
};
use store::ledger::{DriftFilter, DriftTotal, Place};

use super::{Answered, Clusters, checks::uuid_text};
use crate::{
    announce::News,
    lint,
    pairs::{self, Begun, Known},
    reach::Reach,
    records,
    refusals::Refusals,
};

/// Rows of a page of differences.
const PAGE: u32 = 100;
/// Projects that are shown; where more differ, the list of differences tells.
const PROJECTS: usize = 100;
/// A comparison without a sign for so long is somebody else's to begin anew.
const LEASE: Duration = Duration::from_secs(15);
/// How often it gives a sign.
const SIGN: Duration = Duration::from_secs(5);
/// How often a side that is away is asked whether it is back.
const LOOK_FOR_ABSENT: Duration = Duration::from_secs(2);
/// How long a node may take to say that it is there.
const ANSWERS: Duration = Duration::from_secs(5);

impl Clusters {
    /// All pairs whose nodes should hold the same, by cluster.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn pairs(&self) -> Answered<Vec<PairView>> {
        let mut out = Vec::new();
        for known in pairs::all(&self.store).await? {
            out.push(self.pair_view(known).await?);
        }
        Ok(out)
    }

    /// One pair.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn pair(&self, id: &PairId) -> Answered<PairView> {
        self.pair_view(pairs::known(&self.store, id).await?).await
    }

    /// A page of the differences of a pair.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn drifts(&self, id: &PairId, query: &DriftQuery) -> Answered<DriftPage> {
        let known = pairs::known(&self.store, id).await?;
        let filter = DriftFilter { kind: query.kind, text: query.text.clone(), ..DriftFilter::default() };
        let (repository, thing) = query.after.clone().unwrap_or_default();
        let after = Place { repository, thing };
        let mut rows = self.store.ledger().drifts(id, &filter, &after, PAGE + 1).await?;
        let more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let names = [&known.names[0], &known.names[1]];
        let refusals = self.refusals(&known).await?;
        let rows = rows.into_iter().map(|row| pairs::drift_view(row, names, &refusals));
        let rows = rows.collect::<Result<_, _>>()?;
        Ok(DriftPage { rows, more })
    }

    /// How far the projects of a pair are, those that differ most first.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn projects(&self, id: &PairId) -> Answered<ProjectsView> {
        let known = pairs::known(&self.store, id).await?;
        let broken = self.verified(&known).await?.map(|verified| verified.broken).unwrap_or_default();
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let rows = self.store.ledger().projects(id).await?;
        let mut projects: Vec<ProjectView> = rows
            .into_iter()
            .map(|row| {
                let within = |one: &&Broken| project_of(&one.repository) == row.name;
                let broken = broken.iter().filter(within).count() as u64;
                let [compared, copied, equal] = [row.compared, row.copied, row.equal].map(count);
                ProjectView { name: row.name, compared, copied, equal, broken }
            })
            .collect();
        projects.sort_by_key(|project| Reverse((project.broken, project.differ())));
        let more = projects.len().saturating_sub(PROJECTS) as u64;
        projects.truncate(PROJECTS);
        Ok(ProjectsView { projects, more })
    }

    /// Begins to compare a pair: what has changed, or everything. The pages hear how far it is. Does nothing where that
    /// is under way.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn compare_now(&self, id: &PairId, whole: bool, by: &str) -> Answered<PairView> {
        tracing::info!(pair = %id, whole, by, "a pair is compared");
        let known = pairs::known(&self.store, id).await?;
        let depth = if whole { Depth::Whole } else { self.comparisons.depth(id) };
        self.begin_comparing(known.row.id.clone(), depth);
        self.pair_view(known).await
    }

    /// Stops the comparison of a pair that is under way here; what was compared stays, and reading everything goes on
    /// from there an hour later, or when somebody begins it.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn stop_comparing(&self, id: &PairId, by: &str) -> Answered<PairView> {
        tracing::info!(pair = %id, by, "comparing a pair is stopped");
        let known = pairs::known(&self.store, id).await?;
        self.comparisons.stop(id);
        self.pair_view(known).await
    }
}

impl Clusters {
    /// Begins to compare the pairs whose time has come.
    pub(super) async fn compare_due(&self) -> Answered<()> {
        for known in pairs::all(&self.store).await? {
            let state: PairState = known.row.state_as()?;
            let due = self.comparisons.is_due(&known.row.id, state.tells_changes());
            if !due || self.healing(&known.row.id).await?.is_some() {
                continue;
            }
            let record = records::cluster_record(&self.store, &known.row.cluster_id).await?;
            if record.heals != HealPolicy::Off {
                let depth = self.comparisons.depth(&known.row.id);
                self.begin_comparing(known.row.id, depth);
            }
        }
        Ok(())
    }

    pub(super) fn begin_comparing(&self, id: PairId, depth: Depth) {
        let Some(Begun { stop, after_outage }) = self.comparisons.begin(&id) else { return };
        let clusters = self.clone();
        self.spawn(async move {
            let began = Instant::now();
            let outcome = tokio::select! {
                outcome = clusters.compare(&id, depth, after_outage) => outcome,
                () = stop.cancelled() => Ok(false),
            };
            if let Err(error) = &outcome {
                tracing::warn!(pair = %id, code = %error.code, "a pair could not be compared");
            }
            let (compared, failed) = (matches!(outcome, Ok(true)), outcome.is_err());
            clusters.comparisons.end(&id, began.elapsed(), outcome.err());
            if compared && let Err(error) = clusters.heal_by_itself(&id, after_outage).await {
                tracing::warn!(pair = %id, code = %error.code, "a pair could not be healed by itself");
            }
            let fences = match (compared, failed) {
                (true, _) => clusters.let_write_again(&id).await,
                (_, true) => clusters.fence_absent(&id).await,
                _ => Ok(()),
            };
            clusters.await_return(&id);
            if let Err(error) = fences {
                tracing::warn!(pair = %id, code = %error.code, "what is held could not be looked at");
            }
            clusters.tell_pair(&id).await;
        });
    }

    /// Notes that a node was away and is there again. Its pairs are compared soon, also where none of their comparisons
    /// met the outage, and what was pushed meanwhile is carried where the team lets it heal by itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn node_returned(&self, node: &NodeId) -> Answered<()> {
        for pair in self.store.ledger().pairs().await? {
            if [&pair.node_a, &pair.node_b].contains(&node) {
                self.comparisons.note_return(&pair.id);
            }
        }
        Ok(())
    }

    /// Where a comparison failed because a side was away, the next one begins as soon as that side answers.
    fn await_return(&self, id: &PairId) {
        let Some(failed) = self.comparisons.failed(id) else { return };
        let (clusters, id) = (self.clone(), id.clone());
        self.spawn(async move {
            let mut was_away = false;
            while clusters.comparisons.failed(&id) == Some(failed) {
                let Ok(known) = pairs::known(&clusters.store, &id).await else { return };
                match clusters.answers(&known).await {
                    Ok([true, true]) if was_away => return clusters.comparisons.try_again(&id, failed),
                    // They were there all the time: it failed for another reason.
                    Ok([true, true]) | Err(_) => return,
                    Ok(_) => was_away = true,
                }
                tokio::time::sleep(LOOK_FOR_ABSENT).await;
            }
        });
    }

    /// Which sides of a pair answer at all; asked without an account.
    pub(super) async fn answers(&self, known: &Known) -> Answered<[bool; 2]> {
        let cluster = &known.row.cluster_id;
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(cluster).await?)?;
        let reach = &reach;
        let answers = |name| async move {
            let Some(Reach { system, .. }) = reach.get(name) else { return false };
            matches!(tokio::time::timeout(ANSWERS, system.ping()).await, Ok(Ok(())))
        };
        let [a, b] = known.names.each_ref();
        Ok(tokio::join!(answers(a), answers(b)).into())
    }

    /// Compares a pair, unless another replica does; tells whether it was compared here.
    async fn compare(&self, id: &PairId, depth: Depth, after_outage: bool) -> Answered<bool> {
        let known = pairs::known(&self.store, id).await?;
        // One pair of a cluster at a time: they share nodes, and a node is asked little at once.
        let turn = self.comparisons.turn(&known.row.cluster_id);
        let _turn = turn.lock().await;
        let (lease, holder) = (format!("ledger.{id}"), uuid_text());
        if !self.store.leases().take(&lease, &holder, LEASE).await? {
            return Ok(false);
        }
        let signs = async {
            loop {
                tokio::time::sleep(SIGN).await;
                if !matches!(self.store.leases().take(&lease, &holder, LEASE).await, Ok(true)) {
                    return;
                }
            }
        };
        let outcome = tokio::select! {
            outcome = self.compare_alone(&known, depth, after_outage) => outcome,
            // Somebody else has taken it up: what both keep is the same.
            () = signs => return Ok(false),
        };
        self.store.leases().release(&lease, &holder).await?;
        outcome.map(|()| true)
    }

    async fn compare_alone(&self, known: &Known, depth: Depth, after_outage: bool) -> Answered<()> {
        let id = &known.row.id;
        let cluster = &known.row.cluster_id;
        let spec: ClusterSpec = self.store.clusters().get(cluster).await?.spec_as()?;
        let reach = self.reach(&spec, self.cluster_accounts(cluster).await?)?;
        let pair = pairs::at_hand(&self.store, known, &spec, &reach).await?;
        let before: PairState = known.row.state_as()?;
        let began_ms = self.now_ms();
        let told = |now: Comparing| {
            if self.comparisons.advance(id, now) {
                let (clusters, id) = (self.clone(), id.clone());
                self.spawn(async move { clusters.tell_pair(&id).await });
            }
        };
        let state = ledger::compare_pair(&self.store, &pair, depth, &told).await.map_err(pairs::of_ledger)?;
        // What was under way when a side came back may have read the other one before.
        if !self.comparisons.has_returned(id) {
            self.note_history(id, before.ended_ms, began_ms, after_outage).await?;
        }
        for (side, name) in Side::BOTH.into_iter().zip(&known.names) {
            // Told once, by the comparison that saw it.
            if state.restored_ms[side.at()].is_some_and(|at| Some(at) == state.read_ms) {
                self.announce.record(restored(name, cluster)).await;
            }
        }
        Ok(())
    }

    /// Tells every open page how a pair is, also in the drawing of its cluster.
    pub(super) async fn tell_pair(&self, id: &PairId) {
        let told = async {
            let known = pairs::known(&self.store, id).await?;
            let totals = self.store.ledger().drift_totals(id).await?;
            let (links, differs) = (known.links(), pairs::differs(&totals, self.now_ms()));
            let noted = records::noted(&self.store, &known.row.cluster_id).await?.unwrap_or_default();
            let pair = self.view_with(known, totals).await?;
            let broken = pair.verified.as_ref().map_or(0, |verified| verified.broken.len());
            let differs = differs.or_else(|| pairs::broken(broken));
            for link in &links {
                let stopped = noted.iter().any(|found| lint::stops(found, link));
                let told = match pair.fences.iter().any(|fence| fence.holds(link)) {
                    true => Some(pairs::held()),
                    false => pairs::trouble(differs.clone(), stopped),
                };
                self.announce.set_link(&pair.cluster, link, told);
            }
            self.announce.publish(LiveEvent::Pair { pair: Box::new(pair) });
            Answered::Ok(())
        };
        if let Err(fault) = told.await {
            tracing::warn!(pair = %id, %fault, "a pair's state could not be told");
        }
    }

    /// What the two sides of a pair refuse, as it was read last.
    pub(super) async fn refusals(&self, known: &Known) -> Answered<Refusals> {
        let mut limits = records::limits(&self.store, &known.row.cluster_id).await?;
        let sides = known.names.each_ref().map(|name| (name, limits.remove(name).unwrap_or_default()));
        Ok(Refusals::new(sides, &known.scope))
    }

    pub(super) async fn pair_view(&self, known: Known) -> Answered<PairView> {
        let totals = self.store.ledger().drift_totals(&known.row.id).await?;
        self.view_with(known, totals).await
    }

    async fn view_with(&self, known: Known, totals: Vec<DriftTotal>) -> Answered<PairView> {
        let state: PairState = known.row.state_as()?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let (comparing, error, held_back) = self.comparisons.of(&known.row.id);
        let record = records::cluster_record(&self.store, &known.row.cluster_id).await?;
        let healing = self.healing(&known.row.id).await?;
        let reads = pairs::reads(&state, [&known.names[0], &known.names[1]]);
        let fences = self.fences(&known.row.id).await?;
        let changes = known.changes(&state);
        let verified = self.verified(&known).await?;
        let [a, b] = known.names;
        Ok(PairView {
            id: known.row.id,
            version: known.row.version,
            cluster: known.row.cluster_id,
            cluster_name: known.cluster_name,
            a,
            b,
            direction: known.direction,
            read_ms: state.read_ms,
            whole_ms: state.whole_ms,
            reads,
            holds_ms: watermarks(&state, known.direction),
            compared: state.compared,
            copied: state.copied,
            equal: state.equal,
            changes,
            totals: totals
                .into_iter()
                .map(|t| KindTotal {
                    kind: t.kind,
                    heals: t.heals,
                    count: count(t.count),
                    bytes: count(t.bytes),
                })
                .collect(),
            comparing,
            error,
            policy: record.heals,
            settings: record.settings,
            held_back,
            fences,
            healing,
            verified,
        })
    }
}

/// The time up to which each side holds everything that the other one sends.
fn watermarks(state: &PairState, direction: Direction) -> [Option<i64>; 2] {
    Side::BOTH.map(|side| {
        let is_sent = direction == Direction::Both || side == Side::B;
        let read = state.read_ms.filter(|_| is_sent)?;
        Some(state.behind_ms[side.at()].map_or(read, |ms| ms.min(read)))
    })
}

/// What is told of a database that was set back.
fn restored(node: &NodeName, cluster: &ClusterId) -> News {
    News {
        code: "pair.restored",
        state: HealthState::Degraded,
        text: say!(
            "The database of {node} was set back to an earlier time. What both sides were known to hold alike is forgotten, and nothing is healed by itself until they do again.",
            "{node} 的数据库被恢复到了更早的时间。此前记录的两端一致状态已作废，在两端再次一致之前不会自动修复。"
        ),
        by: String::new(),
        cluster: Some(cluster.clone()),
        node: None,
    }
}
