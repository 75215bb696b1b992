//! What a heal will do: fence, copies, moves, deletions last, then the same comparison again.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Drift;
use model::{
    Link, Say,
    drift::{Action, Deed, Side},
    heal::{Decision, FenceView, FenceWhat, HealItem, Keep},
    ids::PairId,
    names::NodeName,
    plan::{PlannedStep, StepWhat},
    say,
    say::count,
    scope::Scope,
};

use super::calls::Calls;
use crate::refusals::{Asked, Refusals};

/// Tags in one step: between two steps a heal can be stopped, and what a step did is not done again after a crash.
const STEP: usize = 200;

/// How long Harbor takes for an artifact that it copies or finds there, and until an execution that is over says so,
/// milliseconds (harbor-facts C).
const ARTIFACT_MS: u64 = 27;
const STATUS_MS: u64 = 15_000;

/// One run of everything must be so many times quicker than runs of each repository: it takes longer to end, and what
/// somebody deletes at the destination meanwhile would be copied again.
const WORTH: u64 = 4;

/// The path of an artifact.
const ARTIFACT: &str = "/api/v2.0/projects/…/repositories/…/artifacts/…";

/// The key of the step that compares again: its outcome is what the heal came to.
pub(crate) const COMPARE_STEP: &str = "compare";

/// What a heal carries, sorted by what is done where.
#[derive(Debug, Default)]
pub(crate) struct Cargo {
    copies: [Vec<HealItem>; 2],
    moves: [Vec<HealItem>; 2],
    deletes: [Vec<HealItem>; 2],
    /// Where things land on the second side.
    scope: Scope,
    /// Bytes that are copied.
    pub bytes: u64,
    /// What the machine cannot do.
    pub left: u64,
    /// Conflicts of which the newer is kept.
    pub newest: u64,
    /// What a side refuses.
    pub refused: u64,
    /// Why the first of it.
    pub why_refused: Option<Say>,
    refusals: Refusals,
    /// What a run of a whole rule to each side would do.
    whole: [WholeRun; 2],
}

/// What is known of a run that would copy everything to a side that is missing there.
#[derive(Clone, Copy, Debug, Default)]
struct WholeRun {
    /// What the other side alone holds, chosen or not.
    copies: usize,
    /// The other side owes a deletion or holds an old tag.
    owes: bool,
}

/// What a plan of a heal is made from.
pub(crate) struct HealFacts<'a> {
    /// The pair.
    pub pair: &'a PairId,
    /// Its nodes.
    pub names: [&'a NodeName; 2],
    /// The links there are between them.
    pub links: &'a [Link],
    /// Part of the temporary objects' names: random, so that two runs never meet.
    pub tag: &'a str,
    /// For how many days what is replaced or deleted is kept.
    pub keep_days: u16,
    /// How many differences there are in all.
    pub before: u64,
    /// How many tags each side holds, where every difference was looked at; `None` where some were not.
    pub held: Option<[u64; 2]>,
    /// What a person decided.
    pub decided: Option<&'a Decision>,
}

impl Cargo {
    /// Nothing yet, of a pair whose rules carry this, and whose sides refuse that.
    pub(crate) fn of(scope: &Scope, refusals: Refusals) -> Self {
        Self { scope: scope.clone(), refusals, ..Self::default() }
    }

    /// Notes a difference, whether it is taken on or not: what is left must not cross by a run of a whole rule.
    pub(crate) fn see(&mut self, drift: &Drift) {
        let found = &drift.difference;
        for to in Side::BOTH {
            let (source, run) = (to.other(), &mut self.whole[to.at()]);
            run.copies += usize::from(found.held[source.at()].is_some() && found.held[to.at()].is_none());
            run.owes |= match found.action {
                Action::Delete { on: side } | Action::Move { to: side } => side == source,
                Action::DeleteBoth => true,
                Action::Copy { .. } | Action::Leave | Action::Ask => false,
            };
        }
    }

    /// Whether everything that is missing on a side may go there in one run, and does so in less time.
    fn goes_whole(&self, to: Side, held: [u64; 2]) -> bool {
        let (copies, run) = (&self.copies[to.at()], self.whole[to.at()]);
        let repositories: BTreeSet<&str> = copies.iter().map(|item| item.repository.as_str()).collect();
        let narrow = repositories.len() as u64 * STATUS_MS + copies.len() as u64 * ARTIFACT_MS;
        let whole = STATUS_MS + held[to.other().at()] * ARTIFACT_MS;
        !run.owes && run.copies == copies.len() && whole * WORTH < narrow
    }

    /// Takes on a difference that heals without asking.
    pub(crate) fn add(&mut self, repository: &str, drift: &Drift) {
        if drift.heals() {
            self.put(repository, drift, drift.difference.action);
        } else {
            self.left += 1;
        }
    }

    /// Takes on a difference about which a person decided; false where that side has nothing to keep.
    pub(crate) fn decide(&mut self, repository: &str, drift: &Drift, keep: Keep) -> bool {
        let held = drift.difference.held;
        let Some(keep) = keep.side() else {
            for on in Side::BOTH.into_iter().filter(|side| held[side.at()].is_some()) {
                self.put(repository, drift, Action::Delete { on });
            }
            return true;
        };
        let to = keep.other();
        match (held[keep.at()], held[to.at()]) {
            (Some(_), None) => self.put(repository, drift, Action::Copy { to }),
            (Some(kept), Some(other)) if kept != other => {
                self.put(repository, drift, Action::Move { to });
            }
            // Both hold it: that is right, and is only noted.
            (Some(_), Some(_)) => {}
            (None, _) => return false,
        }
        true
    }

    /// Takes on a conflict of which the newer is kept, where the other can be restored.
    pub(crate) fn keep_newest(&mut self, repository: &str, drift: &Drift, newest: Side) {
        let to = newest.other();
        let before = self.moves[to.at()].len();
        self.put(repository, drift, Action::Move { to });
        // None where that side refuses it.
        for item in self.moves[to.at()].iter_mut().skip(before) {
            item.must_keep = true;
            self.newest += 1;
        }
    }

    fn put(&mut self, repository: &str, drift: &Drift, action: Action) {
        let found = &drift.difference;
        let asked = Asked { repository, tag: found.tag.as_deref(), action, bytes: drift.bytes };
        if let Some(why) = self.refusals.why(&asked) {
            self.refused += 1;
            self.why_refused.get_or_insert(why);
            return;
        }
        let item = |on: Side| HealItem {
            repository: repository.to_owned(),
            tag: found.tag.clone(),
            from: found.held[on.other().at()],
            there: found.held[on.at()],
            lands_on: self.scope.lands_on(repository).filter(|name| on == Side::B && name != repository),
            whole: found
                .evidence
                .iter()
                .any(|e| matches!(e.act.deed, Deed::DeleteArtifact | Deed::DeleteRepository))
                || found.tag.is_none(),
            must_keep: false,
        };
        let gone = |on: Side| HealItem { from: None, ..item(on) };
        match action {
            Action::Copy { to } => {
                self.bytes += drift.bytes[to.other().at()];
                self.copies[to.at()].push(item(to));
            }
            Action::Move { to } => {
                self.bytes += drift.bytes[to.other().at()];
                self.moves[to.at()].push(item(to));
            }
            Action::Delete { on } => self.deletes[on.at()].push(gone(on)),
            Action::DeleteBoth => Side::BOTH.into_iter().for_each(|on| self.deletes[on.at()].push(gone(on))),
            Action::Leave | Action::Ask => self.left += 1,
        }
    }

    /// How many copies, moves and deletions.
    pub(crate) fn counts(&self) -> [u64; 3] {
        [&self.copies, &self.moves, &self.deletes].map(|sides| sides.iter().map(|s| s.len() as u64).sum())
    }

    /// The steps, in the order in which nothing undoes anything: copies, moves, deletions last.
    pub(crate) fn steps(self, facts: &HealFacts<'_>) -> Vec<PlannedStep> {
        if self.counts() == [0; 3] {
            // Something is only noted: nothing has to be held for that.
            return vec![compare(facts)];
        }
        let mut steps: Vec<PlannedStep> = facts.links.iter().map(fence).collect();
        for link in facts.links {
            let to = if link.destination == *facts.names[1] { Side::B } else { Side::A };
            let whole = facts.held.is_some_and(|held| self.goes_whole(to, held));
            steps.extend(whole.then(|| carry_all(link, &self.scope, facts.tag)));
        }
        for (items, r#override) in [(self.copies, false), (self.moves, true)] {
            for (to, items) in Side::BOTH.into_iter().zip(items) {
                let link = Link::new(facts.names[to.other().at()].clone(), facts.names[to.at()].clone());
                steps.extend(chunks(items).map(|(n, items)| carry(facts, &link, r#override, n, items)));
            }
        }
        for (on, items) in Side::BOTH.into_iter().zip(self.deletes) {
            let node = facts.names[on.at()];
            steps.extend(chunks(items).map(|(n, items)| delete(facts, node, n, items)));
        }
        steps.push(compare(facts));
        steps.extend(facts.links.iter().map(|link| lift(link, facts.tag)));
        steps
    }
}

/// Pieces that hold whole repositories where those are not too large.
fn chunks(items: Vec<HealItem>) -> impl Iterator<Item = (usize, Vec<HealItem>)> {
    let mut by_name: BTreeMap<String, Vec<HealItem>> = BTreeMap::new();
    for item in items {
        by_name.entry(item.repository.clone()).or_default().push(item);
    }
    let mut out: Vec<Vec<HealItem>> = Vec::new();
    for mut rows in by_name.into_values() {
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(STEP));
            match out.last_mut() {
                Some(last) if last.len() + rows.len() <= STEP => last.append(&mut rows),
                _ => out.push(rows),
            }
            rows = rest;
        }
    }
    out.into_iter().enumerate()
}

/// How many, in words: "1 tag", " 3 个标签".
fn tags(items: &[HealItem]) -> Say {
    match items.len() {
        1 => say!("1 tag", " 1 个标签"),
        n => {
            let n = count(n as u64);
            say!("{n} tags", " {n} 个标签")
        }
    }
}

fn fence(link: &Link) -> PlannedStep {
    let (from, to) = (&link.source, &link.destination);
    PlannedStep {
        key: format!("fence:{from}:{to}"),
        node: from.clone(),
        title: say!(
            "Hold the rules to {to}, and stop their unfinished executions",
            "暂停到 {to} 的规则，并停止其未完成的执行"
        ),
        calls: Calls::default()
            .put("/api/v2.0/replication/policies/…", &serde_json::json!({ "enabled": false }))
            .stop_execution()
            .done(),
        adopts: None,
        what: StepWhat::Fence { link: link.clone() },
    }
}

fn carry_all(link: &Link, scope: &Scope, tag: &str) -> PlannedStep {
    let (from, to) = (&link.source, &link.destination);
    let name = crate::names::temporary("heal", tag);
    let filters = crate::bodies::filters(scope);
    let rule = serde_json::json!({ "name": name, "override": false, "filters": filters });
    PlannedStep {
        key: format!("copy-all:{from}:{to}"),
        node: from.clone(),
        title: say!("Copy everything that {to} lacks, in one run", "一次执行复制 {to} 缺少的全部内容"),
        calls: Calls::default()
            .post("/api/v2.0/replication/policies", &rule)
            .post("/api/v2.0/replication/executions", &serde_json::json!({ "policy_id": "…" }))
            .done(),
        adopts: None,
        what: StepWhat::CarryAll { link: link.clone(), tag: tag.to_owned() },
    }
}

fn carry(
    facts: &HealFacts<'_>,
    link: &Link,
    r#override: bool,
    n: usize,
    items: Vec<HealItem>,
) -> PlannedStep {
    let (from, to) = (&link.source, &link.destination);
    let Say { en, zh } = tags(&items);
    let (word, title) = if r#override {
        ("move", say!("Move {en} on {to}", "在 {to} 上移动{zh}"))
    } else {
        ("copy", say!("Copy {en} to {to}", "复制{zh}到 {to}"))
    };
    let name = crate::names::temporary("heal", facts.tag);
    let rule = serde_json::json!({ "name": name, "override": r#override, "filters": ["name", "tag"] });
    let keeps = if r#override { facts.keep_days } else { 0 };
    PlannedStep {
        key: format!("{word}:{from}:{to}:{n}"),
        node: from.clone(),
        title,
        calls: keeping(keeps)
            .post("/api/v2.0/replication/policies", &rule)
            .put("/api/v2.0/replication/policies/…", &rule)
            .post("/api/v2.0/replication/executions", &serde_json::json!({ "policy_id": "…" }))
            .done(),
        adopts: None,
        what: StepWhat::Carry {
            link: link.clone(),
            tag: facts.tag.to_owned(),
            r#override,
            keep_days: keeps,
            items,
        },
    }
}

/// The call that keeps what is about to be lost, where that is kept.
fn keeping(days: u16) -> Calls {
    let calls = Calls::default();
    if days == 0 {
        return calls;
    }
    calls.post(&format!("{ARTIFACT}/tags"), &serde_json::json!({ "name": "…-before-heal-…" }))
}

fn delete(facts: &HealFacts<'_>, node: &NodeName, n: usize, items: Vec<HealItem>) -> PlannedStep {
    let Say { en, zh } = tags(&items);
    let mut calls = keeping(facts.keep_days).delete(&format!("{ARTIFACT}/tags/…"));
    if items.iter().any(|i| i.whole) {
        calls = calls.delete(ARTIFACT);
    }
    PlannedStep {
        key: format!("delete:{node}:{n}"),
        node: node.clone(),
        title: say!("Delete {en} on {node}", "在 {node} 上删除{zh}"),
        calls: calls.done(),
        adopts: None,
        what: StepWhat::DeleteThere { keep_days: facts.keep_days, items },
    }
}

fn compare(facts: &HealFacts<'_>) -> PlannedStep {
    let [a, b] = facts.names;
    PlannedStep {
        key: COMPARE_STEP.to_owned(),
        node: a.clone(),
        title: say!("Compare {a} and {b} again", "再次比较 {a} 和 {b}"),
        calls: Vec::new(),
        adopts: None,
        what: StepWhat::CompareAgain {
            pair: facts.pair.clone(),
            before: facts.before,
            decided: facts.decided.cloned(),
        },
    }
}

fn lift(link: &Link, tag: &str) -> PlannedStep {
    let (from, to) = (&link.source, &link.destination);
    PlannedStep {
        key: format!("lift:{from}:{to}"),
        node: from.clone(),
        title: say!("Let the rules to {to} run again", "恢复到 {to} 的规则"),
        calls: Calls::default()
            .delete("/api/v2.0/replication/policies/…")
            .put("/api/v2.0/replication/policies/…", &serde_json::json!({ "enabled": true }))
            .done(),
        adopts: None,
        what: StepWhat::LiftFence { link: link.clone(), tag: tag.to_owned() },
    }
}

/// The step that keeps a link's source, which is away, from writing to its destination.
pub(crate) fn fence_link_step(pair: &PairId, link: &Link) -> PlannedStep {
    let (from, to) = (&link.source, &link.destination);
    PlannedStep {
        key: format!("fence-link:{from}:{to}"),
        node: to.clone(),
        title: say!("Keep {from} from writing to {to}", "禁止 {from} 写入 {to}"),
        calls: Calls::default().put("/api/v2.0/robots/…", &serde_json::json!({ "disable": true })).done(),
        adopts: None,
        what: StepWhat::FenceLink { pair: pair.clone(), link: link.clone() },
    }
}

/// The steps that let the sources of links write again: what they have under way is stopped first.
pub(crate) fn let_write_steps(links: &[Link], tag: &str) -> Vec<PlannedStep> {
    links.iter().map(fence).chain(links.iter().map(|link| lift(link, tag))).collect()
}

/// The step that keeps everybody from pushing to a node.
pub(crate) fn read_only_step(pair: &PairId, node: &NodeName) -> PlannedStep {
    PlannedStep {
        key: format!("read-only:{node}"),
        node: node.clone(),
        title: say!("Put {node} into read-only mode", "将 {node} 设为只读模式"),
        calls: Calls::default()
            .put("/api/v2.0/configurations", &serde_json::json!({ "read_only": true }))
            .done(),
        adopts: None,
        what: StepWhat::ReadOnly { pair: pair.clone() },
    }
}

/// The step that lets go what is held.
pub(crate) fn release_step(fence: &FenceView) -> PlannedStep {
    let FenceView { node, name, .. } = fence;
    let let_go = |path: &str, body| Calls::default().put(path, &body).done();
    let (title, calls) = match fence.what {
        FenceWhat::Rule => (
            say!("Let {name} go on {node}", "在 {node} 上恢复 {name}"),
            let_go("/api/v2.0/replication/policies/…", serde_json::json!({ "enabled": true })),
        ),
        FenceWhat::Robot => (
            say!("Let {name} go on {node}", "在 {node} 上恢复 {name}"),
            let_go("/api/v2.0/robots/…", serde_json::json!({ "disable": false })),
        ),
        FenceWhat::ReadOnly => (
            say!("Let {node} take pushes again", "让 {node} 重新接受推送"),
            let_go("/api/v2.0/configurations", serde_json::json!({ "read_only": false })),
        ),
    };
    PlannedStep {
        key: format!("release:{node}"),
        node: node.clone(),
        title,
        calls,
        adopts: None,
        what: StepWhat::Release { fences: vec![fence.id.clone()] },
    }
}

/// The step that lets a tag stand again on `node` for what `item` copies from.
pub(crate) fn put_back_step(pair: &PairId, node: &NodeName, item: HealItem, keep_days: u16) -> PlannedStep {
    let name = item.name();
    let calls = match &item.tag {
        Some(tag) => keeping(keep_days)
            .delete(&format!("{ARTIFACT}/tags/…"))
            .post(&format!("{ARTIFACT}/tags"), &serde_json::json!({ "name": tag })),
        None => Calls::default().delete(&format!("{ARTIFACT}/tags/…")),
    };
    PlannedStep {
        key: format!("put-back:{node}"),
        node: node.clone(),
        title: say!("Put {name} back on {node}", "在 {node} 上还原 {name}"),
        calls: calls.done(),
        adopts: None,
        what: StepWhat::PutBack { pair: pair.clone(), item, keep_days },
    }
}

/// What is not carried, in words.
pub(crate) fn notes(cargo: &Cargo) -> Vec<Say> {
    let mut notes = Vec::new();
    if cargo.newest > 0 {
        let newest = count(cargo.newest);
        notes.push(say!(
            "{newest} conflicts: the newer is kept, and the older can be restored.",
            "{newest} 处冲突：保留较新的，较旧的可还原。"
        ));
    }
    if cargo.left > 0 {
        let left = count(cargo.left);
        notes.push(say!(
            "{left} differences are left: they ask a person, or need nothing.",
            "{left} 处差异保持不变：需由人决定，或无需处理。"
        ));
    }
    if let Some(Say { en, zh }) = &cargo.why_refused {
        let refused = count(cargo.refused);
        notes.push(say!(
            "{refused} differences are left, because a side would refuse them: {en}",
            "{refused} 处差异保持不变，因为一端会拒绝：{zh}"
        ));
    }
    notes
}
