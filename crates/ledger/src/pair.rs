//! Comparing a pair: both sides read, each repository judged, and what came of it kept.

use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, stream};
use harbor::{Harbor, HarborError, api::artifacts::With};
use model::{
    HarborVersion,
    drift::{Action, Certainty, Comparing, Difference, Direction, Holding, Kind, Question, Side, judge},
    ids::{NodeId, PairId},
    names::{NodeName, OURS},
};
use serde::{Deserialize, Serialize};
use store::{
    Store,
    ledger::{Compared, NewDrift},
};
use tokio::sync::Semaphore;

use crate::{
    LedgerError,
    acts::{self, Harvest, Mark, Pushers},
    base, parts,
    scan::Reader,
};

/// Requests that run at once on one Harbor: more only lengthen each (scan-costs.md section 2).
const AT_ONCE: usize = 4;
/// Parts that are read before they are judged: bounds what is in memory.
const AHEAD: usize = 3;
/// Repositories that are looked up at once among those that neither side lists any more.
const GONE_PAGE: u32 = 500;

/// Two Harbors that should hold the same.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Its id.
    pub id: PairId,
    /// Which way images go.
    pub direction: Direction,
    /// The two.
    pub sides: [PairSide; 2],
}

/// One of the two.
#[derive(Clone, Debug)]
pub struct PairSide {
    /// Its id.
    pub node: NodeId,
    /// Its name.
    pub name: NodeName,
    /// The handle for artifacts.
    pub projects: Harbor,
    /// The handle for the audit log: the same account, but on 2.8.
    pub system: Harbor,
    /// Its version.
    pub version: HarborVersion,
    /// Its clock minus ours, milliseconds.
    pub clock_offset_ms: i64,
    /// The account that the other side writes with here: what it did came by replication.
    pub link_account: Option<String>,
    /// The robot that Breakwater writes with here; `None` where it works as an administrator, who may also be a
    /// person.
    pub console_robot: Option<String>,
}

/// Where comparing a pair stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PairState {
    /// When the last whole comparison began, UTC milliseconds; `None` before the first.
    pub read_ms: Option<i64>,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// Tags and untagged artifacts that were compared.
    pub compared: u64,
    /// Those that were alike.
    pub equal: u64,
    /// Repositories that were compared.
    pub repositories: u64,
    /// Tags on each side.
    pub held: [u64; 2],
    /// The same before: a side that is suddenly much smaller is nothing to follow.
    pub held_before: [u64; 2],
    /// Grows whenever there are other differences than before.
    pub changes: i64,
    /// The last line of each side's audit log that was taken over.
    pub marks: [Option<Mark>; 2],
    /// When it was seen that a side's database had been restored, UTC milliseconds; until both hold the same again.
    pub restored_ms: [Option<i64>; 2],
    /// When the oldest was pushed of what each side has not got, UTC milliseconds; `None` where it has everything.
    pub behind_ms: [Option<i64>; 2],
}

impl PairState {
    /// What each side usually holds. A loss that nobody has settled yet does not become usual by being seen again.
    fn usual(&self) -> [u64; 2] {
        let settled = self.compared == self.equal;
        Side::BOTH.map(|side| {
            let (now, before) = (self.held[side.at()], self.held_before[side.at()]);
            if settled || now >= before / 2 { now } else { before }
        })
    }
}

/// What is kept of a difference beside its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The judgement.
    pub difference: Difference,
    /// Bytes of what each side holds, parts of an index included.
    pub bytes: [u64; 2],
    /// When each side's was pushed, UTC milliseconds by the console's clock; 0 where it is not known.
    pub pushed_ms: [i64; 2],
    /// Who pushed it, where the audit log was read when that happened.
    pub by: [Option<String>; 2],
}

impl Drift {
    /// Whether it can be healed without asking anybody.
    pub fn heals(&self) -> bool {
        self.difference.certainty != Certainty::Open
            && !matches!(self.difference.action, Action::Ask | Action::Leave)
    }
}

/// Compares all that both sides hold, and keeps what came of it.
///
/// # Errors
/// The first request that fails, or the database. What was compared until then is kept; the state is not moved on.
pub async fn compare_pair(
    store: &Store,
    pair: &Pair,
    told: &(dyn Fn(Comparing) + Send + Sync),
) -> Result<PairState, LedgerError> {
    let before: PairState = store.ledger().pair(&pair.id).await?.state_as()?;
    let read_ms = store.clock().now_ms();
    let [a, b] = &pair.sides;
    // Before the images: an act that is told later than it shows is read again next time, the other way round not.
    let (log_a, log_b) = futures::try_join!(
        acts::harvest(store, a, before.marks[0]),
        acts::harvest(store, b, before.marks[1])
    )?;
    let (before, marks) = taken_over(store, pair, before, [log_a, log_b], read_ms).await?;
    let gates = [Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE)];
    let with = With { tags: true, accessories: true };
    let readers = [0, 1].map(|at| Reader { harbor: &pair.sides[at].projects, gate: &gates[at], with });
    let (list_a, list_b) =
        futures::try_join!(async { readers[0].repositories().await.map_err(|e| a.fault(e)) }, async {
            readers[1].repositories().await.map_err(|e| b.fault(e))
        })?;
    let lists = [list_a, list_b].map(|mut list| {
        // Made for a while: nobody's images.
        list.retain(|r| !r.name.starts_with(OURS));
        list
    });
    let by_project = pair.sides.iter().all(|s| s.version.has_project_artifact_list());
    let parts = parts::cut(lists, by_project);
    let mut work = Work {
        store,
        pair,
        history: before.read_ms.is_some(),
        read_ms,
        drifted: store.ledger().drifted(&pair.id).await?.into_iter().collect(),
        state: PairState {
            read_ms: Some(read_ms),
            marks,
            restored_ms: before.restored_ms,
            changes: before.changes,
            held_before: before.usual(),
            ..PairState::default()
        },
        progress: Comparing { done: 0, of: parts.iter().map(|p| p.members.len() as u64).sum() },
    };
    told(work.progress);
    let listed: HashSet<String> = parts.iter().flat_map(|p| &p.members).map(|m| m.name.clone()).collect();
    let mut reading = stream::iter(parts)
        .map(|part| async move {
            // What was done before is in what is read: it is not done again since.
            let began_ms = store.clock().now_ms();
            let (here, there) = futures::try_join!(
                async { readers[0].read(&part, 0).await.map_err(|e| a.fault(e)) },
                async { readers[1].read(&part, 1).await.map_err(|e| b.fault(e)) }
            )?;
            Ok::<_, LedgerError>((began_ms, here, there))
        })
        .buffer_unordered(AHEAD);
    while let Some((began_ms, here, there)) = reading.try_next().await? {
        let read: Vec<(String, [Holding; 2])> =
            here.into_iter().zip(there).map(|((name, a), (_, b))| (name, [a, b])).collect();
        work.judge(&read, began_ms).await?;
        told(work.progress);
    }
    drop(reading);
    work.judge_gone(&listed).await?;
    if work.state.compared == work.state.equal {
        work.state.restored_ms = [None; 2];
    }
    work.state.ended_ms = Some(store.clock().now_ms());
    store.ledger().set_state(&pair.id, &work.state).await?;
    Ok(work.state)
}

/// Where the logs stand now. Where a side's database was restored, what both were known to hold alike says nothing
/// any more: the base and the acts are forgotten, and the two meet as if for the first time.
async fn taken_over(
    store: &Store,
    pair: &Pair,
    before: PairState,
    logs: [Harvest; 2],
    read_ms: i64,
) -> Result<(PairState, [Option<Mark>; 2]), LedgerError> {
    let mut marks = [None; 2];
    let mut restored = before.restored_ms;
    let mut void = false;
    for (at, log) in logs.into_iter().enumerate() {
        let side = &pair.sides[at];
        marks[at] = match log {
            Harvest::UpTo(mark) => mark,
            Harvest::Restored => {
                store.ledger().forget_acts(&side.node).await?;
                (void, restored[at]) = (true, Some(read_ms));
                acts::newest(side).await?
            }
        };
    }
    if !void {
        return Ok((PairState { restored_ms: restored, ..before }, marks));
    }
    store.ledger().forget_bases(&pair.id).await?;
    Ok((PairState { changes: before.changes, restored_ms: restored, ..PairState::default() }, marks))
}

/// One comparison under way.
struct Work<'a> {
    store: &'a Store,
    pair: &'a Pair,
    history: bool,
    read_ms: i64,
    /// Repositories with differences from before.
    drifted: HashSet<String>,
    state: PairState,
    progress: Comparing,
}

impl Work<'_> {
    /// Judges repositories and keeps what came of it.
    async fn judge(&mut self, read: &[(String, [Holding; 2])], read_ms: i64) -> Result<(), LedgerError> {
        let mut kept: Vec<Compared<'_>> = Vec::new();
        for (repository, holdings) in read {
            let bytes = self.store.ledger().base(&self.pair.id, repository).await?;
            // A base that cannot be read is none: what differs is then asked about.
            let known = bytes.as_deref().and_then(base::decode).unwrap_or_default();
            let [a, b] = &self.pair.sides;
            let acts =
                [acts::kept(self.store, a, repository).await?, acts::kept(self.store, b, repository).await?];
            let verdict = judge(&Question {
                direction: self.pair.direction,
                history: self.history,
                base: &known,
                sides: [&holdings[0], &holdings[1]],
                acts: [&acts[0], &acts[1]],
                clock_error_ms: CLOCK_ERROR_MS,
                read_ms,
            });
            self.state.compared += verdict.compared;
            self.state.equal += verdict.equal;
            self.state.repositories += 1;
            for side in Side::BOTH {
                self.state.held[side.at()] += holdings[side.at()].tags().len() as u64;
            }
            let base = verdict.base_changed.then(|| base::encode(&verdict.base));
            let drifts = (!verdict.differences.is_empty() || self.drifted.contains(repository)).then(|| {
                let pushers = [acts::pushers(&acts[0]), acts::pushers(&acts[1])];
                verdict.differences.into_iter().map(|d| self.new_drift(d, holdings, &pushers)).collect()
            });
            if base.is_some() || drifts.is_some() {
                kept.push(Compared { repository, base, drifts });
            }
        }
        if !kept.is_empty() {
            let changed = self.store.ledger().keep(&self.pair.id, &kept).await?;
            self.state.changes += i64::try_from(changed).unwrap_or(i64::MAX);
        }
        self.progress.done += read.len() as u64;
        Ok(())
    }

    /// Judges the repositories that are known, and that neither side lists any more.
    async fn judge_gone(&mut self, listed: &HashSet<String>) -> Result<(), LedgerError> {
        let mut after = String::new();
        loop {
            let known = self.store.ledger().repositories(&self.pair.id, &after, GONE_PAGE).await?;
            let Some(last) = known.last() else { return Ok(()) };
            after.clone_from(last);
            let gone = known.into_iter().filter(|name| !listed.contains(name));
            let gone: Vec<_> = gone.map(|name| (name, [Holding::default(), Holding::default()])).collect();
            self.judge(&gone, self.read_ms).await?;
        }
    }

    fn new_drift(
        &mut self,
        difference: Difference,
        holdings: &[Holding; 2],
        pushers: &[Pushers<'_>; 2],
    ) -> NewDrift {
        let mut drift = Drift { difference, bytes: [0; 2], pushed_ms: [0; 2], by: [None, None] };
        for side in Side::BOTH {
            let at = side.at();
            let (holding, offset) = (&holdings[at], self.pair.sides[at].clock_offset_ms);
            let Some(digest) = drift.difference.held[at] else { continue };
            let artifact = holding.artifact(&digest);
            drift.bytes[at] = artifact.map_or(0, |a| a.size);
            let tag = drift.difference.tag.as_deref();
            let pushed = tag.and_then(|t| holding.tag(t)).map(|t| t.pushed_ms);
            let pushed = pushed.or(artifact.map(|a| a.pushed_ms)).filter(|ms| *ms > 0);
            drift.pushed_ms[at] = pushed.map_or(0, |ms| ms - offset);
            drift.by[at] = tag.and_then(|t| pushers[at].get(t)).map(|by| (*by).to_owned());
        }
        self.note_behind(&drift);
        let to_copy = match drift.difference.action {
            Action::Copy { to } | Action::Move { to } => drift.bytes[to.other().at()],
            Action::Delete { .. } | Action::DeleteBoth | Action::Leave | Action::Ask => 0,
        };
        NewDrift {
            thing: thing(&drift.difference),
            kind: drift.difference.kind,
            heals: drift.heals(),
            bytes: i64::try_from(to_copy).unwrap_or(i64::MAX),
            body: serde_json::to_value(&drift).unwrap_or_default(),
        }
    }
}

impl Work<'_> {
    /// A side is behind from the time on at which the oldest was pushed that it has not got.
    fn note_behind(&mut self, drift: &Drift) {
        let found = &drift.difference;
        if !matches!(found.kind, Kind::New | Kind::Moved | Kind::NoHistory | Kind::Conflict) {
            return;
        }
        for to in Side::BOTH {
            let (there, here) = (found.held[to.other().at()], found.held[to.at()]);
            let pushed = drift.pushed_ms[to.other().at()];
            let carries = self.pair.direction == Direction::Both || to == Side::B;
            if carries && there.is_some() && there != here && pushed > 0 {
                let oldest = &mut self.state.behind_ms[to.at()];
                *oldest = Some(oldest.map_or(pushed, |ms| ms.min(pushed)));
            }
        }
    }
}

/// How far the times of two audit logs may be apart and still be the same moment: each side's clock is known to
/// about a second, and Harbor writes its log after the fact.
const CLOCK_ERROR_MS: i64 = 3_000;

/// What a difference is about, as one word: a tag, or `@` and a digest.
fn thing(difference: &Difference) -> String {
    match &difference.tag {
        Some(tag) => tag.clone(),
        None => {
            let digest = difference.held.into_iter().flatten().next();
            digest.map(|d| format!("@{d}")).unwrap_or_default()
        }
    }
}

impl PairSide {
    pub(crate) fn fault(&self, error: HarborError) -> LedgerError {
        LedgerError::Harbor { node: self.name.clone(), error }
    }
}
