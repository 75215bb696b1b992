//! What may be seen of the clusters, and nothing else.
//!
//! [`View::of`] is the one way from what the console knows to what readers see. Names come from the page's settings;
//! of everything else only states, times and counts pass. Whatever is rendered is rendered from here.

mod bars;
mod copies;
mod outages;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use model::{
    Say,
    health::{ClusterHealth, HealthState, Interval, NodeHealth, judge_cluster},
    names::NodeName,
    page::{PageSettings, PageTheme, Serving, ShownCluster, over_time, serving},
    say,
};
use watch::Subject;

use bars::Calendar;
pub(crate) use bars::{Bars, DAYS, Day};
pub(crate) use copies::{Copies, Held};
pub(crate) use outages::{Equal, Outage};

use crate::facts::Facts;

/// A view that is older says nothing of now, milliseconds: the console looks every few seconds, unless it is stuck.
const OLD_MS: i64 = 120_000;

/// A page as it stands.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) title: String,
    /// Markdown.
    pub(crate) text: String,
    pub(crate) logo: Option<String>,
    pub(crate) theme: PageTheme,
    pub(crate) zone: TimeZone,
    /// The worst of what it shows.
    pub(crate) state: HealthState,
    /// When this was looked at, UTC milliseconds.
    pub(crate) at_ms: i64,
    /// The console itself may be cut off, so that nothing is known now.
    pub(crate) cut_off: bool,
    pub(crate) history: bool,
    pub(crate) drift: bool,
    pub(crate) clusters: Vec<ClusterView>,
}

/// A cluster on a page.
#[derive(Clone, Debug)]
pub(crate) struct ClusterView {
    pub(crate) name: String,
    pub(crate) state: HealthState,
    /// What it can and cannot do, where something is wrong.
    pub(crate) sentence: Option<Say>,
    pub(crate) serving: Serving,
    /// When a node of it was last asked, UTC milliseconds; 0 for never.
    pub(crate) seen_ms: i64,
    pub(crate) rows: Vec<Row>,
    pub(crate) copies: Vec<Copies>,
    pub(crate) outages: Vec<Outage>,
}

/// A line with a state.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: Say,
    pub(crate) state: HealthState,
    /// When it was last known, UTC milliseconds; 0 for never.
    pub(crate) seen_ms: i64,
    pub(crate) bars: Option<Bars>,
}

impl View {
    /// What a page with these settings shows.
    pub(crate) fn of(settings: &PageSettings, zone: TimeZone, facts: &Facts) -> Self {
        let calendar = settings.shows.history.then(|| Calendar::of(facts.now_ms, &zone));
        let calendar = calendar.as_ref();
        let clusters: Vec<_> = settings
            .clusters
            .iter()
            .filter_map(|shown| {
                let cluster = facts.cluster(&shown.id)?;
                Some(Looking { settings, shown, cluster, facts, calendar }.view())
            })
            .collect();
        let cut_off = facts.board.cut_off;
        let states = clusters.iter().map(|cluster| cluster.state);
        let worst = states.min_by_key(|state| state.rank()).unwrap_or_default();
        Self {
            title: settings.title.as_str().to_owned(),
            text: settings.text.clone(),
            logo: settings.logo.clone(),
            theme: settings.theme,
            state: if cut_off { HealthState::Unknown } else { worst },
            at_ms: facts.now_ms,
            cut_off,
            history: settings.shows.history,
            drift: settings.shows.drift,
            clusters,
            zone,
        }
    }

    /// As it is to be shown at a moment: what has not been looked at for long tells nothing of it.
    pub(crate) fn at(&self, now_ms: i64) -> Cow<'_, Self> {
        if now_ms - self.at_ms <= OLD_MS {
            return Cow::Borrowed(self);
        }
        let mut old = self.clone();
        old.state = HealthState::Unknown;
        for cluster in &mut old.clusters {
            cluster.state = HealthState::Unknown;
            cluster.serving = Serving { pull: HealthState::Unknown, push: HealthState::Unknown };
            cluster.sentence = None;
            for row in &mut cluster.rows {
                row.state = HealthState::Unknown;
            }
            for copies in &mut cluster.copies {
                copies.state = HealthState::Unknown;
            }
        }
        Cow::Owned(old)
    }

    /// What readers must be told at once when it changes; ages and shares may wait.
    pub(crate) fn gist(&self) -> Vec<(HealthState, u64)> {
        let cluster = |c: &ClusterView| {
            let rows = c.rows.iter().map(|row| (row.state, u64::from(row.seen_ms == 0)));
            let copies = c.copies.iter().map(|copies| (copies.state, copies.held.gist()));
            let outages = c.outages.iter().map(|o| {
                let stage = u64::from(o.until_ms.is_some()) + 2 * u64::from(matches!(o.equal, Equal::At(_)));
                (HealthState::Unknown, o.from_ms.unsigned_abs() * 4 + stage)
            });
            let serving = [(c.serving.pull, 0), (c.serving.push, 1)];
            rows.chain(copies).chain(outages).chain(serving).collect::<Vec<_>>()
        };
        let all = self.clusters.iter().flat_map(cluster);
        [(self.state, u64::from(self.cut_off))].into_iter().chain(all).collect()
    }
}

/// Looks at one cluster.
struct Looking<'a> {
    settings: &'a PageSettings,
    shown: &'a ShownCluster,
    cluster: &'a ClusterHealth,
    facts: &'a Facts,
    /// The days of its bars; `None` where the page shows no history.
    calendar: Option<&'a Calendar>,
}

impl Looking<'_> {
    fn view(&self) -> ClusterView {
        let (cluster, shows) = (self.cluster, self.settings.shows);
        let states: Vec<HealthState> = cluster.nodes.iter().map(|node| node.state).collect();
        let entry = cluster.entry.as_ref().map(|entry| entry.state);
        let now = serving(cluster.topology, &states, entry);
        let histories = self.histories();
        let mut rows = vec![
            self.served(say!("Pull", "拉取"), now.pull, &histories, |s| s.pull),
            self.served(say!("Push", "推送"), now.push, &histories, |s| s.push),
        ];
        if shows.entry
            && let Some(entry) = &cluster.entry
        {
            let history = histories.last().map_or(&[][..], Vec::as_slice);
            rows.push(Row {
                name: say!("Entry", "入口"),
                state: entry.state,
                seen_ms: entry.seen_ms,
                bars: self.bars(history),
            });
        }
        if shows.nodes {
            let nodes = cluster.nodes.iter().zip(&histories).filter(|(node, _)| self.is_shown(node));
            rows.extend(nodes.map(|(node, history)| Row {
                name: Say::same(self.name_of(&node.name).as_str()),
                state: node.state,
                seen_ms: node.seen_ms,
                bars: self.bars(history),
            }));
        }
        if shows.components {
            rows.extend(self.parts());
        }
        let copies = if shows.freshness { self.copies(&histories) } else { Vec::new() };
        let named: Vec<_> = cluster.nodes.iter().map(|n| (self.name_of(&n.name), n.state)).collect();
        let (judged, sentence) = judge_cluster(cluster.topology, &named, entry);
        let states = [cluster.state, now.pull, now.push];
        let worst = states.into_iter().chain(copies.iter().map(|c| c.state)).min_by_key(|s| s.rank());
        ClusterView {
            name: self.shown.shown_as.to_string(),
            state: worst.unwrap_or_default(),
            sentence: (judged != HealthState::Up).then_some(sentence),
            serving: now,
            seen_ms: self.seen_ms(),
            outages: if shows.history { self.outages(&histories) } else { Vec::new() },
            rows,
            copies,
        }
    }

    /// What readers call a node.
    fn name_of(&self, node: &NodeName) -> NodeName {
        let at = self.cluster.nodes.iter().position(|n| n.name == *node);
        let id = at.map(|at| &self.cluster.nodes[at].id);
        let shown = self.shown.nodes.iter().find(|shown| Some(&shown.id) == id);
        // Never the real name of what the page does not name: a node may have joined the cluster since.
        shown.map_or_else(|| NodeName::numbered(at.unwrap_or_default() + 1), |shown| shown.shown_as.clone())
    }

    fn is_shown(&self, node: &NodeHealth) -> bool {
        self.shown.nodes.iter().any(|shown| shown.id == node.id)
    }

    /// When anything of it was last asked.
    fn seen_ms(&self) -> i64 {
        let nodes = self.cluster.nodes.iter().map(|node| node.seen_ms);
        nodes.chain(self.cluster.entry.iter().map(|e| e.seen_ms)).max().unwrap_or_default()
    }

    /// The histories of the nodes in their order, and of the entry behind them where there is one.
    fn histories(&self) -> Vec<Vec<Interval>> {
        let nodes = self
            .cluster
            .nodes
            .iter()
            .map(|node| self.facts.history(&Subject::Node(node.id.clone()), node.state, node.since_ms));
        let entry = self.cluster.entry.iter().map(|entry| {
            self.facts.history(&Subject::Entry(self.cluster.id.clone()), entry.state, entry.since_ms)
        });
        nodes.chain(entry).collect()
    }

    fn served(
        &self,
        name: Say,
        state: HealthState,
        histories: &[Vec<Interval>],
        pick: impl Fn(Serving) -> HealthState,
    ) -> Row {
        let (topology, nodes) = (self.cluster.topology, self.cluster.nodes.len());
        let joined = over_time(histories, |states| {
            let (nodes, entry) = states.split_at(nodes.min(states.len()));
            pick(serving(topology, nodes, entry.first().copied()))
        });
        Row { name, state, seen_ms: self.seen_ms(), bars: self.bars(&joined) }
    }

    fn bars(&self, history: &[Interval]) -> Option<Bars> {
        self.calendar.map(|calendar| Bars::of(history, calendar))
    }

    /// The parts of the Harbors that answer, each once: sick on some is degraded, on all is down.
    fn parts(&self) -> Vec<Row> {
        let all = || self.cluster.nodes.iter().flat_map(|node| &node.components);
        let mut names: Vec<&str> = all().map(|part| part.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let seen_ms = self.seen_ms();
        let row = |name: &str| {
            let of = || all().filter(|part| part.name == name);
            let state = match (of().any(|part| part.healthy), of().all(|part| part.healthy)) {
                (_, true) => HealthState::Up,
                (true, false) => HealthState::Degraded,
                (false, false) => HealthState::Down,
            };
            part(name).map(|name| Row { name, state, seen_ms, bars: None })
        };
        names.into_iter().filter_map(row).collect()
    }
}

/// Harbor's parts as readers know them; `None` for what is none of Harbor's, whose name might tell something.
fn part(name: &str) -> Option<Say> {
    Some(match name {
        "core" => say!("API", "API"),
        "database" => say!("Database", "数据库"),
        "jobservice" => say!("Job service", "任务服务"),
        "portal" => say!("Portal", "门户"),
        "redis" => say!("Cache", "缓存"),
        "registry" => say!("Registry", "镜像存储服务"),
        "registryctl" => say!("Registry controller", "存储控制器"),
        "trivy" => say!("Scanner", "漏洞扫描"),
        "exporter" => say!("Metrics", "指标"),
        _ => return None,
    })
}
