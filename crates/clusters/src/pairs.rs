//! The pairs of a cluster's nodes that should hold the same.

mod comparisons;
mod dry_run;
mod guards;
mod known;
mod words;

use model::{
    Topology,
    drift::{Action, Direction, DriftView, HeldView, Kind, Side},
    names::NodeName,
    say,
    say::count,
    spec::ClusterSpec,
};
use store::{
    Result,
    ledger::{DriftRow, DriftTotal},
};

pub(crate) use comparisons::{Begun, Comparisons};
pub(crate) use dry_run::dry_run;
pub(crate) use guards::guard;
pub(crate) use known::{Known, all, artifacts, at_hand, known, of_cluster, of_ledger};
pub(crate) use words::reads;

use crate::{
    announce::LinkTrouble,
    refusals::{Asked, Refusals},
};

/// The pairs of a cluster: first node, second node, which way images go. None where nothing is copied.
pub(crate) fn pairs_of(spec: &ClusterSpec) -> Vec<(NodeName, NodeName, Direction)> {
    let links = spec.links();
    if spec.topology == Topology::DualMaster {
        let first = links.into_iter().next();
        return first.map(|l| (l.source, l.destination, Direction::Both)).into_iter().collect();
    }
    links.into_iter().map(|l| (l.source, l.destination, Direction::AToB)).collect()
}

/// What is new crosses within this time where the rules run at once, milliseconds.
const CROSSING_MS: i64 = 60_000;

/// What the drawing says of a pair; what needs nothing is not counted.
pub(crate) fn differs(totals: &[DriftTotal], now_ms: i64) -> Option<LinkTrouble> {
    let counted = totals
        .iter()
        .filter(|t| !matches!(t.kind, Kind::Extra | Kind::Retired | Kind::Unstable | Kind::Accepted));
    let (n, oldest_ms) = counted.fold((0, i64::MAX), |(n, ms), t| (n + t.count, ms.min(t.oldest_ms)));
    let shown = count(u64::try_from(n).unwrap_or(0));
    (n > 0).then(|| LinkTrouble {
        label: say!("{shown} differ", "{shown} 处差异"),
        lasting: now_ms - oldest_ms >= CROSSING_MS,
    })
}

/// How many differences there are; accepted ones are not counted.
pub(crate) fn counted(totals: &[DriftTotal]) -> u64 {
    totals.iter().filter(|t| t.kind.counts()).map(|t| u64::try_from(t.count).unwrap_or(0)).sum()
}

/// The same with whether a rule does not run: such a link is not green, equal as its ends may be.
pub(crate) fn trouble(differs: Option<LinkTrouble>, stopped: bool) -> Option<LinkTrouble> {
    if !stopped {
        return differs;
    }
    let label = differs.map_or_else(|| say!("rule does not run", "规则未执行"), |differs| differs.label);
    Some(LinkTrouble { label, lasting: true })
}

/// What the drawing says of a pair of which something is listed and cannot be pulled.
pub(crate) fn broken(n: usize) -> Option<LinkTrouble> {
    let shown = count(n as u64);
    let label = say!("{shown} cannot be pulled", "{shown} 个无法拉取");
    (n > 0).then_some(LinkTrouble { label, lasting: true })
}

/// What the drawing says of a link that is held.
pub(crate) fn held() -> LinkTrouble {
    LinkTrouble { label: say!("held", "已暂停"), lasting: true }
}

/// A difference as people see it.
///
/// # Errors
/// `store.corrupt` where it is none.
pub(crate) fn drift_view(row: DriftRow, names: [&NodeName; 2], refusals: &Refusals) -> Result<DriftView> {
    let drift: ledger::Drift = row.body_as()?;
    let refused = refusals.why(&Asked {
        repository: &row.repository,
        tag: drift.difference.tag.as_deref(),
        action: drift.difference.action,
        bytes: drift.bytes,
    });
    let held = Side::BOTH.map(|side| {
        let at = side.at();
        drift.difference.held[at].map(|digest| HeldView {
            digest: digest.to_string(),
            bytes: drift.bytes[at],
            pushed_ms: drift.pushed_ms[at],
            by: drift.by[at].clone(),
        })
    });
    Ok(DriftView {
        what: words::what(&drift.difference, names),
        why: words::why(&drift.difference, names),
        repository: row.repository,
        thing: row.thing,
        kind: row.kind,
        on: drift.difference.on,
        held,
        certainty: drift.difference.certainty,
        // What is accepted asks nobody, and nothing is done about it.
        action: if drift.accepted.is_some() { Action::Leave } else { drift.difference.action },
        heals: row.heals && refused.is_none(),
        refused: refused.filter(|_| drift.accepted.is_none()),
        found_ms: row.found_ms,
        accepted: drift.accepted,
    })
}
