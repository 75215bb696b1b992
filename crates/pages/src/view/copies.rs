//! How far behind the copies at the end of a link are.

use model::{
    drift::PairView,
    health::{HealthState, Interval},
    names::NodeName,
    page::over_time,
};

use super::{Bars, Looking};

/// A comparison that is older than this says nothing of now, milliseconds: the largest pairs rest less long.
pub(super) const OLD_MS: i64 = 2 * 3_600_000;

/// One link.
#[derive(Clone, Debug)]
pub(crate) struct Copies {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) state: HealthState,
    /// Whether its source is away, so that nothing can come from there.
    pub(crate) source_away: bool,
    pub(crate) held: Held,
    /// How many differ between the two, both ways; `None` before the first comparison.
    pub(crate) differ: Option<u64>,
    pub(crate) bars: Option<Bars>,
}

/// What the end of a link holds. Times are UTC milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Nobody has compared the two yet.
    NotCompared,
    /// Everything, when they were compared last.
    All { compared_ms: i64 },
    /// Everything up to then; what came later is on its way, or waits for an end that is away.
    UpTo { ms: i64, waits: bool },
    /// Nobody knows since when it lacks something.
    Lacks,
    /// Nobody has compared the two since then.
    Old { compared_ms: i64 },
}

impl Held {
    /// What changes when readers must be told.
    pub(super) fn gist(self) -> u64 {
        match self {
            Self::NotCompared => 0,
            Self::All { .. } => 1,
            Self::UpTo { waits, .. } => 2 + u64::from(waits),
            Self::Lacks => 4,
            Self::Old { .. } => 5,
        }
    }
}

impl Looking<'_> {
    /// The links between nodes that the page names.
    pub(super) fn copies(&self, histories: &[Vec<Interval>]) -> Vec<Copies> {
        let at = |name: &NodeName| self.cluster.nodes.iter().position(|node| node.name == *name);
        let links = self.cluster.links.iter().filter_map(|link| {
            let (from, to) = (at(&link.link.source)?, at(&link.link.destination)?);
            let shown = [from, to].into_iter().all(|at| self.is_shown(&self.cluster.nodes[at]));
            let pair = self.pair(|pair| pair.joins(&link.link));
            shown.then(|| {
                let held = self.held(pair, link.state, &link.link.destination);
                Copies {
                    from: self.name_of(&link.link.source).to_string(),
                    to: self.name_of(&link.link.destination).to_string(),
                    state: state(held, link.state),
                    source_away: !self.cluster.nodes[from].state.is_serving(),
                    held,
                    differ: pair.filter(|pair| pair.read_ms.is_some()).map(PairView::differences),
                    bars: self.copied(pair, [&histories[from], &histories[to]]),
                }
            })
        });
        links.collect()
    }

    pub(super) fn pair(&self, which: impl Fn(&PairView) -> bool) -> Option<&PairView> {
        self.facts.pairs.iter().find(|pair| pair.cluster == self.cluster.id && which(pair))
    }

    fn held(&self, pair: Option<&PairView>, link: HealthState, to: &NodeName) -> Held {
        let Some((pair, read_ms)) = pair.and_then(|pair| Some((pair, pair.read_ms?))) else {
            return Held::NotCompared;
        };
        let waits = link.is_away();
        let holds_ms = pair.holds_ms_of(to);
        let all = holds_ms.is_some_and(|ms| ms >= read_ms) || pair.differences() == 0;
        match holds_ms {
            _ if waits => Held::UpTo { ms: holds_ms.unwrap_or(read_ms), waits },
            _ if self.facts.now_ms - read_ms > OLD_MS => Held::Old { compared_ms: read_ms },
            _ if all => Held::All { compared_ms: read_ms },
            Some(ms) => Held::UpTo { ms, waits },
            None => Held::Lacks,
        }
    }

    /// A link is well while the two hold the same, and less than well while they do not, or an end is away.
    fn copied(&self, pair: Option<&PairView>, ends: [&Vec<Interval>; 2]) -> Option<Bars> {
        let history = pair.and_then(|pair| self.facts.drift.get(&pair.id));
        let steps = history.map_or(&[][..], |compared| &compared.history.steps);
        let drift = steps.iter().map(|step| Interval {
            from_ms: step.from_ms,
            to_ms: step.until_ms,
            state: if step.total == 0 { HealthState::Up } else { HealthState::Degraded },
        });
        let all = [drift.collect(), ends[0].clone(), ends[1].clone()];
        let joined = over_time(&all, |states| match states {
            [_, ends @ ..]
                if ends.iter().any(|s| matches!(s, HealthState::Down | HealthState::Unreachable)) =>
            {
                HealthState::Degraded
            }
            [drift, ..] => *drift,
            [] => HealthState::Unknown,
        });
        self.bars(&joined)
    }
}

/// Copies that are late do not keep anybody from pulling or pushing: a link is never worse than degraded here.
fn state(held: Held, link: HealthState) -> HealthState {
    match (held, link) {
        (Held::NotCompared | Held::Old { .. }, _) => HealthState::Unknown,
        // Whatever is the matter with its rule: nothing is missing.
        (Held::All { .. }, _) => HealthState::Up,
        // What has just been pushed crosses within the rules' own time.
        (Held::UpTo { waits: false, .. }, HealthState::Up) => HealthState::Up,
        _ => HealthState::Degraded,
    }
}
